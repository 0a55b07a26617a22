"""Reports in the system's Chromium: a citizen without a script, an officer by keyboard; what axe finds; photographs to look at."""

import re

import httpx
import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import OpenPage, View, check_axe, check_width, photograph, sign_in
from tests.e2e.serving import Portal
from tests.factories import MOJOROTO
from tests.photographs import a_photo

pytestmark = pytest.mark.disruptive(45)

TEXT = "Papan namanya tertukar dengan posyandu sebelah."


def focus_of(page: Page) -> str:
    found: str = page.evaluate("document.activeElement.id")
    return found


def reported(portal: Portal, text: str = TEXT) -> str:
    """The number of a report of a place that is missing."""
    report = {"kind": "missing", "category": "posyandu", "kelurahan": MOJOROTO, "text": text}
    number: str = httpx.post(f"{portal.url}/reports", json=report, trust_env=False).raise_for_status().json()["number"]
    return number


def test_a_citizen_reports_without_scripts_and_reads_the_answer(page: OpenPage, portal: Portal) -> None:
    shown = page("phone", java_script_enabled=False)
    shown.goto(f"/lapor?titik={portal.points[0]}")
    shown.get_by_label("Ada yang salah").check()
    shown.get_by_label("Ceritakan singkat").fill(f"{TEXT} Hubungi 0812-3456-7890")
    shown.get_by_label("Foto, bila ada").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": a_photo()})
    shown.get_by_role("button", name="Kirim laporan").click()
    # The telephone is pointed out before anything is sent; what was typed stays.
    assert shown.locator("#text").input_value() == f"{TEXT} Hubungi 0812-3456-7890"
    assert shown.locator("#text").get_attribute("aria-invalid") == "true"
    # A browser without scripts has forgotten the photo: the field says so.
    assert "Pilih lagi fotonya" in shown.locator("#photo-hint").inner_text()
    shown.locator("#text").fill(TEXT)
    shown.get_by_role("button", name="Kirim laporan").click()
    number = shown.locator(".report-number").inner_text()
    assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", number)

    officer = {"Authorization": f"Bearer {portal.tokens['pic']}"}
    closing = {"state": "closed", "outcome": "fixed", "answer": "Papan sudah diganti hari Senin."}
    httpx.post(f"{portal.url}/reports/{number}/answer", json=closing, headers=officer, trust_env=False).raise_for_status()
    shown.goto("/lapor")
    shown.get_by_label("Nomor laporan").fill(number.lower().replace("-", " "))
    shown.get_by_role("button", name="Lihat jawabannya").click()
    assert "Papan sudah diganti hari Senin." in shown.locator("main").inner_text()
    assert TEXT not in shown.locator("main").inner_text()


def test_what_is_wrong_has_the_focus(page: OpenPage) -> None:
    shown = page("phone")
    shown.goto("/lapor")
    shown.locator("#category").select_option(index=1)
    shown.locator("#place").fill("entah di mana")
    shown.locator("#text").fill("Posyandu baru di ujung gang")
    shown.get_by_role("button", name="Kirim laporan").click()
    shown.wait_for_selector(".error")
    assert focus_of(shown) == "place"
    assert shown.locator("#text").input_value() == "Posyandu baru di ujung gang"
    check_axe(shown)
    photograph(shown, "lapor-salah")


def test_the_photo_stays_chosen_when_the_text_is_refused(page: OpenPage, portal: Portal) -> None:
    shown = page("phone")
    shown.goto(f"/lapor?titik={portal.points[0]}")
    shown.get_by_label("Ada yang salah").check()
    shown.locator("#text").fill(f"{TEXT} Hubungi 0812-3456-7890")
    shown.locator("#photo").set_input_files({"name": "papan.jpg", "mimeType": "image/jpeg", "buffer": a_photo()})
    send = shown.get_by_role("button", name="Kirim laporan")
    send.click()
    shown.wait_for_selector("#text-wrong")
    assert focus_of(shown) == "text"
    assert "papan.jpg" in shown.locator("#photo").input_value()
    assert "Pilih lagi" not in shown.locator("main").inner_text()
    check_axe(shown)
    photograph(shown, "lapor-foto-tetap")

    shown.locator("#text").fill(TEXT)
    shown.context.set_offline(True)
    send.click()
    shown.wait_for_selector("text=periksa jaringan")
    assert (shown.locator("#text").input_value(), "papan.jpg" in shown.locator("#photo").input_value()) == (TEXT, True)
    shown.context.set_offline(False)
    send.click()
    number = shown.locator(".report-number").inner_text()
    officer = {"Authorization": f"Bearer {portal.tokens['pic']}"}
    assert httpx.get(f"{portal.url}/reports/{number}/photo", headers=officer, trust_env=False).headers["content-type"] == "image/jpeg"


def test_an_officer_answers_by_keyboard(page: OpenPage, portal: Portal) -> None:
    number = reported(portal)
    shown = page("desk")
    sign_in(shown, "pic")
    shown.goto("/portal/laporan")
    check_axe(shown)
    photograph(shown, "laporan-daftar")
    shown.locator(f'a[href$="{number}"]').press("Enter")
    shown.wait_for_selector("#outcome")
    check_axe(shown)
    photograph(shown, "laporan-jawab")
    shown.locator("#outcome").press("ArrowDown")
    shown.keyboard.press("Tab")
    shown.keyboard.type("Sudah kami datangi dan betulkan.")
    shown.keyboard.press("Tab")
    shown.keyboard.press("Enter")
    shown.wait_for_selector("text=Buka lagi")
    assert httpx.get(f"{portal.url}/reports/{number}", trust_env=False).json()["outcome"] == "fixed"


@pytest.mark.usefixtures("only_whole")
def test_axe_finds_nothing_and_nothing_is_lost_on_a_small_screen(page: OpenPage, portal: Portal, view: View) -> None:
    language, profile = view
    number = reported(portal)
    addresses = {
        "lapor-titik": f"/lapor?titik={portal.points[0]}",
        "lapor": "/lapor",
        "lapor-nomor": f"/lapor/{number}?baru=ya",
        "lapor-lost": "/lapor/apa",
    }
    shown = page(profile, language=language)
    for name, address in addresses.items():
        shown.goto(address)
        check_axe(shown)
        if view == ("id", "desk"):
            photograph(shown, name)
    small = page("desk", language=language, viewport={"width": 320, "height": 256})
    for address in addresses.values():
        small.goto(address)
        check_width(small, 320)
