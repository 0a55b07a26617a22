"""Numbers as people write them, and a profile as a form."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Fault
from app.figures.periods import read_period
from app.figures.rules import FigureKey
from app.indicators.queries import shipped
from app.profiles.form import TypedFigure, fields_of, read_number, typed_of, values_of, wrong_of


@given(st.integers(-(10**14), 10**14))
def test_digits_are_themselves(number: int) -> None:
    assert read_number(str(number)) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", "12"), (" 12 ", "12"), ("2,49", "2.49"), ("2.49", "2.49"), ("1.234.567", "1234567"), ("1,234,567", "1234567"), ("1 234", "1234"),
        ("1.234,5", "1234.5"), ("1,234.5", "1234.5"), ("1.234.567,89", "1234567.89"), ("0,5", "0.5"), ("1,2340", "1.234"), ("-3", "-3"), ("12345,678", "12345.678"),
    ],
)  # fmt: skip
def test_what_can_be_one_number_only_is_that(text: str, number: str) -> None:
    assert read_number(text) == Decimal(number)


@pytest.mark.parametrize(
    ("text", "whole", "fraction"), [("1.234", "1234", "1,2340"), ("1,234", "1234", "1,2340"), ("12.500", "12500", "12,5000")]
)
def test_what_may_be_two_numbers_is_asked_about_and_both_answers_are_taken(text: str, whole: str, fraction: str) -> None:
    asked = read_number(text)
    assert isinstance(asked, Fault)
    assert (asked.code, asked.facts) == ("number-ambiguous", {"whole": whole, "fraction": fraction})
    assert read_number(whole) == Decimal(whole)
    assert read_number(fraction) == Decimal(fraction.replace(",", "."))


@pytest.mark.parametrize("text", ["", "dua", "12 orang", "1.2.3", "1,,2", "1.234,567.8", "1e5", "0x10", "½", "12-", "1.23.456", "\uff11"])
def test_what_is_no_number_is_told(text: str) -> None:
    found = read_number(text)
    assert isinstance(found, Fault)
    assert found.code == "number-unread"


def test_the_form_of_a_year_has_what_is_given_by_year_and_each_class() -> None:
    period = read_period("2025")
    assert period
    names = [field.name for field in fields_of(shipped(), period)]
    assert {"jumlah_rt", "luas_wilayah", "penduduk_menurut_agama/islam"} <= set(names)
    assert not {"kepadatan_penduduk", "titik_rt", "penduduk_menurut_agama"} & set(names)


def test_what_was_typed_is_what_is_sent() -> None:
    period = read_period("2025")
    assert period
    fields = fields_of(shipped(), period)
    sent = {
        "angka:jumlah_rt": "32", "versi:jumlah_rt": "3", "angka:jumlah_rw": "1.234", "arti:jumlah_lingkungan": "not-applicable", "angka:luas_wilayah": "2,49",
        "jelas:luas_wilayah": "Diukur ulang", "angka:penduduk_menurut_agama/islam": "6120", "angka:lain": "1",
    }  # fmt: skip
    found, unread = values_of(typed_of(fields, sent), "tetap")
    values = list(found.values())
    by_name = {(one["indicator"], one.get("class")): one for one in values}
    assert by_name["jumlah_rt", None] == {"indicator": "jumlah_rt", "meaning": "value", "status": "tetap", "value": 32.0, "version": 3}
    assert by_name["jumlah_lingkungan", None] == {"indicator": "jumlah_lingkungan", "meaning": "not-applicable", "status": "tetap"}
    assert (by_name["luas_wilayah", None]["value"], by_name["luas_wilayah", None]["explanation"]) == (2.49, "Diukur ulang")
    assert by_name["penduduk_menurut_agama", "islam"]["value"] == 6120
    assert len(values) == 4
    assert [(key, fault.code) for key, fault in unread] == [(FigureKey("jumlah_rw"), "number-ambiguous")]


def test_what_is_wrong_stands_at_its_field() -> None:
    keys = [FigureKey("a"), FigureKey("b", "x")]
    faults = [Fault("/values/1/value", "number-too-small"), Fault("/values/0/explanation", "explain-change"), Fault("/draft", "x")]
    assert [(key, part) for key, part, _ in wrong_of(keys, faults, [(FigureKey("c"), Fault("", "number-unread"))])] == [
        (FigureKey("c"), "angka"), (FigureKey("b", "x"), "angka"), (FigureKey("a"), "jelas"),
    ]  # fmt: skip
    assert TypedFigure().number == ""
