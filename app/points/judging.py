"""Judging where a point lies: one when it is written, all again when boundaries change."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.accounts.rights import Actor
from app.boundaries import queries as boundaries
from app.boundaries.queries import Asked, locate
from app.coordinates.rescue import Reading, readings, zones_of
from app.db import Row, WriteSession
from app.errors import Fault, Invalid, Misplaced
from app.geo import compass, is_position
from app.points import queries
from app.points.personal import PERSONAL
from app.points.rules import CLOCK_AHEAD, REJUDGED, SAME_DEGREES, UNCONDITIONAL, Edition, Nearby, Placement, declare, place, tolerance_m
from app.points.schemas import Proposal, placement_json
from app.regions import queries as regions

JUDGED_AT_ONCE = 1_000
# Flags that do not come from the boundaries.
KEPT = ("same-place", "near-duplicate", CLOCK_AHEAD, PERSONAL, UNCONDITIONAL)


async def judge(session: WriteSession, actor: Actor, proposal: Proposal, *, point_id: UUID | None = None, draft: bool = False) -> Placement:
    """Where the point lies. `Misplaced`, with what a repair would give, unless that is believable or explained; of a draft it is
    only asked that there be a kelurahan to keep it under. The place of `point_id` that was believed before stays, whatever later boundaries
    say, with a flag for the reviewer.
    """
    if proposal.kelurahan is not None:
        proposal = proposal._replace(kelurahan=await kelurahan_of(session, actor, proposal.kelurahan))
        actor.demand_kelurahan(proposal.kelurahan or "")
    if not is_position(proposal.lon, proposal.lat):
        raise Misplaced("point-outside", members=await _suggestion(session, proposal, proposal.kelurahan))
    claimed = proposal.kelurahan or (actor.kelurahan[0] if len(actor.kelurahan) == 1 else None)
    edition, (nearby,) = await locate(session, [Asked(proposal.lon, proposal.lat, claimed)])
    tolerance = tolerance_m(proposal.accuracy_m, edition.accuracy_m)
    if claimed is None and all(kelurahan.distance_m > tolerance for kelurahan in nearby):
        raise Misplaced("point-outside", members=await _suggestion(session, proposal, None))
    declared = declare(proposal.kelurahan, actor.kelurahan, nearby, tolerance)
    actor.demand_kelurahan(declared)
    try:
        placement = place(declared, nearby, tolerance, edition)
    except LookupError:
        raise Invalid(faults=[Fault("/properties/kelurahan", "kelurahan-unbounded")]) from None
    if placement.accepted:
        return placement
    if proposal.override_reason is not None:
        return placement._replace(flags=("override",))
    if draft:
        return placement
    if point_id is not None and await _is_unmoved(session, point_id, declared, proposal):
        return placement._replace(flags=(*placement.flags, REJUDGED))
    members = {"placement": placement_json(placement), **await _suggestion(session, proposal, declared)}
    raise _misplaced(placement, members)


async def _is_unmoved(session: WriteSession, point_id: UUID, declared: str, proposal: Proposal) -> bool:
    place = {"lon": proposal.lon, "lat": proposal.lat, "within": SAME_DEGREES}
    return bool(await session.value(queries.UNMOVED, point_id=point_id, kelurahan=declared, **place))


async def kelurahan_of(session: WriteSession, actor: Actor, text: str) -> str:
    """The code of the kelurahan that a point names by code or name. `Invalid`, with those that there are, where it means none."""
    if text in actor.kelurahan:
        return text
    known = await regions.directory(session)
    if (found := known.find(text)) is None:
        raise Invalid(faults=[known.unknown("/properties/kelurahan", text)])
    return found.code


def _misplaced(placement: Placement, members: dict[str, Any]) -> Misplaced:
    declared, found = placement.declared, placement.kelurahan
    return Misplaced(
        f"point-{placement.verdict}",
        members=members,
        declared=declared.name,
        found=found.name if found else "",
        distance=declared.distance_m,
        direction=compass(declared.bearing or 0),
    )


async def _suggestion(session: WriteSession, proposal: Proposal, declared: str | None) -> dict[str, Any]:
    """`{"suggestion": …}` where exactly one other reading lands: in the declared kelurahan, else in the city; else nothing."""
    active = await boundaries.active(session)
    zones = zones_of(active.extent) if active else ()
    candidates = [reading for reading in readings(proposal.lon, proposal.lat, zones) if reading.repairs]
    if not candidates:
        return {}
    edition, around = await locate(session, [Asked(reading.lon, reading.lat) for reading in candidates])
    tolerance = tolerance_m(proposal.accuracy_m, edition.accuracy_m)
    landed: list[tuple[Reading, set[str]]] = [
        (reading, {kelurahan.code for kelurahan in nearby if kelurahan.distance_m <= tolerance})
        for reading, nearby in zip(candidates, around, strict=True)
    ]
    hits = [reading for reading, codes in landed if declared in codes] or [reading for reading, codes in landed if codes]
    if len(hits) != 1:
        return {}
    return {"suggestion": {"lon": hits[0].lon, "lat": hits[0].lat, "repairs": list(hits[0].repairs)}}


def stored(placement: Placement) -> dict[str, Any]:
    """The columns of a revision that hold its verdict."""
    return {
        "edition_id": placement.edition.id,
        "verdict": placement.verdict,
        "found_in": placement.kelurahan.code if placement.kelurahan else None,
        "distance_m": placement.declared.distance_m,
        "placement": placement_json(placement),
        "flags": list(placement.flags),
    }


@dataclass(frozen=True, slots=True)
class Rejudged:
    """How many revisions were looked at, and how many got another verdict or kelurahan."""

    judged: int
    changed: int


async def judge_all_again(session: WriteSession) -> Rejudged:
    """Every open and published revision that another edition has judged, against the active one, in batches of `JUDGED_AT_ONCE`.

    What changed is noted for the walidata; no declared kelurahan is ever touched.
    """
    judged = changed = 0
    after = UUID(int=0)
    while batch := await session.all(queries.BATCH_TO_JUDGE, after=after, size=JUDGED_AT_ONCE):
        edition, around = await locate(session, [Asked(row["lon"], row["lat"], row["kelurahan"]) for row in batch])
        updates: list[dict[str, Any]] = []
        changes: list[dict[str, Any]] = []
        for row, nearby in zip(batch, around, strict=True):
            update, change = _judged_again(row, nearby, edition)
            updates.append(update)
            changes += [change] if change else []
        await session.run_many(queries.JUDGE_AGAIN, updates)
        await session.run_many(queries.NOTE_CHANGE, changes)
        judged, changed, after = judged + len(batch), changed + len(changes), batch[-1]["id"]
    return Rejudged(judged, changed)


def _judged_again(row: Row, nearby: Sequence[Nearby], edition: Edition) -> tuple[dict[str, Any], dict[str, Any] | None]:
    placement = place(row["kelurahan"], nearby, tolerance_m(row["accuracy_m"], edition.accuracy_m), edition)
    if not placement.accepted and row["overridden"]:
        placement = placement._replace(flags=("override",))
    verdict = stored(placement)
    before = {"verdict": row["verdict"], "kelurahan": row["found_in"], "distance_m": row["distance_m"]}
    after = {"verdict": verdict["verdict"], "kelurahan": verdict["found_in"], "distance_m": verdict["distance_m"]}
    moved = (before["verdict"], before["kelurahan"]) != (after["verdict"], after["kelurahan"])
    # Also where nothing moved: a point beyond tolerance is either explained by its writer or marked as turned by an edition.
    turned = moved or not (placement.accepted or row["overridden"])
    flags = [*verdict["flags"], *(flag for flag in row["flags"] if flag in KEPT), *([REJUDGED] if turned else [])]
    change = {"revision": row["id"], "edition_id": edition.id, "before": before, "after": after} if moved else None
    placement_told = {**verdict["placement"], "flags": flags}
    return {**verdict, "placement": placement_told, "flags": flags, "revision": row["id"]}, change
