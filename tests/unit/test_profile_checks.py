"""What figures say of each other: each kind of check, and what it leaves alone."""

from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.figures.expression import FigureValue, Missing
from app.figures.rules import FigureKey
from app.profiles.checking import CheckedProfile, CheckFinding, findings

NUMBERS = st.integers(0, 10_000).map(Fraction)


def defined(*checks: dict[str, Any]) -> dict[str, Any]:
    return {"checks": [{"percent": None, "severity": "warning", "indicators": [], **check} for check in checks]}


def key(text: str) -> FigureKey:
    name, _, one = text.partition("/")
    return FigureKey(name, one)


def found(check: dict[str, Any], figures: dict[str, FigureValue], **more: Any) -> list[CheckFinding]:
    definitions = {name: defined() for name in "bcd"} | {"a": defined(check)}
    own = {key(name): value for name, value in figures.items()}
    before = {key(name): value for name, value in more.get("before", {}).items()}
    return list(findings(set(own), definitions, CheckedProfile(own, before, more.get("counted", {}))))


@given(NUMBERS, NUMBERS, NUMBERS)
def test_parts_are_told_exactly_where_they_do_not_add_up(a: Fraction, b: Fraction, c: Fraction) -> None:
    assert bool(found({"kind": "parts", "indicators": ["b", "c"]}, {"a": a, "b": b, "c": c})) == (a != b + c)


@given(NUMBERS, NUMBERS, st.integers(0, 100))
def test_as_much_as_is_tolerated_may_differ(a: Fraction, b: Fraction, percent: int) -> None:
    told = found({"kind": "parts", "indicators": ["b"], "percent": percent}, {"a": a, "b": b})
    assert bool(told) == (abs(a - b) * 100 > b * percent)


@given(st.sampled_from([Missing.EMPTY, Missing.NOT_APPLICABLE]), NUMBERS)
def test_what_is_missing_is_no_zero(missing: Missing, number: Fraction) -> None:
    for check in (
        {"kind": "parts", "indicators": ["b", "c"]}, {"kind": "at_most", "indicators": ["b"]}, {"kind": "map", "indicators": ["b"]},
        {"kind": "change", "percent": 1}, {"kind": "classes", "indicators": ["b"]},
    ):  # fmt: skip
        assert found(check, {"a": number, "b": missing, "c": number}) == []
        assert found(check, {"a": missing, "b": number, "c": number}, before={"a": number}, counted={"b": number}) == []


def test_each_kind() -> None:
    one, two, nine = Fraction(1), Fraction(2), Fraction(9)
    assert [told.facts for told in found({"kind": "at_most", "indicators": ["b"]}, {"a": two, "b": one})] == [
        {"is": "2", "expected": "1", "with": "b"}
    ]
    assert found({"kind": "at_most", "indicators": ["b"]}, {"a": one, "b": two}) == []
    assert [told.key for told in found({"kind": "classes", "indicators": ["b"]}, {"a/x": one, "a/y": two, "b": nine})] == [
        FigureKey("a", "x")
    ]
    assert found({"kind": "classes", "indicators": ["b"]}, {"a/x": one, "a/y": one, "b": two}) == []
    assert [told.facts for told in found({"kind": "change", "percent": 20}, {"a": nine}, before={"a": two})] == [
        {"is": "9", "expected": "2", "with": "350"}
    ]
    assert found({"kind": "change", "percent": 20}, {"a": nine}, before={"a": Fraction(0)}) == []
    assert [told.facts["expected"] for told in found({"kind": "map", "indicators": ["b"]}, {"a": nine}, counted={"b": two})] == ["2"]


def test_it_is_told_at_what_was_sent() -> None:
    figures = {FigureKey("a"): Fraction(9), FigureKey("b"): Fraction(1), FigureKey("c"): Fraction(1)}
    definitions = {"a": defined({"kind": "parts", "indicators": ["b", "c"], "severity": "fault"}), "b": defined(), "c": defined()}
    told = list(findings({FigureKey("c")}, definitions, CheckedProfile(figures, {}, {})))
    assert [(one.key, one.severity) for one in told] == [(FigureKey("c"), "fault")]
    assert list(findings({FigureKey("d")}, definitions, CheckedProfile(figures, {}, {}))) == []
