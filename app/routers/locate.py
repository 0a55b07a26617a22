"""Which kelurahan is this? Open to everybody, before anything is posted."""

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, NotRequired, cast

from fastapi import APIRouter, Query, Request
from pydantic import WithJsonSchema

from app.atlas.reading import NOWHERE, lands, read_place
from app.boundaries.notes import Boundaries, edition_json
from app.coordinates import text as texts
from app.coordinates import words
from app.coordinates.datums import transformation
from app.coordinates.reads import TRUSTED_M
from app.coordinates.rescue import Reading as Rescued
from app.coordinates.rescue import readings, zones_of
from app.coordinates.sentences import accuracy_in
from app.db import ReadSession
from app.errors import BadRequest, Fault
from app.geo import is_position, parse_crs
from app.http.editing import actor_of
from app.http.parameters import ReadAccess, Speaking
from app.http.problems import problems
from app.http.rights import open_to_all
from app.http.route import StrictRoute
from app.http.services import services
from app.language import Language
from app.placement.locating import PlaceQuery, locate
from app.placement.rules import Edition, Nearby, tolerance_m
from app.points.schemas import Neighbour, neighbour_json
from app.regions.cities import Cities
from app.wire import Answer

# Read by `_numbers`, which says what is wrong in our own words.
Number = Annotated[str | None, Query(), WithJsonSchema({"type": "number"})]

router = APIRouter(route_class=StrictRoute, tags=["locate"])

NEIGHBOURS_SHOWN = 5


class Kelurahan(Answer):
    code: str
    name: str
    kecamatan: str


class OtherReading(Answer):
    """What else the numbers may mean, and where that lands."""

    lon: float
    lat: float
    repairs: list[str]
    kelurahan: Kelurahan


class Surroundings(Answer):
    kelurahan: Kelurahan | None
    """The one whose polygon covers the place."""
    neighbours: list[Neighbour]
    edition: Boundaries
    readings: list[OtherReading]


class NamedRepair(Answer):
    code: str
    detail: str


class Place(Surroundings):
    """`decision` and what goes with it: of a `text`; then `lon` and `lat` are those of the reading, where there is one."""

    lon: NotRequired[float]
    lat: NotRequired[float]
    decision: NotRequired[texts.ReadingDecision]
    reason: NotRequired[str]
    """Why there is no reading."""
    detail: NotRequired[str]
    """The same in words."""
    coarse: NotRequired[bool]
    """Written with so few digits that it may lie some houses away."""
    repairs: NotRequired[list[NamedRepair]]


@router.get("/locate", responses=problems(400, 401, 503))
@open_to_all
async def get_locate(
    request: Request,
    session: ReadAccess,
    language: Speaking,
    text: Annotated[str | None, Query(max_length=texts.LONGEST)] = None,
    lon: Number = None,
    lat: Number = None,
    crs: Annotated[str | None, Query(max_length=64)] = None,
    accuracy: Number = None,
) -> Place:
    """The kelurahan that covers a place, those near it, and what else its numbers may mean.

    `lon`, `lat` in degrees, or easting and northing of `crs` (e.g. EPSG:32749); `accuracy` in metres. Or `text`: a coordinate as somebody wrote it,
    with a decision: `as-is`, `one-repair` (to be shown and asked), `ambiguous` or `none`.
    """
    cities = await _cities(request)
    if text is not None:
        if lon is not None or lat is not None or crs is not None:
            raise BadRequest(faults=[Fault("text", "text-alone")])
        return await _of_text(session, language, cities, text, accuracy)
    first, second, accuracy_m = _numbers(lon, lat, accuracy)
    place = _place(first, second, crs)
    # Both questions in one statement: what lies here, and where every other reading of the numbers would land.
    possible = () if crs else readings(first, second, zones_of(cities.crs))
    queries = [PlaceQuery(reading.lon, reading.lat) for reading in possible] + ([PlaceQuery(*place)] if place else [])
    edition, around = await locate(session, queries or [NOWHERE])
    tolerance = tolerance_m(accuracy_m, edition.accuracy_m)
    landed = [(one, nearby[0]) for one, nearby in zip(possible, around, strict=False) if lands(nearby, tolerance, cities)]
    position = [round(number, 7) for number in place] if place else [first, second]
    document = _surroundings(edition, language, around[-1] if place else (), landed)
    return cast("Place", {"lon": position[0], "lat": position[1], **document})


