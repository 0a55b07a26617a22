"""The map and its list as people use them: by keyboard, without scripts, on a phone; the map loses its memory, asks nobody without leave, and is printed."""

import gzip
import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import mapbox_vector_tile
import pytest
from PIL import Image, ImageStat
from playwright.sync_api import Browser, Page, Playwright, Response, Route

from tests.e2e.conftest import ARGUMENTS, CHROMIUM, OpenPage, View, check_axe, check_width, photograph
from tests.e2e.serving import Portal
from tests.factories import MOJOROTO

pytestmark = pytest.mark.disruptive(90)

KILOBYTE = 1000
CANVAS = ".map-canvas:not(.is-loading) canvas"
OPENSTREETMAP = "https://tile.openstreetmap.org"


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One that draws WebGL without a graphics card."""
    opened = playwright.chromium.launch(
        executable_path=CHROMIUM, args=[*ARGUMENTS, "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
    )
    yield opened
    opened.close()


@pytest.fixture
def addresses(portal: Portal) -> dict[str, str]:
    return {
        "peta": "/portal/peta", "peta-cari": "/portal/peta?q=melati", "peta-salah": "/portal/peta?near=x", "peta-kosong": "/portal/peta?q=tidak-ada",
        "titik": f"/p/{portal.points[0]}", "kelurahan": f"/k/{MOJOROTO}", "cetak": f"/portal/cetak?kelurahan={MOJOROTO}",
    }  # fmt: skip


def open_map(shown: Page, address: str) -> None:
    shown.goto(address)
    shown.locator(CANVAS).wait_for(timeout=60_000)


def entries(shown: Page) -> list[str]:
    return [str(one).removeprefix("titik-") for one in shown.locator("#daftar li[data-at]").evaluate_all("all => all.map(one => one.id)")]


def settle(shown: Page) -> None:
    """Until the list is that of a map which stands still."""
    shown.wait_for_url(lambda url: "bbox=" in url)
    for _ in range(30):
        address = shown.url
        shown.wait_for_timeout(1500)
        if shown.url == address and not shown.locator("#daftar[aria-busy]").count():
            return


@pytest.mark.usefixtures("only_whole")
def test_axe_finds_nothing(page: OpenPage, addresses: dict[str, str], view: View) -> None:
    language, profile = view
    shown = page(profile, language=language)
    for name, address in addresses.items():
        shown.goto(address)
        if profile == "desk" and name == "peta":
            shown.locator(CANVAS).wait_for(timeout=60_000)
        assert shown.locator("html").get_attribute("lang") == language
        check_axe(shown)


@pytest.mark.usefixtures("only_whole")
def test_nothing_is_lost_at_320_pixels(page: OpenPage, addresses: dict[str, str]) -> None:
    shown = page("desk", viewport={"width": 320, "height": 256})
    for address in ("/", *addresses.values()):
        shown.goto(address)
        check_width(shown, 320)


def test_what_the_map_draws_is_in_the_list(page: OpenPage) -> None:
    """Every point of every tile that the map has fetched, as far as it lies in the box of the list."""
    shown = page("desk")
    tiles: list[Response] = []
    shown.on("response", lambda answer: tiles.append(answer) if re.search(r"/WebMercatorQuad/\d+/\d+/\d+", answer.url) else None)
    open_map(shown, f"/portal/peta?kelurahan={MOJOROTO}")
    shown.wait_for_load_state("networkidle")
    in_tiles = {
        str(feature["properties"]["id"])
        for answer in tiles
        for feature in mapbox_vector_tile.decode(answer.body()).get("points", {"features": []})["features"]
    }
    assert in_tiles
    assert in_tiles == set(entries(shown))


def test_list_and_map_go_together_by_keyboard(page: OpenPage) -> None:
    shown = page("desk")
    open_map(shown, "/portal/peta?category=posyandu")
    before = len(entries(shown))
    canvas = shown.locator(CANVAS)
    canvas.focus()
    for _ in range(20):
        shown.keyboard.press("+")
        shown.wait_for_timeout(1000)
        if len(entries(shown)) < before:
            break
    shown.keyboard.press("ArrowLeft")
    settle(shown)
    assert "category=posyandu" in shown.url
    moved = entries(shown)
    assert len(moved) < before
    assert canvas.evaluate("canvas => document.activeElement === canvas")
    # The address is the view: a link to it shows the same list, made by the server.
    again = page("phone", java_script_enabled=False)
    again.goto(shown.url)
    assert entries(again) == moved


def test_an_entry_that_has_the_focus_is_shown_on_the_map(page: OpenPage) -> None:
    shown = page("desk")
    open_map(shown, f"/portal/peta?kelurahan={MOJOROTO}")
    shown.wait_for_timeout(2000)
    before, address = shown.locator(CANVAS).screenshot(), shown.url
    shown.locator("#daftar li[data-at] a").first.focus()
    shown.wait_for_timeout(1000)
    assert shown.locator(CANVAS).screenshot() != before
    assert shown.url == address


def brightness(shown: Page) -> float:
    """Of the middle of the map, from 0 to 255."""
    picture = Image.open(BytesIO(shown.locator(CANVAS).screenshot())).convert("L")
    width, height = picture.size
    return float(ImageStat.Stat(picture.crop((width // 4, height // 4, width * 3 // 4, height * 3 // 4))).median[0])


def test_the_map_is_dark_where_the_page_is_and_follows_it(page: OpenPage) -> None:
    shown = page("desk", color_scheme="dark")
    open_map(shown, "/portal/peta")
    for scheme in ("dark", "light", "dark"):
        shown.emulate_media(color_scheme=scheme)
        for _ in range(40):
            shown.wait_for_timeout(500)
            seen = brightness(shown)
            if (seen < 70) if scheme == "dark" else (seen > 190):
                break
        else:
            pytest.fail(f"the map of the {scheme} page is {seen:.0f} of 255 bright")


def test_a_name_is_text_in_the_list_and_on_the_map(page: OpenPage) -> None:
    shown = page("desk")
    open_map(shown, "/portal/peta?q=nusa")
    assert shown.locator("#daftar li[data-at] a").first.text_content() == "Posyandu <b>Nusa</b> Indah"
    popup = shown.locator(".map-popup a")
    for _ in range(20):
        # The signs come a moment after the map.
        if popup.count():
            break
        shown.wait_for_timeout(1000)
        shown.locator(CANVAS).click()
    assert popup.inner_text() == "Posyandu <b>Nusa</b> Indah"
    popup.click()
    assert shown.locator("h1").inner_text() == "Posyandu <b>Nusa</b> Indah"


def test_a_map_that_loses_its_memory_comes_back(page: OpenPage) -> None:
    shown = page("desk")
    open_map(shown, "/portal/peta")
    lose = "canvas => canvas.getContext('webgl2').getExtension('WEBGL_lose_context').loseContext()"
    shown.locator(CANVAS).evaluate(lose)
    assert "daftar tetap berjalan" in shown.locator(".map-says").inner_text()
    shown.locator("#q").fill("melati")
    # It is made anew when the browser does not give the memory back by itself.
    shown.locator(".map-says:empty").wait_for(state="attached", timeout=30_000)
    assert shown.locator(CANVAS).evaluate("canvas => !canvas.getContext('webgl2').isContextLost()")
    shown.locator("#q").press("Enter")
    shown.wait_for_url(lambda url: "q=melati" in url)


def test_nobody_else_is_asked_before_somebody_said_yes(page: OpenPage) -> None:
    shown = page("desk")
    asked: list[dict[str, str]] = []

    def picture(route: Route) -> None:
        asked.append(route.request.headers)
        route.fulfill(status=404)

    shown.context.route(f"{OPENSTREETMAP}/**", picture)
    others: list[str] = []
    shown.on("request", lambda request: others.append(request.url) if "127.0.0.1" not in request.url and "://" in request.url else None)
    open_map(shown, "/portal/peta")
    shown.get_by_role("button", name="Tampilkan jalan").click()
    assert "tile.openstreetmap.org" in shown.locator(".streets").inner_text()
    shown.wait_for_timeout(500)
    assert [url for url in others if not url.startswith("blob:")] == []
    shown.get_by_role("button", name="Jangan").click()
    assert shown.get_by_role("button", name="Tampilkan jalan").evaluate("button => document.activeElement === button")
    shown.get_by_role("button", name="Tampilkan jalan").click()
    shown.get_by_role("button", name="Tampilkan", exact=True).click()
    shown.wait_for_timeout(2000)
    assert asked
    # Whoever gives the pictures away wants to know for which site.
    assert all(headers.get("referer", "").startswith("http://127.0.0.1") for headers in asked)
    assert "OpenStreetMap" in shown.locator(".maplibregl-ctrl-attrib").inner_text()
    check_axe(shown)
    shown.reload()
    shown.locator(CANVAS).wait_for(timeout=60_000)
    assert shown.get_by_role("button", name="Tampilkan jalan").count() == 1


def test_near_me_is_the_nearest_first(page: OpenPage) -> None:
    shown = page("phone", geolocation={"longitude": 112.0016, "latitude": -7.8041, "accuracy": 8}, permissions=["geolocation"])
    shown.goto("/portal/peta?category=posyandu")
    shown.get_by_role("button", name="Di sekitar saya").click()
    shown.wait_for_url(lambda url: "near=" in url)
    assert "category=posyandu" in shown.url
    # A row that was not scrolled to is not laid out, and has no inner text.
    metres = [int(one) for one in re.findall(r"(\d+) m\b", shown.locator("#daftar .points").text_content() or "")]
    assert metres[0] == 0
    assert metres == sorted(metres)
    refused = page("phone")
    refused.goto("/portal/peta")
    refused.get_by_role("button", name="Di sekitar saya").click()
    refused.get_by_text("Tempel koordinat").wait_for()


def weights(shown: Page, address: str, ready: str) -> dict[str, int]:
    """What a first visit fetches, as gzip; without the tiles."""
    answers: list[Response] = []
    # A builtin has no room for the mark that playwright leaves on a listener.
    shown.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108
    shown.goto(address)
    shown.locator(ready).first.wait_for(timeout=60_000)
    shown.wait_for_load_state("networkidle")
    return {
        answer.url: len(gzip.compress(answer.body())) for answer in answers if answer.ok and not re.search(r"/tiles/|/v/|blob:", answer.url)
    }


def test_pages_are_light(page: OpenPage, addresses: dict[str, str]) -> None:
    for name in ("peta", "titik", "kelurahan", "cetak"):
        fetched = weights(page("phone"), addresses[name], "h1")
        assert sum(fetched.values()) <= 60 * KILOBYTE, fetched
        assert not any("maplibre" in url for url in fetched)
    fetched = weights(page("desk"), "/", CANVAS)
    assert any("maplibre-worker" in url for url in fetched)
    assert sum(fetched.values()) <= 560 * KILOBYTE, fetched


def test_without_scripts_all_is_there(page: OpenPage, addresses: dict[str, str]) -> None:
    shown = page("phone", java_script_enabled=False)
    for address in addresses.values():
        shown.goto(address)
        assert shown.locator("h1").count() == 1
        assert shown.locator("button:visible[hidden]").count() == 0
    shown.goto("/portal/peta")
    shown.locator("#q").fill("-7.8041, 112.0016")
    shown.get_by_role("button", name="Cari", exact=True).click()
    assert "Yang terdekat lebih dahulu" in shown.locator("#daftar").inner_text()
    shown.locator("nav.categories a", has_text="Pos kamling").click()
    assert "0 titik" in shown.locator("#daftar-judul").inner_text()


@pytest.mark.parametrize(("size", "millimetres"), [("A4", (297, 210)), ("A3", (420, 297))])
def test_paper_has_its_size(page: OpenPage, size: str, millimetres: tuple[int, int]) -> None:
    shown = page("desk")
    shown.goto(f"/portal/cetak?kelurahan={MOJOROTO}&paper={size}")
    pdf = shown.pdf(prefer_css_page_size=True, print_background=True)
    boxes = [tuple(round(float(part) / 72 * 25.4) for part in box.split()[2:]) for box in re.findall(rb"/MediaBox \[([^\]]+)\]", pdf)]
    assert boxes == [millimetres]
    shown.emulate_media(media="print")
    assert shown.locator("form.print-choice").is_hidden()
    assert shown.locator("body > header").is_hidden()
    width: Any = shown.locator(".sheet-map svg").evaluate("one => one.getBoundingClientRect().width")
    assert width / 96 * 25.4 == pytest.approx({"A4": 165, "A3": 250}[size], abs=1)


def test_photographs(page: OpenPage, addresses: dict[str, str]) -> None:
    shown = page("desk")
    for name, address in addresses.items():
        shown.goto(address)
        if name == "peta":
            shown.locator(CANVAS).wait_for(timeout=60_000)
            shown.wait_for_timeout(1500)
        photograph(shown, f"atlas-{name}")
