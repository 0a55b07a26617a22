"""A coordinate as somebody wrote it, over HTTP: what it means, what to do, in both languages."""

import pytest

from app.settings import Settings
from tests.conftest import Client
from tests.factories import MOJOROTO

pytestmark = pytest.mark.anyio


async def test_a_text_is_read_and_its_repairs_are_told(grid: Settings, client: Client) -> None:
    answer = await client.get("/locate", params={"text": "112,005; 7,805"}, headers={"Accept-Language": "en"})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["decision"], found["lon"], found["lat"], found["coarse"]) == ("one-repair", 112.005, -7.805, True)
    assert {one["code"] for one in found["repairs"]} == {"comma", "swap", "minus"}
    assert "decimal comma" in {one["detail"] for one in found["repairs"]}
    assert found["kelurahan"]["code"] == MOJOROTO
    assert [reading["kelurahan"]["code"] for reading in found["readings"]] == [MOJOROTO]


async def test_what_needs_no_repair(grid: Settings, client: Client) -> None:
    found = (await client.get("/locate", params={"text": "7°48'18,0\" LS 112°0'18,0\" BT"})).json()
    assert (found["decision"], found["repairs"], found["kelurahan"]["code"]) == ("as-is", [], MOJOROTO)
    assert found["edition"]["name"]


@pytest.mark.parametrize(
    ("text", "reason", "said"),
    [
        ("7-Agu", "date", "tanggal"),
        ("https://maps.app.goo.gl/abc", "short-link", "Tautan pendek"),
        ("7,48 LS 112,00 BT", "minutes", "menit"),
        ("-6.2, 106.8", "nothing-lands", "di dalam kota"),
        ("Jalan Veteran", "nothing-read", "Tidak ada koordinat"),
        ("", "nothing-read", "Tidak ada koordinat"),
        ("S 7.81048 E 112.00259 (TOKYO)", "datum-far", "datum ini"),
        ("-7.805, 112.005 datum lokal", "datum-unknown", "Datum"),
        ("6P4J52W2+CR / 6P4J52JJ+22", "several-places", "beberapa tempat"),
        ("https://www.google.com/maps/dir/-7.805,112.005/Kantor/@-7.805,112.005,15z", "route", "tujuan"),
    ],
)
async def test_why_there_is_nothing_to_use(grid: Settings, client: Client, text: str, reason: str, said: str) -> None:
    found = (await client.get("/locate", params={"text": text})).json()
    assert (found["decision"], found["reason"], found["kelurahan"], found["readings"]) == ("none", reason, None, found["readings"])
    assert said in found["detail"]


async def test_a_text_goes_alone_and_is_not_endless(client: Client) -> None:
    alone = await client.get("/locate", params={"text": "1, 2", "lon": "1"})
    assert (alone.status_code, alone.json()["errors"][0]["code"]) == (400, "text-alone")
    assert (await client.get("/locate", params={"text": "1" * 2_001})).status_code == 400
    both = await client.get("/locate", params={"text": "1, 2", "accuracy": "x"})
    assert both.status_code == 400


async def test_a_datum_is_transformed_and_asked_about_with_its_metres(grid: Settings, client: Client) -> None:
    found = (await client.get("/locate", params={"text": "-7.805, 112.005 (Batavia)"}, headers={"Accept-Language": "en"})).json()
    assert (found["decision"], found["lon"], found["lat"]) == ("one-repair", 112.0058556, -7.8046604)
    assert found["repairs"] == [{"code": "datum-4211-102", "detail": "datum Batavia made WGS 84: moved by 102 m"}]


async def test_a_route_leads_to_where_it_ends(grid: Settings, client: Client) -> None:
    link = (
        "https://www.google.com/maps/dir/-7.81,112.01/Kantor/@-7.8,112.0,15z/data=!4m9!4m8!1m1!4e1!1m5!1m1!1s0x1:0x2!2m2!1d112.005!2d-7.805"
    )
    found = (await client.get("/locate", params={"text": link})).json()
    assert (found["decision"], found["lon"], found["lat"]) == ("as-is", 112.005, -7.805)
