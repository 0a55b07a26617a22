"""A map drawn from nothing but what we have: outlines of kelurahan, points, a scale bar. North is up. Pure.

No map of anybody else lies under it: the city's networks do not reach any, and whoever looks at a page is nobody else's business.
"""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import shapely

from app.boundaries.outlines import Outline
from app.geo import Bbox, distance_m
from app.pages.signs import Sign

WIDTH, MARGIN = 640.0, 16.0
_LEAST_HEIGHT, _MOST_HEIGHT = 280.0, 440.0
# So that a single point does not fill the map.
_LEAST_M = 1_500.0
# A character of a label takes about this much, on a large screen and, larger within the drawing, on a phone.
_CHARACTER, _CHARACTER_OF_PHONES = 6.2, 11.5
_ROOM_OF_ICON = 5.0
_STEPS_M = [base * 10**power for power in range(1, 7) for base in (1, 2, 5)]


class MapPlace(NamedTuple):
    lon: float
    lat: float
    title: str
    href: str | None = None
    colour: str | None = None
    icon: str | None = None
    sign: Sign | None = None
    """In place of a dot."""
    number: int | None = None
    """Of its entry in a list."""
    kind: str | None = None
    """A class of the style sheet, which colours it."""
    shape: str | None = None
    """The path of its mark around 0, 0; None: a circle."""


class MapArea(NamedTuple):
    """`d` is the path of the outline; `is_lit`: it is what the map is about."""

    name: str
    d: str
    is_lit: bool = False


class MapLabel(NamedTuple):
    """`roomy`: it has room also in the larger letters of a phone."""

    x: float
    y: float
    name: str
    roomy: bool


class MapMark(NamedTuple):
    x: float
    y: float
    radius: float
    title: str
    href: str | None
    colour: str | None
    icon: str | None
    """Where it has room."""
    sign: Sign | None = None
    number: int | None = None
    kind: str | None = None
    shape: str | None = None


class Drawing(NamedTuple):
    """What the template writes down as SVG. `bar` is the length of the scale bar, `bar_m` what that is on the ground, `width_m` what the map is."""

    width: float
    height: float
    areas: list[MapArea]
    labels: list[MapLabel]
    marks: list[MapMark]
    bar: float
    bar_m: int
    view: "MapView"

    @property
    def width_m(self) -> float:
        """Of the map on the ground."""
        return self.view.width_m


class MapView(NamedTuple):
    """Equirectangular about its middle: of a city so small that no other projection looks different. `scale` is pixels for a degree of lat."""

    box: Bbox
    narrowing: float
    scale: float
    height: float

    def x(self, lon: float) -> float:
        return round((lon - self.box.west) * self.narrowing * self.scale, 1)

    def y(self, lat: float) -> float:
        return round((self.box.north - lat) * self.scale, 1)

    @property
    def width_m(self) -> float:
        """Of the map on the ground."""
        middle = (self.box.south + self.box.north) / 2
        return distance_m(self.box.west, middle, self.box.east, middle)


def draw(
    outlines: Sequence[Outline],
    places: Sequence[MapPlace],
    *,
    whole: bool = False,
    around: Bbox | None = None,
    lit: str | None = None,
    tallest: float = _MOST_HEIGHT,
    least_m: float = _LEAST_M,
) -> Drawing | None:
    """What lies `around`, else the places with what lies around them; without any, or as a `whole`, the whole city. None where there is nothing to
    draw. `lit`: the code of the area that it is about.
    """
    sides = around or (_sides([(place.lon, place.lat) for place in places]) if places and not whole else _extent(outlines))
    if sides is None:
        return None
    view = _view(sides, tallest, least_m)
    clipped = _clipped(outlines, view)
    bar_m = max((step for step in _STEPS_M if step <= view.width_m / 3.5), default=_STEPS_M[0])
    return Drawing(
        WIDTH,
        view.height,
        [MapArea(outline.name, _path(shape, view), outline.code == lit) for outline, shape in clipped],
        _labels(clipped, view),
        [_mark(place, view, len(places)) for place in places],
        round(WIDTH * bar_m / view.width_m, 1),
        bar_m,
        view,
    )


