"""Ten thousand random places, judged by the service and by another road: shapely's containment, the geodesics of pyproj.

The polygons are like real ones, which were simplified one by one: with gaps, overlaps, second parts. Where `TITIK_TEST_BOUNDARIES`
names a vector file, its polygons are used instead.
"""

import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from pyproj import Geod, Transformer
from shapely.geometry import MultiPolygon, box

from app.boundaries import service
from app.boundaries.checking import Boundary, check
from app.boundaries.loading import read_boundaries
from app.connections import open_once
from app.demo.division import approximate_boundaries
from app.demo.kediri import regions as shipped_regions
from app.placement.locating import PlaceQuery, locate
from app.placement.rules import Edition, Nearby, Placement, place, tolerance_m
from app.settings import Settings
from tests import factories

PLACES, AT_ONCE, SEED = 10_000, 500, 35_71
EDITION, ACCURACY_M = "Acak", 10.0
# So far two roads to a distance may part: half a metre, or half a percent of it.
APART_M, APART = 0.5, 0.005
# PostGIS looks for the nearest point of a polygon on a sphere, and measures to it on the ellipsoid. Where another point is about as
# near, it takes the farther one: up to as much too far as sphere and ellipsoid differ (0.67 % at the equator), and never too near.
FARTHER, RARELY = 0.0067, PLACES // 1000

GEOD = Geod(ellps="WGS84")
# Metres around the middle of the city, right to 0.0002 % at its edge: good enough to find the nearest point of a line.
FLAT = Transformer.from_crs("EPSG:4326", "+proj=aeqd +lat_0=-7.82 +lon_0=112.02 +ellps=WGS84 +units=m", always_xy=True)

Points = NDArray[np.float64]
Shapes = NDArray[np.object_]


def flat(shapes: Any) -> Any:
    return shapely.transform(shapes, lambda degrees: np.column_stack(FLAT.transform(*degrees.T)))


def messy(dice: np.random.Generator) -> tuple[Boundary, ...]:
    """The approximate edition as if each polygon had been drawn and simplified by itself, at a scale of some 20 m."""
    drawn = []
    regions = shipped_regions()
    for number, boundary in enumerate(approximate_boundaries(regions)):
        rings = shapely.segmentize(boundary.geometry, 0.002)
        jitter = dice.normal(0, 1e-4, (shapely.get_num_coordinates(rings), 2))
        shaken = shapely.make_valid(shapely.transform(rings, lambda degrees, by=jitter: _closed(degrees + by, degrees)), method="structure")
        parts = [part for part in shapely.get_parts(shapely.simplify(shaken, 1e-4)) if part.area > 1e-7]
        if number % 5 == 0:  # an exclave, in whoever lies there
            lon, lat = boundary.geometry.centroid.coords[0]
            parts.append(box(lon + 0.02, lat + 0.01, lon + 0.022, lat + 0.011))
        whole = shapely.make_valid(shapely.union_all(parts), method="structure")
        drawn.append(Boundary(boundary.code, MultiPolygon(list(shapely.get_parts(whole)))))
    return tuple(drawn)


def _closed(moved: Points, before: Points) -> Points:
    """Rings stay closed: their last position goes where the first went."""
    starts = 0
    for index in range(1, len(before)):
        if index > starts and (before[index] == before[starts]).all():
            moved[index] = moved[starts]
            starts = index + 1
    return moved


class Sent(NamedTuple):
    """Places, what each declares (an index of the polygons), and the accuracy that it tells (NaN: none)."""

    degrees: Points
    declared: NDArray[np.int64]
    accuracy: NDArray[np.float64]


