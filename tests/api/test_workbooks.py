"""The workbook of a kelurahan and a period: filled in by a spreadsheet program, judged, committed."""

import html
import io
import random
import re
import zipfile
from collections.abc import Mapping
from typing import Any

import openpyxl
import orjson
import pytest

from app.connections import open_once
from app.settings import Settings
from tests.conftest import AsRole, Client
from tests.factories import BUJEL, MOJOROTO, PUBLISH, code_of, value

pytestmark = pytest.mark.anyio
PERIOD = "2025"
ENGLISH = {"Accept-Language": "en"}
NOT_OURS = b"Nama,Alamat\nA,B\n"


def at(kelurahan: str = MOJOROTO, period: str = PERIOD) -> str:
    return f"/profiles/{kelurahan}/{period}/workbook"


class Book:
    """A workbook as somebody has it open in a spreadsheet program."""

    def __init__(self, content: bytes) -> None:
        self.book = openpyxl.load_workbook(io.BytesIO(content))
        self.data = self.book["Data"]
        self.columns = {cell.value: cell.column for cell in self.data[1]}
        self.rows = {str(self.data.cell(at, 1).value).split("/", 2)[2]: at for at in range(3, self.data.max_row + 1)}

    def cell(self, figure: str, column: str) -> Any:
        return self.data.cell(self.rows[figure], self.columns[column])

    def address(self, figure: str, column: str) -> str:
        return f"Data!{self.cell(figure, column).coordinate}"

    def fill(self, figure: str, **cells: object) -> None:
        for column, content in cells.items():
            self.cell(figure, column).value = content

    def saved(self) -> bytes:
        file = io.BytesIO()
        self.book.save(file)
        return file.getvalue()


async def book_of(client: Client, path: str | None = None, **headers: str) -> Book:
    answer = await client.get(path or at(), headers=headers)
    assert answer.status_code == 200, answer.text
    return Book(answer.content)


async def judged(client: Client, content: bytes, **headers: str) -> dict[str, Any]:
    answer = await client.post(at(), content=content, headers=headers)
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    assert (report["state"], report["stored"]) == ("judged", [])
    return report


async def committed(client: Client, content: bytes) -> dict[str, Any]:
    answer = await client.post(f"{at()}/commit", content=content)
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    assert report["state"] == "committed"
    return report


async def faults_of(client: Client, book: Book) -> list[tuple[str, str]]:
    return [(one["cell"], one["code"]) for one in (await judged(client, book.saved()))["faults"]]


async def work(client: Client) -> dict[tuple[str, str | None], dict[str, Any]]:
    rows = (await client.get(f"/profiles/{MOJOROTO}/{PERIOD}?view=work")).json()["values"]
    return {(one["indicator"], one["class"]): one for one in rows}


async def put(client: Client, *values: Mapping[str, object], period: str = PERIOD) -> None:
    answer = await client.put(f"/profiles/{MOJOROTO}/{period}", json={"values": list(values)})
    assert answer.status_code == 200, answer.text


