"""Which kelurahan is this? Open to everybody, before anything is posted."""

import math
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from app.boundaries.notes import edition_json
from app.boundaries.queries import Asked, locate
from app.coordinates import text as texts
from app.coordinates import words
from app.coordinates.rescue import Zone, readings, zones_of
from app.db import ReadSession
from app.errors import BadRequest, Fault
from app.geo import is_position, to_degrees
from app.language import Language
from app.points.rules import Nearby, tolerance_m
from app.points.schemas import neighbour_json
from app.problems import problems
from app.published.catalogue import Catalogue, EditionCard
from app.routers.deps import Reading, Speaking, StrictRoute, open_to_all

router = APIRouter(route_class=StrictRoute, tags=["locate"])

NEIGHBOURS_SHOWN = 5
AROUND = 0.1
"""Degrees around the edition in which a reading is looked up: more than any tolerance."""
NOWHERE = Asked(0.0, 0.0)


@router.get("/locate", responses=problems(400, 503))
@open_to_all
async def get_locate(
    request: Request,
    session: Reading,
    language: Speaking,
    text: Annotated[str | None, Query(max_length=texts.LONGEST)] = None,
    lon: Annotated[str | None, Query()] = None,
    lat: Annotated[str | None, Query()] = None,
    crs: Annotated[str | None, Query(max_length=64)] = None,
    accuracy: Annotated[str | None, Query()] = None,
) -> dict[str, Any]:
    """The kelurahan that covers a place, those near it, and what else its numbers may mean.

    `lon`, `lat` in degrees, or easting and northing of `crs` (e.g. EPSG:32749); `accuracy` in metres. Or `text`: a coordinate as somebody wrote it,
    with a decision: `as-is`, `one-repair` (to be shown and asked), `ambiguous` or `none`.
    """
    catalogue: Catalogue = request.app.state.catalogue
    card = catalogue.known.edition
    if text is not None:
        if lon is not None or lat is not None or crs is not None:
            raise BadRequest(faults=[Fault("text", "text-alone")])
        return await _of_text(session, language, card, text, _numbers("0", "0", accuracy)[2])
    first, second, accuracy_m = _numbers(lon, lat, accuracy)
    place = _place(first, second, crs)
    # Both questions in one statement: what lies here, and where every other reading of the numbers would land.
    possible = () if crs else readings(first, second, _zones(card))
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


async def _of_text(
    session: ReadSession, language: Language, card: EditionCard | None, text: str, accuracy_m: float | None
) -> dict[str, Any]:
    west, south, east, north = card.extent if card else (0.0, 0.0, 0.0, 0.0)
    read = texts.read_text(text, _zones(card), ((west + east) / 2, (south + north) / 2))
    # Only what is near the city can lie in it: the others need not be looked up.
    near = [one for one in read.readings if west - AROUND < one.lon < east + AROUND and south - AROUND < one.lat < north + AROUND]
    edition, found = await locate(session, [Asked(one.lon, one.lat) for one in near] or [NOWHERE])
    around = dict(zip(near, found, strict=False))
    tolerance = tolerance_m(accuracy_m, edition.accuracy_m)
    landed = [any(nearby.distance_m <= tolerance for nearby in around.get(one, ())[:1]) for one in read.readings]
    decided = texts.decide(read, landed)
    here = around[decided.reading] if decided.reading else ()
    covering = next((kelurahan for kelurahan in here if kelurahan.covers), None)
    return {
        "decision": decided.decision,
        **({"reason": decided.reason, "detail": words.REASONS[decided.reason].say(language)} if decided.reason else {}),
        **({"lon": decided.reading.lon, "lat": decided.reading.lat} if decided.reading else {}),
        **({"repairs": _repairs(decided.reading.repairs, language)} if decided.reading else {}),
        **({"coarse": True} if decided.is_coarse else {}),
        "kelurahan": _kelurahan(covering) if covering else None,
        "neighbours": [neighbour_json(other) for other in here if other is not covering][:NEIGHBOURS_SHOWN],
        "edition": edition_json(edition, language),
        "readings": [
            {"lon": one.lon, "lat": one.lat, "repairs": list(one.repairs), "kelurahan": _kelurahan(around[one][0])}
            for one, lands in zip(read.readings, landed, strict=True)
            if lands
        ],
    }


def _repairs(names: Sequence[str], language: Language) -> list[dict[str, str]]:
    return [{"code": name, "detail": words.repair(name).say(language)} for name in names]


def _zones(card: EditionCard | None) -> tuple[Zone, ...]:
    return zones_of(card.extent) if card else ()


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
