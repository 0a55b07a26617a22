"""Numbers as people write them: what has one meaning is read, what has two is asked about."""

import pytest

from app.categories.rules import Category
from app.language import Text
from app.messages import FAULTS
from app.transfers.cells import Read, read
from app.transfers.columns import recognised
from app.transfers.fields import Field, Kind


def field(kind: Kind) -> Field:
    return Field("luas", kind, Text("Luas", "Area"))


def number(text: str | float, *, is_canonical: bool = False) -> Read:
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
    assert number(text, is_canonical=is_canonical) == Read(value)


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
    assert number("1.200", is_canonical=True) == Read(1.2)
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
    assert read(text, field("integer")) == Read(value)


@pytest.mark.parametrize("text", ["0.125", "1.200,5", "1.200,000", "1.5", "12,0", "1.2000", True])
def test_what_is_no_whole_number(text: str | int) -> None:
    found = read(text, field("integer")).fault
    assert found is not None
    assert found.code == "cell-not-a-whole-number"


@pytest.mark.parametrize("text", ["4.288", "4,288"])
def test_metres_of_a_receiver_have_decimals(text: str) -> None:
    """Programs write three of them, and nobody knows a place to four kilometres."""
    assert read(text, Field("accuracy_m", "number", Text("Ketelitian", "Accuracy"))) == Read(4.288)
