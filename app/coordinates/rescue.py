"""What a pair of numbers may mean when it does not land where it should: every reading, with the repairs it needs. Pure.

Nothing is chosen here: whoever asks sees where each reading lands and shows the repair to a person.
"""

from collections.abc import Sequence
from typing import NamedTuple

from app.geo import is_position, to_degrees


class Zone(NamedTuple):
    """A grid in metres, by the name of its repair."""

    name: str
    crs: str


class Reading(NamedTuple):
    """A possible place, WGS 84 degrees, and the words for the repairs that lead to it (none: read as it stands)."""

    lon: float
    lat: float
    repairs: tuple[str, ...]


def zones_of(extent: Sequence[float]) -> tuple[Zone, ...]:
    """The grids in which people of a city write: UTM, and in Indonesia TM-3, of the middle of `extent` (west, south, east, north)."""
    lon, lat = (extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2
    found = (utm(int((lon + 180) // 6) + 1, is_south=lat < 0),)
    third = int((lon - 93) // 3)
    return (*found, tm3(third)) if 0 <= third <= 15 else found


def utm(number: int, *, is_south: bool) -> Zone:
    return Zone(f"utm-{number}{'s' if is_south else 'n'}", f"EPSG:{(32700 if is_south else 32600) + number}")


def tm3(third: int) -> Zone:
    """DGN95 / Indonesia TM-3, counted from zone 46.2: EPSG 23830 to 23845."""
    return Zone(f"tm3-{46 + (third + 1) // 2}.{1 if third % 2 else 2}", f"EPSG:{23830 + third}")


def readings(first: float, second: float, zones: Sequence[Zone]) -> tuple[Reading, ...]:
    """All readings of two numbers that were meant as `lon, lat`, the fewest repairs first.

    Repairs: `swap` (the axes), `minus` (a lost minus sign of the latitude), and the names of `zones` (metres, easting first unless `swap`).
    """
    found: list[Reading] = []
    for lon, lat, swapped in ((first, second, ()), (second, first, ("swap",))):
        if is_position(lon, lat):
            found.append(Reading(lon, lat, swapped))
            if lat > 0:
                found.append(Reading(lon, -lat, (*swapped, "minus")))
        if 100_000 <= lon <= 900_000 and 500_000 <= lat <= 10_000_000:
            found += [_from_metres(lon, lat, (*swapped, zone.name), zone.crs) for zone in zones]
    return tuple(sorted(found, key=lambda reading: len(reading.repairs)))


def _from_metres(easting: float, northing: float, repairs: tuple[str, ...], crs: str) -> Reading:
    lon, lat = to_degrees(crs, easting, northing)
    return Reading(round(lon, 7), round(lat, 7), repairs)
