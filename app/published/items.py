"""Pages and single items as everybody asks for them: all of a collection, those of a kelurahan, those in a box. One fixed statement each
for either half, which gives ready-made fragments. What else can be asked: `selection.py`.
"""

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from app.db import ReadSession
from app.errors import NotFound
from app.geo import LAT_BITS, LON_BITS, Bbox, place_ranges, place_sides, split_at_antimeridian
from app.published.catalogue import POINTS, Half
from app.statement import Statement

MAX_LIMIT = 10_000
DEFAULT_LIMIT = 10
COUNTED = 250
"""So many matches of a box or of an indexed filter are counted beside its first page: a tenth of the page's time (benchmarks/counts.py)."""
FIRST = UUID(int=0)
_BITS = ("west_bits", "south_bits", "east_bits", "north_bits")


class Place(NamedTuple):
    """Where a page begins: behind this item, in the order of places, which is that of all pages."""

    place: int
    id: UUID


START = Place(-1, FIRST)


@dataclass(frozen=True, slots=True)
class PageQuery:
    """One page: all of a collection, of a kelurahan, or in a box."""

    half: Half
    collection: str
    limit: int = DEFAULT_LIMIT
    bbox: Bbox | None = None
    kelurahan: str | None = None
    after: Place = START


class Page(NamedTuple):
    """Fragments joined by commas, their number, where the next page begins (None: this is the last), and how many there are in all
    (None: not counted).
    """

    features: bytes
    number: int
    following: Place | None
    matched: int | None = None


def _of_both(sql: str) -> dict[tuple[Half, bool], Statement]:
    """The statement for each half and for each kind of collection: a category, or all of them with their common properties."""
    halves: tuple[Half, ...] = ("published", "internal")
    texts = {
        False: sql.replace("{category}", "i.category = :collection AND")
        .replace("{behind}", _BEHIND_OF_ONE)
        .replace("{feature}", "i.feature"),
        True: sql.replace("{category}", "")
        .replace("{behind}", _BEHIND)
        .replace("{feature}", "left(i.feature, i.common_length) || i.common_tail"),
    }
    return {(half, is_points): Statement(text.replace("{half}", half)) for half in halves for is_points, text in texts.items()}


_AFTER = "(i.place, i.id) > (CAST(:after_place AS bigint), CAST(:after AS uuid))"
_BEHIND = f"{_AFTER} ORDER BY i.place, i.id"
# Both ends of what is read of the index are said, and its own order: with `category = …`, which is no order, the index of all places would
# look as good where it is planned for any category, and the first page of a rare one be looked for among all that lies before it.
_BEHIND_OF_ONE = """
    i.category <= :collection AND (i.category, i.place, i.id) > (:collection, CAST(:after_place AS bigint), CAST(:after AS uuid))
    ORDER BY i.category, i.place, i.id
"""
# Rows, not one text: for PostgreSQL to join a page costs more than all else that it does for it (docs/adr/0046).
_ROW = "{feature} AS feature, i.place, i.id"
_ALL = _of_both(f"SELECT {_ROW} FROM {{half}}.item i WHERE {{behind}} LIMIT CAST(:scan AS int)")  # noqa: S608 - constants, joined at import
_BY_KELURAHAN = _of_both(f"""
    SELECT {_ROW}, (SELECT coalesce(sum(i.number), 0)::bigint FROM {{half}}.kelurahan_total i WHERE {{category}} i.kelurahan = :kelurahan) AS matched
      FROM {{half}}.item i WHERE {{category}} i.kelurahan = :kelurahan AND {_BEHIND} LIMIT CAST(:scan AS int)
""")  # noqa: S608
# A box is some ranges of places. They are walked in order, each along the index, until there are enough: that takes as long for a box
# with a million points as for one with a thousand, and never looks at what lies far from it. The nested loop keeps the order of the ranges.
# What a range has beside the box is told by the bits of its place; where it truly lies is asked only of what those leave open.
# Not (place, id) > (…): an index would be entered there, and walked from there to the range.
_WITHIN = f"""
    (i.place & {LAT_BITS}) BETWEEN CAST(:south_bits AS bigint) AND CAST(:north_bits AS bigint)
    AND ((i.place & {LON_BITS}) BETWEEN CAST(:west_bits AS bigint) AND CAST(:east_bits AS bigint)
         OR CAST(:west AS float8) > CAST(:east AS float8))
    AND (((i.place & {LAT_BITS}) > :south_bits AND (i.place & {LAT_BITS}) < :north_bits) OR {{lat}} BETWEEN CAST(:south AS float8) AND CAST(:north AS float8))
    AND (((i.place & {LON_BITS}) > :west_bits AND (i.place & {LON_BITS}) < :east_bits) OR {{lon}} BETWEEN :west AND :east
         OR (:west > :east AND ({{lon}} >= :west OR {{lon}} <= :east)))
"""
_IN_BOX = _WITHIN.replace("{lat}", "ST_Y(i.geom)").replace("{lon}", "ST_X(i.geom)")
# The index alone tells of nearly all whether they lie in the box; the few on its edge are looked at.
_COUNTED_IN_BOX = _WITHIN.replace("{lat}", "(SELECT ST_Y(e.geom) FROM {half}.item e WHERE e.id = i.id)").replace(
    "{lon}", "(SELECT ST_X(e.geom) FROM {half}.item e WHERE e.id = i.id)"
)
# Counted where there is more than the page shows: the row behind it asks for the number, which is found then and not before.
_BY_PLACE = _of_both(f"""
    SELECT f.feature, f.place, f.id,
           CASE WHEN f.n > :limit AND CAST(:countable AS int) > 0 THEN (
             SELECT count(*)
               FROM (SELECT
                       FROM unnest(CAST(:lows AS bigint[]), CAST(:highs AS bigint[])) AS range (low, high)
                      CROSS JOIN LATERAL (SELECT i.place, i.id FROM {{half}}.item i
                                           WHERE {{category}} i.place BETWEEN range.low AND range.high OFFSET 0) i
                      WHERE {_COUNTED_IN_BOX} LIMIT CAST(:countable AS int)) counted
           ) END AS matched
      FROM (SELECT s.*, row_number() OVER () AS n
              FROM unnest(CAST(:lows AS bigint[]), CAST(:highs AS bigint[])) AS range (low, high)
              CROSS JOIN LATERAL (
                SELECT {_ROW}
                  FROM {{half}}.item i
                 WHERE {{category}} i.place BETWEEN range.low AND range.high AND (i.place > :after_place OR i.id > :after) AND {_IN_BOX}
                 ORDER BY i.place, i.id LIMIT CAST(:scan AS int)) s
             LIMIT CAST(:scan AS int)) f
""")  # noqa: S608
_NUMBER_OF_KELURAHAN = _of_both(
    "SELECT coalesce(sum(i.number), 0)::bigint FROM {half}.kelurahan_total i WHERE {category} i.kelurahan = :kelurahan"
)
_ONE = _of_both("SELECT {feature} AS feature, i.version FROM {half}.item i WHERE {category} i.id = :id")


