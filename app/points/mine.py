"""What somebody looks after: every point of some kelurahan, by what there is to do about it, those that have waited longest first."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple, TypedDict, get_args
from uuid import UUID

from app.access.rights import Actor
from app.audit.record import Action
from app.db import WriteSession
from app.errors import BadRequest, Fault, NotFound
from app.points.noun import POINT
from app.regions import queries as regions
from app.statement import Statement

Standing = Literal["returned", "draft", "published", "submitted", "ended"]
"""What there is to do: to correct, to go on with, to look at again, nothing yet, nothing any more."""
STANDINGS: tuple[Standing, ...] = get_args(Standing)
DUE_AFTER = timedelta(days=365)
"""So long after it was verified somebody should look at a point again."""
_MOST_WORDS = 10

# What only says that a point is still there leaves it as published as it is.
STANDING = f"""CASE WHEN r.state = 'submitted' AND {POINT.queue.kind} = 'confirm' THEN 'published'
                     WHEN r.state IN ('draft', 'submitted', 'returned') THEN r.state
                     WHEN r.state = 'published' AND p.status IN ('active', 'inactive') THEN 'published' ELSE 'ended' END"""
# Of what is public or waits, what other boundaries have turned and nobody has seen yet, the newest first.
_TURNED = """
    SELECT c.before, c.after FROM titik.revision t JOIN titik.placement_change c ON c.revision_id = t.id
     WHERE t.point_id = p.id AND t.state IN ('submitted', 'published') AND c.seen_at IS NULL
"""
# Since when it stands like that: what was published is as old as its verification.
SINCE = "CASE WHEN r.state = 'published' THEN r.decided_at ELSE coalesce(r.decided_at, r.created_at) END"
NEWEST = """
      FROM titik.point p
      JOIN LATERAL (SELECT n.* FROM titik.revision n
                     WHERE n.point_id = p.id AND n.state IN ('draft', 'submitted', 'returned', 'published', 'unpublished')
                     ORDER BY n.number DESC LIMIT 1) r ON true
"""
_MATCHING = f"""
    SELECT p.id, r.id AS revision, {STANDING} AS standing, {SINCE} AS since
    {NEWEST}
     WHERE p.kelurahan = ANY (CAST(:kelurahan AS text[]))
       AND (CAST(:category AS text) IS NULL OR p.category = CAST(:category AS text))
       AND (NOT CAST(:is_own AS bool) OR r.held_by = CAST(:account_id AS int))
       AND NOT EXISTS (SELECT FROM unnest(CAST(:words AS text[])) word WHERE strpos(titik.folded(concat_ws(' ', r.name, r.address)), word) = 0)
       AND (NOT CAST(:is_turned AS bool) OR EXISTS ({_TURNED}))
"""  # noqa: S608 - constants, joined at import
_SHOWN = f"""
    p.id AS point, p.category, p.status, r.id AS revision, r.number AS version, r.state, r.name, r.address, r.rw, r.rt, r.kelurahan,
    k.name AS kelurahan_name, h.name AS held_by, r.created_at, r.reason, r.decision_reason, r.ended_reason,
    CASE WHEN r.state = 'submitted' THEN {POINT.queue.kind} END AS kind,
    (SELECT v.decided_at FROM titik.revision v WHERE v.point_id = p.id AND v.state = 'published') AS verified_at,
    (SELECT count(*) FROM titik.photo f WHERE f.point_id = p.id) AS photos,
    (SELECT jsonb_build_object('before', turned.before, 'after', turned.after) FROM ({_TURNED} ORDER BY c.id DESC LIMIT 1) turned) AS turned
"""  # noqa: S608


class MyPointRow(TypedDict):
    """A point with its newest revision. `reason`: for which it is to be closed; `kind`: of a revision in review; `verified_at`: of what is public
    of it; `turned`: what other boundaries have made of its place (verdict, kelurahan, distance_m, `before` and `after`), until a walidata has seen it.
    """

    point: UUID
    standing: str
    since: datetime
    category: str
    status: str
    revision: UUID
    version: int
    state: str
    name: str
    address: str | None
    rw: str | None
    rt: str | None
    kelurahan: str
    kelurahan_name: str
    held_by: str
    created_at: datetime
    reason: str | None
    decision_reason: str | None
    ended_reason: str | None
    kind: str | None
    verified_at: datetime | None
    photos: int
    turned: dict[str, dict[str, Any]] | None


class StandingRow(TypedDict):
    """`due`: how many of them were verified long ago."""

    standing: str
    number: int
    due: int


COUNTS = Statement[StandingRow](f"""
    SELECT m.standing, count(*) AS number, count(*) FILTER (WHERE m.standing = 'published' AND m.since < now() - CAST(:due_after AS interval)) AS due
      FROM ({_MATCHING}) m GROUP BY m.standing
