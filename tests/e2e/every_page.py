"""Every page that there is, once: `PAGES`. A new page gets a line here; the sweep (`test_every_page.py`) then looks at it as at all others."""

import io
import json
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import quote

import openpyxl
from fastapi.routing import APIRoute
from playwright.sync_api import Page
from starlette.routing import Match

from app.routers import ROUTERS
from tests.e2e.sown import HOSTILE

# Addresses outside of `/api` that answer something else than a page.
NO_PAGES = {
    "/portal/sw.js",
    "/portal/kelola/batas/edisi/{edition}/dampak/peta",
    "/portal/kelola/batas/edisi/{edition}/hasil/peta",
    "/portal/catat.webmanifest",
    "/static/{name}",
}
# Pages that cannot be reached here: without an identity server signing in there is refused before a page is made.
ELSEWHERE = {"/tokens/oidc/callback", "/portal/masuk/kota"}


class ListedPage(NamedTuple):
    """`address` may name what was sown (`{point}`); `role` is who looks at it, None anybody; `reach` goes on from there with what is pressed, where
    the page is an answer to a form. Of the pages of one route the first is looked at in each run, the others by `--whole`.
    """

    name: str
    address: str
    role: str | None = None
    status: int = 200
    reach: Callable[[Page], None] | None = None


def pressed(selector: str) -> Callable[[Page], None]:
    """To the page that comes when this is pressed."""

    def press(page: Page) -> None:
        with page.expect_navigation():
            page.locator(selector).first.click()

    return press


def _rescued(page: Page) -> None:
    """One record that cannot come in, of a colleague."""
    number = "01a22cf6-0000-7000-8000-000000000000"
    feature = {"type": "Feature", "geometry": None, "properties": {"name": f"Pos {HOSTILE}", "category": "posyandu"}}
    change = {"client_id": number, "op": "create", "point": number, "feature": feature}
    file = {"titik_rescue": 1, "account": "pic-mojoroto", "saved_at": "2026-11-30T00:00:00Z", "changes": [change]}
    content = json.dumps(file | {"drafts": [], "photos": [], "contacts_left_out": 2}).encode()
    page.set_input_files("#penyelamat-berkas", {"name": "penyelamat.json", "mimeType": "application/json", "buffer": content})
    pressed("form[action$=penyelamat] button")(page)


def workbook(**typed: object) -> Callable[[Page], None]:
    """Sends the workbook of the profile with these figures in it."""

    def send(page: Page) -> None:
        answer = page.request.get(page.locator('a[href$="/workbook"]').evaluate("link => link.href"))
        book = openpyxl.load_workbook(io.BytesIO(answer.body()))
        sheet = book["Data"]
        columns = {cell.value: cell.column for cell in sheet[1]}
        for row in range(3, sheet.max_row + 1):
            figure = str(sheet.cell(row, columns["id"]).value).split("/", 2)[2]
            if figure in typed:
                sheet.cell(row, columns["value"]).value = typed[figure]
                sheet.cell(row, columns["note"]).value = HOSTILE
        file = io.BytesIO()
        book.save(file)
        page.set_input_files("#berkas", {"name": "profil.xlsx", "mimeType": "application/octet-stream", "buffer": file.getvalue()})
        pressed("#buku button")(page)

    return send


def _decided(page: Page) -> None:
    """A closing cannot be published together with others: what is left is told."""
    boxes = page.locator('input[name="revision"]')
    boxes.first.evaluate("(box, id) => { const other = box.cloneNode(); other.value = id; box.after(other) }", page.url.rpartition("#")[2])
    for box in boxes.all()[:-1]:
        box.uncheck()
    pressed("#bersama button")(page)


_Q = f"?q={quote(HOSTILE)}"

