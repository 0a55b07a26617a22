"""Pages and whole selections by filters, times, words, in another order, CRS or with fewer properties: statements of SQLAlchemy Core made for
each request, with every value of the client bound.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    Double,
    Numeric,
    Select,
    Text,
    and_,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
)
from sqlalchemy.types import TypeEngine

from app.collections import items
from app.collections.query import ItemsQuery, Near, limit_of
from app.collections.sources import Source
from app.collections.values import SoughtWord
from app.cql2.filters import Queryable, condition
from app.cursors import read_cursor, write_cursor
from app.db import ReadSession, deadline_of_composed
from app.errors import NotFound
from app.exports.formats import Layer
from app.geo import CRS84, box_around, split_at_antimeridian
from app.statement import Statement

# Alone so many are counted.
COUNTED_ALONE = 100_000
# In a collection of no more than this, any filter is counted.
SMALL = 1_000
BATCH = 5_000
_GEOMETRY, _PROPERTIES = ',"geometry":', ',"properties":{'
# Relations of which the spatial index finds all that could hold. Of what is shorter than three letters the index of words knows nothing.
_INDEXED = frozenset({"s_intersects", "s_within", "s_contains", "s_equals", "s_touches", "s_crosses", "s_overlaps"})
_SHORTEST_INDEXED = 2


class FoundPage(NamedTuple):
    """A page: the Features as texts, the cursor of the next one, how many there are in all (None: not counted)."""

    features: list[str]
    cursor: str | None
    matched: int | None


async def page(session: ReadSession, origin: Source, query: ItemsQuery, secret: bytes, total: int) -> FoundPage:
    """A page of a collection of `total` items. `BadRequest` for a cursor of another order."""
    limit, order = limit_of(query), _order(origin, query)
    purpose = f"items {','.join(f'{name}{descending}' for name, descending in query.sortby)} {query.near or ''}"
    keys = [key for key, _ in order] + list(origin.order)
    is_first = query.cursor is None and not query.offset
    further = 0 if not is_first else SMALL if total <= SMALL else items.COUNTED if is_indexed(origin, query) else 0
    hits = select(origin.key.label("id"), *(key.label(f"key_{n}") for n, key in enumerate(keys))).where(*conditions(origin, query))
    if query.cursor is not None:
        hits = hits.where(_after(order, orjson.loads(read_cursor(secret, purpose, query.cursor)), origin))
    by = [key.desc().nulls_last() if descending else key.asc().nulls_last() for key, descending in order]
    hits = hits.order_by(*by, *origin.order).limit(limit + 1 + further).offset(query.offset if query.cursor is None else None)
    built, values = Statement.built(_with_features(origin, query, hits, limit + 1))
    async with deadline_of_composed():
        rows = await session.all(built, **values)
    seen = rows[0]["seen"] if rows else 0
    if seen <= limit:
        matched = None if query.cursor is not None or (query.offset and not rows) else (query.offset or 0) + seen
    else:
        matched = seen if seen <= further else None
    cursor = None
    if len(rows) > limit:
        last = rows[limit - 1]
        cursor = write_cursor(secret, purpose, orjson.dumps([_cursor_value(last[f"key_{n}"]) for n in range(len(keys))]).decode())
    return FoundPage([row["feature"] for row in rows[:limit]], cursor, matched)


def _with_features(origin: Source, query: ItemsQuery, hits: Select[object], number: int) -> Select[object]:
    """The first of the hits with their Features, and how many hits were seen: each is looked at once, however it is found."""
    seen = hits.subquery("hit")
    place = func.row_number().over().label("n")
    with_place = select(*seen.c, place, func.count().over().label("seen")).limit(number).subquery("shown")
    rows = select(_feature(origin, query).label("feature"), *(column for column in with_place.c if column.name not in ("id", "n")))
    return rows.select_from(with_place.join(origin.table, origin.key == with_place.c.id)).order_by(with_place.c.n)


def is_indexed(origin: Source, query: ItemsQuery) -> bool:
    """Whether an index leads to what is asked for, so that counting reads little else."""
    trees = [part for tree, _ in query.trees for part in _conjuncts(tree)]
    return bool(
        query.kelurahan or query.bbox or query.near
        or (query.phrases and all(len(phrase) > _SHORTEST_INDEXED for phrase in query.phrases) and origin.has_index_of_words)
        or (origin.has_index_of_words and any(len(word.text) > _SHORTEST_INDEXED for word in query.words))
        or any(str(one.get("op")).lower() in _INDEXED and {"property": "geometry"} in one["args"] for one in trees if isinstance(one, dict))
    )  # fmt: skip


def _conjuncts(tree: object) -> list[object]:
    if isinstance(tree, dict) and str(tree.get("op")).lower() == "and":
        return [part for one in tree["args"] for part in _conjuncts(one)]
    return [tree]


async def one(session: ReadSession, origin: Source, query: ItemsQuery, item: UUID | str) -> str:
    """One item in the CRS that was asked for. `NotFound` where it is not in this collection."""
    chosen = [origin.key == item] + ([] if origin.within is None else [origin.within])
    built, values = Statement.built(select(_feature(origin, query, alone=True).label("feature")).where(*chosen))
    feature: str | None = await session.value(built, **values)
    if feature is None:
        raise NotFound("item-unknown")
    return feature


async def count(session: ReadSession, origin: Source, query: ItemsQuery) -> int | None:
    """How many there are in all; None where they are more than `COUNTED_ALONE`."""
    some: Select[object] = select(literal_column("1")).select_from(origin.table).where(*conditions(origin, query)).limit(COUNTED_ALONE + 1)
    built, values = Statement.built(select(func.count()).select_from(some.subquery()))
    number: int = await session.value(built, **values)
    return number if number <= COUNTED_ALONE else None


async def rows(
    session: ReadSession, origin: Source, query: ItemsQuery, layer: Layer, *, ready_made: bool
) -> AsyncGenerator[list[tuple[object, ...]], None]:
    """The whole selection, or as much of it as was asked for, in batches for a file: Features, or id, WKB and the values of the layer."""
    table, order = origin.table, _order(origin, query)
    if ready_made:
        columns: list[Any] = [_with_id(origin, query).label("feature")]
    else:
        place = table.c.geom if query.crs.srid == 4326 else _moved(table, query.crs.srid)
        values_of = [_as_value(origin.queryables[one.name]).label(f"value_{n}") for n, one in enumerate(layer.fields)]
        columns = [cast(origin.key, Text).label("id"), func.ST_AsBinary(place, "NDR").label("wkb"), *values_of]
    by = [key.desc().nulls_last() if descending else key.asc().nulls_last() for key, descending in order]
    statement = select(*columns).where(*conditions(origin, query)).order_by(*by, *origin.order).limit(query.limit).offset(query.offset)
    built, values = Statement.built(statement)
    async with aclosing(session.batches(built, BATCH, **values)) as batches:
        async for batch in batches:
            yield [tuple(map(_plain, row.values())) for row in batch]


def _as_value(queryable: Queryable) -> ColumnElement[object]:
    return queryable.expression


def _plain(value: object) -> object:
    """Numbers of JSON are exact in the database and floats in files."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and abs(value) < 2**53 else float(value)
    return value


