"""The workbook of a kelurahan and a period: a template with what there is, judged when it comes back, then committed."""

from typing import Any, NamedTuple
from uuid import UUID

import orjson
from fastapi import APIRouter, Request, Response

from app.audit.record import Action
from app.db import WriteSession
from app.exports.formats import FORMATS
from app.figures.history import differences
from app.figures.periods import Period
from app.http.editing import Editing
from app.http.intake import sent_as, uploaded
from app.http.parameters import PRIVATE, Speaking, file_of
from app.http.problems import problems
from app.http.reader import reader_of
from app.http.rendering import JSON
from app.http.rights import needs
from app.http.route import StrictRoute, takes_a_file
from app.http.services import services
from app.http.storing import turn_to_store
from app.imports.sheet import NumberedCells, read_cells
from app.language import Language
from app.messages import say_fault
from app.profiles import returning
from app.profiles.due import due
from app.profiles.returning import JudgedWorkbook, shown
from app.profiles.schemas import WorkbookReport
from app.profiles.service import ProfileTarget
from app.profiles.workbook import DATA, write_workbook
from app.regions.codes import Region
from app.routers.profiles import KelurahanCode, PeriodText, counted_now, period_of, region_of

router = APIRouter(route_class=StrictRoute, prefix="/profiles", tags=["profiles"])

XLSX = FORMATS["xlsx"].media_type
_FILE = file_of("*/*", description="The workbook, as XLSX or ODS")
_ERRORS = problems(400, 401, 403, 404, 412, 413, 422, 503)


class WorkbookPlace(NamedTuple):
    region: Region
    period: Period


@router.get(
    "/{kelurahan}/{period}/workbook",
    operation_id="getWorkbook",
    responses={200: {"content": {XLSX: {}}}, **problems(400, 401, 403, 404, 503)},
    response_class=Response,
)
@needs(Action.VALUE_SUBMIT)
async def get_workbook(kelurahan: KelurahanCode, period: PeriodText, request: Request, language: Speaking) -> Response:
    """A workbook to fill in: a row for each figure that is due, with what there is by now and last period's number beside it."""
    async with Editing(request) as editor:
        place = await place_of(request, kelurahan, period)
        editor.actor.demand_kelurahan(place.region.code)
        there = await due(editor.session, place.region.code, place.period)
    headers = {
        **PRIVATE, "Content-Language": language, "Content-Disposition": f'attachment; filename="profil-{place.region.code}-{place.period}.xlsx"',
    }  # fmt: skip
    return Response(write_workbook(place.region, place.period, there, language), 200, headers, XLSX)


@router.post(
    "/{kelurahan}/{period}/workbook",
    operation_id="judgeWorkbook",
    openapi_extra=_FILE,
    responses={200: {"model": WorkbookReport}, **_ERRORS},
)
@needs(Action.VALUE_SUBMIT)
@takes_a_file
async def judge_workbook(kelurahan: KelurahanCode, period: PeriodText, request: Request, language: Speaking) -> Response:
    """Tells what a workbook would change, and what is wrong in which of its cells. Nothing is stored."""
    place, judged = await judged_of(request, kelurahan, period, await sent_cells(request, kelurahan, period))
    return _report(place, judged, None, language)


@router.post(
    "/{kelurahan}/{period}/workbook/commit",
    operation_id="commitWorkbook",
    openapi_extra=_FILE,
    responses={200: {"model": WorkbookReport}, **_ERRORS},
)
@needs(Action.VALUE_SUBMIT)
@takes_a_file
async def commit_workbook(kelurahan: KelurahanCode, period: PeriodText, request: Request, language: Speaking) -> Response:
    """Sends the figures to review that were edited in the workbook, all of them or nothing. What is at fault is told by its cell; the same again
    changes nothing.
    """
    place, judged, stored = await committed_of(request, kelurahan, period, await sent_cells(request, kelurahan, period))
    return _report(place, judged, stored, language)


async def place_of(request: Request, kelurahan: str, period: str) -> WorkbookPlace:
    """`NotFound`."""
    reader = await reader_of(request)
    return WorkbookPlace(region_of(reader.known, kelurahan), period_of(period))


async def sent_cells(request: Request, kelurahan: str, period: str) -> NumberedCells:
    """The cells of the file that was sent. `NotFound`, before anybody looks into it; `Unreadable`."""
    await place_of(request, kelurahan, period)
    async with turn_to_store(request):
        return await read_cells(uploaded(request).file, sent_as(request)[0] or "file", DATA, services(request).settings.spool_directory)


async def judged_of(request: Request, kelurahan: str, period: str, rows: NumberedCells) -> tuple[WorkbookPlace, JudgedWorkbook]:
    async with Editing(request, reading=True, counted=False) as editor:
        place, target = await _target(request, editor.session, kelurahan, period)
        return place, await returning.judge(editor.session, editor.actor, target, rows)


async def committed_of(
    request: Request, kelurahan: str, period: str, rows: NumberedCells
) -> tuple[WorkbookPlace, JudgedWorkbook, list[UUID]]:
    async with Editing(request) as editor:
        place, target = await _target(request, editor.session, kelurahan, period)
        return place, *(await returning.confirm(editor.session, editor.actor, target, rows))


async def _target(request: Request, session: WriteSession, kelurahan: str, period: str) -> tuple[WorkbookPlace, ProfileTarget]:
    place = await place_of(request, kelurahan, period)
    counted = await counted_now(request, session, place.region.code, place.period)
    return place, ProfileTarget(place.region.code, place.period, counted)


def _report(place: WorkbookPlace, judged: JudgedWorkbook, stored: list[UUID] | None, language: Language) -> Response:
    sheet = judged.sheet
    changes: list[dict[str, Any]] = [
        {
            "cell": sheet.cell(one.figure.number, "value"), "indicator": one.figure.key.indicator, "class": one.figure.key.indicator_class or None,
            "changes": differences(shown(one.before), shown(one.after)),
        }
        for one in judged.changes
    ]  # fmt: skip
    answer = {
        "kelurahan": place.region.code, "kelurahan_name": place.region.name, "period": str(place.period),
        "state": "judged" if stored is None else "committed", "rows": len(sheet.figures), "unchanged": len(sheet.figures) - len(changes),
        "changes": changes,
        "warnings": [
            {"cell": cell, "kind": one.kind, "detail": say_fault(f"misfit-{one.kind}", one.facts, language)} for cell, one in judged.warnings
        ],
        "faults": [{"cell": one.where, "code": one.code, "detail": say_fault(one.code, one.facts, language)} for one in judged.faults],
        "stored": [str(one) for one in stored or ()],
    }  # fmt: skip
    return Response(orjson.dumps(answer), 200, {**PRIVATE, "Content-Language": language}, JSON)