""")  # noqa: S608 - constants, joined at import
PAGE = Statement[MyPointRow](f"""
    WITH page AS MATERIALIZED (
        SELECT m.* FROM ({_MATCHING}) m
         WHERE m.standing = CAST(:standing AS text)
           AND (CAST(:after AS uuid) IS NULL OR (m.since, m.id) > (CAST(:after_since AS timestamptz), CAST(:after AS uuid)))
         ORDER BY m.since, m.id LIMIT CAST(:limit AS int) + 1
    )
    SELECT page.standing, page.since, {_SHOWN}
      FROM page
      JOIN titik.point p ON p.id = page.id
      JOIN titik.revision r ON r.id = page.revision
      JOIN titik.region k ON k.code = r.kelurahan
      JOIN titik.account h ON h.id = r.held_by
     ORDER BY page.since, page.id
""")  # noqa: S608
ONE = Statement[MyPointRow](f"""
    SELECT {STANDING} AS standing, {SINCE} AS since, {_SHOWN}
    {NEWEST}
      JOIN titik.region k ON k.code = r.kelurahan
      JOIN titik.account h ON h.id = r.held_by
     WHERE p.id = :point_id
""")


class MineQuery(NamedTuple):
    """`kelurahan`: one of those that somebody writes for, None: all of them; `is_own`: only what they hold themselves; `is_turned`: only what other
    boundaries have turned.
    """

    kelurahan: str | None = None
    category: str | None = None
    is_own: bool = False
    words: tuple[str, ...] = ()
    is_turned: bool = False


class MyPoints(NamedTuple):
    """`counts` and `due`: of all that match, whatever stands on the page; `last`: behind what the next page begins."""

    standing: Standing
    rows: Sequence[MyPointRow]
    counts: dict[str, int]
    due: int
    last: tuple[datetime, UUID] | None


async def read_mine(
    session: WriteSession, actor: Actor, query: MineQuery, standing: str | None, after: tuple[datetime, UUID] | None, limit: int
) -> MyPoints:
    """The points of one standing; where none is named, of the first that has any. `BadRequest` for a standing or a kelurahan that there is
    not, `Forbidden` for one that is not theirs. Whoever writes for all kelurahan sees those of the one that they name.
    """
    actor.demand(Action.POINT_READ_WORK)
    if standing not in (None, *STANDINGS):
        raise BadRequest(faults=[Fault("state", "not-one-of", {"expected": ", ".join(STANDINGS)})])
    if len(query.words) > _MOST_WORDS:
        raise BadRequest(faults=[Fault("q", "list-too-long", {"expected": _MOST_WORDS})])
    code = await regions.code_of_parameter(session, query.kelurahan)
    if code is not None:
        actor.demand_kelurahan(code)
    values: dict[str, Any] = {
        "kelurahan": [code] if code else list(actor.kelurahan), "category": query.category, "is_own": query.is_own, "account_id": actor.id,
        "words": list(query.words), "is_turned": query.is_turned,
    }  # fmt: skip
    rows = await session.all(COUNTS, **values, due_after=DUE_AFTER)
    counts = {row["standing"]: row["number"] for row in rows}
    chosen: Standing = next((one for one in STANDINGS if one == standing or (standing is None and counts.get(one))), "published")
    since, last = after or (None, None)
    found = await session.all(PAGE, **values, standing=chosen, after_since=since, after=last, limit=limit)
    end = found[limit - 1] if len(found) > limit else None
    return MyPoints(chosen, found[:limit], counts, sum(row["due"] for row in rows), (end["since"], end["point"]) if end else None)


async def read_one(session: WriteSession, actor: Actor, point_id: UUID) -> MyPointRow:
    """A point that somebody may write. `NotFound` where there is none in sight, `Forbidden` where its kelurahan is not theirs."""
    actor.demand(Action.POINT_READ_WORK)
    row = await session.first(ONE, point_id=point_id)
    if row is None:
        raise NotFound("point-unknown")
    actor.demand_kelurahan(row["kelurahan"])
    return row
