"""Pages and single items as everybody asks for them: all of a collection, those of a kelurahan, those in a box. One fixed statement each
for either half, ready-made fragments joined by PostgreSQL. What else can be asked: `selection.py`.
"""

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from app.db import ReadSession, Statement
from app.errors import NotFound
from app.geo import LAT_BITS, LON_BITS, Bbox, place_ranges, place_sides, split_at_antimeridian
from app.published.catalogue import POINTS, Half

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
        .replace("{after}", _AFTER_OF_ONE)
        .replace("{feature}", "f.feature"),
        True: sql.replace("{category}", "")
        .replace("{after}", _AFTER)
        .replace("{feature}", "left(f.feature, f.common_length) || f.common_tail"),
    }
    return {(half, is_points): Statement(text.replace("{half}", half)) for half in halves for is_points, text in texts.items()}


# Of each hit only where it stands is remembered; the fragments of the page alone are fetched, by that.
_JOINED = """
    SELECT convert_to(coalesce(string_agg({feature}, ',' ORDER BY h.n), ''), 'UTF8') AS features, (SELECT count(*) FROM hit) AS number,
           max(h.place) FILTER (WHERE h.n = :limit) AS place, (array_agg(h.id) FILTER (WHERE h.n = :limit))[1] AS id
"""
_OF_PAGE = "FROM hit h JOIN {half}.item f ON f.ctid = h.ctid WHERE h.n <= :limit"
_AFTER = "(i.place, i.id) > (CAST(:after_place AS bigint), CAST(:after AS uuid))"
# The category is said once more, so that no index without it serves: planned for any category, the index of all places looks as good, and
# with it the first page of a rare category would be looked for among all that lies before it.
_AFTER_OF_ONE = "(i.category, i.place, i.id) > (:collection, CAST(:after_place AS bigint), CAST(:after AS uuid))"
_ALL = _of_both(f"""
    WITH hit AS MATERIALIZED (
        SELECT i.ctid, i.id, i.place, row_number() OVER (ORDER BY i.place, i.id) AS n
          FROM {{half}}.item i WHERE {{category}} {{after}} ORDER BY i.place, i.id LIMIT CAST(:scan AS int)
    ) {_JOINED} {_OF_PAGE}
""")  # noqa: S608 - constants, joined at import
_BY_KELURAHAN = _of_both(f"""
    WITH hit AS MATERIALIZED (
        SELECT i.ctid, i.id, i.place, row_number() OVER (ORDER BY i.place, i.id) AS n
          FROM {{half}}.item i WHERE {{category}} i.kelurahan = :kelurahan AND {_AFTER} ORDER BY i.place, i.id LIMIT CAST(:scan AS int)
    ) {_JOINED}, (SELECT coalesce(sum(i.number), 0)::bigint FROM {{half}}.kelurahan_total i WHERE {{category}} i.kelurahan = :kelurahan) AS matched
      {_OF_PAGE}
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
_BY_PLACE = _of_both(f"""
    SELECT convert_to(coalesce(string_agg({{feature}}, ',') FILTER (WHERE f.n <= :limit), ''), 'UTF8') AS features, count(*) AS number,
           max(f.place) FILTER (WHERE f.n = :limit) AS place, (array_agg(f.id) FILTER (WHERE f.n = :limit))[1] AS id,
           CASE WHEN count(*) > :limit AND CAST(:countable AS int) > 0 THEN (
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
                SELECT i.id, i.place, i.feature, i.common_length, i.common_tail
                  FROM {{half}}.item i
                 WHERE {{category}} i.place BETWEEN range.low AND range.high AND (i.place > :after_place OR i.id > :after) AND {_IN_BOX}
                 ORDER BY i.place, i.id LIMIT CAST(:scan AS int)) s
             LIMIT CAST(:scan AS int)) f
""")  # noqa: S608
_NUMBER_OF_KELURAHAN = _of_both(
    "SELECT coalesce(sum(i.number), 0)::bigint FROM {half}.kelurahan_total i WHERE {category} i.kelurahan = :kelurahan"
)
_ONE = _of_both("""
    SELECT {feature} AS feature, f.version FROM {half}.item f, LATERAL (SELECT f.*) i WHERE {category} f.id = :id
""")


async def page(session: ReadSession, query: PageQuery, total: int) -> Page:
    """A page of a collection that is known to exist and has `total` items altogether."""
    kind = (query.half, query.collection == POINTS)
    common: dict[str, object] = {
        "after_place": query.after.place, "after": query.after.id, "limit": query.limit, "scan": query.limit + 1
    }  # fmt: skip
    if query.collection != POINTS:
        common["collection"] = query.collection
    is_first = query.after == START
    if query.bbox:
        ranges = _ranges(query.bbox, query.after.place)
        bits = dict(zip(_BITS, place_sides(query.bbox), strict=True))
        lows, highs = [low for low, _ in ranges], [high for _, high in ranges]
        countable = COUNTED + 1 if is_first else 0
        row = await session.one(_BY_PLACE[kind], **common, **query.bbox._asdict(), **bits, lows=lows, highs=highs, countable=countable)
        counted = row["number"] if is_first and row["number"] <= query.limit else row["matched"]
        matched = counted if counted is not None and counted <= max(COUNTED, query.limit) else None
    elif query.kelurahan is not None:
        row = await session.one(_BY_KELURAHAN[kind], **common, kelurahan=query.kelurahan)
        matched = row["matched"]
    else:
        row = await session.one(_ALL[kind], **common)
        matched = total
    number = min(row["number"], query.limit)
    following = Place(row["place"], row["id"]) if row["number"] > query.limit else None
    return Page(row["features"], number, following, matched)


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
