"""Polygons of an edition as one coverage: every edge is the same on both sides, so that simplifying them opens no gaps. Pure geometry.

Editions have gaps and overlaps along their seams. For judging a place these are facts; on a map they are noise. Coordinates here are
metres of Web Mercator.
"""

from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from app.geometry.seams import Geometries

# Lines are noded on this grid; editions are no more exact than that.
_GRID_M = 0.1
_NOBODY = -1


def seamless(polygons: Geometries, gap_m: float) -> Geometries:
    """The ground of each polygon, without overlaps, and without gaps narrower than `gap_m` on average. Some may come out empty.

    All lines are noded, and each face between them goes to one polygon: what several claim to the smallest of them, so that an
    enclave stays what it is; a narrow gap to the neighbour that it shares most of its edge with.
    """
    lines = shapely.union_all(shapely.boundary(polygons), grid_size=_GRID_M)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    owners = _owners(faces, polygons)
    _fill_gaps(faces, owners, gap_m)
    return united(faces, owners, len(polygons))


def simplified(coverage: Geometries, tolerance_m: float) -> Geometries:
    """Every common edge is simplified once, for both sides: what leaves a triangle of less than the square of the tolerance goes."""
    return _as_multi(shapely.coverage_simplify(coverage, tolerance_m))


def united(coverage: Geometries, groups: NDArray[np.int64], number: int) -> Geometries:
    """The parts of a coverage united by group (0 to `number` - 1; others are left out)."""
    order = np.argsort(groups, kind="stable")
    starts = np.searchsorted(groups[order], np.arange(number + 1))
    return _as_multi(np.array([shapely.coverage_union_all(coverage[order[first:last]]) for first, last in pairwise(starts)], object))


def _as_multi(geometries: Geometries) -> Geometries:
    multi: Geometries = np.array([shapely.multipolygons(shapely.get_parts(geometry)) for geometry in geometries], object)
    return multi


def _owners(faces: Geometries, polygons: Geometries) -> NDArray[np.int64]:
    owners = np.full(len(faces), _NOBODY)
    face, polygon = shapely.STRtree(polygons).query(shapely.point_on_surface(faces), predicate="within")
    # The last to be written is the smallest, and among equals the first.
    order = np.lexsort((-polygon, -shapely.area(polygons[polygon])))
    owners[face[order]] = polygon[order]
    return owners


def _fill_gaps(faces: Geometries, owners: NDArray[np.int64], gap_m: float) -> None:
    width = 2 * shapely.area(faces) / shapely.length(faces)
    gaps, owned = np.flatnonzero((owners == _NOBODY) & (width < gap_m)), np.flatnonzero(owners != _NOBODY)
    if not len(gaps) or not len(owned):
        return
    gap, face = shapely.STRtree(faces[owned]).query(faces[gaps], predicate="intersects")
    shared = shapely.length(shapely.intersection(shapely.boundary(faces[gaps[gap]]), shapely.boundary(faces[owned[face]])))
    pairs, pair = np.unique(np.column_stack((gap, owners[owned[face]])), axis=0, return_inverse=True)
    lengths = np.bincount(pair.ravel(), shared, len(pairs))
    # The last to be written shares most, and among equals comes first.
    order = np.lexsort((-pairs[:, 1], lengths))
    order = order[lengths[order] > 0]
    owners[gaps[pairs[order, 0]]] = pairs[order, 1]
