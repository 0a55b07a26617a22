"""What the portal weighs, how soon it is seen on a cheap phone, and what a million points and a full phone do to it.

    make test-e2e ARGS="-n0 -k figures --full"

`--full` is what is promised: 1,000,000 points, 30 s of panning, the median of five visits. Without it all is done once and small; there a time by the clock may be
as many times longer as the machine has work waiting for each core; tasks are measured in processor time. Ends with a table (conftest.py).
"""

import json
import math
import os
import random
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from playwright.sync_api import Page, Playwright, Request

from benchmarks import world
from tests.e2e.conftest import Figures, OpenPage, slow_down
from tests.e2e.phone import Cable, Phone
from tests.e2e.serving import PASSWORD, Portal, apart
from tests.e2e.test_atlas import CANVAS, KILOBYTE, browser, weights
from tests.e2e.test_entry import Service, a_place

# A million points are made within some minutes.
pytestmark = [pytest.mark.disruptive(100), pytest.mark.timeout(3_600)]

__all__ = ["browser"]

FEW, MANY = 20_000, 1_000_000
LATE_MS = 3_000
TILE = re.compile(r"/WebMercatorQuad/\d+/\d+/\d+|^blob:")
DAY = (8, 5)
"""So many walks, with so many points each."""
UNSENT = 500
BEGAN = "begun"
PAINTED = "performance.getEntriesByName('first-contentful-paint').length > 0"
# Drags one after the other, in the page itself: through a driver they would rest between, on a busy machine.
PAN = """async (seconds) => {
  const canvas = document.querySelector(".map-canvas canvas"), box = canvas.getBoundingClientRect();
  const send = (type, x, y, buttons) => canvas.dispatchEvent(new MouseEvent(type, {
    bubbles: true, cancelable: true, view: window, clientX: box.x + box.width / 2 + x, clientY: box.y + box.height / 2 + y, buttons}));
  let turn = 0;
  const end = performance.now() + 1000 * seconds;
  for (; performance.now() < end; turn += 0.7) {
    const x = 180 * Math.cos(turn), y = 180 * Math.sin(turn);
    send("mousedown", -x, -y, 1);
    for (let step = -19; step <= 20; step++) {
      await new Promise(requestAnimationFrame);
      send("mousemove", x * step / 20, y * step / 20, 1);
    }
    // It ends while the map is held: who lets it go and rests is shown the list of that place.
    if (performance.now() < end) send("mouseup", x, y, 0);
  }
}"""
WATCHED = ["blink.user_timing", "devtools.timeline", "disabled-by-default-devtools.timeline"]


class Extent(NamedTuple):
    """How much is done, and how much slower things may be."""

    points: int
    visits: int
    pan_s: float
    is_full: bool

    @property
    def slack(self) -> float:
        return 1 if self.is_full else max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1)) * 2


@pytest.fixture(scope="module")
def extent(request: pytest.FixtureRequest) -> Extent:
    return Extent(MANY, 5, 30, is_full=True) if request.config.getoption("--full", default=False) else Extent(FEW, 1, 3, is_full=False)


@pytest.fixture(scope="module")
def crowd(portal: Portal, extent: Extent) -> str:
    """Many points all over Indonesia in the public half; the id of one."""
    apart(world.fill(portal.settings.owner_dsn, extent.points))
    portal.process.die_and_come_back()
    portal.process.wait_until_ready()
    return world.id_of(1)


@pytest.fixture(scope="module")
def service(portal: Portal) -> Service:
    return Service(portal)


@pytest.fixture
def phone(playwright: Playwright, portal: Portal) -> Iterator[tuple[Phone, Cable]]:
    target = httpx.URL(portal.url)
    cable = Cable(target.host, target.port or 80)
    with tempfile.TemporaryDirectory(prefix="titik-phone-", ignore_cleanup_errors=True) as directory:
        made = Phone(playwright, Path(directory), cable.url)
        yield made, cable
        made.kill()
        made.bury()
    cable.close()


# -- weight


def test_a_first_visit_is_light(page: OpenPage, figures: Figures, service: Service, crowd: str) -> None:
    for name, address in (
        ("list", "/portal/peta"),
        ("items, a hundred", "/collections/points/items?limit=100"),
        ("point", f"/p/{crowd}"),
    ):
        figures.most(f"{name}: kB by gzip", 60, sum(weights(page("phone"), address, "h1").values()) / KILOBYTE)
    shown = page("phone")
    signed_in(shown, service)
    figures.most("entry: kB by gzip", 120, sum(weights(shown, "/portal/catat", "[data-category]").values()) / KILOBYTE)


