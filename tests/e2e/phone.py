"""A telephone for tests: a real Chromium with a profile of its own that can be closed, opened again and killed, on a cable that can be cut."""

import contextlib
import os
import selectors
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from playwright.sync_api import BrowserContext, Error, Page, Playwright
from playwright.sync_api import TimeoutError as LateError

from tests.e2e.conftest import ARGUMENTS, CHROMIUM, PROFILES

Way = Literal["up", "down"]

PERMISSIONS = ["geolocation", "durableStorage", "backgroundSync"]
# Enters a point as a thumb would, but as fast as the page allows: through its own fields and buttons. The place is given by the test.
DRIVER = """
window.place = {longitude: 112.0016, latitude: -7.8041, accuracy: 8};
navigator.geolocation.watchPosition = (found) => { setTimeout(() => found({coords: window.place, timestamp: Date.now()}), 1); return 1; };
window.until = async (find) => {
  for (const end = Date.now() + 30000; Date.now() < end;) { const found = find(); if (found) return found; await new Promise((go) => setTimeout(go, 10)); }
  throw new Error(`never: ${find} in ${document.querySelector("#entry").innerText.slice(0, 500)}`);
};
window.picture = () => new Promise((done) => {
  const canvas = document.createElement("canvas"); canvas.width = 800; canvas.height = 600;
  const pen = canvas.getContext("2d"); pen.fillStyle = `hsl(${Math.random() * 360} 60% 50%)`; pen.fillRect(0, 0, 800, 600);
  pen.fillStyle = "#000"; pen.font = "40px sans-serif"; pen.fillText(String(Math.random()), 40, 300);
  canvas.toBlob((blob) => done(new File([blob], "foto.jpg", {type: "image/jpeg"})), "image/jpeg");
});
window.begin = async (name, lon, lat) => {
  window.place = {longitude: lon, latitude: lat, accuracy: 8};
  (await until(() => document.querySelector("[data-category=posyandu]"))).click();
  (await until(() => [...document.querySelectorAll("#entry button")].find((one) => one.textContent.includes("(GPS)")))).click();
  const field = document.querySelector("#entry-field-name");
  field.value = name; field.dispatchEvent(new Event("input", {bubbles: true}));
  return (await until(() => document.querySelector("[data-verdict]"))).dataset.verdict;
};
window.photograph = async () => {
  const files = new DataTransfer(); files.items.add(await picture());
  const input = document.querySelector("#entry-photo"); const before = document.querySelectorAll(".entry-photos img").length;
  input.files = files.files; input.dispatchEvent(new Event("change", {bubbles: true}));
  await until(() => document.querySelectorAll(".entry-photos img").length > before);
};
window.finish = async (name) => {
  document.querySelector(".entry-form button[type=submit]").click();
  await until(() => [...document.querySelectorAll(".entry-list > li")].some((one) => one.textContent.includes(name)));
};
// In the middle of its nth transaction that writes, the page asks for an address and waits: nothing goes on until there is an answer.
window.stumble = (nth, path) => {
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (...values) {
    const request = put.apply(this, values);
    if (--nth === 0) { const asked = new XMLHttpRequest(); asked.open("GET", path, false); asked.send(); }
    return request;
  };
};
window.contexts = [];
const getContext = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...more) { window.contexts.push(kind); return getContext.call(this, kind, ...more); };
"""


