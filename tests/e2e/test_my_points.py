"""What a PIC does with points that are there already: correct one by one tap, say that one is still there by two, and mend what was not taken."""

import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.e2e.conftest import Language, OpenPage, check_axe, check_width, photograph, sign_in
from tests.e2e.phone import Phone
from tests.e2e.serving import ACCOUNTS, PASSWORD, Portal
from tests.factories import MOJOROTO, a_feature

pytestmark = pytest.mark.disruptive(60)

MINE = "/portal/titik"
REASON = "Alamatnya belum ada"
Json = dict[str, Any]
_places = itertools.count()


def a_place() -> tuple[float, float]:
    """Well within Mojoroto, each farther from the next than two of one name may be."""
    row, column = divmod(next(_places), 12)
    return round(111.9991 + column * 4e-4, 7), round(-7.8060 - row * 4e-4, 7)


class Api:
    """The service as a PIC and a walidata use it without a page."""

    def __init__(self, portal: Portal) -> None:
        self._as = {
            role: httpx.Client(base_url=portal.url, headers={"Authorization": f"Bearer {portal.tokens[role]}"}, timeout=60, trust_env=False)
            for role in ("pic", "walidata")
        }

    def submit(self, name: str, **properties: Any) -> Json:
        answer = self._as["pic"].post(
            "/collections/posyandu/items", json=a_feature(*a_place(), kelurahan=MOJOROTO, name=name, **properties)
        )
        point: Json = answer.raise_for_status().json()
        return point

    def decide(self, point: Json, **decision: str) -> None:
        revision = self.read(point)["feature"]["properties"]["revision"]
        self._as["walidata"].post(f"/reviews/{revision}/decision", json=decision or {"decision": "publish"}).raise_for_status()

    def published(self, name: str, **properties: Any) -> Json:
        point = self.submit(name, **properties)
        self.decide(point)
        return point

    def returned(self, name: str) -> Json:
        point = self.submit(name)
        self.decide(point, decision="return", reason=REASON)
        return point

    def patch(self, point: Json, **properties: Any) -> None:
        self._as["pic"].patch(
            f"/collections/posyandu/items/{point['id']}", json={"properties": properties}, headers={"If-Match": "*"}
        ).raise_for_status()

    def read(self, point: Json) -> Json:
        now: Json = self._as["pic"].get(f"/points/{point['id']}").raise_for_status().json()
        return now

    def properties(self, point: Json) -> Json:
        properties: Json = self.read(point)["feature"]["properties"]
        return properties

    def named(self, name: str) -> Json:
        features = self._as["pic"].get("/collections/posyandu/items?view=work&limit=1000").raise_for_status().json()["features"]
        (found,) = [one for one in features if one["properties"]["name"] == name]
        point: Json = found
        return point

    def contacts(self, point: Json) -> list[Json]:
        found: list[Json] = self._as["pic"].get(f"/points/{point['id']}/contacts").raise_for_status().json()["contacts"]
        return found

    def verified_at(self, point: Json) -> str:
        public = self._as["pic"].get(f"/points/{point['id']}").raise_for_status().json()["public"]
        return str(public["decided_at"])


@pytest.fixture(scope="module")
def api(portal: Portal) -> Api:
    return Api(portal)


@pytest.fixture
def phone(playwright: Playwright, portal: Portal) -> Iterator[Phone]:
    """Signed in as the PIC, with the entry page open."""
    with tempfile.TemporaryDirectory(prefix="titik-phone-", ignore_cleanup_errors=True) as directory:
        made = Phone(playwright, Path(directory), portal.url)
        made.open()
        made.sign_in(ACCOUNTS["pic"][0], PASSWORD)
        yield made
        made.kill()
        made.bury()


def deed(page: Page, name: str, deed_name: str) -> Any:
    """The link of a point's line with which something is done."""
    return page.get_by_role("link", name=f"{deed_name}: {name}")


