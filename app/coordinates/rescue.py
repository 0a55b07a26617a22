"""What a pair of numbers may mean when it does not land where it should: every reading, with the repairs it needs. Pure.

Nothing is chosen here: whoever asks sees where each reading lands and shows the repair to a person.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from app.coordinates.datums import grid_to_degrees
from app.geo import is_position, to_degrees

_UTM_EASTINGS, _UTM_NORTHINGS = (100_000, 900_000), (0, 10_000_000)
# Of the south half: nothing lies south of that, and numbers of other grids do.
_UTM_SOUTH_NORTHINGS = (500_000, 10_000_000)
# Of the zones of TM-3, 3° wide, within Indonesia: false easting 200 km, false northing 1,500 km.
_TM3_EASTINGS, _TM3_NORTHINGS = (30_000, 370_000), (250_000, 2_250_000)
_FIRST_TM3 = 23830


class Zone(NamedTuple):
    """A grid in metres, by the name of its repair; in which metres, east and north, it is used at all; and its datum, where that is not the
    one of `crs`.
    """

    name: str
    crs: str
    eastings: tuple[float, float] = _UTM_EASTINGS
    northings: tuple[float, float] = _UTM_NORTHINGS
    datum: str | None = None

    def has(self, easting: float, northing: float) -> bool:
        return self.eastings[0] <= easting <= self.eastings[1] and self.northings[0] <= northing <= self.northings[1]


class Reading(NamedTuple):
    """A possible place, WGS 84 degrees, and the words for the repairs that lead to it (none: read as it stands)."""

    lon: float
    lat: float
    repairs: tuple[str, ...]


def zones_of(srids: Iterable[int]) -> tuple[Zone, ...]:
    """The grids among the CRS of a city, by their numbers in EPSG: zones of UTM, and of TM-3 in Indonesia."""
    return tuple(filter(None, map(_zone, srids)))


def _zone(srid: int) -> Zone | None:
    if srid // 100 in (326, 327) and 1 <= srid % 100 <= 60:
        return utm(srid % 100, is_south=srid // 100 == 327)
    return tm3(srid - _FIRST_TM3) if 0 <= srid - _FIRST_TM3 <= 15 else None


def utm(number: int, *, is_south: bool) -> Zone:
    name, crs = f"utm-{number}{'s' if is_south else 'n'}", f"EPSG:{(32700 if is_south else 32600) + number}"
    return Zone(name, crs, northings=_UTM_SOUTH_NORTHINGS if is_south else _UTM_NORTHINGS)


def tm3(third: int) -> Zone:
    """DGN95 / Indonesia TM-3, counted from zone 46.2: EPSG 23830 to 23845."""
    return Zone(f"tm3-{46 + (third + 1) // 2}.{1 if third % 2 else 2}", f"EPSG:{_FIRST_TM3 + third}", _TM3_EASTINGS, _TM3_NORTHINGS)


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
        if not is_position(lon, lat):
            inside = [zone for zone in zones if zone.has(lon, lat)]
            found += [one for zone in inside if (one := from_metres(lon, lat, (*swapped, zone.name), zone))]
    return tuple(sorted(found, key=lambda reading: len(reading.repairs)))


def from_metres(easting: float, northing: float, repairs: tuple[str, ...], zone: Zone) -> Reading | None:
    """In degrees of the datum of the zone. None where it does not reach so far."""
    try:
        lon, lat = grid_to_degrees(zone.crs, zone.datum, easting, northing) if zone.datum else to_degrees(zone.crs, easting, northing)
    except ValueError:
        return None
    return Reading(round(lon, 7), round(lat, 7), repairs) if is_position(lon, lat) else None
