"""Made-up points for measuring: so many posyandu in 83,000 made-up kelurahan all over Indonesia, most of those in 300 towns, and a tenth
as many points of other categories among them. The same number gives the same points.

Written straight into the read half as `published.projection` would write them, because posting ten million points takes a day; some are
compared with what the functions of the database make of them. `bench.point` has the posyandu again as other servers like them: one
table, plain columns, an index for each question.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import numpy as np
import orjson
import pyogrio
import shapely
from pyproj import Transformer

KELURAHAN, TOWNS, SIDE = 83_000, 300, 0.02
SEED, CHUNK, LOADERS = 20261124, 50_000, 2
# One in eleven is of another category.
CATEGORIES = ("posyandu",) * 10 + ("rt",)
COLUMNS = (
    "id", "feature_id", "category", "kelurahan", "kecamatan", "name", "geom", "geom_mercator", "captured_at", "verified_at", "version",
    "properties", "feature", "common_length", "place", "words",
)  # fmt: skip

# Made anew when it is lost in a crash: then the table is empty, and its comment no longer true. Photos refer to items, and a table that
# survives a crash may not refer to one that does not; so they come first.
PREPARE = """
    SET client_min_messages = warning;
    CREATE SCHEMA IF NOT EXISTS bench;
    COMMENT ON TABLE published.item IS NULL;
    ALTER TABLE published.item DISABLE TRIGGER USER;
    TRUNCATE published.item, published.photo;
    ALTER TABLE published.photo SET UNLOGGED;
    ALTER TABLE published.item SET UNLOGGED;
    CREATE TABLE IF NOT EXISTS bench.dropped AS
    SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
      FROM pg_index WHERE indrelid = 'published.item'::regclass AND NOT indisprimary;
"""
PEERS = """
    DROP TABLE IF EXISTS bench.point;
    CREATE UNLOGGED TABLE bench.point AS
    SELECT feature_id AS n, id::text AS id, name, kelurahan, properties ->> 'kelurahan_name' AS kelurahan_name,
           properties ->> 'kecamatan' AS kecamatan, properties ->> 'status' AS status, properties ->> 'rw' AS rw,
           (properties ->> 'accuracy_m')::int AS accuracy_m, properties ->> 'method' AS method, captured_at, verified_at,
           properties ->> 'jenis' AS jenis, (properties ->> 'kader_aktif')::int AS kader_aktif, geom::geometry(Point, 4326) AS geom
      FROM published.item WHERE category = 'posyandu' ORDER BY feature_id;
    ALTER TABLE bench.point ADD PRIMARY KEY (n);
"""
PEERS_INDEXES = ("CREATE INDEX ON bench.point USING gist (geom)", "CREATE INDEX ON bench.point (kelurahan)")
SETTLE = """
    INSERT INTO published.collection (category, number) SELECT category, count(*) FROM published.item GROUP BY category
    ON CONFLICT (category) DO UPDATE SET number = EXCLUDED.number, version = collection.version + 1;
    ALTER TABLE published.item ENABLE TRIGGER USER;
    DO $$ BEGIN
        IF to_regclass('published.kelurahan_total') IS NOT NULL THEN
            DELETE FROM published.kelurahan_total;
            INSERT INTO published.kelurahan_total (kelurahan, category, number)
            SELECT kelurahan, category, count(*) FROM published.item GROUP BY kelurahan, category;
        END IF;
    END $$;
"""
WRONG = """
    SELECT count(*) FILTER (WHERE to_jsonb(f) IS DISTINCT FROM (SELECT jsonb_object_agg(key, value) FROM jsonb_each(to_jsonb(i)) WHERE to_jsonb(f) ? key)
                               OR (titik.place(ST_X(geom), ST_Y(geom)), titik.folded(name)) IS DISTINCT FROM (i.place, i.words)
                               OR ST_Distance(geom_mercator, ST_Transform(geom, 3857)) > 1e-6) AS wrong, count(*) AS seen
      FROM published.item AS i TABLESAMPLE SYSTEM (least(100, 200000.0 / $1)) REPEATABLE (1) JOIN ({shapes}) s ON s.id = i.category,
           titik.fragment({arguments}) f
