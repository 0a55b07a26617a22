"""Nothing is lost, doubled or shown wrong when telephones die, networks break and the service is killed, at any moment.

make test-e2e ARGS="-n0 -k dies -s --kills=300"
"""

import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Error, Playwright

from tests.e2e.conftest import KILLS
from tests.e2e.phone import Cable, Phone, Way
from tests.e2e.serving import PASSWORD, Portal
from tests.e2e.test_entry import Service, a_place

pytestmark = pytest.mark.disruptive(120)

RECORDS_A_KILL = 5
KILLS_A_PHONE = 25
RECORDS_BEFORE_A_KILL = (3, 10)
SUFFIX = " mati"
TRAP = "/mati"
AT_SERVER = ("received", "in-review", "returned", "published")
Json = dict[str, Any]


class Trial:
    """What has been kept so far: by the words of the page, each record's name with the number of its photos. `ways`: how often which death was died."""

    def __init__(self, portal: Portal, kills: int) -> None:
        self.portal, self.service, self.kills = portal, Service(portal), kills
        self.chance = random.Random(kills)
        self.photos: dict[str, int] = {}
        self.ways: Counter[str] = Counter()

    @property
    def is_over(self) -> bool:
        return self.ways.total() >= self.kills and len(self.photos) >= RECORDS_A_KILL * self.kills

    def stored(self) -> list[Json]:
        return [one for one in self.service.points("") if one["properties"]["name"].endswith(SUFFIX)]


class Life:
    """Of one telephone, on its cable: it dies many times, and then all that it kept arrives."""

    def __init__(self, trial: Trial, phone: Phone, cable: Cable) -> None:
        self.trial, self.phone, self.cable = trial, phone, cable
        self.entered: list[str] = []
        kill_service = trial.portal.process.die_and_come_back
        self._deaths: list[tuple[str, Callable[[], None]]] = [
            ("at a moment", lambda: None),
            ("without a network", cable.cut),
            ("within what is sent", lambda: cable.after(*self._bytes("up"), phone.kill)),
            ("within an answer", lambda: cable.after(*self._bytes("down"), phone.kill)),
            ("within a transaction", self._stumble),
            ("after the network broke within what is sent", lambda: cable.after(*self._bytes("up"), cable.cut)),
            ("after the network broke within an answer", lambda: cable.after(*self._bytes("down"), cable.cut)),
            ("after the service was killed within what is sent", lambda: cable.after(*self._bytes("up"), kill_service)),
            ("after the service was killed within an answer", lambda: cable.after(*self._bytes("down"), kill_service)),
        ]

    def _bytes(self, way: Way) -> tuple[int, Way]:
        return self.trial.chance.randrange(500, 60_000 if way == "up" else 20_000), way

    def _stumble(self) -> None:
        self.cable.trap(TRAP, self.phone.kill)
        self.phone.page.evaluate("([nth, path]) => stumble(nth, path)", [self.trial.chance.randrange(1, 40), TRAP])

    def live(self) -> None:
        self.phone.open()
        self._sign_in()
        self.phone.wait_until_kept()
        # A browser writes its cookies down every half a minute, and when it is closed: a sign-in a moment before a kill would be gone.
        self.phone.close()
        self.phone.open()
        for _ in range(KILLS_A_PHONE):
            self._die()
            if self.trial.is_over:
                break
        self.phone.wait_for_states("in-review", "draft", seconds=60 + 2 * len(self.entered))
        self._check_screen()

    def _sign_in(self) -> None:
        self.phone.sign_in(self.trial.service.pic, PASSWORD)

    def _die(self) -> None:
        way, prepare = self._deaths[self.trial.ways.total() % len(self._deaths)]
        prepare()
        self._enter_until_killed()
        self.phone.bury()
        self.cable.mend()
        self.trial.portal.process.wait_until_ready()
        self.trial.ways[way] += 1
        self.phone.open()
        self.phone.page.wait_for_selector("[data-category=posyandu]")
        self._check_screen()
        if self.phone.page.locator("text=Masa masuk Anda sudah habis").count():
            self._sign_in()

    def _enter_until_killed(self) -> None:
        """The telephone is killed at a moment of one of the next records, if nothing did it before."""
        chance, timer = self.trial.chance, threading.Timer(0, self.phone.kill)
        last, took = chance.randrange(*RECORDS_BEFORE_A_KILL), 1.0
        try:
            for number in count():
                name, photos = f"{chance.randbytes(8).hex()}{SUFFIX}", int(chance.random() < 0.3)
                began = time.monotonic()
                if number == last:
                    timer = threading.Timer(chance.uniform(0, took), self.phone.kill)
                    timer.start()
                self.phone.enter(name, *a_place(), photos=photos)
                self.trial.photos[name] = photos
                self.entered.append(name)
                took = time.monotonic() - began
        except Error:
            pass
        finally:
            timer.cancel()

    def _check_screen(self) -> None:
        """Each record stands there once, none is refused, and what is said to be at the server is there."""
        shown = self.phone.cards()
        names = Counter(name for name, _, _ in shown)
        assert {name: names[name] for name in self.entered if names[name] != 1} == {}
        assert [text for _, state, text in shown if state == "refused"] == []
        at_server = {name for name, state, _ in shown if state in AT_SERVER}
        assert at_server - {one["properties"]["name"] for one in self.trial.stored()} == set()


@pytest.mark.timeout(7_200)
def test_nothing_is_lost_or_doubled_when_the_telephone_dies_at_any_moment(
    playwright: Playwright, portal: Portal, request: pytest.FixtureRequest
) -> None:
    trial, began = Trial(portal, request.config.getoption("--kills", default=KILLS)), time.monotonic()
    target = httpx.URL(portal.url)
    while not trial.is_over:
        with tempfile.TemporaryDirectory(prefix="titik-phone-", ignore_cleanup_errors=True) as directory:
            cable = Cable(target.host, target.port or 80)
            phone = Phone(playwright, Path(directory), cable.url)
            try:
                Life(trial, phone, cable).live()
            finally:
                phone.kill()
                phone.bury()
                cable.close()
        print(f"{trial.ways.total()} kills, {len(trial.photos)} records, {time.monotonic() - began:.0f} s", flush=True)  # noqa: T201
    stored = Counter(one["properties"]["name"] for one in trial.stored())
    assert trial.photos.keys() - stored.keys() == set()
    assert {name: times for name, times in stored.items() if times > 1} == {}
    ids = {one["properties"]["name"]: one["id"] for one in trial.stored()}
    arrived = {name: trial.service.photos(ids[name]) for name in trial.photos}
    assert arrived == trial.photos
    print(f"none lost, doubled or shown wrong of {len(arrived)} records with {sum(arrived.values())} photos; {dict(trial.ways)}")  # noqa: T201
