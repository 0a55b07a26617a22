"""Pages and single items as everybody asks for them: all of a collection, those of a kelurahan, those in a box. One fixed statement each
for either half, which gives ready-made fragments. What else can be asked: `selection.py`.
"""

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from app.db import ReadSession
from app.errors import NotFound
from app.geo import LAT_BITS, LON_BITS, Bbox, place_ranges, place_sides, split_at_antimeridian
from app.published.catalogue import Half
from app.statement import Statement

MAX_LIMIT = 10_000
DEFAULT_LIMIT = 10
COUNTED = 250
"""So many matches of a box or of an indexed filter are counted beside its first page: a tenth of the page's time (benchmarks/counts.py)."""
JOINED = 1_000
"""Up to so many items PostgreSQL joins a page, which is then one row; beyond it Python does (docs/adr/0046)."""
FIRST = UUID(int=0)
_BITS = ("west_bits", "south_bits", "east_bits", "north_bits")


class PageStart(NamedTuple):
    """Where a page begins: behind this item, in the order of places, which is that of all pages."""

    place: int
    id: UUID


START = PageStart(-1, FIRST)


@dataclass(frozen=True, slots=True)
class PageQuery:
    """One page: all of a category (None: of all of them together), of a kelurahan, or in a box."""

    half: Half
    category: str | None
    limit: int = DEFAULT_LIMIT
    bbox: Bbox | None = None
    kelurahan: str | None = None
    after: PageStart = START


class ItemsPage(NamedTuple):
    """Fragments joined by commas, their number, where the next page begins (None: this is the last), and how many there are in all
    (None: not counted).
    """

    features: bytes
    number: int
    following: PageStart | None
    matched: int | None = None


