"""The entry page on a real telephone's browser and the real service: nothing lost, nothing doubled, judged before it is sent."""

import gzip
import random
import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Playwright

from tests.e2e.conftest import check_axe, check_width, photograph
from tests.e2e.phone import Cable, Phone
from tests.e2e.serving import PASSWORD, Portal
from tests.factories import BUJEL, MOJOROTO

pytestmark = pytest.mark.disruptive(60)

FAR = (112.0420, -7.8200)
"""In another kelurahan than Mojoroto."""
Json = dict[str, Any]


class Service:
    """The portal with an officer of Mojoroto alone: what they enter needs no kelurahan to be named."""

    def __init__(self, portal: Portal) -> None:
        self.url = portal.url
        self._as = {role: self._client(portal.tokens[role]) for role in ("pic", "walidata", "admin")}
        self.pic = "pic-catat"
        self.add_pic(self.pic, MOJOROTO)

    def _client(self, token: str) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {token}"}, timeout=60, trust_env=False)

    def add_pic(self, account: str, kelurahan: str) -> None:
        admin = self._as["admin"]
        admin.post("/accounts", json={"name": account, "role": "pic", "kelurahan": [kelurahan]}).raise_for_status()
        link = admin.post(f"/accounts/{account}/reset-link").raise_for_status().json()["link"]
        path = f"/me/reset/{link.rpartition('/')[2]}"
        httpx.post(self.url + path, json={"password": PASSWORD}, trust_env=False, timeout=60).raise_for_status()

    def points(self, beginning: str) -> list[Json]:
        """All there is of posyandu whose names begin so, as those who work on them see it."""
        found: list[Json] = []
        address: str | None = "/collections/posyandu/items?view=work&limit=1000"
        while address:
            page = self._as["pic"].get(address).raise_for_status().json()
            found += [one for one in page["features"] if (one["properties"]["name"] or "").startswith(beginning)]
            address = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
        return found

    def photos(self, point: str) -> int:
        return len(self._as["pic"].get(f"/points/{point}/photos").raise_for_status().json()["photos"])

    def placement(self, lon: float, lat: float) -> Json:
        """What the server says of a posyandu of Mojoroto at this place, without storing it."""
        body = {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [lon, lat]},
            "properties": {"name": "Percobaan", "accuracy_m": 8, "kelurahan": MOJOROTO},
        }
        answer = self._as["pic"].post("/collections/posyandu/items", json=body)
        assert answer.status_code == 422, answer.text
        placement: Json = answer.json()["placement"]
        return placement

    def decide(self, name: str, decision: Json) -> None:
        (point,) = self.points(name)
        self._as["walidata"].post(f"/reviews/{point['properties']['revision']}/decision", json=decision).raise_for_status()

    def add_point(self, name: str, lon: float, lat: float) -> None:
        body = {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [lon, lat]},
            "properties": {"name": name, "kelurahan": MOJOROTO},
        }
        self._as["pic"].post("/collections/posyandu/items", json=body).raise_for_status()


@pytest.fixture(scope="module")
def service(portal: Portal) -> Service:
    return Service(portal)


@pytest.fixture
def cable(service: Service) -> Iterator[Cable]:
    target = httpx.URL(service.url)
    laid = Cable(target.host, target.port or 80)
    yield laid
    laid.close()


@pytest.fixture
def phone(playwright: Playwright, cable: Cable) -> Iterator[Phone]:
    with tempfile.TemporaryDirectory(prefix="titik-phone-", ignore_cleanup_errors=True) as directory:
        made = Phone(playwright, Path(directory), cable.url)
        yield made
        made.kill()
        made.bury()


@pytest.fixture
def signed_in(phone: Phone, service: Service) -> Phone:
    phone.open()
    phone.sign_in(service.pic, PASSWORD)
    phone.wait_until_kept()
    return phone


_places = iter(range(1_000_000))


def a_place() -> tuple[float, float]:
    """One of 7,000 places of Mojoroto, each 11 m from the next, and at least 5 m from the points of `Portal`: at the very place of one, a point is asked about."""
    row, column = divmod(next(_places), 80)
    return round(111.99705 + column * 1e-4, 7), round(-7.80305 - row * 1e-4, 7)


