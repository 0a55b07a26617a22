"""The approximate edition for trials: territories of the kelurahan guessed from their figures alone. Pure and deterministic.

Only the area, the centroid and a label point of each kelurahan are known here, no line. They are divided by a power diagram
(Laguerre diagram; Aurenhammer 1987, doi:10.1137/0216006): a place belongs to the kelurahan whose squared distance less its weight is
least, and to none beyond a common limit. Weights are found such that every area comes out right, and the sites move a little
towards where the centroid of the cell is the known one.

Measured against polygons of 2025 with random places of the city: 77 % fall into the right kelurahan, 95 % lie within 270 m of
it, and 97 % within `ACCURACY_M`.
"""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.geometry import MultiPolygon, Polygon

from app.boundaries.checking import Boundary
from app.language import Text
from app.regions.codes import Region

NAME = "Perkiraan 2026"
ACCURACY_M = 400
SOURCE = Text(
    "Perkiraan dari luas dan titik tengah tiap kelurahan, bukan batas resmi; hanya untuk uji coba.",
    "Approximated from the area and the centre of each kelurahan, no official boundaries; for trials only.",
)

# UTM zone 49 south: metres, with a scale that is right to 0.03 % in all of Kediri.
_METRIC_CRS = "EPSG:32749"
# Coordinates are stored with seven decimals; lines are noded on that grid, so that neighbours share their edges exactly.
_GRID_DEGREES = 1e-7
# Side of the squares (m) on which the sites are fitted: some eight squares in the smallest kelurahan.
_SQUARE_M = 100.0
_ROUNDS = 60
_STEP = 0.2
# A site stays within this share of the radius of its kelurahan (as a disc); further off, cells of several parts chase each other.
_LEASH = 0.4
# The outline is a little too large on purpose: a place at the edge of the city shall rather fall into a kelurahan than into none.
_OUTLINE_EXCESS = 1.06
_SMOOTHING_M = 150.0

Points = NDArray[np.float64]
Floats = NDArray[np.float64]


def approximate_boundaries(regions: Sequence[Region]) -> tuple[Boundary, ...]:
    """One MultiPolygon (EPSG:4326, seven decimals) for every kelurahan among `regions`, without gaps or overlaps.

    ValueError where the area or the place of a kelurahan is not known, or two have the same place.
    """
    kelurahan = [region for region in regions if region.level == "kelurahan"]
    places, areas = _figures(kelurahan)
    middle = places.mean(axis=0)
    sites, weights = _fit(places - middle, areas)
    outline = _outline(sites, weights, areas)
    cells = _cells(sites, weights, outline)
    return tuple(
        Boundary(region.code, territory)
        for region, territory in zip(kelurahan, _share_edges([_to_degrees(cell, middle) for cell in cells]), strict=True)
    )


def _figures(kelurahan: Sequence[Region]) -> tuple[Points, Floats]:
    """Places in metres and areas in m². The label point counts: it lies inside also where, of two parts, the centroid does not."""
    figures = [
        (region.label_lon, region.label_lat, region.area_km2)
        for region in kelurahan
        if region.label_lon is not None and region.label_lat is not None and region.area_km2
    ]
    if len(figures) < len(kelurahan) or len({(lon, lat) for lon, lat, _ in figures}) < len(figures) or not figures:
        raise ValueError("kelurahan without figures, or several at one place")
    lons, lats, areas = (np.array(column) for column in zip(*figures, strict=True))
    east, north = Transformer.from_crs("EPSG:4326", _METRIC_CRS, always_xy=True).transform(lons, lats)
    return np.column_stack((east, north)), areas * 1e6


def _fit(places: Points, areas: Floats) -> tuple[Points, Floats]:
    """Sites and weights whose cells, cut off where the power distance is positive, have about these areas and centroids."""
    squares = _squares(places, areas)
    squared = (squares**2).sum(axis=1)
    own = areas / np.pi
    leash = _LEASH * np.sqrt(own)
    sites, weights = places.copy(), own.copy()
    for _ in range(_ROUNDS):
        # Written out, because a matrix product rounds differently from one machine to the next.
        power = squares[:, :1] * (-2 * sites[:, 0]) + squares[:, 1:] * (-2 * sites[:, 1]) + ((sites**2).sum(axis=1) - weights)
        owner = power.argmin(axis=1)
        taken = power[np.arange(len(squares)), owner] + squared <= 0
        owner, inside = owner[taken], squares[taken]
        count = np.bincount(owner, minlength=len(sites))
        weights = np.minimum(weights + 0.3 * (areas - count * _SQUARE_M**2) / np.pi, 9 * own)
        sums = np.column_stack([np.bincount(owner, inside[:, axis], len(sites)) for axis in (0, 1)])
        centroids = np.where(count[:, None] > 0, sums / np.maximum(count, 1)[:, None], places)
        moved = sites + _STEP * (places - centroids) - places
        length = np.hypot(moved[:, 0], moved[:, 1])
        sites = places + moved * np.minimum(1, leash / np.maximum(length, 1e-9))[:, None]
    return sites, weights


