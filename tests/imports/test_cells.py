"""Numbers as people write them: what has one meaning is read, what has two is asked about."""

import pytest

from app.categories.rules import Category
from app.imports.cells import CellValue, read
from app.imports.columns import recognised
from app.imports.fields import Field, FieldKind
from app.imports.neighbourhoods import numbers_in
from app.imports.people import telephone
from app.language import Text
from app.messages import FAULTS


def field(kind: FieldKind) -> Field:
    return Field("luas", kind, Text("Luas", "Area"))


def number(text: str | float, *, is_canonical: bool = False) -> CellValue:
    return read(text, field("number"), is_canonical=is_canonical)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1200", 1200), ("1.2", 1.2), ("1,2", 1.2), ("-1,25", -1.25), ("0.125", 0.125), ("0,125", 0.125), ("1,2000", 1.2), ("1200,500", 1200.5),
        ("1.200.000", 1_200_000), ("1,200,000", 1_200_000), ("-1.200,5", -1200.5), ("1,200.5", 1200.5), ("1.200,500", 1200.5),
        ("1.200.000,25 m", 1_200_000.25), ("8 m", 8), (1.2, 1.2), (1200, 1200),
    ],
)  # fmt: skip
@pytest.mark.parametrize("is_canonical", [False, True])
def test_a_number_of_one_meaning(text: str | float, value: float, *, is_canonical: bool) -> None:
    assert number(text, is_canonical=is_canonical) == CellValue(value)


@pytest.mark.parametrize("text", ["1.200,000,5", "1.200.00", "0.125.000", "1..200", "1.200,5,5", "12.3456.789", "luas", "1,200.000.000"])
def test_what_is_no_number(text: str) -> None:
    found = number(text).fault
    assert found is not None
    assert found.code == "not-a-number"


@pytest.mark.parametrize(
    ("text", "whole", "decimal"),
    [
        ("1.200", "1200", "1,2"),
        ("1,200", "1200", "1,2"),
        ("-12.000", "-12000", "-12,0"),
        ("12.345 m", "12345", "12,3450"),
        ("100.010", "100010", "100,01"),
    ],
)
def test_a_number_of_two_meanings_is_a_fault_that_says_how_to_write_it(text: str, whole: str, decimal: str) -> None:
    found = number(text).fault
    assert found is not None
    told = FAULTS[found.code]
    assert told.say("id", found.facts).endswith(f"Tulis {whole} atau {decimal}.")
    assert told.say("en", found.facts).endswith(f"Write {whole} or {decimal}.")
    # What it says to write can be read.
    assert number(whole).value == float(whole)
    assert number(decimal).value == float(decimal.replace(",", "."))


def test_a_point_in_a_column_of_an_export_is_a_decimal_point() -> None:
    assert number("1.200", is_canonical=True) == CellValue(1.2)
    assert number("1,200", is_canonical=True).fault == number("1,200").fault


def test_an_export_is_known_by_more_than_one_heading() -> None:
    """People write names of fields too."""
    schema = {"type": "object", "properties": {"luas": {"type": "number"}}}
    category = Category("lapangan", 1, schema, (), None, (), "many")

    def columns(*headers: str) -> list[tuple[str | None, bool]]:
        return [(one.field.name if one.field else None, one.is_canonical) for one in recognised(headers, category)]

    assert columns("Nama", "luas") == [("name", False), ("luas", False)]
    assert columns("id", "category", "name", "luas", "Alamat") == [
        ("id", True), (None, False), ("name", True), ("luas", True), ("address", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "value"), [("12", 12), ("1.200", 1200), ("1,200", 1200), ("-1.200.000", -1_200_000), ("1,200,000", 1_200_000), (12, 12)]
)
def test_marks_in_a_whole_number_group_thousands(text: str | int, value: int) -> None:
    assert read(text, field("integer")) == CellValue(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5.0", 5),
        ("5,0", 5),
        ("-5.0", -5),
        ("0.0", 0),
        ("12,00", 12),
        ("1200.0", 1200),
        ("1.200,0", 1200),
        ("1,200.00", 1200),
        ("5.000", 5000),
    ],
)
def test_a_whole_number_that_was_written_with_decimals_is_whole(text: str, value: int) -> None:
    """As programs do where some of the column are missing. Three zeros stay a group of thousands."""
    assert read(text, field("integer")) == CellValue(value)
    assert read("5.5", field("integer")).fault is not None


def test_so_are_those_that_mean_something_else() -> None:
    assert read("1.0", field("boolean")) == CellValue(value=True)
    assert read("0,0", field("boolean")) == CellValue(value=False)
    choices = Field("kelas", "text", Text("Kelas", "Class"), choices=("1", "10"))
    assert (read("1.0", choices), read("10,0", choices)) == (CellValue("1"), CellValue("10"))
    assert telephone("81234567890.0") == telephone("081234567890")


@pytest.mark.parametrize("text", ["0.125", "1.200,5", "1.200,000", "1.5", "5,5", "1.2000", True])
def test_what_is_no_whole_number(text: str | int) -> None:
    found = read(text, field("integer")).fault
    assert found is not None
    assert found.code == "cell-not-a-whole-number"