@pytest.mark.timeout(280)
def test_three_points_are_entered_without_a_network_and_arrive_once_each(signed_in: Phone, cable: Cable, service: Service) -> None:
    cable.cut()
    signed_in.close()
    page = signed_in.open()
    page.wait_for_selector("[data-category=posyandu]")
    verdicts = [signed_in.enter(f"Jalan {word}", *a_place(), photos=1) for word in ("Anggrek", "Kenanga")]
    assert verdicts == ["inside", "inside"]
    assert page.evaluate("([name, lon, lat]) => begin(name, lon, lat)", ["Jalan Wijaya", *FAR]) == "elsewhere"
    shown = page.inner_text(".entry-verdict")
    page.click("text=Simpan dan kirim")
    # It is not taken as it is, and what was typed is still there.
    assert page.evaluate("() => document.activeElement.id") == "entry-reason"
    assert page.input_value("#entry-field-name") == "Jalan Wijaya"
    page.fill("#entry-reason", "Gedungnya memang di sana")
    page.evaluate("() => photograph()")
    page.evaluate("(name) => finish(name)", "Jalan Wijaya")
    assert signed_in.states() == dict.fromkeys(("Jalan Anggrek", "Jalan Kenanga", "Jalan Wijaya"), "waiting")
    cable.mend()
    signed_in.wait_for_states("in-review")
    points = service.points("Jalan ")
    assert Counter(one["properties"]["name"] for one in points) == dict.fromkeys(("Jalan Anggrek", "Jalan Kenanga", "Jalan Wijaya"), 1)
    assert [service.photos(one["id"]) for one in points] == [1, 1, 1]
    server = service.placement(*FAR)
    assert server["verdict"] == "elsewhere"
    assert server["kelurahan_name"] in shown
    assert f"{server['distance_m'] / 1000:.1f} km".replace(".", ",") in shown


@pytest.mark.timeout(280)
def test_a_network_that_comes_back_is_used_within_ten_seconds(signed_in: Phone, cable: Cable) -> None:
    cable.cut()
    signed_in.enter("Sepuluh detik", *a_place())
    time.sleep(7)
    assert signed_in.states()["Sepuluh detik"] == "waiting"
    cable.mend()
    signed_in.wait_for_states("in-review")
    assert cable.used_after is not None
    assert cable.used_after < 10


@pytest.mark.timeout(280)
def test_one_bad_record_does_not_hold_up_forty_nine(signed_in: Phone, cable: Cable, service: Service) -> None:
    bad = a_place()
    service.add_point("Lima Puluh Buruk", *bad)
    cable.cut()
    for number in range(50):
        name, place = ("Lima Puluh Buruk", bad) if number == 7 else (f"{random.Random(number).randbytes(8).hex()} lima", a_place())
        signed_in.enter(name, *place)
    cable.mend()
    signed_in.wait_for_states("in-review", "refused")
    assert Counter(signed_in.states().values()) == {"in-review": 49, "refused": 1}
    refused = signed_in.page.locator("[data-state=refused]")
    assert "Mungkin sudah ada" in refused.inner_text()
    refused.get_by_text("Memang titik lain, kirim").click()
    signed_in.wait_for_states("in-review")
    assert len(service.points("Lima Puluh Buruk")) == 2


@pytest.mark.timeout(280)
def test_another_account_on_the_same_telephone_reads_nothing_and_sends_nothing(signed_in: Phone, cable: Cable, service: Service) -> None:
    service.add_pic("pic-lain", BUJEL)
    cable.cut()
    signed_in.enter("Rahasia Pertama", *a_place(), photos=1)
    cable.mend()
    page = signed_in.page
    # Before it leaves by itself: the service is there for signing out and in only.
    page.route("**/sync", lambda route: route.abort())
    assert page.evaluate(DUMP).count("Rahasia") == 0
    sign_out(signed_in)
    signed_in.sign_in("pic-lain", PASSWORD)
    assert "Rahasia" not in page.content()
    assert "1 catatan milik akun lain" in page.inner_text("#entry")
    assert page.evaluate(DUMP).count("Rahasia") == 0
    page.unroute("**/sync")
    time.sleep(7)
    assert service.points("Rahasia") == []
    sign_out(signed_in)
    signed_in.sign_in(service.pic, PASSWORD)
    signed_in.wait_for_states("in-review")
    assert len(service.points("Rahasia Pertama")) == 1
    assert page.evaluate("() => [Object.keys(localStorage).length, Object.keys(sessionStorage).length, document.cookie]") == [0, 0, ""]


def sign_out(phone: Phone) -> None:
    phone.page.evaluate(
        """() => { const form = document.createElement("form"); form.method = "post"; form.action = "/portal/keluar"; document.body.append(form); form.submit(); }"""
    )
    phone.page.wait_for_url("**/portal/masuk*")


