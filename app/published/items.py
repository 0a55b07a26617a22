"""Pages and single items of the public half: one statement each, ready-made fragments joined by PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from app.db import ReadSession, Statement
from app.errors import NotFound
from app.geo import Bbox, split_at_antimeridian

MAX_LIMIT = 10_000
DEFAULT_LIMIT = 10
FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True)
class ItemsQuery:
    """One page of one collection, parsed. `after` is the id of the last item of the page before."""

    category: str
    limit: int = DEFAULT_LIMIT
    bbox: Bbox | None = None
    kelurahan: str | None = None
    after: UUID = FIRST


class Page(NamedTuple):
    """Fragments joined by commas, their number, and the id that the next page begins after (None: this is the last)."""

    features: str
    number: int
    next_after: UUID | None


# One fixed text per combination of conditions, so that each keeps a plan of its own. A page asks for one row more than it shows,
# to know whether there is a next; that row's fragment is not joined.
_BY_ID = Statement("""
    SELECT string_agg(feature, ',' ORDER BY id) FILTER (WHERE place <= :limit) AS features, count(*) AS number,
           (array_agg(id ORDER BY id) FILTER (WHERE place = :limit))[1] AS last
      FROM (SELECT id, feature, row_number() OVER (ORDER BY id) AS place
              FROM published.item WHERE category = :category AND id > :after
             ORDER BY id LIMIT CAST(:limit AS int) + 1) page
""")

_BY_KELURAHAN = Statement("""
    SELECT string_agg(feature, ',' ORDER BY id) FILTER (WHERE place <= :limit) AS features, count(*) AS number,
           (array_agg(id ORDER BY id) FILTER (WHERE place = :limit))[1] AS last
      FROM (SELECT id, feature, row_number() OVER (ORDER BY id) AS place
              FROM published.item WHERE category = :category AND kelurahan = :kelurahan AND id > :after
             ORDER BY id LIMIT CAST(:limit AS int) + 1) page
""")

# MATERIALIZED: otherwise a box with many matches makes the planner walk the primary key past all that lies outside it.
_BY_BOX = Statement("""
    WITH hit AS MATERIALIZED (
        SELECT id, feature FROM published.item
         WHERE category = :category AND id > :after AND (CAST(:kelurahan AS text) IS NULL OR kelurahan = :kelurahan)
           AND geom && ANY (ARRAY(
                SELECT ST_MakeEnvelope(box.west, box.south, box.east, box.north, 4326)
                  FROM unnest(CAST(:west AS float8[]), CAST(:south AS float8[]), CAST(:east AS float8[]), CAST(:north AS float8[]))
                       AS box (west, south, east, north)))
    )
    SELECT string_agg(feature, ',' ORDER BY id) FILTER (WHERE place <= :limit) AS features, count(*) AS number,
           (array_agg(id ORDER BY id) FILTER (WHERE place = :limit))[1] AS last
      FROM (SELECT id, feature, row_number() OVER (ORDER BY id) AS place FROM hit ORDER BY id LIMIT CAST(:limit AS int) + 1) page
""")

_ONE = Statement("SELECT feature, version FROM published.item WHERE category = :category AND id = :id")


async def page(session: ReadSession, query: ItemsQuery) -> Page:
    """The items of a collection by id; the category is known to exist."""
    common = {"category": query.category, "after": query.after, "limit": query.limit}
    if query.bbox is not None:
        boxes: Sequence[Bbox] = split_at_antimeridian(query.bbox)
        sides = {side: [getattr(box, side) for box in boxes] for side in Bbox._fields}
        row = await session.one(_BY_BOX, **common, **sides, kelurahan=query.kelurahan)
    elif query.kelurahan is not None:
        row = await session.one(_BY_KELURAHAN, **common, kelurahan=query.kelurahan)
    else:
        row = await session.one(_BY_ID, **common)
    more = row["number"] > query.limit
    return Page(row["features"] or "", min(row["number"], query.limit), row["last"] if more else None)


async def one(session: ReadSession, category: str, item: UUID) -> tuple[str, int]:
    """The Feature as text, and its version. `NotFound` where it is not published in this collection."""
    row = await session.first(_ONE, category=category, id=item)
    if row is None:
        raise NotFound("item-unknown")
    return row["feature"], row["version"]
