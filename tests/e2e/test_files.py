"""Files by hand: sent, their columns changed, their repairs accepted, saved, and their workbook opened."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.e2e import files_written as written
from tests.e2e.conftest import OpenPage, check_axe, check_width, photograph, sign_in

pytestmark = pytest.mark.disruptive(60)

HOME = "/portal/impor"


def send(page: Page, path: Path, category: str = "posyandu") -> None:
    """By hand: the file is chosen, its kind is pressed; then one waits until it has been checked."""
    page.goto(HOME)
    page.set_input_files("#berkas", path)
    page.locator(f"button[data-category][value={category}]").click()
    page.wait_for_url("**/portal/impor/*-*")
    wait(page)


def wait(page: Page) -> None:
    expect(page.locator("#impor:not([data-busy])")).to_be_visible(timeout=60_000)


def save(page: Page) -> None:
    page.locator("button.large").click()
    wait(page)


def check_plan(page: Page, *numbers: int) -> None:
    """New, changed, the same, left out because they ask, left out because they are wrong."""
    expect(page.locator("section .plan strong")).to_have_text([str(number) for number in numbers])


def test_a_csv_of_an_office_is_imported_by_hand(page: OpenPage, tmp_path: Path) -> None:
    own = page()
    sign_in(own, "pic")
    own.goto(HOME)
    check_axe(own)
    photograph(own, "files-list")
    send(own, written.semicolons(tmp_path))
    check_plan(own, 0, 0, 0, 0, 3)
    expect(own.get_by_text("Kolom yang tidak dibaca: Sebutan").first).to_be_visible()
    own.get_by_role("combobox", name="Sebutan").select_option("name")
    own.get_by_role("button", name="Periksa lagi dengan kolom ini").click()
    wait(own)
    # A script in a name is a text, and nothing has run.
    expect(own.get_by_text(f"Posyandu {written.SCRIPT}").first).to_be_visible()
    assert "kena" not in own.title()
    check_axe(own)
    photograph(own, "files-judged")
    own.get_by_role("button", name="Terima semua").click()
    check_plan(own, 3, 0, 0, 0, 0)
    save(own)
    expect(own.get_by_text("3 titik disimpan")).to_be_visible()
    photograph(own, "files-saved")
    check_axe(own)


def test_exchanged_columns_are_repaired_row_by_row_with_the_keyboard(page: OpenPage, tmp_path: Path) -> None:
    own = page(language="en")
    sign_in(own, "pic")
    send(own, written.swapped(tmp_path))
    check_plan(own, 1, 0, 0, 3, 1)
    check_axe(own)
    photograph(own, "files-questions")
    row = own.locator("#baris-2")
    row.focus()
    row.press("t")
    expect(own.locator("#baris-2").get_by_text("Accepted")).to_be_visible()
    check_plan(own, 2, 0, 0, 2, 1)
    expect(own.locator("#baris-2")).to_be_focused()
    own.keyboard.press("ArrowDown")
    expect(own.locator("#baris-3")).to_be_focused()
    own.get_by_role("button", name="Accept all").click()
    check_plan(own, 4, 0, 0, 0, 1)
    own.locator("#baris-4").get_by_role("button", name="Do not accept").click()
    expect(own.locator("#baris-4").get_by_text("Accepted")).to_have_count(0)
    check_plan(own, 3, 0, 0, 1, 1)
    with own.expect_download() as loading:
        own.get_by_role("link", name="Download as Excel").click()
    target = tmp_path / "report.xlsx"
    loading.value.save_as(target)
    sheet = openpyxl.load_workbook(target).active
    assert [cell.value for cell in sheet[1]][:2] == ["titik_status", "titik_catatan"]
    assert "whole number" in str([[cell.value for cell in line] for line in sheet.iter_rows()])
    own.get_by_role("link", name=re.compile("^Wrong")).click()
    expect(own.locator("[data-row]")).to_have_count(1)
    save(own)
    expect(own.get_by_text("3 points were saved")).to_be_visible()


@pytest.mark.parametrize("make", [written.geojson, written.geopackage, written.kml])
def test_layers_go_in_as_they_are(page: OpenPage, tmp_path: Path, make: Callable[[Path], Path]) -> None:
    own = page("phone")
    sign_in(own, "pic")
    send(own, make(tmp_path))
    check_plan(own, 2, 0, 0, 0, 0)
    save(own)
    expect(own.get_by_text("2 titik disimpan")).to_be_visible()


def test_what_other_programs_export_is_taken_asked_or_refused_in_words(page: OpenPage, tmp_path: Path) -> None:
    own = page()
    sign_in(own, "pic")
    for name, (_, numbers) in written.OF_PROGRAMS.items():
        send(own, written.of_program(tmp_path, name))
        check_plan(own, *numbers)
        if sum(numbers[3:]):
            expect(own.locator("[data-row] td:last-child p").first).not_to_be_empty()


def test_what_failed_is_mended_on_the_page(page: OpenPage, tmp_path: Path) -> None:
    own = page("phone")
    sign_in(own, "pic")
    send(own, written.nameless(tmp_path))
    expect(own.get_by_text("Pilih di bawah apa isi setiap kolom")).to_be_visible()
    photograph(own, "files-failed")
    check_axe(own)
    for heading, field in (("a", "name"), ("b", "lat"), ("c", "lon")):
        own.get_by_role("combobox", name=heading, exact=True).select_option(field)
    own.get_by_role("button", name="Periksa lagi").click()
    wait(own)
    check_plan(own, 1, 0, 0, 0, 0)


def test_without_scripts_and_on_320_pixels_nothing_is_lost(page: OpenPage, tmp_path: Path) -> None:
    own = page("phone", java_script_enabled=False)
    sign_in(own, "pic")
    own.set_viewport_size({"width": 320, "height": 640})
    own.goto(HOME)
    own.set_input_files("#berkas", written.swapped(tmp_path, 40))
    with own.expect_navigation():
        own.get_by_role("button", name="Posyandu", exact=True).click()
    until = time.monotonic() + 120
    while own.locator("[data-busy]").count():
        assert time.monotonic() < until
        own.wait_for_timeout(500)
        # A click alone does not wait for the page that it leads to: one would look at the page before, and take its silence for an end.
        with own.expect_navigation():
            own.get_by_role("link", name="Lihat keadaan terbaru").click()
    expect(own.locator("#keadaan")).to_have_text("Sudah diperiksa")
    expect(own.locator("#baris-2 .level")).to_have_text("Perlu dijawab")
    own.locator("#baris-2").get_by_role("button", name="Terima baris 2").click()
    assert own.url.endswith("#baris-2")
    expect(own.locator("#baris-2").get_by_text("Diterima")).to_be_visible()
    scripted = page("phone")
    sign_in(scripted, "pic")
    scripted.set_viewport_size({"width": 320, "height": 640})
    for address in (HOME, own.url):
        scripted.goto(address)
        check_width(scripted, 320)


def test_a_file_is_dropped_and_what_is_wrong_stands_at_the_field(page: OpenPage, tmp_path: Path) -> None:
    own = page()
    sign_in(own, "pic")
    own.goto(HOME)
    own.get_by_role("button", name="Posyandu", exact=True).click()
    assert own.url.endswith(HOME)
    path = written.semicolons(tmp_path)
    transfer = own.evaluate_handle(
        "text => { const data = new DataTransfer(); data.items.add(new File([text], 'kosong.csv')); return data }", ""
    )
    own.dispatch_event("[data-drop]", "drop", {"dataTransfer": transfer})
    own.get_by_role("button", name="Posyandu", exact=True).click()
    expect(own.locator("#berkas-salah")).to_contain_text("kosong")
    expect(own.locator("#berkas")).to_be_focused()
    expect(own.locator("#berkas")).to_have_attribute("aria-invalid", "true")
    check_axe(own)
    own.set_input_files("#berkas", path)
    expect(own.locator("#berkas-salah")).to_have_count(0)
