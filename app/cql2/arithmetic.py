"""Arithmetic of filters in SQL that no stored value and no filter can make fail. Pure.

All of it is `numeric`: exact, and without overflow within `_MAX_DIGITS`. Dividing by zero, and a power that is no real number, is
unknown.
"""

from typing import Any, NamedTuple

from sqlalchemy import Numeric, and_, case, func, literal, literal_column, or_
from sqlalchemy.sql.elements import BindParameter, ColumnElement

from app.cql2.literals import MAX_DIGITS, fault

ARITHMETIC = ("+", "-", "*", "/", "%", "div", "^")
# Of a stored number; what a filter makes of it may have more.
STORED_DIGITS = 20
_MAX_DIGITS = 400
_DIVISION_DIGITS = 20
_MAX_EXPONENT = 100
_ZERO: ColumnElement[object] = literal_column("0", Numeric())


class Value(NamedTuple):
    """A part of a filter that has a value. `digits` bounds those of a number on either side of the point; `repeats` is whether the
    text of the expression has its operands more than once; `shape` is that of a literal geometry, in WGS 84.
    """

    kind: str
    expression: ColumnElement[Any]
    digits: int = 1
    repeats: bool = False
    shape: Any = None


def compute(name: str, left: Value, right: Value) -> Value:
    """`BadRequest` where the result could have too many digits."""
    if name == "^":
        value = _power(left, right)
    else:
        a, b, digits = left.expression, right.expression, left.digits + right.digits
        divisor = func.nullif(b, _ZERO, type_=Numeric())
        match name:
            case "+" | "-":
                result, digits = (a + b if name == "+" else a - b), max(left.digits, right.digits) + 1
            case "*":
                result = a * b
            case "div":
                result = func.div(a, divisor, type_=Numeric())
            case _:
                result = a / divisor if name == "/" else a % divisor
        value = Value("number", result, digits if name in "+-*" else digits + _DIVISION_DIGITS, left.repeats or right.repeats)
    if value.digits > _MAX_DIGITS:
        raise fault("filter-number", expected=MAX_DIGITS)
    return value


def _power(base: Value, exponent: Value) -> Value:
    a, b = base.expression, exponent.expression
    if isinstance(b, BindParameter) and (n := int(b.value or 0)) == b.value:
        of = a if n >= 0 else func.nullif(a, _ZERO, type_=Numeric())
        return Value("number", func.power(of, b, type_=Numeric()), base.digits * max(1, abs(n)), base.repeats)
    # Of powers of powers the text would grow as a power itself.
    if base.repeats or exponent.repeats:
        raise fault("filter-number", expected=MAX_DIGITS)
    most = min(_MAX_EXPONENT, _MAX_DIGITS // base.digits)
    defined = or_(a > _ZERO, and_(a == _ZERO, b >= _ZERO), and_(a < _ZERO, b == func.trunc(b)))
    possible = and_(func.abs(b) <= literal(most, Numeric()), defined)
    return Value("number", case((possible, func.power(a, b, type_=Numeric()))), base.digits * most, repeats=True)