def conditions(origin: Source, query: ItemsQuery) -> list[ColumnElement[bool]]:
    """What an item must fulfil to be among those that are asked for."""
    table = origin.table
    chosen: list[ColumnElement[bool]] = [] if origin.within is None else [origin.within]
    if query.kelurahan is not None:
        chosen.append(table.c.kelurahan == query.kelurahan)
    if query.bbox is not None:
        chosen += _in_box(origin, query)
    if query.span is not None and origin.times is not None:
        begins, ends = origin.times
        within = [ends >= _at(ends, query.span.begin)] if query.span.begin else []
        within += [begins <= _at(begins, query.span.end)] if query.span.end else []
        # What has no time is of any time (Features Part 1, /req/core/fc-time-response C). What is of days always has them.
        chosen.append(and_(*within) if isinstance(begins.type, Date) else or_(begins.is_(None), and_(*within)))
    if query.phrases:
        chosen.append(or_(*(origin.words.contains(phrase, autoescape=True) for phrase in query.phrases)))
    chosen += [_has_word(origin, word) for word in query.words]
    if query.near is not None:
        chosen += _near(origin, query.near)
    chosen += [condition(tree, origin.queryables, crs=crs) for tree, crs in query.trees]
    return chosen


def _at(column: ColumnElement[Any], moment: datetime) -> date:
    """The moment, or the day of it, as the column has it."""
    return moment.date() if isinstance(column.type, Date) else moment


