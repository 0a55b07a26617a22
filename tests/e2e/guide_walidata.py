"""Panduan walidata, walked through: a reviewer at a desk, with a queue in which each kind of entry waits."""

import time
from base64 import b32decode
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Page

from app.sessions import totp
from tests.e2e import files_written as written
from tests.e2e.guide_office import Reader
from tests.e2e.guide_walk import Walk
from tests.e2e.serving import ACCOUNTS, apart
from tests.e2e.sown import turned
from tests.factories import BUJEL, IN_MOJOROTO, MOJOROTO, a_feature
from tests.photographs import a_photo

ACCOUNT = "walidata-dua"
QUEUE = "/portal/tinjau"


class Waiting(NamedTuple):
    """Revisions that want a closer look."""

    twin: str
    changed: str
    closing: str


def walk_through(reader: Reader, folder: Path) -> None:
    walk = reader.walk
    reader.office.add_account(ACCOUNT, "walidata")
    walk.at("masuk")
    desk = reader.desk(ACCOUNT)
    _set_up_codes(walk, desk)
    waiting = _fill_the_queue(reader)
    _read_the_queue(walk, desk)
    _decide(walk, desk, waiting)
    _meet_trouble(reader, desk)
    _publish_many(walk, desk)
    _see_what_boundaries_moved(reader, desk)
    first = reader.desk(ACCOUNTS["walidata"][0])
    _look_at_an_own_entry(reader, first)
    _work_beside_the_queue(reader, first, folder)