def show_all_fields(page: Page) -> None:
    """Also those that may stay empty."""
    page.wait_for_selector("#entry-field-name")
    page.evaluate("() => document.querySelectorAll('#entry details').forEach((one) => { one.open = true; })")


@pytest.mark.timeout(280)
def test_a_returned_point_is_corrected_by_one_tap(phone: Phone, api: Api) -> None:
    point = api.returned("Kembali satu")
    page = phone.page
    page.goto(f"{phone.url}{MINE}?state=returned")
    expect(page.locator(f"#t-{point['id']}")).to_contain_text(f"Dikembalikan, karena: {REASON}")
    deed(page, "Kembali satu", "Perbaiki").click()
    page.wait_for_selector(f"text=Dikembalikan, karena: {REASON}")
    assert page.input_value("#entry-field-name") == "Kembali satu"
    assert page.locator("[data-verdict=inside]").count() == 1
    show_all_fields(page)
    page.fill("#entry-field-address", "Jalan Mawar 12")
    # Opened in a second tab it is gone on with, not begun anew.
    page.wait_for_timeout(600)
    second = phone.context.new_page()
    second.goto(f"{phone.url}/portal/catat?titik={point['id']}")
    second.wait_for_selector("text=sedang dibuka di tab lain")
    second.close()
    page.click("text=Simpan dan kirim")
    page.wait_for_selector("[data-state=in-review]")
    properties = api.properties(point)
    assert (properties["address"], properties["state"], properties["version"]) == ("Jalan Mawar 12", "submitted", 2)
    page.goto(f"{phone.url}{MINE}?state=submitted")
    expect(page.locator(f"#t-{point['id']}")).to_be_visible()


@pytest.mark.timeout(280)
def test_what_two_have_changed_is_told_with_both_versions(phone: Phone, api: Api) -> None:
    page = phone.page
    for button, address in (("Pakai isian saya", "Jalan Saya 1"), ("Pakai yang di server", "Jalan Dia 2")):
        name = f"Berdua, {button}"
        point = api.published(name)
        page.goto(f"{phone.url}/portal/catat?titik={point['id']}")
        show_all_fields(page)
        page.fill("#entry-field-address", "Jalan Saya 1")
        page.fill("#entry-field-kader_aktif", "7")
        api.patch(point, address="Jalan Dia 2", rw="4")
        page.click("text=Simpan dan kirim")
        card = page.locator("[data-state=refused]")
        expect(card).to_contain_text("Isian Anda: Jalan Saya 1")
        expect(card).to_contain_text("Di server sekarang: Jalan Dia 2")
        check_axe(page)
        card.get_by_role("button", name=f"{button}: {name}").click()
        page.locator("[data-state=in-review]", has_text=name).wait_for()
        properties = api.properties(point)
        # What only one of the two has changed is there either way.
        assert (properties["address"], properties["kader_aktif"], properties["rw"]) == (address, 7, "04")


def test_two_taps_without_a_script_renew_when_a_point_was_verified(page: OpenPage, api: Api) -> None:
    point = api.published("Masih berdiri")
    before = api.verified_at(point)
    officer = page("phone", java_script_enabled=False)
    sign_in(officer, "pic")
    officer.goto(f"{MINE}?state=published&q=berdiri")
    deed(officer, "Masih berdiri", "Masih ada").click()
    officer.get_by_role("button", name="Ya, masih ada").click()
    expect(officer.get_by_role("status")).to_contain_text("Masih berdiri: dinyatakan masih ada")
    assert api.verified_at(point) == before

    walidata = page("desk")
    sign_in(walidata, "walidata")
    walidata.goto("/portal/tinjau?kind=confirm&clean=true")
    walidata.get_by_role("link", name="Masih berdiri").first.click()
    expect(walidata.get_by_text("Pengisi menyatakan titik ini masih ada")).to_be_visible()
    walidata.go_back()
    walidata.locator("#bersama button").click()
    walidata.wait_for_load_state()
    assert api.verified_at(point) > before
    public = page("phone")
    public.goto(f"/p/{point['id']}")
    expect(public.locator(".history li").first).to_contain_text("Diperiksa lagi")


