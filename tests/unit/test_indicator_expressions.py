"""The language of computed indicators: held against Python's own arithmetic, and against whatever anybody may type."""

import ast
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.figures.expression import (
    MAX_DIGITS,
    MAX_LENGTH,
    MAX_NESTED,
    MAX_PARTS,
    ExpressionFault,
    FigureValue,
    Missing,
    evaluate,
    names_of,
    parse,
    rounded,
)
from app.messages import FAULTS, say_fault

NAMES = ("jumlah", "luas", "min_max", "x1")
NUMBERS = st.one_of(st.integers(0, 50).map(str), st.decimals(0, 99, places=2).map(str))
FRACTIONS = st.fractions(-50, 50, max_denominator=20)
VALUES = st.fixed_dictionaries(dict.fromkeys(NAMES, FRACTIONS))
MISSING = st.fixed_dictionaries({name: st.one_of(FRACTIONS, st.sampled_from(Missing)) for name in NAMES})


def _joined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    blanks = st.sampled_from(["", " ", "  "])
    return st.one_of(
        st.builds(
            lambda left, one, sign, two, right: f"{left}{one}{sign}{two}{right}", inner, blanks, st.sampled_from("+-*/"), blanks, inner
        ),
        inner.map(lambda text: f"({text})"),
        inner.map(lambda text: f"-({text})"),
        st.builds(
            lambda name, args: f"{name}({', '.join(args)})", st.sampled_from(["min", "max"]), st.lists(inner, min_size=2, max_size=3)
        ),
        st.builds(lambda text, decimals: f"round({text}, {decimals})", inner, st.integers(0, 6)),
    )


EXPRESSIONS = st.recursive(st.one_of(NUMBERS, st.sampled_from(NAMES)), _joined, max_leaves=12)
SOUP = st.lists(st.one_of(NUMBERS, st.sampled_from([*NAMES, *"+-*/(),", "min", "round", "@", ".", "1e5", "é", "\n"])), max_size=40).map(
    " ".join
)


def by_python(text: str, values: dict[str, Any]) -> Fraction:
    """The same by Python's parser and precedence, in fractions. ZeroDivisionError."""
    exact = re.sub(r"(?<![\w.])([0-9]+(?:\.[0-9]+)?)", r"Fraction('\1')", text)
    tree = ast.parse(exact.strip(), mode="eval")
    known = {"Fraction": Fraction, "min": min, "max": max, "round": lambda value, decimals: rounded(value, int(decimals)), **values}
    found: Fraction = eval(compile(tree, "", "eval"), {"__builtins__": {}}, known)
    return found


def outcome(text: str, values: Mapping[str, FigureValue]) -> FigureValue | str:
    """The value, or the code of the fault."""
    try:
        return evaluate(parse(text), values)
    except ExpressionFault as error:
        return error.code


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(EXPRESSIONS, VALUES)
@example("1 - 2 - 3", dict.fromkeys(NAMES, Fraction(0)))
@example("2 / 3 / 4 * 5", dict.fromkeys(NAMES, Fraction(0)))
@example("-jumlah * -luas - -x1", dict.fromkeys(NAMES, Fraction(3)))
def test_what_it_computes_is_what_python_computes(text: str, values: dict[str, Fraction]) -> None:
    try:
        expected: Fraction | None = by_python(text, values)
    except ZeroDivisionError:
        expected = None
    # What divides by what is always zero is refused before there are values.
    assert outcome(text, values) == ("expression-division-by-zero" if expected is None else expected)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(EXPRESSIONS, MISSING)
def test_what_is_missing_stays_missing_and_is_no_zero(text: str, values: dict[str, FigureValue]) -> None:
    found = outcome(text, values)
    if found == "expression-division-by-zero":
        return
    used = [values[name] for name in names_of(parse(text))]
    if Missing.NOT_APPLICABLE in used:
        assert found is Missing.NOT_APPLICABLE
    elif Missing.EMPTY in used:
        assert found is Missing.EMPTY
    else:
        assert isinstance(found, Fraction)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.text(max_size=60), SOUP), MISSING)
def test_whatever_is_typed_raises_nothing_but_its_own_fault(text: str, values: dict[str, FigureValue]) -> None:
    fault = None
    try:
        evaluate(parse(text), values)
    except ExpressionFault as error:
        fault = error
    if fault is not None:
        told = [say_fault(fault.code, fault.facts, language) for language in ("id", "en")]
        assert 0 <= fault.at <= len(text)
        assert told[0] != told[1]
        assert "{" not in told[0] + told[1]


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ("", "expression-ends", 0),
        ("jumlah +", "expression-ends", 8),
        ("(jumlah", "expression-ends", 7),
        ("jumlah)", "expression-unexpected", 6),
        ("jumlah luas", "expression-unexpected", 7),
        ("1,5 * luas", "expression-unexpected", 1),
        ("+ 5", "expression-unexpected", 0),
        ("jumlah ** 2", "expression-unexpected", 8),
        ("jumlah; luas", "expression-sign", 6),
        ("Jumlah", "expression-sign", 0),
        ("__import__('os')", "expression-sign", 0),
        ("sum(jumlah)", "expression-function", 0),
        ("round(luas, 7)", "expression-rounding", 0),
        ("round(luas, jumlah)", "expression-rounding", 0),
        ("min()", "expression-unexpected", 4),
        ("jumlah / 0", "expression-division-by-zero", 7),
        ("jumlah / (2 - 1 - 1)", "expression-division-by-zero", 7),
        (f"{'(' * (MAX_NESTED + 1)}1{')' * (MAX_NESTED + 1)}", "expression-too-deep", MAX_NESTED),
        ("-" * 400 + "1", "expression-too-deep", MAX_NESTED),
        (" + ".join(["1"] * (MAX_PARTS + 1)), "expression-too-many", 4 * MAX_PARTS),
        ("1" * (MAX_DIGITS + 1), "expression-number", 0),
        ("1" * (MAX_LENGTH + 1), "expression-too-long", MAX_LENGTH),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, code: str, at: int) -> None:
    with pytest.raises(ExpressionFault) as raised:
        parse(text)
    assert (raised.value.code, raised.value.at) == (code, at)
    assert code in FAULTS


def test_a_division_by_a_value_of_zero_is_a_fault_of_its_own() -> None:
    tree = parse("100 * titik / jumlah")
    assert evaluate(tree, {"titik": Fraction(29), "jumlah": Fraction(32)}) == Fraction(2900, 32)
    with pytest.raises(ExpressionFault, match="division-by-zero"):
        evaluate(tree, {"titik": Fraction(29), "jumlah": Fraction(0)})
    assert evaluate(tree, {"titik": Fraction(29)}) is Missing.EMPTY


@pytest.mark.parametrize(
    ("value", "decimals", "expected"), [("2.5", 0, "3"), ("-2.5", 0, "-3"), ("0.125", 2, "0.13"), ("1.005", 2, "1.01"), ("-0.4", 0, "0")]
)
def test_halves_are_rounded_away_from_zero(value: str, decimals: int, expected: str) -> None:
    assert rounded(Fraction(value), decimals) == Fraction(expected)


def test_the_largest_expression_is_evaluated_exactly_and_at_once() -> None:
    # Of 100 factors of as many digits as 500 characters allow.
    text = "*".join(["9999"] * MAX_PARTS)
    assert len(text) <= MAX_LENGTH
    assert evaluate(parse(text), {}) == Fraction(9999**MAX_PARTS)
