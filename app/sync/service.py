"""Carrying out what a phone recorded without a network: each change on its own, any number of times, once."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

from app import idempotency
from app.access.rights import Actor
from app.categories import queries as categories
from app.categories.rules import Category
from app.common_fields import CONTENT
from app.db import Row, WriteSession
from app.errors import Conflict, Fault, Invalid, NotFound
from app.idempotency import Earlier
from app.points import queries as points
from app.points import service
from app.points.judging import kelurahan_of
from app.points.rules import CLOCK_AHEAD, clock
from app.points.schemas import Proposal, as_sent, content_hash, merge_patch, read_proposal, work_feature
from app.points.service import WriteOptions
from app.reviews import moves
from app.reviews.moves import Moving
from app.sync import queries, rules
from app.sync.schemas import Change, Done, Operation

_COMMON = tuple(field.name for field in CONTENT)
_CONFIRMATIONS = ("confirm_not_duplicate", "confirm_name")
_UNFINISHED = ("draft", "returned")


class ChangeOutcome(NamedTuple):
    """What became of a change, and the Feature as it was then; None where it was withdrawn. `repeated`: it had been carried out before."""

    status: Done
    feature: dict[str, Any] | None
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class _Task:
    session: WriteSession
    actor: Actor
    change: Change
    options: WriteOptions


async def carry_out(session: WriteSession, actor: Actor, change: Change, sent: Mapping[str, object]) -> ChangeOutcome:
    """Carries out one change, or gives the outcome that it had when it was sent before.

    `Conflict` (`changed-both`) with both versions where somebody else has changed the same fields; and as single writes.
    """
    content = content_hash("sync", sent)
    key = idempotency.of_change(change.client_id)
    if earlier := await idempotency.claim(session, actor.id, key, content, change.point):
        return await _as_before(session, change, earlier)
    task = _Task(session, actor, change, WriteOptions(change.draft, flags=_flags(change)))
    try:
        outcome = await _OPERATIONS[change.op](task)
    except Invalid as error:
        raise _pointed(error, change) from None
    number = outcome.feature["properties"]["version"] if outcome.feature else None
    await idempotency.settle(session, actor.id, key, number, outcome.status)
    return outcome


async def _as_before(session: WriteSession, change: Change, earlier: Earlier) -> ChangeOutcome:
    """The outcome of the first time, with the point as it was then."""
    status = cast("Done", earlier.outcome)
    if earlier.number is None:
        return ChangeOutcome(status, None, repeated=True)
    row = await service.numbered(session, earlier)
    then = {"state": "draft" if change.draft else "submitted", "verified_at": None}
    return ChangeOutcome(status, work_feature(row if status == "unchanged" else {**row, **then}), repeated=True)


# -- what can be done


async def _create(task: _Task) -> ChangeOutcome:
    body = {**_with_capture(task.change, task.change.feature or {}), "id": str(task.change.point)}
    if (task.change.feature or {}).get("id", body["id"]) != body["id"]:
        raise Invalid(faults=[Fault("/id", "id-differs")])
    written = await service.submit(task.session, task.actor, None, body, task.options)
    return ChangeOutcome("created", written.feature)


async def _change(task: _Task) -> ChangeOutcome:
    current = await _hold(task)
    base = await _base(task, current)
    category = await categories.get(task.session, current["category"], task.actor.categories)
    stored = as_sent(work_feature(base))
    wanted = merge_patch(stored, _with_capture(task.change, task.change.patch or {}))
    proposal = await _proposal(task, wanted, category, stored)
    status: Done = "changed"
    if base["version"] != current["version"]:
        merged = _merged(task, base, proposal, current)
        if not rules.changed(_fields_of_row(current), merged):
            return ChangeOutcome("unchanged", work_feature(current))
        confirmed = {name: True for name in _CONFIRMATIONS if getattr(proposal, name)}
        body = _feature(merged | confirmed, current)
        proposal, status = await _proposal(task, body, category, as_sent(work_feature(current))), "merged"
    written = await service.rewrite(task.session, task.actor, category, current, proposal, task.options)
    return ChangeOutcome(status if written.created else "unchanged", written.feature)


async def _delete(task: _Task) -> ChangeOutcome:
    current = await _hold(task)
    _demand_same(await _base(task, current), current)
    removed = await moves.remove(task.session, task.actor, None, task.change.point, task.options, task.change.reason)
    return ChangeOutcome("closing", removed.feature) if removed.feature else ChangeOutcome("withdrawn", None)


async def _submit(task: _Task) -> ChangeOutcome:
    current = await _hold(task)
    _demand_same(await _base(task, current), current)
    return ChangeOutcome("submitted", await moves.move(task.session, task.actor, task.change.point, Moving(move="submit"), task.options))


_OPERATIONS: dict[Operation, Callable[[_Task], Awaitable[ChangeOutcome]]] = {
    "create": _create,
    "change": _change,
    "delete": _delete,
    "submit": _submit,
}


# -- what a change rests on


async def _hold(task: _Task) -> Row:
    """The newest revision of the point, held. `Conflict` where the point was withdrawn, so that the phone does not take it for a stranger's."""
    try:
        return await service.hold(task.session, None, task.change.point, None)
    except NotFound:
        if await task.session.value(queries.WITHDRAWN, point_id=task.change.point):
            raise Conflict("point-withdrawn") from None
        raise


