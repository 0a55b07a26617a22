"""The polygons of the active edition around a place, as exact as they judge: for a map on which metres count."""

from typing import TypedDict

from app.db import Session
from app.geo import Bbox
from app.statement import Statement


class ClippedPolygon(TypedDict):
    """`geom` as WKB; `lon`, `lat` lie in the part of it that is shown."""

    code: str
    name: str
    kecamatan: str
    geom: bytes
    lon: float
    lat: float


# A corner or an edge that only touches the box leaves no area.
WITHIN = Statement[ClippedPolygon]("""
    SELECT shown.code, shown.name, shown.kecamatan, ST_AsBinary(shown.geom) AS geom,
           ST_X(ST_PointOnSurface(shown.geom)) AS lon, ST_Y(ST_PointOnSurface(shown.geom)) AS lat
      FROM (
        SELECT b.region_code AS code, r.name, k.name AS kecamatan, ST_CollectionExtract(ST_ClipByBox2D(b.geom, box.geom), 3) AS geom
          FROM (SELECT ST_MakeEnvelope(CAST(:west AS float8), CAST(:south AS float8), CAST(:east AS float8), CAST(:north AS float8), 4326) AS geom) box
          JOIN titik.boundary_edition e ON e.active
          JOIN titik.boundary b ON b.edition_id = e.id AND b.geom && box.geom
          JOIN titik.region r ON r.code = b.region_code
          JOIN titik.region k ON k.code = r.parent_code
      ) shown
     WHERE NOT ST_IsEmpty(shown.geom) ORDER BY shown.code
""")


async def polygons_within(session: Session, box: Bbox) -> list[ClippedPolygon]:
    return await session.all(WITHIN, west=box.west, south=box.south, east=box.east, north=box.north)