def _has_word(origin: Source, word: SoughtWord) -> ColumnElement[bool]:
    ways = [origin.words.contains(word.text, autoescape=True)]
    if origin.geometry == "Point":
        ways += [origin.table.c.kelurahan.in_(word.kelurahan)] if word.kelurahan else []
        ways += [origin.table.c.category.in_(word.categories)] if word.categories else []
    return or_(*ways)


def _in_box(origin: Source, query: ItemsQuery) -> list[ColumnElement[bool]]:
    """The index first, which rounds outwards, then exactly: a point by its numbers, an area by its shape."""
    assert query.bbox is not None  # noqa: S101 - for the reader of types
    west, south, east, north = query.bbox
    geom = origin.table.c.geom
    halves = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    # A box without an extent becomes a line or a point; as a polygon without an inside it would touch nothing.
    parts = [
        func.ST_SetSRID(func.ST_Envelope(func.ST_MakeLine(func.ST_MakePoint(left, south), func.ST_MakePoint(right, north))), 4326)
        for left, right in halves
    ]
    chosen = [or_(*(geom.op("&&")(part) for part in parts))]
    if origin.geometry != "Point":
        # A box of another CRS is judged by the box in degrees around it.
        return [*chosen, or_(*(func.ST_Intersects(geom, part) for part in parts))]
    if query.box is not None:
        moved = _moved(origin.table, query.box.srid)
        sides = (func.ST_X(moved).between(query.box.west, query.box.east), func.ST_Y(moved).between(query.box.south, query.box.north))
        return [*chosen, *sides]
    lon, lat = func.ST_X(geom), func.ST_Y(geom)
    return [*chosen, or_(*(lon.between(left, right) for left, right in halves)), lat.between(south, north)]


def _near(origin: Source, near: Near) -> list[ColumnElement[bool]]:
    """The index first: the box in degrees around the circle."""
    boxes = [func.ST_MakeEnvelope(*box, 4326) for box in split_at_antimeridian(box_around(near.lon, near.lat, near.within_m))]
    return [or_(*(origin.table.c.geom.op("&&")(box) for box in boxes)), _distance_m(origin, near) <= near.within_m]


def _distance_m(origin: Source, near: Near) -> ColumnElement[float]:
    """Geodesic."""
    position = func.ST_SetSRID(func.ST_MakePoint(near.lon, near.lat), 4326)
    return func.ST_Distance(func.geography(origin.table.c.geom), func.geography(position), type_=Double())


def _moved(table: Any, srid: int) -> Any:
    """The place in another CRS, by its number: for names PostGIS looks for a way anew each time, which takes 100 ms."""
    return func.ST_Transform(table.c.geom, srid)


