"""Filters on a real PostGIS: the rows that they select are those that Python selects, unknown values, bad data and all."""

import json
import operator
import os
import unicodedata
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import asyncpg
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from sqlalchemy import select

from app.cluster.server import ADMIN
from app.collections.queryables import of_items
from app.cql2 import literals
from app.cql2.arithmetic import Value
from app.cql2.filters import condition
from app.cql2.reading import parse
from app.cql2.space import drawn, related_in_space
from app.db import prepare_connection
from app.geo import parse_crs
from app.models.published import PublishedItemRecord
from app.settings import Settings
from app.statement import driver_dialect

pytestmark = pytest.mark.anyio

ITEM = PublishedItemRecord.__table__
SCHEMA = {
    "properties": {
        "jumlah": {"type": "integer"},
        "lain": {"type": "integer"},
        "rasio": {"type": "number"},
        "aktif": {"type": "boolean"},
        "kondisi": {"type": "string", "enum": ["baik", "rusak"]},
        "mulai": {"type": "string", "format": "date"},
        "selesai": {"type": "string", "format": "date"},
        "label": {"type": "array"},
    }
}
# Without the choices of an enum: a text that is none of them is refused, and here all that can be compared is to be compared.
QUERYABLES = {name: replace(one, choices=()) for name, one in of_items(SCHEMA, (), ITEM).items()}
NAMES = ("Posyandu Melati", "POSYANDU MELATI", "Pos 100%", "Pos_1", "Ánggrek", "anggrek", "it's", "back\\slash", "København", "")
BAD = {
    "jumlah": ("tiga", True, [1]),
    "rasio": ("0.5", {}, False),
    "aktif": ("true", 1, None),
    "mulai": ("2023-02-29", "2024-13-01", "0000-01-01", "kemarin", "2024-01-01T00:00:00Z", 20240101),
}


class Row(NamedTuple):
    """What a filter sees of an item: None where there is no value, or one of another type than the schema says."""

    number: int
    name: str
    kondisi: str | None
    jumlah: int | None
    lain: int | None
    rasio: Decimal | None
    aktif: bool | None
    mulai: date | None
    selesai: date | None
    label: list[str] | None
    captured_at: datetime | None
    verified_at: datetime
    geometry: Any
    stored: dict[str, Any]


