"""Periods: written, read, ordered, said."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.figures.periods import Period, read_period

WRITTEN = st.one_of(
    st.integers(1901, 2199).map(lambda year: f"{year}"),
    st.tuples(st.integers(1901, 2199), st.integers(1, 2)).map(lambda one: f"{one[0]}-S{one[1]}"),
    st.tuples(st.integers(1901, 2199), st.integers(1, 12)).map(lambda one: f"{one[0]}-{one[1]:02}"),
    st.dates(date(1901, 1, 1), date(2199, 12, 31)).map(date.isoformat),
)


def period(text: str) -> Period:
    found = read_period(text)
    assert found
    return found


@given(WRITTEN)
def test_what_is_read_is_written_alike(text: str) -> None:
    assert str(period(text)) == text


@given(WRITTEN)
def test_the_one_before_ends_the_day_before(text: str) -> None:
    now = period(text)
    assert now.before.ends + timedelta(days=1) == now.begins
    assert (now.before.kind, now.before < now) == (now.kind, True)


@pytest.mark.parametrize(
    ("text", "begins", "ends"),
    [
        ("2026", "2026-01-01", "2026-12-31"), ("2026-S1", "2026-01-01", "2026-06-30"), ("2026-S2", "2026-07-01", "2026-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"), ("2026-12", "2026-12-01", "2026-12-31"), ("2026-08-17", "2026-08-17", "2026-08-17"),
    ],
)  # fmt: skip
def test_its_first_and_last_day(text: str, begins: str, ends: str) -> None:
    found = period(text)
    assert (found.begins.isoformat(), found.ends.isoformat()) == (begins, ends)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "26",
        "2026-S0",
        "2026-S3",
        "2026-13",
        "2026-00",
        "2026-02-30",
        "2026-8",
        "2026-s1",
        " 2026",
        "2026\n",
        "1899",
        "2200",
        "2026-02-00",
        "\uff12\uff10\uff12\uff16",
    ],
)
def test_what_is_no_period(text: str) -> None:
    assert read_period(text) is None


def test_it_is_said_as_people_say_it() -> None:
    assert [period(text).title.id for text in ("2026", "2026-S2", "2026-08", "2026-08-17")] == [
        "2026", "Semester II 2026", "Agustus 2026", "17 Agustus 2026",
    ]  # fmt: skip
    assert period("2026-S1").title.en == "Semester 1 of 2026"