# All that lies in IndexedDB, as text.
DUMP = """async () => {
  const opened = await new Promise((done) => { const asked = indexedDB.open("titik-catat"); asked.onsuccess = () => done(asked.result); });
  const rows = [];
  for (const name of opened.objectStoreNames) rows.push(...await new Promise((done) => { const asked = opened.transaction(name).objectStore(name).getAll(); asked.onsuccess = () => done(asked.result); }));
  opened.close();
  const text = (value) => value instanceof ArrayBuffer || ArrayBuffer.isView(value) ? new TextDecoder("latin1").decode(value)
    : value && typeof value === "object" ? Object.entries(value).map(([key, one]) => key + "=" + text(one)).join(";") : String(value);
  return rows.map(text).join("\\n");
}"""


@pytest.mark.timeout(280)
def test_without_a_session_records_are_kept_and_it_is_said(signed_in: Phone, service: Service) -> None:
    signed_in.context.clear_cookies()
    signed_in.enter("Tanpa sesi", *a_place())
    signed_in.page.wait_for_selector("text=Masa masuk Anda sudah habis")
    assert signed_in.states()["Tanpa sesi"] == "waiting"
    signed_in.sign_in(service.pic, PASSWORD)
    signed_in.wait_for_states("in-review")
    assert len(service.points("Tanpa sesi")) == 1


@pytest.mark.timeout(280)
def test_a_draft_is_held_by_one_tab_and_is_there_after_a_kill(signed_in: Phone) -> None:
    signed_in.page.evaluate("([name, lon, lat]) => begin(name, lon, lat)", ["Belum selesai", *a_place()])
    signed_in.page.wait_for_timeout(600)
    second = signed_in.context.new_page()
    second.goto(signed_in.page.url)
    second.click("text=Lanjutkan")
    second.wait_for_selector("text=sedang dibuka di tab lain")
    signed_in.kill()
    signed_in.bury()
    page = signed_in.open()
    page.click("text=Lanjutkan")
    assert page.input_value("#entry-field-name") == "Belum selesai"
    assert page.locator("[data-verdict=inside]").count() == 1


@pytest.mark.timeout(280)
def test_what_the_walidata_decides_is_told_and_a_returned_point_is_corrected(signed_in: Phone, service: Service) -> None:
    signed_in.enter("Akan kembali", *a_place())
    signed_in.wait_for_states("in-review")
    assert re.search(r"Diterima no\. [0-9A-F]{4}-[0-9A-F]{4}", signed_in.page.inner_text("[data-state=in-review]"))
    service.decide("Akan kembali", {"decision": "return", "reason": "Alamatnya belum ada"})
    signed_in.page.reload()
    signed_in.page.wait_for_selector("text=Dikembalikan, karena: Alamatnya belum ada")
    signed_in.page.click("text=Perbaiki")
    signed_in.page.click("text=Isian lain")
    signed_in.page.fill("#entry-field-address", "Jalan Mawar 12")
    signed_in.page.click("text=Simpan dan kirim")
    signed_in.page.wait_for_selector("[data-state=in-review]")
    (point,) = service.points("Akan kembali")
    assert (point["properties"]["address"], point["properties"]["state"]) == ("Jalan Mawar 12", "submitted")


@pytest.mark.timeout(280)
def test_a_point_corrected_by_its_address_stands_there_once(signed_in: Phone, service: Service) -> None:
    page = signed_in.page
    signed_in.enter("Sekali saja", *a_place())
    signed_in.wait_for_states("in-review")
    service.decide("Sekali saja", {"decision": "return", "reason": "Alamatnya belum ada"})
    (point,) = service.points("Sekali saja")
    page.goto(f"{signed_in.url}/portal/catat?titik={point['id']}")
    page.wait_for_selector("[data-verdict=inside]")
    page.click("text=Isian lain")
    page.fill("#entry-field-address", "Jalan Mawar 12")
    # All that is near is on the screen by now: the point itself is not.
    page.wait_for_load_state("networkidle")
    assert "Sekali saja" not in page.inner_text(".entry-form")
    page.click("text=Simpan dahulu")
    page.wait_for_selector("[data-state=draft]")
    assert [state for name, state, _ in signed_in.cards() if name == "Sekali saja"] == ["draft"]
    assert page.evaluate(ROWS) == 2
    page.click("text=Lanjutkan")
    page.click("text=Simpan dan kirim")
    page.wait_for_selector("[data-state=in-review]")
    assert [state for name, state, _ in signed_in.cards() if name == "Sekali saja"] == ["in-review"]
    page.reload()
    page.wait_for_selector("[data-state=in-review]")
    assert [state for name, state, _ in signed_in.cards() if name == "Sekali saja"] == ["in-review"]
    assert page.evaluate(ROWS) == 1
    assert service.points("Sekali saja")[0]["properties"]["address"] == "Jalan Mawar 12"


