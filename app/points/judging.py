"""Judging where a point lies: one when it is written, all again when boundaries change."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from app.access.rights import Actor
from app.coordinates.rescue import zones_of
from app.db import Row, WriteSession
from app.errors import Conflict, Fault, Invalid, Misplaced, Unavailable
from app.geo import compass, is_position
from app.placement.edition import active_edition
from app.placement.locating import PlaceQuery, locate
from app.placement.rules import SAME_DEGREES, Edition, Nearby, Placement, declare, place, tolerance_m
from app.placement.suggesting import InCity, suggest
from app.points import queries
from app.points.personal import PERSONAL
from app.points.rules import CLOCK_AHEAD, REJUDGED, UNCONDITIONAL
from app.points.schemas import Proposal, placement_json
from app.regions import queries as regions

JUDGED_AT_ONCE = 1_000
MOST_LISTED = 100_000
"""Changes that are listed one by one; all are counted."""
Tell = Callable[[int, int], Awaitable[None]]
"""Is told how many of how many are done."""
# Flags that do not come from the boundaries.
KEPT = ("same-place", "near-duplicate", CLOCK_AHEAD, PERSONAL, UNCONDITIONAL)


async def silently(done: int, total: int) -> None:
    """Tells nobody."""


async def judge(session: WriteSession, actor: Actor, proposal: Proposal, *, point_id: UUID | None = None, draft: bool = False) -> Placement:
    """Where the point lies. `Misplaced`, with what a repair would give, unless that is believable or explained; of a draft it is
    only asked that there be a kelurahan to keep it under. The place of `point_id` that was believed before stays, whatever later boundaries
    say, with a flag for the reviewer.
    """
    if proposal.kelurahan is not None:
        proposal = proposal.saying(kelurahan=await kelurahan_of(session, actor, proposal.kelurahan))
        actor.demand_kelurahan(proposal.kelurahan or "")
    if not is_position(proposal.lon, proposal.lat):
        raise Misplaced("point-outside", members=await _suggestion(session, actor, proposal, proposal.kelurahan))
    claimed = proposal.kelurahan or (actor.kelurahan[0] if len(actor.kelurahan) == 1 else None)
    edition, (nearby,) = await locate(session, [PlaceQuery(proposal.lon, proposal.lat, claimed)])
    tolerance = tolerance_m(proposal.accuracy_m, edition.accuracy_m)
    if claimed is None and all(kelurahan.distance_m > tolerance for kelurahan in nearby):
        raise Misplaced("point-outside", members=await _suggestion(session, actor, proposal, None))
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
    members = {"placement": placement_json(placement), **await _suggestion(session, actor, proposal, declared)}
    raise _misplaced(placement, members)


async def _suggestion(session: WriteSession, actor: Actor, proposal: Proposal, declared: str | None) -> dict[str, object]:
    cities = (await regions.read_cities(session)).of([declared] if declared else actor.kelurahan)
    city = InCity(zones_of(cities.crs), cities.has)
    suggestion = await suggest(session, (proposal.lon, proposal.lat), proposal.accuracy_m, declared, city)
    return {"suggestion": suggestion._asdict() | {"repairs": list(suggestion.repairs)}} if suggestion else {}


async def _is_unmoved(session: WriteSession, point_id: UUID, declared: str, proposal: Proposal) -> bool:
    place = {"lon": proposal.lon, "lat": proposal.lat, "within": SAME_DEGREES}
    return bool(await session.value(queries.UNMOVED, point_id=point_id, kelurahan=declared, **place))


async def kelurahan_of(session: WriteSession, actor: Actor, text: str) -> str:
    """The code of the kelurahan that a point names by code or name. `Invalid`, with those that there are, where it means none."""
    if text in actor.kelurahan:
        return text
    known = await regions.directory(session)
    if (found := known.find(text, near=actor.kelurahan)) is None:
        raise Invalid(faults=[known.unknown("/properties/kelurahan", text)])
    return found.code


def _misplaced(placement: Placement, members: dict[str, object]) -> Misplaced:
    declared, found = placement.declared, placement.kelurahan
    return Misplaced(
        f"point-{placement.verdict}",
        members=members,
        declared=declared.name,
        found=found.name if found else "",
        distance=declared.distance_m,
        direction=compass(declared.bearing or 0),
    )


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
    """How many revisions were looked at, and how many got another verdict or kelurahan; of those the first `MOST_LISTED`."""

    judged: int
    changed: int
    moves: Mapping[tuple[str, str], int]
    """How many changed from which verdict to which."""
    changes: tuple["VerdictChange", ...]


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """A revision of which another edition says otherwise. `before` and `after` are verdict, kelurahan (where it lies), distance_m (from the
    declared one) and neighbour (the nearest other: code, name, distance_m; None where there is none).
    """

    revision: UUID
    point: UUID
    category: str
    state: str
    kelurahan: str
    before: dict[str, Any]
    after: dict[str, Any]


class JudgedAgain(NamedTuple):
    """What an edition says of a revision: its new columns, and the change where there is one."""

    columns: dict[str, Any]
    change: VerdictChange | None


async def judge_all_again(session: WriteSession, tell: Tell = silently) -> Rejudged:
    """Every open and published revision that another edition has judged, against the active one.

    What changed is noted for the walidata, and what has changed back unseen is no longer; no declared kelurahan is ever touched.
    """
    active = await active_edition(session)
    if active is None:
        raise Unavailable("no-edition")

    async def store(verdicts: Sequence[JudgedAgain]) -> None:
        await session.run_many(queries.JUDGE_AGAIN, [verdict.columns for verdict in verdicts])
        await session.run_many(queries.NOTE_CHANGE, [_note(verdict.change, active.id) for verdict in verdicts if verdict.change])

    judged = await judge_by(session, active.id, store=store, tell=tell)
    await session.run(queries.SETTLE_TURNED_BACK)
    return judged


async def judge_by(
    session: WriteSession,
    edition_id: int,
    *,
    store: Callable[[Sequence[JudgedAgain]], Awaitable[None]] | None = None,
    tell: Tell = silently,
) -> Rejudged:
    """What the edition says of every open and published revision that another one has judged, in batches of `JUDGED_AT_ONCE`, each of which
    is given to `store`; without it nothing is written. `Conflict` where the edition lacks a kelurahan that has points.
    """
    if lacking := await session.all(queries.UNBOUNDED, edition_id=edition_id):
        raise Conflict("edition-lacks-kelurahan", number=len(lacking), codes=", ".join(row["kelurahan"] for row in lacking[:10]))
    total: int = await session.value(queries.NUMBER_TO_JUDGE, edition_id=edition_id)
    judged, moves, changes, after = 0, Counter[tuple[str, str]](), list[VerdictChange](), UUID(int=0)
    while batch := await session.all(queries.BATCH_TO_JUDGE, edition_id=edition_id, after=after, size=JUDGED_AT_ONCE):
        edition, around = await locate(session, [PlaceQuery(row["lon"], row["lat"], row["kelurahan"]) for row in batch], edition_id)
        verdicts = [_judged_again(row, nearby, edition) for row, nearby in zip(batch, around, strict=True)]
        if store is not None:
            await store(verdicts)
        found = [verdict.change for verdict in verdicts if verdict.change]
        changes += found[: MOST_LISTED - len(changes)]
        moves.update((change.before["verdict"], change.after["verdict"]) for change in found)
        judged, after = judged + len(batch), batch[-1]["id"]
        await tell(judged, max(total, judged))
    return Rejudged(judged, moves.total(), moves, tuple(changes))


def _judged_again(row: Row, nearby: Sequence[Nearby], edition: Edition) -> JudgedAgain:
    placement = place(row["kelurahan"], nearby, tolerance_m(row["accuracy_m"], edition.accuracy_m), edition)
    if not placement.accepted and row["overridden"]:
        placement = placement._replace(flags=("override",))
    columns = stored(placement)
    moved = (row["verdict"], row["found_in"]) != (columns["verdict"], columns["found_in"])
    # Also where nothing moved: a point beyond tolerance is either explained by its writer or marked as turned by an edition.
    turned = moved or not (placement.accepted or row["overridden"])
    flags = [*columns["flags"], *(flag for flag in row["flags"] if flag in KEPT), *([REJUDGED] if turned else [])]
    columns = {**columns, "placement": {**columns["placement"], "flags": flags}, "flags": flags, "revision": row["id"]}
    return JudgedAgain(columns, _change(row, columns) if moved else None)


def _change(row: Row, columns: dict[str, Any]) -> VerdictChange:
    neighbours = columns["placement"]["neighbours"]
    after = {**columns, "neighbour": neighbours[0] if neighbours else None}
    before, after = (
        {"verdict": one["verdict"], "kelurahan": one["found_in"], "distance_m": one["distance_m"], "neighbour": one["neighbour"]}
        for one in (row, after)
    )
    return VerdictChange(row["id"], row["point_id"], row["category"], row["state"], row["kelurahan"], before, after)


def _note(change: VerdictChange, edition_id: int) -> dict[str, object]:
    before, after = ({name: one[name] for name in ("verdict", "kelurahan", "distance_m")} for one in (change.before, change.after))
    return {"revision": change.revision, "edition_id": edition_id, "before": before, "after": after}