def _sides(positions: Iterable[tuple[float, float]]) -> Bbox:
    lons, lats = zip(*positions, strict=True)
    return Bbox(min(lons), min(lats), max(lons), max(lats))


def _extent(outlines: Sequence[Outline]) -> Bbox | None:
    return Bbox(*map(float, shapely.total_bounds([outline.shape for outline in outlines]))) if outlines else None


def _view(sides: Bbox, most_height: float, least_m: float) -> MapView:
    lon, lat = (sides.west + sides.east) / 2, (sides.south + sides.north) / 2
    narrowing = max(math.cos(math.radians(lat)), 0.1)
    least = least_m / 111_000
    wide, high = max((sides.east - sides.west) * narrowing, least), max(sides.north - sides.south, least / 2)
    room, tallest = WIDTH - 2 * MARGIN, most_height - 2 * MARGIN
    scale = min(room / wide, tallest / high)
    height = min(max(high * scale + 2 * MARGIN, _LEAST_HEIGHT), most_height)
    half_wide, half_high = WIDTH / 2 / scale / narrowing, height / 2 / scale
    return MapView(Bbox(lon - half_wide, lat - half_high, lon + half_wide, lat + half_high), narrowing, scale, round(height, 1))


def _clipped(outlines: Sequence[Outline], view: MapView) -> list[tuple[Outline, shapely.Geometry]]:
    """Those in sight, no finer than a pixel. A little more than the frame, so that its edge is no line."""
    west, south, east, north = view.box
    edge = 10 / view.scale
    cut = shapely.clip_by_rect(
        np.array([outline.shape for outline in outlines], dtype=object), west - edge, south - edge, east + edge, north + edge
    )
    if not len(cut):
        return []
    rough = shapely.simplify(cut, 0.35 / view.scale)
    return [(outline, shape) for outline, shape in zip(outlines, rough, strict=True) if not shapely.is_empty(shape)]


def _path(shape: shapely.Geometry, view: MapView) -> str:
    parts = []
    for ring in shapely.get_rings(shapely.get_parts(shape)):
        points = [f"{view.x(lon):g} {view.y(lat):g}" for lon, lat in shapely.get_coordinates(ring)[:-1].tolist()]
        parts.append(f"M{'L'.join(points)}Z")
    return "".join(parts)


def _labels(clipped: Sequence[tuple[Outline, shapely.Geometry]], view: MapView) -> list[MapLabel]:
    """The names that have room between the borders to their left and right, and are not in the way of another."""
    labels: list[MapLabel] = []
    for outline, shape in clipped:
        west, east = _across(outline, shape, view)
        x, y, half = round((west + east) / 2, 1), view.y(outline.lat), len(outline.name) * _CHARACTER / 2
        free = all(abs(x - other.x) > half + len(other.name) * _CHARACTER / 2 or abs(y - other.y) > 13 for other in labels)
        if free and east - west >= 2 * half and 14 < y < view.height - 6:
            labels.append(MapLabel(x, y, outline.name, roomy=east - west >= len(outline.name) * _CHARACTER_OF_PHONES))
    return labels


def _across(outline: Outline, shape: shapely.Geometry, view: MapView) -> tuple[float, float]:
    """From where to where the area reaches in sight, at the height of its name and about its place."""
    line = shapely.linestrings([(view.box.west, outline.lat), (view.box.east, outline.lat)])
    for part in shapely.get_parts(shapely.intersection(shape, line)):
        west, _, east, _ = shapely.bounds(part).tolist()
        if west <= outline.lon <= east:
            return view.x(west), view.x(east)
    return 0, 0


def _mark(place: MapPlace, view: MapView, number: int) -> MapMark:
    radius = 7.0 if number == 1 else 5.0 if number <= 30 else 3.8 if number <= 150 else 2.6
    icon = place.icon if radius >= _ROOM_OF_ICON else None
    return MapMark(
        view.x(place.lon),
        view.y(place.lat),
        radius,
        place.title,
        place.href,
        place.colour,
        icon,
        place.sign,
        place.number,
        place.kind,
        place.shape,
    )