# How many records lie on the phone, shown or not.
ROWS = """async () => {
  const opened = await new Promise((done) => { const asked = indexedDB.open("titik-catat"); asked.onsuccess = () => done(asked.result); });
  const count = await new Promise((done) => { const asked = opened.transaction("entries").objectStore("entries").count(); asked.onsuccess = () => done(asked.result); });
  opened.close();
  return count;
}"""


@pytest.mark.timeout(280)
def test_without_a_network_nothing_is_promised_of_a_draft_and_links_lead_back(signed_in: Phone, cable: Cable, service: Service) -> None:
    cable.cut()
    signed_in.close()
    page = signed_in.open()
    page.wait_for_selector("[data-category=posyandu]")
    page.wait_for_selector("text=Belum ada catatan")
    assert "sudah terkirim" not in page.inner_text("#entry")
    assert page.locator("header nav a").all_inner_texts()[:3] == ["Catat", "Titik saya", "Laporan"]
    assert service.pic in (page.text_content("header .account") or "")
    page.evaluate("([name, lon, lat]) => begin(name, lon, lat)", ["Rancangan", *a_place()])
    page.click("text=Simpan dahulu")
    page.wait_for_selector("text=1 rancangan belum selesai: selesaikan dan kirim.")
    assert "dikirim sendiri" not in page.inner_text("#entry")
    with page.expect_response("**/portal/titik") as answer:
        page.click("header nav >> text=Titik saya")
    assert (answer.value.status, answer.value.from_service_worker) == (503, True)
    page.wait_for_selector("h1:has-text('Tidak ada jaringan')")
    assert service.pic not in page.content()
    check_axe(page)
    photograph(page, "catat-tanpa-jaringan")
    page.click("text=Kembali ke Catat titik")
    page.wait_for_selector("[data-state=draft]")
    cable.mend()
    page.click("header nav >> text=Titik saya")
    page.wait_for_selector("h1:has-text('Titik saya')")


@pytest.mark.timeout(280)
def test_what_the_server_refuses_names_its_field_and_is_gone_on_with_there(signed_in: Phone) -> None:
    page = signed_in.page
    # A form older than the rule of the server.
    page.route(
        "**/categories/posyandu",
        lambda route: route.fulfill(response=(answer := route.fetch()), body=re.sub(r'"maximum":\s*\d+', '"x":0', answer.text())),
    )
    with page.expect_response("**/boundaries/offline*"):
        page.reload()
    page.evaluate("([name, lon, lat]) => begin(name, lon, lat)", ["Terlalu banyak", *a_place()])
    page.click("text=Isian lain")
    page.fill("#entry-field-rw", "ii")
    page.fill("#entry-field-kader_aktif", "99999")
    page.click("text=Simpan dan kirim")
    assert page.evaluate("() => document.activeElement.id") == "entry-field-rw"
    assert "Harus berupa nomor" in page.inner_text("#entry-field-rw-fault")
    assert "Belum dapat dikirim" in page.inner_text(".entry-form")
    page.fill("#entry-field-rw", "2")
    assert "Belum dapat dikirim" not in page.inner_text(".entry-form")
    page.evaluate("(name) => finish(name)", "Terlalu banyak")
    signed_in.wait_for_states("refused")
    sentence = page.inner_text("[data-state=refused] .note li")
    assert re.match(r"Kader aktif: .", sentence), sentence
    page.click("text=Ubah")
    page.wait_for_selector(".entry-form")
    assert page.evaluate("() => document.activeElement.id") == "entry-field-kader_aktif"
    assert page.inner_text("#entry-field-kader_aktif-fault") == sentence.partition(": ")[2]


