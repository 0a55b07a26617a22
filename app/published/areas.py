"""The areas of the active edition as everybody may read them, and their shapes for tiles: filled whenever an edition is activated."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypedDict

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from app.db import WriteSession
from app.geometry.coverage import seamless, simplified, united
from app.geometry.seams import Geometries
from app.statement import Statement


class AreaSource(TypedDict):
    """Shapes and points as WKB, in degrees; `lat` that of `label`."""

    code: str
    parent_code: str
    geom: bytes
    label: bytes
    area_km2: float
    accuracy_m: float
    lat: float


_MERCATOR = Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)
_WORLD_M = 40075016.685578488
# Finer than this nobody sees: half a pixel at the finest zoom that maps ask for.
_FINEST_ZOOM = 18

_SOURCE = Statement[AreaSource]("""
    SELECT b.region_code AS code, r.parent_code, ST_AsBinary(b.geom) AS geom, ST_AsBinary(b.label) AS label, b.area_km2, e.accuracy_m,
           ST_Y(b.label) AS lat
      FROM titik.boundary b
      JOIN titik.boundary_edition e ON e.id = b.edition_id AND e.id = CAST(:edition_id AS int)
      JOIN titik.region r ON r.code = b.region_code
     ORDER BY b.region_code
""")
_ACTIVE = Statement("SELECT id FROM titik.boundary_edition WHERE active")
_WITHOUT_AREAS = Statement("""
    SELECT e.id, e.active AND NOT EXISTS (SELECT FROM published.area) AS is_not_shown,
           NOT EXISTS (SELECT FROM published.edition_area a WHERE a.edition_id = e.id) AS is_not_kept
      FROM titik.boundary_edition e ORDER BY e.id
""")
_EMPTY = Statement("DELETE FROM published.area")
_ADD = """
    INSERT INTO published.{table} ({column}, code, level, name, bps_code, parent_code, kecamatan, area_km2, geom, label, feature)
    SELECT {value}, r.code, r.level, r.name, r.bps_code, r.parent_code, k.name, CAST(:area_km2 AS float8), made.geom, made.label,
           '{"type":"Feature","id":"' || r.code || '","geometry":' || ST_AsGeoJSON(made.geom, 7) || ',"properties":' ||
           CAST(to_json(named) AS text) || '}'
      FROM titik.region r
      JOIN titik.region k ON k.code = CASE r.level WHEN 'kelurahan' THEN r.parent_code ELSE r.code END,
           LATERAL (SELECT r.code, r.bps_code, r.name, k.name AS kecamatan, round(CAST(:area_km2 AS numeric), 4) AS area_km2) named,
           LATERAL (SELECT ST_ForcePolygonCCW(ST_Multi(ST_GeomFromWKB(:geom, 4326))) AS geom, ST_GeomFromWKB(:label, 4326) AS label) made
     WHERE r.code = :code
"""


def _add(table: str, column: str, value: str) -> Statement:
    return Statement(_ADD.replace("{table}", table).replace("{column}", column).replace("{value}", value))


_ADD_AREA = _add("area", "label_mercator", "ST_Transform(made.label, 3857)")
_ADD_EDITION_AREA = _add("edition_area", "edition_id", "CAST(:edition_id AS int)")
_RENAME = Statement("""
    UPDATE published.area a SET name = named.name, bps_code = named.bps_code, kecamatan = named.kecamatan,
           feature = '{"type":"Feature","id":"' || a.code || '","geometry":' || ST_AsGeoJSON(a.geom, 7) || ',"properties":' || CAST(to_json(named) AS text) || '}'
      FROM titik.region r
      JOIN titik.region k ON k.code = CASE r.level WHEN 'kelurahan' THEN r.parent_code ELSE r.code END,
           LATERAL (SELECT r.code, r.bps_code, r.name, k.name AS kecamatan,
                           (SELECT round(CAST(own.area_km2 AS numeric), 4) FROM published.area own WHERE own.code = r.code) AS area_km2) named
     WHERE r.code = a.code AND (r.code = ANY (CAST(:regions AS text[])) OR k.code = ANY (CAST(:regions AS text[])))
""")
# Past editions keep the names of their day.
_RENAME_ACTIVE = Statement("""
    UPDATE published.edition_area k SET name = a.name, bps_code = a.bps_code, kecamatan = a.kecamatan, feature = a.feature
      FROM published.area a, titik.boundary_edition e
     WHERE e.active AND k.edition_id = e.id AND k.code = a.code
       AND (k.name, k.kecamatan, k.bps_code) IS DISTINCT FROM (a.name, a.kecamatan, a.bps_code)
""")
_ADD_SHAPE = Statement("""
    INSERT INTO published.area_shape (code, min_zoom, max_zoom, level, geom_mercator)
    VALUES (:code, :min_zoom, :max_zoom, :level, ST_GeomFromWKB(:geom, 3857))