PAGES = (
    # What everybody sees.
    ListedPage("awal", "/"),
    ListedPage("peta", "/portal/peta"),
    ListedPage("peta-disaring", "/portal/peta?category=posyandu&kelurahan=Mojoroto"),
    ListedPage("peta-dekat", "/portal/peta?near=112.0016,-7.8041&within_m=500"),
    ListedPage("peta-kosong", f"/portal/peta{_Q}"),
    ListedPage("peta-pilihan", "/portal/peta?q=-7.8,112.0016,7"),
    ListedPage("titik", "/p/{point}"),
    ListedPage("titik-taman", "/p/{park}"),
    ListedPage("titik-berakhir", "/p/{unpublished}", status=410),
    ListedPage("titik-tidak-ada", "/p/x", status=404),
    ListedPage("kelurahan", "/k/35.71.01.1011"),
    ListedPage("kelurahan-kosong", "/k/35.71.01.1010"),
    ListedPage("cetak", "/portal/cetak?kelurahan=Mojoroto"),
    ListedPage("cetak-a3", "/portal/cetak?paper=A3"),
    ListedPage("lapor", "/lapor"),
    ListedPage("lapor-titik", "/lapor?titik={point}"),
    ListedPage("lapor-diterima", "/lapor/{report}?baru=ya"),
    ListedPage("lapor-dijawab", "/lapor/{closed_report}"),
    ListedPage("lapor-tidak-ada", "/lapor/K7QX-3M9P-TB2F", status=404),
    ListedPage("portal", "/portal/"),
    ListedPage("komponen", "/portal/komponen"),
    ListedPage("data", "/collections"),
    ListedPage("data-posyandu", "/collections/posyandu"),
    ListedPage("data-taman", "/collections/taman"),
    ListedPage("butir", "/collections/points/items?limit=100"),
    ListedPage("butir-taman", "/collections/taman/items"),
    ListedPage("butir-kosong", f"/collections/points/items{_Q}"),
    ListedPage("butir-kelurahan", "/collections/kelurahan/items?limit=100"),
    ListedPage("satu-butir", "/collections/posyandu/items/{point}"),
    ListedPage("satu-taman", "/collections/taman/items/{park}"),
    ListedPage("pertanyaan", "/collections/taman/queryables"),
    ListedPage("urutan", "/collections/taman/sortables"),
    ListedPage("skema", "/collections/taman/schema"),
    ListedPage("batas-laporan", "/boundaries/editions/{edition}/report"),
    ListedPage("indikator", "/indicators"),
    ListedPage("indikator-dihitung", "/indicators/posyandu_terdaftar"),
    ListedPage("indikator-penduduk", "/indicators/jumlah_penduduk"),
    ListedPage("indikator-taman", "/indicators/{indicator}"),
    ListedPage("indikator-versi", "/indicators/{indicator}/versions/1"),
    ListedPage("kegiatan", "/metadata/activities"),
    ListedPage("kegiatan-taman", "/metadata/activities/taman"),
    ListedPage("kegiatan-profil", "/metadata/activities/profiles"),
    ListedPage("variabel", "/metadata/variables?activity=taman"),
    ListedPage("standar", "/conformance"),
    ListedPage("api", "/api.html"),
    ListedPage("panduan", "/panduan/"),
    ListedPage("panduan-pic", "/panduan/pic"),
    ListedPage("panduan-walidata", "/panduan/walidata"),
    ListedPage("panduan-pengelola", "/panduan/pengelola"),
    # Signing in, and what goes with it.
    ListedPage("masuk", "/portal/masuk"),
    ListedPage("masuk-tautan-mati", "/portal/masuk/abcdefghijklmnopqrstuvwxyz0123456789", status=404),
    ListedPage("sandi-baru", "/me/reset/{reset}"),
    ListedPage("kode-siapkan", "/portal/kode", "opd"),
    ListedPage("kode", "/portal/kode", "coded"),
    ListedPage("sandi-lagi", "/portal/sandi", "pic"),
    ListedPage("akun", "/portal/akun", "pic"),
    ListedPage("akun-kode", "/portal/akun/kode", "pic"),
    ListedPage("kunci", "/portal/akun/token", "pic"),
    ListedPage("kunci-kosong", "/portal/akun/token", "newcomer"),
    ListedPage("kunci-baru", "/portal/akun/token/baru", "pic"),
    # The PIC.
    ListedPage("pic-portal", "/portal/", "pic"),
    ListedPage("catat", "/portal/catat", "pic"),
    ListedPage("catat-tanpa-jaringan", "/portal/tanpa-jaringan", None),
    ListedPage("titik-saya", "/portal/titik", "pic"),
    ListedPage("titik-saya-kosong", "/portal/titik", "newcomer"),
    ListedPage("titik-saya-satu", "/portal/titik/{park}", "pic"),
    ListedPage("titik-saya-tutup", "/portal/titik/{park}?tutup=ya", "pic"),
    ListedPage("titik-saya-batas", "/portal/titik?batas=berubah", "pic"),
    ListedPage("titik-saya-menunggu", "/portal/titik/{point}", "pic"),
    ListedPage("laporan", "/portal/laporan", "pic"),
    ListedPage("laporan-ditutup", "/portal/laporan?state=closed", "pic"),
    ListedPage("laporan-kosong", "/portal/laporan", "newcomer"),
    ListedPage("laporan-jawab", "/portal/laporan/{report}", "pic"),
    ListedPage("laporan-selesai", "/portal/laporan/{closed_report}", "pic"),
    ListedPage("kemajuan", "/portal/kemajuan"),
    ListedPage("kemajuan-kelurahan", "/portal/kemajuan?tingkat=kelurahan", "walidata"),
    ListedPage("profil", "/portal/profil", "pic"),
    ListedPage("profil-isian", "/portal/profil/35.71.01.1011/2025", "pic"),
    ListedPage("profil-buku", "/portal/profil/35.71.01.1011/2025", "pic", reach=workbook(jumlah_rw=8, luas_wilayah="2,49")),
    ListedPage("profil-buku-salah", "/portal/profil/35.71.01.1011/2025", "pic", reach=workbook(jumlah_rw="1.234", luas_wilayah="dua", jumlah_rt=32)),
    ListedPage("impor", "/portal/impor", "pic"),
    ListedPage("impor-kosong", "/portal/impor", "newcomer"),
    ListedPage("impor-tanya", "/portal/impor/{import_asks}", "pic"),
    ListedPage("impor-salah", "/portal/impor/{import_hostile}", "pic"),
    ListedPage("impor-gagal", "/portal/impor/{import_failed}", "pic"),
    ListedPage("impor-orang", "/portal/impor/{import_people}", "pic"),
    ListedPage("impor-tersimpan", "/portal/impor/{import_saved}", "pic"),
    ListedPage("impor-penyelamat", "/portal/impor", "pic", reach=_rescued),
    # The walidata.
    ListedPage("walidata-portal", "/portal/", "walidata"),
    ListedPage("tinjau", "/portal/tinjau", "walidata"),
    ListedPage("tinjau-bersih", "/portal/tinjau?clean=true", "walidata"),
    ListedPage("tinjau-kosong", f"/portal/tinjau{_Q}", "walidata"),
    ListedPage("tinjau-pindah", "/portal/tinjau/{moved}", "walidata"),
    ListedPage("tinjau-mirip", "/portal/tinjau/{alike}", "walidata"),
    ListedPage("tinjau-di-luar", "/portal/tinjau/{outside}", "walidata"),
    ListedPage("tinjau-tutup", "/portal/tinjau/{closing}", "walidata"),
    ListedPage("tinjau-dikoreksi", "/portal/tinjau/{corrected}", "walidata"),
    ListedPage("tinjau-batas", "/portal/tinjau?flag=rejudged", "walidata"),
    ListedPage("tinjau-batas-satu", "/portal/tinjau/{turned}?flag=rejudged", "walidata"),
    ListedPage("titik-turunkan", "/portal/titik/{park}?turunkan=ya", "walidata"),
    ListedPage("tinjau-selesai", "/portal/tinjau/{returned}", "walidata"),
    ListedPage("tinjau-diputuskan", "/portal/tinjau?clean=true#{closing}", "walidata", reach=_decided),
    ListedPage("laporan-walidata", "/portal/laporan/{open_report}", "walidata"),
    # The administrator.
    ListedPage("admin-portal", "/portal/", "admin"),
    ListedPage("kelola", "/portal/kelola", "admin"),
    ListedPage("kelola-akun", "/portal/kelola/akun", "admin"),
    ListedPage("kelola-akun-kosong", "/portal/kelola/akun?role=pic&kelurahan=Mrican", "admin"),
    ListedPage("kelola-akun-baru", "/portal/kelola/akun/baru", "admin"),
    ListedPage("kelola-akun-pic", "/portal/kelola/akun/{account}", "admin"),
    ListedPage("kelola-akun-tautan", "/portal/kelola/akun/{account}", "admin", reach=pressed("form[action$=tautan] button")),
    ListedPage("kelola-akun-berakhir", "/portal/kelola/akun/{ended}", "admin"),
    ListedPage("kategori", "/portal/kelola/kategori", "admin"),
    ListedPage("kategori-baru", "/portal/kelola/kategori/kategori-baru", "admin"),
    ListedPage("kategori-taman", "/portal/kelola/kategori/taman", "admin"),
    ListedPage("kelola-indikator", "/portal/kelola/indikator", "admin"),
    ListedPage("kelola-indikator-baru", "/portal/kelola/indikator/indikator-baru", "admin"),
    ListedPage("kelola-indikator-taman", "/portal/kelola/indikator/{indicator}", "admin"),
    ListedPage("kategori-diperiksa", "/portal/kelola/kategori/taman", "admin", reach=pressed("#kategori button.large")),
    ListedPage("batas", "/portal/kelola/batas", "admin"),
    ListedPage("batas-baru", "/portal/kelola/batas/baru", "admin"),
    ListedPage("batas-berkas", "/portal/kelola/batas/berkas?edition=Uji&source=BIG&accuracy_m=5", "admin"),
    ListedPage("batas-edisi", "/portal/kelola/batas/edisi/{edition}", "admin"),
    ListedPage("batas-dampak", "/portal/kelola/batas/edisi/{edition}/dampak", "admin"),
    ListedPage("batas-dampak-disaring", "/portal/kelola/batas/edisi/{edition}/dampak?perubahan=inside-outside", "admin"),
    ListedPage("batas-hasil", "/portal/kelola/batas/edisi/{edition}/hasil", "admin"),
    ListedPage("batas-gagal", "/portal/kelola/batas/pekerjaan/{failed_load}", "admin"),
    ListedPage("webhook", "/portal/kelola/webhook", "admin"),
    ListedPage("webhook-baru", "/portal/kelola/webhook/baru", "admin"),
    ListedPage("webhook-satu", "/portal/kelola/webhook/{webhook}", "admin"),
    ListedPage("keadaan", "/portal/kelola/keadaan", "admin"),
    ListedPage("catatan", "/portal/kelola/catatan", "admin"),
    ListedPage("catatan-kosong", "/portal/kelola/catatan?subject=tidak-ada", "admin"),
    ListedPage("catatan-salah", "/portal/kelola/catatan?account=tidak-ada", "admin", 400),
    ListedPage("catatan-periksa", "/portal/kelola/catatan/periksa", "admin"),
    # What goes wrong.
    ListedPage("tidak-ada", "/tidak/ada", status=404),
    ListedPage("salah", "/collections/posyandu/items?bbox=x", status=400),
    ListedPage("gagal", "/portal/kelola/batas/pekerjaan/{unforeseen}", "admin", 500),
    ListedPage("bukan-perannya", "/portal/kelola", "pic", 403),
    ListedPage("bukan-isiannya", "/portal/tinjau", "pic", 403),
    ListedPage("bukan-impornya", "/portal/impor", "admin", 403),
)  # fmt: skip


def first_of_each_route(known: Mapping[str, str]) -> set[str]:
    """The names of the pages that are looked at in each run; those of problems too, which are of no route, or of one that fails."""
    firsts: dict[tuple[str, bool], str] = {}
    for page in PAGES:
        firsts.setdefault((route_of(page.address.format(**known)) or page.name, page.status >= 500), page.name)
    return set(firsts.values())


def routes_of_pages() -> Iterator[str]:
    """What answers HTML to a GET: it says so in `/api`, or it is not in there."""
    for route in _routes():
        is_described = (
            "text/html" in route.responses.get(200, {}).get("content", {}) or getattr(route.response_class, "media_type", "") == "text/html"
        )
        if "GET" in (route.methods or ()) and (is_described or not route.include_in_schema):
            yield route.path


def route_of(address: str, method: str = "GET") -> str | None:
    """The path of the route that answers an address; None where it is nobody's."""
    path = address.partition("#")[0].partition("?")[0]
    scope = {"type": "http", "method": method, "path": path, "root_path": ""}
    return next((route.path for route in _routes() if route.matches(scope)[0] == Match.FULL), None)


def _routes() -> Iterator[APIRoute]:
    return (route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute))
