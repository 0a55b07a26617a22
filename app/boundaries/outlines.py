"""The outlines of the kelurahan for maps that are drawn here: read and simplified once for each edition and worker."""

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely

from app.boundaries.queries import OUTLINES
from app.db import ReadSession, Row

# Degrees, about three metres: finer than a line on any of the maps.
_TOLERANCE = 3e-5


class Outline(NamedTuple):
    """`shape` is a polygon of Shapely, or several; `lon`, `lat` where its name stands."""

    code: str
    name: str
    kecamatan: str
    shape: Any
    lon: float
    lat: float


class Outlines:
    """Remembers those of the last edition that was asked for."""

    def __init__(self) -> None:
        self._edition: int | None = None
        self._kept: tuple[Outline, ...] = ()
        self._reading = asyncio.Lock()

    async def of(self, session: ReadSession, edition_id: int) -> tuple[Outline, ...]:
        async with self._reading:
            if self._edition != edition_id:
                rows = await session.all(OUTLINES, edition_id=edition_id)
                self._kept = await asyncio.to_thread(_outlines, rows)
                self._edition = edition_id
            return self._kept


def _outlines(rows: Sequence[Row]) -> tuple[Outline, ...]:
    # As one coverage: two neighbours keep the same line between them.
    shapes = shapely.coverage_simplify(np.array([shapely.from_wkb(row["geom"]) for row in rows], dtype=object), _TOLERANCE)
    return tuple(
        Outline(row["code"], row["name"], row["kecamatan"], shape, row["lon"], row["lat"]) for row, shape in zip(rows, shapes, strict=True)
    )
