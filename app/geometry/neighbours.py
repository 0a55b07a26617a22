"""Which polygons of a coverage are neighbours: those that share a line, not only a corner. Pure geometry, in metres of Web Mercator."""

import shapely

from app.geometry.seams import Geometries

LEAST_M = 1.0
"""A shorter common line is a corner that was not drawn exactly."""


def neighbours(coverage: Geometries) -> list[tuple[int, int]]:
    """The pairs of indexes, the smaller one first, in order. Empty polygons have no neighbours."""
    one, other = shapely.STRtree(coverage).query(coverage, predicate="intersects")
    one, other = one[one < other], other[one < other]
    edges = shapely.boundary(coverage)
    shared = shapely.length(shapely.intersection(edges[one], edges[other]))
    return sorted(zip(one[shared >= LEAST_M].tolist(), other[shared >= LEAST_M].tolist(), strict=True))
