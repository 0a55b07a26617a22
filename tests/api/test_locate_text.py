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
