"""SQL of the pages of the atlas: a point with its history and photos, a kelurahan with its numbers and neighbours. One statement for each page."""

from datetime import datetime
from typing import TypedDict
from uuid import UUID

from app.db import ReadSession
from app.published.catalogue import Half
from app.statement import Statement


class PublicEvent(TypedDict):
    """That a point entered, changed or left what everybody sees; `fields` are the public ones that changed."""

    at: str
    deed: str
    fields: list[str]


class PublicHistory(TypedDict):
    """`edition`: by whose boundaries the place was judged; `decimals`: to so many the public place is rounded; `successors`: public points that took
    over from this one; the newest event first.
    """

    category: str
    kelurahan: str
    status: str
    decimals: int | None
    edition: str | None
    successors: list[UUID]
    events: list[PublicEvent]


class PublicPhoto(TypedDict):
    id: UUID
    width: int
    height: int


class NeighbourArea(TypedDict):
    code: str
    name: str


class PointPageRow(TypedDict):
    """`feature` is None where the point is not published, `history` where it never was, or not for everybody."""

    feature: str | None
    verified_at: datetime | None
    history: PublicHistory | None
    photos: list[PublicPhoto]


class KelurahanPageRow(TypedDict):
    """`numbers`: of items by category; `neighbours`: code and name; `west` to `north`: its extent in degrees."""

    code: str
    name: str
    bps_code: str | None
    kecamatan: str
    parent_code: str
    area_km2: float
    numbers: dict[str, int]
    neighbours: list[NeighbourArea]
    west: float
    south: float
    east: float
    north: float


def _of_halves(sql: str) -> dict[Half, str]:
    return {"published": sql.replace("{half}", "published"), "internal": sql.replace("{half}", "internal")}


_POINT_PAGE = {
    half: Statement[PointPageRow](sql)
    for half, sql in _of_halves("""
        SELECT i.feature, i.verified_at, titik.public_history(wanted.id) AS history,
               coalesce((SELECT jsonb_agg(jsonb_build_object('id', f.id, 'width', f.width, 'height', f.height) ORDER BY f.id)
                           FROM {half}.photo f WHERE f.point_id = i.id), '[]') AS photos
          FROM (SELECT CAST(:id AS uuid) AS id) wanted LEFT JOIN {half}.item i ON i.id = wanted.id
    """).items()
}
# Between neighbours of an edition there may be a gap: up to some 50 m they still are neighbours.
_KELURAHAN_PAGE = {
    half: Statement[KelurahanPageRow](sql)
    for half, sql in _of_halves("""
        SELECT a.code, a.name, a.bps_code, a.kecamatan, a.parent_code, a.area_km2,
               coalesce((SELECT jsonb_object_agg(t.category, t.number) FROM {half}.kelurahan_total t
                          WHERE t.kelurahan = a.code AND t.number > 0), '{}') AS numbers,
               coalesce((SELECT jsonb_agg(jsonb_build_object('code', n.code, 'name', n.name) ORDER BY n.name)
                           FROM published.area n
                          WHERE n.level = 'kelurahan' AND n.code <> a.code AND n.geom && ST_Expand(a.geom, 0.00045)
                            AND ST_DWithin(n.geom, a.geom, 0.00045)), '[]') AS neighbours,
               ST_XMin(a.geom) AS west, ST_YMin(a.geom) AS south, ST_XMax(a.geom) AS east, ST_YMax(a.geom) AS north
          FROM published.area a WHERE a.code = :code AND a.level = 'kelurahan'
    """).items()
}


async def read_point(session: ReadSession, half: Half, point: UUID) -> PointPageRow:
    return await session.one(_POINT_PAGE[half], id=point)


async def read_kelurahan(session: ReadSession, half: Half, code: str) -> KelurahanPageRow | None:
    return await session.first(_KELURAHAN_PAGE[half], code=code)
