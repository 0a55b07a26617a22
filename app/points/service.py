"""Points change here: submitting a new one, judging all again when boundaries change."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from app.accounts.rights import Actor
from app.audit import Action
from app.boundaries.queries import Asked, locate
from app.categories import queries as categories
from app.categories.rules import Category
from app.coordinates.rescue import Reading, readings
from app.db import Row, WriteSession
from app.errors import Conflict, Fault, Invalid, Misplaced
from app.geo import compass, is_position
from app.points import queries
from app.points.identity import uuid7
from app.points.likeness import look_alike
from app.points.rules import Edition, Nearby, Placement, declare, place, tolerance_m
from app.points.schemas import Proposal, placement_json, work_feature

JUDGED_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Submitted:
    """`created` is False when the same point had been submitted before, and nothing was stored."""

    feature: dict[str, Any]
    created: bool


async def submit(session: WriteSession, actor: Actor, proposal: Proposal) -> Submitted:
    """A new point goes to review.

    `Forbidden` for a foreign kelurahan, `Invalid` for its content, `Misplaced` where it lies beyond tolerance without
    a reason, `Conflict` where its id belongs to another point or other content.
    """
    actor.demand(Action.POINT_SUBMIT)
    if proposal.id is not None and (earlier := await _same_again(session, proposal, proposal.id)):
        return earlier
    category = await categories.get(session, proposal.category, actor.categories)
    name = _checked_name(category, proposal)
    placement = await _judged(session, actor, proposal)
    point_id = proposal.id or uuid7()
    revision: dict[str, Any] = {
        "point_id": point_id,
        "revision": uuid7(),
        "category": proposal.category,
        "kelurahan": placement.declared.code,
        "lon": proposal.lon,
        "lat": proposal.lat,
        "accuracy_m": proposal.accuracy_m,
        "method": proposal.method,
        "captured_at": proposal.captured_at,
        "name": name,
        "address": proposal.address,
        "rw": proposal.rw,
        "rt": proposal.rt,
        "attributes": proposal.attributes,
        "override_reason": proposal.override_reason,
        "content_sha256": proposal.content_sha256,
    }
    alike = await look_alike(session, category, revision, confirmed=proposal.confirm_not_duplicate)
    placement = replace(placement, flags=(*placement.flags, *alike))
    revision |= _stored(placement)
    detail = {"point": str(point_id), "category": proposal.category, "verdict": placement.verdict}
    recorded = {"account_id": actor.id, "action": Action.POINT_SUBMIT.value, "detail": detail}
    if not await queries.store_new(session, {**revision, **recorded}):
        # Somebody was faster with this id: the same phone trying again, or a stranger.
        if earlier := await _same_again(session, proposal, point_id):
            return earlier
        raise Conflict("id-taken")
    return Submitted(work_feature(_as_read(revision, placement)), created=True)


async def _same_again(session: WriteSession, proposal: Proposal, point_id: UUID) -> Submitted | None:
    """The answer to a retry, or nothing where the point is new to the actor. `Conflict` where the content is other."""
    row = await session.first(queries.FIRST, point_id=point_id)
    if row is None:
        return None
    if row["content_sha256"] != proposal.content_sha256:
        raise Conflict("id-taken")
    return Submitted(work_feature(row), created=False)


def _checked_name(category: Category, proposal: Proposal) -> str:
    """The name, made from the category's template where none was sent. `Invalid` with every fault of the content."""
    missing = [Fault(f"/properties/{field}", "value-missing") for field in category.required if getattr(proposal, field) is None]
    faults = [*missing, *category.faults(proposal.attributes)]
    if faults:
        raise Invalid(faults=faults)
    if proposal.name is not None:
        return proposal.name
    return (category.name_template or "").format(rt=proposal.rt, rw=proposal.rw)


async def _judged(session: WriteSession, actor: Actor, proposal: Proposal) -> Placement:
    """Where the point lies. `Misplaced`, with what a repair would give, unless that is believable or explained."""
    if proposal.kelurahan is not None:
        actor.demand_kelurahan(proposal.kelurahan)
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
        raise Invalid(faults=[Fault("/properties/kelurahan", "kelurahan-unknown")]) from None
    if placement.accepted:
        return placement
    if proposal.override_reason is not None:
        return replace(placement, flags=("override",))
    members = {"placement": placement_json(placement), **await _suggestion(session, proposal, declared)}
    raise _misplaced(placement, members)


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
    candidates = [reading for reading in readings(proposal.lon, proposal.lat) if reading.repairs]
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


def _stored(placement: Placement) -> dict[str, Any]:
    """The columns of a revision that hold its verdict."""
    return {
        "edition_id": placement.edition.id,
        "verdict": placement.verdict,
        "found_in": placement.kelurahan.code if placement.kelurahan else None,
        "distance_m": placement.declared.distance_m,
        "placement": placement_json(placement),
        "flags": list(placement.flags),
    }


def _as_read(revision: dict[str, Any], placement: Placement) -> dict[str, Any]:
    """What `queries.newest` would read of a revision just stored, without asking again."""
    return {
        **revision,
        "version": 1,
        "state": "submitted",
        "status": "active",
        "kelurahan_name": placement.declared.name,
        "kecamatan": placement.declared.kecamatan,
        "verified_at": None,
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
        placement = replace(placement, flags=("override",))
    stored = _stored(placement)
    before = {"verdict": row["verdict"], "kelurahan": row["found_in"], "distance_m": row["distance_m"]}
    after = {"verdict": stored["verdict"], "kelurahan": stored["found_in"], "distance_m": stored["distance_m"]}
    moved = (before["verdict"], before["kelurahan"]) != (after["verdict"], after["kelurahan"])
    # Also where nothing moved: a point beyond tolerance is either explained by its writer or marked as turned by an edition.
    turned = moved or not (placement.accepted or row["overridden"])
    flags = [*stored["flags"], *(["same-place"] if "same-place" in row["flags"] else []), *(["rejudged"] if turned else [])]
    change = {"revision": row["id"], "edition_id": edition.id, "before": before, "after": after} if moved else None
    return {**stored, "flags": flags, "revision": row["id"]}, change
