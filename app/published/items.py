"""Pages and single items as everybody asks for them: all of a collection, those of a kelurahan, those in a box. One fixed statement each
for either half, ready-made fragments joined by PostgreSQL. What else can be asked: `selection.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from app.db import ReadSession, Statement
from app.errors import NotFound
from app.geo import LAT_BITS, LON_BITS, Bbox, place_ranges, place_sides, split_at_antimeridian
from app.published.catalogue import POINTS, Half

MAX_LIMIT = 10_000
DEFAULT_LIMIT = 10
FIRST = UUID(int=0)
_BITS = ("west_bits", "south_bits", "east_bits", "north_bits")


class Place(NamedTuple):
    """Where a page begins: behind this item. `place` is 0 in the order of ids."""

    place: int
    id: UUID


START = Place(-1, FIRST)


@dataclass(frozen=True, slots=True)
class PageQuery:
    """One page: all of a collection, of a kelurahan, or in a box (and then in the order of places)."""

    half: Half
    collection: str
    limit: int = DEFAULT_LIMIT
    bbox: Bbox | None = None
    kelurahan: str | None = None
    after: Place = START

    @property
    def is_by_place(self) -> bool:
        """Of a kelurahan there are few enough to look at all of them in the order of their ids."""
        return self.bbox is not None and self.kelurahan is None


class Page(NamedTuple):
    """Fragments joined by commas, their number, where the next page begins (None: this is the last), and how many there are in all:
    exactly, or by estimate, or neither.
    """

    features: bytes
    number: int
    following: Place | None
    matched: int | None = None
    estimated: int | None = None


def _of_both(sql: str) -> dict[tuple[Half, bool], Statement]:
    """The statement for each half and for each kind of collection: a category, or all of them with their common properties."""
    halves: tuple[Half, ...] = ("published", "internal")
    texts = {
        False: sql.replace("{category}", "i.category = :collection AND").replace("{feature}", "f.feature"),
        True: sql.replace("{category}", "").replace("{feature}", "left(f.feature, f.common_length) || f.common_tail"),
    }
    return {(half, is_points): Statement(text.replace("{half}", half)) for half in halves for is_points, text in texts.items()}


# Of each hit only where it stands is remembered; the fragments of the page alone are fetched, by that.
_JOINED = """
    SELECT convert_to(coalesce(string_agg({feature}, ',' ORDER BY h.n), ''), 'UTF8') AS features, (SELECT count(*) FROM hit) AS number,
           max(h.place) FILTER (WHERE h.n = :limit) AS place, (array_agg(h.id) FILTER (WHERE h.n = :limit))[1] AS id,
           (SELECT max(h.place) FROM hit h) AS furthest
      FROM hit h JOIN {half}.item f ON f.ctid = h.ctid
     WHERE h.n <= :limit
"""
_BY_ID = _of_both(f"""
    WITH hit AS MATERIALIZED (
        SELECT i.ctid, i.id, 0::bigint AS place, row_number() OVER (ORDER BY i.id) AS n
          FROM {{half}}.item i WHERE {{category}} i.id > :after ORDER BY i.id LIMIT CAST(:scan AS int)
    ) {_JOINED}
""")  # noqa: S608 - constants, joined at import
_BY_KELURAHAN = _of_both(f"""
    WITH hit AS MATERIALIZED (
        SELECT i.ctid, i.id, 0::bigint AS place, row_number() OVER (ORDER BY i.id) AS n
          FROM {{half}}.item i
         WHERE {{category}} i.kelurahan = :kelurahan AND i.id > :after
           AND (CAST(:west AS float8) IS NULL
                OR ((ST_X(i.geom) BETWEEN :west AND :east OR (CAST(:west AS float8) > :east AND (ST_X(i.geom) >= :west OR ST_X(i.geom) <= :east)))
                    AND ST_Y(i.geom) BETWEEN CAST(:south AS float8) AND CAST(:north AS float8)))
         ORDER BY i.id LIMIT CAST(:scan AS int)
    ) {_JOINED}
