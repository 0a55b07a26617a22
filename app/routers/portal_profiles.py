"""`/portal/profil`: the figures of a kelurahan by a form, on the services of `/profiles`. It works without scripts."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import TypeAdapter, ValidationError

from app.access.rights import Actor
from app.audit.record import Action
from app.db import WriteSession
from app.errors import BadRequest, Invalid, Stale, Unavailable, Unreadable
from app.figures import queries
from app.figures.periods import Period, read_period
from app.figures.rules import STATUSES, FigureKey
from app.http.editing import Editing
from app.http.forms import FORM_BODY, read_form
from app.http.framing import language_of, root_of
from app.http.multipart import MEDIA_TYPE as FORM_OF_A_FILE
from app.http.parameters import PRIVATE
from app.http.problems import problem_of
from app.http.rights import needs
from app.http.route import takes_a_file
from app.http.services import services
from app.http.visiting import PageRoute, page_answer, page_frame
from app.imports.sheet import MOST_COLUMNS, MOST_ROWS, NumberedCells
from app.language import Text
from app.messages import FAULTS, say_fault
from app.pages import profile_entry as pages
from app.pages.profile_entry import PROFILES, EnteredProfile, ProfileChoice
from app.pages.profile_workbook import CheckedWorkbook, checked_workbook
from app.profiles import service
from app.profiles.due import due
from app.profiles.form import ProfileField, TypedFigure, typed_of, values_of, wrong_of
from app.profiles.returned import without_rest
from app.profiles.schemas import SentProfile
from app.profiles.service import ProfileTarget
from app.regions.codes import Region
from app.routers.profiles import KelurahanCode, PeriodText, counted_now, period_of, region_of
from app.routers.workbooks import committed_of, judged_of, sent_cells
from app.wire import parse

router = APIRouter(route_class=PageRoute, prefix=PROFILES, include_in_schema=False)

_FILE_BODY: dict[str, Any] = {"requestBody": {"required": True, "content": {FORM_OF_A_FILE: {"schema": {"type": "object"}}}}}
_MOST_FIELDS = 4_000
_YEARS = 5
_SENT = Text("Angka sudah dikirim; walidata memeriksanya.", "The figures are sent; the walidata looks at them.")
_KEPT = Text("Draf tersimpan. Kirim bila sudah lengkap.", "The draft is kept. Send it when it is complete.")
_SAME = Text("Tidak ada angka yang berubah, jadi tidak ada yang dikirim.", "No figure has changed, so nothing was sent.")
_DONE = {"kirim": _SENT, "simpan": _KEPT, "sama": _SAME}
_STALE = Text(
    "Orang lain sudah mengubah angka kelurahan ini sejak halaman ini dibuka. Salin yang Anda tulis, buka lagi, lalu ulangi.",
    "Somebody has changed figures of this kelurahan since the page was opened. Copy what you wrote, open it again, then repeat it.",
)


@router.get("")
@needs(Action.VALUE_SUBMIT)
async def get_choice(
    request: Request, kelurahan: Annotated[str, Query(max_length=20)] = "", periode: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    """Which kelurahan, which period; with both it leads to the form."""
    async with Editing(request, counted=False, reading=True) as editor:
        actor = editor.actor
    known = services(request).catalogue.known.directory.kelurahan
    own = [(code, region.name) for code, region in sorted(known.items()) if actor.role != "pic" or code in actor.kelurahan]
    period = read_period(periode.strip())
    if period and kelurahan in dict(own):
        return RedirectResponse(f"{root_of(request)}{PROFILES}/{kelurahan}/{period}", 303, PRIVATE)
    fault = FAULTS["period-invalid"].say(language_of(request)) if periode and not period else ""
    years = [str(datetime.now(UTC).year - before) for before in range(_YEARS)]
    shown = ProfileChoice(own, kelurahan, periode or years[1], years, fault)
    return page_answer(request, pages.choose_profile(await page_frame(request), shown), Invalid() if fault else None)


@router.get("/{kelurahan}/{period}")
@needs(Action.VALUE_SUBMIT)
async def get_form(
    kelurahan: KelurahanCode, period: PeriodText, request: Request, sudah: Annotated[str, Query(max_length=10)] = ""
) -> Response:
    """The figures of a kelurahan for a period as a form, those of the period before beside them."""
    async with Editing(request, counted=False, reading=True) as editor:
        shown = await _profile(request, editor.session, editor.actor, kelurahan, period)
    done = _DONE[sudah].say(language_of(request)) if sudah in _DONE else ""
    return page_answer(request, pages.entered_profile(await page_frame(request), shown._replace(done=done)))


@router.post("/{kelurahan}/{period}", openapi_extra=FORM_BODY)
@needs(Action.VALUE_SUBMIT)
async def post_form(kelurahan: KelurahanCode, period: PeriodText, request: Request) -> Response:
    """Sends the figures to review, or keeps them as drafts; where something is wrong, the form again with what was typed."""
    sent = await read_form(request, _MOST_FIELDS)
    async with Editing(request, counted=False, reading=True) as editor:
        before = await _profile(request, editor.session, editor.actor, kelurahan, period)
    status = sent.get("status", "") if sent.get("status", "") in STATUSES else "sementara"
    typed = typed_of(before.fields, sent)
    values, unread = values_of(typed, status)
    for key in values.keys() & before.rows.keys():
        # The page does not ask for them; a workbook or a program has said them.
        values[key] |= {name: text for name in ("source", "note") if (text := before.rows[key][name])}
    shown = before._replace(typed=typed, status=status)
    is_draft = sent.get("langkah") == "simpan"
    try:
        stored = await _store(request, kelurahan, before.period, list(values.values()), is_draft=is_draft, is_readable=not unread)
    except Invalid as error:
        language = language_of(request)
        wrong = {
            (key, part): say_fault(fault.code, fault.facts, language)
            for key, part, fault in reversed(list(wrong_of(list(values), error.faults, unread)))
        }
        return page_answer(request, pages.entered_profile(await page_frame(request), shown._replace(wrong=wrong)), error)
    except Stale as error:
        trouble = _STALE.say(language_of(request))
        return page_answer(request, pages.entered_profile(await page_frame(request), shown._replace(trouble=trouble)), error)
    done = ("simpan" if is_draft else "kirim") if stored else "sama"
    return RedirectResponse(f"{root_of(request)}{PROFILES}/{kelurahan}/{before.period}?sudah={done}", 303, PRIVATE)


@router.post("/{kelurahan}/{period}/buku", openapi_extra=_FILE_BODY)
@needs(Action.VALUE_SUBMIT)
@takes_a_file
async def post_workbook(kelurahan: KelurahanCode, period: PeriodText, request: Request) -> Response:
    """Shows what a workbook would change. Nothing is stored."""
    try:
        rows = without_rest(await sent_cells(request, kelurahan, period))
    except (Unreadable, Unavailable) as error:
        async with Editing(request, counted=False, reading=True) as editor:
            shown = await _profile(request, editor.session, editor.actor, kelurahan, period)
        told = problem_of(error, request)
        fault = f"{told['detail']} {told.get('hint', '')}".strip()
        return page_answer(request, pages.entered_profile(await page_frame(request), shown._replace(file_fault=fault)), error)
    return await _checked(request, kelurahan, period, rows)


@router.post("/{kelurahan}/{period}/buku/simpan", openapi_extra=FORM_BODY)
@needs(Action.VALUE_SUBMIT)
async def post_workbook_commit(kelurahan: KelurahanCode, period: PeriodText, request: Request) -> Response:
    """Sends the figures to review that a workbook changes; where something has come in between, the page again that says so."""
    rows = _cells_of((await read_form(request)).get("isi", ""))
    try:
        place, _, stored = await committed_of(request, kelurahan, period, rows)
    except (Invalid, Stale):
        return await _checked(request, kelurahan, period, rows)
    done = "kirim" if stored else "sama"
    return RedirectResponse(f"{root_of(request)}{PROFILES}/{place.region.code}/{place.period}?sudah={done}", 303, PRIVATE)


async def _checked(request: Request, kelurahan: str, period: str, rows: NumberedCells) -> Response:
    place, judged = await judged_of(request, kelurahan, period, rows)
    async with Editing(request, counted=False, reading=True) as editor:
        fields = (await due(editor.session, place.region.code, place.period)).fields
    content = orjson.dumps(rows).decode()
    shown = CheckedWorkbook(place.region.code, place.region.name, place.period, fields, judged, content)
    return page_answer(request, checked_workbook(await page_frame(request), shown), Invalid() if judged.faults else None)


def _cells_of(text: str) -> NumberedCells:
    """The cells that a page has sent back. `BadRequest` where they are none."""
    try:
        found = TypeAdapter(NumberedCells).validate_json(text, strict=True)
    except ValidationError:
        raise BadRequest("fields-unreadable") from None
    if len(found) > MOST_ROWS or any(len(cells) > MOST_COLUMNS for _, cells in found):
        raise BadRequest("fields-unreadable")
    return found


async def _store(
    request: Request, kelurahan: str, period: Period, values: list[dict[str, object]], *, is_draft: bool, is_readable: bool
) -> bool:
    """Whether there is something new by it. `Invalid` also where something of the form cannot be read."""
    if not is_readable:
        raise Invalid
    if not values:
        return False
    async with Editing(request) as editor:
        counted = await counted_now(request, editor.session, kelurahan, period)
        target = ProfileTarget(kelurahan, period, counted)
        _, stored = await service.submit(editor.session, editor.actor, target, parse(SentProfile, {"values": values, "draft": is_draft}))
    return bool(stored)


async def _profile(request: Request, session: WriteSession, actor: Actor, kelurahan: str, text: str) -> EnteredProfile:
    """What the form shows before anything is typed."""
    region: Region = region_of(services(request).catalogue.known, kelurahan)
    actor.demand_kelurahan(region.code)
    period = period_of(text)
    fields, rows, before = await due(session, region.code, period)
    typed = {field.key: _typed(field, rows) for field in fields}
    status = next((row["status"] for row in rows.values()), "sementara")
    return EnteredProfile(region.code, region.name, period, fields, rows, before, typed, status)


def _typed(field: ProfileField, rows: Mapping[FigureKey, queries.WorkRow]) -> TypedFigure:
    row = rows.get(field.key)
    if row is None:
        return TypedFigure(version="0")
    number = "" if row["value"] is None else f"{row['value']:f}".replace(".", ",")
    # Three decimals would be asked about: a zero behind them tells that they are decimals.
    number += "0" if "," in number and len(number.partition(",")[2]) == 3 else ""
    return TypedFigure(number, "" if row["meaning"] == "value" else row["meaning"], row["explanation"] or "", str(row["version"]))
