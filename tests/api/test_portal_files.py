"""The pages of imports, as a browser without scripts uses them: forms, redirections, errors at their fields."""

import re
from html import unescape

import httpx
import pytest

from app.db import WriteSession
from tests.api.test_imports import OWN, finished, posyandu, table
from tests.api.test_rescue import a_file
from tests.api.test_sync import a_create
from tests.conftest import AsRole, Client
from tests.factories import value

pytestmark = pytest.mark.usefixtures("grid")
HOME = "/portal/impor"
SWAPPED = posyandu(0, lat="112.001200", lon="-7.809100")


async def sent(client: Client, content: bytes, category: str = "posyandu", name: str = "titik.csv") -> str:
    """The address of the page of a file that was sent, when the file has been judged."""
    answer = await client.post(HOME, params={"kategori": category}, files={"file": (name, content)})
    assert answer.status_code == 303, answer.text
    own = str(answer.headers["Location"])
    await finished(client, own.rpartition("/")[2])
    return own


async def shown(client: Client, address: str, status: int = 200, language: str = "id") -> str:
    answer = await client.get(address, headers={"Accept-Language": language})
    assert answer.status_code == status, answer.text
    return unescape(answer.text)


async def led(client: Client, address: str, **fields: str) -> str:
    answer = await client.post(address, data=fields)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def plan_of(page: str) -> list[int]:
    return [
        int(number) for number in re.findall(r"<li><strong>(\d+)</strong>", page.split('class="plan"')[1].split("</ul>", maxsplit=1)[0])
    ]


async def test_a_file_is_sent_looked_at_and_saved_by_forms_alone(as_role: AsRole, owner: WriteSession) -> None:
    pic = await as_role("pic", OWN)
    page = await shown(pic, HOME)
    assert all(
        word in page
        for word in ("32 MB", "200.000 baris", "/categories/posyandu/template.xlsx", f'formaction="{HOME}?kategori=rt"', "0 dari 20")
    )
    own = await sent(pic, table(SWAPPED, posyandu(1), posyandu(2, kader="lima")), name="daftar & <script>alert(1).csv")
    answer = await pic.get(own)
    assert "<script>alert" not in answer.text
    assert answer.headers["Cache-Control"] == "private, no-store"
    page = unescape(answer.text)
    assert "daftar & <script>alert(1).csv" in page
    assert plan_of(page) == [1, 0, 0, 1, 1]
    assert "112.001200, -7.809100" in page
    assert "-7.809100, 112.001200" in page
    back = await led(pic, f"{own}/jawab", jawaban="ya", baris="2", kembali="tampil=question")
    assert back == f"{own}?tampil=question#baris-2"
    page = await shown(pic, back)
    assert "Diterima" in page
    assert plan_of(page) == [2, 0, 0, 0, 1]
    assert await led(pic, f"{own}/simpan", pilihan="good") == own
    await finished(pic, own.rpartition("/")[2])
    assert "2 titik disimpan" in await shown(pic, own)
    assert await value(owner, "SELECT count(*) FROM titik.revision") == 2
    listed = await shown(pic, HOME, language="en")
    assert "Saved" in listed
    # Somebody else has saved it meanwhile, in another window: that is said, beside how it stands now.
    late = await pic.post(f"{own}/simpan", data={"pilihan": "all"})
    assert late.status_code == 409
    assert "Sudah disimpan" in unescape(late.text)
    assert await led(pic, f"{own}/hapus") == HOME
    assert "Impor tidak ada" in (await pic.get(own, headers={"Accept": "text/html"})).text
    assert await value(owner, "SELECT count(*) FROM titik.revision") == 2


async def test_columns_are_chosen_and_all_of_a_kind_is_accepted(as_role: AsRole) -> None:
    pic = await as_role("pic", OWN)
    header = ("Sebutan", "Kelurahan", "Lintang", "Bujur", "Jenis", "Nomor registrasi", "Kader aktif")
    own = await sent(pic, table(SWAPPED, posyandu(1, lat="112.001700", lon="-7.808600"), header=header))
    page = await shown(pic, own, language="en")
    assert "Sebutan" in page
    assert "Posyandu Uji 0 · Posyandu Uji 1" in page
    assert "choose Name for it" in page
    assert "no column is known" not in page
    chosen = {f"kolom-{at}": field for at, field in enumerate(("name", "kelurahan", "lat", "lon", "", "nomor_registrasi", "kader_aktif"))}
    assert await led(pic, f"{own}/kolom", **chosen) == own
    again = await finished(pic, own.rpartition("/")[2])
    assert [column.get("field") for column in again["columns"]] == [
        "name",
        "kelurahan",
        "lat",
        "lon",
        None,
        "nomor_registrasi",
        "kader_aktif",
    ]
    await led(pic, f"{own}/jawab", terima="repairs")
    page = await shown(pic, own)
    assert "Semua diterima" in page
    assert plan_of(page) == [2, 0, 0, 0, 0]
    await led(pic, f"{own}/jawab", jawaban="tidak", baris="3")
    page = await shown(pic, own)
    assert plan_of(page) == [1, 0, 0, 1, 0]
    assert "Pertanyaan, 1 belum dijawab" in page
    assert "Tidak dibaca: <strong>Jenis</strong>" in page
    await led(pic, f"{own}/jawab", tolak="repairs")
    assert plan_of(await shown(pic, own)) == [0, 0, 0, 2, 0]
    wrong = await pic.post(f"{own}/kolom", data={"kolom-0": "judul"})
    assert wrong.status_code == 422
    assert 'id="kolom-salah"' in wrong.text
    assert re.search(r'aria-invalid="true" aria-describedby="kolom-salah" autofocus', wrong.text)


