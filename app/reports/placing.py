"""Where somebody says that something is: a coordinate in whatever spelling, or the link of a map."""

from app.coordinates import text as texts
from app.coordinates.rescue import zones_of
from app.db import Session
from app.placement.locating import PlaceQuery, locate
from app.placement.rules import TOLERANCE_AT_MOST_M
from app.regions.cities import Cities


async def place_of_text(session: Session, cities: Cities, text: str) -> tuple[float, float] | None:
    """Longitude and latitude of the one place in the city that the text can mean; None where there is none, or several."""
    read = texts.read_text(text[: texts.LONGEST], zones_of(cities.crs), cities.middle)
    near = [one for one in read.readings if cities.is_around(one.lon, one.lat)]
    if not near:
        return None
    _, around = await locate(session, [PlaceQuery(one.lon, one.lat) for one in near])
    landed = [one for one, nearby in zip(near, around, strict=True) if any(it.distance_m <= TOLERANCE_AT_MOST_M for it in nearby)]
    reading = texts.decide(read, [one in landed for one in read.readings]).reading
    return (round(reading.lon, 7), round(reading.lat, 7)) if reading else None
