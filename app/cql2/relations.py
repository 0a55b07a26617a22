"""The relations of CQL2 between spans of time, as conditions on their ends (OGC 21-065r2 §7.8, after OWL-Time). Pure.

Spans are closed. An instant is a span of no length; a date among instants is its whole day in UTC.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Literal, NamedTuple

from sqlalchemy import Date, DateTime, Interval, and_, cast, func, literal, or_
from sqlalchemy.sql.elements import ColumnElement

Expression = ColumnElement[object]
Condition = ColumnElement[bool]
Granularity = Literal["instant", "date"]

_TYPES: dict[Granularity, Any] = {"instant": DateTime(timezone=True), "date": Date()}
_REST_OF_DAY = timedelta(days=1, microseconds=-1)


class End(NamedTuple):
    """An end of a span. Of no granularity it is open: the expression is the text of an infinity. `value` is that of a literal."""

    granularity: Granularity | None
    expression: Expression
    value: Any = None


class TimeSpan(NamedTuple):
    start: End
    end: End


def related(name: str, left: TimeSpan, right: TimeSpan) -> Condition:
    """Whether the relation `name`, one of `RELATIONS`, holds."""
    common: Granularity = "instant" if any(one.granularity == "instant" for one in (*left, *right)) else "date"
    return RELATIONS[name](_start(left, common), _end(left, common), _start(right, common), _end(right, common))


def against_day(name: str, instant: Expression, day: End) -> Condition:
    """A comparison of an instant with a date, which is on neither side of the instants within it."""
    start, end = _start(TimeSpan(day, day), "instant"), _end(TimeSpan(day, day), "instant")
    match name:
        case "=":
            return and_(instant >= start, instant <= end)
        case "<>":
            return or_(instant < start, instant > end)
        case "<":
            return instant < start
        case ">":
            return instant > end
        case "<=":
            return instant <= end
        case _:
            return instant >= start


def _start(span: TimeSpan, granularity: Granularity) -> Expression:
    end = span.start
    if end.granularity == granularity:
        return end.expression
    if end.granularity is None:
        return cast(end.expression, _TYPES[granularity])
    midnight: Expression = func.timezone("UTC", cast(end.expression, DateTime()), type_=_TYPES["instant"])
    return midnight


def _end(span: TimeSpan, granularity: Granularity) -> Expression:
    last = _start(TimeSpan(span.end, span.end), granularity)
    if span.end.granularity is None or span.end.granularity == granularity:
        return last
    return last + literal(_REST_OF_DAY, Interval())


def _disjoint(start: Expression, end: Expression, other_start: Expression, other_end: Expression) -> Condition:
    return or_(end < other_start, start > other_end)


# Of the ends s to e of the first span, and t to f of the second.
RELATIONS: dict[str, Callable[[Expression, Expression, Expression, Expression], Condition]] = {
    "t_after": lambda s, _e, _t, f: s > f,
    "t_before": lambda _s, e, t, _f: e < t,
    "t_disjoint": _disjoint,
    "t_equals": lambda s, e, t, f: and_(s == t, e == f),
    "t_intersects": lambda s, e, t, f: and_(s <= f, e >= t),
    "t_contains": lambda s, e, t, f: and_(s < t, e > f),
    "t_during": lambda s, e, t, f: and_(s > t, e < f),
    "t_finishedby": lambda s, e, t, f: and_(s < t, e == f),
    "t_finishes": lambda s, e, t, f: and_(s > t, e == f),
    "t_meets": lambda _s, e, t, _f: e == t,
    "t_metby": lambda s, _e, _t, f: s == f,
    "t_overlappedby": lambda s, e, t, f: and_(s > t, s < f, e > f),
    "t_overlaps": lambda s, e, t, f: and_(s < t, e > t, e < f),
    "t_startedby": lambda s, e, t, f: and_(s == t, e > f),
    "t_starts": lambda s, e, t, f: and_(s == t, e < f),
}
# All others are for intervals only, by the standard; an instant there is a mistake of the client.
FOR_INSTANTS = ("t_after", "t_before", "t_disjoint", "t_equals", "t_intersects")
