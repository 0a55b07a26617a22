"""The report of an import: what stood where, what is coloured, and that it can be imported again."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pytest

from app import ROOT
from app.imports.annotated import NOTE, STATUS, CellNote, RowNotes, write_annotated
from app.imports.reading import open_table
from app.imports.reporting import _notes
from tests.imports.files import opened, saved
from tests.imports.test_vectors import collection, feature, layer, point
from tests.imports.test_workbooks import workbook

RED, YELLOW = "00F8B4B4", "00FFF2A8"


def annotated(source: Path, notes: Sequence[RowNotes] = (), target: str = "laporan.xlsx") -> Path:
    path = source.parent / target
    write_annotated(path, open_table(source, source.name), iter(notes), "id")
    return path


def sheet_of(path: Path) -> Any:
    return openpyxl.load_workbook(path)["Data"]


def colour(cell: Any) -> str | None:
    return None if cell.fill.fill_type is None else cell.fill.fgColor.rgb[2:].rjust(8, "0")


def test_notes_stand_in_front_and_cells_are_coloured(tmp_path: Path) -> None:
    source = saved(tmp_path, "a.csv", "Nama,RT,Lintang\nMelati,001,-7.81\nMawar,1x,7.82\nDahlia,003,-7.83\n")
    notes = [
        RowNotes(3, "salah", [CellNote("RT bukan nomor.", "error", 1), CellNote("Lintang tanpa minus.", "repair", 2)]),
        RowNotes(4, "perhatian", [CellNote("Mungkin sudah ada.", "warning")]),
        RowNotes(9, "tidak ada", [CellNote("?", "error")]),
    ]
    sheet = sheet_of(annotated(source, notes))
    assert [cell.value for cell in sheet[1]] == [STATUS, NOTE, "Nama", "RT", "Lintang"]
    assert [cell.value for cell in sheet[2]] == [None, None, "Melati", "001", "-7.81"]
    assert [cell.value for cell in sheet[3]] == ["salah", "RT: RT bukan nomor. Lintang: Lintang tanpa minus.", "Mawar", "1x", "7.82"]
    assert [colour(cell) for cell in sheet[3]] == [RED, None, None, RED, YELLOW]
    assert [colour(cell) for cell in sheet[2]] == [None] * 5
    assert sheet["A4"].value == "perhatian"
    assert (sheet["D3"].comment.text, sheet["E3"].comment.text) == ("RT bukan nomor.", "Lintang tanpa minus.")
    assert (sheet["B4"].value, colour(sheet["A4"])) == ("Mungkin sudah ada.", YELLOW)
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("C2", "A1:E4")
    assert sheet.max_row == 4


def test_each_cell_has_its_own_sentences_and_the_worst_colour(tmp_path: Path) -> None:
    source = saved(tmp_path, "a.csv", "Nama,Kader aktif,Jenis\nMelati,abc,foo\n")
    notes = [CellNote("A.", "warning", 1), CellNote("B.", "error", 1), CellNote("C.", "warning", 2), CellNote("D.", "error")]
    sheet = sheet_of(annotated(source, [RowNotes(2, "salah", notes)]))
    assert [cell.comment and cell.comment.text for cell in sheet[2]] == [None, None, None, "A.\nB.", "C."]
    assert [colour(cell) for cell in sheet[2]] == [RED, None, None, RED, YELLOW]
    assert sheet["B2"].value == "Kader aktif: A. Kader aktif: B. Jenis: C. D."


def test_what_is_found_stands_at_its_cell() -> None:
    findings = [{"code": "cell-not-a-whole-number", "column": 3}, {"code": "place-overlap", "column": 1}, {"code": "point-outside-all"}]
    (row,) = _notes(iter([orjson.dumps([2, "fault", findings])]), "id")
    assert [(one.mark, one.column) for one in row.notes] == [("error", 3), ("warning", 1), ("error", None)]
    assert row.notes[0].sentence == "Harus berupa bilangan bulat, misalnya 12."


def test_a_cell_that_is_missing_is_coloured_too(tmp_path: Path) -> None:
    source = saved(tmp_path, "a.csv", "Nama,RT\nMelati,\n")
    assert colour(sheet_of(annotated(source, [RowNotes(2, "salah", [CellNote("Wajib.", "error", 1)])]))["D2"]) == RED


def test_rows_keep_the_numbers_of_the_original(tmp_path: Path) -> None:
    source = saved(tmp_path, "a.csv", "DAFTAR,\n,\nNama,RT\nMelati,1\n,\nMawar,2\n")
    sheet = sheet_of(annotated(source))
    assert [sheet["C4"].value, sheet["C5"].value, sheet["C6"].value] == ["Melati", None, "Mawar"]
    assert [bool(sheet.row_dimensions[row].hidden) for row in (1, 2, 3, 4)] == [False, True, True, False]


def test_it_can_be_imported_again_and_again(tmp_path: Path) -> None:
    source = workbook(
        tmp_path / "a.xlsx", {"Isi": [["Nama", "RT", "Sejak", "Aktif", "Jumlah"], ["Melati", "001", date(2026, 1, 2), True, 7]]}
    )
    first = annotated(source, [RowNotes(2, "salah", [CellNote("x", "error", 1), CellNote("y", "warning", 2)])])
    table, rows = opened(first)
    assert table.columns == (STATUS, NOTE, "Nama", "RT", "Sejak", "Aktif", "Jumlah")
    second, again = opened(annotated(first, target="kedua.xlsx"))
    assert second.columns == table.columns
    assert (again[0].cells[2:], again[0].number) == (rows[0].cells[2:], 2)
    assert again[0].cells[:5] == (None, None, "Melati", "001", opened(source)[1][0].cells[2])


@pytest.mark.parametrize("extension", ["geojson", "gpkg"])
def test_points_of_a_map_become_columns(tmp_path: Path, extension: str) -> None:
    source = layer(tmp_path / f"a.{extension}")
    table, rows = opened(annotated(source, [RowNotes(1, "salah", [CellNote("x", "error", 0)])]))
    assert table.columns[-2:] == ("lon", "lat")
    assert [row.cells[-2:] for row in rows] == [pytest.approx(row.place) for row in opened(source)[1]]
    # The feature 1 stands below the header.
    assert [(row.number, row.cells[0]) for row in rows] == [(2, "salah"), (3, None)]


def test_columns_that_are_called_as_ours_get_another_name(tmp_path: Path) -> None:
    source = saved(tmp_path, "a.json", collection(feature(point(112, -7.8), {"lat": "x", "n": 1}), feature(None, {"n": 2})))
    assert [cell.value for cell in sheet_of(annotated(source))[1]] == [STATUS, NOTE, "lat", "n", "lon", "lat_"]


def test_nothing_becomes_a_formula(tmp_path: Path) -> None:
    bad = ["=1+1", "@SUM(A1)", "+1", "-1", "{=A1}", "http://127.0.0.1/", "=HYPERLINK(1)", "\x01\x02x"]
    source = saved(tmp_path, "a.csv", "Nama,=Kolom\n" + "".join(f"{one},{one}\n" for one in bad))
    sheet = sheet_of(annotated(source, [RowNotes(2, "=1", [CellNote("=2", "error")])]))
    assert {cell.data_type for row in sheet for cell in row if cell.value is not None} == {"s"}
    assert sheet["D1"].value == "=Kolom"
    assert not [cell for row in sheet for cell in row if cell.hyperlink]


def test_long_numbers_stay_exact(tmp_path: Path) -> None:
    source = saved(
        tmp_path, "a.json", collection(feature(point(112, -7.8), {"n": 2**60, "m": "1e999", "k": -(2**40)})).replace('"1e999"', "1e999")
    )
    assert [cell.value for cell in sheet_of(annotated(source))[2]][2:5] == [str(2**60), "inf", -(2**40)]


def faulty(count: int) -> Iterator[RowNotes]:
    for number in range(2, count + 2):
        yield RowNotes(
            number,
            "salah",
            [CellNote("RT bukan nomor: tulis angkanya saja.", "error", 6), CellNote("Lintang tanpa minus; dibaca -7,81.", "repair", 2)],
        )


def test_comments_are_few(tmp_path: Path) -> None:
    source = saved(tmp_path, "a.csv", "a,b,c,d,e,f,g\n" + "x,x,x,x,x,x,x\n" * 300)
    sheet = sheet_of(annotated(source, list(faulty(300))))
    assert sum(1 for row in sheet for cell in row if cell.comment) == 100


@pytest.mark.slow(9)
def test_a_hundred_thousand_faulty_rows(tmp_path: Path) -> None:
    """In a process of its own, as it is done; some 13 s, and 8 MB more than the libraries."""
    row = 'Posyandu Melati,Lirboyo,7.81,112.01,12,"Jl. Mawar, 1",x,002,aktif,\n'
    source = saved(tmp_path, "a.csv", "nama,kelurahan,lat,lon,n,alamat,rt,rw,status,ket\n" + row * 100_000)
    code = (
        "import resource, sys; from pathlib import Path\n"
        "from tests.imports.test_annotated import annotated, faulty\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "print(annotated(Path(sys.argv[1]), faulty(100_000)).stat().st_size, before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    done = subprocess.run([sys.executable, "-c", code, source], cwd=ROOT, capture_output=True, text=True, check=True, timeout=200)
    size, before, after = map(int, done.stdout.split())
    assert size > 1_000_000
    assert after - before < 60_000
