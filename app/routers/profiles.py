"""Profiles of kelurahan: their figures by period, as they are published, as they are worked on, and how they came about."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from starlette.convertors import StringConvertor, register_url_convertor

from app.audit.record import Action
from app.db import WriteSession
from app.disclosure.notes import NOTES, WITHHELD
from app.errors import BadRequest, Fault, NotFound
from app.figures import definitions as indicators
from app.figures import history, queries
from app.figures.periods import Period, read_period
from app.figures.queries import HistoryRow, ItemRow, WorkRow
from app.http.answers import SHORT, matches
from app.http.editing import Editing
from app.http.framing import VARYING, base_url, language_of
from app.http.paging import Paging
from app.http.parameters import PRIVATE, AsJson, body_of, uuid_of
from app.http.problems import problems
from app.http.reader import Reader, reader_of
from app.http.rendering import JSON
from app.http.rights import needs, open_to_all
from app.http.route import StrictRoute
from app.http.services import services
from app.indicators import counting
from app.points.work import read_states
from app.profiles import service
from app.profiles.computing import computed
from app.profiles.schemas import (
    MovingValue,
    ProfileAnswer,
    ProfileList,
    PublishedValue,
    SentProfile,
    StoredProfile,
    ValueHistory,
    ValueState,
    WorkProfile,
    WorkValue,
)
from app.profiles.service import ProfileTarget
from app.published.catalogue import Known
from app.regions.codes import Region
from app.wire import Link, answer_from, parse, read_json


class _OfKelurahan(StringConvertor):
    """Anything but `values`, whose addresses are no profiles: what cannot be done with them is 405 and no unknown kelurahan."""

    regex = "(?!values/)[^/]+"


register_url_convertor("of_kelurahan", _OfKelurahan())
router = APIRouter(route_class=StrictRoute, prefix="/profiles", tags=["profiles"])

_NEWEST = 2_000_000_000
KelurahanCode = Annotated[str, Path(max_length=20, examples=["35.71.01.1011"])]
PeriodText = Annotated[str, Path(max_length=10, examples=["2025"])]
_BODY = body_of(SentProfile)
_BODY["requestBody"]["content"]["application/json"]["example"] = {
    "values": [
        {"indicator": "jumlah_rt", "value": 32},
        {"indicator": "penduduk_menurut_agama", "class": "islam", "value": 6120, "status": "tetap"},
    ]
}


async def value_id(value: Annotated[str, Path(max_length=64)]) -> UUID:
    return uuid_of(value, "value-unknown")


ValueId = Annotated[UUID, Depends(value_id)]
AsWorkedOn = Annotated[Literal["work"] | None, Query(description="`work`: the newest states, for those who write and review")]


@router.get("", responses={200: {"model": ProfileList}, **problems(400, 401, 403, 503)})
@open_to_all
async def get_profiles(
    request: Request,
    paged: Paging,
    kelurahan: Annotated[str | None, Query(max_length=20, examples=["35.71.01.1011"])] = None,
    period: Annotated[str | None, Query(max_length=10, examples=["2025"])] = None,
    _format: AsJson = None,
) -> Response:
    """Of which kelurahan and periods there are published figures, and how many."""
    reader = await reader_of(request)
    if period is not None and read_period(period) is None:
        raise BadRequest(faults=[Fault("period", "period-invalid")])
    after = paged.after("profiles", "").split(" ") if paged.cursor is not None else None
    values = {"after": after[0], "after_begins": date.fromisoformat(after[1]), "after_period": after[2]} if after else {}
    rows = await reader.session.all(
        queries.PROFILES[reader.half], kelurahan=kelurahan, period=period, limit=paged.limit + 1,
        **{"after": None, "after_begins": None, "after_period": None, **values},
    )  # fmt: skip
    listed = rows[: paged.limit]
    last = listed[-1] if len(rows) > paged.limit else None
    names = reader.known.directory.kelurahan
    profiles = [
        {
            **row,
            "kelurahan_name": names[row["kelurahan"]].name if row["kelurahan"] in names else "",
            "href": _address(request, row["kelurahan"], row["period"]),
        }
        for row in listed
    ]
    links = paged.links("profiles", f"{last['kelurahan']} {last['begins']} {last['period']}" if last else None)
    return _answered(request, reader, {"profiles": profiles, "numberReturned": len(profiles), "links": links})


@router.get("/values/{value}", operation_id="getValue", responses={200: {"model": PublishedValue}, **problems(400, 401, 403, 404, 503)})
@open_to_all
async def get_value(value: ValueId, request: Request, _format: AsJson = None) -> Response:
    """A published figure by its id, with its source, period, status, and the version of the definition by which it was given."""
    reader = await reader_of(request)
    row = await reader.session.first(queries.ITEM[reader.half], id=value)
    if row is None:
        raise NotFound("value-unknown")
    return _answered(request, reader, _published(request, row))


@router.get("/values/{value}/revisions", operation_id="getValueRevisions", responses=problems(400, 401, 403, 404, 503))
@needs(Action.VALUE_READ_WORK)
async def get_value_revisions(value: ValueId, request: Request, response: Response, paged: Paging) -> ValueHistory:
    """The history of a figure, the newest state first, each with what differs from the one before."""
    response.headers.update(PRIVATE)
    async with Editing(request) as editor:
        await service.one(editor.session, value)
        before = int(paged.after("values", str(_NEWEST)))
        rows = await editor.session.all(queries.HISTORY, id=value, before=before, limit=paged.limit + 1)
    listed = rows[: paged.limit]
    following = listed[-1]["version"] if len(rows) > paged.limit else None
    states = [_state(row) for row in listed]
    return {"id": str(value), "revisions": states, "numberReturned": len(states), "links": paged.links("values", following)}


@router.post(
    "/values/{value}/revisions",
    operation_id="postValueMove",
    openapi_extra=body_of(MovingValue),
    responses=problems(400, 401, 403, 404, 409, 413, 422, 503),
)
@needs(Action.REVISION_SUBMIT, Action.REVISION_WITHDRAW, Action.REVISION_UNPUBLISH)
async def post_value_move(value: ValueId, request: Request, response: Response) -> WorkValue:
    """Submits a figure that is a draft or was returned, withdraws what is open, or takes it out of publication."""
    response.headers.update(PRIVATE)
    async with Editing(request) as editor:
        wanted = parse(MovingValue, read_json(await request.body()))
        row = await service.one(editor.session, value)
        period = period_of(row["period"])
        counted = await counted_now(request, editor.session, row["kelurahan"], period)
        moved = await service.move(editor.session, editor.actor, value, wanted, counted, period)
    return work_value(moved)


@router.get(
    "/{kelurahan:of_kelurahan}/{period}",
    operation_id="getProfile",
    responses={200: {"model": ProfileAnswer | WorkProfile}, 304: {"description": "Not changed"}, **problems(400, 401, 403, 404, 503)},
)
@open_to_all
async def get_profile(
    kelurahan: KelurahanCode,
    period: PeriodText,
    request: Request,
    view: AsWorkedOn = None,
    state: Annotated[str | None, Query(max_length=60, description="With `view=work`: of these states only, e.g. draft,returned")] = None,
    _format: AsJson = None,
) -> Response:
    """The figures of a kelurahan for a period: those that are published, and what is computed of them. With `view=work` the newest states, for
    those who write or review them.
    """
    if view == "work":
        return await _as_worked_on(request, kelurahan, period, read_states(state))
    if state is not None:
        raise BadRequest(faults=[Fault("state", "state-of-work")])
    reader = await reader_of(request)
    region, wanted = region_of(reader.known, kelurahan), period_of(period)
    rows = await reader.session.all(queries.ITEMS[reader.half], kelurahan=region.code, period=str(wanted))
    known = await indicators.newest(services(request).database.public)
    seen = {
        name: row["definition"] for name, row in known.items() if reader.half == "internal" or row["definition"]["audience"] == "public"
    }
    figures = {row["category"]: (row["meaning"], row["value"]) for row in rows if not row["indicator_class"]}
    made = [
        {**one._asdict(), "expression": seen[one.indicator]["expression"], "indicator_version": known[one.indicator]["version"]}
        for one in computed(seen, figures)
    ]
    withheld = any(row["meaning"] == WITHHELD for row in rows)
    answer = {
        "kelurahan": region.code, "kelurahan_name": region.name, "period": str(wanted), "begins": wanted.begins, "ends": wanted.ends,
        "values": [_published(request, row) for row in rows], "computed": made,
        "note": NOTES[WITHHELD].say(language_of(request)) if withheld else None, "links": _links(request, region.code, wanted),
    }  # fmt: skip
    return _answered(request, reader, answer)


@router.put(
    "/{kelurahan:of_kelurahan}/{period}",
    operation_id="putProfile",
    openapi_extra=_BODY,
    responses={200: {"model": StoredProfile}, **problems(400, 401, 403, 404, 412, 413, 422, 503)},
)
@needs(Action.VALUE_SUBMIT, Action.VALUE_DRAFT)
async def put_profile(kelurahan: KelurahanCode, period: PeriodText, request: Request) -> Response:
    """Figures of a kelurahan for a period go to review, all of them or none; those that say nothing new change nothing, and those that are not named
    stay. What a check does not expect needs an `explanation`.
    """
    async with Editing(request) as editor:
        sent = parse(SentProfile, read_json(await request.body()))
        reader = await reader_of(request)
        region, wanted = region_of(reader.known, kelurahan), period_of(period)
        counted = await counted_now(request, editor.session, region.code, wanted)
        target = ProfileTarget(region.code, wanted, counted)
        rows, stored = await service.submit(editor.session, editor.actor, target, sent)
    answer = {**_work_profile(request, region, wanted, rows), "stored": [str(one) for one in stored]}
    return Response(orjson.dumps(answer), 200, PRIVATE, JSON)


async def _as_worked_on(request: Request, kelurahan: str, period: str, states: Sequence[str]) -> Response:
    async with Editing(request) as editor:
        editor.actor.demand(Action.VALUE_READ_WORK)
        reader = await reader_of(request)
        region, wanted = region_of(reader.known, kelurahan), period_of(period)
        rows = await editor.session.all(queries.OF_PROFILE, kelurahan=region.code, period=str(wanted))
    rows = [row for row in rows if row["state"] in states]
    body = orjson.dumps(_work_profile(request, region, wanted, rows))
    headers = {**PRIVATE, "ETag": f'"{hashlib.sha256(body).hexdigest()[:20]}"'}
    if matches(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(None, 304, headers)
    return Response(body, 200, headers, JSON)


def _work_profile(request: Request, region: Region, period: Period, rows: list[WorkRow]) -> WorkProfile:
    return {
        "kelurahan": region.code, "kelurahan_name": region.name, "period": str(period), "values": [work_value(row) for row in rows],
        "links": _links(request, region.code, period),
    }  # fmt: skip


async def counted_now(request: Request, session: WriteSession, kelurahan: str, period: Period) -> dict[str, Fraction]:
    """What is on the map of it now, as far as checks ask for it, where the period is the present one."""
    today = datetime.now(UTC).astimezone(ZoneInfo("Asia/Jakarta")).date()
    if not service.is_present(period, today):
        return {}
    known = await indicators.newest(session)
    asked = {
        name for row in known.values() for check in row["definition"]["checks"] if check["kind"] == "map" for name in check["indicators"]
    }
    reader = await reader_of(request)
    found = {}
    for name in sorted(asked & set(known)):
        count = known[name]["definition"]["count"]
        if count and not count["share"]:
            numbers = await counting.counted(reader.session, reader.known, reader.half, count, [kelurahan])
            found[name] = Fraction(numbers[kelurahan].number)
    return found


def region_of(known: Known, code: str) -> Region:
    """`NotFound`."""
    region = known.directory.kelurahan.get(code)
    if region is None:
        raise NotFound("profile-kelurahan-unknown")
    return region


def period_of(text: str) -> Period:
    """`NotFound`."""
    period = read_period(text)
    if period is None:
        raise NotFound("period-unknown")
    return period


def _address(request: Request, kelurahan: str, period: object) -> str:
    return f"{base_url(request)}/profiles/{kelurahan}/{period}"


def _links(request: Request, kelurahan: str, period: Period) -> list[Link]:
    here = _address(request, kelurahan, period)
    return [
        {"rel": "self", "type": "application/json", "href": here},
        {"rel": "prev", "type": "application/json", "href": _address(request, kelurahan, period.before)},
        {"rel": "describedby", "type": "application/json", "href": f"{base_url(request)}/indicators"},
    ]


def _published(request: Request, row: ItemRow) -> dict[str, Any]:
    properties = orjson.loads(row["feature"])["properties"]
    return {
        "id": str(row["id"]), "indicator": row["category"], "class": row["indicator_class"] or None, "kelurahan": row["kelurahan"],
        "period": row["period"], "value": _number(row["value"]), "meaning": row["meaning"], "status": row["status"],
        "source": properties.get("source"), "note": properties.get("note"), "indicator_version": properties["indicator_version"],
        "version": row["version"], "verified_at": row["verified_at"], "href": f"{base_url(request)}/profiles/values/{row['id']}",
    }  # fmt: skip


def work_value(row: WorkRow) -> WorkValue:
    found = {
        **row, "id": str(row["id"]), "revision": str(row["revision"]), "class": row["indicator_class"] or None, "value": _number(row["value"]),
        "reason": row["decision_reason"],
    }  # fmt: skip
    return cast("WorkValue", {name: found[name] for name in WorkValue.__annotations__})


def _state(row: HistoryRow) -> ValueState:
    before = row["before"] or {}
    changes = history.differences(before, row["content"])
    return answer_from(ValueState, {**row, "revision": str(row["revision"]), "changes": changes})


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _answered(request: Request, reader: Reader, answer: dict[str, Any]) -> Response:
    """With an ETag of what it says: 304 to who has it."""
    body = orjson.dumps(answer)
    tag = hashlib.sha256(body).hexdigest()[:20]
    headers = {"ETag": f'"{tag}"', "Vary": VARYING["Vary"]}
    headers |= {**PRIVATE, "Vary": VARYING["Vary"]} if reader.half == "internal" else {"Cache-Control": SHORT}
    if matches(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(None, 304, headers)
    return Response(body, 200, headers, JSON)
