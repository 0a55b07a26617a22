"""What every page of the portal leads to."""

import re
from html import unescape

import httpx
import pytest

from app.connections import open_once
from app.main import create_app
from app.settings import Settings
from tests.api.test_html import BROWSER, Page, page_of
from tests.api.test_sessions import a_browser
from tests.conftest import AsRole, Client
from tests.factories import BUJEL, MOJOROTO, a_feature, decision_of, execute, running, submitted

pytestmark = pytest.mark.anyio


async def test_the_chosen_language_stays_and_one_is_led_back(client: Client) -> None:
    page = await page_of(client, "/collections/posyandu/items?q=melati&limit=5")
    (back,) = [one["value"] for one in page.all("input") if one.get("name") == "ke"]
    answer = await client.post("/portal/bahasa", data={"bahasa": "en", "ke": str(back)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/collections/posyandu/items?q=melati&limit=5")
    cookie = answer.headers["set-cookie"].lower()
    assert {"httponly", "path=/", "samesite=lax", "max-age=31536000"} <= {part.strip() for part in cookie.split(";")}
    there = await client.get(answer.headers["location"], headers={"Accept": BROWSER, "Accept-Language": "id"})
    assert there.headers["content-language"] == "en"
    assert "Cookie" in there.headers["vary"]


@pytest.mark.parametrize(
    "back", ["//jahat.example", "/\\jahat.example", "https://jahat.example/", "javascript:alert(1)", "/a\r\nSet-Cookie: a=b", ""]
)
async def test_nobody_is_led_elsewhere(client: Client, back: str) -> None:
    answer = await client.post("/portal/bahasa", data={"bahasa": "en", "ke": back})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


async def test_a_language_that_is_not_there_changes_nothing(client: Client) -> None:
    answer = await client.post("/portal/bahasa", data={"bahasa": "jv", "ke": "/collections"})
    assert (answer.status_code, "set-cookie" in answer.headers) == (303, False)


async def test_a_form_that_cannot_be_read_is_refused(client: Client) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for body in (b"bahasa=\xff", b"a&" * 501):
        answer = await client.post("/portal/bahasa", content=body, headers=form)
        assert (answer.status_code, answer.json()["type"]) == (400, "urn:titik:problem:fields-unreadable"), body
    assert (await client.post("/portal/bahasa", json={"bahasa": "en"})).status_code == 415


async def test_under_a_sub_path_everything_stays_under_it(database: Settings) -> None:
    app = create_app(database.model_copy(update={"public_url": "https://kota.example/titik/"}))
    async with running(app), Client(transport=httpx.ASGITransport(app), base_url="http://inside.test") as client:
        page = Page((await client.get("/collections", headers={"Accept": BROWSER})).text)
        own = [
            str(one.get("href") or one.get("src") or one.get("action")) for tag, one in page.found if tag in ("a", "link", "script", "form")
        ]
        assert not [address for address in own if not address.startswith(("/titik/", "https://kota.example/titik/", "#"))]
        answer = await client.post("/portal/bahasa", data={"bahasa": "en", "ke": "/collections"})
    assert answer.headers["location"] == "/titik/collections"
    assert {"path=/titik/", "secure"} <= {part.strip() for part in answer.headers["set-cookie"].lower().split(";")}


@pytest.mark.parametrize(
    ("address", "is_told"), [("http://192.168.1.7:8000", True), ("http://localhost:8000", False), ("https://titik.test", False)]
)
async def test_over_plain_http_from_another_machine_the_start_says_what_needs_https(
    service: httpx.ASGITransport,
    address: str,
    is_told: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    async with Client(transport=service, base_url=address) as client:
        page = await page_of(client, "/portal/")
    assert ("https://" in page.said) == is_told
    assert page.all("h1")


async def test_every_component_is_on_one_page_in_both_languages(client: Client) -> None:
    for language, word in (("id", "Tombol"), ("en", "Buttons")):
        page = await page_of(client, "/portal/komponen", **{"Accept-Language": language})
        assert word in page.said
        wrong = next(one for one in page.all("input") if one.get("aria-invalid"))
        described = str(wrong["aria-describedby"]).split()
        assert {one.get("id") for _, one in page.found} >= set(described)
        states = {one["class"] for one in page.all("span") if str(one.get("class", "")).startswith("state ")}
        assert len(states) == 13


async def waiting(who: Client, **headers: str) -> list[str]:
    """What the start says that waits for somebody."""
    answer = await who.get("/portal/", headers={"Accept": BROWSER, **headers})
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-store")
    listed = re.search(r'<ul class="waiting">(.*?)</ul>', answer.text, re.DOTALL)
    return [unescape(re.sub(r"<[^>]+>", "", one)) for one in re.findall(r"<li>(.*?)</li>", listed[1])] if listed else []


async def test_the_start_tells_each_role_what_waits_for_it(as_role: AsRole, client: Client, database: Settings) -> None:
    pic, other, walidata = await as_role("pic", MOJOROTO), await as_role("pic", BUJEL), await as_role("walidata")
    admin, opd = await as_role("admin"), await as_role("opd")
    assert await waiting(pic) == []
    returned = [await submitted(pic, a_feature(112.0016 + number / 1000, name=f"Posyandu {number}")) for number in range(3)]
    for one in returned[:2]:
        await walidata.post(decision_of(one), json={"decision": "return", "reason": "Nomor RW belum ada"})
    # What has been corrected waits no longer to be.
    await pic.put(f"/collections/posyandu/items/{returned[0]['id']}", json=a_feature(name="Betul"), headers={"If-Match": "*"})
    await pic.post("/collections/posyandu/items?draft=true", json=a_feature(112.008, name="Nanti"))
    report = {"kind": "missing", "category": "posyandu", "kelurahan": MOJOROTO, "text": "Belum ada di peta sejak lama."}
    assert (await client.post("/reports", json=report)).status_code == 201
    async with open_once(database.owner_dsn) as session:
        await execute(session, "UPDATE titik.revision SET submitted_at = now() - interval '3 days' WHERE state = 'submitted'")
    assert await waiting(pic) == [
        "1 isian dikembalikan: perbaiki lalu kirim lagi", "1 rancangan belum dikirim", "1 laporan warga belum dijawab",
    ]  # fmt: skip
    assert "Sedang ditangani orang lain 2 isian Anda sedang diperiksa walidata" in (await page_of(pic, "/portal/")).said
    assert await waiting(other) == []
    assert await waiting(walidata, **{"Accept-Language": "en"}) == [
        "2 new points wait for review (the oldest 3 days)", "1 report of a citizen is not answered yet",
    ]  # fmt: skip
    assert await waiting(admin) == ["5 akun belum dapat masuk: buat tautan sandinya"]
    for who in (opd, client):
        page = await page_of(who, "/portal/")
        assert "Menunggu Anda" not in page.said
    assert "Semuanya sudah dikerjakan" in (await page_of(other, "/portal/")).said
    assert "Cookie" in (await client.get("/portal/", headers={"Accept": BROWSER})).headers["vary"]


@pytest.mark.parametrize("role", ["pic", "walidata", "pembina", "opd", "admin"])
async def test_every_link_of_the_header_opens_for_who_sees_it(service: httpx.ASGITransport, database: Settings, role: str) -> None:
    """Nobody is led to a page that refuses them."""
    somebody = await a_browser(service, database, role, *([MOJOROTO] if role == "pic" else []))
    page = Page((await somebody.get("/portal/akun", headers={"Accept": BROWSER})).text)
    own = {str(one["href"]) for one in page.all("a") if str(one.get("href", "")).startswith("/")}
    assert ("/portal/kelola/batas" in own) is (role == "walidata")
    for address in sorted(own):
        assert (await somebody.get(address, headers={"Accept": BROWSER})).status_code == 200, address
    await somebody.aclose()
