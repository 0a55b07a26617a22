"""Every form that takes something typed, with what is wrong to type into it: `FORMS`. A form of a new page gets a line here, or in `TAKES_ANYTHING`."""

from typing import NamedTuple

EMPTY_FILE = "an empty file"


class BadInput(NamedTuple):
    """On the page `name` of `every_page.PAGES` the form `selector` is filled with `typed` (field to text; `EMPTY_FILE`, or a mark: a tick, a choice) and sent.
    `at`: the field at which the sentence stands and that gets the focus; `lost`: what need not stay, as passwords. `press`: the button that sends it, where it is not the first.
    """

    name: str
    selector: str
    typed: dict[str, str]
    at: str
    lost: tuple[str, ...] = ()
    press: str = "button"


# By method and route.
FORMS: dict[str, list[BadInput]] = {
    "GET /collections/{collection}/items": [BadInput("butir", "main form.filter", {"q": "melati", "bbox": "112,x"}, "bbox")],
    "GET /lapor": [BadInput("lapor", "form:has(#number)", {"number": "K7QX"}, "number")],
    "POST /lapor": [
        BadInput("lapor", "form[enctype]", {"category": "posyandu", "place": "entah di mana", "text": "Di ujung gang"}, "place"),
        BadInput("lapor-titik", "form[enctype]", {"text": "Papan tertukar"}, "kind"),
        BadInput("lapor-titik", "form[enctype]", {"kind": "error", "text": "Hubungi 0812-3456-7890"}, "text"),
    ],
    "POST /portal/masuk": [BadInput("masuk", "main form", {"akun": "tidak-ada", "sandi": "salah sekali"}, "sandi", ("sandi",))],
    "POST /portal/kode": [
        BadInput("kode", "main form", {"kode": "12"}, "kode", ("kode",)), BadInput("kode-siapkan", "main form", {"kode": "12"}, "kode", ("kode",)),
    ],
    "POST /portal/sandi": [BadInput("sandi-lagi", "main form", {"sandi": "salah sekali"}, "sandi", ("sandi",))],
    "POST /portal/akun/sandi": [
        BadInput("akun", "form[action$=sandi]", {"current": "salah sekali", "new": "pendek"}, "new", ("current", "new")),
        BadInput("akun", "form[action$=sandi]", {"current": "salah sekali", "new": "sungai brantas pagi"}, "current", ("current", "new")),
    ],
    "POST /portal/akun/kode": [BadInput("akun-kode", "main form", {"kode": "12"}, "kode", ("kode",))],
    "POST /me/reset/{code}": [BadInput("sandi-baru", "main form", {"password": "pendek"}, "password", ("password",))],
    "POST /portal/laporan/{number}": [BadInput("laporan-jawab", "form:has(#answer)", {"outcome": "", "answer": "Sudah didatangi"}, "outcome")],
    "GET /portal/kemajuan": [BadInput("kemajuan", "form.filter", {"periode": "tahun ini"}, "periode")],
    "GET /portal/profil": [BadInput("profil", "#profil", {"periode": "tahun ini"}, "periode")],
    "POST /portal/profil/{kelurahan}/{period}": [
        BadInput("profil-isian", "#angka", {"angka:jumlah_rw": "1.234", "angka:luas_wilayah": "2,49"}, "angka:jumlah_rw"),
    ],
    "POST /portal/profil/{kelurahan}/{period}/buku": [BadInput("profil-isian", "#buku", {"file": EMPTY_FILE}, "file", ("file",))],
    "POST /portal/impor": [BadInput("impor", "form[data-upload]", {"file": EMPTY_FILE}, "file", ("file",))],
    "POST /portal/impor/penyelamat": [BadInput("impor", "form[action$=penyelamat]", {"file": EMPTY_FILE}, "file", ("file",))],
    "POST /portal/impor/{import_id}/kolom": [BadInput("impor-tanya", "form.columns", {"lembar": "x" * 300}, "lembar")],
    "POST /portal/impor/{import_id}/simpan": [
        BadInput("impor-orang", "form[action$=simpan]", {"kontak": "ya", "dasar": "SK 1", "akhir": ""}, "akhir"),
    ],
    "POST /portal/tinjau/{revision}": [
        BadInput("tinjau-mirip", "#mengembalikan", {}, "reason"), BadInput("tinjau-tutup", "#menerbitkan", {}, "closing"),
    ],
    "GET /portal/kelola/akun": [BadInput("kelola-akun", "main form", {"kelurahan": "entah"}, "kelurahan")],
    "POST /portal/kelola/akun/baru": [
        BadInput("kelola-akun-baru", "main form", {"name": "a b", "kelurahan": "Bujel", "email": "x"}, "name"),
        BadInput("kelola-akun-baru", "main form", {"name": "pic-dua", "kelurahan": "entah", "email": "a@kota.example"}, "kelurahan"),
        BadInput("kelola-akun-baru", "main form", {"name": "pic-mojoroto", "kelurahan": "Bujel"}, "name"),
    ],
    "POST /portal/kelola/akun/{account}": [
        BadInput("kelola-akun-pic", "main form:has(#email)", {"kelurahan": "Ngampel", "email": "x"}, "email"),
        BadInput("kelola-akun-pic", "main form:has(#email)", {"kelurahan": "entah", "email": "a@kota.example"}, "kelurahan"),
    ],
    "POST /portal/kelola/akun/{account}/serah-terima": [BadInput("kelola-akun-pic", "form:has(#to)", {"to": "tidak-ada"}, "to")],
    "POST /portal/titik/{point}": [BadInput("titik-saya-satu", "main form[enctype]", {"photo": EMPTY_FILE}, "photo", ("photo",))],
    "POST /portal/titik/{point}/tutup": [BadInput("titik-saya-satu", "form[action$=tutup]", {"note": ""}, "note", press="div + button")],
    "POST /portal/titik/{point}/turunkan": [BadInput("titik-turunkan", "form[action$=turunkan]", {"why": ""}, "why", press="div + button")],
    "POST /portal/akun/token/baru": [BadInput("kunci-baru", "main form", {"label": "", "expires_days": "30"}, "label")],
    "POST /portal/kelola/kategori/kategori-baru": [BadInput("kategori-baru", "#kategori", {"title_id": "Pasar", "title_en": "Markets", "description_id": "Pasar", "description_en": "Markets", "id": "Pasar Kota!"}, "id", press="button.large")],
    "POST /portal/kelola/kategori/{category}": [
        BadInput("kategori-taman", "#kategori", {"title_id": ""}, "title_id", press="button.large"),
        BadInput("kategori-taman", "#kategori", {"f0-kind": "choices", "f0-options": "satu", "f0-low": "dua"}, "f0-low", press="button.large"),
    ],
    "POST /portal/kelola/kategori/dari-berkas": [BadInput("kategori", "form[action$=dari-berkas]", {"file": EMPTY_FILE}, "file", ("file",))],
    "POST /portal/kelola/indikator/indikator-baru": [
        BadInput("kelola-indikator-baru", "#indikator", {"name_en": "Markets", "concept_id": "Pasar", "definition_id": "Pasar kota"}, "name_id"),
    ],
    "POST /portal/kelola/indikator/{indicator}": [BadInput("kelola-indikator-taman", "#indikator", {"minimum": "1.234"}, "minimum")],
    "GET /portal/kelola/batas/berkas": [BadInput("batas-baru", "main form", {"edition": "Uji", "source": "BIG", "accuracy_m": "banyak"}, "accuracy_m")],
    "POST /portal/kelola/batas/berkas": [BadInput("batas-berkas", "main form", {"file": EMPTY_FILE}, "file", ("file",))],
    "POST /portal/kelola/batas/edisi/{edition}/pakai": [BadInput("batas-edisi", "form[action$=pakai]", {"confirm": "bukan namanya"}, "confirm")],
    "POST /portal/kelola/webhook/baru": [BadInput("webhook-baru", "main form", {"url": "x"}, "url")],
    "POST /portal/kelola/webhook/{webhook}": [BadInput("webhook-satu", "form:has(#url)", {"url": "x"}, "url")],
    "GET /portal/kelola/catatan": [BadInput("catatan", "main form", {"account": "pic-mojoroto", "datetime": "kapan"}, "datetime")],
}  # fmt: skip

# Whatever is typed there is looked for, or only what is offered can be chosen.
TAKES_ANYTHING = {
    "GET /portal/peta",     "GET /portal/tinjau", "POST /portal/tinjau", "POST /portal/tinjau/dilihat", "GET /portal/cetak", "GET /collections/points/items", "POST /portal/impor/{import_id}/jawab",
    "POST /portal/laporan/{number}/tampil", "GET /portal/laporan", "GET /portal/kelola/batas/edisi/{edition}/dampak", "GET /portal/kelola/batas/edisi/{edition}/hasil", "GET /portal/komponen", "GET /portal/titik",
}  # fmt: skip
# Made by the script of the entry, and tested with it (test_entry.py).
BY_SCRIPT = {"/portal/catat"}