def _feature(origin: Source, query: ItemsQuery, *, alone: bool = False) -> ColumnElement[str]:
    """The Feature as text: ready-made, or put together where its geometry or its properties are asked for otherwise.

    In another CRS the geometry is its `place` too, where JSON-FG has it: a reader that knows `coordRefSys` takes `geometry` for degrees.
    `alone`: no collection around it says which CRS that is.
    """
    table = origin.table
    whole = origin.feature
    if query.crs == CRS84 and query.properties is None:
        return whole
    place = table.c.geom if query.crs.srid == 4326 else _moved(table, query.crs.srid)
    place = func.ST_FlipCoordinates(place) if query.crs.north_first else place
    # 0: without the CRS that PostGIS would write into every geometry.
    geometry: ColumnElement[str] = func.ST_AsGeoJSON(place, _digits(query), 0)
    if query.crs != CRS84:
        geometry = geometry.concat(literal(',"place":', Text())).concat(geometry)
    if query.properties is None:
        properties: ColumnElement[str] = func.substr(whole, func.strpos(whole, ',"properties":'))
    else:
        chosen = [part for name in query.properties for part in (literal(name, Text()), _value_of(origin, name))]
        picked = func.jsonb_build_object(*chosen) if chosen else literal("{}", Text())
        properties = literal(',"properties":', Text()).concat(cast(picked, Text)).concat("}")
    members = f",{orjson.dumps(query.crs.members).decode()[1:-1]}" if alone and query.crs.members else ""
    head = literal('{"type":"Feature","id":"', Text()).concat(cast(origin.key, Text)).concat(literal(f'"{members},"geometry":', Text()))
    return head.concat(geometry).concat(properties)


def _with_id(origin: Source, query: ItemsQuery) -> ColumnElement[str]:
    """The Feature as a file has it: with its id among the properties too, for readers that keep those alone, or make a number of the other."""
    if query.properties is not None:
        return _feature(origin, replace(query, properties=tuple(dict.fromkeys(("id", *query.properties)))), alone=True)
    whole = _feature(origin, query, alone=True)
    # Before the geometry a CRS may have properties too.
    geometry = func.strpos(whole, _GEOMETRY)
    begin = geometry - 1 + func.strpos(func.substr(whole, geometry), _PROPERTIES) + len(_PROPERTIES)
    own = literal('"id":"', Text()).concat(cast(origin.key, Text)).concat(literal('",', Text()))
    return func.substr(whole, 1, begin - 1).concat(own).concat(func.substr(whole, begin))


def _value_of(origin: Source, name: str) -> ColumnElement[object]:
    if name == "id":
        return func.to_jsonb(cast(origin.key, Text))
    shown: ColumnElement[Any] = func.to_jsonb(origin.queryables[name].expression) if origin.properties is None else origin.properties[name]
    return shown


def _digits(query: ItemsQuery) -> int:
    """About a centimetre."""
    return 7 if query.crs.is_geographic else 2


def _order(origin: Source, query: ItemsQuery) -> list[tuple[ColumnElement[Any], bool]]:
    """What comes before the order that all pages have: what was asked for, or the distance."""
    if query.near is not None and not query.sortby:
        return [(_distance_m(origin, query.near), False)]
    return [(origin.queryables[name].expression, descending) for name, descending in query.sortby]


def _after(order: Sequence[tuple[ColumnElement[object], bool]], place: list[object], origin: Source) -> ColumnElement[bool]:
    """What comes behind a place in the order: the same up to one key, and beyond it in that; what has no value comes last."""
    values = [_read_back(key.type, value) for (key, _), value in zip(order, place, strict=False)]
    ways: list[ColumnElement[bool]] = []
    same: list[ColumnElement[bool]] = []
    for (key, descending), value in zip(order, values, strict=True):
        if value is not None:
            beyond = key < value if descending else key > value
            ways.append(and_(*same, or_(beyond, key.is_(None))))
        same.append(key.is_(None) if value is None else key == value)
    last = [cast(literal(str(value), Text()), column.type) for column, value in zip(origin.order, place[len(order) :], strict=True)]
    ways.append(and_(*same, tuple_(*origin.order) > tuple_(*last)))
    return or_(*ways)


def _cursor_value(value: object) -> object:
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value) if isinstance(value, (Decimal, UUID)) else value


def _read_back(kind: TypeEngine[Any], value: Any) -> Any:
    """A value of a cursor as its column has it."""
    match kind:
        case _ if value is None:
            return None
        case DateTime():
            return datetime.fromisoformat(value).astimezone(UTC)
        case Date():
            return date.fromisoformat(value)
        case Double():
            return float(value)
        case Numeric():
            return Decimal(str(value))
        case _:
            return value