def _set_up_codes(walk: Walk, desk: Page) -> None:
    desk.goto("/portal/akun")
    walk.press(desk, "Siapkan kode dari ponsel")
    key = b32decode(desk.locator("code.copied").inner_text().replace(" ", ""))
    desk.get_by_label("Kode enam angka").fill(totp.code_at(key, int(time.time()) // totp.STEP_S))
    walk.press(desk, "Aktifkan")
    walk.press(desk, "Sudah saya simpan, lanjut")
    stranger = desk.context.browser
    assert stranger is not None
    door = stranger.new_context(base_url=desk.url.partition("/portal")[0], locale="id-ID").new_page()
    door.goto("/portal/masuk")
    walk.look(door)
    door.context.close()


def _fill_the_queue(reader: Reader) -> Waiting:
    office = reader.office
    for number, name in enumerate(("Cendana", "Damar", "Gaharu", "Jati", "Kenari", "Mahoni")):
        office.add(f"Posyandu {name}", number)
    twin = office.add("Posyandu Cendana", 0, kader_aktif=4)
    photo = f"/points/{twin['id']}/photos/0199e3c4-5a10-7000-8000-0000000000c1"
    office.pic.put(photo, content=a_photo(), headers={"Content-Type": "image/jpeg"}).raise_for_status()
    melati, mawar, *_ = reader.portal.points
    patch, any_version = {"properties": {"address": "Jalan Melati 1B", "rw": "04", "confirm_not_duplicate": True}}, {"If-Match": "*"}
    changed = office.pic.patch(f"/collections/posyandu/items/{melati}", json=patch, headers=any_version).raise_for_status().json()
    closing = office.pic.delete(f"/collections/posyandu/items/{mawar}", headers=any_version).raise_for_status().json()
    twin_revision, changed_revision, closing_revision = (str(one["properties"]["revision"]) for one in (twin, changed, closing))
    return Waiting(twin_revision, changed_revision, closing_revision)


def _read_the_queue(walk: Walk, desk: Page) -> None:
    walk.at("antrean", "sekaligus", "kembalikan", "batas", "penutupan")
    desk.goto(QUEUE)
    walk.picture("walidata-queue", desk, "h1")
    walk.press(desk, "Saring dan urutkan")
    walk.look(desk)
    walk.press(desk, "Mulai meninjau")
    desk.wait_for_selector("[data-review=entry]")


def _decide(walk: Walk, desk: Page, waiting: Waiting) -> None:
    walk.at("satu", "mirip", "kembalikan", "papan-tik")
    desk.goto(f"{QUEUE}/{waiting.twin}")
    walk.picture("walidata-entry", desk, "h1")
    walk.press(desk, "Pintasan papan ketik")
    walk.look(desk)
    desk.get_by_label("Ikut terbitkan").check()
    desk.get_by_text("Titik ini sudah ada; lengkapi yang sudah ada.").click()
    desk.get_by_label("Tambahan atau alasan lain, untuk pengisi").fill("Tambahkan kadernya di sana.")
    walk.press(desk, "Kembalikan")
    desk.get_by_text("Dikembalikan: Posyandu Cendana").wait_for()
    desk.goto(f"{QUEUE}/{waiting.changed}")
    walk.press(desk, "Terbitkan")
    desk.get_by_text("Terbit: Posyandu Melati").wait_for()
    walk.at("penutupan")
    desk.goto(f"{QUEUE}/{waiting.closing}")
    desk.get_by_label("Ya, titik ini boleh hilang dari peta").check()
    walk.press(desk, "Terbitkan")
    desk.get_by_text("Terbit: Posyandu Mawar").wait_for()


def _meet_trouble(reader: Reader, desk: Page) -> None:
    """Another who was first, and a network that goes away."""
    walk, office = reader.walk, reader.office
    walk.at("bentrok")
    desk.goto(f"{QUEUE}/{office.revision('Posyandu Mahoni')}")
    office.decide("Posyandu Mahoni", {"decision": "return", "reason": "Alamat belum lengkap."})
    walk.press(desk, "Terbitkan")
    walk.wait_for(desk, "Keputusan Anda belum tersimpan")
    walk.picture("walidata-conflict", desk, "#bentrok")
    walk.at("berakhir")
    desk.goto(f"{QUEUE}/{office.revision('Posyandu Kenari')}")
    desk.context.set_offline(True)
    walk.press(desk, "Terbitkan")
    walk.wait_for(desk, "Keputusan belum tersimpan; coba lagi.")
    desk.context.set_offline(False)


def _publish_many(walk: Walk, desk: Page) -> None:
    walk.at("sekaligus")
    desk.goto(f"{QUEUE}?clean=true")
    walk.picture("walidata-bulk", desk, ".review-tabs")
    walk.press(desk, "Terbitkan … isian")
    walk.wait_for(desk, "isian terbit")
    walk.press(desk, "Kembali ke antrean")


def _see_what_boundaries_moved(reader: Reader, desk: Page) -> None:
    """One point; it stays public, and where it could be taken off the map is looked at."""
    walk, point = reader.walk, reader.portal.points[2]
    revision = apart(turned(reader.portal.settings, point, BUJEL))
    walk.at("batas")
    desk.goto(f"{QUEUE}?flag=rejudged")
    walk.wait_for(desk, "Sudah saya lihat: 1 titik")
    desk.goto(f"{QUEUE}/{revision}?flag=rejudged")
    walk.press(desk, "Sudah saya lihat")
    walk.wait_for(desk, "Sudah dilihat:")
    walk.at("sudah-terbit")
    desk.goto(f"/p/{point}")
    walk.press(desk, "Walidata: turunkan dari peta")
    walk.wait_for(desk, "Memuat data pribadi.")


def _look_at_an_own_entry(reader: Reader, first: Page) -> None:
    reader.walk.at("sendiri")
    own = a_feature(IN_MOJOROTO[0] - 0.004, IN_MOJOROTO[1] - 0.006, kelurahan=MOJOROTO, name="Posyandu Milik Sendiri")
    point = reader.office.walidata.post("/collections/posyandu/items", json=own).raise_for_status().json()
    first.goto(f"{QUEUE}/{point['properties']['revision']}")
    reader.walk.look(first)


def _work_beside_the_queue(reader: Reader, first: Page, folder: Path) -> None:
    walk = reader.walk
    walk.at("berkas")
    first.goto("/portal/impor")
    first.get_by_label("1. Pilih berkas").set_input_files(written.swapped(folder, 40))
    walk.press(first, "Posyandu")
    first.wait_for_url("**/portal/impor/*-*")
    first.locator("#impor:not([data-busy])").wait_for(timeout=60_000)
    walk.look(first)
    walk.at("laporan")
    number = reader.office.report("Posyandu pindah ke balai RW.")
    first.goto(f"/portal/laporan/{number}")
    first.get_by_label("Isi tampak bagi siapa pun yang punya nomornya").check()
    walk.press(first, "Simpan")
    walk.at("rapat")
    first.goto("/portal/peta?kelurahan=Mojoroto")
    walk.press(first, "Cetak peta dan daftar")
    first.wait_for_url("**/portal/cetak*")
    walk.press(first, "Tampilkan")
    walk.wait_for(first, "Cetak sekarang")
