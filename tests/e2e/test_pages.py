"""The pages that everybody sees: what axe finds, by keyboard, on small screens, how heavy they are; and photographs to look at."""

import gzip
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Request

from tests.e2e.conftest import Language, OpenPage, Profile, check_axe, check_width, photograph, sign_in
from tests.e2e.serving import Portal

pytestmark = pytest.mark.disruptive(60)

ADDRESSES = {
    "awal": "/", "portal": "/portal/", "komponen": "/portal/komponen", "data": "/collections", "koleksi": "/collections/posyandu",
    "daftar": "/collections/posyandu/items?limit=100", "saring": "/collections/posyandu/queryables", "kelurahan": "/collections/kelurahan/items?limit=100",
    "alamat": "/api.html", "standar": "/conformance", "tidak-ada": "/tidak/ada", "salah": "/collections/posyandu/items?bbox=x",
}  # fmt: skip
KILOBYTE = 1000


@pytest.fixture
def addresses(portal: Portal) -> dict[str, str]:
    return ADDRESSES | {"titik": f"/collections/posyandu/items/{portal.points[0]}"}


@pytest.mark.usefixtures("only_whole")
@pytest.mark.parametrize(("language", "profile"), [("id", "phone"), ("en", "desk")])
def test_axe_finds_nothing(page: OpenPage, addresses: dict[str, str], language: Language, profile: Profile) -> None:
    shown = page(profile, language=language)
    for address in addresses.values():
        shown.goto(address)
        assert shown.locator("html").get_attribute("lang") == language
        check_axe(shown)


def test_axe_finds_nothing_in_the_dark(page: OpenPage, addresses: dict[str, str]) -> None:
    shown = page("desk", color_scheme="dark")
    for name in ("komponen", "daftar", "tidak-ada"):
        shown.goto(addresses[name])
        check_axe(shown)


@pytest.mark.usefixtures("only_whole")
def test_nothing_is_lost_at_320_pixels(page: OpenPage, addresses: dict[str, str]) -> None:
    """As wide as a window of 1280 pixels at 400 %. Only a wide table scrolls, within itself."""
    shown = page("desk", viewport={"width": 320, "height": 256})
    for address in addresses.values():
        shown.goto(address)
        check_width(shown, 320)


def _focused(page: Page) -> Iterator[dict[str, str]]:
    """Everything that the tabulator reaches, with how its focus shows."""
    script = """() => {
      const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
      const mark = at.querySelector('.mark');
      const drawn = mark ? getComputedStyle(mark).strokeWidth : style.outlineWidth;
      return {name: at.tagName, text: (at.textContent || '').trim(), href: at.getAttribute('href') || '', outline: drawn,
              top: String(box.bottom > 0 && box.top < innerHeight)};
    }"""
    for _ in range(200):
        page.keyboard.press("Tab")
        found: dict[str, str] = page.evaluate(script)
        if found["name"] == "BODY":
            return
        yield found


def test_by_keyboard_alone(page: OpenPage) -> None:
    shown = page("desk")
    shown.goto("/portal/komponen")
    reached = list(_focused(shown))
    assert reached[0]["href"] == "#main"
    assert {"BUTTON", "INPUT", "SELECT", "TEXTAREA", "A"} <= {one["name"] for one in reached}
    for one in reached:
        assert float(one["outline"].removesuffix("px")) >= 2, one
        assert one["top"] == "true", one
    shown.goto("/portal/komponen")
    shown.keyboard.press("Tab")
    shown.keyboard.press("Enter")
    assert shown.evaluate("document.activeElement.id") == "main"


def test_a_dialog_opens_and_gives_the_focus_back(page: OpenPage) -> None:
    shown = page("phone")
    shown.goto("/portal/komponen")
    button = shown.locator("button[data-opens]")
    button.press("Enter")
    assert shown.locator("dialog").evaluate("dialog => dialog.open && dialog.contains(document.activeElement)")
    check_axe(shown)
    shown.keyboard.press("Escape")
    assert shown.locator("dialog").evaluate("dialog => dialog.open") is False
    assert button.evaluate("button => document.activeElement === button")


def test_the_language_stays_as_it_was_chosen(page: OpenPage) -> None:
    shown = page("phone")
    shown.goto("/collections/posyandu/items?q=melati")
    shown.get_by_role("button", name="English").click()
    assert shown.url.endswith("/collections/posyandu/items?q=melati")
    assert shown.locator("html").get_attribute("lang") == "en"
    shown.goto("/tidak/ada")
    assert shown.locator("h1").inner_text() == "Not found"
    shown.get_by_role("button", name="Indonesia").click()
    assert shown.locator("html").get_attribute("lang") == "id"


def test_the_list_is_light(page: OpenPage, addresses: dict[str, str]) -> None:
    """All that a first visit fetches: at most 60 kB as gzip."""
    shown = page("phone")
    asked: list[Request] = []

    def note(request: Request) -> None:
        """Not `list.append` itself: playwright keeps a mark of its own on each listener."""
        asked.append(request)

    shown.on("requestfinished", note)
    shown.goto(addresses["daftar"], wait_until="networkidle")
    answers = [answer for request in asked if (answer := request.response()) is not None]
    assert {answer.status for answer in answers} == {200}
    sizes = {request.url: len(gzip.compress(answer.body())) for request, answer in zip(asked, answers, strict=True)}
    assert any("/static/style-" in url for url in sizes)
    assert sum(sizes.values()) <= 60 * KILOBYTE, sizes


def test_photographs(page: OpenPage, addresses: dict[str, str]) -> None:
    shown = page("desk")
    for name, address in addresses.items():
        shown.goto(address)
        photograph(shown, name)


def test_without_scripts_pages_are_whole(page: OpenPage, addresses: dict[str, str]) -> None:
    shown = page("phone", java_script_enabled=False)
    for address in addresses.values():
        shown.goto(address)
        assert shown.locator("h1").count() == 1
    shown.goto(addresses["daftar"])
    assert shown.get_by_role("link", name="Posyandu Melati").count() >= 1


@pytest.mark.parametrize(("role", "first"), [("pic", "pic-mojoroto"), ("walidata", "walidata-kota"), ("admin", "admin-kota")])
def test_whoever_is_signed_in_is_greeted_and_finds_their_own_account(page: OpenPage, role: str, first: str) -> None:
    shown = page("phone")
    sign_in(shown, role)
    shown.goto("/portal/")
    assert first in shown.locator("h1").inner_text()
    assert first in (shown.locator("a.account").text_content() or "")
    check_width(shown, 360)
    check_axe(shown)
    shown.goto("/collections/posyandu/items")
    assert first in (shown.locator("a.account").text_content() or "")
    photograph(shown, f"masuk-{role}")
