"""What the end-to-end tests stand on: the service with a real PostGIS, and the system's Chromium as a phone and as a desk sees it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, Playwright, sync_playwright

from app.cluster import Cluster
from scripts.web import WEB
from tests.e2e.serving import ACCOUNTS, PASSWORD, Portal, serving

CHROMIUM = "/usr/bin/chromium"
PHOTOS = Path(__file__).parent / "photos"
# As root Chromium has no sandbox; /dev/shm of a container is small.
ARGUMENTS = ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
PROFILES: dict[str, dict[str, Any]] = {
    "phone": {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True},
    "desk": {"viewport": {"width": 1440, "height": 900}},
}
KILLS = 20
# What WCAG 2.2 AA asks, as far as a machine can tell.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

Profile = Literal["phone", "desk"]
Language = Literal["id", "en"]
View = tuple[Language, Profile]
VIEWS: list[View] = [("id", "desk"), ("en", "phone"), ("id", "phone"), ("en", "desk")]


# Rows that nobody has scrolled to are not laid out: they would be blank on a photograph, and have no size.
LAY_OUT = (
    "() => document.querySelectorAll('.stack tr, .points li').forEach((one) => one.style.setProperty('content-visibility', 'visible'))"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", action="store_true", help="test_guides.py puts its pictures in place of those of the guides")
    parser.addoption("--whole", action="store_true", help="all pages in both languages and on all screens; and photographs are taken")
    parser.addoption("--kills", type=int, default=KILLS, help="how often the telephones of test_dying.py die")
    parser.addoption(
        "--full",
        action="store_true",
        help="all languages on all screens, and the figures of test_figures.py as they are promised: on a machine that has nothing else to do",
    )


def pytest_configure(config: pytest.Config) -> None:
    Camera.is_on = config.getoption("--whole", default=False)


@pytest.fixture
def only_whole(pytestconfig: pytest.Config) -> None:
    """For what `test_every_page.py` looks at on one page of each route in each run."""
    if not pytestconfig.getoption("--whole", default=False):
        pytest.skip("only with --whole")


class Camera:
    """Only with `--whole`: nobody looks at the photographs of every run, and they take longer than what they show."""

    is_on = False


class Figures:
    """What a test has measured; printed as a table when all tests are over. One that misses its target, times `slack`, fails the test at its end."""

    rows: ClassVar[list[tuple[str, str, str, str]]] = []

    def __init__(self) -> None:
        self.missed: list[str] = []

    def most(self, what: str, target: float, measured: float, slack: float = 1) -> None:
        self.rows.append((what, f"≤ {target:g}", f"{measured:,.1f}".removesuffix(".0"), f"{os.getloadavg()[0]:.1f}"))
        if measured > target * slack:
            self.missed.append(f"{what}: {measured:,.1f}, not {target:g}{f' times {slack:.1f}' if slack > 1 else ''}")


@pytest.fixture
def figures() -> Iterator[Figures]:
    taken = Figures()
    yield taken
    assert taken.missed == []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for row in [("figure", "target", "measured", "load"), *Figures.rows] if Figures.rows else []:
        terminalreporter.write_line("{:<70} {:>8} {:>10} {:>6}".format(*row))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`view`: a language on a screen. Each of both once; with `--full` all four."""
    if "view" in metafunc.fixturenames:
        wanted = VIEWS if metafunc.config.getoption("--full", default=False) else VIEWS[:2]
        metafunc.parametrize("view", wanted, ids=["-".join(view) for view in wanted])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not Path(CHROMIUM).exists():
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.skip(reason=f"{CHROMIUM} is not there"))


@pytest.fixture(scope="module")
def portal(cluster: Cluster, worker_id: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Portal]:
    """A module that needs other settings names them in `TITIK = {"TITIK_…": "…"}`."""
    with serving(cluster, f"e2e_{worker_id}", tmp_path_factory.mktemp("portal"), **getattr(request.module, "TITIK", {})) as served:
        yield served


@pytest.fixture(scope="module")
def playwright(portal: Portal) -> Iterator[Playwright]:
    """While it is there its loop runs in this thread: a test that needs `asyncio.run` calls `serving.apart` instead."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    yield opened
    opened.close()


OpenPage = Callable[..., Page]


@pytest.fixture
def page(browser: Browser, portal: Portal) -> Iterator[OpenPage]:
    """`page("phone", language="en")` opens an empty page whose addresses are those of the portal. What fails in it fails the test."""
    opened: list[BrowserContext] = []
    errors: list[str] = []

    def open_page(profile: Profile = "desk", *, language: Language = "id", **options: Any) -> Page:
        locale = "en-GB" if language == "en" else "id-ID"
        context = browser.new_context(base_url=portal.url, locale=locale, **{**PROFILES[profile], **options})
        context.set_default_timeout(30_000)
        opened.append(context)
        new = context.new_page()
        new.on("pageerror", lambda error: errors.append(str(error)))
        new.on("console", lambda message: errors.append(message.text) if "Content Security Policy" in message.text else None)
        return new

    yield open_page
    for context in opened:
        context.close()
    assert errors == []


def persistent(playwright: Playwright, folder: Path, portal: Portal, profile: Profile = "phone", **options: Any) -> BrowserContext:
    """A browser whose storage is kept in `folder`, and may be opened there again."""
    return playwright.chromium.launch_persistent_context(
        str(folder), executable_path=CHROMIUM, args=ARGUMENTS, base_url=portal.url, locale="id-ID", **{**PROFILES[profile], **options}
    )


def slow_down(page: Page) -> CDPSession:
    """A cheap phone on a village network: a processor four times slower, 1.6 Mbit/s down, 0.75 up, 150 ms."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8},
    )
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    return session


def sign_in(page: Page, role: str) -> None:
    """By the page itself, with the password of the account of this role."""
    page.goto("/portal/masuk")
    page.locator("#akun").fill(ACCOUNTS[role][0])
    page.locator("#sandi").fill(PASSWORD)
    page.locator("main form button").first.click()
    page.wait_for_url(lambda url: "/portal/masuk" not in url)


def check_axe(page: Page) -> None:
    """No violation of what axe knows about."""
    page.evaluate((WEB / "node_modules/axe-core/axe.min.js").read_text())
    found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)
    assert [(one["id"], one["help"], [node["html"][:200] for node in one["nodes"][:3]]) for one in found["violations"]] == [], page.url


def photograph(page: Page, name: str) -> None:
    """The whole page at 360 and 1440 px, with `--whole` light and dark in `photos/`. Leaves it as it was, and fails where a page is wider than its window."""
    before = page.viewport_size
    for width in (360, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        if Camera.is_on:
            _take(page, f"{name}-{width}")
        check_width(page, width)
    if before:
        page.set_viewport_size(before)


def _take(page: Page, name: str) -> None:
    PHOTOS.mkdir(exist_ok=True)
    page.evaluate(LAY_OUT)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=PHOTOS / f"{name}-{scheme}.png", full_page=True)
    page.emulate_media(color_scheme="null")


def check_width(page: Page, width: int) -> None:
    """Nothing makes the page itself wider than its window."""
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