def scattered(shapes: Shapes, dice: np.random.Generator) -> Sent:
    """Two fifths anywhere, three fifths up to 150 m from a line, where verdicts are hard; half declare the nearest kelurahan."""
    west, south, east, north = shapely.total_bounds(shapes) + np.array((-0.01, -0.01, 0.01, 0.01))
    anywhere = dice.uniform((west, south), (east, north), (PLACES * 2 // 5, 2))
    lines = shapely.boundary(dice.choice(shapes, PLACES - len(anywhere)))
    on_lines = shapely.get_coordinates(shapely.line_interpolate_point(lines, dice.uniform(0, 1, len(lines)), normalized=True))
    degrees = np.vstack((anywhere, on_lines + dice.uniform(-150, 150, on_lines.shape) / 110_600))
    near = shapely.distance(flat(shapely.points(degrees))[:, None], flat(shapes)[None, :]).argsort(axis=1)
    # The nearest, one of the next two, or any.
    rank = dice.choice(4, PLACES, p=(0.5, 0.2, 0.1, 0.2))
    declared = np.where(rank < 3, near[np.arange(PLACES), np.minimum(rank, 2)], dice.integers(0, len(shapes), PLACES))
    return Sent(degrees, declared, dice.choice(np.array([np.nan, 3.0, 8.0, 15.0, 40.0, 95.0, 300.0]), PLACES))


def measured(shapes: Shapes, degrees: Points) -> tuple[NDArray[np.bool_], Points]:
    """Of every place to every polygon: whether it is covered, and geodesic metres to the nearest point of the line (0 inside)."""
    points = shapely.points(degrees)
    shapely.prepare(shapes)
    covered = shapely.covers(shapes[None, :], points[:, None])
    distances = np.empty(covered.shape)
    metric = flat(points)
    for index, shape in enumerate(flat(shapes)):
        nearest = shapely.get_coordinates(shapely.shortest_line(shape, metric)).reshape(-1, 2, 2)[:, 0]
        lon, lat = FLAT.transform(nearest[:, 0], nearest[:, 1], direction="INVERSE")
        distances[:, index] = GEOD.inv(lon, lat, *degrees.T)[2]
    return covered, np.where(covered, 0, distances)


def band(distance: Any) -> Any:
    return np.maximum(APART_M, APART * distance)


class Figures:
    """What was compared, and where the two roads parted."""

    def __init__(self) -> None:
        self.agreeing = self.in_band = 0
        self.wrong: list[str] = []
        self.farthest_apart_m = self.farthest_apart = self.within_100_m = 0.0
        self.compared = self.too_far = 0
        self.verdicts: dict[str, int] = {}

    def verdict(self, number: int, expected: str, placement: Placement, *, in_band: bool) -> None:
        self.verdicts[placement.verdict] = self.verdicts.get(placement.verdict, 0) + 1
        self.in_band += in_band
        self.agreeing += expected == placement.verdict
        if expected != placement.verdict and not in_band:
            self.wrong.append(f"{number}: {placement.verdict}, not {expected}")

    def distance(self, number: int, kelurahan: Nearby, expected: float) -> None:
        farther = kelurahan.distance_m - expected
        self.compared += 1
        self.farthest_apart_m = max(self.farthest_apart_m, abs(farther))
        if expected > 100:
            self.farthest_apart = max(self.farthest_apart, abs(farther) / expected)
        else:
            self.within_100_m = max(self.within_100_m, abs(farther))
        self.too_far += farther > band(expected)
        if not -band(0) / 10 <= farther <= max(APART_M, FARTHER * expected) or kelurahan.covers != (expected == 0):
            self.wrong.append(f"{number}: {kelurahan.distance_m} m from {kelurahan.name}, not {expected} m")

    def __str__(self) -> str:
        told = ", ".join(f"{count} {verdict}" for verdict, count in sorted(self.verdicts.items()))
        return (
            f"{self.agreeing} of {PLACES} verdicts agree ({PLACES - self.in_band} of them outside the band of {APART_M} m or {APART:.1%}); "
            f"{told}. Of {self.compared} distances {self.too_far} differ by more; up to 100 m at most {self.within_100_m:.3f} m, "
            f"beyond at most {self.farthest_apart:.3%}, {self.farthest_apart_m:.3f} m"
        )


def compare(
    figures: Figures, number: int, codes: Sequence[str], truth: tuple[Any, Any], sent: Sent, nearby: tuple[Nearby, ...], edition: Edition
) -> None:
    """One place: the verdict by the words of the contract (docs/placement.md), and all distances that the service told."""
    covered, distances = truth
    declared = sent.declared[number]
    accuracy = None if np.isnan(sent.accuracy[number]) else float(sent.accuracy[number])
    tolerance = max(min(max((accuracy or 20) + ACCURACY_M, 15), 100), ACCURACY_M)
    others = np.delete(distances, declared).min()
    if covered[declared]:
        expected = "inside"
    elif distances[declared] <= tolerance:
        expected = "near"
    else:
        expected = "elsewhere" if others <= tolerance else "outside"
    in_band = not covered[declared] and bool((abs(np.array((distances[declared], others)) - tolerance) <= band(tolerance)).any())
    placement = place(codes[declared], nearby, tolerance_m(accuracy, edition.accuracy_m), edition)
    figures.verdict(number, expected, placement, in_band=in_band)
    for kelurahan in nearby:
        figures.distance(number, kelurahan, distances[codes.index(kelurahan.code)])
    if unmentioned := {codes[index] for index in np.flatnonzero(distances < 100 - APART_M).tolist()} - {
        kelurahan.code for kelurahan in nearby
    }:
        figures.wrong.append(f"{number}: nothing of {unmentioned}")
    if expected == "inside" and ("overlap" in placement.flags) != (covered.sum() > 1):
        figures.wrong.append(f"{number}: {covered.sum()} cover it, flags {placement.flags}")
    where = distances[codes.index(placement.kelurahan.code)] if placement.kelurahan else None
    if where is not None and where > distances.min() + band(distances.min()):
        figures.wrong.append(f"{number}: lies in {placement.kelurahan}, {where - distances.min()} m farther than the nearest")


@pytest.fixture
async def messy_edition(database: Settings) -> AsyncIterator[tuple[Boundary, ...]]:
    """The messy polygons, or those of the file that was named, as the active edition."""
    file = os.environ.get("TITIK_TEST_BOUNDARIES")
    boundaries = read_boundaries(Path(file), shipped_regions()).boundaries if file else messy(np.random.default_rng(SEED))
    async with open_once(database.owner_dsn) as session:
        await factories.load_edition(session, EDITION, boundaries, ACCURACY_M)
        await service.activate(session, EDITION)
    yield boundaries
    await factories.activate(database, factories.APPROXIMATE)
    async with open_once(database.owner_dsn) as session:
        edition = f"(SELECT id FROM titik.boundary_edition WHERE name = '{EDITION}')"
        await factories.execute(session, f"DELETE FROM titik.boundary WHERE edition_id = {edition}")
        await factories.execute(session, f"DELETE FROM titik.boundary_edition WHERE id = {edition}")


def test_the_messy_polygons_are_messy() -> None:
    findings: dict[str, Any] = {one.code: one for one in check(messy(np.random.default_rng(SEED)), shipped_regions()).findings}
    assert not [finding for finding in findings.values() if finding.severity == "error"]
    assert findings["gaps"].facts["count"] > 50
    assert findings["overlaps"].facts["count"] > 50
    assert findings["second-parts"].facts["count"] >= 10


async def test_two_roads_to_a_verdict(database: Settings, messy_edition: tuple[Boundary, ...], capsys: pytest.CaptureFixture[str]) -> None:
    codes = [boundary.code for boundary in messy_edition]
    shapes = np.array([boundary.geometry for boundary in messy_edition], dtype=object)
    sent = scattered(shapes, np.random.default_rng(SEED))
    covered, distances = measured(shapes, sent.degrees)
    figures = Figures()
    async with open_once(database.owner_dsn) as session:
        for begin in range(0, PLACES, AT_ONCE):
            numbers = range(begin, min(begin + AT_ONCE, PLACES))
            asked = [
                PlaceQuery(float(lon), float(lat), codes[claim])
                for (lon, lat), claim in zip(sent.degrees[numbers], sent.declared[numbers], strict=True)
            ]
            edition, around = await locate(session, asked)
            assert edition.name == EDITION
            for number, nearby in zip(numbers, around, strict=True):
                compare(figures, number, codes, (covered[number], distances[number]), sent, nearby, edition)
    with capsys.disabled():
        print(f"\n{figures}")  # noqa: T201 - figures that people ask for
    assert not figures.wrong, "\n".join(figures.wrong[:20])
    assert min(figures.verdicts.get(verdict, 0) for verdict in ("inside", "near", "elsewhere", "outside")) > 200, figures
    assert figures.in_band < PLACES / 50
    assert figures.too_far <= RARELY
