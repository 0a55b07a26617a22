"""What an assertion of these tests may look like: none that cannot fail, as far as its form tells. mypy (`truthy-bool`) finds forgotten `await`."""

import ast
from collections.abc import Iterator

import pytest

from app import ROOT

FILES = sorted([*(ROOT / "tests").rglob("*.py"), *(ROOT / "conformance").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")])
IN_ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
ALWAYS_TRUE = (ast.Tuple, ast.List, ast.Set, ast.Dict, ast.JoinedStr, ast.Lambda, ast.GeneratorExp)


def weaknesses(source: str) -> Iterator[tuple[int, str]]:
    """Line and fault of each assertion."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assert):
            yield from ((node.lineno, fault) for fault in _faults(node.test))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Compare):
            yield node.lineno, "a comparison that nobody looks at"


def _faults(test: ast.expr) -> Iterator[str]:
    if isinstance(test, ALWAYS_TRUE) or (isinstance(test, ast.Constant) and test.value):
        yield "always true"
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or):
        yield "one of two: write the condition as `if`"
    if isinstance(test, ast.IfExp) and any(isinstance(one, ast.Constant) and one.value for one in (test.body, test.orelse)):
        yield "true on the other branch: write the condition as `if`"
    for part in ast.walk(test):
        if isinstance(part, ast.Compare):
            yield from _of_comparison(part)


def _of_comparison(compared: ast.Compare) -> Iterator[str]:
    sides = [compared.left, *compared.comparators]
    for operator, left, right in zip(compared.ops, sides[:-1], sides[1:], strict=True):
        if isinstance(operator, IN_ORDER) and any(isinstance(side, (ast.Tuple, ast.List)) for side in (left, right)):
            yield "tuples in order: only their first parts that differ count"
        if ast.dump(left) == ast.dump(right):
            yield "compared with itself"
        if isinstance(operator, (ast.Is, ast.IsNot)) and isinstance(right, (ast.Tuple, ast.List, ast.Dict, ast.Set)):
            yield "identity with something new"
        if isinstance(operator, ast.In) and isinstance(right, ast.Constant) and right.value == "":
            yield "in nothing"


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_assertion_is_of_a_form_that_cannot_fail(file: object) -> None:
    assert list(weaknesses(ROOT.joinpath(str(file)).read_text())) == []


@pytest.mark.parametrize(
    "weak",
    [
        "assert (x == 1, 'a message')", "assert 'x'", "assert f'{x}'", "assert (y for y in x)", "assert a == b or c", "assert (a and b) or not c",
        "assert a == b if c else True", "assert True if c else a", "assert (abs(x), abs(y)) < (1, 1)", "assert f(a)[0] == 1 and [x, y] >= limits",
        "assert a < b <= (1, 2)", "assert x.y == x.y", "assert f(1) != f(1)", "assert a is not []", "x == y", "async def f():\n    assert {x}",
    ],
)  # fmt: skip
def test_each_such_form_is_found(weak: str) -> None:
    assert len(list(weaknesses(weak))) == 1


@pytest.mark.parametrize(
    "sound",
    ["assert x", "assert a == b and c == d", "assert a == (b or c)", "assert max(x, y) < 1", "assert (a, b) == (1, 2)", "assert not (a or b)",
     "assert a == (1 if c else 2)", "assert False, x", "assert x in [a or b]", "assert 0 < a < 2"],
)  # fmt: skip
def test_other_forms_are_not(sound: str) -> None:
    assert list(weaknesses(sound)) == []