@pytest.mark.timeout(280)
def test_focus_stays_where_one_goes_on(signed_in: Phone, cable: Cable) -> None:
    page = signed_in.page
    page.evaluate("([name, lon, lat]) => begin(name, lon, lat)", ["Fokus", *a_place()])
    focused = "() => document.activeElement.className"
    assert page.evaluate(focused) == "entry-verdict"
    page.fill("#entry-text", "-7,8035 112,0005")
    assert page.evaluate("() => document.querySelector('#entry-text').clientWidth") > 280
    page.click("text=Baca")
    page.click("text=Pakai hasil ini")
    assert page.evaluate(focused) == "entry-verdict"
    cable.cut()
    page.click("text=Simpan dan kirim")
    page.wait_for_selector("[data-state=waiting]")
    assert page.evaluate(focused) == "entry-done"
    assert page.locator("[role=status].entry-done").inner_text() == "Tersimpan di ponsel ini; dikirim sendiri begitu ada jaringan."
    # A list that is drawn anew takes focus from nothing in it.
    page.get_by_role("button", name="Ubah: Fokus").focus()
    cable.mend()
    signed_in.wait_for_states("in-review")
    assert page.evaluate("() => document.activeElement.textContent") == "Catatan di ponsel ini"
    assert page.inner_text(".entry-done") == "Sudah terkirim."


@pytest.mark.timeout(280)
def test_a_script_in_a_name_is_shown_as_text_and_a_fault_stands_at_its_field(signed_in: Phone) -> None:
    name = "<img src=x onerror='document.title=1'>"
    signed_in.enter(name, *a_place())
    assert name in signed_in.states()
    assert signed_in.page.title() != "1"
    page = signed_in.page
    page.click("[data-category=posyandu]")
    page.click("text=Simpan dan kirim")
    assert "(GPS)" in page.evaluate("() => document.activeElement.textContent")
    page.click("text=Isian lain")
    page.fill("#entry-field-kader_aktif", "dua")
    page.press("#entry-field-kader_aktif", "Tab")
    assert page.inner_text("#entry-field-kader_aktif-fault") == "Tulis bilangan, misalnya 12."
    assert page.input_value("#entry-field-kader_aktif") == "dua"


@pytest.mark.timeout(280)
def test_the_page_is_small_uses_no_webgl_and_asks_for_lasting_storage(signed_in: Phone, service: Service) -> None:
    signed_in.page.click("[data-category=posyandu]")
    signed_in.page.click("text=Tunjuk di peta")
    signed_in.page.wait_for_selector(".entry-map")
    assert not {kind for kind in signed_in.page.evaluate("() => contexts") if "gl" in kind}
    assert signed_in.page.evaluate("() => navigator.storage.persisted()") is True
    with httpx.Client(base_url=service.url, trust_env=False) as client:
        texts = {"/portal/catat": client.get("/portal/catat").text}
        found = list(texts)
        while found:
            for path in re.findall(r'(?:src|href)="([^"]*/static/[^"]+)"|["\'](\./[\w.-]+\.js)["\']', texts[found.pop()]):
                address = path[0] or "/static/" + path[1].removeprefix("./")
                if address not in texts:
                    texts[address] = client.get(address).raise_for_status().text
                    found.append(address)
    weight = sum(len(gzip.compress(text.encode(), 9)) for text in texts.values())
    print(f"{weight} bytes in {len(texts)} files")  # noqa: T201
    assert 10_000 < weight <= 120_000


@pytest.mark.timeout(280)
def test_a_rescue_file_holds_what_is_only_on_the_telephone(signed_in: Phone, cable: Cable) -> None:
    cable.cut()
    signed_in.enter("Penyelamat", *a_place(), photos=1)
    with signed_in.page.expect_download() as download:
        signed_in.page.click("text=Simpan berkas penyelamat")
    file = httpx.Response(200, content=Path(download.value.path()).read_bytes()).json()
    assert file["changes"][0]["feature"]["properties"]["name"] == "Penyelamat"
    assert file["photos"][0]["base64"].startswith("/9j/")


@pytest.mark.timeout(280)
@pytest.mark.parametrize("locale", ["id-ID", "en-GB"])
def test_axe_finds_nothing_while_a_point_is_entered(phone: Phone, service: Service, locale: str) -> None:
    page = phone.open(locale=locale)
    check_axe(page)
    phone.sign_in(service.pic, PASSWORD)
    check_axe(page)
    phone.enter(f"Axe {locale}", *a_place(), photos=1)
    check_axe(page)
    photograph(page, f"catat-daftar-{locale}")
    page.evaluate("([name, lon, lat]) => begin(name, lon, lat)", [f"Axe dua {locale}", *FAR])
    page.evaluate("() => photograph()")
    page.locator(".entry-section button.second").first.click()
    page.wait_for_selector(".entry-map")
    page.locator(".entry-form button[type=submit]").click()
    for summary in page.locator("#entry summary").all():
        summary.click()
    check_axe(page)
    photograph(page, f"catat-isian-{locale}")
    page.set_viewport_size({"width": 320, "height": 256})
    check_width(page, 320)
