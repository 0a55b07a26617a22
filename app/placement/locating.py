"""Around which kelurahan places lie, in one statement."""

from collections.abc import Sequence
from typing import NamedTuple, TypedDict

from app.db import Session
from app.errors import Unavailable
from app.placement.rules import Edition, Nearby
from app.statement import Statement


class LocatedRow(TypedDict):
    number: int
    edition_id: int
    edition: str
    accuracy_m: float
    approximate: bool
    code: str | None
    name: str
    kecamatan: str
    distance_m: float
    bearing: float


class PlaceQuery(NamedTuple):
    """A place to look at, WGS 84 degrees, and the code of the kelurahan that it claims, if any."""

    lon: float
    lat: float
    declared: str | None = None


# For each place: every kelurahan that may matter to its verdict: all within reach (found by the spatial index in degrees,
# a superset), the declared one however far, and the three nearest, so that an answer can say where to go.
# No tolerance is wider than the wider of 100 m and the edition's own accuracy. ST_Covers alone says 0 m: a geodesic
# distance that rounds to 0 just outside an edge must not count as covered. OFFSET 0 keeps the planner from measuring polygons
# that are no candidates (it did: 46 distances for 4).
_LOCATE = """
    WITH edition AS MATERIALIZED (
        SELECT id, name, accuracy_m, approximate, greatest(accuracy_m, 100) / 109000 AS reach
          FROM titik.boundary_edition WHERE {chosen}
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
"""
LOCATE = Statement[LocatedRow](_LOCATE.replace("{chosen}", "active"))
LOCATE_IN = Statement[LocatedRow](_LOCATE.replace("{chosen}", "id = CAST(:edition_id AS int)"))


async def locate(session: Session, places: Sequence[PlaceQuery], edition_id: int | None = None) -> tuple[Edition, list[tuple[Nearby, ...]]]:
    """The edition `edition_id` (None: the active one), and for each place the kelurahan around it by distance, with the declared one
    among them.

    `Unavailable` while no edition is active.
    """
    named: dict[str, object] = {
        "lons": [place.lon for place in places],
        "lats": [place.lat for place in places],
        "declared": [place.declared for place in places],
    }
    rows = await session.all(LOCATE, **named) if edition_id is None else await session.all(LOCATE_IN, edition_id=edition_id, **named)
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
