"""Which place a text means: what it may say, where that lands, and what is decided from it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from app.coordinates import text as texts
from app.coordinates.rescue import Reading, zones_of
from app.coordinates.text import ReadText
from app.db import ReadSession
from app.placement.locating import PlaceQuery, locate
from app.placement.rules import Edition, Nearby, tolerance_m
from app.regions.cities import Cities

NOWHERE = PlaceQuery(0.0, 0.0)


class ReadPlace(NamedTuple):
    """The decision, and of each reading that lands in a city the kelurahan around it."""

    decided: ReadText
    edition: Edition
    around: Mapping[Reading, Sequence[Nearby]]


async def read_place(session: ReadSession, cities: Cities, text: str, accuracy_m: float | None = None) -> ReadPlace:
    read = texts.read_text(text, zones_of(cities.crs), cities.middle)
    # Only what is near the city can lie in it: the others need not be looked up.
    near = [one for one in read.readings if cities.is_around(one.lon, one.lat)]
    edition, found = await locate(session, [PlaceQuery(one.lon, one.lat) for one in near] or [NOWHERE])
    tolerance = tolerance_m(accuracy_m, edition.accuracy_m)
    around = {one: nearby for one, nearby in zip(near, found, strict=False) if lands(nearby, tolerance, cities)}
    return ReadPlace(texts.decide(read, [one in around for one in read.readings]), edition, around)


def says_numbers(text: str) -> bool:
    """Whether it is worth asking where a text lies: without a digit it is no place."""
    return any(letter.isdigit() for letter in text)


def lands(nearby: Sequence[Nearby], tolerance: float, cities: Cities) -> bool:
    return any(one.distance_m <= tolerance and cities.has(one.code) for one in nearby)