@pytest.mark.usefixtures("crowd")
def test_the_list_of_the_map_page_comes_first(page: OpenPage, figures: Figures) -> None:
    shown = page("desk")
    fetched = weights(shown, "/", CANVAS)
    until_load: list[str] = shown.evaluate(
        """() => { const [own] = performance.getEntriesByType("navigation");
            return performance.getEntriesByType("resource").filter((one) => one.startTime < own.loadEventStart).map(({name}) => name); }"""
    )
    figures.most("map page: kB by gzip", 560, sum(fetched.values()) / KILOBYTE)
    figures.most(
        "map page: kB before its list is read", 60, (fetched[shown.url] + sum(fetched.get(url, 0) for url in until_load)) / KILOBYTE
    )


def test_a_day_of_forty_points_is_light(phone: tuple[Phone, Cable], figures: Figures, service: Service, extent: Extent) -> None:
    """All bytes of the network in both directions: eight walks of five points each, then the walidata decides, and in the evening the officer looks."""
    walks, points = DAY if extent.is_full else (2, 5)
    own, cable = phone
    own.open()
    own.sign_in(service.pic, PASSWORD)
    own.wait_until_kept()
    begun = cable.carried.total()
    for walk in range(walks):
        own.close()
        own.open()
        for number in range(points):
            own.enter(f"{random.Random(walk * 10 + number).randbytes(6).hex()} hari", *a_place())
            own.wait_for_states("in-review")
    for one in service.points(""):
        if one["properties"]["name"].endswith(" hari"):
            service.decide(one["properties"]["name"], {"decision": "publish"})
    own.close()
    own.open()
    own.wait_for_states("published", seconds=90)
    each = (cable.carried.total() - begun) / (walks * points)
    total = begun + each * math.prod(DAY)
    figures.most(f"a day of 40 points: kB of the network ({begun / KILOBYTE:.0f} to begin with)", 2_000, total / KILOBYTE)


# -- a cheap phone


def first_paint(shown: Page, address: str) -> float:
    """Milliseconds until something is seen. Without the recorder of tasks, which costs as much as the page."""
    slow_down(shown)
    shown.goto(address)
    shown.wait_for_function(f"() => {PAINTED}")
    at: float = shown.evaluate("() => performance.getEntriesByName('first-contentful-paint')[0].startTime")
    return at


def late_task(shown: Page, address: str) -> float:
    """Milliseconds of the longest task later than `LATE_MS`."""
    slow_down(shown)
    shown.add_init_script(f"performance.mark('{BEGAN}', {{startTime: 0}})")
    with tasks(shown) as done:
        shown.goto(address)
        shown.wait_for_function(f"after => performance.now() > after && {PAINTED}", arg=LATE_MS + 2_500)
    return longest(done, LATE_MS)


class Task(NamedTuple):
    """Of the page's main thread: milliseconds since the page was opened, and of processor time. By the clock it may be longer, where others use the machine."""

    at: float
    took: float


@contextmanager
def tasks(shown: Page) -> Iterator[list[Task]]:
    """Those that are begun within, where the page marks a `BEGAN`; there when it ends."""
    done: list[Task] = []
    browser = shown.context.browser
    assert browser
    browser.start_tracing(page=shown, categories=WATCHED)
    yield done
    events: list[dict[str, Any]] = json.loads(browser.stop_tracing())["traceEvents"]
    thread = {(event["pid"], event["tid"]) for event in events if event["name"] == BEGAN}
    begun = max((event["ts"] for event in events if event["name"] == BEGAN), default=0)
    assert thread
    done += [
        Task((event["ts"] - begun) / 1_000, event.get("tdur", 0) / 1_000)
        for event in events
        if event["name"] == "RunTask" and (event["pid"], event["tid"]) in thread
    ]


def longest(done: Iterable[Task], after_ms: float = 0) -> float:
    return max((task.took for task in done if task.at >= after_ms), default=0)


@pytest.mark.parametrize("name", ["list", "entry", "point", "map page"])
def test_a_page_is_seen_soon_on_a_cheap_phone(
    name: str, page: OpenPage, figures: Figures, service: Service, extent: Extent, crowd: str
) -> None:
    address = {
        "list": "/collections/points/items?limit=100",
        "entry": "/portal/catat",
        "point": f"/p/{crowd}",
        "map page": "/portal/peta",
    }[name]
    options: dict[str, Any] = {}
    if name == "entry":
        before = page("phone")
        signed_in(before, service)
        options["storage_state"] = before.context.storage_state()

    def median(measured: Callable[[Page, str], float]) -> float:
        taken = []
        for _ in range(extent.visits):
            shown = page("phone", **options)
            taken.append(measured(shown, address))
            shown.context.close()
        return statistics.median(taken)

    figures.most(f"{name}: ms to the first contentful paint", 1_500, median(first_paint), extent.slack)
    figures.most(f"{name}: ms of the longest task after 3 s", 50, median(late_task), extent.slack)


