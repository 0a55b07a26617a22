"""Workbooks as people have them, and as an attacker would make them."""

import re
import resource
import time
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from tests.imports.files import opened, redeclared, refused, replaced, saved, zipped

ROWS: list[list[Any]] = [["Nama", "RT", "Lintang", "Sejak", "Aktif"], ["Melati", "001", -7.81, date(2026, 1, 2), True]]
SHEET = "xl/worksheets/sheet1.xml"
ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"


def workbook(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def opendocument(path: Path, tables: str) -> Path:
    names = "".join(f' xmlns:{one}="urn:oasis:names:tc:opendocument:xmlns:{one}:1.0"' for one in ("office", "table", "text"))
    content = f'<?xml version="1.0"?><office:document-content{names}><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>'
    manifest = b'<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    return zipped(path, {"mimetype": ODS_TYPE, "META-INF/manifest.xml": manifest, "content.xml": content.encode()})


def text(*values: str) -> str:
    return "".join(f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>' for value in values)


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    return workbook(tmp_path / "a.xlsx", {"Data": ROWS})


def test_cells_keep_their_types(plain: Path) -> None:
    table, rows = opened(plain)
    assert (table.format, table.sheet, table.columns, table.has_places) == ("xlsx", "Data", tuple(ROWS[0]), False)
    assert rows[0].number == 2
    assert rows[0].cells in (("Melati", "001", -7.81, date(2026, 1, 2), True), ("Melati", "001", -7.81, datetime(2026, 1, 2), True))  # noqa: DTZ001
    assert [type(cell) for cell in rows[0].cells[:3]] == [str, str, float]


def test_whole_numbers_formulas_and_errors(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["kode", "hasil", "salah", "jam"])
    sheet.write_number(1, 0, 3571011001)
    sheet.write_formula(1, 1, "=1+1", None, 2.5)
    sheet.write_formula(1, 2, "=#REF!", None, "#REF!")
    sheet.write_number(1, 3, 0.5, book.add_format({"num_format": "hh:mm"}))
    book.close()
    _, rows = opened(path)
    assert rows[0].cells == (3571011001, 2.5, None, "12:00")
    assert isinstance(rows[0].cells[0], int)


def test_a_duration_longer_than_any(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["nama", "lama"])
    sheet.write_row(1, 0, ["A", 1e300], book.add_format({"num_format": "[h]:mm"}))
    book.close()
    assert refused(path) == "workbook-damaged"


def test_the_header_may_stand_below_titles_and_to_the_right(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.merge_range("C3:E3", "DATA POSYANDU")
    sheet.write_row(5, 2, ["Nama", "Koordinat", ""])
    sheet.write_row(6, 2, ["", "Lintang", "Bujur"])
    sheet.write_row(7, 2, [1, 2, 3])
    sheet.write_row(9, 2, ["Melati", -7.81, 112])
    book.close()
    table, rows = opened(path)
    assert table.columns == ("Nama", "Lintang", "Bujur")
    assert [(row.number, row.cells) for row in rows] == [(10, ("Melati", -7.81, 112))]
    assert table.skipped_blank() == 1


def test_what_is_merged_over_several_rows_is_said_by_each_of_them(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.write_row(1, 1, ["Nama", "Kelurahan", "RW", "Alamat"])
    for row, cells in enumerate(
        (["Anggrek", "", 1, "x"], ["Dahlia", "", "", "y"], [], ["Kenanga", "", 3, ""], ["Mawar", "Bujel", 4, ""]), 2
    ):
        sheet.write_row(row, 1, cells)
    sheet.merge_range("C3:C6", "Mojoroto")
    sheet.merge_range("D3:E4", 1)
    book.close()
    table, rows = opened(path)
    assert table.columns[:3] == ("Nama", "Kelurahan", "RW")
    assert [(row.number, row.cells[:3], row.merged) for row in rows] == [
        (3, ("Anggrek", "Mojoroto", 1), ()), (4, ("Dahlia", "Mojoroto", 1), (1, 2)), (6, ("Kenanga", "Mojoroto", 3), (1,)), (7, ("Mawar", "Bujel", 4), ()),
    ]  # fmt: skip
    assert table.skipped_blank() == 1


def test_the_sheet_is_chosen(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"Petunjuk": [["a", "b"], ["c", "d"]], "Isi": ROWS, "Dua": [["x", "y"], ["z", "w"]]})
    assert opened(path)[0].sheet == "Isi"
    assert opened(path, sheet=" dua ")[0].columns == ("x", "y")
    assert refused(path, sheet="Tiga") == "sheet-missing"
    book = openpyxl.load_workbook(path)
    book["Isi"].sheet_state = "hidden"
    book.save(path)
    assert opened(path)[0].sheet == "Dua"


def test_examples_are_not_imported_instead_of_an_empty_sheet(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"Data": [ROWS[0]], "Contoh": ROWS})
    table, rows = opened(path)
    assert (table.sheet, rows) == ("Data", [])
    assert refused(workbook(tmp_path / "b.xlsx", {"Data": []})) == "workbook-empty"


def test_opendocument(tmp_path: Path) -> None:
    rows = (
        f"<table:table-row>{text('Nama', 'Lintang')}</table:table-row>"
        '<table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="2"/></table:table-row>'
        f'<table:table-row>{text("Melati")}<table:table-cell office:value-type="float" office:value="-7.81"/></table:table-row>'
        '<table:table-row table:number-rows-repeated="1048572"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    table, found = opened(opendocument(tmp_path / "a.ods", f'<table:table table:name="Data">{rows}</table:table>'))
    assert (table.format, table.sheet, table.columns, table.skipped_blank()) == ("ods", "Data", ("Nama", "Lintang"), 2)
    assert [(row.number, row.cells) for row in found] == [(4, ("Melati", -7.81))]


# -- what would harm


def test_an_opendocument_with_a_password_is_not_called_damaged(tmp_path: Path) -> None:
    manifest = b'<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><m:file-entry m:full-path="content.xml"><m:encryption-data/></m:file-entry></m:manifest>'
    path = opendocument(tmp_path / "a.ods", "")
    assert refused(replaced(path, {"META-INF/manifest.xml": manifest, "content.xml": bytes(range(256))})) == "workbook-old-or-locked"


def test_repetitions_of_an_opendocument_are_multiplied_before_it_is_opened(tmp_path: Path) -> None:
    many = text("x").replace("<table:table-cell", '<table:table-cell table:number-columns-repeated="16000"')
    rows = f'<table:table-row table:number-rows-repeated="1000000">{many}</table:table-row>'
    assert refused(opendocument(tmp_path / "a.ods", f'<table:table table:name="Data">{rows}</table:table>')) == "workbook-too-large"
    far = f'<table:table-row><table:table-cell table:number-columns-repeated="9999999999999999"/>{text("x")}</table:table-row>'
    assert refused(opendocument(tmp_path / "b.ods", f'<table:table table:name="Data">{far}</table:table>')) == "workbook-too-large"


def test_two_cells_far_apart_are_a_rectangle(plain: Path) -> None:
    for reference in ('r="XFD1048576"', "r='XFD1048576'", 'r = "xfd1048576"'):
        sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row><c {reference}><v>1</v></c></row></sheetData></worksheet>'
        assert refused(replaced(plain, {SHEET: sheet.encode()})) == "workbook-too-large"


def test_a_lying_dimension_costs_nothing(plain: Path) -> None:
    with zipfile.ZipFile(plain) as archive:
        sheet = re.sub(rb"<dimension[^>]*>", b'<dimension ref="A1:XFD1048576"/>', archive.read(SHEET))
    assert b"XFD1048576" in sheet
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert len(opened(replaced(plain, {SHEET: sheet}))[1]) == 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_entities_are_refused_in_every_part(plain: Path) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&b;</t></si></sst>'
    for part in ("xl/sharedStrings.xml", SHEET, "xl/workbook.xml", "[Content_Types].xml", "docProps/core.xml"):
        assert refused(replaced(plain, {part: bomb})) == "xml-declares"
    # Half of the word in one piece, half in the next.
    long = b"<x>" + b" " * (2 * (256 << 10) - 8) + b"<!DOCTYPE x>"
    assert refused(replaced(plain, {"xl/styles.xml": long})) == "xml-declares"
    assert refused(replaced(plain, {"xl/sharedStrings.xml": bomb.decode().encode("utf-16")})) == "workbook-damaged"
    assert refused(replaced(opendocument(plain.with_suffix(".ods"), ""), {"content.xml": bomb})) == "xml-declares"


def test_a_bomb_is_refused_before_it_is_inflated(plain: Path) -> None:
    bomb = replaced(plain, {"xl/media/a.png": bytes(300 << 20)})
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    assert refused(bomb) == "archive-bomb"
    assert time.process_time() - start < 0.5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000


def test_sizes_that_lie_are_found_out_while_inflating(plain: Path) -> None:
    bomb = replaced(plain, {"xl/media/a.png": bytes(64 << 20)})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refused(redeclared(bomb, "xl/media/a.png", 1_000)) == "archive-lies"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000
    assert refused(redeclared(bomb, "xl/media/a.png", 0xFFFF_FFF0)) == "archive-bomb"


def test_what_is_left_of_a_workbook(plain: Path, tmp_path: Path) -> None:
    content = plain.read_bytes()
    assert refused(saved(tmp_path, "b.xlsx", content[: len(content) // 2])) == "archive-damaged"
    assert refused(replaced(plain, {SHEET: b"<worksheet><sheetData><row"})) in ("workbook-damaged", "workbook-empty")
    assert refused(zipped(tmp_path / "c.xlsx", {"[Content_Types].xml": b"", "xl/workbook.bin": b""})) == "workbook-other"
    assert refused(zipped(tmp_path / "d.docx", {"[Content_Types].xml": b"", "word/document.xml": b""})) == "file-not-a-table"
    assert refused(zipped(tmp_path / "e.xlsx", {"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<workbook/>"})) in (
        "workbook-damaged",
        "workbook-empty",
    )


def sheet_xml(rows: str) -> bytes:
    return (
        f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'.encode()
    )


def shared(*texts: str) -> bytes:
    items = "".join(f"<si><t>{one}</t></si>" for one in texts)
    return f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{items}</sst>'.encode()


def with_shared(directory: Path, rows: str, *texts: str) -> Path:
    """A workbook of XlsxWriter, which shares its texts, with another sheet."""
    path = directory / "shared.xlsx"
    book = xlsxwriter.Workbook(str(path))
    book.add_worksheet().write_row(0, 0, ["Nama", "RT"])
    book.close()
    return replaced(path, {SHEET: sheet_xml(rows), "xl/sharedStrings.xml": shared(*texts)})


def test_one_long_text_in_many_cells_is_as_long_as_all_of_them(tmp_path: Path) -> None:
    def rows(count: int, index: str) -> str:
        head = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'
        return head + "".join(f'<row r="{at}"><c r="A{at}" t="s"><v>{index}</v></c></row>' for at in range(2, count + 2))

    long = "x" * 9_000
    for index in ("2", " 2 ", "&#50;", "<![CDATA[2]]>", "2<!-- 3 -->"):
        assert refused(with_shared(tmp_path, rows(9_000, index), "Nama", "RT", long)) == "workbook-too-large"
    # What is no number is the first text to calamine.
    assert refused(with_shared(tmp_path, rows(9_000, "+1"), long, "RT")) == "workbook-too-large"
    # The long one is there, but few cells show it.
    assert len(opened(with_shared(tmp_path, rows(9_000, "1"), "Nama", "RT", long))[1]) == 9_000


def test_cells_that_do_not_say_where_they_stand_are_counted(tmp_path: Path) -> None:
    row = '<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row>'
    table, rows = opened(with_shared(tmp_path, row * 3, "Nama", "RT"))
    assert (table.columns, [one.number for one in rows]) == (("Nama", "RT"), [2, 3])
    wide = f"<row>{'<c/>' * 3_000}</row>"
    for bomb in (
        wide + "<row><c/></row>" * 1_000,
        '<row r="900"/>' + wide,
        "<x:row>" + "<x:c />" * 3_000 + "</x:row>" + "<x:row><x:c/></x:row>" * 1_000,
    ):
        sheet = sheet_xml(bomb).replace(b"<worksheet", b'<worksheet xmlns:x="a"')
        assert refused(replaced(with_shared(tmp_path, row, "Nama", "RT"), {SHEET: sheet})) == "workbook-too-large"


def test_a_photo_may_hold_any_bytes(plain: Path) -> None:
    photo = b"\xff\xd8" + b'<c <x:c/> r="ZZ99"' * 1_000
    assert len(opened(replaced(plain, {"xl/media/image1.jpeg": photo}))[1]) == 1
    hidden = replaced(plain, {"xl/media/image1.jpeg": b"\0" + sheet_xml("<row><c/></row>")})
    assert refused(hidden) == "workbook-damaged"


def test_a_long_text_of_an_opendocument_is_multiplied(tmp_path: Path) -> None:
    for cell in (text("x" * 9_000), '<table:table-cell office:value-type="string" office:string-value="' + "x" * 9_000 + '"/>'):
        repeated = cell.replace("<table:table-cell", '<table:table-cell table:number-columns-repeated="100"', 1)
        rows = f'<table:table-row table:number-rows-repeated="100">{repeated}</table:table-row>'
        assert refused(opendocument(tmp_path / "a.ods", f'<table:table table:name="Data">{rows}</table:table>')) == "workbook-too-large"


def test_columns_that_are_merely_formatted_are_none(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["Nama", "Alamat"])
    sheet.write_row(1, 0, ["A", "B"])
    sheet.write_blank(1, 500, None, book.add_format({"bold": True}))
    book.close()
    table, rows = opened(path)
    assert (table.columns, rows[0].cells, rows[0].fault) == (("Nama", "Alamat"), ("A", "B"), None)


def test_many_rows_come_in_batches(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet()
    for row in range(20_001):
        sheet.write_row(
            row,
            0,
            [f"Nama {row}", "Kelurahan", "Alamat", -7.8, 112.0, "001"]
            if row
            else ["Nama", "Kelurahan", "Alamat", "Lintang", "Bujur", "RT"],
        )
    book.close()
    assert len(opened(path)[1]) == 20_000
