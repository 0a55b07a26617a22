"""How far a kelurahan lies from the rest of its kecamatan, compared with how wide its city is. Pure geometry.

Measured on the 8,492 kelurahan and desa of East Java: none is told. The farthest island (Kramian in Sumenep, 41 km from its kecamatan) is at a fifth
of what it may be there, Mandangin in Sampang at a quarter; Bawean is a kecamatan of its own, and so far from nobody in it.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import shapely

from app.geometry.seams import Geometries, length_m
from app.regions.codes import city_of, parent_of

# What lies nearer is never told, however small the city.
NEAR_M = 5_000
_DEGREE_M = 111_000


class Remote(NamedTuple):
    """Metres from the nearest other kelurahan, and what they may be here."""

    distance_m: float
    most_m: float


def remote(codes: Sequence[str], geometries: Geometries) -> dict[str, Remote]:
    """The kelurahan that lie farther from the others of their kecamatan (of their city, where it is alone) than half the width of the city."""
    groups = _groups([parent_of(code) or code for code in codes])
    cities = _groups([city_of(code) for code in codes])
    bounds = shapely.bounds(geometries)
    # Their boxes say quickly who may be far.
    boxes = np.asarray(shapely.box(*bounds.T), dtype=object)
    found: dict[str, Remote] = {}
    for indexes in groups.values():
        of_city = cities[city_of(codes[indexes[0]])]
        others = indexes if len(indexes) > 1 else of_city
        tree = shapely.STRtree(boxes[others])
        pairs, degrees = tree.query_nearest(boxes[indexes], exclusive=True, return_distance=True, all_matches=False)
        for one, other in pairs.T[degrees * _DEGREE_M > NEAR_M].tolist():
            index = indexes[one]
            distance = length_m(shapely.shortest_line(geometries[index], geometries[others[other]]))
            most = max(NEAR_M, _width_m(bounds[[another for another in of_city if another != index]]) / 2)
            if distance > most:
                found[codes[index]] = Remote(distance, most)
    return found


def _groups(keys: Sequence[str]) -> Mapping[str, list[int]]:
    groups: dict[str, list[int]] = {}
    for index, key in enumerate(keys):
        groups.setdefault(key, []).append(index)
    return groups


def _width_m(bounds: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> float:
    """Of the extent of several boxes, from corner to corner."""
    low, high = bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)
    return length_m(shapely.LineString([low, high]))
