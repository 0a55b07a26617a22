"""What a place that lies nowhere may have meant: the one other reading of its numbers that lands."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from app.coordinates.rescue import Reading, Zone, readings
from app.db import Session
from app.placement.locating import PlaceQuery, locate
from app.placement.rules import tolerance_m

LonLat = tuple[float, float]
"""Two numbers, meant as lon and lat."""


class InCity(NamedTuple):
    """In which grids people write there, and whether a kelurahan, by its code, is one of the city's."""

    zones: Sequence[Zone]
    has: Callable[[str], bool]


class Suggestion(NamedTuple):
    """WGS 84 degrees, and the repairs that lead to them."""

    lon: float
    lat: float
    repairs: tuple[str, ...]


async def suggest(session: Session, place: LonLat, accuracy_m: float | None, declared: str | None, city: InCity) -> Suggestion | None:
    """The only repaired reading that lands in the declared kelurahan, else the only one that lands in the city; None where several or none do."""
    candidates = [reading for reading in readings(*place, city.zones) if reading.repairs]
    if not candidates:
        return None
    judging, around = await locate(session, [PlaceQuery(reading.lon, reading.lat) for reading in candidates])
    tolerance = tolerance_m(accuracy_m, judging.accuracy_m)
    landed: list[tuple[Reading, set[str]]] = [
        (reading, {kelurahan.code for kelurahan in nearby if kelurahan.distance_m <= tolerance and city.has(kelurahan.code)})
        for reading, nearby in zip(candidates, around, strict=True)
    ]
    hits = [reading for reading, codes in landed if declared in codes] or [reading for reading, codes in landed if codes]
    return Suggestion(hits[0].lon, hits[0].lat, tuple(hits[0].repairs)) if len(hits) == 1 else None