async def _cities(request: Request) -> Cities:
    """In which readings may lie: with several in the database and a token, those of the account's kelurahan."""
    cities = services(request).catalogue.known.cities
    actor = await actor_of(request) if len(cities.all) > 1 else None
    return cities.of(actor.kelurahan) if actor else cities


async def _of_text(session: ReadSession, language: Language, cities: Cities, text: str, accuracy: str | None) -> Place:
    (accuracy_m,) = _read_numbers({"accuracy": accuracy})
    accuracy_m = accuracy_m or accuracy_in(text)
    decided, edition, around = await read_place(session, cities, text, accuracy_m)
    document: dict[str, object] = {"decision": decided.decision}
    if decided.reason:
        document |= {"reason": decided.reason, "detail": words.REASONS[decided.reason].say(language)}
    if reading := decided.reading:
        document |= {"lon": reading.lon, "lat": reading.lat, "coarse": decided.is_coarse}
        document["repairs"] = [{"code": name, "detail": words.repair(name).say(language)} for name in reading.repairs]
    here = around[reading] if reading else ()
    return cast("Place", {**document, **_surroundings(edition, language, here, [(one, nearby[0]) for one, nearby in around.items()])})


def _surroundings(edition: Edition, language: Language, here: Sequence[Nearby], landed: Sequence[tuple[Rescued, Nearby]]) -> Surroundings:
    """What lies `here`, and where each reading has landed."""
    covering = next((kelurahan for kelurahan in here if kelurahan.covers), None)
    return {
        "kelurahan": _kelurahan(covering) if covering else None,
        "neighbours": [neighbour_json(other) for other in here if other is not covering][:NEIGHBOURS_SHOWN],
        "edition": edition_json(edition, language),
        "readings": [
            {"lon": one.lon, "lat": one.lat, "repairs": list(one.repairs), "kelurahan": _kelurahan(nearest)} for one, nearest in landed
        ],
    }


def _numbers(lon: str | None, lat: str | None, accuracy: str | None) -> tuple[float, float, float | None]:
    first, second, accuracy_m = _read_numbers({"lon": lon, "lat": lat, "accuracy": accuracy})
    assert first is not None  # noqa: S101 - for the reader of types
    assert second is not None  # noqa: S101
    return first, second, accuracy_m


def _read_numbers(sent: Mapping[str, str | None]) -> list[float | None]:
    """`BadRequest` with all that are missing or no numbers; only `accuracy` may be missing, and is not negative: 0 is not known."""
    faults: list[Fault] = []
    numbers: list[float | None] = []
    for name, text in sent.items():
        try:
            number = float(text) if text is not None else None
        except ValueError:
            number = math.inf
        if number is None and name != "accuracy":
            faults.append(Fault(name, "parameter-missing"))
        elif number is not None and (not math.isfinite(number) or (name == "accuracy" and number < 0)):
            faults.append(Fault(name, "coordinate-invalid"))
        numbers.append(number)
    if faults:
        raise BadRequest(faults=faults)
    return numbers


def _place(first: float, second: float, crs: str | None) -> tuple[float, float] | None:
    """WGS 84 degrees; None where the numbers can be no position."""
    if crs is None:
        return (first, second) if is_position(first, second) else None
    try:
        moved = transformation(f"EPSG:{parse_crs(crs).srid}")([first], [second])
    except ValueError:
        raise BadRequest(faults=[Fault("crs", "crs-unknown")]) from None
    # PROJ would answer all the same, some hundreds of metres off.
    if not moved.accuracy_m[0] <= TRUSTED_M:
        raise BadRequest(faults=[Fault("crs", "crs-far")])
    return float(moved.lons[0]), float(moved.lats[0])


def _kelurahan(nearby: Nearby) -> Kelurahan:
    return {"code": nearby.code, "name": nearby.name, "kecamatan": nearby.kecamatan}