@pytest.mark.usefixtures("crowd")
def test_the_map_is_drawn_on_a_cheap_phone(page: OpenPage, figures: Figures, extent: Extent) -> None:
    """From opening the page, whose map is asked for as soon as that is possible."""
    drawn = []
    for _ in range(extent.visits):
        shown = page("phone")
        slow_down(shown)
        began = time.monotonic()
        shown.goto("/portal/peta", wait_until="commit")
        shown.locator("#open-map").click(timeout=60_000)
        shown.locator(CANVAS).wait_for(timeout=120_000)
        drawn.append(1_000 * (time.monotonic() - began))
        shown.context.close()
    figures.most("map page: ms until the map is drawn", 10_000, statistics.median(drawn), extent.slack)


# -- a million points


@pytest.mark.usefixtures("crowd")
def test_panning_over_many_points(page: OpenPage, figures: Figures, extent: Extent) -> None:
    """Over the whole country, a town and its streets, a third of the time each, without a rest: whoever rests is shown the list of that place."""
    town = world.kelurahan(None).corners[0]
    done, others, tiles = list[Task](), list[str](), 0
    for reach in (12.0, 0.2, 0.012):
        shown = page("desk")
        west, south, east, north = town[0] - reach, town[1] - reach / 2, town[0] + reach, town[1] + reach / 2
        shown.goto(f"/portal/peta?bbox={west:.5f},{south:.5f},{east:.5f},{north:.5f}")
        shown.locator(CANVAS).wait_for(timeout=120_000)
        shown.wait_for_load_state("networkidle")
        asked: list[str] = []
        shown.on("request", partial(note, asked))
        with tasks(shown) as of_view:
            shown.evaluate("name => performance.mark(name)", BEGAN)
            shown.evaluate(PAN, extent.pan_s / 3)
        others += [url for url in asked if not TILE.search(url)]
        tiles += len(asked)
        done += of_view
        shown.context.close()
    figures.most(f"{extent.points:,} points, {extent.pan_s:.0f} s of panning: ms of the longest of {len(done):,} tasks", 200, longest(done))
    figures.most(f"requests for anything but tiles, of {tiles:,}", 0, len(others))
    assert len(done) > 100


def note(asked: list[str], request: Request) -> None:
    asked.append(request.url)


# -- a full phone

# From the one record that is there as many as are wanted, each sealed as the page seals it.
MULTIPLY = """async (wanted) => {
  const opened = await new Promise((done) => { const asked = indexedDB.open("titik-catat"); asked.onsuccess = () => done(asked.result); });
  const settled = (request) => new Promise((done, failed) => { request.onsuccess = () => done(request.result); request.onerror = () => failed(request.error); });
  const {key} = await settled(opened.transaction("keep").objectStore("keep").get("identity"));
  const [row] = await settled(opened.transaction("entries").objectStore("entries").getAll());
  const named = (id) => new TextEncoder().encode(id);
  const content = await crypto.subtle.decrypt({name: "AES-GCM", iv: row.iv, additionalData: named(row.id)}, key, row.bytes);
  for (let number = 1; number < wanted; number++) {
    const id = row.id.slice(0, -6) + String(number).padStart(6, "0"), iv = crypto.getRandomValues(new Uint8Array(12));
    const bytes = await crypto.subtle.encrypt({name: "AES-GCM", iv, additionalData: named(id)}, key, content);
    await settled(opened.transaction("entries", "readwrite").objectStore("entries").put({...row, id, point: id, iv, bytes}));
  }
  opened.close();
}"""


def test_five_hundred_unsent_records_are_held(phone: tuple[Phone, Cable], figures: Figures, service: Service, extent: Extent) -> None:
    own, cable = phone
    own.open()
    own.sign_in(service.pic, PASSWORD)
    own.wait_until_kept()
    cable.cut()
    own.enter("Belum terkirim", *a_place())
    own.page.evaluate(MULTIPLY, UNSENT)
    own.page.reload()
    own.page.wait_for_function("wanted => document.querySelectorAll('.entry-list > li').length === wanted", arg=UNSENT)
    session = own.context.new_cdp_session(own.page)
    session.send("HeapProfiler.enable")
    session.send("HeapProfiler.collectGarbage")
    used = session.send("Runtime.getHeapUsage")["usedSize"]
    figures.most(f"{UNSENT} unsent records: MB of script heap", 60, used / 1e6)
    figures.most(f"{UNSENT} unsent records: WebGL contexts", 0, len([kind for kind in own.page.evaluate("() => contexts") if "gl" in kind]))


def signed_in(shown: Page, service: Service) -> None:
    """On a page of its own kind, so that the entry page is new to the browser."""
    shown.goto("/portal/masuk?ke=/portal/akun")
    shown.locator("#akun").fill(service.pic)
    shown.locator("#sandi").fill(PASSWORD)
    shown.locator("main form button").first.click()
    shown.wait_for_url(lambda url: "/portal/masuk" not in url)
    shown.wait_for_load_state("networkidle")
