"""Instants and intervals as addresses write them: RFC 3339, days, open ends (OGC API Features Part 1, `datetime`). Pure."""

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

INSTANT = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d))?", re.ASCII)
"""A day, or an instant with its zone."""


class DatetimeInterval(NamedTuple):
    """From an instant to an instant, both included; None: without an end."""

    begin: datetime | None
    end: datetime | None


def read_interval(text: str) -> DatetimeInterval | None:
    """None: of all times. ValueError where it is none."""
    begin, slash, end = text.partition("/")
    earliest, latest = _instant(begin, end=False), _instant(end if slash else begin, end=True)
    if (earliest and latest and earliest > latest) or (not slash and earliest is None):
        raise ValueError(text)
    return DatetimeInterval(earliest, latest) if earliest or latest else None


def _instant(text: str, *, end: bool) -> datetime | None:
    """An RFC 3339 instant, or a whole day; None for an open end. ValueError where it is none."""
    if text in ("", ".."):
        return None
    if not INSTANT.fullmatch(text):
        raise ValueError(text)
    if "T" in text:
        return datetime.fromisoformat(text).astimezone(UTC)
    day = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return day + timedelta(days=1, microseconds=-1) if end else day
