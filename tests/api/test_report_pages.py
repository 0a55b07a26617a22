"""The pages of reports: complete without scripts, in both languages; what is wrong stands at its field, and what was typed stays."""

import re
from typing import Any

import pytest

from app.settings import Settings
from tests.api.test_html import EVIL, Page
from tests.conftest import AsRole, Client
from tests.factories import IN_MOJOROTO, MOJOROTO, a_feature, a_report, published
from tests.photographs import a_photo

pytestmark = pytest.mark.anyio

BROWSER = {"Accept": "text/html"}
IN_ENGLISH = {**BROWSER, "Accept-Language": "en"}


@pytest.fixture
async def point(as_role: AsRole) -> str:
    feature = await published(await as_role("pic", MOJOROTO), await as_role("walidata"), a_feature(name=f"Posyandu {EVIL[:25]}"))
    return str(feature["id"])


def read(answer: Any, status: int = 200) -> Page:
    assert answer.status_code == status, answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    assert "unsafe-" not in answer.headers["content-security-policy"]
    return Page(answer.text)


def fields(page: Page) -> dict[str, str]:
    """What the form would send, but for what is chosen."""
    return {
        str(one["name"]): str(one.get("value") or "")
        for one in page.all("input")
        if one.get("name") not in (None, "photo", "number", "kind")
    }


def wrong(page: Page) -> list[str]:
    """The fields that are marked, each with a sentence that it refers to; the first one has the focus."""
    marked = [one for tag in ("input", "select", "textarea") for one in page.all(tag) if one.get("aria-invalid") == "true"]
    ids = {one.get("id") for one in page.all("p")}
    assert all(str(one["aria-describedby"]).split()[0] in ids for one in marked)
    assert len([one for one in marked if "autofocus" in one]) == min(1, len(marked))
    return [str(one["name"]) for one in marked]


async def test_a_citizen_reports_without_a_script_and_reads_the_answer(client: Client, as_role: AsRole, point: str) -> None:
    page = read(await client.get("/lapor", params={"titik": point}, headers=BROWSER))
    assert f"Posyandu {EVIL[:25]}" in "".join(page.text)
    assert {one["value"] for one in page.all("input") if one["name"] == "kind"} == {"error", "gone", "confirm"}
    sent = {**fields(page), "kind": "error", "text": f"Papannya salah {EVIL}"}
    photo = {"photo": ("a.jpg", a_photo(), "image/jpeg")}
    answers = [await client.post("/lapor", data=sent, files=photo, headers=BROWSER) for _ in range(2)]
    assert [one.status_code for one in answers] == [303, 303]
    # Sent twice it is one report.
    assert len({one.headers["location"] for one in answers}) == 1
    corrected = await client.post("/lapor", data={**sent, "text": "Papannya hilang"}, files=photo, headers=BROWSER)
    assert corrected.headers["location"] != answers[0].headers["location"]
    thanks = await client.get(answers[0].headers["location"], headers=BROWSER)
    number = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", thanks.text)
    assert number
    assert "Terima kasih" in "".join(read(thanks).text)

    pic = await as_role("pic", MOJOROTO)
    closing = {"state": "closed", "outcome": "fixed", "answer": f"Sudah diganti {EVIL}"}
    assert (await pic.post(f"/reports/{number[0]}/answer", json=closing)).status_code == 200
    looked_up = await client.get("/lapor", params={"number": f" {number[0].lower()} "}, headers=BROWSER)
    assert (looked_up.status_code, looked_up.headers["location"]) == (303, f"/lapor/{number[0]}")
    text = "".join(read(await client.get(f"/lapor/{number[0]}", headers=IN_ENGLISH)).text)
    assert "It was corrected" in text
    assert f"Sudah diganti {EVIL}" in text
    assert "Papannya salah" not in text


async def test_what_is_missing_is_reported_with_a_pasted_place(client: Client, as_role: AsRole) -> None:
    page = read(await client.get("/lapor", headers=BROWSER))
    lon, lat = IN_MOJOROTO
    sent = {
        **fields(page),
        "kind": "missing",
        "category": "posyandu",
        "text": "Posyandu baru",
        "place": f"https://maps.google.com/?q={lat},{lon}",
    }
    answer = await client.post("/lapor", data=sent, files={"photo": ("", b"")}, headers=BROWSER)
    assert answer.status_code == 303
    (task,) = (await (await as_role("pic", MOJOROTO)).get("/reports")).json()["reports"]
    assert (task["lon"], task["lat"], task["kelurahan"]) == (lon, lat, MOJOROTO)


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize(
    ("sent", "marked"),
    [
        ({"kind": "missing"}, ["kelurahan", "category", "text"]),
        ({"kind": "missing", "category": "posyandu", "text": "x", "place": "di sana"}, ["place"]),
        ({"kind": "missing", "category": "posyandu", "text": "x", "place": "51.5, -0.12"}, ["place"]),
        ({"kind": "missing", "category": "kolam", "kelurahan": "Bujel", "text": "x"}, ["category"]),
    ],
)
async def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(
    client: Client, sent: dict[str, str], marked: list[str], language: str
) -> None:
    answer = await client.post("/lapor", data=sent, files={"photo": ("", b"")}, headers={**BROWSER, "Accept-Language": language})
    page = read(answer, 422)
    assert sorted(wrong(page)) == sorted(marked)
    if text := sent.get("text"):
        assert text in page.text
    if "place" in sent:
        assert [one["value"] for one in page.all("input") if one["name"] == "place"] == [sent["place"]]


