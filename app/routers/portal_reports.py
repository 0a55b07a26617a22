"""Pages of reports for anybody: the form, and what became of one. Complete without scripts."""

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from app.errors import Fault, Invalid, NotFound, TitikError, TooMany
from app.http.framing import base_url, frame_of, language_of, page_headers, root_of
from app.http.multipart import MEDIA_TYPE as FORM
from app.http.parameters import PRIVATE
from app.http.photo_forms import PhotoForm, PhotoFormRoute, read_photo_form
from app.http.problems import problem_of, status_of
from app.http.reporting import find, receive, wrong_of
from app.http.rights import open_to_all
from app.http.services import services
from app.http.visiting import visitor_of
from app.language import Text
from app.pages import reports as pages
from app.pages.frame import Frame
from app.pages.reports import EnteredForm, ReportedPoint
from app.regions.codes import Region
from app.reports import queries
from app.reports.personal import tells_of_person
from app.reports.placing import place_of_text
from app.reports.receiving import SentPhoto
from app.reports.rules import read_number
from app.reports.schemas import NewReport
from app.reports.service import report_json
from app.routers.reports import ReportNumber
from app.wire import parse

router = APIRouter(route_class=PhotoFormRoute, include_in_schema=False)
_FORM_BODY = {"requestBody": {"required": True, "content": {FORM: {"schema": {"type": "object"}}}}}
_MEMBERS = ("kind", "point", "category", "kelurahan", "text")
_PERSONAL = Text(
    "Isi ini tampaknya menyebut orang, nomor telepon, NIK, atau surel. Hapus bila tidak perlu, atau centang “Kirim apa adanya”.",
    "This seems to name a person, a telephone, an identity number or an e-mail address. Take it out, or tick “Send it as it is”.",
)


@router.get("/lapor")
@open_to_all
async def get_report_form(
    request: Request,
    titik: Annotated[str | None, Query(max_length=64)] = None,
    number: Annotated[str | None, Query(max_length=64)] = None,
) -> Response:
    """The form, about the point that is named; or leads to the report of a number."""
    if number is None:
        return await _form(request, {"point": titik or ""}, {})
    if (written := read_number(number)) is None:
        return await _form(request, {"number": number}, {"number": problem_of(NotFound("report-unknown"), request)["hint"]}, 404)
    return RedirectResponse(f"{root_of(request)}/lapor/{written}", 303, PRIVATE)


@router.post("/lapor", openapi_extra=_FORM_BODY)
@open_to_all
async def post_report_form(request: Request) -> Response:
    """Sends what the form holds, and leads to the number; or shows the form again, with what is wrong at its field."""
    form = await read_photo_form(request)
    text = form.fields.get("text", "")
    if tells_of_person(text) and "as_it_is" not in form.fields:
        return await _form(request, form.fields, {"text": _PERSONAL.say(language_of(request))}, 422, had_photo=form.photo is not None)
    try:
        report = parse(NewReport, await _members(request, form))
        photo = SentPhoto(form.photo, form.media_type) if form.photo is not None else None
        number, _ = await receive(request, report, photo, _key_of(form))
    except (Invalid, TooMany) as error:
        return await _refused(request, form, error)
    return RedirectResponse(f"{root_of(request)}/lapor/{number}?baru=ya", 303, PRIVATE)


def _key_of(form: PhotoForm) -> str | None:
    """Of the form with all that is in it: sent twice it is one report, and what was changed in between is another."""
    if "key" not in form.fields:
        return None
    return hashlib.sha256(repr(sorted(form.fields.items())).encode() + (form.photo or b"")).hexdigest()


async def _members(request: Request, form: PhotoForm) -> dict[str, object]:
    """What the form says, as a report has it. `Invalid` where its place is none."""
    members: dict[str, object] = {name: form.fields[name] for name in _MEMBERS if name in form.fields}
    if text := form.fields.get("place"):
        here = services(request)
        place = await place_of_text(here.database.public, here.catalogue.known.cities, text)
        if place is None:
            raise Invalid(faults=[Fault("/place", "report-place-unread")])
        members |= {"lon": place[0], "lat": place[1]}
    return members


async def _refused(request: Request, form: PhotoForm, error: TitikError) -> Response:
    wrong, note = wrong_of(request, error)
    return await _form(request, form.fields, wrong, status_of(error), note=note, had_photo=form.photo is not None)


async def _form(
    request: Request, fields: Mapping[str, str], wrong: Mapping[str, str], status: int = 200, *, note: str = "", had_photo: bool = False
) -> Response:
    known = services(request).catalogue.known
    language = language_of(request)
    point = await _point(request, fields.get("point", ""))
    categories = [(one.id, one.title.say(language)) for one in known.categories.values() if one.audience == "public"]
    # So that sending it twice sends one report.
    typed = defaultdict(str, {"key": secrets.token_urlsafe(24), **fields})
    entered = EnteredForm(typed, wrong, note, is_personal=tells_of_person(typed["text"]), has_lost_photo=had_photo)
    page = pages.form(await _frame(request), entered, point, sorted(categories, key=lambda one: one[1]), _by_kecamatan(request))
    return HTMLResponse(page, status, page_headers(request) | PRIVATE)


async def _point(request: Request, text: str) -> ReportedPoint | None:
    """`NotFound` for one that is not on the map."""
    if not text:
        return None
    try:
        point_id = UUID(text)
    except ValueError:
        raise NotFound("point-unknown") from None
    row = await services(request).database.public.first(queries.PUBLISHED_POINT, id=point_id)
    if row is None:
        raise NotFound("point-unknown")
    known, language = services(request).catalogue.known, language_of(request)
    category = known.categories.get(row["category"])
    return ReportedPoint(
        str(point_id), row["name"], _name_of(request, row["kelurahan"]), category.title.say(language) if category else row["category"]
    )


def _name_of(request: Request, code: str) -> str:
    region = services(request).catalogue.known.directory.kelurahan.get(code)
    return region.name if region else code


def _by_kecamatan(request: Request) -> list[tuple[str, list[Region]]]:
    directory = services(request).catalogue.known.directory
    groups: dict[str, list[Region]] = defaultdict(list)
    for region in directory.kelurahan.values():
        kecamatan = directory.kecamatan.get(region.parent_code or "")
        groups[kecamatan.name if kecamatan else ""].append(region)
    return [(name, sorted(regions, key=lambda one: one.name)) for name, regions in sorted(groups.items())]


@router.get("/lapor/{number}")
@open_to_all
async def get_report_state(number: ReportNumber, request: Request, baru: Annotated[str | None, Query(max_length=10)] = None) -> Response:
    """What became of a report; right after it was sent, its number."""
    try:
        row, _ = await find(request, number)
    except (NotFound, TooMany) as error:
        problem = problem_of(error, request)
        sentence = " ".join(filter(None, (problem["detail"], problem.get("hint"))))
        return await _form(request, {"number": number}, {"number": sentence}, status_of(error))
    point = await services(request).database.public.first(queries.PUBLISHED_POINT, id=row["point_id"]) if row["point_id"] else None
    category = services(request).catalogue.known.categories.get(row["category"])
    name = point["name"] if point else category.title.say(language_of(request)) if category else row["category"]
    place = f"{name}, Kelurahan {_name_of(request, row['kelurahan'])}"
    page = pages.state(await _frame(request), report_json(row, base_url(request)), place, is_new=baru is not None)
    return HTMLResponse(page, 200, page_headers(request) | PRIVATE)


async def _frame(request: Request) -> Frame:
    return frame_of(request, visitor=await visitor_of(request))
