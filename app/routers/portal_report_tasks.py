"""Pages of reports for those who answer: the tasks of the PIC and the walidata. Complete without scripts."""

from collections import defaultdict
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from app.audit.record import Action
from app.errors import Conflict, Invalid, NotFound
from app.http.editing import Editing
from app.http.framing import base_url, frame_of, language_of, page_headers, root_of
from app.http.paging import Paging
from app.http.parameters import PRIVATE
from app.http.photo_forms import read_photo_form
from app.http.problems import status_of
from app.http.reporting import wrong_of
from app.http.rights import open_to_all
from app.http.services import services
from app.http.visiting import PageRoute, visitor_of
from app.pages import reports as pages
from app.pages.frame import Frame
from app.pages.reports import EnteredForm
from app.reports import service
from app.reports.queries import FullReportRow
from app.reports.schemas import ReportAnswer, ReportState, Showing
from app.reports.service import ReportsQuery, report_json
from app.routers.reports import NEWEST, ReportNumber
from app.wire import parse

router = APIRouter(route_class=PageRoute, prefix="/portal/laporan", include_in_schema=False)


@router.get("")
@open_to_all
async def get_tasks(request: Request, paged: Paging, state: Annotated[ReportState, Query()] = "received") -> Response:
    """The reports of one's kelurahan, those that wait first."""
    async with Editing(request) as editor:
        before = UUID(paged.after("reports", str(NEWEST)))
        rows, last = await service.read_all(editor.session, editor.actor, ReportsQuery(state), before, paged.limit)
    following = next((link["href"] for link in paged.links("reports", last) if link["rel"] == "next"), None)
    reports = [_described(request, row) for row in rows]
    return HTMLResponse(pages.tasks(await _frame(request), reports, state, following), 200, page_headers(request) | PRIVATE)


@router.get("/{number}")
@open_to_all
async def get_task(number: ReportNumber, request: Request) -> Response:
    """One report, with the form that answers it."""
    return await _task(request, number, EnteredForm(defaultdict(str), {}))


@router.post("/{number}")
@open_to_all
async def post_task(number: ReportNumber, request: Request) -> Response:
    """Takes a report up, closes it with an answer, or opens it again."""
    fields = (await read_photo_form(request)).fields
    members: dict[str, object] = {name: fields[name] for name in ("state", "outcome", "answer") if name in fields}
    if members.get("state") == "in-progress":
        members.pop("outcome", None)
    try:
        async with Editing(request) as editor:
            await service.answer(editor.session, editor.actor, number, parse(ReportAnswer, members))
    except (Invalid, Conflict) as error:
        wrong, note = wrong_of(request, error)
        return await _task(request, number, EnteredForm(defaultdict(str, fields), wrong, note), status_of(error))
    return RedirectResponse(f"{root_of(request)}/portal/laporan/{number}", 303, PRIVATE)


@router.post("/{number}/tampil")
@open_to_all
async def post_task_shown(number: ReportNumber, request: Request) -> Response:
    """Shows text or photo to all who have the number, or hides them again."""
    fields = (await read_photo_form(request)).fields
    async with Editing(request) as editor:
        await service.show(editor.session, editor.actor, number, Showing(text="show_text" in fields, photo="show_photo" in fields))
    return RedirectResponse(f"{root_of(request)}/portal/laporan/{number}", 303, PRIVATE)


async def _task(request: Request, number: str, entered: EnteredForm, status: int = 200) -> Response:
    async with Editing(request, reading=True, counted=False) as editor:
        editor.actor.demand(Action.REPORT_READ)
        row = await service.read(editor.session, editor.actor, number)
        may_show = editor.actor.may(Action.REPORT_SHOW)
    if row is None:
        raise NotFound("report-unknown")
    page = pages.task(await _frame(request), _described(request, row), entered, may_show=may_show)
    return HTMLResponse(page, status, page_headers(request) | PRIVATE)


def _described(request: Request, row: FullReportRow) -> dict[str, object]:
    """With the title of its category."""
    card = services(request).catalogue.known.categories.get(row["category"])
    title = card.title.say(language_of(request)) if card else row["category"]
    return {**report_json(row, base_url(request)), "category_title": title}


async def _frame(request: Request) -> Frame:
    return frame_of(request, visitor=await visitor_of(request))
