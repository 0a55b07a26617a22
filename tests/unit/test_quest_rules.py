"""What is missing of a kelurahan: by the numbers of its RT, whatever way they are written, and by counts where things have no number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.quests.rules import (
    ROSTER,
    ExpectedNumber,
    KnownPoint,
    LatestFigure,
    RtNumber,
    categories_counted,
    expected,
    missing_numbers,
    neighbours,
    number_of,
    roster_of,
    rt_of,
)


def a_point(rw: str, rt: str, standing: str = "published", id_: str = "") -> KnownPoint:
    return KnownPoint(id_ or f"{rw}.{rt}", "rt", standing, f"RT {rt}", rt_of(rw, rt), 112.0, -7.8)


def a_roster(*classes: str, value: float = 1) -> list[LatestFigure]:
    return [LatestFigure(ROSTER, one, "2026", value) for one in classes]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", "1"), ("01", "1"), ("001", "1"), ("RT.01", "1"), ("rt 12", "12"), ("RW-03", "3"), (" 12a ", "12A"), ("0", "0"), ("000", "0"),
        ("", None), (None, None), ("dua", None), ("1/2", None), ("12345", None),
    ],
)  # fmt: skip
def test_a_number_is_the_same_however_it_is_written(text: str | None, number: str | None) -> None:
    assert number_of(text) == number


@given(st.integers(0, 9_999), st.integers(0, 3))
def test_zeros_before_a_number_say_nothing(number: int, zeros: int) -> None:
    assert number_of("0" * zeros + str(number)) == str(number)


def test_a_roster_lists_those_that_there_are() -> None:
    figures = [*a_roster("03.012", "3.13"), *a_roster("03.014", value=0), *a_roster("RW"), LatestFigure("jumlah_rt", "", "2026", 32)]
    assert set(roster_of(figures)) == {RtNumber("3", "12"), RtNumber("3", "13")}


@pytest.mark.parametrize("standing", ["published", "submitted", "draft", "returned"])
def test_what_was_begun_is_not_missing(standing: str) -> None:
    roster = roster_of(a_roster("1.1", "1.2", "2.1"))
    assert missing_numbers(roster, [a_point("001", "001", standing)]) == [RtNumber("1", "2"), RtNumber("2", "1")]


def test_what_has_ended_is_missing_and_other_categories_count_for_nothing() -> None:
    roster = roster_of(a_roster("1.1", "1.2"))
    points = [a_point("1", "1", "ended"), a_point("1", "2")._replace(category="posyandu")]
    assert missing_numbers(roster, points) == [RtNumber("1", "1"), RtNumber("1", "2")]


def test_they_stand_in_the_order_of_their_numbers() -> None:
    roster = roster_of(a_roster("2.1", "1.10", "1.9", "1.9A", "10.1"))
    assert [".".join(one) for one in missing_numbers(roster, [])] == ["1.9", "1.9A", "1.10", "2.1", "10.1"]


def test_neighbours_are_of_the_same_rw_and_near_by_number() -> None:
    points = [a_point("1", "1"), a_point("1", "4"), a_point("1", "9"), a_point("2", "3"), a_point("1", "2", "draft")]
    assert [one.id for one in neighbours(RtNumber("1", "3"), points)] == ["1.4", "1.1"]
    assert [one.id for one in neighbours(RtNumber("7", "3"), points)] == ["2.3", "1.4"]


def a_definition(kind: str, *, checks: tuple[dict[str, object], ...] = (), count: object = None) -> dict[str, object]:
    return {"kind": kind, "checks": list(checks), "count": count}


def test_the_profile_says_how_many_by_what_it_is_checked_against() -> None:
    def counts(category: str, **more: object) -> dict[str, object]:
        return a_definition("counted", count={"category": category, "filter": None, "share": False, **more})

    def against(name: str) -> dict[str, object]:
        return {"kind": "map", "indicators": [name]}

    definitions = {
        "jumlah_rt": a_definition("entered", checks=(against("titik_rt"),)), "titik_rt": counts("rt"),
        "jumlah_pos": a_definition("entered", checks=(against("titik_pos"),)), "titik_pos": counts("pos_kamling"),
        "mandiri": a_definition("entered", checks=(against("titik_mandiri"),)), "titik_mandiri": counts("posyandu", filter="strata = 'mandiri'"),
    }  # fmt: skip
    assert categories_counted(definitions) == {"rt": "jumlah_rt", "pos_kamling": "jumlah_pos"}
    figures = [LatestFigure("jumlah_rt", "", "2025", 30), LatestFigure("jumlah_pos", "", "2026", 9)]
    assert expected(definitions, figures) == {
        "rt": ExpectedNumber("jumlah_rt", "2025", 30),
        "pos_kamling": ExpectedNumber("jumlah_pos", "2026", 9),
    }
    assert expected(definitions, [*figures, *a_roster("1.1", "1.2")])["rt"] == ExpectedNumber(ROSTER, "2026", 2)
