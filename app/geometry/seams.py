"""Where the polygons of kelurahan meet and where they do not: gaps, overlaps, second parts, in metres. Pure geometry.

What is said about them stands in `checking.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon

from app.geo import WGS84

Geometries = NDArray[np.object_]

# Coordinates are stored with seven decimals, about a centimetre: what is narrower than twice that comes from rounding.
NEGLIGIBLE_M = 0.02
MOST_DETAILS = 20
_ECCENTRICITY_2 = 0.0066943799901413165


@dataclass(frozen=True, slots=True)
class Pieces:
    """Single polygons in degrees that are wider than rounding, with area (m²) and greatest width (m), and the index of their source."""

    geometries: Geometries
    areas: NDArray[np.float64]
    widths: NDArray[np.float64]
    sources: NDArray[np.int64]

    def facts(self) -> dict[str, object]:
        return {
            "area_ha": round(float(self.areas.sum()) / 1e4, 2),
            "widest_m": round(float(self.widths.max()), 1),
        }

    def largest(self) -> list[int]:
        """The indexes of the largest pieces, the largest first."""
        order: list[int] = np.argsort(-self.areas, kind="stable")[:MOST_DETAILS].tolist()
        return order

    def places(self) -> list[dict[str, object]]:
        """The largest pieces first, each with a point inside, so that somebody can go and look."""
        order = self.largest()
        inside = shapely.get_coordinates(shapely.point_on_surface(self.geometries[order])).round(6).tolist()
        return [
            {"lon": lon, "lat": lat, "area_m2": round(float(self.areas[index]), 1), "width_m": round(float(self.widths[index]), 1)}
            for index, (lon, lat) in zip(order, inside, strict=True)
        ]


class Parts(NamedTuple):
    """Of a MultiPolygon: how many parts, the area of all but the largest (m²), and their distance from it (m)."""

    number: int
    smaller_m2: float
    distance_m: float


def area_m2(geometry: MultiPolygon) -> float:
    """Geodesic square metres on WGS 84 of a polygon in degrees, whichever way its rings run."""
    return abs(float(WGS84.geometry_area_perimeter(shapely.orient_polygons(geometry))[0]))


def length_m(line: object) -> float:
    return float(WGS84.geometry_length(line)) if not shapely.is_empty(line) else 0.0


def gaps(geometries: Geometries) -> Pieces:
    """Ground between polygons that belongs to none: the holes of their union."""
    rings, ring_part = shapely.get_rings(shapely.get_parts(shapely.union_all(geometries)), return_index=True)
    # The first ring of each part is its outer line.
    inner = rings[np.append(False, ring_part[1:] == ring_part[:-1])] if len(rings) else rings
    return _pieces(shapely.polygons(inner))


def overlaps(geometries: Geometries) -> tuple[Pieces, list[tuple[int, int]]]:
    """Ground that two polygons claim, and for each piece which two, by index."""
    first, second = shapely.STRtree(geometries).query(geometries, predicate="intersects")
    first, second = first[first < second], second[first < second]
    pieces = _pieces(shapely.intersection(geometries[first], geometries[second]))
    return pieces, list(zip(first[pieces.sources].tolist(), second[pieces.sources].tolist(), strict=True))


def second_parts(geometries: Geometries) -> Mapping[int, Parts]:
    """The parts of every MultiPolygon that has several, by index."""
    found: dict[int, Parts] = {}
    for index in np.flatnonzero(shapely.get_num_geometries(geometries) > 1).tolist():
        parts = sorted(shapely.get_parts(geometries[index]), key=area_m2, reverse=True)
        rest = MultiPolygon(parts[1:])
        found[index] = Parts(len(parts), area_m2(rest), length_m(shapely.shortest_line(parts[0], rest)))
    return found


def _pieces(geometries: Geometries) -> Pieces:
    parts, sources = shapely.get_parts(geometries, return_index=True)
    polygonal = (shapely.get_dimensions(parts) == 2) & (shapely.area(parts) > 0)
    parts, sources = parts[polygonal], sources[polygonal]
    flat = _in_metres(parts)
    widths = 2 * shapely.length(shapely.maximum_inscribed_circle(flat)) if len(flat) else np.zeros(0)
    wide = widths >= NEGLIGIBLE_M
    return Pieces(parts[wide], shapely.area(flat[wide]), widths[wide], sources[wide])


def _in_metres(geometries: Geometries) -> Geometries:
    """Each geometry in metres around its own middle. Exact enough for pieces of some kilometres, wherever in the country they lie."""
    bounds = shapely.bounds(geometries)
    lon = (bounds[:, 0] + bounds[:, 2]) / 2
    lat = np.radians((bounds[:, 1] + bounds[:, 3]) / 2)
    across = WGS84.a / np.sqrt(1 - _ECCENTRICITY_2 * np.sin(lat) ** 2)
    along = across**3 * (1 - _ECCENTRICITY_2) / WGS84.a**2
    coordinates, index = shapely.get_coordinates(geometries, return_index=True)
    east = np.radians(coordinates[:, 0] - lon[index]) * (across * np.cos(lat))[index]
    north = (np.radians(coordinates[:, 1]) - lat[index]) * along[index]
    moved: Geometries = shapely.set_coordinates(geometries.copy(), np.column_stack((east, north)))
    return moved
