"""Reports at both doors, the interface and the page: by whom one is sent, and what of one its reader may see."""

from fastapi import Request

from app.errors import NotFound, TitikError, Unauthenticated
from app.http.conditions import key_of
from app.http.credentials import bearer, has_credential
from app.http.editing import Editing
from app.http.framing import language_of
from app.http.photo_forms import PHOTO
from app.http.problems import problem_of
from app.http.services import services
from app.messages import say_fault
from app.photos.storing import names_of
from app.reports import receiving, service
from app.reports.queries import FullReportRow, PublicReportRow
from app.reports.receiving import ReportDesk, SentPhoto, SentReport
from app.reports.schemas import NewReport


def desk_of(request: Request) -> ReportDesk:
    here = services(request)
    return ReportDesk(here.database, here.photo_store, here.darkroom, here.settings.secret)


async def receive(request: Request, report: NewReport, photo: SentPhoto | None, key: str | None = None) -> tuple[str, bool]:
    """The number, and whether the report is new. `key` stands in for the header `Idempotency-Key`."""
    sent = SentReport(report, photo, key or key_of(request), request.scope["state"]["address"])
    return await receiving.receive(desk_of(request), sent)


async def find(request: Request, number: str) -> tuple[PublicReportRow | FullReportRow, bool]:
    """The report as far as whoever asks may see it, and whether they answer it. `NotFound`, alike for all that is not there."""
    if (row := await _read(request, number)) is not None:
        return row, True
    seeker = receiving.sender_key(services(request).settings.secret, "seek", request.scope["state"]["address"])
    return await service.find(services(request).database, number, seeker), False


async def _read(request: Request, number: str) -> FullReportRow | None:
    """For those who answer it. A session that has ended is that of anybody; a token that is none is refused."""
    if not has_credential(request):
        return None
    try:
        async with Editing(request) as editor:
            return await service.read(editor.session, editor.actor, number)
    except Unauthenticated:
        if bearer(request) is not None:
            raise
        return None


async def photo_of(request: Request, number: str, *, small: bool) -> bytes:
    """Its picture (JPEG). `NotFound` where there is none that whoever asks may see."""
    row, _ = await find(request, number)
    content = None
    if row["photo_sha256"] is not None:
        content = await services(request).photo_store.get(names_of(row["photo_sha256"])[small])
    if content is None:
        raise NotFound("report-photo-unknown")
    return content


def wrong_of(request: Request, error: TitikError) -> tuple[dict[str, str], str]:
    """For a page: the sentence of each field that is wrong, and one about the whole where it is about none of them."""
    language = language_of(request)
    said = {fault.where.strip("/"): say_fault(fault.code, fault.facts, language) for fault in reversed(error.faults)}
    if said:
        return said, ""
    problem = problem_of(error, request)
    sentence = " ".join(filter(None, (problem["detail"], problem.get("hint"))))
    return ({PHOTO: sentence}, "") if error.code.startswith(PHOTO) else ({}, sentence)