async def page(session: ReadSession, query: PageQuery, total: int) -> Page:
    """A page of a collection that is known to exist and has `total` items altogether."""
    kind = (query.half, query.collection == POINTS)
    common: dict[str, object] = {"after_place": query.after.place, "after": query.after.id, "scan": query.limit + 1}
    if query.collection != POINTS:
        common["collection"] = query.collection
    is_first = query.after == START
    if query.bbox:
        ranges = _ranges(query.bbox, query.after.place)
        bits = dict(zip(_BITS, place_sides(query.bbox), strict=True))
        lows, highs = [low for low, _ in ranges], [high for _, high in ranges]
        countable = COUNTED + 1 if is_first else 0
        rows = await session.all(
            _BY_PLACE[kind], **common, **query.bbox._asdict(), **bits, limit=query.limit, lows=lows, highs=highs, countable=countable
        )
        counted = rows[-1]["matched"] if len(rows) > query.limit else len(rows) if is_first else None
        matched = counted if counted is not None and counted <= max(COUNTED, query.limit) else None
    elif query.kelurahan is not None:
        rows = await session.all(_BY_KELURAHAN[kind], **common, kelurahan=query.kelurahan)
        matched = rows[0]["matched"] if rows else 0 if is_first else None
    else:
        rows = await session.all(_ALL[kind], **common)
        matched = total
    shown = rows[: query.limit]
    following = Place(shown[-1]["place"], shown[-1]["id"]) if len(rows) > query.limit else None
    return Page(",".join([row["feature"] for row in shown]).encode(), len(shown), following, matched)


async def number(session: ReadSession, half: Half, collection: str, kelurahan: str) -> int:
    """How many items of a collection a kelurahan has."""
    is_points = collection == POINTS
    named = {"kelurahan": kelurahan} if is_points else {"kelurahan": kelurahan, "collection": collection}
    return int(await session.value(_NUMBER_OF_KELURAHAN[half, is_points], **named))


def _ranges(bbox: Bbox, after: int) -> list[tuple[int, int]]:
    return sorted(one for box in split_at_antimeridian(bbox) for one in place_ranges(box, max(after, 0)))


async def one(session: ReadSession, half: Half, collection: str, item: UUID) -> tuple[str, int]:
    """The Feature as text, and its version. `NotFound` where it is not published in this collection."""
    is_points = collection == POINTS
    named: dict[str, object] = {"id": item} if is_points else {"id": item, "collection": collection}
    row = await session.first(_ONE[half, is_points], **named)
    if row is None:
        raise NotFound("item-unknown")
    return row["feature"], row["version"]
