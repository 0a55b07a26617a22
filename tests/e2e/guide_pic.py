"""Panduan PIC, walked through: an officer with a phone, from the link for the password to a report that is answered."""

from pathlib import Path

from playwright.sync_api import Page

from tests.e2e import files_written as written
from tests.e2e.guide_office import PHONE, Reader, wait_for_state
from tests.e2e.guide_walk import Walk
from tests.e2e.serving import ACCOUNTS, PASSWORD
from tests.factories import IN_MOJOROTO
from tests.photographs import a_photo

ACCOUNT = "pic-contoh"
NEW_PASSWORD = "kata baru yang mudah"
FAR = (112.0420, -7.8200)
"""In another kelurahan than Mojoroto."""
POINTS = "/portal/titik"
RECORDS = "#entry h2:has-text('Catatan di ponsel ini')"


def walk_through(reader: Reader, folder: Path) -> None:
    walk = reader.walk
    phone = reader.open_page("phone", permissions=["geolocation"], accept_downloads=True, **PHONE)
    _sign_in(reader, phone)
    _record(walk, phone)
    _place_without_gps(walk, phone)
    _record_without_a_network(reader, phone, folder)
    _correct(reader, phone)
    _meet_a_red_verdict(walk, phone)
    _meet_a_duplicate(walk, phone)
    other = _be_refused_a_place(reader, phone)
    _run_out_of_room(reader, other)
    _change_the_password(reader, other)
    _be_signed_out(walk, phone)
    _import(reader, folder)
    _answer_a_report(reader)
    _confirm(reader)
    walk.at("https")
    reader.elsewhere.goto("/portal/catat")
    walk.wait_for(reader.elsewhere, "perlu alamat https")


def _sign_in(reader: Reader, phone: Page) -> None:
    walk = reader.walk
    walk.at("masuk", "sandi")
    phone.goto(reader.office.link(ACCOUNT))
    walk.picture("pic-password", phone)
    phone.locator("#password").fill(PASSWORD)
    walk.press(phone, "Simpan")
    walk.press(phone, "Masuk dengan sandi baru")
    phone.get_by_label("Nama akun").fill(ACCOUNT)
    phone.get_by_label("Sandi").fill(PASSWORD)
    walk.press(phone, "Masuk")
    phone.wait_for_url(lambda url: "masuk" not in url)


def _record(walk: Walk, phone: Page) -> None:
    walk.at("pasang", "catat", "keadaan")
    phone.goto("/portal/catat")
    walk.wait_for(phone, "Batas kelurahan di ponsel ini")
    _begin(walk, phone, "Posyandu Sekar Arum", (111.9980, -7.8070))
    walk.picture("pic-place", phone, "#entry-place")
    phone.locator("#entry-photo").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": a_photo()})
    phone.locator(".entry-photos img").wait_for()
    walk.press(phone, "4. Penanggung jawab (bila perlu)")
    walk.look(phone)
    walk.press(phone, "4. Penanggung jawab (bila perlu)")
    walk.press(phone, "Simpan dahulu, selesaikan nanti")
    walk.wait_for(phone, "Di ponsel ini, belum selesai")
    walk.press(phone, "Lanjutkan")
    walk.press(phone, "Simpan dan kirim")
    wait_for_state(phone, "Sekar Arum", "in-review")
    phone.locator("text=foto terkirim 1 dari 1").wait_for(timeout=60_000)
    walk.picture("pic-list", phone, RECORDS)


def _begin(walk: Walk, phone: Page, name: str, place: tuple[float, float]) -> None:
    """Up to what is to be sent: kind, place, name."""
    phone.context.set_geolocation({"longitude": place[0], "latitude": place[1], "accuracy": 8})
    walk.press(phone, "Posyandu")
    walk.press(phone, "Ambil letak di sini (GPS)")
    phone.wait_for_selector("[data-verdict]")
    phone.get_by_label("Nama (wajib)").fill(name)
    walk.look(phone)


def _discard(phone: Page) -> None:
    phone.once("dialog", lambda dialog: dialog.accept())
    phone.locator("text=Hapus catatan ini").click()
    phone.wait_for_selector("[data-category=posyandu]")