@pytest.mark.parametrize("text", ["4.288", "4,288"])
def test_metres_of_a_receiver_have_decimals(text: str) -> None:
    """Programs write three of them, and nobody knows a place to four kilometres."""
    assert read(text, Field("accuracy_m", "number", Text("Ketelitian", "Accuracy"))) == CellValue(4.288)


MOMENT = Field("captured_at", "instant", Text("Waktu pendataan", "Time of capture"))


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2026/01/02 10:11:12+00", "2026-01-02T10:11:12Z"), ("2026/01/02 10:11:12.345+07", "2026-01-02T03:11:12Z"), ("17/08/2026 09.30", "2026-08-17T02:30:00Z"),
        ("Senin, 17 Agustus 2026 09.30 WIB", "2026-08-17T02:30:00Z"), ("Jum'at, 2 Januari 2026 pukul 13.05 WIT", "2026-01-02T04:05:00Z"), ("17-Agu-26", "2026-08-16T17:00:00Z"),
        ("17.08.2026", "2026-08-16T17:00:00Z"), ("2026-08-17 10:30 WITA", "2026-08-17T02:30:00Z"), ("2026-11-02T08:11:03+07:00", "2026-11-02T01:11:03Z"), ("2026-01-02T10:11:12+0700", "2026-01-02T03:11:12Z"),
        (1_767_323_045_000, "2026-01-02T03:04:05Z"), ("11/22/2026 1:15:00 PM", "2026-11-22T06:15:00Z"), ("22/11/2026 1:15 AM", "2026-11-21T18:15:00Z"),
    ],
)  # fmt: skip
def test_dates_and_times_as_people_and_programs_write_them(cell: str | int, value: str) -> None:
    """Without a zone they are those of western Indonesia."""
    assert read(cell, MOMENT) == CellValue(value)


@pytest.mark.parametrize(
    "cell",
    ["2/3/2026 1:15 PM", "31/31/2026", "17/08/26", "20260817", 20260817, "13:05", "Selasa minggu kedua", "01/01/0001", "17 Agustusan 2026"],
)
def test_a_date_of_two_meanings_or_none_is_a_fault(cell: str | int) -> None:
    found = read(cell, MOMENT).fault
    assert found is not None
    assert found.code == "cell-not-a-date"


@pytest.mark.parametrize(
    ("text", "field", "expected"),
    [
        ("RT. 002 RW. 005", "rt_rw", ("002", "005")), ("RT 002, RW 005", "rt_rw", ("002", "005")), ("002-005", "rt_rw", ("002", "005")), ("RW 05 RT 02", "rt_rw", ("02", "05")),
        ("02/V", "rt_rw", ("02", "5")), ("II/V", "rt_rw", ("2", "5")), ("RT.02/RW.05", "rt_rw", ("02", "05")), ("RT02RW05", "rt_rw", ("02", "05")), ("RT 02/05", "rt_rw", ("02", "05")),
        ("002 005", "rt_rw", ("002", "005")), ("RT 2", "rt_rw", ("2", None)), ("RW 05", "rt_rw", (None, "05")), ("7", "rt_rw", ("7", None)),
        ("RT 04", "rt", ("04", None)), ("IX", "rw", (None, "9")), ("RT 02 RW 05", "rt", ("02", "05")), ("RW 05", "rw", (None, "05")),
        # Of a column of decimals, because some cells of it are blank.
        ("2.0", "rw", (None, "2")), ("2,0", "rt", ("2", None)), ("12.0", "rt_rw", ("12", None)), ("5.0", "rw_rt", (None, "5")), ("2.1", "rt_rw", ("2", "1")),
        ("02/05", "rw_rt", ("05", "02")), ("RW 02/05", "rw_rt", ("05", "02")), ("RT 03 RW 06", "rw_rt", ("03", "06")), ("V/02", "rw_rt", ("02", "5")), ("7", "rw_rt", (None, "7")),
        # Under a heading that names one of them nobody knows which is which; and what is no number.
        ("09/02", "rw", (None, None)), ("RW 05/02", "rt_rw", (None, None)), ("Pak Budi", "rt", (None, None)), ("IIX", "rw", (None, None)), ("RT 02/05", "rw_rt", (None, None)),
        # Only capitals are Roman.
        ("x", "rw", (None, None)), ("v", "rt", (None, None)), ("i", "rw", (None, None)), ("02/v", "rt_rw", (None, None)), ("rt 02 rw v", "rt_rw", (None, None)), ("Iv", "rw", (None, None)),
        ("2.5", "rw", (None, None)), ("12/13/14", "rt_rw", (None, None)), ("Jl. Melati", "rt_rw", (None, None)),
    ],
)  # fmt: skip
def test_numbers_of_rt_and_rw_as_identity_cards_have_them(text: str, field: str, expected: tuple[str | None, str | None]) -> None:
    assert numbers_in(text, field) == expected


@pytest.mark.parametrize("cell", [0, 0.0, "0", "0.00", "0,0 m"])
def test_an_accuracy_of_0_is_not_known(cell: str | float) -> None:
    assert read(cell, Field("accuracy_m", "number", Text("Ketelitian", "Accuracy"))) == CellValue()
