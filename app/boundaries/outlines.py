"""The outlines of the kelurahan, or of the kecamatan of a province, for maps that are drawn here: read and simplified once for each version and worker."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from cachetools import LRUCache

from app.boundaries.queries import OUTLINES, OUTLINES_OF_KECAMATAN
from app.db import ReadSession, Row

KELURAHAN_AT_MOST = 1_000
"""More of them are no lines on a map any more, and would make a page of megabytes: their kecamatan are drawn."""
# Degrees, about three metres: finer than a line on any of the maps. Of kecamatan ten times that.
_TOLERANCE, _TOLERANCE_OF_KECAMATAN = 3e-5, 3e-4
_REMEMBERED = 3


class Outline(NamedTuple):
    """`shape` is a polygon of Shapely, or several; `lon`, `lat` where its name stands."""

    code: str
    name: str
    kecamatan: str
    shape: object
    lon: float
    lat: float


class Outlines:
    """Remembers those of the last editions that were asked for: the active one, and those that somebody looks at beside it."""

    def __init__(self) -> None:
        self._known: LRUCache[tuple[int, int], tuple[Outline, ...]] = LRUCache(_REMEMBERED)
        self._reading = asyncio.Lock()

    async def of(self, session: ReadSession, edition_id: int, version: int, number: int) -> tuple[Outline, ...]:
        """Of an edition, which has this `number` of kelurahan. `version`: another one where shapes or names are others."""
        async with self._reading:
            if (edition_id, version) not in self._known:
                are_few = number <= KELURAHAN_AT_MOST
                rows = await session.all(OUTLINES if are_few else OUTLINES_OF_KECAMATAN, edition_id=edition_id)
                tolerance = _TOLERANCE if are_few else _TOLERANCE_OF_KECAMATAN
                self._known[edition_id, version] = await asyncio.to_thread(_outlines, rows, tolerance)
            return self._known[edition_id, version]


def _outlines(rows: Sequence[Row], tolerance: float) -> tuple[Outline, ...]:
    # As one coverage: two neighbours keep the same line between them.
    shapes = shapely.coverage_simplify(np.array([shapely.from_wkb(row["geom"]) for row in rows], dtype=object), tolerance)
    return tuple(
        Outline(row["code"], row["name"], row["kecamatan"], shape, row["lon"], row["lat"]) for row, shape in zip(rows, shapes, strict=True)
    )
