"""Panduan pengelola, walked through as far as it is on pages: accounts, links, handing over, the record and its chain."""

import time

from playwright.sync_api import Page

from tests.api.test_sessions import age
from tests.e2e.guide_office import Reader
from tests.e2e.serving import ACCOUNTS, PASSWORD, apart
from tests.factories import BUJEL

SEALED_WITHIN_S = 6
OTHERS = {
    "kategori": ("/portal/kelola/kategori", "/portal/kelola/kategori/kategori-baru", "/portal/kelola/kategori/posyandu"),
    "batas": ("/portal/kelola/batas",),
    "webhook": ("/portal/kelola/webhook", "/portal/kelola/webhook/baru"),
    "setiap-hari": ("/portal/kelola/keadaan",),
}
ACCOUNTS_PAGE = "/portal/kelola/akun"


def walk_through(reader: Reader) -> None:
    walk = reader.walk
    reader.office.add_account("pic-lama", kelurahan=(BUJEL,))
    walk.at("https")
    reader.elsewhere.goto("/portal/")
    walk.wait_for(reader.elsewhere, "Sambungan ini tidak aman.")
    walk.at("masuk")
    phone = reader.phone(ACCOUNTS["admin"][0])
    phone.goto("/portal/akun")
    walk.look(phone)
    _add_an_account(reader, phone)
    _hand_over(reader, phone)
    _shut_out(reader, phone)
    _give_the_password_again(reader, phone)
    _look_into_the_record(reader)
    _look_at_what_else_is_managed(reader)


def _add_an_account(reader: Reader, phone: Page) -> None:
    walk = reader.walk
    walk.at("akun", "setiap-hari", "catatan")
    phone.goto("/portal/kelola")
    walk.picture("pengelola-home", phone, "main h1")
    walk.press(phone, "Akun")
    walk.press(phone, "Akun baru")
    phone.get_by_label("Nama akun").fill("pic-bujel")
    phone.get_by_label("Kelurahan yang diisi PIC ini").fill("Bujel")
    walk.picture("pengelola-new", phone, "main h1")
    walk.press(phone, "Tambah akun")
    walk.at("tautan", "sandi")
    walk.press(phone, "Buat tautan sandi")
    phone.wait_for_selector("#link-title")
    walk.picture("pengelola-link", phone, "#link-title")


def _hand_over(reader: Reader, phone: Page) -> None:
    walk = reader.walk
    walk.at("serah-terima")
    phone.goto(f"{ACCOUNTS_PAGE}/pic-lama")
    phone.get_by_label("Nama akun PIC yang mengambil alih").fill("pic-bujel")
    walk.picture("pengelola-hand-over", phone, "h2:has-text('Serah terima')")
    walk.press(phone, "Serahkan dan akhiri akun ini")
    phone.wait_for_load_state()
    assert not reader.office.is_active("pic-lama")


def _shut_out(reader: Reader, phone: Page) -> None:
    walk = reader.walk
    walk.at("hilang", "keluar")
    phone.goto(f"{ACCOUNTS_PAGE}/pic-bujel")
    walk.press(phone, "Akhiri semua sesi dan token")
    phone.wait_for_load_state()
    phone.get_by_label("Aktif: boleh masuk").uncheck()
    walk.press(phone, "Simpan perubahan")
    phone.wait_for_load_state()
    assert not reader.office.is_active("pic-bujel")


def _give_the_password_again(reader: Reader, phone: Page) -> None:
    walk = reader.walk
    walk.at("sandi-lagi")
    apart(age(reader.portal.settings, authenticated_at="20 minutes"))
    phone.goto(f"{ACCOUNTS_PAGE}/pic-mojoroto")
    walk.press(phone, "Simpan perubahan")
    phone.get_by_label("Sandi").fill(PASSWORD)
    walk.press(phone, "Lanjut")


def _look_into_the_record(reader: Reader) -> None:
    walk = reader.walk
    walk.at("catatan", "periksa")
    desk = reader.desk(ACCOUNTS["admin"][0])
    desk.goto("/portal/kelola")
    walk.press(desk, "Catatan perbuatan")
    desk.locator("#account").fill("pic-bujel")
    walk.press(desk, "Cari")
    time.sleep(SEALED_WITHIN_S)
    walk.press(desk, "Periksa apakah catatan ini utuh")
    walk.wait_for(desk, "Bagian ini utuh")
    walk.picture("pengelola-chain", desk, "main h1")


def _look_at_what_else_is_managed(reader: Reader) -> None:
    desk = reader.desk(ACCOUNTS["admin"][0])
    for section, paths in OTHERS.items():
        reader.walk.at(section)
        for path in paths:
            desk.goto(path)
            reader.walk.look(desk)
