"""The polygons of the active edition as a phone takes them along: every corner of them, in few bytes."""

import asyncio
import zlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypedDict

import numpy as np
import orjson
import shapely

from app.db import ReadSession
from app.placement import rules
from app.published.catalogue import EditionCard
from app.regions.codes import city_of
from app.statement import Statement
from app.wire import Answer

WITHIN_M = 2_000
"""What lies no farther from the kelurahan in question is taken along with them."""
WHOLE_CITY_BYTES = 150_000
"""Compressed; more than this is too much for a phone on a slow line, which then gets the surroundings of its own kelurahan."""
PER_DEGREE = 10_000_000
"""Corners are whole numbers of this part of a degree (11 mm): places that differ by no more are one (`placement.rules`)."""
_REACH_DEGREES = WITHIN_M / 109_000


class TakenRow(TypedDict):
    """`geom` as WKB; `is_base`: one of those that were asked for."""

    code: str
    name: str
    kecamatan: str
    geom: bytes
    is_base: bool


class CityRow(TypedDict):
    code: str


# The boxes are compared first: within a city nearly all are neighbours of something.
AROUND = Statement[TakenRow]("""
    WITH base AS MATERIALIZED (
        SELECT region_code, geom FROM titik.boundary
         WHERE edition_id = CAST(:edition_id AS int) AND region_code = ANY (CAST(:base AS text[]))
    ), near AS (
        SELECT DISTINCT b.region_code
          FROM base CROSS JOIN LATERAL (
            SELECT b.region_code FROM titik.boundary b
             WHERE b.edition_id = CAST(:edition_id AS int) AND b.region_code <> ALL (CAST(:base AS text[]))
               AND b.geom && ST_Expand(base.geom, CAST(:reach AS float8) / cos(radians(least(abs(ST_YMin(base.geom)) + 1, 85))),
                                       CAST(:reach AS float8))
               AND ST_DWithin(b.geom::geography, base.geom::geography, CAST(:within_m AS float8))
          ) b
    )
    SELECT b.region_code AS code, r.name, k.name AS kecamatan, ST_AsBinary(b.geom) AS geom,
           b.region_code = ANY (CAST(:base AS text[])) AS is_base
      FROM titik.boundary b
      JOIN titik.region r ON r.code = b.region_code
      JOIN titik.region k ON k.code = r.parent_code
     WHERE b.edition_id = CAST(:edition_id AS int)
       AND b.region_code IN (SELECT region_code FROM base UNION ALL SELECT region_code FROM near)
     ORDER BY b.region_code
""")
CODES_OF_CITIES = Statement[CityRow]("""
    SELECT b.region_code AS code FROM titik.boundary b
     WHERE b.edition_id = CAST(:edition_id AS int) AND substring(b.region_code FROM '^[0-9]+[.][0-9]+') = ANY (CAST(:cities AS text[])) ORDER BY b.region_code
""")


class JudgingEdition(Answer):
    name: str
    accuracy_m: float
    approximate: bool


class Tolerance(Answer):
    """`docs/placement.md`: accuracy of the place and of the boundaries together, within these bounds."""

    accuracy_when_unknown_m: float
    at_least_m: float
    at_most_m: float


class OfflineKelurahan(Answer):
    code: str
    name: str
    kecamatan: str
    polygons: list[list[list[int]]]
    """Polygons of rings of numbers: lon and lat of the first corner times `per_degree`, then the steps to the next ones. The last corner, which
    is the first again, is left out.
    """


class OfflineBoundaries(Answer):
    """`complete`: these are all kelurahan of the edition. Else every kelurahan is here that lies within `within_m` of one of `base`, and a place
    farther from those cannot be judged by them.
    """

    edition: JudgingEdition
    tolerance: Tolerance
    complete: bool
    base: list[str]
    within_m: int
    per_degree: int
    kelurahan: list[OfflineKelurahan]


class Parcel(NamedTuple):
    """The document, and its size when it is compressed."""

    body: bytes
    compressed: int


async def of_kelurahan(session: ReadSession, edition: EditionCard, codes: Sequence[str]) -> bytes:
    """The city or cities of these kelurahan where they are small enough, else these and what lies around them."""
    cities = sorted({city_of(code) for code in codes})
    whole = [row["code"] for row in await session.all(CODES_OF_CITIES, edition_id=edition.id, cities=cities)]
    parcel = await _parcel(session, edition, whole)
    if parcel.compressed > WHOLE_CITY_BYTES:
        parcel = await _parcel(session, edition, codes)
    return parcel.body


async def _parcel(session: ReadSession, edition: EditionCard, base: Sequence[str]) -> Parcel:
    rows = await session.all(AROUND, edition_id=edition.id, base=list(base), reach=_REACH_DEGREES, within_m=WITHIN_M)
    return await asyncio.to_thread(_written, edition, rows)


def _written(edition: EditionCard, rows: Sequence[TakenRow]) -> Parcel:
    document: OfflineBoundaries = {
        "edition": {"name": edition.name, "accuracy_m": edition.accuracy_m, "approximate": edition.approximate},
        "tolerance": {
            "accuracy_when_unknown_m": rules.ACCURACY_WHEN_UNKNOWN_M,
            "at_least_m": rules.TOLERANCE_AT_LEAST_M,
            "at_most_m": rules.TOLERANCE_AT_MOST_M,
        },
        "complete": len(rows) == edition.numbers["kelurahan"],
        "base": [row["code"] for row in rows if row["is_base"]],
        "within_m": WITHIN_M,
        "per_degree": PER_DEGREE,
        "kelurahan": [
            {"code": row["code"], "name": row["name"], "kecamatan": row["kecamatan"], "polygons": list(_polygons(row["geom"]))}
            for row in rows
        ],
    }
    body = orjson.dumps(document)
    return Parcel(body, len(zlib.compress(body, 6)))


def _polygons(geom: bytes) -> Iterator[list[list[int]]]:
    for polygon in shapely.get_parts(shapely.from_wkb(geom)):
        yield [_steps(ring) for ring in (polygon.exterior, *polygon.interiors)]


def _steps(ring: object) -> list[int]:
    """Small numbers, which are written and packed in few bytes."""
    corners = np.rint(shapely.get_coordinates(ring)[:-1] * PER_DEGREE).astype(np.int64)
    steps: list[int] = np.diff(corners, axis=0, prepend=np.zeros((1, 2), dtype=np.int64)).ravel().tolist()
    return steps
