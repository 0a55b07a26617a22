"""Which kelurahan is this? Open to everybody, before anything is posted."""

import math
from typing import Annotated, Any

from fastapi import APIRouter, Query

from app.boundaries.notes import edition_json
from app.boundaries.queries import Asked, locate
from app.coordinates.rescue import readings
from app.errors import BadRequest, Fault
from app.geo import is_position, to_degrees
from app.points.rules import Nearby, tolerance_m
from app.points.schemas import neighbour_json
from app.problems import problems
from app.routers.deps import Reading, Speaking, StrictRoute, open_to_all

router = APIRouter(route_class=StrictRoute, tags=["locate"])

NEIGHBOURS_SHOWN = 5
NOWHERE = Asked(0.0, 0.0)


@router.get("/locate", responses=problems(400, 503))
@open_to_all
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
    # Both questions in one statement: what lies here, and where every other reading of the numbers would land.
    possible = () if crs else readings(first, second)
    asked = [Asked(reading.lon, reading.lat) for reading in possible] + ([Asked(*place)] if place else [])
    edition, around = await locate(session, asked or [NOWHERE])
    here = around[-1] if place else ()
    tolerance = tolerance_m(accuracy_m, edition.accuracy_m)
    covering = next((kelurahan for kelurahan in here if kelurahan.covers), None)
    return {
        "lon": round(place[0], 7) if place else first,
        "lat": round(place[1], 7) if place else second,
        "kelurahan": _kelurahan(covering) if covering else None,
        "neighbours": [neighbour_json(other) for other in here if other is not covering][:NEIGHBOURS_SHOWN],
        "edition": edition_json(edition, language),
        "readings": [
            {"lon": reading.lon, "lat": reading.lat, "repairs": list(reading.repairs), "kelurahan": _kelurahan(nearby[0])}
            for reading, nearby in zip(possible, around, strict=False)
            if nearby and nearby[0].distance_m <= tolerance
        ],
    }


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
