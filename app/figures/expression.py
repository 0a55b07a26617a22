"""The language of computed indicators, `100 * titik_rt / jumlah_rt`: a text to a tree, a tree and values to a value. Pure, and exact.

    sum      = product { ("+" | "-") product }
    product  = factor { ("*" | "/") factor }
    factor   = "-" factor | number | name | function "(" sum { "," sum } ")" | "(" sum ")"

A name is the id of an indicator; functions are `min`, `max` and `round(value, decimals)`. Zero, empty and not applicable are three things: a figure
that needs one that is empty is empty itself, and one that needs one that does not apply does not apply.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

MAX_LENGTH = 500
MAX_PARTS = 100
"""Numbers and names: with them and the length of numbers the size of every exact result is bounded."""
MAX_NESTED = 20
MAX_DIGITS = 15
MAX_DECIMALS = 6
FUNCTIONS = ("max", "min", "round")
_TOKEN = re.compile(r"\s*(?:(?P<number>[0-9]+(?:\.[0-9]+)?)|(?P<name>[a-z][a-z0-9_]*)|(?P<sign>[-+*/(),]))")


class Missing(Enum):
    """Why there is no number. Neither is zero."""

    EMPTY = "empty"
    """Nobody has said it yet."""
    NOT_APPLICABLE = "not-applicable"
    """It was said that there is none to give: a share of nothing."""


FigureValue = Fraction | Missing


class ExpressionFault(ValueError):
    """What is wrong with an expression; `at`: behind how many characters."""

    def __init__(self, code: str, at: int, **facts: object) -> None:
        super().__init__(code)
        self.code, self.at = code, at
        self.facts = {**facts, "position": at + 1}


@dataclass(frozen=True, slots=True)
class NumberPart:
    value: Fraction
    at: int


@dataclass(frozen=True, slots=True)
class NamePart:
    id: str
    at: int


@dataclass(frozen=True, slots=True)
class Computation:
    """`word`: a sign, a function, or `negative`."""

    word: str
    operands: tuple["ExpressionTree", ...]
    at: int


ExpressionTree = NumberPart | NamePart | Computation


@dataclass(frozen=True, slots=True)
class _ExpressionToken:
    kind: str
    text: str
    at: int


def parse(text: str) -> ExpressionTree:
    """`ExpressionFault` where the text is no expression, is too long or too deep, or divides by what is always zero."""
    if len(text) > MAX_LENGTH:
        raise ExpressionFault("expression-too-long", MAX_LENGTH, expected=MAX_LENGTH)
    return _ExpressionParser(list(_tokens(text))).whole()


def names_of(tree: ExpressionTree) -> frozenset[str]:
    """The indicators that it needs."""
    if isinstance(tree, Computation):
        return frozenset().union(*map(names_of, tree.operands))
    return frozenset({tree.id}) if isinstance(tree, NamePart) else frozenset()


def evaluate(tree: ExpressionTree, values: Mapping[str, FigureValue]) -> FigureValue:
    """Of the values of other indicators; one that is not among them is empty. `ExpressionFault` (`expression-division-by-zero`)."""
    match tree:
        case NumberPart():
            return tree.value
        case NamePart():
            return values.get(tree.id, Missing.EMPTY)
        case Computation():
            found = [evaluate(one, values) for one in tree.operands]
            numbers = [one for one in found if isinstance(one, Fraction)]
            if len(numbers) < len(found):
                return Missing.NOT_APPLICABLE if Missing.NOT_APPLICABLE in found else Missing.EMPTY
            return _computed(tree, numbers)


def rounded(value: Fraction, decimals: int) -> Fraction:
    """Halves away from zero, as they are rounded by hand."""
    scale = 10**decimals
    halves = (abs(value) * scale * 2 + 1) // 2
    return Fraction(halves if value >= 0 else -halves, scale)


_OPERATIONS: Mapping[str, Callable[[Sequence[Fraction]], Fraction]] = {
    "+": lambda numbers: numbers[0] + numbers[1],
    "-": lambda numbers: numbers[0] - numbers[1],
    "*": lambda numbers: numbers[0] * numbers[1],
    "/": lambda numbers: numbers[0] / numbers[1],
    "negative": lambda numbers: -numbers[0],
    "round": lambda numbers: rounded(numbers[0], int(numbers[1]) if len(numbers) > 1 else 0),
    "min": min,
    "max": max,
}


def _computed(operation: Computation, numbers: Sequence[Fraction]) -> Fraction:
    if operation.word == "/" and numbers[1] == 0:
        raise ExpressionFault("expression-division-by-zero", operation.at)
    return _OPERATIONS[operation.word](numbers)


def _tokens(text: str) -> Iterator[_ExpressionToken]:
    at = 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if found is None:
            raise ExpressionFault("expression-sign", at + len(text[at:]) - len(text[at:].lstrip()))
        kind = str(found.lastgroup)
        yield _ExpressionToken(kind, found[kind], found.start(kind))
        at = found.end()
    yield _ExpressionToken("end", "", len(text))


class _ExpressionParser:
    """Goes from token to token, and never back."""

    def __init__(self, tokens: list[_ExpressionToken]) -> None:
        self._tokens = tokens
        self._at = 0
        self._nested = 0
        self._parts = 0

    def whole(self) -> ExpressionTree:
        tree = self._sum()
        if self._next.kind != "end":
            raise ExpressionFault("expression-unexpected", self._next.at)
        return tree

    @property
    def _next(self) -> _ExpressionToken:
        return self._tokens[self._at]

    def _take(self) -> _ExpressionToken:
        token = self._next
        self._at += 1
        return token

    def _sum(self) -> ExpressionTree:
        tree = self._product()
        while self._next.text in ("+", "-"):
            sign = self._take()
            tree = Computation(sign.text, (tree, self._product()), sign.at)
        return tree

    def _product(self) -> ExpressionTree:
        tree = self._factor()
        while self._next.text in ("*", "/"):
            sign = self._take()
            operand = self._factor()
            if sign.text == "/" and not names_of(operand) and evaluate(operand, {}) == 0:
                raise ExpressionFault("expression-division-by-zero", sign.at)
            tree = Computation(sign.text, (tree, operand), sign.at)
        return tree

    def _factor(self) -> ExpressionTree:
        self._nested += 1
        if self._nested > MAX_NESTED:
            raise ExpressionFault("expression-too-deep", self._next.at, expected=MAX_NESTED)
        tree = self._unnested(self._take())
        self._nested -= 1
        return tree

    def _unnested(self, token: _ExpressionToken) -> ExpressionTree:
        if token.kind in ("number", "name"):
            return self._part(token)
        if token.text == "-":
            return Computation("negative", (self._factor(),), token.at)
        if token.text == "(":
            tree = self._sum()
            self._close(")")
            return tree
        raise ExpressionFault("expression-ends" if token.kind == "end" else "expression-unexpected", token.at)

    def _part(self, token: _ExpressionToken) -> ExpressionTree:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise ExpressionFault("expression-too-many", token.at, expected=MAX_PARTS)
        if token.kind == "number":
            if len(token.text) > MAX_DIGITS:
                raise ExpressionFault("expression-number", token.at, expected=MAX_DIGITS)
            return NumberPart(Fraction(token.text), token.at)
        return self._called(token) if self._next.text == "(" else NamePart(token.text, token.at)

    def _called(self, token: _ExpressionToken) -> ExpressionTree:
        if token.text not in FUNCTIONS:
            raise ExpressionFault("expression-function", token.at, known=", ".join(FUNCTIONS))
        self._take()
        operands = [self._sum()]
        while self._next.text == ",":
            self._take()
            operands.append(self._sum())
        self._close(")")
        if token.text == "round" and not _is_rounding(operands):
            raise ExpressionFault("expression-rounding", token.at, expected=MAX_DECIMALS)
        return Computation(token.text, tuple(operands), token.at)

    def _close(self, sign: str) -> None:
        token = self._take()
        if token.text != sign:
            raise ExpressionFault("expression-ends" if token.kind == "end" else "expression-unexpected", token.at)


def _is_rounding(operands: Sequence[ExpressionTree]) -> bool:
    """To whole numbers, or to a number of decimals that is written down."""
    if len(operands) == 1:
        return True
    decimals = operands[1]
    return len(operands) == 2 and isinstance(decimals, NumberPart) and decimals.value in range(MAX_DECIMALS + 1)
