"""The polygons of the active edition in memory, for whoever has very many places to look at: a file of 100,000 rows.

What lies within a kelurahan is told here. What lies in none, or in another than it says, is asked of `queries.locate`, whose distances
decide: a verdict must not depend on the way by which a point came.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypedDict

import numpy as np
import shapely
from pyproj import Geod

from app.db import Session
from app.errors import Unavailable
from app.placement.edition import ActiveEdition, active_edition
from app.placement.rules import Edition, Nearby
from app.statement import Statement


class PolygonRow(TypedDict):
    """`geom` as WKB."""

    code: str
    name: str
    kecamatan: str
    geom: bytes


_GEOD = Geod(ellps="WGS84")
PREPARED_AT_MOST = 1_000
"""Polygons that get an index of their edges: those of a city are looked at again and again, of a province each a few times, and the indexes of
8,500 would take 70 MB.
"""
_METRES_PER_DEGREE = 109_000.0
"""Of latitude, rather too few: what is within reach must be found. `queries.LOCATE` has the same."""

ALL = Statement[PolygonRow]("""
    SELECT b.region_code AS code, r.name, k.name AS kecamatan, ST_AsBinary(b.geom) AS geom
      FROM titik.boundary b
      JOIN titik.region r ON r.code = b.region_code
      JOIN titik.region k ON k.code = r.parent_code
     WHERE b.edition_id = CAST(:edition_id AS int) ORDER BY b.region_code
""")


class Polygons:
    """`around` gives for many places what `queries.locate` gives, for those that one polygon or more cover."""

    def __init__(self, edition: ActiveEdition, rows: Sequence[Any]) -> None:
        self.edition = Edition(edition.id, edition.name, edition.accuracy_m, edition.approximate)
        self.reach = max(edition.accuracy_m, 100.0) / _METRES_PER_DEGREE
        self._regions: list[tuple[str, str, str]] = [(row["code"], row["name"], row["kecamatan"]) for row in rows]
        self._covering = [Nearby(*region, 0.0) for region in self._regions]
        self._geoms = shapely.from_wkb([row["geom"] for row in rows])
        self._tree = shapely.STRtree(self._geoms)
        if len(self._geoms) <= PREPARED_AT_MOST:
            shapely.prepare(self._geoms)

    @classmethod
    async def load(cls, session: Session) -> "Polygons":
        """Of the active edition. `Unavailable` while there is none."""
        edition = await active_edition(session)
        if edition is None:
            raise Unavailable("no-edition")
        return cls(edition, await session.all(ALL, edition_id=edition.id))

    def around(self, lons: Sequence[float], lats: Sequence[float]) -> list[tuple[Nearby, ...]]:
        """For each place (degrees) the kelurahan that cover it, 0 m, and beside those the others within reach with their geodesic
        distance; nothing for a place that none covers.
        """
        x, y = np.asarray(lons, dtype=float), np.asarray(lats, dtype=float)
        wide = self.reach / np.cos(np.radians(np.minimum(np.abs(y), 85.0)))
        of, polygon = self._tree.query(shapely.box(x - wide, y - self.reach, x + wide, y + self.reach))
        covers = shapely.intersects_xy(self._geoms[polygon], x[of], y[of])
        found: list[list[Nearby]] = [[] for _ in range(len(x))]
        for place, index in zip(of[covers].tolist(), polygon[covers].tolist(), strict=True):
            found[place].append(self._covering[index])
        self._add_near(found, of[~covers], polygon[~covers], x, y)
        return [tuple(nearby) if len(nearby) < 2 else tuple(sorted(nearby, key=_by_distance)) for nearby in found]

    def lands(self, lons: Sequence[float], lats: Sequence[float], within_m: float, has: Callable[[str], bool] | None = None) -> list[bool]:
        """Which places are in the city, or about `within_m` metres from it: good enough to tell readings apart, not to judge. `has` says whether
        a kelurahan, by its code, is one of the city's.
        """
        x, y = np.asarray(lons, dtype=float), np.asarray(lats, dtype=float)
        reach = within_m / _METRES_PER_DEGREE
        of, polygon = self._tree.query(shapely.box(x - reach, y - reach, x + reach, y + reach))
        is_near = shapely.dwithin(self._geoms[polygon], shapely.points(x[of], y[of]), reach)
        hits = [
            place
            for place, index in zip(of[is_near].tolist(), polygon[is_near].tolist(), strict=True)
            if has is None or has(self._regions[index][0])
        ]
        found = np.zeros(len(x), dtype=bool)
        found[hits] = True
        return [bool(one) for one in found]

    def _add_near(self, found: list[list[Nearby]], of: Any, polygon: Any, x: Any, y: Any) -> None:
        """Those that do not cover the place, as far as another does."""
        is_covered = np.fromiter((bool(one) for one in found), dtype=bool, count=len(found))
        of, polygon = of[is_covered[of]], polygon[is_covered[of]]
        near = shapely.dwithin(self._geoms[polygon], shapely.points(x[of], y[of]), self.reach * 1.2)
        of, polygon = of[near], polygon[near]
        if not len(of):
            return
        edge = shapely.get_coordinates(shapely.shortest_line(self._geoms[polygon], shapely.points(x[of], y[of])))[::2]
        bearing, _, distance_m = _GEOD.inv(edge[:, 0], edge[:, 1], x[of], y[of])
        reach_m = self.reach * _METRES_PER_DEGREE
        for place, index, metres, degrees in zip(of.tolist(), polygon.tolist(), distance_m.tolist(), bearing.tolist(), strict=True):
            if metres <= reach_m:
                # Whoever does not cover a place is never told to be 0 m away.
                code, name, kecamatan = self._regions[index]
                found[place].append(Nearby(code, name, kecamatan, max(metres, 0.001), degrees % 360))


def _by_distance(nearby: Nearby) -> tuple[float, str]:
    return nearby.distance_m, nearby.code
