"""The text form of CQL2 (OGC 21-065r2, Annex B) to the tree of its JSON form; numbers stay exact (`Decimal`). Pure.

An own parser, because the library hangs and crashes on short texts: docs/adr/0014.
"""

import math
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from app.errors import BadRequest, Fault

Node = Any
"""A tree, or a part of one: an object (`op` and `args`, `property`, a literal), a list, text, a number or a truth value."""

# Of parentheses, NOT and signs in the text, and of operators in the tree.
MAX_DEPTH = 64
# Operators, properties, and literals that are objects: what costs time when the SQL is made. The plain values of a list are not counted.
MAX_PARTS = 500

_NAMES = """
    casei accenti s_intersects s_equals s_disjoint s_touches s_within s_overlaps s_crosses s_contains
    t_after t_before t_contains t_disjoint t_during t_equals t_finishedBy t_finishes t_intersects t_meets t_metBy
    t_overlappedBy t_overlaps t_startedBy t_starts
"""
# The names of the JSON form by their lower case, because in the text any case will do.
FUNCTIONS = {name.lower(): name for name in _NAMES.split()}
# The type of GeoJSON, and how deep its positions lie.
GEOMETRIES = {
    "point": ("Point", 0),
    "multipoint": ("MultiPoint", 1),
    "linestring": ("LineString", 1),
    "multilinestring": ("MultiLineString", 2),
    "polygon": ("Polygon", 2),
    "multipolygon": ("MultiPolygon", 3),
}
_COLLECTION = "geometrycollection"
_KEYWORDS = {"and", "or", "not", "like", "between", "in", "is", "null", "true", "false", "div"}
_NOT, _COMPARISON, _SUM, _POWER = 3, 4, 5, 7
_BINDING = (
    {"or": 1, "and": 2, "not": _COMPARISON, "+": _SUM, "-": _SUM, "*": 6, "/": 6, "%": 6, "div": 6, "^": _POWER}
    | dict.fromkeys(("=", "<>", "<", ">", "<=", ">="), _COMPARISON)
    | dict.fromkeys(("like", "between", "in", "is"), _COMPARISON)
)
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>'(?:[^'\\]|\\.|'')*')
      | (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![\w.:]))
      | (?P<name>(?:[^\W\d]|:)[\w.:]*)
      | "(?P<property>(?:[^\W\d]|:)[\w.:]*)"
      | (?P<sign><>|<=|>=|[-+*/%^(),=<>])
      | (?P<end>\Z)
    )""",
    re.VERBOSE | re.DOTALL,
)
# OGC 21-065r2, requirement /req/cql2-text/escaping. Of what is not listed the backslash stays: LIKE has a use for it.
_ESCAPE = re.compile(r"''|\\(.)", re.DOTALL)
_ESCAPED = {"a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "'": "'"}


def too_deep() -> BadRequest:
    return BadRequest(faults=[Fault("filter", "filter-too-deep", {"expected": MAX_DEPTH})])


def too_large() -> BadRequest:
    return BadRequest(faults=[Fault("filter", "filter-too-large", {"expected": MAX_PARTS})])


def invalid(line: int, column: int) -> BadRequest:
    return BadRequest(faults=[Fault("filter", "filter-invalid", {"line": line, "column": column})])


class _Token(NamedTuple):
    """`kind` is text, number, name, property or end; or the sign or keyword itself, in lower case."""

    kind: str
    value: str
    start: int


_END = _Token("end", "", 0)


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at <= len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            start = at + len(text[at:]) - len(text[at:].lstrip())
            yield _Token("stranger", "", start)
            return
        kind = str(found.lastgroup)
        value, at = found[kind], found.end()
        if kind == "sign" or (kind == "name" and value.lower() in _KEYWORDS):
            kind = value.lower()
        yield _Token(kind, value, found.start(str(found.lastgroup)))
        if kind == "end":
            return


def _operation(name: str, *args: Node) -> Node:
    return {"op": name, "args": list(args)}


def _chain(name: str, left: Node, right: Node) -> Node:
    """AND and OR take any number of operands: a long chain of them is not deep."""
    if isinstance(left, dict) and left.get("op") == name:
        left["args"].append(right)
        return left
    return _operation(name, left, right)


class TextParser:
    """Precedence climbing over the tokens. Recursive, which `MAX_DEPTH` bounds."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._next, self._after = next(self._tokens), next(self._tokens, _END)
        self._depth = self._operators = 0

    def whole(self) -> Node:
        tree = self._expression()
        self._expect("end")
        return tree

    # -- tokens

    def _take(self) -> _Token:
        token, self._next = self._next, self._after
        self._after = next(self._tokens, _END)
        return token

    def _expect(self, kind: str) -> _Token:
        if self._next.kind != kind:
            raise self._refusal(self._next)
        return self._take()

    def _refusal(self, token: _Token) -> BadRequest:
        before = self._text[: token.start]
        return invalid(before.count("\n") + 1, token.start - before.rfind("\n"))

    # -- expressions

    def _nested(self, binding: int = 0) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise too_deep()
        inner = self._expression(binding)
        self._depth -= 1
        return inner

    def _expression(self, binding: int = 0) -> Node:
        """What binds more tightly than `binding`."""
        left = self._operand()
        while (found := _BINDING.get(self._next.kind, 0)) > binding:
            left = self._joined(left, self._take(), found)
        return left

    def _joined(self, left: Node, operator: _Token, binding: int) -> Node:
        kind = operator.kind
        self._operators += 1
        if self._operators > MAX_PARTS:
            raise too_large()
        if kind in ("and", "or"):
            return _chain(kind, left, self._expression(binding))
        if kind == "^":  # from right to left, as the grammar has it
            return _operation(kind, left, self._nested(binding - 1))
        if kind == "not":
            return _operation("not", self._predicate(left, self._take()))
        if kind == "is":
            negated = self._next.kind == "not" and self._take()
            self._expect("null")
            return _operation("not", _operation("isNull", left)) if negated else _operation("isNull", left)
        if kind in ("like", "between", "in"):
            return self._predicate(left, operator)
        return _operation(kind, left, self._expression(binding))

    def _predicate(self, left: Node, operator: _Token) -> Node:
        if operator.kind == "like":
            return _operation("like", left, self._pattern())
        if operator.kind == "between":
            low = self._expression(_COMPARISON)
            self._expect("and")
            return _operation("between", left, low, self._expression(_COMPARISON))
        if operator.kind == "in":
            return _operation("in", left, self._listed(self._nested))
        raise self._refusal(operator)

    def _operand(self) -> Node:  # noqa: PLR0911 - one for each kind of token
        token = self._take()
        match token.kind:
            case "text":
                return _unescaped(token.value).replace("\\\\", "\\")
            case "number":
                return Decimal(token.value)
            case "true" | "false":
                return token.kind == "true"
            case "property":
                return {"property": token.value}
            case "name":
                return self._function(token) if self._next.kind == "(" or self._is_z(token) else {"property": token.value}
            case "not":
                return _operation("not", self._nested(_NOT))
            case "-" | "+":
                return self._signed(token.kind)
            case "(":
                inner = self._nested()
                self._expect(")")
                return inner
        raise self._refusal(token)

    def _is_z(self, token: _Token) -> bool:
        """Whether `POINT Z (…)` and the like begin here."""
        is_shape = token.value.lower() in (*GEOMETRIES, _COLLECTION)
        return is_shape and self._next.kind == "name" and self._next.value.lower() == "z" and self._after.kind == "("

    def _signed(self, sign: str) -> Node:
        """A sign belongs to the number behind it, also before `^`: `-2 ^ 2` is 4."""
        value = self._nested(_POWER)
        if sign == "+":
            return value
        return -value if isinstance(value, Decimal) else _operation("*", Decimal(-1), value)

    def _pattern(self) -> Node:
        """A text, perhaps in CASEI and ACCENTI. The backslash stays before what LIKE itself knows it to escape."""
        token = self._take()
        if token.kind == "text":
            return _unescaped(token.value)
        name = token.value.lower()
        if token.kind != "name" or name not in ("casei", "accenti"):
            raise self._refusal(token)
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise too_deep()
        (pattern,) = self._listed(self._pattern, most=1)
        self._depth -= 1
        return _operation(name, pattern)

    def _listed(self, one: Callable[[], Node], most: float = math.inf) -> list[Node]:
        """`(one, one, …)`"""
        self._expect("(")
        found = [one()]
        while len(found) < most and self._next.kind == ",":
            self._take()
            found.append(one())
        self._expect(")")
        return found

    # -- functions and literals

    def _function(self, token: _Token) -> Node:
        name = token.value.lower()
        if name in FUNCTIONS:
            return _operation(FUNCTIONS[name], *self._listed(self._nested))
        if name in GEOMETRIES or name == _COLLECTION:
            return self._geometry(token)
        if name == "bbox":
            return {"bbox": self._listed(self._number)}
        if name in ("date", "timestamp"):
            (value,) = self._listed(self._plain_text, most=1)
            return {name: value}
        if name == "interval":
            return {"interval": self._listed(self._end)}
        raise BadRequest(faults=[Fault("filter", "filter-operator", {"known": ", ".join(sorted(FUNCTIONS.values()))})])

    def _geometry(self, token: _Token) -> Node:
        """Behind its name: perhaps a Z, then its coordinates, or its parts."""
        if self._next.kind == "name" and self._next.value.lower() == "z":
            self._take()
        name = token.value.lower()
        if name in GEOMETRIES:
            kind, levels = GEOMETRIES[name]
            return {"type": kind, "coordinates": self._coordinates(levels)}
        return {"type": "GeometryCollection", "geometries": self._listed(self._part)}

    def _part(self) -> Node:
        """Of a collection: no collection itself, as the grammar has it."""
        token = self._expect("name")
        if token.value.lower() not in GEOMETRIES:
            raise self._refusal(token)
        return self._geometry(token)

    def _plain_text(self) -> str:
        return _unescaped(self._expect("text").value)

    def _end(self) -> Node:
        if self._next.kind in ("name", "property"):
            return {"property": self._take().value}
        return self._plain_text()

    def _number(self) -> Decimal:
        sign = self._take().kind if self._next.kind in ("+", "-") else "+"
        value = Decimal(self._expect("number").value)
        return -value if sign == "-" else value

    def _position(self) -> list[Decimal]:
        """Two or three numbers without commas."""
        position = [self._number(), self._number()]
        return position if self._next.kind in (",", ")") else [*position, self._number()]

    def _coordinates(self, levels: int) -> Node:
        if levels == 0:
            (position,) = self._listed(self._position, most=1)
            return position
        # The points of a MULTIPOINT may stand in parentheses of their own.
        if levels == 1 and self._after.kind != "(":
            return self._listed(self._position)
        return self._listed(lambda: self._coordinates(levels - 1))


def _unescaped(token: str) -> str:
    return _ESCAPE.sub(lambda found: "'" if found[0] == "''" else _ESCAPED.get(found[1], found[0]), token[1:-1])
