"""Reports: sent by anybody, looked up by a number, answered by the PIC of the kelurahan."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response

from app.audit.record import Action
from app.http.conditions import IDEMPOTENCY_KEY
from app.http.editing import Editing
from app.http.framing import base_url
from app.http.multipart import MEDIA_TYPE as FORM
from app.http.multipart import is_form
from app.http.paging import Paging
from app.http.parameters import PRIVATE, body_of
from app.http.photo_forms import PHOTO, PhotoFormRoute, read_photo_form
from app.http.problems import problems
from app.http.reporting import find, photo_of, receive
from app.http.rights import needs, open_to_all
from app.photos.schemas import MEDIA_TYPE
from app.regions import queries as regions
from app.reports import service
from app.reports.personal import tells_of_person
from app.reports.receiving import SentPhoto
from app.reports.schemas import CitizenReport, CitizenReports, NewReport, Receipt, ReportAnswer, ReportKind, ReportState, Showing
from app.reports.service import ReportsQuery, report_json
from app.wire import parse, read_json

router = APIRouter(route_class=PhotoFormRoute, prefix="/reports", tags=["reports"])

NEWEST = UUID(int=(1 << 128) - 1)
ReportNumber = Annotated[str, Path(max_length=64, examples=["K7QX-3M9P-TB2F"])]
_SCHEMA = NewReport.model_json_schema()
_FORM = {**_SCHEMA, "properties": {**_SCHEMA["properties"], PHOTO: {"type": "string", "format": "binary"}}}
_BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": _SCHEMA}, FORM: {"schema": _FORM}}},
    "parameters": [IDEMPOTENCY_KEY],
}
_NUMBERS = ("lon", "lat")
_PICTURE = {"schema": {"type": "string", "format": "binary"}}
_CAREFUL = {"Content-Security-Policy": "default-src 'none'; sandbox", "Cross-Origin-Resource-Policy": "same-origin"}


@router.post(
    "",
    status_code=201,
    openapi_extra=_BODY,
    responses={200: {"description": "The same had been sent before with this key", "model": Receipt}, **problems(400, 409, 413, 422, 503)},
)
@open_to_all
async def post_report(request: Request, response: Response) -> Receipt:
    """Tells of an error, of what is gone or missing, or that a point is still there: anybody, without an account. Nothing changes by it; it
    becomes a task of the kelurahan. As JSON, or as a form with a photo. Ten a day from one address; no name and no telephone is needed.
    """
    report, photo = await _sent(request)
    number, is_new = await receive(request, report, photo)
    response.status_code = 201 if is_new else 200
    here = base_url(request)
    href = f"{here}/reports/{number}"
    response.headers.update({"Location": href, "Cache-Control": "no-store"})
    state = "received" if is_new else (await find(request, number))[0]["state"]
    return {
        "number": number,
        "state": state,
        "href": href,
        "page": f"{here}/lapor/{number}",
        "personal": tells_of_person(report.text or ""),
    }


async def _sent(request: Request) -> tuple[NewReport, SentPhoto | None]:
    if not is_form(request.headers.get("content-type", "")):
        return parse(NewReport, read_json(await request.body())), None
    form = await read_photo_form(request)
    fields = {name: _number(value) if name in _NUMBERS else value for name, value in form.fields.items()}
    return parse(NewReport, fields), SentPhoto(form.photo, form.media_type) if form.photo is not None else None


def _number(text: str) -> float | str:
    """What is none stays as it is: then it is said so."""
    try:
        return float(text)
    except ValueError:
        return text


@router.get("", responses=problems(400, 401, 403, 503))
@needs(Action.REPORT_READ)
async def get_reports(
    request: Request,
    response: Response,
    paged: Paging,
    state: Annotated[ReportState | None, Query()] = None,
    kind: Annotated[ReportKind | None, Query()] = None,
    kelurahan: Annotated[str | None, Query(max_length=100)] = None,
    category: Annotated[str | None, Query(max_length=64)] = None,
) -> CitizenReports:
    """The reports of one's kelurahan, the newest first, with text and photo."""
    response.headers.update(PRIVATE)
    async with Editing(request) as editor:
        before = UUID(paged.after("reports", str(NEWEST)))
        code = await regions.code_of_parameter(editor.session, kelurahan)
        rows, last = await service.read_all(editor.session, editor.actor, ReportsQuery(state, kind, code, category), before, paged.limit)
    reports = [report_json(row, base_url(request)) for row in rows]
    return {"reports": reports, "numberReturned": len(reports), "links": paged.links("reports", last)}


@router.get("/{number}", operation_id="getCitizenReport", responses=problems(400, 401, 403, 404, 503))
@open_to_all
async def get_report(number: ReportNumber, request: Request, response: Response) -> CitizenReport:
    """What became of a report, for whoever has its number; its text and photo for those who answer it, and for others where the walidata shows them."""
    response.headers.update(PRIVATE)
    row, _ = await find(request, number)
    return report_json(row, base_url(request))


@router.get(
    "/{number}/photo",
    operation_id="getCitizenReportPhoto",
    response_class=Response,
    responses={200: {"content": {MEDIA_TYPE: _PICTURE}}, **problems(400, 401, 403, 404, 503)},
)
@open_to_all
async def get_report_photo(number: ReportNumber, request: Request, size: Annotated[Literal["full", "small"], Query()] = "full") -> Response:
    """The photo of a report as JPEG, for those who may see it."""
    content = await photo_of(request, number, small=size == "small")
    return Response(content, 200, PRIVATE | _CAREFUL, MEDIA_TYPE)


@router.post("/{number}/answer", openapi_extra=body_of(ReportAnswer), responses=problems(400, 401, 403, 404, 409, 413, 422, 503))
@needs(Action.REPORT_ANSWER)
async def post_report_answer(number: ReportNumber, request: Request, response: Response) -> CitizenReport:
    """Takes a report up, closes it with an answer that its sender reads, or opens it again. 90 days after closing it is deleted."""
    response.headers.update(PRIVATE)
    async with Editing(request) as editor:
        answer = parse(ReportAnswer, read_json(await request.body()))
        row = await service.answer(editor.session, editor.actor, number, answer)
    return report_json(row, base_url(request))


@router.post("/{number}/shown", openapi_extra=body_of(Showing), responses=problems(400, 401, 403, 404, 413, 422, 503))
@needs(Action.REPORT_SHOW)
async def post_report_shown(number: ReportNumber, request: Request, response: Response) -> CitizenReport:
    """Shows text or photo to all who have the number, or hides them again."""
    response.headers.update(PRIVATE)
    async with Editing(request) as editor:
        showing = parse(Showing, read_json(await request.body()))
        row = await service.show(editor.session, editor.actor, number, showing)
    return report_json(row, base_url(request))