def _place_without_gps(walk: Walk, phone: Page) -> None:
    walk.at("tanpa-gps")
    phone.locator("[data-category=posyandu]").click()
    phone.get_by_label("Atau tempel koordinat atau tautan peta").fill("-7,8035 112,0005")
    walk.press(phone, "Baca")
    walk.wait_for(phone, "perlu dibetulkan")
    walk.press(phone, "Pakai hasil ini")
    phone.wait_for_selector("[data-verdict=inside]")
    walk.picture("pic-text", phone, "label[for=entry-text]")
    walk.press(phone, "Tunjuk di peta")
    phone.wait_for_selector(".entry-map")
    _discard(phone)


def _record_without_a_network(reader: Reader, phone: Page, folder: Path) -> None:
    walk = reader.walk
    walk.at("tanpa-sinyal", "keadaan", "penyelamat")
    phone.context.set_offline(True)
    _begin(walk, phone, "Posyandu Sekar Jingga", (111.9990, -7.8060))
    walk.press(phone, "Simpan dan kirim")
    walk.wait_for(phone, "Di ponsel ini, menunggu jaringan")
    walk.wait_for(phone, "Tidak ada jaringan; dikirim sendiri begitu ada.")
    walk.picture("pic-offline", phone, RECORDS)
    with phone.expect_download() as download:
        walk.press(phone, "Simpan berkas penyelamat")
    rescue = folder / "titik-penyelamat.json"
    download.value.save_as(rescue)
    colleague = reader.desk(ACCOUNTS["pic"][0])
    colleague.goto("/portal/impor")
    colleague.get_by_label("Berkas penyelamat (.json)").set_input_files(rescue)
    walk.press(colleague, "Kirim berkas penyelamat")
    colleague.get_by_text("catatan sudah masuk").wait_for()
    phone.context.set_offline(False)
    wait_for_state(phone, "Sekar Jingga", "in-review")
    walk.wait_for(phone, "Semua catatan sudah terkirim.")


def _correct(reader: Reader, phone: Page) -> None:
    walk = reader.walk
    walk.at("perbaiki", "keadaan")
    reader.office.decide("Posyandu Sekar Arum", {"decision": "return", "reason": "Alamat belum ada. Tulis nama jalannya."})
    reader.office.decide("Posyandu Sekar Jingga", {"decision": "publish"})
    phone.reload()
    walk.wait_for(phone, "Dikembalikan, karena: Alamat belum ada")
    walk.wait_for(phone, "Sudah terbit")
    walk.picture("pic-returned", phone, RECORDS)
    walk.press(phone, "Perbaiki", "[data-state=returned]")
    phone.locator("summary:has-text('Isian lain')").click()
    phone.locator("#entry-field-address").fill("Jalan Sekar 5")
    walk.press(phone, "Simpan dan kirim")
    wait_for_state(phone, "Sekar Arum", "in-review")


def _meet_a_red_verdict(walk: Walk, phone: Page) -> None:
    walk.at("merah")
    _begin(walk, phone, "Posyandu Seberang", FAR)
    walk.picture("pic-elsewhere", phone, "label[for=entry-text]")
    phone.get_by_label("Alasan letak ini tetap benar (untuk pemeriksa)").fill("Gedungnya memang di sana")
    walk.look(phone)
    _discard(phone)


def _meet_a_duplicate(walk: Walk, phone: Page) -> None:
    walk.at("mirip", "keadaan")
    _begin(walk, phone, "Posyandu Melati", IN_MOJOROTO)
    walk.press(phone, "Simpan dan kirim")
    wait_for_state(phone, "Melati", "refused")
    walk.wait_for(phone, "Mungkin sudah ada")
    walk.press(phone, "Ubah", "[data-state=refused]")
    walk.press(phone, "Simpan dan kirim")
    wait_for_state(phone, "Melati", "refused")
    walk.press(phone, "Memang titik lain, kirim")
    wait_for_state(phone, "Melati", "in-review")


def _be_refused_a_place(reader: Reader, phone: Page) -> Page:
    """First by a poor fix, then, on another phone, by the browser."""
    walk = reader.walk
    walk.at("lokasi")
    phone.context.set_geolocation({"longitude": IN_MOJOROTO[0], "latitude": IN_MOJOROTO[1], "accuracy": 60})
    phone.locator("[data-category=posyandu]").click()
    walk.press(phone, "Ambil letak di sini (GPS)")
    walk.press(phone, "Pakai yang sekarang")
    phone.wait_for_selector("[data-verdict]")
    other = reader.phone(ACCOUNT)
    other.goto("/portal/catat")
    walk.press(other, "Posyandu")
    walk.press(other, "Ambil letak di sini (GPS)")
    walk.wait_for(other, "Browser tidak mengizinkan halaman ini membaca letak.")
    return other


