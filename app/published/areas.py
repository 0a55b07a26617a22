"""The areas of the active edition as everybody may read them, and their shapes for tiles: filled whenever an edition is activated."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer

from app.boundaries.coverage import seamless, simplified, united
from app.boundaries.seams import Geometries
from app.db import Row, WriteSession
from app.published.tilesets import AREA_BANDS
from app.statement import Statement

_MERCATOR = Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)
_WORLD_M = 40075016.685578488
# Finer than this nobody sees: half a pixel at the finest zoom that maps ask for.
_FINEST_ZOOM = 18

_SOURCE = Statement("""
    SELECT b.region_code AS code, r.parent_code, ST_AsBinary(b.geom) AS geom, ST_AsBinary(b.label) AS label, b.area_km2, e.accuracy_m,
           ST_Y(b.label) AS lat
      FROM titik.boundary b
      JOIN titik.boundary_edition e ON e.id = b.edition_id AND e.active
      JOIN titik.region r ON r.code = b.region_code
     ORDER BY b.region_code
""")
_ARE_MISSING = Statement("""
    SELECT EXISTS (SELECT FROM titik.boundary_edition WHERE active) AND NOT EXISTS (SELECT FROM published.area)
""")
_EMPTY = Statement("DELETE FROM published.area")
_ADD_AREA = Statement("""
    INSERT INTO published.area (code, level, name, bps_code, parent_code, kecamatan, area_km2, geom, label, label_mercator, feature)
    SELECT r.code, r.level, r.name, r.bps_code, r.parent_code, k.name, CAST(:area_km2 AS float8), made.geom, made.label,
           ST_Transform(made.label, 3857),
           '{"type":"Feature","id":"' || r.code || '","geometry":' || ST_AsGeoJSON(made.geom, 7) || ',"properties":' ||
           CAST(to_json(named) AS text) || '}'
      FROM titik.region r
      JOIN titik.region k ON k.code = CASE r.level WHEN 'kelurahan' THEN r.parent_code ELSE r.code END,
           LATERAL (SELECT r.code, r.bps_code, r.name, k.name AS kecamatan, round(CAST(:area_km2 AS numeric), 4) AS area_km2) named,
           LATERAL (SELECT ST_ForcePolygonCCW(ST_Multi(ST_GeomFromWKB(:geom, 4326))) AS geom, ST_GeomFromWKB(:label, 4326) AS label) made
     WHERE r.code = :code
""")
_ADD_SHAPE = Statement("""
    INSERT INTO published.area_shape (code, min_zoom, max_zoom, level, geom_mercator)
    VALUES (:code, :min_zoom, :max_zoom, :level, ST_GeomFromWKB(:geom, 3857))
""")
_ANALYZE = Statement("ANALYZE published.area, published.area_shape")


async def fill(session: WriteSession) -> None:
    """Makes the areas of the active edition anew, in the transaction of `session`; none where no edition is active."""
    await session.run(_EMPTY)
    rows = await session.all(_SOURCE)
    if rows:
        await session.run_many(_ADD_AREA, [{name: row[name] for name in ("code", "area_km2", "geom", "label")} for row in rows])
        kelurahan = _seamless(rows)
        parents = sorted({row["parent_code"] for row in rows})
        groups = np.array([parents.index(row["parent_code"]) for row in rows])
        kecamatan = united(kelurahan, groups, len(parents))
        await session.run_many(_ADD_AREA, list(_kecamatan(rows, parents, kecamatan)))
        await session.run_many(_ADD_SHAPE, list(_shapes([row["code"] for row in rows], kelurahan, parents, groups, kecamatan)))
    await session.run(_ANALYZE)


async def fill_if_missing(session: WriteSession) -> None:
    """For an edition that was activated before there were these tables."""
    if await session.value(_ARE_MISSING):
        await fill(session)


def _seamless(rows: list[Row]) -> Geometries:
    """Gaps narrower than the edition is exact are nobody's fault, and nobody's ground only on paper."""
    polygons = shapely.transform(shapely.from_wkb([row["geom"] for row in rows]), _MERCATOR.transform, interleaved=False)
    stretch = 1 / np.cos(np.radians(float(np.mean([row["lat"] for row in rows]))))
    return seamless(polygons, rows[0]["accuracy_m"] * stretch)


def _kecamatan(rows: list[Row], parents: list[str], shapes: Geometries) -> Iterator[dict[str, Any]]:
    for code, shape in zip(parents, shapes, strict=True):
        if shapely.is_empty(shape):
            continue
        largest = max(shape.geoms, key=lambda part: part.area)
        middle = shapely.get_point(shapely.maximum_inscribed_circle(largest, tolerance=10), 0)
        label, geom = shapely.transform([middle, shape], _to_degrees)
        area = sum(row["area_km2"] for row in rows if row["parent_code"] == code)
        yield {"code": code, "area_km2": area, "geom": shapely.to_wkb(geom), "label": shapely.to_wkb(label)}


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