def test_two_taps_without_a_script_propose_that_a_point_is_gone(page: OpenPage, api: Api) -> None:
    point = api.published("Sudah dibongkar")
    officer = page("phone", java_script_enabled=False)
    sign_in(officer, "pic")
    officer.goto(f"{MINE}?state=published&q=dibongkar")
    deed(officer, "Sudah dibongkar", "Sudah tidak ada").click()
    officer.get_by_role("button", name="Bangunannya sudah tidak ada").click()
    expect(officer.get_by_role("status")).to_contain_text("Sudah dibongkar: dinyatakan sudah tidak ada")
    public = page("phone")
    public.goto(f"/p/{point['id']}")
    expect(public.get_by_role("heading", level=1)).to_contain_text("Sudah dibongkar")
    # It was a mistake after all.
    officer.goto(f"{MINE}/{point['id']}")
    officer.get_by_text("Tarik usulan saya").click()
    officer.get_by_role("button", name="Ya, tarik").click()
    expect(officer.get_by_role("status")).to_contain_text("Usulan sudah ditarik")
    assert api.read(point)["open"] is None


@pytest.mark.timeout(280)
def test_a_contact_that_was_not_taken_is_put_right_and_wiped(phone: Phone, api: Api) -> None:
    page = phone.page
    page.evaluate("([name, lon, lat]) => begin(name, lon, lat)", ["Dengan orang", *a_place()])
    page.click("text=4. Penanggung jawab")
    page.fill("#entry-contact-name", "Siti Rahayu")
    page.fill("#entry-contact-legal_basis", "SK 12/2026")
    page.fill("#entry-contact-term_ends_on", "2020-01-01")
    page.evaluate("(name) => finish(name)", "Dengan orang")
    page.wait_for_selector("text=penanggung jawabnya belum diterima")
    assert "belum terkirim seluruhnya" in page.inner_text("#entry")
    check_axe(page)
    # It is there after the page was closed, and what is typed into it too.
    page.reload()
    page.get_by_role("button", name="Perbaiki penanggung jawab: Dengan orang").click()
    assert page.input_value("#entry-contact-name") == "Siti Rahayu"
    expect(page.locator("#entry-contact-term_ends_on-fault")).not_to_be_empty()
    check_axe(page)
    page.fill("#entry-contact-phone", "0812 3456 7890")
    page.wait_for_timeout(600)
    page.reload()
    page.get_by_role("button", name="Perbaiki penanggung jawab: Dengan orang").click()
    assert page.input_value("#entry-contact-phone") == "0812 3456 7890"
    page.fill("#entry-contact-term_ends_on", "2029-12-31")
    page.click("text=Kirim lagi")
    page.wait_for_selector("text=Semua catatan sudah terkirim")
    assert [(one["name"], one["term_ends_on"]) for one in api.contacts(api.named("Dengan orang"))] == [("Siti Rahayu", "2029-12-31")]
    page.reload()
    page.wait_for_selector("text=Dengan orang")
    assert page.get_by_role("button", name="Perbaiki penanggung jawab").count() == 0
    # Nothing of it is left, sealed or not.
    page.click("text=Perbaiki")
    page.wait_for_selector(".entry-form")
    assert "Siti" not in page.content()


