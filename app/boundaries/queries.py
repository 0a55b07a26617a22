"""SQL of boundary editions: where a place lies, and the editions themselves."""

from collections.abc import Sequence
from typing import NamedTuple

import shapely

from app.boundaries.checking import Boundary
from app.db import Row, Session, WriteSession
from app.errors import Unavailable
from app.points.rules import Edition, Nearby
from app.statement import Statement


class Asked(NamedTuple):
    """A place to look at, WGS 84 degrees, and the code of the kelurahan that it claims, if any."""

    lon: float
    lat: float
    declared: str | None = None


# For each place: every kelurahan that may matter to its verdict: all within reach (found by the spatial index in degrees,
# a superset), the declared one however far, and the three nearest, so that an answer can say where to go.
# No tolerance is wider than the wider of 100 m and the edition's own accuracy. ST_Covers alone says 0 m: a geodesic
# distance that rounds to 0 just outside an edge must not count as covered. OFFSET 0 keeps the planner from measuring polygons
# that are no candidates (it did: 46 distances for 4).
LOCATE = Statement("""
    WITH edition AS MATERIALIZED (
        SELECT id, name, accuracy_m, approximate, greatest(accuracy_m, 100) / 109000 AS reach
          FROM titik.boundary_edition WHERE active
    )
    SELECT asked.number, e.id AS edition_id, e.name AS edition, e.accuracy_m, e.approximate,
           near.code, near.name, near.kecamatan, near.distance_m, near.bearing
      FROM edition e
      CROSS JOIN unnest(CAST(:lons AS float8[]), CAST(:lats AS float8[]), CAST(:declared AS text[]))
                 WITH ORDINALITY AS asked (lon, lat, declared, number)
      CROSS JOIN LATERAL (SELECT ST_SetSRID(ST_MakePoint(asked.lon, asked.lat), 4326) AS geom) place
      LEFT JOIN LATERAL (
        SELECT r.code, r.name, k.name AS kecamatan, measured.distance_m,
               CASE WHEN measured.distance_m > 0
                    THEN degrees(ST_Azimuth(ST_ClosestPoint(b.geom, place.geom)::geography, place.geom::geography)) END AS bearing
          FROM (
            SELECT b.region_code FROM titik.boundary b
             WHERE b.edition_id = e.id
               AND b.geom && ST_Expand(place.geom, e.reach / cos(radians(least(abs(asked.lat), 85))), e.reach)
            UNION
            SELECT asked.declared
            UNION
            (SELECT b.region_code FROM titik.boundary b WHERE b.edition_id = e.id ORDER BY b.geom <-> place.geom LIMIT 3)
          ) candidate
          CROSS JOIN LATERAL (
            SELECT b.geom FROM titik.boundary b WHERE b.edition_id = e.id AND b.region_code = candidate.region_code OFFSET 0
          ) b
          CROSS JOIN LATERAL (
            SELECT CASE WHEN ST_Covers(b.geom, place.geom) THEN 0
                        ELSE greatest(ST_Distance(b.geom::geography, place.geom::geography), 0.001) END AS distance_m OFFSET 0
          ) measured
          JOIN titik.region r ON r.code = candidate.region_code
          JOIN titik.region k ON k.code = r.parent_code
      ) near ON true
     ORDER BY asked.number, near.distance_m, near.code
""")

# The extent was measured when the edition was loaded.
ACTIVE = Statement("""
    SELECT id, name, accuracy_m, approximate,
           ARRAY(SELECT side::float8 FROM jsonb_array_elements_text(report -> 'extent') AS side) AS extent
      FROM titik.boundary_edition WHERE active
""")

LIST = Statement("""
    SELECT e.id, e.name, e.source, e.accuracy_m, e.approximate, e.active, e.complete, e.loaded_at, count(b.region_code) AS kelurahan
      FROM titik.boundary_edition e
      LEFT JOIN titik.boundary b ON b.edition_id = e.id
     GROUP BY e.id ORDER BY e.id
""")

