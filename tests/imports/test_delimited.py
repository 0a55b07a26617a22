"""CSV as people save it."""

import resource
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from app.imports import limits
from app.imports.reading import delimited
from tests.imports.files import opened, refused, saved

TWO = [("Nama", "Lintang", "Bujur"), ("Melati", "-7,81", "112,01"), ("Mawar", "-7,82", "112,02")]


def lines(delimiter: str, rows: Sequence[tuple[str, ...]] = TWO, end: str = "\r\n") -> str:
    return "".join(delimiter.join(row) + end for row in rows)


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_delimiter_is_found_although_numbers_have_a_comma(tmp_path: Path, delimiter: str, end: str) -> None:
    table, rows = opened(saved(tmp_path, "a.csv", lines(delimiter, end=end)))
    assert (table.format, table.columns, table.has_places, table.sheet) == ("csv", TWO[0], False, None)
    assert [(row.number, row.cells) for row in rows] == [(2, TWO[1]), (3, TWO[2])]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"])
def test_the_encoding_is_found_although_the_first_letter_beyond_ascii_comes_late(tmp_path: Path, encoding: str) -> None:
    rows = [("nama", "alamat"), *[(f"Melati {at}", "Jl. Mawar") for at in range(5_000)], ("Café", "Jl. Ngäwi")]
    _, found = opened(saved(tmp_path, "a.csv", lines(",", rows).encode(encoding)))
    assert found[-1].cells == ("Café", "Jl. Ngäwi")
    assert len(found) == 5_001


def test_utf_16_with_its_mark_in_either_order(tmp_path: Path) -> None:
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        table, rows = opened(saved(tmp_path, "a.csv", mark + lines("\t").encode(encoding)))
        assert (table.columns, len(rows)) == (TWO[0], 2)


def test_some_broken_bytes_do_not_make_another_encoding_of_the_whole(tmp_path: Path) -> None:
    text = "nama,alamat\n" + "Café,Ngäwi\n" * 20 + "X\udcff,Y\n"
    _, rows = opened(saved(tmp_path, "a.csv", text.encode("utf-8", "surrogateescape")))
    assert rows[0].cells == ("Café", "Ngäwi")
    assert [row.fault for row in rows if row.fault] == ["text-damaged"]


def test_what_excel_writes_for_itself_is_no_row(tmp_path: Path) -> None:
    table, rows = opened(saved(tmp_path, "a.csv", "\ufeffsep=|\r\nNama|Kota, Desa\r\nA, B|C\r\n"))
    assert (table.columns, rows[0].number, rows[0].cells) == (("Nama", "Kota, Desa"), 2, ("A, B", "C"))


def test_rows_are_numbered_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    text = 'Nama,Alamat\n"Melati","Jl. A\nGang 2"\n\n , \nMawar,"B ""dua"""\n'
    table, rows = opened(saved(tmp_path, "a.csv", text))
    assert [(row.number, row.cells) for row in rows] == [(2, ("Melati", "Jl. A\nGang 2")), (5, ("Mawar", 'B "dua"'))]
    assert table.skipped_blank() == 2


def test_titles_merged_headers_and_numbered_columns_are_passed(tmp_path: Path) -> None:
    text = (
        "DAFTAR POSYANDU KOTA KEDIRI,,,,\nTAHUN 2026,,,,\n,,,,\nKecamatan :,Mojoroto,,,\n"
        "No,Nama Posyandu,Koordinat,,Ket\n,,Lintang,Bujur,\n1,2,3,4,5\n1,Melati,-7.81,112.01,\n"
    )
    table, rows = opened(saved(tmp_path, "a.csv", text))
    assert table.columns == ("No", "Nama Posyandu", "Lintang", "Bujur", "Ket")
    assert [(row.number, row.cells) for row in rows] == [(8, ("1", "Melati", "-7.81", "112.01", None))]


def test_a_column_without_a_heading_does_not_swallow_the_first_row(tmp_path: Path) -> None:
    _, rows = opened(saved(tmp_path, "a.csv", "Nama,Kelurahan,,Ket\nMelati,Lirboyo,Jl. Mawar,x\n"))
    assert rows[0].cells == ("Melati", "Lirboyo", "Jl. Mawar", "x")


def test_names_that_repeat_or_lack_stay(tmp_path: Path) -> None:
    table, _ = opened(saved(tmp_path, "a.csv", " Nama ,,Nama,,\nA,B,C,,\n"))
    assert table.columns == ("Nama", "", "Nama")


