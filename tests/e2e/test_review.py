"""The walidata's day in a browser: sixty entries by keyboard alone, closings that nobody takes along, two who decide at once."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from app.connections import open_once
from tests.api.test_review_pages import many
from tests.e2e.conftest import OpenPage, View, check_axe, check_width, photograph, sign_in
from tests.e2e.serving import Portal, apart
from tests.e2e.sown import turned
from tests.factories import BUJEL, IN_MOJOROTO, MOJOROTO, a_feature, a_token, value
from tests.photographs import a_photo

pytestmark = pytest.mark.disruptive(90)

QUEUE = "/portal/tinjau"
REASON = "Nomor RT atau RW belum ada atau keliru."
SCRIPT = "<script>window.hurt = 1</script>"


_places = count()


class Queue:
    """What waits: the address of the entry by its name. `client` talks to the API as the PIC, `walidata` as the reviewer."""

    def __init__(self, portal: Portal) -> None:
        self.client = httpx.Client(
            base_url=portal.url, trust_env=False, timeout=60, headers={"Authorization": f"Bearer {portal.tokens['pic']}"}
        )
        self.walidata = httpx.Client(
            base_url=portal.url, trust_env=False, timeout=60, headers={"Authorization": f"Bearer {portal.tokens['walidata']}"}
        )
        self.points = portal.points
        self._settings = portal.settings

    def add(self, name: str) -> str:
        return self._page(self._added(name))

    def add_many(self, number: int) -> None:
        """`Awal`, and others like it that are called `Isian 000` and so on."""
        apart(many(self._settings, self._added("Awal").json(), number - 1))

    def _added(self, name: str) -> httpx.Response:
        """Farther from each other than two of one name may be."""
        number = next(_places)
        lon, lat = IN_MOJOROTO[0] - 0.005 + number % 16 / 3300, IN_MOJOROTO[1] - 0.001 - number // 16 / 3300
        return self.client.post("/collections/posyandu/items", json=a_feature(lon, lat, kelurahan=MOJOROTO, name=name))

    def change(self, point: str, patch: dict[str, Any]) -> str:
        return self._page(self.client.patch(f"/collections/posyandu/items/{point}", json=patch, headers={"If-Match": "*"}))

    def close(self, point: str) -> str:
        return self._page(self.client.delete(f"/collections/posyandu/items/{point}", headers={"If-Match": "*"}))

    def returned(self, name: str) -> str:
        """An entry that came back corrected."""
        page = self.add(name)
        answer = self.walidata.post(f"/reviews/{page.rpartition('/')[2]}/decision", json={"decision": "return", "reason": REASON})
        assert answer.status_code == 200, answer.text
        return self.change(answer.json()["point"], {"properties": {"rw": "04", "rt": "02"}})

    def waiting(self, query: str = "") -> int:
        number: int = self.walidata.get(f"/reviews{query}").json()["numberMatched"]
        return number

    def state(self, page: str) -> str:
        state: str = self.walidata.get(f"/reviews/{page.rpartition('/')[2]}").json()["state"]
        return state

    def clear(self) -> None:
        """Returns all that waits, so that each test begins with nothing."""
        while entries := self.walidata.get("/reviews?limit=500").json()["reviews"]:
            body = {"decision": "return", "reason": "Uji selesai", "revisions": [one["revision"] for one in entries]}
            for kind in ({}, {"kind": "close"}):
                assert self.walidata.post("/reviews/decisions", json=body | kind).status_code == 200

    @staticmethod
    def _page(answer: httpx.Response) -> str:
        assert answer.status_code < 300, answer.text
        return f"{QUEUE}/{answer.json()['properties']['revision']}"


@pytest.fixture
def queue(portal: Portal) -> Iterator[Queue]:
    opened = Queue(portal)
    opened.clear()
    yield opened
    opened.client.close()
    opened.walidata.close()


@pytest.fixture
def desk(page: OpenPage) -> Page:
    shown = page("desk")
    sign_in(shown, "walidata")
    return shown


def arrive(shown: Page, key: str) -> None:
    """Presses a key, and waits until another entry, or the queue, is shown."""
    before = shown.url
    shown.keyboard.press(key)
    shown.wait_for_url(lambda url: url != before)


def decisions(portal: Portal, action: str) -> int:
    async def recorded() -> int:
        async with open_once(portal.settings.owner_dsn) as session:
            number: int = await value(session, "SELECT count(*) FROM titik.audit WHERE action = :action", action=action)
            return number

    return apart(recorded())


def test_sixty_entries_by_keyboard_alone(portal: Portal, queue: Queue, desk: Page) -> None:
    """Every third is returned with a reason of the list, all others are published; the mouse is never touched."""
    queue.add_many(60)
    entries = queue.walidata.get("/reviews?limit=100").json()["reviews"]
    pages = [f"{QUEUE}/{entry['revision']}" for entry in entries]
    published, returned = decisions(portal, "revision.publish"), decisions(portal, "revision.return")
    desk.goto(QUEUE)
    desk.keyboard.press("j")
    expect(desk.locator(".review-name").first).to_be_focused()
    arrive(desk, "Enter")
    for number in range(60):
        expect(desk.locator("h1")).to_have_text(entries[number]["name"])
        if number % 3 == 2:
            desk.keyboard.press("r")
            desk.keyboard.press("5")
            arrive(desk, "Enter")
        else:
            arrive(desk, "t")
    expect(desk.locator(".empty")).to_be_visible()
    assert queue.waiting() == 0
    assert [queue.state(page) for page in pages] == ["published", "published", "returned"] * 20
    assert decisions(portal, "revision.publish") - published == 40
    assert decisions(portal, "revision.return") - returned == 20
    assert queue.walidata.get(f"/reviews/{pages[2].rpartition('/')[2]}").json()["decision_reason"] == REASON


def test_forward_and_back_help_and_the_switch(queue: Queue, desk: Page) -> None:
    pages = [queue.add(f"Pos {number}") for number in range(3)]
    desk.goto(pages[0])
    arrive(desk, "j")
    expect(desk.locator("h1")).to_have_text("Pos 1")
    arrive(desk, "k")
    expect(desk.locator("h1")).to_have_text("Pos 0")
    desk.keyboard.press("k")
    expect(desk.locator("#kabar")).to_have_text("Ini isian pertama.")
    desk.keyboard.press("?")
    expect(desk.locator("#pintasan")).to_have_attribute("open", "")
    desk.locator("[data-shortcuts]").press("Enter")
    expect(desk.locator("[data-shortcuts]")).to_contain_text("Pintasan mati")
    # Switched off, also after a load: no letter decides anything.
    desk.reload()
    for key in ("j", "t", "r"):
        desk.keyboard.press(key)
    desk.wait_for_timeout(300)
    assert (desk.url.endswith(pages[0]), queue.waiting()) == (True, 3)


def test_what_is_typed_is_no_command(queue: Queue, desk: Page) -> None:
    page = queue.add("Pos")
    desk.goto(page)
    note = desk.locator("#catatan-tinjauan")
    note.focus()
    desk.keyboard.type("jalan tk rt")
    assert (desk.url.endswith(page), note.input_value(), queue.state(page)) == (True, "jalan tk rt", "submitted")


def test_a_closing_cannot_be_published_unseen(queue: Queue, desk: Page) -> None:
    closing, clean = queue.close(queue.points[3]), queue.add("Bersih")
    desk.goto(f"{QUEUE}?clean=true")
    assert desk.locator('input[name="revision"]').count() == 1
    # Put among the others by hand, it is still left.
    desk.locator('input[name="revision"]').evaluate(
        "(box, id) => { const other = box.cloneNode(); other.value = id; box.after(other) }", closing.rpartition("/")[2]
    )
    desk.locator("#bersama button").click()
    expect(desk.locator("main")).to_contain_text("1 isian terbit; 1 tidak")
    assert (queue.state(clean), queue.state(closing)) == ("published", "submitted")
    # By its own key it wants its tick first, and says so.
    desk.goto(closing)
    desk.keyboard.press("t")
    expect(desk.locator("#tutup")).to_be_focused()
    expect(desk.locator("#kabar")).to_contain_text("centang dulu")
    assert queue.state(closing) == "submitted"
    desk.keyboard.press("Space")
    arrive(desk, "t")
    assert queue.state(closing) == "published"


def test_three_hundred_in_three_actions(portal: Portal, queue: Queue, desk: Page) -> None:
    """Open the queue, open what is clean, publish."""
    queue.add_many(300)
    before = decisions(portal, "revision.publish")
    desk.goto(QUEUE)
    desk.get_by_role("link", name="Tanpa catatan 300").click()
    desk.get_by_role("button", name="Terbitkan 300 isian").click()
    expect(desk.locator("main")).to_contain_text("300 isian terbit.")
    assert (queue.waiting(), decisions(portal, "revision.publish") - before) == (0, 300)


def test_what_is_unticked_stays(queue: Queue, desk: Page) -> None:
    pages = [queue.add(f"Pos {number}") for number in range(4)]
    desk.goto(f"{QUEUE}?clean=true")
    desk.locator('input[name="revision"]').nth(1).uncheck()
    desk.get_by_role("button", name="Terbitkan 3 isian").click()
    expect(desk.locator("main")).to_contain_text("3 isian terbit.")
    assert [queue.state(page) for page in pages] == ["published", "submitted", "published", "published"]


def test_of_two_reviewers_the_second_sees_both_decisions(portal: Portal, queue: Queue, page: OpenPage, desk: Page) -> None:
    contested = queue.add("Rebutan")
    token = apart(a_token(portal.settings, "walidata", (), f"walidata-{contested[-6:]}"))
    other = page("desk", extra_http_headers={"Authorization": f"Bearer {token}"})
    for shown in (desk, other):
        shown.goto(contested)
    other.locator("#catatan-tinjauan").fill("Foto kurang jelas")
    other.locator("#mengembalikan button").click()
    other.wait_for_url(lambda url: contested not in url or "sudah" in url)
    desk.locator("#catatan-tinjauan").fill("Alamatnya jalan apa?")
    desk.locator("#mengembalikan button").click()
    conflict = desk.locator(".review-conflict")
    expect(conflict).to_contain_text("Foto kurang jelas")
    expect(conflict).to_contain_text("Alamatnya jalan apa?")
    assert queue.walidata.get(f"/reviews/{contested.rpartition('/')[2]}").json()["decision_reason"] == "Foto kurang jelas"


def test_without_a_network_nothing_is_lost(queue: Queue, desk: Page) -> None:
    page = queue.add("Putus")
    desk.goto(page)
    desk.locator("#catatan-tinjauan").fill("RW berapa?")
    desk.context.set_offline(True)
    desk.locator("#mengembalikan button").click()
    expect(desk.locator("#kabar")).to_contain_text("Tidak ada jaringan")
    assert desk.locator("#catatan-tinjauan").input_value() == "RW berapa?"
    desk.context.set_offline(False)
    desk.locator("#mengembalikan button").click()
    desk.wait_for_url(lambda url: "sudah" in url)
    assert queue.state(page) == "returned"


def test_without_scripts_the_same_by_forms(queue: Queue, page: OpenPage) -> None:
    first, second = queue.add("Satu"), queue.add("Dua")
    shown = page("phone", java_script_enabled=False)
    sign_in(shown, "walidata")
    shown.goto(first)
    shown.locator("#menerbitkan button").click()
    expect(shown.locator("h1")).to_have_text("Dua")
    expect(shown.locator("#kabar")).to_have_text("Terbit: Satu")
    # Enter within the reasons returns, it never publishes.
    shown.locator('#mengembalikan input[name="reason"]').nth(3).press("Space")
    shown.locator('#mengembalikan input[name="reason"]').nth(3).press("Enter")
    shown.wait_for_url(lambda url: "sudah" in url)
    assert (queue.state(first), queue.state(second)) == ("published", "returned")


@pytest.fixture
def addresses(queue: Queue) -> dict[str, str]:
    """One page of each kind, with all that it may show."""
    moved = queue.change(
        queue.points[1],
        {
            "geometry": {"type": "Point", "coordinates": [IN_MOJOROTO[0] + 0.0001, IN_MOJOROTO[1] - 0.0004]},
            "properties": {"strata": "mandiri"},
        },
    )
    photo = queue.client.post(f"/points/{queue.points[1]}/photos", content=a_photo(), headers={"Content-Type": "image/jpeg"})
    assert photo.status_code in (200, 201), photo.text
    lon, lat = IN_MOJOROTO
    alike = queue._page(
        queue.client.post(
            "/collections/posyandu/items",
            json=a_feature(lon + 0.00005, lat, kelurahan=MOJOROTO, name=f"Posyandu Melati {next(_places)}", address=SCRIPT, rw="09"),
        )
    )
    return {
        "antrean": QUEUE, "antrean-bersih": f"{QUEUE}?clean=true", "antrean-dikoreksi": f"{QUEUE}?corrected=true", "isian-pindah": moved,
        "isian-mirip": alike, "isian-tutup": queue.close(queue.points[5]), "isian-dikoreksi": queue.returned(f"Kembali {SCRIPT}"),
        "antrean-kosong": f"{QUEUE}?q=tidakadasamasekali",
    }  # fmt: skip


@pytest.mark.usefixtures("only_whole")
def test_axe_finds_nothing(page: OpenPage, addresses: dict[str, str], view: View) -> None:
    language, profile = view
    shown = page(profile, language=language)
    sign_in(shown, "walidata")
    for address in addresses.values():
        shown.goto(address)
        check_axe(shown)
        assert shown.evaluate("window.hurt") is None


def test_photographs_and_small_windows(page: OpenPage, desk: Page, addresses: dict[str, str]) -> None:
    for name, address in addresses.items():
        desk.goto(address)
        desk.wait_for_load_state("networkidle")
        photograph(desk, f"tinjau-{name}")
    small = page("desk", viewport={"width": 320, "height": 256})
    sign_in(small, "walidata")
    for address in addresses.values():
        small.goto(address)
        check_width(small, 320)


def test_what_boundaries_moved_is_seen_by_one_key_and_the_others_together(portal: Portal, queue: Queue, desk: Page) -> None:
    pages = [queue.add(f"Pos Batas {number}") for number in range(3)]
    for page in pages:
        answer = queue.walidata.post(f"/reviews/{page.rpartition('/')[2]}/decision", json={"decision": "publish"})
        apart(turned(portal.settings, answer.json()["point"], BUJEL))
    desk.goto("/portal/")
    desk.get_by_role("link", name="3 titik terbit berubah letaknya oleh batas baru: lihat").click()
    expect(desk.locator("#bersama button")).to_have_text("Sudah saya lihat: 3 titik")
    desk.get_by_role("link", name="Mulai meninjau").click()
    expect(desk.locator("#melihat")).to_be_visible()
    expect(desk.get_by_role("button", name="Pindahkan ke Bujel")).to_be_visible()
    # The key that publishes does nothing here: nobody publishes by mistake, nor ticks off.
    before = desk.url
    desk.keyboard.press("t")
    desk.wait_for_timeout(200)
    assert desk.url == before
    check_axe(desk)
    arrive(desk, "s")
    expect(desk.locator("#kabar")).to_have_text("Sudah dilihat: Pos Batas 0")
    assert queue.waiting("?flag=rejudged") == 2
    arrive(desk, "q")
    desk.locator('input[name="revision"]').first.uncheck()
    expect(desk.locator("#bersama button")).to_have_text("Sudah saya lihat: 1 titik")
    desk.locator("#bersama button").click()
    expect(desk.locator("#kabar")).to_have_text("1 titik sudah dilihat, dan keluar dari daftar ini.")
    expect(desk.locator(".review-name")).to_have_text(["Pos Batas 1"])
    assert {queue.state(page) for page in pages} == {"published"}