async def test_rows_are_filtered_and_come_in_pages(as_role: AsRole) -> None:
    pic = await as_role("pic", OWN)
    rows = [posyandu(n, lat=f"{-7.8095 + (n % 9) * 1e-3:.6f}", lon=f"{112.0005 + (n // 9) * 1e-3:.6f}") for n in range(60)]
    own = await sent(pic, table(*rows, posyandu(70, kelurahan="Tidak Ada"), posyandu(71, kader="lima")))
    assert re.findall(r'data-row="(\d+)"', await shown(pic, own)) == ["62", "63"]
    assert re.findall(r'data-row="(\d+)"', await shown(pic, f"{own}?temuan=kelurahan")) == ["62"]
    first = await shown(pic, f"{own}?tampil=all")
    assert len(re.findall('data-row="', first)) == 50
    following = re.search(r'class="next" href="([^"]+)"', first)
    assert following
    second = await shown(pic, own + following[1])
    assert re.findall(r'data-row="(\d+)"', second) == [str(number) for number in range(52, 64)]
    # Each mark leads to its row, be it on another page.
    assert first.count('class="mark good"') == 60
    assert f'href="{own}?tampil=all&setelah=60#baris-61"' in first
    for query in ("?tampil=apa", "?temuan=apa", "?setelah=-1", "?setelah=99999999999"):
        assert (await pic.get(own + query)).status_code == 400


async def test_people_become_contacts_only_with_a_basis_and_an_end(as_role: AsRole) -> None:
    pic = await as_role("pic", OWN)
    own = await sent(pic, b"Nama;Lintang;Bujur;Jenis;Ketua;No HP\nPosyandu Anggrek;-7.80411;112.00161;balita;Sri Rahayu;081234567890\n")
    page = await shown(pic, own)
    assert "1 orang ada di berkas ini" in page
    assert "Sri" not in page
    wrong = await pic.post(f"{own}/simpan", data={"kontak": "ya", "dasar": "", "akhir": "2031-12-31", "jabatan": "kader"})
    assert wrong.status_code == 422
    assert re.search(r'id="dasar"[^>]*aria-describedby="dasar-salah" autofocus', wrong.text)
    assert 'value="2031-12-31"' in wrong.text
    assert 'value="kader" selected' in wrong.text
    past = await pic.post(f"{own}/simpan", data={"kontak": "ya", "dasar": "SK Lurah 1/2026", "akhir": "2001-01-01"})
    assert past.status_code == 422
    assert re.search(r'id="akhir"[^>]*aria-describedby="akhir-salah" autofocus', past.text)
    assert 'value="SK Lurah 1/2026"' in past.text
    await led(pic, f"{own}/simpan", kontak="ya", dasar="SK Lurah 1/2026", akhir="2031-12-31", jabatan="ketua")
    await finished(pic, own.rpartition("/")[2])
    assert "Kontak: 1 baru" in await shown(pic, own)


@pytest.mark.parametrize(
    ("files", "status"),
    [({"file": ("kosong.csv", b"")}, 422), ({"file": ("", b"")}, 400), ({"lain": (None, b"x")}, 400)],
)
async def test_what_cannot_be_taken_is_said_at_the_field(as_role: AsRole, files: httpx._types.RequestFiles, status: int) -> None:
    pic = await as_role("pic", OWN)
    answer = await pic.post(HOME, params={"kategori": "posyandu"}, files=files)
    assert answer.status_code == status
    assert 'id="berkas-salah"' in answer.text
    assert re.search(r'id="berkas"[^>]* aria-invalid="true" autofocus', answer.text)


async def test_what_failed_says_what_to_do_and_is_tried_again(as_role: AsRole) -> None:
    pic, walidata, opd = await as_role("pic", OWN), await as_role("walidata"), await as_role("opd")
    own = await sent(pic, b"a,b,c\nPosyandu Anggrek,-7.80411,112.00161\n")
    page = await shown(pic, own)
    assert "Pilih di bawah apa isi setiap kolom" in page
    await led(pic, f"{own}/kolom", **{"kolom-0": "name", "kolom-1": "lat", "kolom-2": "lon", "lembar": ""})
    assert (await finished(pic, own.rpartition("/")[2]))["state"] == "judged"
    assert (await walidata.get(own)).status_code == 404
    assert (await opd.get(HOME)).status_code == 403


async def test_a_rescue_file_is_brought_by_a_form(as_role: AsRole, owner: WriteSession) -> None:
    await as_role("pic", OWN, name="pic-tulis")
    colleague = await as_role("pic", OWN)
    content = a_file(
        "pic-tulis", a_create(name="Posyandu <b>Anggrek</b>", warna="merah"), a_create(name="Posyandu Dahlia"), contacts_left_out=1
    )
    answer = await colleague.post(f"{HOME}/penyelamat", files={"file": ("p.json", content)})
    page = answer.text
    assert plan_of(page) == [1, 0, 1, 0]
    assert "Posyandu &lt;b&gt;Anggrek" in page
    assert await value(owner, "SELECT count(*) FROM titik.revision") == 1
    wrong = await colleague.post(f"{HOME}/penyelamat", files={"file": ("p.json", b"{}")})
    assert wrong.status_code == 422
    assert 'id="penyelamat-berkas-salah"' in wrong.text