def _squares(places: Points, areas: Floats) -> Points:
    """Middles of the squares that could belong to anybody."""
    reach = 2 * np.sqrt(areas.max() / np.pi)
    west, south = places.min(axis=0) - reach
    east, north = places.max(axis=0) + reach
    across, up = np.meshgrid(np.arange(west, east, _SQUARE_M), np.arange(south, north, _SQUARE_M))
    return np.column_stack((across.ravel(), up.ravel()))


def _outline(sites: Points, weights: Floats, areas: Floats) -> Polygon | MultiPolygon:
    """All places up to a limit of the power distance, which is a union of discs; without holes, and smoothed."""
    wanted = areas.sum() * _OUTLINE_EXCESS
    low, high = -float(weights.max()), float(wanted)
    for _ in range(30):
        limit = (low + high) / 2
        outline = _discs(sites, weights + limit)
        low, high = (limit, high) if outline.area < wanted else (low, limit)
    return _filled(outline.buffer(_SMOOTHING_M).buffer(-_SMOOTHING_M))


def _discs(sites: Points, squared_radii: Floats) -> Polygon | MultiPolygon:
    discs = shapely.buffer(shapely.points(sites), np.sqrt(np.maximum(squared_radii, 0)), quad_segs=24)
    return _filled(shapely.union_all(discs))


def _filled(area: Polygon | MultiPolygon) -> Polygon | MultiPolygon:
    return shapely.union_all(shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(area))))


def _cells(sites: Points, weights: Floats, outline: Polygon | MultiPolygon) -> list[Polygon | MultiPolygon]:
    """The cells of the power diagram within the outline, each cut out of a box by one half-plane for every other site."""
    west, south, east, north = shapely.box(*outline.bounds).buffer(1000, join_style="mitre").bounds
    box = np.array([[west, south], [east, south], [east, north], [west, north]])
    constants = (sites**2).sum(axis=1) - weights
    cells = []
    for index, site in enumerate(sites):
        ring = box
        for other in np.argsort(((sites - site) ** 2).sum(axis=1), kind="stable")[1:]:
            ring = _clip(ring, 2 * (sites[other] - site), constants[other] - constants[index])
        cells.append(shapely.intersection(Polygon(ring) if len(ring) > 2 else Polygon(), outline))
    return cells


def _clip(ring: Points, normal: Points, constant: float) -> Points:
    """The part of a convex ring where normal · point is at most the constant (Sutherland and Hodgman 1974)."""
    excess = ring @ normal - constant
    if (excess <= 0).all():
        return ring
    clipped: list[Points] = []
    for index in range(len(ring)):
        follower = (index + 1) % len(ring)
        if excess[index] <= 0:
            clipped.append(ring[index])
        if (excess[index] <= 0) != (excess[follower] <= 0):
            share = excess[index] / (excess[index] - excess[follower])
            clipped.append(ring[index] + share * (ring[follower] - ring[index]))
    return np.array(clipped).reshape(-1, 2)


def _to_degrees(cell: Polygon | MultiPolygon, middle: Points) -> Polygon | MultiPolygon:
    transformer = Transformer.from_crs(_METRIC_CRS, "EPSG:4326", always_xy=True)
    return shapely.transform(cell, lambda metres: np.column_stack(transformer.transform(*(metres + middle).T)))


def _share_edges(cells: Sequence[Polygon | MultiPolygon]) -> list[MultiPolygon]:
    """The cells anew from their lines, noded on the grid of stored coordinates: every edge is the same on both sides."""
    tree = shapely.STRtree(cells)
    lines = shapely.union_all(shapely.boundary(np.array(cells, dtype=object)), grid_size=_GRID_DEGREES)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    face, owner = tree.query(shapely.point_on_surface(faces), predicate="within")
    territories = [shapely.union_all(faces[face[owner == index]]) for index in range(len(cells))]
    if any(territory.is_empty for territory in territories):
        raise ValueError("a kelurahan without ground")
    return [MultiPolygon([territory]) if territory.geom_type == "Polygon" else territory for territory in territories]