def _row(n: int) -> Row:
    start = datetime(2024, 1, 1, tzinfo=UTC)
    jumlah, lain = (None if n % 7 == 0 else n % 23 - 5), (None if n % 11 == 3 else n % 6)
    rasio = None if n % 5 == 2 else Decimal(n % 17) / 4
    mulai, selesai = (
        (None if n % 9 == 1 else date(2024, 1, 1) + timedelta(days=n)),
        (None if n % 4 == 1 else date(2024, 3, 1) + timedelta(days=n // 2)),
    )
    aktif, kondisi = (None, True, False)[n % 3], (None, "baik", "rusak")[n % 13 % 3]
    label = ["a", "b"] if n % 8 == 0 else None
    stored: dict[str, Any] = {
        "jumlah": jumlah,
        "lain": lain,
        "rasio": rasio,
        "aktif": aktif,
        "kondisi": kondisi,
        "mulai": mulai,
        "selesai": selesai,
        "label": label,
    }
    stored = {key: value for key, value in stored.items() if value is not None}
    stored = {
        key: value.isoformat() if isinstance(value, date) else float(value) if isinstance(value, Decimal) else value
        for key, value in stored.items()
    }
    captured = None if n % 6 == 5 else start + timedelta(hours=11 * n)
    row = Row(
        n,
        NAMES[n % len(NAMES)],
        kondisi,
        jumlah,
        lain,
        rasio,
        aktif,
        mulai,
        selesai,
        label,
        captured,
        start + timedelta(days=n),
        shapely.Point(112 + n % 20 / 100, -7.9 + n // 20 / 100),
        stored,
    )
    if n % 19 == 0:  # what the schema would not have let in
        name = tuple(BAD)[n // 19 % len(BAD)]
        row.stored[name] = BAD[name][n % len(BAD[name])]
        row = row._replace(**dict[str, Any]({name: None}))
    return row  # fmt: skip


ROWS = [_row(n) for n in range(200)]
Connection = Any


@pytest.fixture
async def world(database: Settings) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(database.owner_dsn.replace("titik_owner@", f"{ADMIN}@"), server_settings={"jit": "off"})
    await prepare_connection(connection)
    transaction = connection.transaction()
    await transaction.start()
    await connection.executemany(
        "INSERT INTO published.item (id, feature_id, category, kelurahan, kecamatan, name, geom, geom_mercator, captured_at, verified_at, version, properties, feature, common_length, place, words) "
        "SELECT $1, $2, 'rt', '35.71.01.1001', '35.71.01', $3, g, ST_Transform(g, 3857), $4, $5, 1, $6, '{}', 0, titik.place($7, $8), '' FROM ST_SetSRID(ST_MakePoint($7, $8), 4326) g",
        [
            (uuid.uuid4(), one.number, one.name, one.captured_at, one.verified_at, one.stored, one.geometry.x, one.geometry.y)
            for one in ROWS
        ],
    )
    yield connection
    await transaction.rollback()
    await connection.close()


async def selected(world: Connection, text: str, language: str = "cql2-text", **more: Any) -> set[int]:
    wanted = condition(parse(text, language), QUERYABLES, **more)
    made = select(ITEM.c.feature_id).where(wanted).compile(dialect=driver_dialect())
    return {row["feature_id"] for row in await world.fetch(str(made), *[made.params[name] for name in made.positiontup or ()])}


def has(*values: object) -> bool:
    return None not in values


def bare(text: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFD", text) if not "\u0300" <= one <= "\u036f")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


BOX = shapely.box(112.045, -7.875, 112.105, -7.825)
EDGE = shapely.box(112.05, -7.87, 112.1, -7.83)
HOLED = shapely.Polygon(EDGE.exterior.coords, [shapely.box(112.055, -7.865, 112.085, -7.845).exterior.coords])
LINE = shapely.LineString([(112, -7.9), (112.1, -7.8)])
SOME = shapely.MultiPoint([(112, -7.9), (112.05, -7.85), (5, 5)])
WIDE = shapely.MultiPolygon([shapely.box(112, -7.9, 112.02, -7.88), shapely.box(112.1, -7.85, 112.12, -7.83)])
LINES = shapely.MultiLineString([[(112, -7.9), (112.19, -7.9)], [(112.03, -7.9), (112.03, -7.8)]])
SHAPES = {
    "box": BOX,
    "edge": EDGE,
    "holed": HOLED,
    "line": LINE,
    "some": SOME,
    "wide": WIDE,
    "lines": LINES,
    "point": shapely.Point(112.05, -7.85),
    "points, a line and an area": shapely.GeometryCollection([SOME, LINE, EDGE]),
    "a line and two areas": shapely.GeometryCollection([LINES, WIDE]),
    "points and lines": shapely.GeometryCollection([shapely.Point(112.05, -7.85), LINES]),
    "areas that are one": shapely.GeometryCollection([BOX, EDGE]),
    "an area and a point": shapely.GeometryCollection([shapely.Point(112.06, -7.95), BOX]),
}
MIXED = SHAPES["points, a line and an area"]
HIGH = [shapely.force_3d(shape, 7.0) for shape in SHAPES.values()]
SPATIAL = ("intersects", "equals", "disjoint", "touches", "within", "overlaps", "crosses", "contains")

EVERY, NONE = (lambda _: True), (lambda _: False)

FILTERS: list[tuple[str, Callable[[Row], Any]]] = [
    ("true", EVERY),
    ("false", NONE),
    ("name = 'Pos_1'", lambda r: r.name == "Pos_1"),
    ("name <> 'Pos_1'", lambda r: r.name != "Pos_1"),
    ("'Pos_1' = name", lambda r: r.name == "Pos_1"),
    ("name > 'Pos'", lambda r: r.name > "Pos"),
    ("name >= 'anggrek' AND name <= 'it''s'", lambda r: "anggrek" <= r.name <= "it's"),
    ("name < 'København'", lambda r: r.name < "København"),
    ("name = 'it''s'", lambda r: r.name == "it's"),
    (r"name = 'it\'s'", lambda r: r.name == "it's"),
    (r"name = 'back\\slash'", lambda r: r.name == "back\\slash"),
    ("name = ''", lambda r: r.name == ""),
    ("name = ''' OR true --'", NONE),
    ("name IN ('Pos_1', 'anggrek', 'x')", lambda r: r.name in ("Pos_1", "anggrek")),
    ("name NOT IN ('Pos_1', 'anggrek')", lambda r: r.name not in ("Pos_1", "anggrek")),
    ("name IN (kondisi, 'Pos_1')", lambda r: r.name == "Pos_1"),
    ("name LIKE 'Pos%'", lambda r: r.name.startswith("Pos")),
    ("name NOT LIKE 'Pos%'", lambda r: not r.name.startswith("Pos")),
    ("name LIKE 'Pos__'", lambda r: len(r.name) == 5 and r.name.startswith("Pos")),
    (r"name LIKE 'Pos\_%'", lambda r: r.name.startswith("Pos_")),
    (r"name LIKE '%\%'", lambda r: r.name.endswith("%")),
    (r"name LIKE 'back\\slash'", lambda r: r.name == "back\\slash"),
    ("name LIKE '%''%'", lambda r: "'" in r.name),
    ("name LIKE ''", lambda r: r.name == ""),
    ("name LIKE '%'", EVERY),
    ("CASEI(name) = CASEI('posyandu MELATI')", lambda r: r.name.lower() == "posyandu melati"),
    ("CASEI(name) LIKE CASEI('POS%')", lambda r: r.name.lower().startswith("pos")),
    ("CASEI(name) IN (CASEI('ANGGREK'), CASEI('KØBENHAVN'))", lambda r: r.name.lower() in ("anggrek", "københavn")),
    ("ACCENTI(name) = ACCENTI('Ánggrek')", lambda r: bare(r.name) == "Anggrek"),
    ("ACCENTI(CASEI(name)) = ACCENTI(CASEI('ANGGRÉK'))", lambda r: bare(r.name).lower() == "anggrek"),
    ("CASEI(ACCENTI(name)) LIKE ACCENTI(CASEI('áng%'))", lambda r: bare(r.name).lower().startswith("ang")),
    ("kondisi = 'baik'", lambda r: r.kondisi == "baik"),
    ("kondisi <> 'baik'", lambda r: r.kondisi == "rusak"),
    ("NOT kondisi = 'baik'", lambda r: r.kondisi == "rusak"),
    ("kondisi IS NULL", lambda r: r.kondisi is None),
    ("kondisi IS NOT NULL", lambda r: r.kondisi is not None),
    ("NOT (kondisi = 'baik' OR jumlah > 3)", lambda r: r.kondisi == "rusak" and r.jumlah is not None and r.jumlah <= 3),
    ("NOT (kondisi = 'baik' AND jumlah > 3)", lambda r: r.kondisi == "rusak" or (r.jumlah is not None and r.jumlah <= 3)),
    ("(NOT kondisi IN ('baik', 'x')) IS NULL", lambda r: r.kondisi is None),
    ("(NOT kondisi = 'baik') = true", lambda r: r.kondisi == "rusak"),
    ("(kondisi = 'baik') IS NULL", lambda r: r.kondisi is None),
    ("(kondisi = 'baik') = (jumlah > 3)", lambda r: has(r.kondisi, r.jumlah) and (r.kondisi == "baik") == (r.jumlah > 3)),  # type: ignore[operator]
    ("kondisi = kondisi", lambda r: r.kondisi is not None),
    ("kondisi BETWEEN 'a' AND 'c'", lambda r: r.kondisi == "baik"),
    ("jumlah = 3", lambda r: r.jumlah == 3),
    ("jumlah = 3.0", lambda r: r.jumlah == 3),
    ("jumlah > 3.5", lambda r: has(r.jumlah) and r.jumlah > 3.5),  # type: ignore[operator]
    ("jumlah < -2", lambda r: has(r.jumlah) and r.jumlah < -2),  # type: ignore[operator]
    ("jumlah IS NULL", lambda r: r.jumlah is None),
    ("jumlah BETWEEN -1 AND 4", lambda r: has(r.jumlah) and -1 <= r.jumlah <= 4),  # type: ignore[operator]
    ("jumlah NOT BETWEEN -1 AND 4", lambda r: has(r.jumlah) and not -1 <= r.jumlah <= 4),  # type: ignore[operator]
    ("jumlah BETWEEN lain AND lain + 3", lambda r: has(r.jumlah, r.lain) and r.lain <= r.jumlah <= r.lain + 3),  # type: ignore[operator]
    ("jumlah IN (1, 2, 3)", lambda r: r.jumlah in (1, 2, 3)),
    ("jumlah NOT IN (1, 2, 3)", lambda r: has(r.jumlah) and r.jumlah not in (1, 2, 3)),
    ("jumlah IN (lain, 1)", lambda r: has(r.jumlah) and r.jumlah in (r.lain, 1)),
    ("jumlah NOT IN (lain, 1)", lambda r: has(r.jumlah, r.lain) and r.jumlah not in (r.lain, 1)),
    ("jumlah = lain", lambda r: has(r.jumlah) and r.jumlah == r.lain),
    ("jumlah > lain", lambda r: has(r.jumlah, r.lain) and r.jumlah > r.lain),  # type: ignore[operator]
    ("jumlah + lain = 5", lambda r: has(r.jumlah, r.lain) and r.jumlah + r.lain == 5),  # type: ignore[operator]
    ("jumlah - lain * 2 > 1", lambda r: has(r.jumlah, r.lain) and r.jumlah - r.lain * 2 > 1),  # type: ignore[operator]
    ("jumlah / lain > 1.5", lambda r: has(r.jumlah, r.lain) and r.lain != 0 and Decimal(r.jumlah) / r.lain > 1.5),  # type: ignore[arg-type, operator]
    ("jumlah / 0 = 1", NONE),
    ("NOT jumlah / 0 = 1", NONE),
    ("jumlah / (lain - lain) IS NULL", EVERY),
    ("jumlah % 4 = 3", lambda r: has(r.jumlah) and Decimal(r.jumlah) % 4 == 3),  # type: ignore[arg-type]
    ("jumlah % lain = 1", lambda r: has(r.jumlah, r.lain) and r.lain and Decimal(r.jumlah) % r.lain == 1),  # type: ignore[arg-type]
    ("jumlah div 4 = -1", lambda r: has(r.jumlah) and Decimal(r.jumlah) // 4 == -1),  # type: ignore[arg-type]
    ("jumlah DIV 4 = 2", lambda r: has(r.jumlah) and r.jumlah // 4 == 2),  # type: ignore[operator]
    ("jumlah ^ 2 = 9", lambda r: r.jumlah in (3, -3)),
    ("jumlah ^ -1 = 0.5", lambda r: r.jumlah == 2),
    ("jumlah ^ 0.5 = 3", lambda r: r.jumlah == 9),
    ("2 ^ lain = 8", lambda r: r.lain == 3),
    ("jumlah ^ lain = 1", lambda r: has(r.jumlah, r.lain) and r.jumlah**r.lain == 1),  # type: ignore[operator]
    ("0 ^ jumlah = 0", lambda r: has(r.jumlah) and r.jumlah > 0),  # type: ignore[operator]
    ("jumlah = 2 ^ 3 ^ 1 - 1", lambda r: r.jumlah == 7),
    ("-jumlah = 3", lambda r: r.jumlah == -3),
    ("jumlah = -lain", lambda r: has(r.jumlah, r.lain) and r.jumlah == -r.lain),  # type: ignore[operator]
    ("jumlah > 1e20", NONE),
    ("jumlah * 1e20 > 1e21", lambda r: has(r.jumlah) and r.jumlah > 10),  # type: ignore[operator]
    ("rasio = 0.25", lambda r: r.rasio == Decimal("0.25")),
    ("rasio + 0.1 = 0.35", lambda r: r.rasio == Decimal("0.25")),
    ("rasio * 4 = jumlah", lambda r: has(r.rasio, r.jumlah) and r.rasio * 4 == r.jumlah),  # type: ignore[operator]
    ("rasio >= 2 AND rasio < 3", lambda r: has(r.rasio) and 2 <= r.rasio < 3),  # type: ignore[operator]
    ("rasio IS NULL", lambda r: r.rasio is None),
    ("aktif", lambda r: r.aktif is True),
    ("NOT aktif", lambda r: r.aktif is False),
    ("aktif = true", lambda r: r.aktif is True),
    ("aktif = false", lambda r: r.aktif is False),
    ("aktif <> true", lambda r: r.aktif is False),
    ("aktif < true", lambda r: r.aktif is False),
    ("aktif IS NULL", lambda r: r.aktif is None),
    ("aktif IN (true)", lambda r: r.aktif is True),
    ("aktif AND jumlah > 0 OR kondisi = 'rusak'", lambda r: (r.aktif and has(r.jumlah) and r.jumlah > 0) or r.kondisi == "rusak"),  # type: ignore[operator]
    ("mulai = DATE('2024-02-29')", lambda r: r.mulai == date(2024, 2, 29)),
    ("mulai > DATE('2024-05-01')", lambda r: has(r.mulai) and r.mulai > date(2024, 5, 1)),  # type: ignore[operator]
    ("mulai BETWEEN DATE('2024-02-01') AND DATE('2024-02-10')", lambda r: has(r.mulai) and date(2024, 2, 1) <= r.mulai <= date(2024, 2, 10)),  # type: ignore[operator]
    ("mulai IN (DATE('2024-01-03'), DATE('2024-01-04'))", lambda r: r.mulai in (date(2024, 1, 3), date(2024, 1, 4))),
    ("mulai < selesai", lambda r: has(r.mulai, r.selesai) and r.mulai < r.selesai),  # type: ignore[operator]
    ("mulai IS NULL", lambda r: r.mulai is None),
    ("mulai > TIMESTAMP('2024-02-01T12:00:00Z')", lambda r: has(r.mulai) and r.mulai > date(2024, 2, 1)),  # type: ignore[operator]
    ("label IS NOT NULL", lambda r: r.label is not None),
    ("geometry IS NULL", NONE),
    ("captured_at = TIMESTAMP('2024-01-01T11:00:00Z')", lambda r: r.number == 1),
    ("captured_at = TIMESTAMP('2024-01-01T18:00:00+07:00')", lambda r: r.number == 1),
    ("captured_at < TIMESTAMP('2024-01-10T00:00:00Z')", lambda r: has(r.captured_at) and r.captured_at < at("2024-01-10T00:00:00Z")),  # type: ignore[operator]
    ("captured_at IS NULL", lambda r: r.captured_at is None),
    ("captured_at = DATE('2024-01-05')", lambda r: has(r.captured_at) and r.captured_at.date() == date(2024, 1, 5)),  # type: ignore[union-attr]
    ("captured_at <> DATE('2024-01-05')", lambda r: has(r.captured_at) and r.captured_at.date() != date(2024, 1, 5)),  # type: ignore[union-attr]
    ("captured_at > DATE('2024-01-05')", lambda r: has(r.captured_at) and r.captured_at.date() > date(2024, 1, 5)),  # type: ignore[union-attr]
    ("captured_at <= DATE('2024-01-05')", lambda r: has(r.captured_at) and r.captured_at.date() <= date(2024, 1, 5)),  # type: ignore[union-attr]
    ("DATE('2024-01-05') > captured_at", lambda r: has(r.captured_at) and r.captured_at.date() < date(2024, 1, 5)),  # type: ignore[union-attr]
    ("mulai = captured_at", lambda r: has(r.mulai, r.captured_at) and r.captured_at.date() == r.mulai),  # type: ignore[union-attr]
    ("captured_at > verified_at", lambda r: has(r.captured_at) and r.captured_at > r.verified_at),  # type: ignore[operator]
    ("T_AFTER(captured_at, DATE('2024-01-05'))", lambda r: has(r.captured_at) and r.captured_at.date() > date(2024, 1, 5)),  # type: ignore[union-attr]
    ("T_INTERSECTS(captured_at, INTERVAL('2024-01-05', '2024-01-06'))", lambda r: has(r.captured_at) and r.captured_at.date() in (date(2024, 1, 5), date(2024, 1, 6))),  # type: ignore[union-attr]
    ("T_INTERSECTS(captured_at, INTERVAL('..', '2024-01-06T00:00:00Z'))", lambda r: has(r.captured_at) and r.captured_at <= at("2024-01-06T00:00:00Z")),  # type: ignore[operator]
    ("T_DISJOINT(captured_at, INTERVAL('2024-01-06T00:00:00Z', '..'))", lambda r: has(r.captured_at) and r.captured_at < at("2024-01-06T00:00:00Z")),  # type: ignore[operator]
    ("T_EQUALS(INTERVAL('..','..'), INTERVAL('..','..'))", EVERY),
    ("T_BEFORE(INTERVAL('..','..'), captured_at)", NONE),
    ("T_DURING(INTERVAL(captured_at, captured_at), INTERVAL('2024-02-01', '2024-02-29'))", lambda r: has(r.captured_at) and at("2024-02-01T00:00:00Z") < r.captured_at < at("2024-03-01T00:00:00Z")),  # type: ignore[operator]
    ("T_STARTS(INTERVAL(mulai, '..'), INTERVAL('2024-02-01','..'))", NONE),
    ("T_FINISHES(INTERVAL(mulai, '..'), INTERVAL('2024-02-01','..'))", lambda r: has(r.mulai) and r.mulai > date(2024, 2, 1)),  # type: ignore[operator]
    ("kelurahan = '35.71.01.1001' AND category = 'rt'", EVERY),
    ("status = 'active'", NONE),
    ("accuracy_m IS NULL AND address IS NULL", EVERY),
    *[(f"S_{name.upper()}(geometry, {shape.wkt})", lambda r, name=name, shape=shape: getattr(r.geometry, name)(shape)) for name in SPATIAL for shape in SHAPES.values()],
    *[(f"S_{name.upper()}({BOX.wkt}, geometry)", lambda r, name=name: getattr(BOX, name)(r.geometry)) for name in SPATIAL],
    *[(f"S_{name.upper()}({MIXED.wkt}, geometry)", lambda r, name=name: getattr(MIXED, name)(r.geometry)) for name in SPATIAL],
    *[(f"S_INTERSECTS(geometry, {shape.wkt})", lambda r, shape=shape: r.geometry.intersects(shape)) for shape in HIGH],
    ("S_INTERSECTS(geometry, BBOX(112.045,-7.875,112.105,-7.825))", lambda r: r.geometry.intersects(BOX)),
    ("S_INTERSECTS(geometry, BBOX(112.045,-7.875,-9,112.105,-7.825,9))", lambda r: r.geometry.intersects(BOX)),
    ("S_INTERSECTS(geometry, BBOX(112.05,-7.85,112.05,-7.85))", lambda r: r.geometry.equals(shapely.Point(112.05, -7.85))),
    ("S_INTERSECTS(geometry, BBOX(112,-7.85,112.19,-7.85))", lambda r: r.geometry.y == -7.85),
    ("S_INTERSECTS(geometry, BBOX(112.1,-90,-170,90))", lambda r: r.geometry.x >= 112.1),
    ("S_DISJOINT(geometry, BBOX(180,-90,112.1,90))", lambda r: r.geometry.x > 112.1),
    ("S_EQUALS(geometry, geometry)", EVERY),
    ("S_WITHIN(POINT(1 1), POLYGON((0 0,3 0,3 3,0 0)))", NONE),
    ("S_INTERSECTS(POINT(1 1), LINESTRING(0 0,2 2))", EVERY),
    ("NOT S_WITHIN(geometry, BBOX(112.045,-7.875,112.105,-7.825)) AND kondisi = 'baik'", lambda r: not r.geometry.within(BOX) and r.kondisi == "baik"),
]  # fmt: skip


def relations(s: date, e: date, t: date, f: date) -> dict[str, bool]:
    return {
        "AFTER": s > f, "BEFORE": e < t, "DISJOINT": s > f or e < t, "INTERSECTS": not (s > f or e < t), "EQUALS": s == t and e == f,
        "CONTAINS": s < t and e > f, "DURING": s > t and e < f, "FINISHEDBY": s < t and e == f, "FINISHES": s > t and e == f, "MEETS": e == t, "METBY": s == f,
        "OVERLAPPEDBY": t < s < f < e, "OVERLAPS": s < t < e < f, "STARTEDBY": s == t and e > f, "STARTS": s == t and e < f,
    }  # fmt: skip


def expected(of: Callable[[Row], Any]) -> set[int]:
    return {row.number for row in ROWS if of(row)}


async def test_filters_select_what_python_selects(world: Connection) -> None:
    assert len(FILTERS) > 150
    wrong = {text: (got, wanted) for text, of in FILTERS if (got := await selected(world, text)) != (wanted := expected(of))}
    assert wrong == {}
    # Most of them tell rows apart: a filter that selects all or none would hide mistakes.
    assert sum(0 < len(expected(of)) < len(ROWS) for _, of in FILTERS) > 100


AREAS = (BOX, EDGE, HOLED, WIDE, shapely.box(112, -7.9, 112.05, -7.85), shapely.box(111, -9, 113, -7), shapely.box(113, -9, 114, -8))
COLLECTIONS = (
    *(shape for shape in SHAPES.values() if shape.geom_type == "GeometryCollection"),
    shapely.GeometryCollection([shapely.LineString([(112.045, -7.9), (112.045, -7.8)]), shapely.Point(112.06, -7.85)]),
    shapely.GeometryCollection([shapely.LineString([(112.05, -7.87), (112.1, -7.87)]), shapely.box(112.05, -7.9, 112.1, -7.87)]),
    shapely.GeometryCollection([shapely.Point(112.06, -7.86), shapely.LineString([(112.06, -7.85), (112.07, -7.85)])]),
    shapely.GeometryCollection([BOX, shapely.Point(9, 9)]),
)


def as_defined(relation: str, area: Any, collection: Any) -> tuple[bool, bool]:
    """Of an area and a collection, both ways. GEOS relates a collection of areas and points wrongly, one of areas and lines not."""
    dimensions = set(shapely.get_dimensions(collection.geoms))
    if {0, 2} <= dimensions:
        points = [one for part in collection.geoms for one in getattr(part, "geoms", [part]) if one.geom_type == "Point"]
        lines = [shapely.LineString([(one.x, one.y), (one.x + 1e-9, one.y)]) for one in points]
        collection = shapely.GeometryCollection([*(one for one in collection.geoms if shapely.get_dimensions(one)), *lines])
    return getattr(area, relation)(collection), getattr(collection, relation)(area)


@pytest.mark.parametrize("relation", SPATIAL)
async def test_areas_and_collections_are_related_as_geos_relates_them(world: Connection, relation: str) -> None:
    """As literals on both sides, and as an area that only the database knows."""
    for area in AREAS:
        known = Value("geometry", drawn(area))
        for collection in COLLECTIONS:
            shape = literals.geometry(json.loads(shapely.to_geojson(collection)))
            literal = Value("geometry", drawn(shape), shape=shape)
            wanted, the_other_way = as_defined(relation, area, collection)
            both = f"S_{relation.upper()}({area.wkt}, {collection.wkt})"
            assert await selected(world, both) == ({row.number for row in ROWS} if wanted else set()), both
            for condition_of, expected_of in (
                (related_in_space(f"s_{relation}", known, literal), wanted),
                (related_in_space(f"s_{relation}", literal, known), the_other_way),
            ):
                made = select(condition_of).compile(dialect=driver_dialect())
                got = await world.fetchval(str(made), *[made.params[name] for name in made.positiontup or ()])
                assert got == expected_of, (area.wkt, collection.wkt)


@pytest.mark.parametrize("interval", [("2024-02-10", "2024-03-06"), ("2024-03-02", "2024-03-02"), ("2024-03-31", "2024-04-15")])
async def test_the_relations_of_time(world: Connection, interval: tuple[str, str]) -> None:
    t, f = (date.fromisoformat(one) for one in interval)
    for name in relations(t, t, t, t):
        got = await selected(world, f"T_{name}(INTERVAL(mulai, selesai), INTERVAL('{interval[0]}', '{interval[1]}'))")
        # Where one end is unknown, the other may still be enough to tell.
        whole = {r.number: relations(r.mulai, r.selesai, t, f)[name] for r in ROWS if r.mulai and r.selesai}
        assert got & whole.keys() == {number for number, holds in whole.items() if holds}, name


async def test_what_is_asked_in_metres_is_answered(world: Connection) -> None:
    to_utm = Transformer.from_crs("EPSG:4326", "EPSG:32749", always_xy=True)
    ring = ", ".join("{} {}".format(*to_utm.transform(x, y)) for x, y in BOX.exterior.coords)
    assert await selected(world, f"S_INTERSECTS(geometry, POLYGON(({ring})))", crs=parse_crs("EPSG:32749")) == expected(
        lambda r: r.geometry.intersects(BOX)
    )


async def test_json_selects_the_same(world: Connection) -> None:
    for text in (
        "jumlah > 3 AND NOT kondisi = 'baik'",
        "CASEI(name) LIKE CASEI('pos%')",
        "S_INTERSECTS(geometry, BBOX(112.045,-7.875,112.105,-7.825))",
        "rasio IN (0.25, 1)",
    ):
        tree = json.dumps(parse(text, "cql2-text"), default=float)
        assert await selected(world, tree, "cql2-json") == await selected(world, text) != set()


# -- random filters, judged by SQL's logic of three values

Known = Any  # a value, or None: unknown


def _with(combine: Callable[..., Any]) -> Callable[..., Known]:
    return lambda *values: None if None in values else combine(*values)


def _and(left: Known, right: Known) -> Known:
    return False if left is False or right is False else None if left is None or right is None else True


def _not(value: Known) -> Known:
    return None if value is None else not value


def _or(left: Known, right: Known) -> Known:
    return _not(_and(_not(left), _not(right)))


Made = tuple[str, Callable[[Row], Known]]
COMPARED = {"=": operator.eq, "<>": operator.ne, "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge}
COMPUTED = {"+": operator.add, "-": operator.sub, "*": operator.mul}


def _binary(text: str, of: Callable[..., Known], left: Made, right: Made) -> Made:
    return f"({left[0]} {text} {right[0]})", lambda row: of(left[1](row), right[1](row))


def _constant(value: Any, text: str) -> Made:
    return text, lambda _: value


def _among(left: Made, choices: list[Made]) -> Made:
    def of(row: Row) -> Known:
        found: Known = False
        for choice in choices:
            found = _or(found, _with(operator.eq)(left[1](row), choice[1](row)))
        return found

    return f"({left[0]} IN ({', '.join(text for text, _ in choices)}))", of


NUMBER = st.recursive(
    st.sampled_from(("jumlah", "lain", "rasio")).map(lambda name: (name, operator.attrgetter(name)))
    | st.integers(-30, 30).map(lambda n: _constant(n, str(n)))
    | st.integers(-9, 9).map(lambda n: _constant(Decimal(n) / 4, str(Decimal(n) / 4))),
    lambda inner: st.tuples(st.sampled_from(sorted(COMPUTED)), inner, inner).map(lambda made: _binary(made[0], _with(COMPUTED[made[0]]), made[1], made[2])),
    max_leaves=4,
)  # fmt: skip
TEXT = st.sampled_from(("name", "kondisi")).map(lambda name: (name, operator.attrgetter(name))) | st.sampled_from(
    (*NAMES, "baik", "rusak")
).map(lambda value: _constant(value, "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"))


def _comparisons(values: Any) -> Any:
    return (
        st.tuples(st.sampled_from(sorted(COMPARED)), values, values).map(
            lambda made: _binary(made[0], _with(COMPARED[made[0]]), made[1], made[2])
        )
        | st.tuples(values, st.lists(values, min_size=1, max_size=4)).map(lambda made: _among(*made))
        | values.map(lambda made: (f"({made[0]} IS NULL)", lambda row: made[1](row) is None))
    )


CONDITION = st.recursive(
    _comparisons(NUMBER) | _comparisons(TEXT) | st.just(("aktif", operator.attrgetter("aktif"))) | st.booleans().map(lambda value: _constant(value, str(value))),
    lambda inner: (
        st.tuples(inner, inner).map(lambda made: _binary("AND", _and, *made))
        | st.tuples(inner, inner).map(lambda made: _binary("OR", _or, *made))
        | inner.map(lambda made: (f"(NOT {made[0]})", lambda row: _not(made[1](row))))
        | inner.map(lambda made: (f"({made[0]} IS NULL)", lambda row: made[1](row) is None))
        | st.tuples(inner, inner).map(lambda made: _binary("=", _with(operator.eq), *made))
    ),
    max_leaves=12,
)  # fmt: skip


# More of them: TITIK_TEST_FILTERS=20000.
RANDOM = int(os.environ.get("TITIK_TEST_FILTERS", "300"))


async def test_random_filters_select_what_python_selects(world: Connection) -> None:
    drawn: list[Made] = []

    @settings(max_examples=RANDOM, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(CONDITION)
    def draw(made: Made) -> None:
        drawn.append(made)

    draw()
    for text, of in drawn:
        assert await selected(world, text) == {row.number for row in ROWS if of(row) is True}, text


async def test_no_filter_of_values_at_their_bounds_fails(world: Connection) -> None:
    """Stored numbers of any size, and arithmetic with them: an answer, whatever it is."""
    for value in (1e308, -1e308, 1e-308, 10**30, 0, -1):
        await world.execute(
            "UPDATE published.item SET properties = properties || jsonb_build_object('jumlah', $1::numeric, 'lain', $1::numeric)",
            Decimal(value),
        )
        for text in (
            "jumlah ^ lain > 1",
            "jumlah ^ -20 > 1",
            "jumlah ^ 20 > 1",
            "lain ^ 0.5 > 1",
            "2.5 ^ jumlah > 1",
            "jumlah * lain * jumlah * lain * jumlah > 1",
            "1 / jumlah / lain / jumlah > 1",
            "jumlah % lain = 0",
            "jumlah div lain = 1",
            "1 / (jumlah - lain + 1e-30) > 1",
        ):
            await selected(world, text)
