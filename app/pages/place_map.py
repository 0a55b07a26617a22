"""The map of one proposed place: where it was and where it is to be, how far it may lie beside its kelurahan, and what is around it. Pure.

Both places are told apart by their shapes and letters, never by colour alone.
"""

from collections.abc import Sequence
from typing import NamedTuple

import shapely

from app.boundaries.outlines import Outline
from app.geo import Bbox, box_around, distance_m
from app.pages.map import Drawing, draw
from app.pages.spreading import spread
from app.placement.clipping import ClippedPolygon

# The circle of the smallest tolerance, 15 m, is then still one that can be seen.
_LEAST_M = 220.0
_FARTHEST_M = 20_000.0
# So far from each other numbers can be read, also on a phone, where they are drawn larger.
_APART = 36.0


def outlines_of(polygons: Sequence[ClippedPolygon]) -> list[Outline]:
    return [Outline(one["code"], one["name"], one["kecamatan"], shapely.from_wkb(one["geom"]), one["lon"], one["lat"]) for one in polygons]


class Spot(NamedTuple):
    lon: float
    lat: float
    title: str


class DrawnSpot(NamedTuple):
    x: float
    y: float
    title: str


class DrawnNeighbour(NamedTuple):
    """`number`: of its line in the list beside the map, which stands at `label_x`, `label_y`: where it would cover another one, beside its place."""

    x: float
    y: float
    title: str
    number: int
    label_x: float
    label_y: float

    @property
    def is_beside(self) -> bool:
        return abs(self.label_x - self.x) + abs(self.label_y - self.y) > 1


class PlaceMap(NamedTuple):
    """`radius` is that of the tolerance around `after`."""

    drawing: Drawing
    after: DrawnSpot
    before: DrawnSpot | None
    radius: float
    others: list[DrawnNeighbour]


def sides_of(after: Spot, before: Spot | None, tolerance_m: float) -> Bbox:
    """A box with both places and the tolerance around the new one. A place that was very far away is left out."""
    box = box_around(after.lon, after.lat, max(tolerance_m * 1.4, _LEAST_M / 2))
    if before is None or distance_m(*before[:2], *after[:2]) > _FARTHEST_M:
        return box
    return Bbox(min(box.west, before.lon), min(box.south, before.lat), max(box.east, before.lon), max(box.north, before.lat))


def surroundings(sides: Bbox) -> Bbox:
    """What may be in sight around these sides, whatever the shape of the map."""
    wide, high = sides.east - sides.west, sides.north - sides.south
    most = max(wide, high) * 2
    return Bbox(sides.west - most, max(sides.south - most, -90), sides.east + most, min(sides.north + most, 90))


def draw_place(
    outlines: Sequence[Outline], declared: str, after: Spot, before: Spot | None, tolerance_m: float, others: Sequence[Spot]
) -> PlaceMap | None:
    """`declared`: the code of the kelurahan that it claims. None where there is nothing to draw."""
    drawing = draw(outlines, (), around=sides_of(after, before, tolerance_m), lit=declared, least_m=_LEAST_M)
    if drawing is None:
        return None
    view = drawing.view

    def drawn(spot: Spot) -> DrawnSpot:
        return DrawnSpot(view.x(spot.lon), view.y(spot.lat), spot.title)

    new, old = drawn(after), drawn(before) if before is not None and _is_in(view.box, before) else None
    around = [(number, drawn(spot)) for number, spot in enumerate(others, 1) if _is_in(view.box, spot)]
    fixed = [(spot.x, spot.y) for spot in (new, old) if spot]
    labels = spread([(spot.x, spot.y) for _, spot in around], fixed, (drawing.width, drawing.height), _APART)
    return PlaceMap(
        drawing,
        new,
        old,
        round(tolerance_m / view.width_m * drawing.width, 1),
        [DrawnNeighbour(*spot, number, *label) for (number, spot), label in zip(around, labels, strict=True)],
    )


def _is_in(box: Bbox, spot: Spot) -> bool:
    return box.west < spot.lon < box.east and box.south < spot.lat < box.north