async def test_a_template_has_a_row_for_each_figure_that_is_due(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    await put(pic, {"indicator": "jumlah_rw", "value": 8}, {"indicator": "jumlah_lingkungan", "meaning": "not-applicable"}, period="2024")
    for one in (await walidata.get("/reviews?subject_kind=value")).json()["reviews"]:
        await walidata.post(f"/reviews/{one['revision']}/decision", json=PUBLISH)
    await put(pic, {"indicator": "jumlah_rt", "value": 32, "status": "tetap", "note": "Per 31 Desember", "source": "Buku induk"})
    book = await book_of(pic)
    assert {"jumlah_rw", "luas_wilayah", "penduduk_menurut_agama/islam"} <= set(book.rows)
    assert not {"kepadatan_penduduk", "titik_rt"} & set(book.rows)
    assert [book.cell("jumlah_rw", name).value for name in ("before", "value", "version", "status")] == [8, None, 0, "sementara"]
    assert book.cell("jumlah_lingkungan", "before").value == "tidak berlaku"
    shown = [book.cell("jumlah_rt", name).value for name in ("value", "meaning", "status", "note", "source", "version")]
    assert shown == [32, "angka", "tetap", "Per 31 Desember", "Buku induk", 1]
    assert [book.data.column_dimensions[letter].hidden for letter in "ABC"] == [True, True, False]
    assert book.data.protection.sheet
    assert [book.cell("jumlah_rw", name).protection.locked for name in ("id", "before", "value", "note")] == [True, True, False, False]
    lists = {rule.formula1 for rule in book.data.data_validations.dataValidation if rule.type == "list"}
    assert lists == {'"angka,kosong,tidak berlaku"', '"sementara,tetap,revisi"'}
    assert book.book.sheetnames == ["Data", "Petunjuk"]
    english = await book_of(pic, **ENGLISH)
    assert english.book.sheetnames == ["Data", "Instructions"]
    assert english.cell("jumlah_rt", "meaning").value == "number"


async def test_what_was_not_edited_changes_nothing(as_role: AsRole) -> None:
    """Over random figures of all kinds; with each of them, the same file again and in the other language."""
    pic = await as_role("pic", MOJOROTO)
    rng = random.Random(16)
    names = ("jumlah_rw", "luas_wilayah", "jumlah_lingkungan", "jumlah_kk")
    for _ in range(6):
        values: list[dict[str, object]] = []
        for name in names:
            number = (
                rng.choice([0, 1, rng.randrange(1_000_000), round(rng.random() * 100, 2)])
                if name == "luas_wilayah"
                else rng.randrange(5_000)
            )
            values.append({"indicator": name, **rng.choice([{"value": number}, {"meaning": "empty"}, {"meaning": "not-applicable"}])})
            values[-1] |= {
                "note": rng.choice(["Satu\nDua", "=1+1", "'kutip", "1.234", "12"]),
                "explanation": "Sudah dihitung lagi",
                "source": "Buku induk",
            }
            values[-1] |= {"status": rng.choice(["sementara", "tetap", "revisi"])}
        await put(pic, *values)
        for language in ("id", "en"):
            untouched = (await book_of(pic, **{"Accept-Language": language})).saved()
            report = await judged(pic, untouched)
            assert (report["changes"], report["faults"], report["unchanged"]) == ([], [], report["rows"])
            before = await work(pic)
            assert (await committed(pic, untouched))["stored"] == []
            assert await work(pic) == before


async def test_just_what_was_edited_changes(as_role: AsRole, database: Settings) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    await put(
        pic, {"indicator": "jumlah_rw", "value": 8, "note": "Tetap ada", "source": "Buku induk"}, {"indicator": "jumlah_kk", "value": 900}
    )
    book = await book_of(pic)
    book.fill("jumlah_rw", value=9)
    book.fill("luas_wilayah", value="2,49", status="tetap")
    book.fill("jumlah_lingkungan", meaning="tidak berlaku")
    file = book.saved()
    report = await judged(pic, file)
    assert report["faults"] == []
    assert {
        one["indicator"]: [(each["property"], each["before"], each["after"]) for each in one["changes"]] for one in report["changes"]
    } == {
        "jumlah_rw": [("value", 8, 9)],
        "luas_wilayah": [("value", None, 2.49), ("meaning", None, "value"), ("status", None, "tetap")],
        "jumlah_lingkungan": [("meaning", None, "not-applicable"), ("status", None, "sementara")],
    }
    assert {one["cell"] for one in report["changes"]} == {
        book.address(name, "value") for name in ("jumlah_rw", "luas_wilayah", "jumlah_lingkungan")
    }
    async with open_once(database.owner_dsn) as session:
        assert await value(session, "SELECT count(*) FROM titik.value_revision") == 2
    assert len((await committed(pic, file))["stored"]) == 3
    found = await work(pic)
    assert {name: (one["value"], one["meaning"], one["state"], one["version"]) for (name, _), one in found.items()} == {
        "jumlah_rw": (9, "value", "submitted", 2), "jumlah_kk": (900, "value", "submitted", 1), "luas_wilayah": (2.49, "value", "submitted", 1),
        "jumlah_lingkungan": (None, "not-applicable", "submitted", 1),
    }  # fmt: skip
    assert (found["jumlah_rw", None]["note"], found["jumlah_rw", None]["source"]) == ("Tetap ada", "Buku induk")
    # Sent once more, as after an answer that never came.
    assert (await committed(pic, file))["stored"] == []
    (of_rw,) = (one for one in (await walidata.get("/reviews?subject_kind=value")).json()["reviews"] if one["category"] == "jumlah_rw")
    assert code_of(await pic.post(f"/reviews/{of_rw['revision']}/decision", json=PUBLISH))[0] == 403


async def test_a_workbook_that_is_older_than_a_change_tells_so(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    await put(pic, {"indicator": "jumlah_rw", "value": 8}, {"indicator": "jumlah_kk", "value": 900})
    book, untouched = await book_of(pic), (await book_of(pic)).saved()
    await put(walidata, {"indicator": "jumlah_rw", "value": 10}, {"indicator": "luas_wilayah", "value": 2.5})
    # What somebody else has changed and this one has not is left alone.
    assert (await judged(pic, untouched))["changes"] == []
    book.fill("jumlah_rw", value=9)
    book.fill("luas_wilayah", value=3)
    book.fill("jumlah_kk", value=901)
    assert set(await faults_of(pic, book)) == {(book.address(name, "value"), "workbook-stale") for name in ("luas_wilayah", "jumlah_rw")}
    refused = await pic.post(f"{at()}/commit", content=book.saved(), headers=ENGLISH)
    assert code_of(refused) == (422, "body-invalid")
    assert "from version 1 to 2" in refused.text
    assert (await work(pic))["jumlah_kk", None]["value"] == 900


async def test_faults_are_told_by_their_cells_and_nothing_is_stored(as_role: AsRole, database: Settings) -> None:
    pic = await as_role("pic", MOJOROTO)
    book = await book_of(pic)
    wrong = {
        ("jumlah_kk", "value"): ("1.234", "number-ambiguous"), ("jumlah_rw", "value"): ("delapan", "number-unread"),
        ("jumlah_rt", "meaning"): ("entahlah", "workbook-meaning"), ("jumlah_lingkungan", "status"): ("final sekali", "workbook-status"),
        ("luas_wilayah", "note"): ("Tanpa angka", "workbook-number-missing"),
    }  # fmt: skip
    for (figure, column), (content, _) in wrong.items():
        book.fill(figure, **{column: content})
    expected = {(book.address(figure, "value" if column == "note" else column), code) for (figure, column), (_, code) in wrong.items()}
    assert set(await faults_of(pic, book)) == expected
    report = await judged(pic, book.saved(), **ENGLISH)
    assert "Do you mean 1234, or 1,2340?" in {one["code"]: one["detail"] for one in report["faults"]}["number-ambiguous"]
    refused = await pic.post(f"{at()}/commit", content=book.saved())
    assert code_of(refused) == (422, "body-invalid")
    assert {(one["cell"], one["code"]) for one in refused.json()["errors"]} == expected
    async with open_once(database.owner_dsn) as session:
        assert await value(session, "SELECT count(*) FROM titik.profile_value") == 0


async def test_what_the_definitions_refuse_is_told_by_cells_too(as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    book = await book_of(pic)
    book.fill("jumlah_rt", value=-1)
    book.fill("jumlah_rw", value=2.5)
    book.fill("jumlah_lingkungan", value=3, note="x" * 3_000)
    assert set(await faults_of(pic, book)) == {(book.address("jumlah_lingkungan", "note"), "text-too-long")}
    book.fill("jumlah_lingkungan", note=None)
    assert set(await faults_of(pic, book)) == {
        (book.address("jumlah_rt", "value"), "number-too-small"), (book.address("jumlah_rw", "value"), "value-decimals"),
    }  # fmt: skip
    book = await book_of(pic)
    book.fill("jumlah_rt", value=32, meaning="tidak berlaku")
    assert await faults_of(pic, book) == [(book.address("jumlah_rt", "meaning"), "value-alien")]
    book = await book_of(pic)
    for name, number in (("jumlah_penduduk", 100), ("penduduk_laki_laki", 49), ("penduduk_perempuan", 52)):
        book.fill(name, value=number)
    assert await faults_of(pic, book) == [(book.address("jumlah_penduduk", "value"), "misfit-parts")]


async def test_what_is_odd_is_explained_in_its_row(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    await put(pic, {"indicator": "jumlah_kk", "value": 1_000}, period="2024")
    (first,) = (await walidata.get("/reviews?subject_kind=value")).json()["reviews"]
    await walidata.post(f"/reviews/{first['revision']}/decision", json=PUBLISH)
    book = await book_of(pic)
    book.fill("jumlah_kk", value=2_000)
    assert await faults_of(pic, book) == [(book.address("jumlah_kk", "explanation"), "explain-change")]
    book.fill("jumlah_kk", explanation="Perumahan baru")
    report = await judged(pic, book.saved())
    assert ([], [(book.address("jumlah_kk", "value"), "change")]) == (
        report["faults"],
        [(one["cell"], one["kind"]) for one in report["warnings"]],
    )
    await committed(pic, book.saved())
    assert [one["kind"] for one in (await work(pic))["jumlah_kk", None]["warnings"]] == ["change"]


async def test_rows_of_another_profile_and_rows_that_were_added_are_told(as_role: AsRole) -> None:
    walidata, pic = await as_role("walidata"), await as_role("pic", MOJOROTO)
    other = await book_of(walidata, at(BUJEL))
    other.fill("jumlah_rw", value=8)
    assert {code for _, code in await faults_of(pic, other)} == {"workbook-row-elsewhere"}
    book = await book_of(pic)
    book.data.cell(book.data.max_row + 1, book.columns["value"]).value = 5
    assert [code for _, code in await faults_of(pic, book)] == ["workbook-row-added"]
    assert code_of(await pic.get(at(BUJEL))) == (403, "kelurahan-not-yours")
    assert code_of(await pic.post(at(BUJEL), content=book.saved())) == (403, "kelurahan-not-yours")


async def test_rows_may_be_deleted_and_moved_and_columns_beside_them_filled(as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    await put(pic, {"indicator": "jumlah_rw", "value": 8}, {"indicator": "jumlah_kk", "value": 900})
    book = await book_of(pic)
    book.fill("jumlah_kk", value=901)
    book.data.cell(5, 20).value = "Catatan saya"
    book.data.delete_rows(book.rows["jumlah_rw"])
    report = await committed(pic, book.saved())
    assert [one["indicator"] for one in report["changes"]] == ["jumlah_kk"]
    assert (await work(pic))["jumlah_rw", None]["value"] == 8


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [(b"", 422, "file-empty"), (NOT_OURS, 422, "workbook-foreign"), (b"PK\x03\x04" + b"x" * 200, 422, "archive-damaged"), (b"x" * 10_000_000, 413, "body-too-large")],
)  # fmt: skip
async def test_what_is_no_workbook_of_ours_is_refused(as_role: AsRole, content: bytes, status: int, code: str) -> None:
    pic = await as_role("pic", MOJOROTO)
    for path in (at(), f"{at()}/commit"):
        assert code_of(await pic.post(path, content=content)) == (status, code)


async def test_a_workbook_that_is_no_template_or_a_bomb_is_refused(as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    plain = openpyxl.Workbook()
    plain.active.title = "Data"
    file = io.BytesIO()
    plain.save(file)
    assert code_of(await pic.post(at(), content=file.getvalue())) == (422, "workbook-foreign")
    content = (await pic.get(at())).content
    bomb = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as there, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as made:
        for name in there.namelist():
            made.writestr(name, there.read(name))
        made.writestr("xl/media/image1.xml", b" " * (100 << 20))
    assert len(bomb.getvalue()) < 1_000_000
    assert code_of(await pic.post(at(), content=bomb.getvalue())) == (422, "archive-bomb")
    long = Book(content)
    for at_row in range(1_100):
        long.data.cell(200 + at_row, 8).value = 1
    assert code_of(await pic.post(at(), content=long.saved())) == (422, "workbook-rows")
    without = Book(content)
    without.data.delete_cols(without.columns["note"])
    assert code_of(await pic.post(at(), content=without.saved())) == (422, "workbook-foreign")


FORM = f"/portal/profil/{MOJOROTO}/{PERIOD}"


async def shown_of(client: Client, content: bytes, **headers: str) -> tuple[int, str, str]:
    """Status and text of the page, and what its form would send."""
    answer = await client.post(f"{FORM}/buku", files={"file": ("profil.xlsx", content)}, headers=headers)
    found = re.search(r'name="isi" value="([^"]*)"', answer.text)
    return answer.status_code, answer.text, html.unescape(found[1]) if found else ""


async def test_the_page_shows_what_changes_and_one_button_sends_it(as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    await put(pic, {"indicator": "jumlah_rw", "value": 8})
    assert f'href="{at()}" download' in (await pic.get(FORM)).text
    book = await book_of(pic)
    book.fill("jumlah_rw", value=9, note='Dari <b>"RW"</b>')
    book.fill("luas_wilayah", value="2,49")
    status, text, content = await shown_of(pic, book.saved())
    assert (status, "Belum ada yang tersimpan" in text, "8 (sementara)" in text, "9 (sementara)" in text, "2,49 (sementara)" in text) == (
        200,
    ) + (True,) * 4
    assert "Catatan: Dari &lt;b&gt;" in text
    assert (await work(pic))["jumlah_rw", None]["version"] == 1
    sent = await pic.post(f"{FORM}/buku/simpan", data={"isi": content})
    assert (sent.status_code, sent.headers["location"]) == (303, f"{FORM}?sudah=kirim")
    found = await work(pic)
    assert {name: (one["value"], one["note"]) for (name, _), one in found.items()} == {
        "jumlah_rw": (9, 'Dari <b>"RW"</b>'),
        "luas_wilayah": (2.49, None),
    }
    again = await pic.post(f"{FORM}/buku/simpan", data={"isi": content})
    assert again.headers["location"] == f"{FORM}?sudah=sama"


async def test_the_page_names_the_cells_to_correct(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    book = await book_of(pic)
    book.fill("jumlah_kk", value="1.234")
    status, text, content = await shown_of(pic, book.saved())
    assert (status, content, f"<td>{book.address('jumlah_kk', 'value')}</td>" in text, "Maksudnya 1234, atau 1,2340?" in text) == (
        422,
        "",
        True,
        True,
    )
    assert "Jumlah Kepala Keluarga" in text
    book.fill("jumlah_kk", value=1234)
    _, _, content = await shown_of(pic, book.saved())
    await put(walidata, {"indicator": "jumlah_kk", "value": 1200})
    late = await pic.post(f"{FORM}/buku/simpan", data={"isi": content})
    assert (late.status_code, "versi 0 menjadi 1" in late.text, 'id="simpan"' in late.text) == (422, True, False)
    unchanged = await shown_of(pic, (await pic.get(at())).content, **ENGLISH)
    assert (unchanged[0], "changes no figure" in unchanged[1], unchanged[2]) == (200, True, "")


async def test_a_file_that_cannot_be_read_is_told_at_its_field(as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    status, text, _ = await shown_of(pic, NOT_OURS)
    assert (status, "bukan buku kerja profil" in text) == (422, True)
    assert re.search(r'id="berkas"[^>]*aria-invalid="true" autofocus', text)
    for content in ("", "{}", "[[1]]", '[["a", [1]]]', orjson.dumps([[1, [None] * 100]]).decode(), "[[1, [{}]]]"):
        assert code_of(await pic.post(f"{FORM}/buku/simpan", data={"isi": content}, headers={"Accept": "application/json"})) == (
            400,
            "fields-unreadable",
        )