async def test_a_photo_that_is_none_is_told_at_its_field(client: Client, point: str) -> None:
    sent = {"kind": "confirm", "point": point, "text": "Masih di sini"}
    answer = await client.post("/lapor", data=sent, files={"photo": ("a.gif", b"GIF89a", "image/gif")}, headers=BROWSER)
    page = read(answer, 422)
    assert wrong(page) == ["photo"]
    assert "Masih di sini" in page.text
    assert [one["value"] for one in page.all("input") if "checked" in one] == ["confirm"]


async def test_a_text_about_a_person_is_pointed_out_and_never_refused(client: Client, as_role: AsRole, point: str) -> None:
    sent = {"kind": "error", "point": point, "text": "Hubungi 0812-3456-7890", "key": "kunci-formulir"}
    page = read(await client.post("/lapor", data=sent, files={"photo": ("", b"")}, headers=BROWSER), 422)
    assert wrong(page) == ["text"]
    assert "as_it_is" in {one.get("name") for one in page.all("input")}
    assert fields(page)["key"] == "kunci-formulir"
    misplaced = {**sent, "as_it_is": "yes", "kind": "missing"}
    page = read(await client.post("/lapor", data=misplaced, files={"photo": ("", b"")}, headers=BROWSER), 422)
    assert [one["name"] for one in page.all("input") if "checked" in one] == ["as_it_is"]
    again = await client.post("/lapor", data={**sent, "as_it_is": "yes"}, files={"photo": ("", b"")}, headers=BROWSER)
    assert again.status_code == 303
    (task,) = (await (await as_role("pic", MOJOROTO)).get("/reports")).json()["reports"]
    assert task["text"] == "Hubungi 0812-3456-7890"


async def test_an_address_that_has_sent_enough_keeps_what_it_typed(client: Client, point: str) -> None:
    sent = {"kind": "confirm", "point": point, "text": "Masih di sini"}
    answers = [await client.post("/lapor", data=sent, files={"photo": ("", b"")}, headers=BROWSER) for _ in range(11)]
    assert [one.status_code for one in answers] == [303] * 10 + [429]
    page = read(answers[-1], 429)
    assert "Masih di sini" in page.text
    assert "10 laporan hari ini" in "".join(page.text)


@pytest.mark.parametrize(("address", "status"), [("/lapor/0000-0000-0000", 404), ("/lapor/apa-saja", 404), ("/lapor?number=apa", 404)])
async def test_a_number_that_nobody_has_is_told_at_its_field(client: Client, address: str, status: int) -> None:
    answer = await client.get(address, headers=BROWSER)
    assert wrong(read(answer, status)) == ["number"]
    assert "Belum terkirim" not in answer.text


async def test_a_report_of_a_point_that_is_not_there_is_no_form(client: Client) -> None:
    assert (await client.get("/lapor?titik=0190b5a0-0000-7000-8000-000000000000", headers=BROWSER)).status_code == 404
    assert (await client.get("/lapor?titik=x", headers=BROWSER)).status_code == 404


# -- those who answer


async def test_an_officer_answers_opens_again_and_the_walidata_shows(as_role: AsRole, client: Client, database: Settings) -> None:
    number = await a_report(database, MOJOROTO, f"Papan salah, hubungi Bu Ani {EVIL}")
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    listed = read(await pic.get("/portal/laporan", headers=BROWSER))
    at = f"/portal/laporan/{number}"
    assert at in {one["href"] for one in listed.all("a")}
    page = read(await pic.post(at, data={"state": "closed", "answer": "Sudah"}, headers=BROWSER), 422)
    assert wrong(page) == ["outcome"]
    assert "Sudah" in page.text
    assert (await pic.post(at, data={"state": "in-progress", "outcome": "", "answer": ""}, headers=BROWSER)).status_code == 303
    closing = {"state": "closed", "answer": "Sudah diganti", "outcome": "fixed"}
    assert (await pic.post(at, data=closing, headers=BROWSER)).headers["location"] == at
    again = read(await pic.post(at, data=closing, headers=BROWSER), 409)
    assert "sudah dijawab" in "".join(again.text)
    assert number in (await pic.get("/portal/laporan?state=closed", headers=BROWSER)).text
    assert (await pic.post(at, data={"state": "in-progress"}, headers=BROWSER)).status_code == 303

    assert "/tampil" not in (await pic.get(at, headers=BROWSER)).text
    shown = read(await walidata.get(at, headers=BROWSER))
    assert "Jangan ditampilkan." in "".join(shown.text)
    assert (await walidata.post(f"{at}/tampil", data={"show_text": "yes"}, headers=BROWSER)).status_code == 303
    assert f"hubungi Bu Ani {EVIL}" in "".join(read(await client.get(f"/lapor/{number}", headers=BROWSER)).text)


async def test_only_those_who_answer_see_the_tasks(as_role: AsRole, client: Client, database: Settings) -> None:
    number = await a_report(database, MOJOROTO)
    for path in ("/portal/laporan", f"/portal/laporan/{number}"):
        led = await client.get(path, headers=BROWSER)
        assert (led.status_code, led.headers["location"].partition("?")[0]) == (303, "/portal/masuk")
        assert (await (await as_role("opd")).get(path, headers=BROWSER)).status_code == 403
    assert (await (await as_role("pic", "35.71.01.1006")).get(f"/portal/laporan/{number}", headers=BROWSER)).status_code == 404