""")
# By a function of the owner: the service may not, and would not be told.
_ANALYZE = Statement("SELECT titik.analyze_areas()")


async def fill(session: WriteSession) -> None:
    """Makes the areas of the active edition anew, in the transaction of `session`; none where no edition is active."""
    await session.run(_EMPTY)
    rows = await session.all(_SOURCE, edition_id=await session.value(_ACTIVE))
    if rows:
        await session.run_many(_ADD_AREA, list(_kelurahan(rows)))
        kelurahan = _seamless(rows)
        parents, groups = _parents(rows)
        kecamatan = united(kelurahan, groups, len(parents))
        await session.run_many(_ADD_AREA, list(_kecamatan(rows, parents, kecamatan)))
        await session.run_many(_ADD_SHAPE, list(_shapes([row["code"] for row in rows], kelurahan, parents, groups, kecamatan)))
    await session.run(_ANALYZE)


async def keep(session: WriteSession, edition_id: int) -> None:
    """The areas of one edition, to be read as long as it is there, whichever is active."""
    rows = await session.all(_SOURCE, edition_id=edition_id)
    if not rows:
        return
    parents, groups = _parents(rows)
    kecamatan = _kecamatan(rows, parents, united(_seamless(rows), groups, len(parents)))
    await session.run_many(_ADD_EDITION_AREA, [{**area, "edition_id": edition_id} for area in (*_kelurahan(rows), *kecamatan)])


async def rename(session: WriteSession, regions: Sequence[str]) -> None:
    """Gives the areas the names and codes that these regions have now."""
    await session.run(_RENAME, regions=list(regions))
    await session.run(_RENAME_ACTIVE)


async def fill_if_missing(session: WriteSession) -> None:
    """For editions that were loaded or activated before there were these tables."""
    for row in await session.all(_WITHOUT_AREAS):
        if row["is_not_shown"]:
            await fill(session)
        if row["is_not_kept"]:
            await keep(session, row["id"])


class Ground(NamedTuple):
    """The kelurahan of an edition: their codes, geodesic km², and polygons without gaps or overlaps, in metres of Web Mercator."""

    codes: list[str]
    areas_km2: list[float]
    coverage: Geometries


async def ground_of(session: WriteSession, edition_id: int) -> Ground:
    rows = await session.all(_SOURCE, edition_id=edition_id)
    coverage = _seamless(rows) if rows else np.array([], dtype=object)
    return Ground([row["code"] for row in rows], [row["area_km2"] for row in rows], coverage)


def _parents(rows: list[AreaSource]) -> tuple[list[str], NDArray[np.int64]]:
    """The codes of the kecamatan, and which of them each row belongs to."""
    parents = sorted({row["parent_code"] for row in rows})
    number = {code: n for n, code in enumerate(parents)}
    return parents, np.array([number[row["parent_code"]] for row in rows])


def _seamless(rows: list[AreaSource]) -> Geometries:
    """Gaps narrower than the edition is exact are nobody's fault, and nobody's ground only on paper."""
    polygons = shapely.transform(shapely.from_wkb([row["geom"] for row in rows]), _MERCATOR.transform, interleaved=False)
    stretch = 1 / np.cos(np.radians(float(np.mean([row["lat"] for row in rows]))))
    return seamless(polygons, rows[0]["accuracy_m"] * stretch)


def readable_km2(km2: float) -> float:
    """An area as everybody reads it. Rounded in this one place: PostgreSQL's `round` of a `numeric` and Python's differ at halves."""
    return round(km2, 4)


def _kelurahan(rows: list[AreaSource]) -> Iterator[dict[str, Any]]:
    for row in rows:
        yield {"code": row["code"], "area_km2": readable_km2(row["area_km2"]), "geom": row["geom"], "label": row["label"]}


def _kecamatan(rows: list[AreaSource], parents: list[str], shapes: Geometries) -> Iterator[dict[str, Any]]:
    for code, shape in zip(parents, shapes, strict=True):
        if shapely.is_empty(shape):
            continue
        largest = max(shape.geoms, key=lambda part: part.area)
        middle = shapely.get_point(shapely.maximum_inscribed_circle(largest, tolerance=10), 0)
        label, geom = shapely.transform([middle, shape], _to_degrees)
        area = sum(row["area_km2"] for row in rows if row["parent_code"] == code)
        yield {"code": code, "area_km2": readable_km2(area), "geom": shapely.to_wkb(geom), "label": shapely.to_wkb(label)}


def _to_degrees(metres: Any) -> Any:
    return np.column_stack(_MERCATOR.transform(metres[:, 0], metres[:, 1], direction="INVERSE")).round(7)


def _shapes(codes: list[str], kelurahan: Geometries, parents: list[str], groups: Any, kecamatan: Geometries) -> Iterator[dict[str, Any]]:
    """Where kelurahan are drawn too, a kecamatan is what they make together; where they are not, it is simplified by itself."""
    for band in AREA_BANDS["kecamatan"]:
        tolerance_m = _WORLD_M / 512 / 2 ** min(band[1], _FINEST_ZOOM) / 2
        if band in AREA_BANDS["kelurahan"]:
            finer = simplified(kelurahan, tolerance_m)
            yield from _band("kelurahan", band, codes, finer)
            yield from _band("kecamatan", band, parents, united(finer, groups, len(parents)))
        else:
            yield from _band("kecamatan", band, parents, simplified(kecamatan, tolerance_m))


def _band(level: str, band: tuple[int, int], codes: list[str], shapes: Geometries) -> Iterator[dict[str, Any]]:
    for code, shape in zip(codes, shapes, strict=True):
        if not shapely.is_empty(shape):
            yield {"code": code, "min_zoom": band[0], "max_zoom": band[1], "level": level, "geom": shapely.to_wkb(shape)}


# Each level of areas, in bands of zooms that are drawn from one simplified shape: from where an area is some pixels wide.
AREA_BANDS = {
    "kecamatan": ((5, 6), (7, 9), (10, 11), (12, 13), (14, 22)),
    "kelurahan": ((10, 11), (12, 13), (14, 22)),
}
