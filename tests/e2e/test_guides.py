"""The guides: each is walked through on the real service, as its reader would; what it quotes is there, and its pictures are what is seen.

`make guides` takes the pictures anew.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, Playwright

from app.pages.guides import GUIDES, HOME
from tests.e2e import guide_pengelola, guide_pic, guide_walidata
from tests.e2e.conftest import ARGUMENTS, CHROMIUM, OpenPage, check_axe, check_width, photograph
from tests.e2e.guide_office import PHONE, Office, Reader, enter
from tests.e2e.guide_walk import IMAGES, GuidePage, Walk
from tests.e2e.serving import ACCOUNTS, Portal

pytestmark = [pytest.mark.disruptive(90), pytest.mark.timeout(600)]

MOST_BYTES = 1_000_000
SHEET = {"width": 673, "height": 980}
"""What a sheet of A4 holds within its margins, in CSS pixels."""


@pytest.fixture
def elsewhere(playwright: Playwright, portal: Portal) -> Iterator[Page]:
    """A browser on another machine than the service, which it reaches over plain http."""
    rules = "--host-resolver-rules=MAP titik.kota.example 127.0.0.1"
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, rules])
    port = httpx.URL(portal.url).port
    yield browser.new_context(base_url=f"http://titik.kota.example:{port}", locale="id-ID", **PHONE).new_page()
    browser.close()


@pytest.fixture
def reader(request: pytest.FixtureRequest, page: OpenPage, portal: Portal, elsewhere: Page) -> Reader:
    return Reader(Walk(takes_pictures=request.config.getoption("--pictures")), page, portal, Office(portal), elsewhere)


def guide(portal: Portal, name: str) -> GuidePage:
    return GuidePage(httpx.get(f"{portal.url}{HOME}{name}", headers={"Accept": "text/html"}, trust_env=False).raise_for_status().text)


def test_the_guide_for_pic_is_what_one_does_and_sees(reader: Reader, tmp_path: Path) -> None:
    guide_pic.walk_through(reader, tmp_path)
    reader.walk.check(guide(reader.portal, "pic"))


def test_the_guide_for_the_walidata_is_what_one_does_and_sees(reader: Reader, tmp_path: Path) -> None:
    guide_walidata.walk_through(reader, tmp_path)
    reader.walk.check(guide(reader.portal, "walidata"))


def test_the_guide_for_administrators_is_what_one_does_and_sees(reader: Reader) -> None:
    guide_pengelola.walk_through(reader)
    reader.walk.check(guide(reader.portal, "pengelola"))


def test_the_pictures_are_small_and_all_of_them_are_shown(portal: Portal) -> None:
    shown = {f"guide-{picture}.png" for name in GUIDES for section in guide(portal, name).sections.values() for picture in section.pictures}
    files = {path.name: path.stat().st_size for path in IMAGES.glob("guide-*")}
    assert files.keys() == shown
    assert sum(files.values()) <= MOST_BYTES, files


@pytest.mark.parametrize("name", GUIDES)
def test_the_contents_lead_to_every_section(portal: Portal, name: str) -> None:
    found = guide(portal, name)
    assert [lead for lead in found.leads if lead not in found.anchors] == []
    assert found.sections.keys() <= set(found.leads)


@pytest.mark.usefixtures("only_whole")
def test_axe_finds_nothing_and_nothing_is_lost_on_a_small_screen(page: OpenPage) -> None:
    addresses = {"panduan": HOME, **{f"panduan-{name}": one.path(name) for name, one in GUIDES.items()}}
    shown = page("desk")
    for name, address in addresses.items():
        shown.goto(address)
        check_axe(shown)
        photograph(shown, name)
    english = page("phone", language="en", color_scheme="dark")
    small = page("desk", viewport={"width": 320, "height": 256})
    for address in addresses.values():
        english.goto(address)
        assert english.locator("html").get_attribute("lang") == "en"
        check_axe(english)
        small.goto(address)
        check_width(small, 320)


def test_a_guide_is_found_from_every_page_and_from_the_start_of_its_reader(page: OpenPage) -> None:
    shown = page("phone")
    for address in ("/", "/portal/masuk", HOME):
        shown.goto(address)
        assert shown.locator(f"footer a[href$='{HOME}']").count() == 1
    for role, name in {"pic": "pic", "walidata": "walidata", "admin": "pengelola"}.items():
        own = page("phone")
        enter(own, ACCOUNTS[role][0])
        own.goto("/portal/")
        own.get_by_role("link", name=GUIDES[name].title.id).click()
        assert own.locator("h1").inner_text() == GUIDES[name].title.id


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_is_made_for_paper(page: OpenPage, portal: Portal, name: str, tmp_path: Path) -> None:
    shown = page("desk", viewport=SHEET)
    shown.goto(GUIDES[name].path(name))
    for picture in shown.locator("img").all():
        picture.scroll_into_view_if_needed()
    shown.emulate_media(media="print")
    for hidden in ("body > header", "body > footer", ".skip", ".guide-tools", ".crumbs"):
        assert not shown.locator(hidden).is_visible(), hidden
    assert shown.locator(".guide-code svg").is_visible()
    assert shown.locator(".guide-code .address").inner_text() == f"{portal.url}{GUIDES[name].path(name)}"
    told = "[...document.querySelectorAll('.guide a[data-address]')].map((one) => [getComputedStyle(one, '::after').content, one.dataset.address])"
    for content, address in shown.evaluate(told):
        assert address.startswith(portal.url)
        if content != '" (" attr(data-address) ")"':
            assert address in content
    kept_whole = "[...document.querySelectorAll('.steps > li, .picture, .commands')].map((one) => [getComputedStyle(one).breakInside, one.getBoundingClientRect().height])"
    for inside, height in shown.evaluate(kept_whole):
        assert inside == "avoid"
        assert height < SHEET["height"]
    # Grey on grey is not read: all text is black, or nearly.
    inks = shown.evaluate("[...new Set([...document.querySelectorAll('.guide *')].map((one) => getComputedStyle(one).color))]")
    for ink in inks:
        assert max(int(part) for part in re.findall(r"\d+", ink)[:3]) <= 0x33, ink
    sheet = tmp_path / f"{name}.pdf"
    shown.pdf(path=sheet, prefer_css_page_size=True)
    content = sheet.read_bytes()
    pages = len(re.findall(rb"/Type /Page\b(?!s)", content))
    boxes = {tuple(round(float(part)) for part in box.split()) for box in re.findall(rb"/MediaBox \[([^\]]+)\]", content)}
    assert 3 <= pages <= 16, pages
    assert all(abs(box[2] - 595) <= 1 and abs(box[3] - 842) <= 1 for box in boxes), boxes