async def _base(task: _Task, current: Row) -> Row:
    """The revision that the phone had in hand. `Conflict` where there is none of this number, or what should come before was not carried out."""
    change, number = task.change, task.change.base
    if change.after is not None:
        before = await idempotency.find(task.session, task.actor.id, idempotency.of_change(change.after))
        if before is None or before.subject != change.point or before.number is None:
            raise Conflict("change-before-missing")
        number = before.number
    if number == current["version"]:
        return current
    base = await task.session.first(points.NUMBERED, point_id=change.point, number=number)
    if base is None:
        raise Conflict("base-unknown", members={"version": current["version"], "state": current["state"]})
    return base


def _merged(task: _Task, base: Row, proposal: Proposal, current: Row) -> dict[str, object]:
    """The fields of the newest revision with the changes of the phone. `Conflict` where they touch; and where something unfinished would go to
    review with them that the phone has not seen.
    """
    before, mine, theirs = _fields_of_row(base), _fields_of_proposal(proposal), _fields_of_row(current)
    merged = rules.merge(before, mine, theirs)
    unfinished = current["state"] in _UNFINISHED and not task.change.draft
    if touched := merged.conflicts or (rules.changed(before, theirs) if unfinished else ()):
        raise _both(base, current, mine, _feature(mine, base), touched)
    if current["point_status"] in rules.ENDED and rules.changed(before, mine):
        raise Conflict("point-closed")
    return merged.fields


def _demand_same(base: Row, current: Row) -> None:
    """Whoever closes or submits a point must have seen what it has become."""
    if changed := rules.changed(_fields_of_row(base), _fields_of_row(current)):
        raise _both(base, current, {}, None, changed)


def _both(base: Row, current: Row, mine: Mapping[str, object], feature: dict[str, object] | None, touched: tuple[str, ...]) -> Conflict:
    """With both versions, so that somebody can choose; `mine` only where the phone has a version of its own."""
    before, theirs = _fields_of_row(base), _fields_of_row(current)
    conflicts = [
        {"property": name, "base": before.get(name), "theirs": theirs.get(name), **({"mine": mine.get(name)} if feature else {})}
        for name in touched
    ]
    members: dict[str, object] = {
        "version": current["version"],
        "state": current["state"],
        "conflicts": conflicts,
        "base": as_sent(work_feature(base)),
        "theirs": as_sent(work_feature(current)),
    }
    return Conflict("changed-both", members=members | ({"mine": feature} if feature else {}))


# -- the same content in three forms


async def _proposal(task: _Task, body: Mapping[str, object], category: Category, stored: Mapping[str, object]) -> Proposal:
    proposal = read_proposal(body, category, datetime.now(UTC), stored)
    if proposal.id not in (None, task.change.point):
        raise Invalid(faults=[Fault("/id", "id-differs")])
    if proposal.kelurahan is not None:
        proposal = proposal.saying(kelurahan=await kelurahan_of(task.session, task.actor, proposal.kelurahan))
    return proposal._replace(content_sha256=content_hash("sync", str(task.change.client_id), body))


def _fields_of_row(row: Row) -> dict[str, object]:
    return _fields({**row})


def _fields_of_proposal(proposal: Proposal) -> dict[str, object]:
    structure = {name: getattr(proposal, name) for name in ("lon", "lat", "attributes", "predecessors", "succession")}
    return _fields({**proposal.common, **structure})


def _fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """In the words of JSON, because a base came to the phone, and comes back from it, in those."""
    fields = {
        **{name: values[name] for name in (*_COMMON, "succession")},
        **values["attributes"],
        "geometry": [values["lon"], values["lat"]],
        "predecessors": sorted(map(str, values["predecessors"])) or None,
    }
    return as_sent({name: value for name, value in fields.items() if value is not None})


def _feature(fields: Mapping[str, object], row: Row) -> dict[str, object]:
    properties = {name: value for name, value in fields.items() if name != "geometry"}
    return {
        "type": "Feature",
        "id": str(row["point_id"]),
        "geometry": {"type": "Point", "coordinates": fields["geometry"]},
        "properties": {"category": row["category"], **properties},
    }


# -- capture


def _with_capture(change: Change, content: Mapping[str, object]) -> dict[str, object]:
    """When and how exactly the place was taken stands with the change; where it brings a place, these are its properties too."""
    properties = content.get("properties")
    if "geometry" not in content or not isinstance(properties, dict | None):
        return dict(content)
    capture = {
        "captured_at": change.captured_at.isoformat() if change.captured_at else None,
        "accuracy_m": change.accuracy_m,
    }
    return {**content, "properties": {**{name: value for name, value in capture.items() if value is not None}, **(properties or {})}}


def _flags(change: Change) -> tuple[str, ...]:
    """`Invalid` where the time of the change is so far ahead that it says nothing; that of a place is looked at with the place."""
    state = "right" if change.captured_at is None else clock(change.captured_at, datetime.now(UTC))
    if state == "wrong":
        raise Invalid(faults=[Fault("/captured_at", "captured-ahead")])
    return (CLOCK_AHEAD,) if state == "ahead" else ()


_CONTENT: dict[Operation, str] = {"create": "/feature", "change": "/patch"}
_OF_CONTENT = ("/properties", "/geometry", "/type", "/bbox", "/links")


def _pointed(error: Invalid, change: Change) -> Invalid:
    """Its faults by pointers within the change, in which the Feature or patch is one member."""
    inside = _CONTENT.get(change.op, "")
    faults = [replace(fault, where=inside + fault.where) if fault.where.startswith(_OF_CONTENT) else fault for fault in error.faults]
    return type(error)(error.code, faults=faults, members=error.members, **error.facts)
