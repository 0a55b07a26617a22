"""The template as Excel would see it, and as it is read again when somebody filled it in."""

import time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from app.imports.reading.header import find_header
from app.imports.template import COMMON, TemplateField, write_template
from tests.imports.files import opened

REGIONS = [
    ("35.71.01.1001", "Lirboyo", "Mojoroto"),
    ("35.71.02.1001", "Kaliombo", "Kota"),
    ("35.71.03.1001", "Kembar", "Pesantren"),
    ("35.71.02.1009", "Kembar", "Kota"),
]
FIELDS = [
    TemplateField("name", "Nama", "Name", "text", required=True),
    TemplateField("jenis", "Jenis", "Kind", "text", choices=("balita", "lansia"), description="Untuk siapa."),
    TemplateField("nomor_registrasi", "Nomor registrasi", "Registration number", "text", example="00123"),
    TemplateField("kader_aktif", "Kader aktif", "Active volunteers", "integer", example="5"),
    TemplateField("luas", "Luas (m²)", "Area (m²)", "number"),
    TemplateField("spm", "SPM kesehatan", "Minimum service: health", "boolean"),
    TemplateField("sejak", "=Sejak", "Since", "date", example="2020-01-31"),
    TemplateField("perlengkapan", "Perlengkapan", "Equipment", "list", example="kentongan; APAR"),
    TemplateField("panjang", "Judul yang panjang sekali sampai lebih dari tiga puluh dua huruf", "Long", "text", description="x" * 400),
]  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_template(tmp_path / "templat.xlsx", "Posyandu & <lansia>", FIELDS, REGIONS)
    return tmp_path / "templat.xlsx"


@pytest.fixture
def data(path: Path) -> Any:
    return openpyxl.load_workbook(path)["Data"]


def column_of(sheet: Worksheet, title: str) -> str:
    return next(str(cell.column_letter) for cell in sheet[1] if cell.value == title)


def rule_of(sheet: Worksheet, title: str) -> Any:
    return next(rule for rule in sheet.data_validations.dataValidation if f"{column_of(sheet, title)}2:" in str(rule.sqref))


def test_the_sheets(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Data", "Contoh", "Petunjuk", "Daftar"]
    assert [sheet.sheet_state for sheet in book] == ["visible", "visible", "visible", "hidden"]
    assert book.active.title == "Data"


def test_headings_are_plain_names_and_the_header_stays_in_sight(data: Worksheet) -> None:
    titles = [cell.value for cell in data[1]]
    assert titles == [field.title_id for field in COMMON.values()] + [field.title_id for field in FIELDS[1:]]
    assert find_header([(1, titles)]).columns == tuple(titles)
    assert data.freeze_panes == "A2"
    assert all(cell.data_type == "s" for cell in data[1])
    bold = {cell.value for cell in data[1] if cell.font.bold}
    assert bold == {"Nama", "Kelurahan", "Lintang", "Bujur"}
    assert all(cell.comment.text for cell in data[1])


def test_the_lists(path: Path, data: Worksheet) -> None:
    lists = openpyxl.load_workbook(path)["Daftar"]
    expected = {"Kelurahan": ["Kaliombo", "Kembar (Kec. Kota)", "Kembar (Kec. Pesantren)", "Lirboyo"], "Jenis": ["balita", "lansia"], "SPM kesehatan": ["ya", "tidak"], "Cara menentukan letak": ["gps", "map", "import", "geocoded"]}  # fmt: skip
    for title, values in expected.items():
        rule = rule_of(data, title)
        assert rule.type == "list"
        sheet, _, cells = rule.formula1.partition("!")
        assert sheet == "Daftar"
        assert [row[0].value for row in lists[cells.replace("$", "")]] == values
    assert rule_of(data, "Kelurahan").errorStyle == "warning"
    assert rule_of(data, "Jenis").errorStyle in (None, "stop")


def test_numbers_and_dates_are_checked(data: Worksheet) -> None:
    assert (rule_of(data, "Kader aktif").type, rule_of(data, "Luas (m²)").type) == ("whole", "decimal")
    assert (rule_of(data, "=Sejak").type, rule_of(data, "=Sejak").operator) == ("date", "greaterThanOrEqual")
    latitude, longitude = rule_of(data, "Lintang"), rule_of(data, "Bujur")
    # A warning only: degrees and minutes are read as well.
    assert (latitude.type, latitude.errorStyle, float(latitude.formula1) < -7.8 < float(latitude.formula2)) == ("decimal", "warning", True)
    assert float(longitude.formula1) < 112 < float(longitude.formula2)


def test_every_column_says_what_it_is_when_a_cell_is_chosen(data: Worksheet) -> None:
    rules = data.data_validations.dataValidation
    assert len(rules) == len(data[1])
    for rule in rules:
        assert 0 < len(rule.promptTitle) <= 32
        assert 0 < len(rule.prompt) <= 255
        assert str(rule.sqref).endswith("200001")


def test_zeros_in_front_are_kept(data: Worksheet) -> None:
    formats: dict[int, str] = {}
    for group in data.column_dimensions.values():
        formats |= dict.fromkeys(range(group.min, group.max + 1), group.number_format)
    found = {cell.value: formats[cell.column] for cell in data[1]}
    assert {found[title] for title in ("RT", "RW", "Nomor registrasi", "Nama", "Perlengkapan")} == {"@"}
    assert {found[title] for title in ("Lintang", "Kader aktif", "SPM kesehatan")} == {"General"}
    assert found["=Sejak"] == "yyyy-mm-dd"


def test_examples_and_explanations(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    examples = [[cell.value for cell in row] for row in book["Contoh"]]
    assert len(examples) == 4
    first = dict(zip(examples[0], examples[1], strict=True))
    assert (first["Nomor registrasi"], first["Lintang"], first["Jenis"], first["Kelurahan"]) == (
        "00123",
        "-7.8160123",
        "balita",
        "Kaliombo",
    )
    assert "," in dict(zip(examples[0], examples[3], strict=True))["Koordinat"]
    guide = [[cell.value for cell in row] for row in book["Petunjuk"]]
    explained = guide[[row[0] for row in guide].index("Kolom") + 1 :]
    assert [row[0] for row in explained] == examples[0]
    assert ["Jenis", "boleh kosong", "Untuk siapa.", "balita, lansia", "balita"] in explained
    assert any("Google Maps" in str(row[0]) for row in guide)
    assert all(cell.data_type != "f" for sheet in book for row in sheet for cell in row)


def test_an_empty_template_is_an_empty_table_and_a_filled_one_is_read(path: Path) -> None:
    table, rows = opened(path)
    assert (table.sheet, rows) == ("Data", [])
    book = openpyxl.load_workbook(path)
    for column, value in (("A", "Melati"), (column_of(book["Data"], "RT"), "001"), (column_of(book["Data"], "Lintang"), -7.81)):
        book["Data"][f"{column}2"] = value
    book.save(path)
    table, rows = opened(path)
    found = dict(zip(table.columns, rows[0].cells, strict=True))
    assert (found["Nama"], found["RT"], found["Lintang"], found["Bujur"]) == ("Melati", "001", -7.81, None)


def test_the_kelurahan_of_a_large_province_cost_little(tmp_path: Path) -> None:
    many = [(f"{n:05}", f"Desa {n}", "") for n in range(30_000)]
    start = time.perf_counter()
    write_template(tmp_path / "a.xlsx", "Posyandu", FIELDS, many)
    assert time.perf_counter() - start < 3
