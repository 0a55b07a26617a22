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

WIDTH, MARGIN = 640.0, 16.0
_LEAST_HEIGHT, _MOST_HEIGHT = 280.0, 440.0
# So that a single point does not fill the map.
_LEAST_M = 1_500.0
# A character of a label takes about this much, on a large screen and, larger within the drawing, on a phone.
_CHARACTER, _CHARACTER_OF_PHONES = 6.2, 11.5
_STEPS_M = [base * 10**power for power in range(1, 7) for base in (1, 2, 5)]


class Place(NamedTuple):
    lon: float
    lat: float
    title: str
    href: str | None = None


class Area(NamedTuple):
    """`d` is the path of the outline."""

    name: str
    d: str


class Label(NamedTuple):
    """`roomy`: it has room also in the larger letters of a phone."""

    x: float
    y: float
    name: str
    roomy: bool


class Mark(NamedTuple):
    x: float
    y: float
    radius: float
    title: str
    href: str | None


class Drawing(NamedTuple):
    """What the template writes down as SVG. `bar` is the length of the scale bar, `bar_m` what that is on the ground."""

    width: float
    height: float
    areas: list[Area]
    labels: list[Label]
    marks: list[Mark]
    bar: float
    bar_m: int


class _View(NamedTuple):
    """Equirectangular about its middle: of a city so small that no other projection looks different. `scale` is pixels for a degree of lat."""

    box: Bbox
    narrowing: float
    scale: float
    height: float

    def x(self, lon: float) -> float:
        return round((lon - self.box.west) * self.narrowing * self.scale, 1)

    def y(self, lat: float) -> float:
        return round((self.box.north - lat) * self.scale, 1)


def draw(outlines: Sequence[Outline], places: Sequence[Place]) -> Drawing | None:
    """The places with what lies around them; without any the whole city. None where there is nothing to draw."""
    sides = _sides([(place.lon, place.lat) for place in places]) if places else _extent(outlines)
    if sides is None:
        return None
    view = _view(sides)
    shown = _clipped(outlines, view)
    bar_m = max((step for step in _STEPS_M if step <= _metres(view) / 3.5), default=_STEPS_M[0])
    return Drawing(
        WIDTH,
        view.height,
        [Area(outline.name, _path(shape, view)) for outline, shape in shown],
        _labels(shown, view),
        [_mark(place, view, len(places)) for place in places],
        round(WIDTH * bar_m / _metres(view), 1),
        bar_m,
    )


def _sides(positions: Iterable[tuple[float, float]]) -> Bbox:
    lons, lats = zip(*positions, strict=True)
    return Bbox(min(lons), min(lats), max(lons), max(lats))


def _extent(outlines: Sequence[Outline]) -> Bbox | None:
    return Bbox(*map(float, shapely.total_bounds([outline.shape for outline in outlines]))) if outlines else None


def _view(sides: Bbox) -> _View:
    lon, lat = (sides.west + sides.east) / 2, (sides.south + sides.north) / 2
    narrowing = max(math.cos(math.radians(lat)), 0.1)
    least = _LEAST_M / 111_000
    wide, high = max((sides.east - sides.west) * narrowing, least), max(sides.north - sides.south, least / 2)
    room, tallest = WIDTH - 2 * MARGIN, _MOST_HEIGHT - 2 * MARGIN
    scale = min(room / wide, tallest / high)
    height = min(max(high * scale + 2 * MARGIN, _LEAST_HEIGHT), _MOST_HEIGHT)
    half_wide, half_high = WIDTH / 2 / scale / narrowing, height / 2 / scale
    return _View(Bbox(lon - half_wide, lat - half_high, lon + half_wide, lat + half_high), narrowing, scale, round(height, 1))


def _metres(view: _View) -> float:
    """The width of the map on the ground."""
    middle = (view.box.south + view.box.north) / 2
    return distance_m(view.box.west, middle, view.box.east, middle)


def _clipped(outlines: Sequence[Outline], view: _View) -> list[tuple[Outline, shapely.Geometry]]:
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


def _path(shape: shapely.Geometry, view: _View) -> str:
    parts = []
    for ring in shapely.get_rings(shapely.get_parts(shape)):
        points = [f"{view.x(lon):g} {view.y(lat):g}" for lon, lat in shapely.get_coordinates(ring)[:-1].tolist()]
        parts.append(f"M{'L'.join(points)}Z")
    return "".join(parts)


def _labels(shown: Sequence[tuple[Outline, shapely.Geometry]], view: _View) -> list[Label]:
    """The names that have room between the borders to their left and right, and are not in the way of another."""
    labels: list[Label] = []
    for outline, shape in shown:
        west, east = _across(outline, shape, view)
        x, y, half = round((west + east) / 2, 1), view.y(outline.lat), len(outline.name) * _CHARACTER / 2
        free = all(abs(x - other.x) > half + len(other.name) * _CHARACTER / 2 or abs(y - other.y) > 13 for other in labels)
        if free and east - west >= 2 * half and 14 < y < view.height - 6:
            labels.append(Label(x, y, outline.name, roomy=east - west >= len(outline.name) * _CHARACTER_OF_PHONES))
    return labels


def _across(outline: Outline, shape: shapely.Geometry, view: _View) -> tuple[float, float]:
    """From where to where the area reaches in sight, at the height of its name and about its place."""
    line = shapely.linestrings([(view.box.west, outline.lat), (view.box.east, outline.lat)])
    for part in shapely.get_parts(shapely.intersection(shape, line)):
        west, _, east, _ = shapely.bounds(part).tolist()
        if west <= outline.lon <= east:
            return view.x(west), view.x(east)
    return 0, 0


def _mark(place: Place, view: _View, number: int) -> Mark:
    radius = 7.0 if number == 1 else 5.0 if number <= 30 else 3.8 if number <= 150 else 2.6
    return Mark(view.x(place.lon), view.y(place.lat), radius, place.title, place.href)
