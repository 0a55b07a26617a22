"""Which kelurahan is this? Open to everybody."""

from typing import Any

import pytest
from pyproj import Transformer

from app.settings import Settings
from tests.conftest import Client
from tests.factories import APPROXIMATE, BUJEL, GAYAM, GRID, GRID_ACCURACY_M, IN_MOJOROTO, MOJOROTO, NGAMPEL

pytestmark = pytest.mark.anyio

IN_GAP = (112.01015, -7.805)


async def located(client: Client, lon: float, lat: float, **parameters: str) -> dict[str, Any]:
    answer = await client.get("/locate", params={"lon": lon, "lat": lat, **parameters})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_place_within_a_kelurahan(grid: Settings, client: Client) -> None:
    found = await located(client, 112.005, -7.805)
    assert (found["lon"], found["lat"]) == (112.005, -7.805)
    assert found["kelurahan"] == {"code": MOJOROTO, "name": "Mojoroto", "kecamatan": "Mojoroto"}
    assert found["edition"] == {"name": GRID, "accuracy_m": GRID_ACCURACY_M, "approximate": False}
    assert MOJOROTO not in {neighbour["code"] for neighbour in found["neighbours"]}
    assert [reading["repairs"] for reading in found["readings"]] == [[]]


async def test_a_place_in_a_gap_has_neighbours_but_no_kelurahan(grid: Settings, client: Client) -> None:
    found = await located(client, *IN_GAP)
    assert found["kelurahan"] is None
    first, second = found["neighbours"][:2]
    assert {first["code"], second["code"]} == {MOJOROTO, BUJEL}
    assert (first["distance_m"], second["distance_m"]) == pytest.approx((16.5, 16.5), abs=0.2)


async def test_a_place_in_an_overlap_has_the_other_as_a_neighbour_at_nothing(grid: Settings, client: Client) -> None:
    found = await located(client, 112.0202, -7.805)
    assert {found["kelurahan"]["code"], found["neighbours"][0]["code"]} == {BUJEL, NGAMPEL}
    assert found["neighbours"][0]["distance_m"] == 0


async def test_a_second_part_belongs_to_its_kelurahan(grid: Settings, client: Client) -> None:
    assert (await located(client, 112.0025, -7.8275))["kelurahan"]["code"] == GAYAM


async def test_a_place_outside_of_all_has_no_reading_but_neighbours_with_distances(grid: Settings, client: Client) -> None:
    found = await located(client, 112.2, -7.805)
    assert (found["kelurahan"], found["readings"]) == (None, [])
    assert found["neighbours"][0]["code"] == NGAMPEL
    assert found["neighbours"][0]["distance_m"] == pytest.approx(18_740, abs=50)


@pytest.mark.parametrize(
    ("lon", "lat", "repairs"),
    [(IN_MOJOROTO[1], IN_MOJOROTO[0], ["swap"]), (IN_MOJOROTO[0], -IN_MOJOROTO[1], ["minus"])],
    ids=["swapped axes", "lost minus"],
)
async def test_what_the_numbers_may_also_mean(grid: Settings, client: Client, lon: float, lat: float, repairs: list[str]) -> None:
    found = await located(client, lon, lat)
    assert found["kelurahan"] is None
    (reading,) = found["readings"]
    assert (reading["lon"], reading["lat"], reading["repairs"]) == (*IN_MOJOROTO, repairs)
    assert reading["kelurahan"]["code"] == MOJOROTO


async def test_degrees_of_another_datum_are_moved_or_refused(grid: Settings, client: Client) -> None:
    moved = await located(client, 112.005, -7.805, crs="EPSG:4211")
    assert (moved["lon"], moved["lat"]) == pytest.approx((112.0058556, -7.8046604), abs=1e-7)
    # In Balikpapan PROJ leaves Batavia where it is, without a word.
    for lon, lat, crs, code in (
        (116.9, -1.2, "EPSG:4211", "crs-far"),
        (112.005, -7.805, "EPSG:4613", "crs-far"),
        (112.005, -7.805, "EPSG:4301", "crs-unknown"),
    ):
        answer = await client.get("/locate", params={"lon": lon, "lat": lat, "crs": crs})
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, code)


async def test_metres_of_a_named_crs(grid: Settings, client: Client) -> None:
    easting, northing = Transformer.from_crs("EPSG:4326", "EPSG:32749", always_xy=True).transform(*IN_MOJOROTO)
    found = await located(client, easting, northing, crs="EPSG:32749")
    assert (found["lon"], found["lat"]) == pytest.approx(IN_MOJOROTO, abs=1e-6)
    assert found["kelurahan"]["code"] == MOJOROTO
    assert [reading["repairs"] for reading in (await located(client, easting, northing))["readings"]] == [["utm-49s"]]


async def test_a_worse_accuracy_believes_a_reading_further_off(grid: Settings, client: Client) -> None:
    beside = (112.005, -7.8105)  # 55 m to the south of Mojoroto, and nobody else there
    assert (await located(client, *beside))["readings"] == []
    assert [reading["kelurahan"]["code"] for reading in (await located(client, *beside, accuracy="60"))["readings"]] == [MOJOROTO]


async def test_approximate_boundaries_say_so_in_both_languages(client: Client) -> None:
    edition = (await located(client, *IN_MOJOROTO))["edition"]
    assert (edition["name"], edition["approximate"]) == (APPROXIMATE, True)
    assert "hanya perkiraan" in edition["note"]
    english = await client.get("/locate?lon=112&lat=-7.8", headers={"Accept-Language": "en"})
    assert "only approximate" in english.json()["edition"]["note"]
