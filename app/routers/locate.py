"""Which kelurahan is this? Open to everybody, before anything is posted."""

import math
from typing import Annotated, Any

from fastapi import APIRouter, Query

from app.boundaries.notes import edition_json
from app.boundaries.queries import ACTIVE, Asked, locate
from app.coordinates.rescue import readings
from app.db import ReadSession
from app.errors import BadRequest, Fault, Unavailable
from app.geo import is_position, to_degrees
from app.points.rules import Nearby, tolerance_m
from app.points.schemas import neighbour_json
from app.problems import problems
from app.routers.deps import Reading, Speaking, StrictRoute

router = APIRouter(route_class=StrictRoute, tags=["locate"])

NEIGHBOURS_SHOWN = 5


@router.get("/locate", responses=problems(400, 503))
async def get_locate(
    session: Reading,
    language: Speaking,
    lon: Annotated[str | None, Query()] = None,
    lat: Annotated[str | None, Query()] = None,
    crs: Annotated[str | None, Query(max_length=64)] = None,
    accuracy: Annotated[str | None, Query()] = None,
) -> dict[str, Any]:
    """The kelurahan that covers a place, those near it, and what else its numbers may mean.

    `lon`, `lat` in degrees, or easting and northing of `crs` (e.g. EPSG:32749); `accuracy` in metres.
    """
    first, second, accuracy_m = _numbers(lon, lat, accuracy)
    place = _place(first, second, crs)
    edition_row = await session.first(ACTIVE)
    if edition_row is None:
        raise Unavailable("no-edition")
    answer: dict[str, Any] = {"lon": first, "lat": second, "kelurahan": None, "neighbours": []}
    if place is not None:
        _, (nearby,) = await locate(session, [Asked(*place)])
        covering = [kelurahan for kelurahan in nearby if kelurahan.covers]
        answer |= {"lon": round(place[0], 7), "lat": round(place[1], 7), "kelurahan": _kelurahan(covering[0]) if covering else None}
        answer["neighbours"] = [neighbour_json(other) for other in nearby if not covering or other is not covering[0]][:NEIGHBOURS_SHOWN]
    answer["edition"] = edition_json(edition_row, language)
    answer["readings"] = [] if crs else await _readings(session, first, second, accuracy_m)
    return answer


def _numbers(lon: str | None, lat: str | None, accuracy: str | None) -> tuple[float, float, float | None]:
    faults, numbers = [], []
    for name, text in (("lon", lon), ("lat", lat), ("accuracy", accuracy)):
        try:
            number = float(text) if text is not None else math.nan
        except ValueError:
            number = math.inf
        if text is None and name != "accuracy":
            faults.append(Fault(name, "parameter-missing"))
        elif math.isinf(number) or (text is not None and math.isnan(number)) or (name == "accuracy" and number <= 0):
            faults.append(Fault(name, "coordinate-invalid"))
        numbers.append(number)
    if faults:
        raise BadRequest(faults=faults)
    return numbers[0], numbers[1], None if math.isnan(numbers[2]) else numbers[2]


def _place(first: float, second: float, crs: str | None) -> tuple[float, float] | None:
    """WGS 84 degrees; None where the numbers can be no position."""
    if crs is None:
        return (first, second) if is_position(first, second) else None
    try:
        place = to_degrees(crs, first, second)
    except ValueError:
        raise BadRequest(faults=[Fault("crs", "crs-unknown")]) from None
    return place if is_position(*place) else None


def _kelurahan(nearby: Nearby) -> dict[str, str]:
    return {"code": nearby.code, "name": nearby.name, "kecamatan": nearby.kecamatan}


async def _readings(session: ReadSession, first: float, second: float, accuracy_m: float | None) -> list[dict[str, Any]]:
    """Every reading that lands in a kelurahan or within tolerance of one, with its repairs."""
    possible = readings(first, second)
    if not possible:
        return []
    edition, around = await locate(session, [Asked(reading.lon, reading.lat) for reading in possible])
    tolerance = tolerance_m(accuracy_m, edition.accuracy_m)
    return [
        {"lon": reading.lon, "lat": reading.lat, "repairs": list(reading.repairs), "kelurahan": _kelurahan(nearby[0])}
        for reading, nearby in zip(possible, around, strict=True)
        if nearby and nearby[0].distance_m <= tolerance
    ]