""")  # noqa: S608
# A box is some ranges of places. They are walked in order, each along the index, until there are enough: that takes as long for a box
# with a million points as for one with a thousand, and never looks at what lies far from it. The nested loop keeps the order of the ranges.
# What a range has beside the box is told by the bits of its place; where it truly lies is asked only of what those leave open.
# Not (place, id) > (…): an index would be entered there, and walked from there to the range.
_BY_PLACE = _of_both(f"""
    SELECT convert_to(coalesce(string_agg({{feature}}, ',') FILTER (WHERE f.n <= :limit), ''), 'UTF8') AS features, count(*) AS number,
           max(f.place) FILTER (WHERE f.n = :limit) AS place, (array_agg(f.id) FILTER (WHERE f.n = :limit))[1] AS id,
           max(f.place) AS furthest
      FROM (SELECT s.*, row_number() OVER () AS n
              FROM unnest(CAST(:lows AS bigint[]), CAST(:highs AS bigint[])) AS range (low, high)
              CROSS JOIN LATERAL (
                SELECT i.id, i.place, i.feature, i.common_length, i.common_tail
                  FROM {{half}}.item i
                 WHERE {{category}} i.place BETWEEN range.low AND range.high AND (i.place > :after_place OR i.id > :after)
                   AND (i.place & {LAT_BITS}) BETWEEN CAST(:south_bits AS bigint) AND CAST(:north_bits AS bigint)
                   AND ((i.place & {LON_BITS}) BETWEEN CAST(:west_bits AS bigint) AND CAST(:east_bits AS bigint)
                        OR CAST(:west AS float8) > CAST(:east AS float8))
                   AND (((i.place & {LAT_BITS}) > :south_bits AND (i.place & {LAT_BITS}) < :north_bits)
                        OR ST_Y(i.geom) BETWEEN CAST(:south AS float8) AND CAST(:north AS float8))
                   AND (((i.place & {LON_BITS}) > :west_bits AND (i.place & {LON_BITS}) < :east_bits)
                        OR ST_X(i.geom) BETWEEN :west AND :east
                        OR (:west > :east AND (ST_X(i.geom) >= :west OR ST_X(i.geom) <= :east)))
                 ORDER BY i.place, i.id LIMIT CAST(:scan AS int)) s
             LIMIT CAST(:scan AS int)) f
""")  # noqa: S608
_ONE = _of_both("""
    SELECT {feature} AS feature, f.version FROM {half}.item f, LATERAL (SELECT f.*) i WHERE {category} f.id = :id
""")


async def page(session: ReadSession, query: PageQuery, total: int) -> Page:
    """A page of a collection that is known to exist and has `total` items altogether."""
    kind = (query.half, query.collection == POINTS)
    common: dict[str, object] = {"after": query.after.id, "limit": query.limit, "scan": query.limit + 1}
    if query.collection != POINTS:
        common["collection"] = query.collection
    ranges: list[tuple[int, int]] = []
    if query.is_by_place and query.bbox:
        ranges = _ranges(query.bbox, query.after.place)
        bits = dict(zip(_BITS, place_sides(query.bbox), strict=True))
        lows, highs = [low for low, _ in ranges], [high for _, high in ranges]
        row = await session.one(
            _BY_PLACE[kind], **common, **query.bbox._asdict(), **bits, lows=lows, highs=highs, after_place=query.after.place
        )  # fmt: skip
    elif query.kelurahan is not None:
        sides = query.bbox._asdict() if query.bbox else dict.fromkeys(Bbox._fields)
        row = await session.one(_BY_KELURAHAN[kind], **common, **sides, kelurahan=query.kelurahan)
    else:
        row = await session.one(_BY_ID[kind], **common)
    number = min(row["number"], query.limit)
    following = Place(row["place"], row["id"]) if row["number"] > query.limit else None
    matched, estimated = _in_all(query, row["number"], row["furthest"], ranges, total)
    return Page(row["features"], number, following, matched, estimated)


def _in_all(
    query: PageQuery, seen: int, furthest: int | None, ranges: Sequence[tuple[int, int]], total: int
) -> tuple[int | None, int | None]:
    """How many there are in all: exactly, or by the part of the box that those seen take up. A later page does not tell."""
    if query.bbox is None and query.kelurahan is None:
        return total, None
    if query.after != START:
        return None, None
    if seen <= query.limit:
        return seen, None
    if not ranges or furthest is None:
        return None, None
    whole = sum(high - low + 1 for low, high in ranges)
    walked = sum(min(high, furthest) - low + 1 for low, high in ranges if low <= furthest)
    return None, min(total, round(seen * whole / walked))


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
