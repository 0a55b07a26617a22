"""What a text may mean, put together from what was read of it. Pure.

Several places in one text are none: what was read of each has to agree, within what each was written to.
"""

from collections.abc import Sequence
from typing import NamedTuple

from app.coordinates.datums import WGS84, Datum, transformation
from app.coordinates.rescue import Reading
from app.geo import distance_m

METRES_PER_DEGREE = 111_320.0
TRUSTED_M = 50.0
"""A way to WGS 84 that is less exact than this moves a point to another house: it is not used."""
# Two places that are as near as that are one, whatever their digits say.
_SAME_M = 1.0


class Readings(NamedTuple):
    """Every reading, the fewest repairs first; how exact each was written, in metres; and why there is none, or none that can be
    used.
    """

    readings: tuple[Reading, ...] = ()
    precisions_m: tuple[float, ...] = ()
    reason: str | None = None


NOTHING = Readings(reason="nothing-read")
SEVERAL = Readings(reason="several-places")


def read_of(found: Sequence[tuple[Reading, float]]) -> Readings:
    """Each place once, to a centimetre, by the fewest repairs."""
    if not found:
        return NOTHING
    places: dict[tuple[float, float], tuple[Reading, float]] = {}
    for reading, precision_m in sorted(found, key=lambda both: len(both[0].repairs)):
        place = round(reading.lon, 7), round(reading.lat, 7)
        places.setdefault(place, (Reading(*place, reading.repairs), precision_m))
    return Readings(tuple(reading for reading, _ in places.values()), tuple(precision_m for _, precision_m in places.values()))


def at(lon: float, lat: float, precision_m: float, *repairs: str) -> Readings:
    return read_of([(Reading(lon, lat, repairs), precision_m)])


def together(found: Sequence[Readings]) -> Readings:
    """The readings of one place that can be taken in several ways."""
    return read_of([both for one in found for both in zip(one.readings, one.precisions_m, strict=True)])


def agreeing(found: Sequence[Readings]) -> Readings:
    """The one place of which all of these speak: the readings of the most exact one with which every other agrees."""
    if without := next((one for one in found if not one.readings), None):
        return without
    exact, *others = sorted(found, key=lambda read: min(read.precisions_m))
    pairs = zip(exact.readings, exact.precisions_m, strict=True)
    agreed = [(reading, precision_m) for reading, precision_m in pairs if all(_agrees(reading, precision_m, other) for other in others)]
    return read_of(agreed) if agreed else SEVERAL


def _agrees(reading: Reading, precision_m: float, other: Readings) -> bool:
    return any(
        distance_m(reading.lon, reading.lat, one.lon, one.lat) <= precision_m + its_m + _SAME_M
        for one, its_m in zip(other.readings, other.precisions_m, strict=True)
    )


def shifted(read: Readings, datum: Datum) -> Readings:
    """From degrees (or metres, where it is a grid) of a datum to WGS 84. What moves says so by a repair with its metres; what cannot be told
    within `TRUSTED_M` at this very place is no reading.
    """
    if not read.readings or datum == WGS84:
        return read
    try:
        moved = transformation(datum.crs)([one.lon for one in read.readings], [one.lat for one in read.readings])
    except ValueError:
        return Readings(reason="datum-far")
    found = []
    for index, reading in enumerate(read.readings):
        if moved.accuracy_m[index] <= TRUSTED_M:
            metres = float(moved.moved_m[index])
            repairs = () if moved.is_near[index] else (f"datum-{datum.crs.removeprefix('EPSG:')}-{metres:.0f}",)
            place = Reading(round(float(moved.lons[index]), 7), round(float(moved.lats[index]), 7), (*repairs, *reading.repairs))
            found.append((place, read.precisions_m[index]))
    return read_of(found) if found else Readings(reason="datum-far")