@pytest.mark.parametrize("text", ["Melati,-7.81,112.01\nMawar,-7.82,112.02\n", "satu kolom saja\ntanpa pemisah\n", "1,2,3\n4,5,6\n"])
def test_without_a_header_there_is_nothing_to_go_by(tmp_path: Path, text: str) -> None:
    assert refused(saved(tmp_path, "a.csv", text)) == "header-missing"


def test_ragged_rows_and_odd_cells_are_faults_of_the_row(tmp_path: Path) -> None:
    long = "x" * (limits.LONGEST_TEXT + 1)
    text = f"Nama,Alamat\nA\nB,C,D\nE,F,,\nG\0,H\n{long},I\n,,J\n"
    _, rows = opened(saved(tmp_path, "a.csv", text))
    assert [(row.cells, row.fault) for row in rows] == [
        (("A", None), None),
        (("B", "C"), "too-many-cells"),
        (("E", "F"), None),
        (("G", "H"), "nul-character"),
        (("x" * limits.LONGEST_TEXT, "I"), "text-cut"),
        ((None, None), "too-many-cells"),
    ]


def test_a_quotation_mark_that_is_never_closed_is_said(tmp_path: Path) -> None:
    _, rows = opened(saved(tmp_path, "a.csv", 'Nama,Alamat\nA,"Jl. B\nC,D\nE,F\n'))
    assert [row.fault for row in rows] == ["quote-open"]
    _, rows = opened(saved(tmp_path, "b.csv", 'Nama,Alamat\nA,"' + "C,D\n" * 50 + '"\nE,F\n'))
    assert [row.fault for row in rows] == ["quote-open", None]
    assert refused(saved(tmp_path, "c.csv", 'Nama,Alamat\nA,"' + "C,D\n" * 50_000)) == "quote-not-closed"


def test_a_mark_inside_a_cell_is_a_letter(tmp_path: Path) -> None:
    _, rows = opened(saved(tmp_path, "a.csv", 'Nama,Ukuran\nPipa,12" besi\n'))
    assert rows[0].cells == ("Pipa", '12" besi')


def test_what_is_not_text_or_empty(tmp_path: Path) -> None:
    assert refused(saved(tmp_path, "a.csv", b"")) == "file-empty"
    assert refused(saved(tmp_path, "a.csv", b"\xef\xbb\xbf \r\n")) == "file-empty"
    assert refused(saved(tmp_path, "a.csv", b"a,b\n\0\1\2\3\4\5" * 9)) == "file-not-known"
    assert refused(saved(tmp_path, "a.csv", b"%PDF-1.7\n")) == "file-not-a-table"
    assert refused(saved(tmp_path, "a.csv", b"\x1f\x8b\x08\0\0\0\0")) == "file-packed"
    assert refused(saved(tmp_path, "a.xls", b"<html><body><table><tr><td>Nama")) == "workbook-is-web-page"
    assert refused(saved(tmp_path, "a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))) == "workbook-old-or-locked"


def test_more_than_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert refused(saved(tmp_path, "a.csv", "a,b\n" + "," * 2_000_000)) == "record-too-long"
    assert refused(saved(tmp_path, "b.csv", "a,b\n" + '"\n",' * 400_000)) == "record-too-long"
    assert refused(saved(tmp_path, "c.csv", ",".join(f"kolom {at} a" for at in range(201)) + "\n")) == "columns-too-many"
    monkeypatch.setattr("app.imports.reading.table.MOST_ROWS", 10_000)
    assert len(opened(saved(tmp_path, "d.csv", "a,b\n" + "x,y\n" * 10_000))[1]) == 10_000
    assert refused(saved(tmp_path, "e.csv", "a,b\n" + "x,y\n" * 10_001)) == "rows-too-many"


def test_a_hundred_thousand_rows_take_a_second_and_little_memory(tmp_path: Path) -> None:
    row = 'Posyandu Melati,Lirboyo,-7.81,112.01,12,"Jl. Mawar, 1",001,002,aktif,\n'
    path = saved(tmp_path, "a.csv", "nama,kelurahan,lat,lon,n,alamat,rt,rw,status,ket\n" + row * 100_000)
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    table = delimited.read_delimited(path)
    assert sum(len(batch) for batch in table.batches) == 100_000
    assert time.perf_counter() - start < 5  # 0.4 s on a quiet machine
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40_000
