"""What a pair of numbers may mean when it does not land where it should: every reading, with the repairs it needs. Pure.

Nothing is chosen here: whoever asks sees where each reading lands and shows the repair to a person.
"""

from typing import NamedTuple

from app.geo import is_position, to_degrees

UTM_49S = "EPSG:32749"
TM3_49_2 = "EPSG:23836"


class Reading(NamedTuple):
    """A possible place, WGS 84 degrees, and the words for the repairs that lead to it (none: read as it stands)."""

    lon: float
    lat: float
    repairs: tuple[str, ...]


def readings(first: float, second: float) -> tuple[Reading, ...]:
    """All readings of two numbers that were meant as `lon, lat`, the fewest repairs first.

    Repairs: `swap` (the axes), `minus` (a lost minus sign of the latitude), `utm-49s` and `tm3-49.2` (metres of
    EPSG:32749 and EPSG:23836, easting first unless `swap`).
    """
    found: list[Reading] = []
    for lon, lat, swapped in ((first, second, ()), (second, first, ("swap",))):
        if is_position(lon, lat):
            found.append(Reading(lon, lat, swapped))
            if lat > 0:
                found.append(Reading(lon, -lat, (*swapped, "minus")))
        for name, crs in (("utm-49s", UTM_49S), ("tm3-49.2", TM3_49_2)):
            if 100_000 <= lon <= 900_000 and 500_000 <= lat <= 10_000_000:
                found.append(_from_metres(lon, lat, (*swapped, name), crs))
    return tuple(sorted(found, key=lambda reading: len(reading.repairs)))


def _from_metres(easting: float, northing: float, repairs: tuple[str, ...], crs: str) -> Reading:
    lon, lat = to_degrees(crs, easting, northing)
    return Reading(round(lon, 7), round(lat, 7), repairs)
