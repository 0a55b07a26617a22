"""From the tree of a filter to a condition of SQLAlchemy Core. Pure; every value of the client is a bound parameter.

NULL is unknown, as in SQL.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import Boolean, Date, DateTime, Numeric, Text, and_, any_, cast, func, literal, literal_column, not_, or_
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.sql.elements import Grouping

from app.cql2 import literals
from app.cql2.arithmetic import ARITHMETIC, STORED_DIGITS, Value, compute
from app.cql2.literals import fault
from app.cql2.relations import FOR_INSTANTS, RELATIONS, Condition, End, Expression, TimeSpan, against_day, related
from app.cql2.space import drawn, related_in_space
from app.cql2.text import FUNCTIONS, Node
from app.geo import CRS84, Crs
from app.language import Text as Words
from app.regions.codes import RegionPart

QueryableKind = Literal["text", "number", "integer", "boolean", "instant", "date", "list", "geometry"]


@dataclass(frozen=True, slots=True)
class Queryable:
    """A property that filters may name. `choices` are the only values that it has, where they are known; `region`: of which level of regions
    it tells what; `is_neighbourhood`: the number of an RT or RW; `is_period`: the period of a figure.
    """

    name: str
    kind: QueryableKind
    expression: Expression
    title: Words
    choices: tuple[str, ...] = ()
    region: tuple[RegionPart, Literal["code", "bps_code", "name"]] | None = None
    is_neighbourhood: bool = False
    is_period: bool = False


# Powers whose exponent is no plain number: they stand several times in the SQL.
_MAX_REPEATED = 10

_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = dict(
    zip(("=", "<>", "<", ">", "<=", ">="), (operator.eq, operator.ne, operator.lt, operator.gt, operator.le, operator.ge), strict=True)
)
_MIRRORED = {"=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
_COMPARABLE = ("text", "number", "boolean", "instant", "date")
_TYPES: dict[str, Any] = {"text": Text(), "number": Numeric(), "boolean": Boolean(), "instant": DateTime(timezone=True), "date": Date()}


def condition(tree: Node, queryables: Mapping[str, Queryable], *, crs: Crs = CRS84) -> Condition:
    """What a row must fulfil. `crs` is that of the coordinates in `tree`. `BadRequest` where an operator is unknown or
    takes something else, a property is not among `queryables`, or a literal is impossible.
    """
    return _Walk(queryables, crs).truth(tree)


def _known() -> str:
    return ", ".join(["and", "or", "not", "like", "between", "in", "isNull", *_COMPARISONS, *ARITHMETIC, *FUNCTIONS.values()])


def _exactly(number: int, name: str, args: Sequence[Node]) -> Sequence[Node]:
    if len(args) != number:
        raise fault("filter-operands", operator=name, expected=number)
    return args


def _mistyped(name: str, expected: str) -> Exception:
    return fault("filter-type", operator=name, expected=expected)


def _folded(value: Expression, folds: set[str]) -> Expression:
    """Without case, without accents. No extension is needed for it: accents are what normalization sets apart."""
    if "accenti" in folds:
        value = func.regexp_replace(func.normalize(value, literal_column("NFD")), "[\u0300-\u036f]", "", "g", type_=Text())
    return func.lower(value, type_=Text()) if "casei" in folds else value


class _Walk:
    """Down a tree of at most `MAX_DEPTH` operators."""

    def __init__(self, queryables: Mapping[str, Queryable], crs: Crs) -> None:
        self._queryables = queryables
        self._crs = crs
        self._repeated = 0

    # -- conditions

    def truth(self, node: Node) -> Condition:
        value = self._value(node)
        if value.kind != "boolean":
            raise fault("filter-no-condition")
        return value.expression

    def _predicate(self, name: str, args: Sequence[Node]) -> Condition:
        if name not in _PREDICATES:
            raise fault("filter-operator", known=_known())
        operands, method = _PREDICATES[name]
        return method(self, name, *(_exactly(operands, name, args) if operands else args))

    def junction(self, name: str, *args: Node) -> Condition:
        if len(args) < 2:
            raise fault("filter-operands", operator=name, expected=2)
        return (and_ if name == "and" else or_)(*[self.truth(one) for one in args])

    def negation(self, _name: str, node: Node) -> Condition:
        return not_(self.truth(node))

    def is_null(self, _name: str, node: Node) -> Condition:
        return self._value(node).expression.is_(None)

    def comparison(self, name: str, left: Node, right: Node) -> Condition:
        self._check_there(left, right)
        self._check_there(right, left)
        return self._compared(name, self._comparable(name, left), self._comparable(name, right))

    def between(self, name: str, *args: Node) -> Condition:
        one, low, high = [self._comparable(name, arg) for arg in args]
        # It stands twice, so it must be nothing that has conditions within it.
        if one.kind == "boolean":
            raise _mistyped(name, "number")
        return and_(self._compared(">=", one, low), self._compared("<=", one, high))

    def _compared(self, name: str, left: Value, right: Value) -> Condition:
        kinds = {left.kind, right.kind}
        if kinds == {"date", "instant"}:
            if left.kind == "date":
                return self._compared(_MIRRORED[name], right, left)
            return against_day(name, left.expression, End("date", right.expression))
        if len(kinds) > 1:
            raise _mistyped(name, left.kind)
        condition: Condition = _COMPARISONS[name](left.expression, right.expression)
        return condition

    def like(self, name: str, subject: Node, pattern: Node) -> Condition:
        value = self._comparable(name, subject)
        innermost, folds = self._unfolded(pattern)
        if value.kind != "text" or not isinstance(innermost, str):
            raise _mistyped(name, "text")
        bound = _folded(literal(literals.pattern(innermost), Text()), folds)
        return value.expression.like(bound, escape="\\")

    def among(self, name: str, subject: Node, choices: Node) -> Condition:
        value = self._comparable(name, subject)
        if not isinstance(choices, list) or not choices:
            raise _mistyped(name, "list")
        self._check_there(subject, *choices)
        kind, listed = self._listed(choices)
        if kind != value.kind:
            raise _mistyped(name, value.kind)
        return value.expression == any_(listed)

    def _check_there(self, subject: Node, *values: Node) -> None:
        """A text beside a property that never has it would find nothing, and nobody would learn why."""
        name = subject.get("property") if isinstance(subject, dict) else None
        queryable = self._queryables.get(name) if isinstance(name, str) else None
        if queryable and queryable.choices and any(isinstance(one, str) and one not in queryable.choices for one in values):
            raise fault("value-not-there", known=", ".join(queryable.choices))

    def _listed(self, choices: list[Node]) -> tuple[str, Expression]:
        """The kind and the array of a list. Plain literals are one parameter, however many they are."""
        if all(isinstance(one, str) for one in choices):
            return "text", literal([literals.text(one) for one in choices], ARRAY(Text()))
        if all(isinstance(one, (int, float, Decimal)) and not isinstance(one, bool) for one in choices):
            return "number", literal([literals.number(one) for one in choices], ARRAY(Numeric()))
        values = [self._comparable("in", one) for one in choices]
        kind = values[0].kind
        if {one.kind for one in values} != {kind}:
            raise _mistyped("in", kind)
        return kind, array([one.expression for one in values], type_=_TYPES[kind])

    def spatial(self, name: str, *args: Node) -> Condition:
        left, right = [self._value(arg) for arg in args]
        if {left.kind, right.kind} != {"geometry"}:
            raise _mistyped(name, "geometry")
        return related_in_space(name, left, right)

    def temporal(self, name: str, *args: Node) -> Condition:
        left, right = [self._span(name, arg) for arg in args]
        return related(name, left, right)

    # -- values

    def _value(self, node: Node) -> Value:
        if isinstance(node, bool):
            return Value("boolean", literal(node, Boolean()))
        if isinstance(node, str):
            return Value("text", literal(literals.text(node), Text()))
        if isinstance(node, (int, float, Decimal)):
            exact = literals.number(node)
            return Value("number", literal(exact, Numeric()), literals.digits(exact))
        if not isinstance(node, dict):
            raise fault("filter-operator", known=_known())
        if "op" in node:
            return self._operation(node)
        if "property" in node:
            return self._property(node["property"])
        return self._literal(node)

    def _operation(self, node: dict[str, object]) -> Value:
        name, args = node["op"], node.get("args")
        if not isinstance(name, str) or not isinstance(args, list) or len(node) > 2:
            raise fault("filter-operator", known=_known())
        name = name.lower()
        if name in ARITHMETIC:
            return self._arithmetic(name, *[self._number(name, arg) for arg in _exactly(2, name, args)])
        if name in ("casei", "accenti"):
            innermost, folds = self._unfolded(node)
            value = self._value(innermost)
            if value.kind != "text":
                raise _mistyped(name, "text")
            return Value("text", _folded(value.expression, folds))
        # SQLAlchemy itself leaves out parentheses where it takes NOT to bind more tightly than IS NULL.
        return Value("boolean", Grouping(self._predicate(name, args)))

    def _unfolded(self, node: Node) -> tuple[Node, set[str]]:
        """What CASEI and ACCENTI are applied to, and which of them; more than once is the same as once."""
        folds: set[str] = set()
        while isinstance(node, dict) and str(node.get("op")).lower() in ("casei", "accenti"):
            name, args = node["op"].lower(), node.get("args")
            folds.add(name)
            (node,) = _exactly(1, name, args if isinstance(args, list) else [])
        return node, folds

    def _property(self, name: Node) -> Value:
        queryable = self._queryables.get(name) if isinstance(name, str) else None
        if queryable is None:
            raise fault("property-unknown", known=", ".join(sorted(self._queryables)))
        if queryable.kind in ("number", "integer"):
            expression = queryable.expression
            return Value("number", expression if type(expression.type) is Numeric else cast(expression, Numeric()), STORED_DIGITS)
        return Value(queryable.kind, queryable.expression)

    def _literal(self, node: dict[str, object]) -> Value:
        if "timestamp" in node:
            return Value("instant", literal(literals.instant(node["timestamp"]), _TYPES["instant"]))
        if "date" in node:
            return Value("date", literal(literals.day(node["date"]), _TYPES["date"]))
        if "type" in node or "bbox" in node:
            shape = literals.geometry(node, self._crs)
            return Value("geometry", drawn(shape), shape=shape)
        raise fault("filter-operator", known=_known())

    def _comparable(self, name: str, node: Node) -> Value:
        value = self._value(node)
        if value.kind not in _COMPARABLE:
            raise _mistyped(name, ", ".join(_COMPARABLE))
        return value

    def _number(self, name: str, node: Node) -> Value:
        value = self._value(node)
        if value.kind != "number":
            raise _mistyped(name, "number")
        return value

    def _arithmetic(self, name: str, left: Value, right: Value) -> Value:
        value = compute(name, left, right)
        self._repeated += value.repeats and name == "^"
        if self._repeated > _MAX_REPEATED:
            raise fault("filter-too-large", expected=_MAX_REPEATED)
        return value

    # -- time

    def _span(self, name: str, node: Node) -> TimeSpan:
        if isinstance(node, dict) and "interval" in node:
            ends = node["interval"]
            if not isinstance(ends, list) or len(ends) != 2:
                raise fault("instant-invalid")
            span = TimeSpan(self._end(ends[0], "-infinity"), self._end(ends[1], "infinity"))
            start, end = span
            if None not in (start.value, end.value) and start.granularity == end.granularity and start.value > end.value:
                raise fault("instant-invalid")
            return span
        value = self._value(node)
        if value.kind not in ("instant", "date") or name not in FOR_INSTANTS:
            raise _mistyped(name, "instant, date, INTERVAL" if name in FOR_INSTANTS else "INTERVAL")
        end = End("date" if value.kind == "date" else "instant", value.expression)
        return TimeSpan(end, end)

    def _end(self, node: Node, infinity: str) -> End:
        if node == "..":
            return End(None, literal(infinity, Text()))
        if isinstance(node, dict) and "property" in node:
            value = self._property(node["property"])
            if value.kind not in ("instant", "date"):
                raise _mistyped("interval", "instant, date")
            return End("date" if value.kind == "date" else "instant", value.expression)
        if isinstance(node, str) and "T" in node:
            at = literals.instant(node)
            return End("instant", literal(at, _TYPES["instant"]), at)
        on = literals.day(node)
        return End("date", literal(on, _TYPES["date"]), on)


# How many operands (0: any number), and what to do with them.
_PREDICATES: dict[str, tuple[int, Callable[..., Condition]]] = {
    "and": (0, _Walk.junction),
    "or": (0, _Walk.junction),
    "not": (1, _Walk.negation),
    "isnull": (1, _Walk.is_null),
    "like": (2, _Walk.like),
    "between": (3, _Walk.between),
    "in": (2, _Walk.among),
    **dict.fromkeys(_COMPARISONS, (2, _Walk.comparison)),
    **dict.fromkeys([name for name in FUNCTIONS if name.startswith("s_")], (2, _Walk.spatial)),
    **dict.fromkeys(RELATIONS, (2, _Walk.temporal)),
}
