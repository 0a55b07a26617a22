"""Two numbers that were meant as a place: the right reading is among those offered, whatever happened to them."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from app.coordinates.rescue import Reading, zones_of
from app.coordinates.rescue import readings as readings_in
from app.geo import crs_around, is_position

WEST, SOUTH, EAST, NORTH = EXTENT = 111.95, -7.88, 112.09, -7.77
UTM_49S, TM3_49_2 = (zone.crs for zone in zones_of(crs_around(EXTENT)))
in_kediri = st.tuples(st.floats(WEST, EAST), st.floats(SOUTH, NORTH))
Pair = tuple[float, float]


def readings(first: float, second: float) -> tuple[Reading, ...]:
    return readings_in(first, second, zones_of(crs_around(EXTENT)))


@pytest.mark.parametrize(
    ("extent", "names"),
    [
        (EXTENT, ["utm-49s EPSG:32749", "tm3-49.2 EPSG:23836"]),
        ((106.7, -6.4, 107.0, -6.1), ["utm-48s EPSG:32748", "tm3-48.2 EPSG:23834"]),
        ((95.2, 5.4, 95.4, 5.6), ["utm-46n EPSG:32646", "tm3-46.2 EPSG:23830"]),
        ((140.6, -2.6, 140.8, -2.5), ["utm-54s EPSG:32754", "tm3-54.1 EPSG:23845"]),
        ((4.8, 52.3, 5.0, 52.4), ["utm-31n EPSG:32631"]),
        ((109.2, -0.1, 109.4, 0.1), ["utm-49s EPSG:32749", "utm-49n EPSG:32649", "tm3-49.1 EPSG:23835"]),
        ((113.9, -1.3, 114.1, -1.2), ["utm-49s EPSG:32749", "utm-50s EPSG:32750", "tm3-49.2 EPSG:23836", "tm3-50.1 EPSG:23837"]),
    ],
)
def test_the_grids_of_a_city_are_those_of_its_place(extent: tuple[float, ...], names: list[str]) -> None:
    assert [f"{zone.name} {zone.crs}" for zone in zones_of(crs_around(extent))] == names


def metres(crs: str) -> Callable[[float, float], Pair]:
    """Easting and northing to the centimetre, as a receiver shows them."""
    transform = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform

    def damage(lon: float, lat: float) -> Pair:
        easting, northing = transform(lon, lat)
        return round(easting, 2), round(northing, 2)

    return damage


def swapped(damage: Callable[[float, float], Pair]) -> Callable[[float, float], Pair]:
    def turned(lon: float, lat: float) -> Pair:
        first, second = damage(lon, lat)
        return second, first

    return turned


def unharmed(lon: float, lat: float) -> Pair:
    return lon, lat


def minus_lost(lon: float, lat: float) -> Pair:
    return lon, -lat


DAMAGES = {
    (): unharmed,
    ("swap",): swapped(unharmed),
    ("minus",): minus_lost,
    ("swap", "minus"): swapped(minus_lost),
    ("utm-49s",): metres(UTM_49S),
    ("swap", "utm-49s"): swapped(metres(UTM_49S)),
    ("tm3-49.2",): metres(TM3_49_2),
    ("swap", "tm3-49.2"): swapped(metres(TM3_49_2)),
}


def lands(lon: float, lat: float) -> bool:
    return WEST - 0.001 <= lon <= EAST + 0.001 and SOUTH - 0.001 <= lat <= NORTH + 0.001


@pytest.mark.parametrize("repairs", DAMAGES)
@given(place=in_kediri)
def test_exactly_one_reading_of_a_damaged_place_lands_and_it_is_that_place(repairs: tuple[str, ...], place: Pair) -> None:
    landing = [reading for reading in readings(*DAMAGES[repairs](*place)) if lands(reading.lon, reading.lat)]
    assert [reading.repairs for reading in landing] == [repairs]
    assert (landing[0].lon, landing[0].lat) == pytest.approx(place, abs=1e-6, rel=0)


@given(in_kediri)
def test_a_right_place_comes_first_untouched_to_the_last_bit(place: Pair) -> None:
    assert readings(*place)[0] == (*place, ())


def test_metres_that_people_wrote_down() -> None:
    assert {reading.repairs: reading for reading in readings(610433, 9137228)}[("utm-49s",)][:2] == pytest.approx(
        (112.002, -7.804), abs=0.002
    )
    assert {reading.repairs: reading for reading in readings(145034, 637068)}[("tm3-49.2",)][:2] == pytest.approx(
        (112.002, -7.804), abs=0.005
    )


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        ((10.0, 20.0), [(), ("swap",), ("minus",), ("swap", "minus")]),
        ((10.0, -20.0), [(), ("swap",), ("swap", "minus")]),
        ((112.0, 0.0), [()]),
        ((181.0, 91.0), []),
        ((99_999.0, 9_137_228.0), []),
        ((450_000.0, 480_000.0), []),
    ],
)
def test_the_readings_of_other_numbers(pair: Pair, expected: list[tuple[str, ...]]) -> None:
    assert sorted(reading.repairs for reading in readings(*pair)) == sorted(expected)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf"), 1e308])
def test_what_is_no_number_has_no_reading(number: float) -> None:
    assert readings(number, -7.8) == readings(112.0, number) == readings(number, number) == ()


ranges = st.floats() | st.floats(-200, 200) | st.floats(0, 1e7)


@given(ranges, ranges)
def test_every_reading_is_a_position_and_the_fewest_repairs_come_first(first: float, second: float) -> None:
    found = readings(first, second)
    assert all(is_position(reading.lon, reading.lat) for reading in found)
    counts = [len(reading.repairs) for reading in found]
    assert counts == sorted(counts)
    assert len({reading.repairs for reading in found}) == len(found)
    assert (counts[:1] == [0]) == is_position(first, second)