def _run_out_of_room(reader: Reader, other: Page) -> None:
    reader.walk.at("ruang")
    other.add_init_script("navigator.storage.estimate = async () => ({quota: 90e6, usage: 10e6})")
    other.reload()
    reader.walk.wait_for(other, "Ruang untuk halaman ini tinggal")


def _change_the_password(reader: Reader, other: Page) -> None:
    walk = reader.walk
    walk.at("akun")
    other.goto("/portal/akun")
    other.get_by_label("Sandi sekarang").fill(PASSWORD)
    other.get_by_label("Sandi baru").fill(NEW_PASSWORD)
    walk.press(other, "Ganti sandi")
    other.wait_for_load_state()
    reader.phone(ACCOUNT, NEW_PASSWORD)
    other.goto("/portal/akun")
    walk.press(other, "Akhiri")
    walk.press(other, "Keluar")


def _be_signed_out(walk: Walk, phone: Page) -> None:
    """The new password has ended the session of this phone."""
    walk.at("berakhir")
    phone.reload()
    walk.wait_for(phone, "Masa masuk Anda sudah habis.")
    walk.press(phone, "Masuk")
    phone.get_by_label("Nama akun").wait_for()


def _import(reader: Reader, folder: Path) -> None:
    walk = reader.walk
    walk.at("excel")
    desk = reader.desk(ACCOUNT, NEW_PASSWORD)
    desk.goto("/portal/impor")
    desk.get_by_label("1. Pilih berkas").set_input_files(written.swapped(folder))
    walk.press(desk, "Posyandu")
    desk.wait_for_url("**/portal/impor/*-*")
    desk.locator("#impor:not([data-busy])").wait_for(timeout=60_000)
    walk.picture("pic-import", desk, "#baris-2")
    walk.press(desk, "Terima")
    desk.locator("#baris-2").get_by_text("Diterima").wait_for()
    walk.press(desk, "Terima semua")
    desk.get_by_text("Semua diterima.").wait_for()
    walk.press(desk, "Simpan … titik")
    desk.get_by_text("titik disimpan dan menunggu pemeriksa").wait_for(timeout=60_000)


def _answer_a_report(reader: Reader) -> None:
    walk = reader.walk
    walk.at("laporan")
    reader.office.report("Ada posyandu baru di ujung gang, belum tampak di peta.")
    small = reader.phone(ACCOUNT, NEW_PASSWORD)
    small.goto("/portal/laporan")
    walk.look(small)
    small.locator("main table a").first.click()
    walk.press(small, "Sedang diperiksa")
    small.wait_for_load_state()
    walk.picture("pic-report", small, "h2:has-text('Jawab')")
    small.get_by_label("Hasil").select_option(index=1)
    small.get_by_label("Jawaban untuk pelapor").fill("Sudah kami datangi dan tambahkan.")
    walk.press(small, "Tutup dengan jawaban ini")
    small.get_by_text("Buka lagi").wait_for()


def _confirm(reader: Reader) -> None:
    walk = reader.walk
    walk.at("titik-saya")
    small = reader.phone(ACCOUNT, NEW_PASSWORD)
    for tab in ("returned", "published"):
        small.goto(f"{POINTS}?state={tab}")
        walk.look(small)
    walk.press(small, "Masih ada")
    walk.press(small, "Ya, masih ada")
    small.wait_for_load_state()
    small.goto(f"{POINTS}?state=published")
    walk.press(small, "Sudah tidak ada")
    walk.press(small, "Bangunannya sudah tidak ada, atau dipakai untuk hal lain.")
    walk.wait_for(small, "dinyatakan sudah tidak ada")
    walk.press(small, "Sedang diperiksa …")
    small.locator("li", has_text="Penutupan").locator("a.review-name").first.click()
    walk.press(small, "Tarik usulan saya")
    walk.press(small, "Ya, tarik")
    walk.wait_for(small, "Usulan sudah ditarik")