"""
# What a category has of its own, and what it hides.
SHAPES = """
    SELECT c.id, ARRAY(SELECT jsonb_object_keys(c.attribute_schema::jsonb -> 'properties')) AS own,
           ARRAY(SELECT jsonb_object_keys(c.field_visibility)) AS hidden
      FROM titik.category c
"""
HAS_NULLS = "SELECT to_regprocedure('titik.fragment(uuid, public.geometry, jsonb, text[], text[])') IS NOT NULL"
# What the points of this world say, and what they do not, in the order of a Feature.
_KNOWN = {"jenis": '"balita"', "kader_aktif": "%d"}
_UNKNOWN = ("address", "rt", "predecessors")


class Kelurahan(NamedTuple):
    """South-west corners and sides of their squares, or, from a file, of the boxes around their shapes."""

    corners: Any
    sides: Any
    shapes: Any


class Shape(NamedTuple):
    """What stands in a Feature between the properties that differ: `"rt":null,` and the like, or nothing where a version leaves nulls out.
    `own` has a place for a number; `tail` closes a point of all categories.
    """

    address: str = ""
    rt: str = ""
    predecessors: str = ""
    own: str = ',"jenis":"balita","kader_aktif":%d'
    tail: str | None = None


class Points(NamedTuple):
    """So many in a row: their numbers, the kelurahan of each by its number, degrees to seven digits."""

    numbers: Any
    kelurahan: Any
    lon: Any
    lat: Any


def kelurahan(boundaries: Path | None) -> Kelurahan:
    if boundaries is not None:
        shapes = np.array([shape for shape in shapely.from_wkb(pyogrio.raw.read(boundaries, columns=[])[2]) if shape is not None])
        bounds = shapely.bounds(shapes)
        return Kelurahan(bounds[:, :2], bounds[:, 2:] - bounds[:, :2], shapes)
    dice = np.random.default_rng(SEED)
    towns = np.array([96, -10]) + dice.random((TOWNS, 2)) * [44, 15]
    # Sums of dice are near enough to a normal distribution.
    inside = towns[dice.integers(TOWNS, size=KELURAHAN)] + 0.25 * (dice.random((KELURAHAN, 2)) + dice.random((KELURAHAN, 2)) - 1)
    outside = np.array([95, -11]) + dice.random((KELURAHAN, 2)) * [46, 17]
    corners = np.where((np.arange(KELURAHAN) % 5 < 3)[:, None], inside, outside)
    return Kelurahan(corners, np.full((KELURAHAN, 2), SIDE), None)


def points(land: Kelurahan, number: int, *, part: int = 0, parts: int = 1) -> Iterator[Points]:
    """All points of a world with `number` posyandu, or every so manieth chunk of them."""
    total = number * 11 // 10
    for chunk in range(part, -(-total // CHUNK), parts):
        dice = np.random.default_rng([SEED, chunk])
        numbers = np.arange(chunk * CHUNK, min((chunk + 1) * CHUNK, total))
        chosen = numbers % len(land.corners)
        xy = land.corners[chosen] + dice.random((CHUNK, 2))[: len(numbers)] * land.sides[chosen]
        if land.shapes is not None:
            for _ in range(50):
                lost = np.flatnonzero(~shapely.contains_xy(land.shapes[chosen], xy[:, 0], xy[:, 1]))
                xy[lost] = land.corners[chosen[lost]] + dice.random((len(lost), 2)) * land.sides[chosen[lost]]
        xy = np.round(xy, 7) + 0.0
        yield Points(numbers, chosen, xy[:, 0], xy[:, 1])


def posyandu(boundaries: Path | None, number: int) -> Points:
    """All of them, in the order of their numbers."""
    whole = Points(*map(np.concatenate, zip(*points(kelurahan(boundaries), number), strict=True)))
    return Points(*(column[whole.numbers % 11 < 10] for column in whole))


def code_of(number: int) -> str:
    return f"99.{number // 10000 % 100:02}.{number // 100 % 100:02}.{1000 + number % 100}"


def id_of(number: int) -> str:
    return f"01900000-{number >> 12 & 0xFFFF:04x}-7{number & 0xFFF:03x}-8000-{number:012x}"


def _place(lon: Any, lat: Any) -> Any:
    """`geo.place` for arrays."""

    def spread(steps: Any) -> Any:
        bits = np.minimum(np.floor(steps * 2147483648), 2147483647).astype(np.int64)
        for shift, mask in ((16, 0x0000FFFF0000FFFF), (8, 0x00FF00FF00FF00FF), (4, 0x0F0F0F0F0F0F0F0F), (2, 0x3333333333333333), (1, 0x5555555555555555)):  # fmt: skip
            bits = (bits | bits << shift) & mask
        return bits

    return spread((lon + 180) / 360) | spread((lat + 90) / 180) << 1


def _number(value: float) -> str:
    return f"{value:.7f}".rstrip("0").rstrip(".")


def _hex(xs: Any, ys: Any) -> list[str]:
    digits = np.column_stack([xs, ys]).astype("<f8").tobytes().hex()
    return [digits[at : at + 32] for at in range(0, len(digits), 32)]


def _shape(own: list[str], hidden: list[str]) -> Shape:
    address, rt, predecessors = ("" if name in hidden else f'"{name}":null' for name in _UNKNOWN)
    attributes = "".join(f',"{name}":{_KNOWN.get(name, "null")}' for name in own if name not in hidden)
    missing = "".join(f',"{name}":null' for name in _UNKNOWN if name in hidden)
    return Shape(address and f"{address},", rt and f"{rt},", predecessors and f",{predecessors}", attributes, f"{missing}}}}}")


def _lines(some: Points, mercator: Transformer, shapes: Mapping[str, Shape]) -> Iterator[str]:
    """Rows as COPY reads them. Nothing in them needs to be escaped."""
    instants = np.datetime_as_string(np.datetime64("2026-01-01", "s") + some.numbers % 20_000_000, timezone="UTC")
    columns = (
        some.numbers.tolist(), some.kelurahan.tolist(), some.lon.tolist(), some.lat.tolist(), _place(some.lon, some.lat).tolist(),
        _hex(some.lon, some.lat), _hex(*mercator.transform(some.lon, some.lat)), instants.tolist(),
    )  # fmt: skip
    for n, area, lon, lat, place, degrees, metres, at in zip(*columns, strict=True):
        code, category, identity, name = code_of(area), CATEGORIES[n % 11], id_of(n), f"Titik {n} Desa {area}"
        shape = shapes[category]
        first = f'"category":"{category}","name":"{name}","kelurahan":"{code}","kelurahan_name":"Desa {area}","kecamatan":"Kecamatan {code[:8]}"'
        rw, accuracy = f'"rw":"{n % 20:02}"', f'"accuracy_m":{5 + n % 20}'
        last = f'"method":"gps","captured_at":"{at}","verified_at":"{at}"'
        stored = f'{first},"status":"active",{rw},{accuracy},{last},"jenis":"balita","kader_aktif":{n % 10}'
        common = f'{first},"status":"active",{shape.address}{rw},{shape.rt}{accuracy},{last}{shape.predecessors}'
        own = shape.own % (n % 10) if "%d" in shape.own else shape.own
        tail = "" if shape.tail is None else f"\t{shape.tail}"
        head = f'{{"type":"Feature","id":"{identity}","geometry":{{"type":"Point","coordinates":[{_number(lon)},{_number(lat)}]}},"properties":{{{common}'
        yield (
            f"{identity}\t{n}\t{category}\t{code}\t{code[:8]}\t{name}\t0101000020E6100000{degrees}\t0101000020110F0000{metres}\t{at}\t{at}\t1\t"
            f"{{{stored}}}\t{head}{own}}}}}\t{len(head)}\t{place}\t{name.lower()}{tail}\n"
        )


def _load(url: str, number: int, boundaries: Path | None, part: int, shapes: Mapping[str, Shape]) -> None:
    mercator = Transformer.from_crs(4326, 3857, always_xy=True)

    async def body(some: Points) -> AsyncIterator[bytes]:
        yield "".join(_lines(some, mercator, shapes)).encode()

    async def load() -> None:
        connection = await asyncpg.connect(url)
        columns = COLUMNS if shapes["rt"].tail is None else (*COLUMNS, "common_tail")
        for some in points(kelurahan(boundaries), number, part=part, parts=LOADERS):
            await connection.copy_to_table("item", schema_name="published", source=body(some), columns=columns, format="text")
        await connection.close()

    asyncio.run(load())


async def _make_indexes(url: str, definitions: list[str]) -> None:
    """Two at a time."""

    async def make() -> None:
        connection = await asyncpg.connect(url, server_settings={"maintenance_work_mem": "1GB", "max_parallel_maintenance_workers": "0"})
        while definitions:
            await connection.execute(definitions.pop())
        await connection.close()

    await asyncio.gather(make(), make())


async def fill(url: str, number: int, boundaries: Path | None = None) -> None:
    """Empties the public half and fills it with `number` posyandu, unless it holds just those."""
    meant = orjson.dumps({"posyandu": number, "seed": SEED, "boundaries": str(boundaries)}).decode()
    connection = await asyncpg.connect(url)
    held = await connection.fetchval("SELECT obj_description('published.item'::regclass) WHERE EXISTS (SELECT FROM published.item)")
    if held == meant:
        await connection.close()
        return
    began = time.perf_counter()

    def say(what: str) -> None:
        print(f"{number:,} posyandu: {what} after {time.perf_counter() - began:.0f} s", file=sys.stderr)

    await connection.execute(PREPARE)
    dropped = await connection.fetch("SELECT name, definition FROM bench.dropped")
    for index in dropped:
        await connection.execute(f"DROP INDEX IF EXISTS {index['name']}")
    has_nulls = await connection.fetchval(HAS_NULLS)
    shapes = {row["id"]: _shape(row["own"], row["hidden"]) if has_nulls else Shape() for row in await connection.fetch(SHAPES)}
    loaders = [get_context("spawn").Process(target=_load, args=(url, number, boundaries, part, shapes)) for part in range(LOADERS)]
    for loader in loaders:
        loader.start()
    for loader in loaders:
        loader.join()
        if loader.exitcode:
            raise RuntimeError("loading failed")
    say("loaded")
    await _make_indexes(url, [index["definition"] for index in dropped])
    say("indexes made")
    await connection.execute(PEERS)
    await _make_indexes(url, list(PEERS_INDEXES))
    say("table for other servers made")
    if await connection.fetchval("SELECT to_regprocedure('published.rebuild_clusters()') IS NOT NULL"):
        await connection.execute("SELECT published.rebuild_clusters()")
        say("clusters made")
    for statement in (SETTLE, "VACUUM (FREEZE, ANALYZE) published.item", "VACUUM (FREEZE, ANALYZE) bench.point"):
        await connection.execute(statement)
    arguments = "i.id, i.geom, i.properties" + (", s.own, s.hidden" if has_nulls else "")
    wrong, seen = await connection.fetchrow(WRONG.format(shapes=SHAPES, arguments=arguments), number)
    if wrong or not seen:
        raise RuntimeError(f"{wrong} of {seen} points are not as the database would make them")
    await connection.execute(f"COMMENT ON TABLE published.item IS '{meant}'")
    await connection.close()
    say(f"done, {seen} compared")