ADD_EDITION = Statement("""
    INSERT INTO titik.boundary_edition (name, source, legal_basis, accuracy_m, approximate, valid_from, complete, file_sha256, report)
    VALUES (:name, :source, :legal_basis, :accuracy_m, :approximate, CAST(:valid_from AS date), :complete, :file_sha256, CAST(:report AS jsonb))
    ON CONFLICT (name) DO NOTHING
    RETURNING id
""")

ADD_BOUNDARY = Statement("""
    INSERT INTO titik.boundary (edition_id, region_code, geom, area_km2, label)
    VALUES (:edition_id, :region_code, ST_Multi(ST_GeomFromWKB(:geom, 4326)), :area_km2, ST_GeomFromWKB(:label, 4326))
""")

# The planner must know at once how many polygons there are.
ANALYZE = Statement("ANALYZE titik.boundary, titik.boundary_edition, titik.region")

# Two statements, because the unique index allows one active edition at every moment.
END_ACTIVE = Statement("UPDATE titik.boundary_edition SET active = false WHERE active AND id <> :edition_id")

SET_ACTIVE = Statement("""
    UPDATE titik.boundary_edition SET active = true, activated_at = now() WHERE id = :edition_id AND NOT active
""")

FIND = Statement("SELECT id, complete FROM titik.boundary_edition WHERE name = :name")


ACTIVE_BOUNDARIES = Statement("""
    SELECT b.region_code, ST_AsBinary(b.geom) AS geom
      FROM titik.boundary b JOIN titik.boundary_edition e ON e.id = b.edition_id
     WHERE e.active ORDER BY b.region_code
""")

OUTLINES = Statement("""
    SELECT b.region_code AS code, r.name, k.name AS kecamatan, ST_AsBinary(b.geom) AS geom, ST_X(b.label) AS lon, ST_Y(b.label) AS lat
      FROM titik.boundary b
      JOIN titik.region r ON r.code = b.region_code
      JOIN titik.region k ON k.code = r.parent_code
     WHERE b.edition_id = :edition_id ORDER BY b.region_code
""")


async def locate(session: Session, places: Sequence[Asked]) -> tuple[Edition, list[tuple[Nearby, ...]]]:
    """The active edition, and for each place the kelurahan around it by distance, with the declared one among them.

    `Unavailable` while no edition is active.
    """
    rows: Sequence[Row] = await session.all(
        LOCATE,
        lons=[place.lon for place in places],
        lats=[place.lat for place in places],
        declared=[place.declared for place in places],
    )
    if not rows:
        raise Unavailable("no-edition")
    around: list[list[Nearby]] = [[] for _ in places]
    for row in rows:
        if row["code"] is not None:
            nearby = Nearby(row["code"], row["name"], row["kecamatan"], row["distance_m"], row["bearing"])
            around[row["number"] - 1].append(nearby)
    first = rows[0]
    edition = Edition(first["edition_id"], first["edition"], first["accuracy_m"], first["approximate"])
    return edition, [tuple(nearby) for nearby in around]


class ActiveEdition(NamedTuple):
    """The edition that judges now. `extent`: west, south, east, north in degrees."""

    id: int
    name: str
    accuracy_m: float
    approximate: bool
    extent: list[float]


async def active(session: Session) -> ActiveEdition | None:
    row = await session.first(ACTIVE)
    return ActiveEdition(**row) if row else None


async def active_boundaries(session: Session) -> tuple[Boundary, ...]:
    """The polygons of the active edition; empty while there is none."""
    rows = await session.all(ACTIVE_BOUNDARIES)
    return tuple(Boundary(row["region_code"], shapely.from_wkb(row["geom"])) for row in rows)


async def activate(session: WriteSession, edition_id: int) -> None:
    await session.run(END_ACTIVE, edition_id=edition_id)
    await session.run(SET_ACTIVE, edition_id=edition_id)