@pytest.mark.timeout(280)
def test_a_second_tab_takes_nothing_from_under_the_hands_of_the_first(phone: Phone, api: Api) -> None:
    page = phone.page
    page.evaluate("([name, lon, lat]) => begin(name, lon, lat)", ["Dua tab", *a_place()])
    page.wait_for_timeout(600)
    second = phone.context.new_page()
    second.on("dialog", lambda dialog: dialog.accept())
    second.goto(page.url)
    second.get_by_role("button", name="Hapus: Dua tab").click()
    second.wait_for_selector("text=sedang dibuka di tab lain")
    second.get_by_role("button", name="Lanjutkan: Dua tab").click()
    second.wait_for_selector("text=sedang dibuka di tab lain")
    page.fill("#entry-field-name", "Dua tab, selesai")
    page.click("text=Simpan dan kirim")
    page.wait_for_selector("[data-state=in-review]")
    second.wait_for_selector("[data-state=in-review]")
    assert api.named("Dua tab, selesai")["properties"]["state"] == "submitted"


def test_what_is_wrong_with_a_photo_stands_at_its_field(page: OpenPage, api: Api) -> None:
    point = api.published("Foto salah")
    officer = page("phone")
    sign_in(officer, "pic")
    officer.goto(f"{MINE}/{point['id']}")
    officer.get_by_text("Tambah foto terbaru").click()
    officer.locator("#photo").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"bukan foto"})
    officer.get_by_role("button", name="Ya, masih ada").click()
    expect(officer.locator("#photo-error")).to_be_visible()
    assert officer.evaluate("document.activeElement.id") == "photo"
    assert api.read(point)["open"] is None


@pytest.mark.usefixtures("only_whole")
@pytest.mark.parametrize("language", ["id", "en"])
def test_axe_finds_nothing_on_my_points(page: OpenPage, api: Api, language: Language) -> None:
    point = api.published(f"Untuk dilihat {language}", address="Jalan Mawar 3", rw="02", rt="01", kader_aktif=5)
    api.returned(f"<b>Kembali</b> lagi {language}")
    shown = page("desk", language=language)
    sign_in(shown, "pic")
    for name, path in (
        ("terbit", "?state=published"),
        ("dikembalikan", ""),
        ("ditutup", "?state=ended&q=x"),
        ("satu", f"/{point['id']}?tutup=ya"),
    ):
        shown.goto(f"{MINE}{path}")
        check_axe(shown)
        if language == "id":
            photograph(shown, f"titik-saya-{name}")
        shown.set_viewport_size({"width": 320, "height": 256})
        check_width(shown, 320)
        shown.set_viewport_size({"width": 1440, "height": 900})


def test_a_decision_is_told_on_a_page_that_is_open(page: OpenPage, api: Api) -> None:
    point = api.submit("Sedang ditunggu")
    officer = page("phone")
    sign_in(officer, "pic")
    officer.clock.install()
    officer.goto(f"{MINE}?state=submitted&q=ditunggu")
    answers: list[int] = []
    officer.on("response", lambda answer: answers.append(answer.status) if "/points/states" in answer.url else None)
    for status in (200, 304):
        with officer.expect_response("**/points/states*"):
            officer.clock.fast_forward("05:30")
        officer.wait_for_function("() => document.querySelector('#keputusan-baru').hidden")
        assert answers[-1] == status
    api.decide(point)
    officer.clock.fast_forward("05:30")
    expect(officer.get_by_role("status")).to_contain_text("Sedang ditunggu")
    check_axe(officer)
    officer.get_by_role("link", name="Tampilkan").click()
    expect(officer.get_by_text("Tidak ada titik di sini.")).to_be_visible()


@pytest.mark.timeout(280)
def test_the_entry_page_hears_of_a_decision_within_minutes(phone: Phone, api: Api) -> None:
    page = phone.page
    page.evaluate("([name, lon, lat]) => begin(name, lon, lat)", ["Segera terbit", *a_place()])
    page.evaluate("(name) => finish(name)", "Segera terbit")
    page.wait_for_selector("[data-state=in-review]")
    api.decide(api.named("Segera terbit"), decision="return", reason=REASON)
    page.clock.install()
    page.clock.fast_forward("05:30")
    # The sender's timer was set before that clock: it wakes by the real one.
    expect(page.locator("[data-state=returned]")).to_contain_text(f"Dikembalikan, karena: {REASON}", timeout=30_000)