class Phone:
    """`directory` is its profile: what it has stored is there again when it is opened anew."""

    def __init__(self, playwright: Playwright, directory: Path, url: str) -> None:
        self._playwright, self._directory, self.url = playwright, directory, url
        self.context: BrowserContext
        self.page: Page

    def open(self, path: str = "/portal/catat", *, locale: str = "id-ID") -> Page:
        self.context = self._playwright.chromium.launch_persistent_context(
            self._directory, executable_path=CHROMIUM, args=ARGUMENTS, locale=locale, accept_downloads=True, **PROFILES["phone"]
        )
        self.context.set_default_timeout(60_000)
        session = self.context.browser.new_browser_cdp_session() if self.context.browser else None
        if session:
            session.send("Browser.grantPermissions", {"permissions": PERMISSIONS, "origin": self.url})
        self.context.add_init_script(DRIVER)
        self.page = self.context.pages[0]
        self.page.goto(self.url + path)
        return self.page

    def sign_in(self, account: str, password: str) -> None:
        self.page.goto(f"{self.url}/portal/masuk?ke=/portal/catat")
        self.page.fill("[name=akun]", account)
        self.page.fill("[name=sandi]", password)
        self.page.click("main button")
        self.page.wait_for_selector("[data-category=posyandu]")

    def wait_until_kept(self) -> None:
        """Until the page would start without a network."""
        self.page.wait_for_function(
            """async () => { await navigator.serviceWorker.ready; return !!(await caches.match(location.href)); }"""
        )

    def enter(self, name: str, lon: float, lat: float, photos: int = 0) -> str:
        """The verdict that was shown before it was saved."""
        verdict: str = self.page.evaluate("([name, lon, lat]) => begin(name, lon, lat)", [name, lon, lat])
        for _ in range(photos):
            self.page.evaluate("() => photograph()")
        self.page.evaluate("(name) => finish(name)", name)
        return verdict

    def states(self) -> dict[str, str]:
        """What the list says of each record, by its name."""
        return {name: state for name, state, _ in self.cards()}

    def cards(self) -> list[tuple[str, str, str]]:
        """Of each record in the list its name, its state and all that is said of it."""
        found: list[list[str]] = self.page.evaluate(
            "() => [...document.querySelectorAll('.entry-list > li')].map((one) => [one.querySelector('strong').textContent, one.dataset.state, one.innerText])"
        )
        return [(name, state, text) for name, state, text in found]

    def wait_for_states(self, *states: str, seconds: float = 60) -> float:
        """Seconds until all records stand in one of these and their photos have gone."""
        began = time.monotonic()
        try:
            self.page.wait_for_function(
                """(states) => [...document.querySelectorAll('.entry-list > li')].every(({dataset}) =>
                    states.includes(dataset.state) && (['draft', 'refused'].includes(dataset.state) || dataset.left === '0'))""",
                arg=list(states), timeout=seconds * 1_000,
            )  # fmt: skip
        except LateError as late:
            shown = "() => [...document.querySelectorAll('.entry-list > li')].map(({dataset}) => `${dataset.state}, ${dataset.left} photos left`)"
            raise AssertionError(Counter(self.page.evaluate(shown)), self.page.locator("main").inner_text()[-600:]) from late
        return time.monotonic() - began

    def close(self) -> None:
        self.context.close()

    def kill(self) -> None:
        """As when the battery falls out: every process of this browser at once."""
        for process in self._processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def bury(self) -> None:
        with contextlib.suppress(Error):
            self.context.close()
        while list(self._processes()):
            time.sleep(0.05)
        for lock in self._directory.glob("Singleton*"):
            lock.unlink(missing_ok=True)

    def _processes(self) -> Iterator[int]:
        own = f"--user-data-dir={self._directory}".encode()
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    if own in (entry / "cmdline").read_bytes().split(b"\0"):
                        yield int(entry.name)


class Cable:
    """Between a telephone and the service: can be cut and mended, and something can happen after a number of bytes, or when an address is asked for."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._is_whole, self._ends = True, False
        self._event: tuple[Way, int, Callable[[], None]] | None = None
        self._trap: tuple[bytes, Callable[[], None]] | None = None
        self.carried: Counter[Way] = Counter()
        """Bytes since it was laid, with all that HTTP puts around them."""
        self._mended_at = 0.0
        self.used_after: float | None = None
        """Seconds from the last mending to the first thing that was sent."""
        self._open: set[socket.socket] = set()
        self._turn = threading.Lock()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def cut(self) -> None:
        self._is_whole = False
        self._hang_up()

    def after(self, number: int, way: Way, event: Callable[[], None]) -> None:
        """Once, when so many bytes more have gone this way; the connection that carries the last of them loses the rest."""
        self._event = (way, number, event)

    def trap(self, path: str, event: Callable[[], None]) -> None:
        """When the telephone asks for this address, it gets no answer, but this happens."""
        self._trap = (f"GET {path} ".encode(), event)

    def mend(self) -> None:
        self._mended_at, self.used_after = time.monotonic(), None
        self._event, self._trap, self._is_whole = None, None, True

    def close(self) -> None:
        self._ends = True
        self._listening.close()
        self._hang_up()

    def _hang_up(self) -> None:
        for one in list(self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._ends:
            try:
                inner, _ = self._listening.accept()
            except OSError:
                return
            if not self._is_whole:
                inner.close()
                continue
            if self.used_after is None:
                self.used_after = time.monotonic() - self._mended_at
            threading.Thread(target=self._carry, args=(inner,), daemon=True).start()

    def _carry(self, inner: socket.socket) -> None:
        # A service that is dead takes no connection.
        with inner, contextlib.suppress(OSError), socket.create_connection(self._target) as outer, selectors.DefaultSelector() as ready:
            self._open |= {inner, outer}
            ready.register(inner, selectors.EVENT_READ, ("up", outer))
            ready.register(outer, selectors.EVENT_READ, ("down", inner))
            with contextlib.suppress(OSError):
                while self._pass_on(ready):
                    pass
            self._open -= {inner, outer}

    def _pass_on(self, ready: selectors.BaseSelector) -> bool:
        for key, _ in ready.select(1):
            way, target = key.data
            content = key.fileobj.recv(65_536)  # type: ignore[union-attr]  # only sockets are registered
            if not content or not self._is_whole:
                return False
            if self._trap and content.startswith(self._trap[0]):
                self._trap[1]()
                return False
            passing, event = self._counted(way, content)
            target.sendall(passing)
            if event:
                event()
                return False
        return True

    def _counted(self, way: Way, content: bytes) -> tuple[bytes, Callable[[], None] | None]:
        """What of it still passes, and what happens then."""
        with self._turn:
            self.carried[way] += len(content)
            if self._event is None or self._event[0] != way:
                return content, None
            left = self._event[1] - len(content)
            if left > 0:
                self._event = (way, left, self._event[2])
                return content, None
            passing, event, self._event = content[: self._event[1]], self._event[2], None
            return passing, event
