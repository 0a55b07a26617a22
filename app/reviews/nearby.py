"""SQL of what lies around a proposed point: other points, and whether one of them may be the same."""

from typing import TypedDict
from uuid import UUID

from app.db import Session
from app.points.likeness import CLOSE_M, NEAR_M, SIMILAR
from app.statement import Statement

AROUND_M = 150.0
MOST_SHOWN = 12


class NearbyPoint(TypedDict):
    """The newest live revision of another point. `is_alike`: it may be the same, by the rule that writers are held against."""

    point: UUID
    revision: UUID
    state: str
    category: str
    name: str
    kelurahan_name: str
    rw: str | None
    rt: str | None
    address: str | None
    attributes: dict[str, object]
    lon: float
    lat: float
    distance_m: float
    is_alike: bool


# Row-level security keeps a query of ours from the spatial index; `titik.alike`, which is the owner's, uses it, and looks at one category at a time.
AROUND = Statement[NearbyPoint](f"""
    WITH here AS MATERIALIZED (
        SELECT r.point_id, r.point_id || r.predecessors AS but_not, r.category, r.name, ST_X(r.geom) AS lon, ST_Y(r.geom) AS lat
          FROM titik.revision r WHERE r.id = CAST(:revision AS uuid)
    ), seen AS MATERIALIZED (
        SELECT a.id, a.distance_m
          FROM here CROSS JOIN titik.category c
          CROSS JOIN LATERAL titik.alike(c.id, NULL, NULL, here.but_not, here.name, here.lon, here.lat, CAST(:within_m AS float8), 0,
                                         CAST(:limit AS int)) a
         WHERE a.kind = 'near'
    ), judged AS (
        SELECT n.*, seen.distance_m AS away_m, n.category = here.category AND (seen.distance_m <= {CLOSE_M}
                   OR (seen.distance_m <= {NEAR_M} AND similarity(lower(n.name), lower(here.name)) >= {SIMILAR})) AS is_alike
          FROM here CROSS JOIN seen
          CROSS JOIN LATERAL (SELECT n.* FROM titik.revision n
                               WHERE n.point_id = seen.id AND n.state IN ('draft', 'submitted', 'returned', 'published')
                               ORDER BY n.number DESC LIMIT 1) n
    )
    SELECT j.point_id AS point, j.id AS revision, j.state, j.category, j.name, k.name AS kelurahan_name, j.rw, j.rt, j.address, j.attributes,
           ST_X(j.geom) AS lon, ST_Y(j.geom) AS lat, j.away_m AS distance_m, j.is_alike
      FROM judged j JOIN titik.region k ON k.code = j.kelurahan
     ORDER BY j.is_alike DESC, j.away_m, j.point_id LIMIT CAST(:limit AS int)
""")  # noqa: S608 - constants, joined at import


async def points_around(session: Session, revision: UUID) -> list[NearbyPoint]:
    """The points within `AROUND_M` of a revision: those that may be the same first, then the nearest."""
    return await session.all(AROUND, revision=revision, within_m=AROUND_M, limit=MOST_SHOWN)