def _of_both(sql: str) -> dict[tuple[Half, bool], Statement]:
    """The statement for each half and for each kind of collection: a category, or all of them with their common properties."""
    halves: tuple[Half, ...] = ("published", "internal")
    texts = {
        False: sql.replace("{category}", "i.category = :category AND")
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
    i.category <= :category AND (i.category, i.place, i.id) > (:category, CAST(:after_place AS bigint), CAST(:after AS uuid))
    ORDER BY i.category, i.place, i.id
"""
# One item more than the page tells whether there is a next page; where it begins in the text is told by its own length.
_JOINED = """
    string_agg(f.feature, ',') AS features, count(*) AS number, (array_agg(f.place))[CAST(:limit AS int)] AS place,
    (array_agg(f.id))[CAST(:limit AS int)] AS id, (array_agg(octet_length(f.feature)))[CAST(:limit AS int) + 1] AS surplus
"""


class _Pages(NamedTuple):
    """The same page in two forms: one row with its fragments joined, or a row for each."""

    joined: dict[tuple[Half, bool], Statement]
    rows: dict[tuple[Half, bool], Statement]


def _pages(items: str, matched: str = "NULL::bigint", of_rows: str = "NULL::bigint") -> _Pages:
    """`items`: fragment, place and id of each, in order; `matched`: how many there are in all, in either form."""
    return _Pages(
        _of_both(f"SELECT {_JOINED}, {matched} AS matched FROM ({items}) f"),  # noqa: S608 - constants, joined at import
        _of_both(f"SELECT f.feature, f.place, f.id, {of_rows} AS matched FROM ({items}) f"),  # noqa: S608
    )


_ITEM = "{feature} AS feature, i.place, i.id"
_LIMIT = "LIMIT CAST(:limit AS int) + 1"
_ALL = _pages(f"SELECT {_ITEM} FROM {{half}}.item i WHERE {{behind}} {_LIMIT}")  # noqa: S608
_IN_KELURAHAN = "SELECT coalesce(sum(i.number), 0)::bigint FROM {half}.kelurahan_total i WHERE {category} i.kelurahan = :kelurahan"
_BY_KELURAHAN = _pages(
    f"SELECT {_ITEM} FROM {{half}}.item i WHERE {{category}} i.kelurahan = :kelurahan AND {_BEHIND} {_LIMIT}",  # noqa: S608
    f"({_IN_KELURAHAN})",
    f"({_IN_KELURAHAN})",
)
# A box is some ranges of places. They are walked in order, each along the index, until there are enough: that takes as long for a box
# with a million points as for one with a thousand, and never looks at what lies far from it. The nested loop keeps the order of the ranges.
# What a range has beside the box is told by the bits of its place, nearly always by four comparisons; where it truly lies is asked only of
# what those leave open. Not (place, id) > (…): an index would be entered there, and walked from there to the range.
_WITHIN = f"""
    ((i.place & {LAT_BITS}) > CAST(:south_bits AS bigint) AND (i.place & {LAT_BITS}) < CAST(:north_bits AS bigint)
     AND (i.place & {LON_BITS}) > CAST(:west_bits AS bigint) AND (i.place & {LON_BITS}) < CAST(:east_bits AS bigint)
     OR (i.place & {LAT_BITS}) BETWEEN :south_bits AND :north_bits
        AND ((i.place & {LON_BITS}) BETWEEN :west_bits AND :east_bits OR CAST(:west AS float8) > CAST(:east AS float8))
        AND {{truly}})
"""
_TRULY = """
    ST_Y({geom}) BETWEEN CAST(:south AS float8) AND CAST(:north AS float8)
    AND (ST_X({geom}) BETWEEN :west AND :east OR (:west > :east AND (ST_X({geom}) >= :west OR ST_X({geom}) <= :east)))
"""
_RANGES = "unnest(CAST(:lows AS bigint[]), CAST(:highs AS bigint[])) AS range (low, high)"
_IN_BOX = _WITHIN.replace("{truly}", _TRULY.replace("{geom}", "i.geom"))
# The index alone tells of nearly all whether they lie in the box; the few on its edge are looked at.
_COUNTED_IN_BOX = _WITHIN.replace(
    "{truly}", f"(SELECT {_TRULY.replace('{geom}', 'e.geom')} FROM {{half}}.item e WHERE e.id = i.id)"  # noqa: S608
)  # fmt: skip
# Counted where there is more than the page shows, and not before.
_BY_PLACE = _pages(
    f"""
    SELECT s.*
      FROM {_RANGES}
     CROSS JOIN LATERAL (
        SELECT {_ITEM}
          FROM {{half}}.item i
         WHERE {{category}} i.place BETWEEN range.low AND range.high AND (i.place > :after_place OR i.id > :after) AND {_IN_BOX}
         ORDER BY i.place, i.id {_LIMIT}) s
     {_LIMIT}
    """,  # noqa: S608
    f"""
    CASE WHEN count(*) > :limit AND CAST(:countable AS int) > 0 THEN (
        SELECT count(*)
          FROM (SELECT
                  FROM {_RANGES}
                 CROSS JOIN LATERAL (SELECT i.place, i.id FROM {{half}}.item i
                                      WHERE {{category}} i.place BETWEEN range.low AND range.high OFFSET 0) i
                 WHERE {_COUNTED_IN_BOX} LIMIT CAST(:countable AS int)) counted
    ) END
    """,  # noqa: S608
)
_NUMBER_OF_KELURAHAN = _of_both(_IN_KELURAHAN)
_ONE = _of_both("SELECT {feature} AS feature, i.version FROM {half}.item i WHERE {category} i.id = :id")


async def page(session: ReadSession, query: PageQuery, total: int) -> ItemsPage:
    """A page of a collection that is known to exist and has `total` items altogether."""
    named: dict[str, object] = {"after_place": query.after.place, "after": query.after.id, "limit": query.limit}
    if query.category is not None:
        named["category"] = query.category
    if query.bbox:
        pages, matched = _BY_PLACE, None
        ranges = _ranges(query.bbox, query.after.place)
        named |= query.bbox._asdict() | dict(zip(_BITS, place_sides(query.bbox), strict=True))
        named |= {"lows": [low for low, _ in ranges], "highs": [high for _, high in ranges]}
        if query.limit <= JOINED:
            named["countable"] = COUNTED + 1 if query.after == START and query.limit < COUNTED else 0
    elif query.kelurahan is not None:
        pages, matched = _BY_KELURAHAN, None
        named["kelurahan"] = query.kelurahan
    else:
        pages, matched = _ALL, total
    read = _read_joined if query.limit <= JOINED else _read_rows
    found = await read(session, pages, query, named)
    if found.following is None and query.after == START:
        matched = found.number
    elif query.bbox:
        matched = found.matched if found.matched is not None and found.matched <= COUNTED else None
    elif matched is None:
        matched = found.matched
    return found._replace(matched=matched)


async def _read_joined(session: ReadSession, pages: _Pages, query: PageQuery, named: dict[str, object]) -> ItemsPage:
    row = await session.one(pages.joined[query.half, query.category is None], **named)
    features = (row["features"] or "").encode()
    if row["surplus"] is None:
        return ItemsPage(features, row["number"], None, row["matched"])
    return ItemsPage(features[: -row["surplus"] - 1], query.limit, PageStart(row["place"], row["id"]), row["matched"])


async def _read_rows(session: ReadSession, pages: _Pages, query: PageQuery, named: dict[str, object]) -> ItemsPage:
    rows = await session.all(pages.rows[query.half, query.category is None], **named)
    page_rows = rows[: query.limit]
    following = PageStart(page_rows[-1]["place"], page_rows[-1]["id"]) if len(rows) > query.limit else None
    return ItemsPage(
        ",".join([row["feature"] for row in page_rows]).encode(), len(page_rows), following, rows[0]["matched"] if rows else None
    )


async def number(session: ReadSession, half: Half, category: str | None, kelurahan: str) -> int:
    """How many items of a category, or of all of them, a kelurahan has."""
    named = {"kelurahan": kelurahan} if category is None else {"kelurahan": kelurahan, "category": category}
    return int(await session.value(_NUMBER_OF_KELURAHAN[half, category is None], **named))


def _ranges(bbox: Bbox, after: int) -> list[tuple[int, int]]:
    return sorted(one for box in split_at_antimeridian(bbox) for one in place_ranges(box, max(after, 0)))


async def one(session: ReadSession, half: Half, category: str | None, item: UUID) -> tuple[str, int]:
    """The Feature as text, and its version. `NotFound` where it is not published in this category."""
    named: dict[str, object] = {"id": item} if category is None else {"id": item, "category": category}
    row = await session.first(_ONE[half, category is None], **named)
    if row is None:
        raise NotFound("item-unknown")
    return row["feature"], row["version"]
