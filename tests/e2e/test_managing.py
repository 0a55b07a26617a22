"""The administrator's pages by hand: a category by its form, an edition from its file to its use; and what an officer gets of it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from shapely.affinity import translate

from app.boundaries.checking import Boundary
from app.boundaries.queries import active_boundaries
from app.connections import open_once
from app.statement import Statement
from tests.api.test_editions import SHIFTED, a_file
from tests.e2e.conftest import OpenPage, check_axe, check_width, photograph, sign_in
from tests.e2e.phone import DRIVER
from tests.e2e.serving import Portal, apart

pytestmark = pytest.mark.disruptive(60)
HOME = "/portal/kelola"
SCRIPT = "<script>document.title = 'kena'</script>"


async def moved(portal: Portal) -> list[Boundary]:
    """The boundaries in use, 1.3 km farther east: too near for an error, far enough for points."""
    async with open_once(portal.settings.owner_dsn) as session:
        return [Boundary(one.code, translate(one.geometry, 0.012)) for one in await active_boundaries(session)]


async def old_passwords(portal: Portal) -> None:
    async with open_once(portal.settings.owner_dsn) as session:
        await session.run(Statement("UPDATE titik.session SET authenticated_at = authenticated_at - interval '1 hour'"))


def manage(page: Page, path: str) -> None:
    sign_in(page, "admin")
    page.goto(HOME + path)


def write(page: Page, field: str, text: str) -> None:
    """By the keyboard: the field is reached by its label, and written into."""
    page.locator(f"#{field}").focus()
    page.keyboard.type(text)


def press(page: Page, name: str) -> None:
    button = page.get_by_role("button", name=name).last
    button.focus()
    page.keyboard.press("Enter")


def test_a_category_is_made_by_the_keyboard_and_filled_in_by_an_officer(page: OpenPage) -> None:
    own = page()
    manage(own, "/kategori")
    photograph(own, "managing-categories")
    check_axe(own)
    own.get_by_role("link", name="Kategori baru").focus()
    own.keyboard.press("Enter")
    for field, text in (
        ("title_id", "Taman"),
        ("title_en", "Parks"),
        ("description_id", f"Taman {SCRIPT}"),
        ("description_en", "City parks"),
    ):
        write(own, field, text)
    for choice in ("Hijau", "Bunga"):
        own.get_by_role("radio", name=choice).focus()
        own.keyboard.press("Space")
    kinds = (("Zona", "choice"), ("Jumlah bangku", "whole"), ("Diperbaiki", "date"), ("Alat", "choices"), ("Buka", "time"))
    for at, (title, kind) in enumerate(kinds):
        press(own, "Tambah isian")
        # The new field has the focus.
        expect(own.locator(f"#f{at}-title_id")).to_be_focused()
        own.keyboard.type(title)
        own.locator(f"#f{at}-kind").select_option(kind)
    write(own, "f0-options", "aktif")
    own.keyboard.press("Enter")
    own.keyboard.type("pasif")
    own.locator("#f3-options").fill("ayunan\nbangku")
    # What a kind has no use for is out of the way.
    expect(own.locator("#f3-high")).to_be_visible()
    expect(own.locator("#f4-high")).to_be_hidden()
    own.locator("[name=f0-is_required]").focus()
    own.keyboard.press("Space")
    write(own, "f1-high", "lima")
    press(own, "Periksa dan lihat formulirnya")
    expect(own.locator("#f1-high-error")).to_be_visible()
    expect(own.locator("#f1-high")).to_be_focused()
    own.locator("#f1-high").fill("5")
    # Enter within a field looks at it, and stores nothing.
    own.keyboard.press("Enter")
    expect(own.get_by_role("heading", name="Yang akan terjadi")).to_be_focused()
    expect(own.locator("#contoh-jumlah_bangku")).to_be_visible()
    expect(own.locator(".checked .sign-picture text").first).to_have_text("✿")
    assert own.title().startswith("Kategori baru")
    photograph(own, "managing-category")
    check_axe(own)
    press(own, "Tambahkan kategori")
    expect(own.get_by_text("Kategori ditambahkan.")).to_be_visible()

    _record_a_park(page("phone"))


def _record_a_park(officer: Page) -> None:
    officer.add_init_script(DRIVER)
    sign_in(officer, "pic")
    officer.goto("/portal/catat")
    officer.locator("[data-category=taman]").click()
    officer.get_by_role("button", name=re.compile("GPS")).click()
    officer.locator("#entry-field-name").fill("Taman Brantas")
    assert officer.locator("#entry-field-zona option").all_inner_texts() == ["Belum diisi", "aktif", "pasif"]
    officer.locator(".entry-form button[type=submit]").click()
    # What the category requires is asked for before it is sent.
    expect(officer.locator("#entry-field-zona-fault")).to_contain_text("Pilih")
    officer.locator("#entry-field-zona").select_option("aktif")
    officer.locator("summary", has_text="Isian lain").click()
    officer.locator("#entry-field-jumlah_bangku").fill("3")
    # A time of day is sent with its zone, as the schema wants it.
    officer.locator("#entry-field-buka").fill("08:30")
    for tool in ("ayunan", "bangku"):
        officer.get_by_role("checkbox", name=tool).check()
    check_axe(officer)
    officer.locator(".entry-form button[type=submit]").click()
    expect(officer.locator(".entry-list > li", has_text="Taman Brantas")).to_have_attribute(
        "data-state", re.compile("received|in-review"), timeout=60_000
    )


def test_an_edition_from_its_file_to_its_use(page: OpenPage, portal: Portal, tmp_path: Path) -> None:
    polygons = apart(moved(portal))
    path = tmp_path / "batas.geojson"
    path.write_bytes(a_file(polygons))
    own = page()
    manage(own, "/batas")
    photograph(own, "managing-editions")
    check_axe(own)
    own.get_by_role("link", name="Muat batas baru").click()
    own.get_by_role("button", name="Lanjut ke berkas").click()
    expect(own.locator("#edition")).to_be_focused()
    check_axe(own)
    for field, text in (
        ("edition", SHIFTED),
        ("source", f"Bappeda {SCRIPT}"),
        ("legal_basis", "Perda 1/2026"),
        ("valid_from", "2026-01-01"),
    ):
        own.locator(f"#{field}").fill(text)
    own.get_by_role("button", name="Lanjut ke berkas").click()
    own.set_input_files("#file", path)
    photograph(own, "managing-edition-file")
    own.get_by_role("button", name="Kirim dan periksa").click()
    # The page follows the job by itself.
    expect(own.get_by_text("Batas sudah dimuat.")).to_be_visible(timeout=120_000)
    assert "kena" not in own.title()
    photograph(own, "managing-edition")
    check_axe(own)
    own.get_by_role("button", name="Bandingkan").click()
    expect(own.get_by_role("heading", name="Di peta")).to_be_visible(timeout=120_000)
    # The list has what the map shows: a point that moved, with a link to it, and no script that ran.
    listed = own.locator("tr[id^=titik-]")
    assert own.locator(".map svg a").count() == len(portal.points) <= listed.count()
    photograph(own, "managing-impact")
    check_axe(own)
    narrower = own.locator(".filters a").nth(1)
    narrower.focus()
    own.keyboard.press("Enter")
    own.wait_for_url("**perubahan=**")
    expect(own.locator(".filters a[aria-current]")).to_contain_text("→")
    own.get_by_role("button", name="Buka peta").click()
    expect(own.locator(".map-canvas canvas")).to_be_visible(timeout=60_000)
    expect(own.locator("#open-map")).to_have_count(0, timeout=60_000)
    own.wait_for_timeout(1_000)
    photograph(own, "managing-impact-map")
    check_axe(own)
    own.get_by_role("button", name="Pakai batas ini").click()
    expect(own.get_by_text("Edisi ini dipakai.")).to_be_visible(timeout=120_000)
    assert own.locator(".map svg path.former").count() == len(polygons)
    photograph(own, "managing-result")
    check_axe(own)


@pytest.mark.usefixtures("only_whole")
def test_nothing_is_lost_at_320_pixels_and_in_english(page: OpenPage) -> None:
    own = page("phone", language="en", viewport={"width": 320, "height": 640})
    sign_in(own, "admin")
    for path in (
        "/kategori",
        "/kategori/kategori-baru",
        "/kategori/posyandu",
        "/batas",
        "/batas/baru",
        "/batas/edisi/Bergeser",
        "/batas/edisi/Bergeser/dampak",
    ):
        own.goto(HOME + path)
        check_width(own, 320)
        check_axe(own)


def test_a_form_whose_password_is_old_keeps_what_was_written(page: OpenPage, portal: Portal) -> None:
    own = page(java_script_enabled=False)
    manage(own, "/kategori/posyandu")
    own.locator("#title_en").fill("Posyandu (health posts of the neighbourhood)")
    apart(old_passwords(portal))
    own.get_by_role("button", name="Periksa dan lihat formulirnya").click()
    expect(own.get_by_text("Berikan sandi Anda lagi.")).to_be_visible()
    expect(own.locator("#title_en")).to_have_value("Posyandu (health posts of the neighbourhood)")
    with own.context.expect_page() as opened:
        own.get_by_role("link", name="Berikan sandi di tab baru").click()
    other = opened.value
    other.locator("main input[type=password]").fill("empat kata untuk masuk")
    other.locator("main form button").first.click()
    other.wait_for_url("**/portal/kelola/kategori")
    own.get_by_role("button", name="Periksa dan lihat formulirnya").click()
    expect(own.get_by_role("heading", name="Yang akan terjadi")).to_be_visible()
    own.get_by_role("button", name="Simpan perubahan").click()
    expect(own.get_by_text("Perubahan tersimpan.")).to_be_visible()
