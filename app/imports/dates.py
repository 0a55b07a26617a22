"""Dates and times as people and programs of Indonesia write them. Pure.

Day, month and year, or ISO 8601; what could be read in two ways is not read.
"""

import re
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final

from app.imports.reading.table import Cell

WIB: Final = timezone(timedelta(hours=7))
"""The clock of western Indonesia: what people mean who write a time without a zone. Exports write UTC."""

_ZONES: Final = {"wib": WIB, "wita": timezone(timedelta(hours=8)), "wit": timezone(timedelta(hours=9)), "utc": UTC, "gmt": UTC, "z": UTC}
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        ("jan januari january", "feb peb februari pebruari february", "mar maret march", "apr april", "mei may", "jun juni june", "jul juli july",
         "agu ags agt agustus aug august", "sep september sept", "okt oktober oct october", "nov november nop nopember", "des desember dec december"),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_DAY: Final = r"(?:(?:senin|selasa|rabu|kamis|jum'?at|sabtu|minggu|ahad|sunday|monday|tuesday|wednesday|thursday|friday|saturday)\s*,?\s*)?"
_CLOCK: Final = (
    r"(?:[\sT,]+(?:(?:pukul|pkl|jam)\.?\s*)?(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,]\d{1,9})?)?"
    r"\s*(?P<half>[ap]\.?m\.?)?\s*(?P<zone>wib|wita|wit|utc|gmt|z)?\s*(?P<offset>[+-]\d{1,2}(?::?\d{2})?)?)?"
)
_DAY_FIRST: Final = re.compile(rf"{_DAY}(?P<day>\d{{1,2}})[/.\-](?P<month>\d{{1,2}})[/.\-](?P<year>\d{{4}}){_CLOCK}", re.IGNORECASE)
_YEAR_FIRST: Final = re.compile(rf"(?P<year>\d{{4}})[/.\-](?P<month>\d{{1,2}})[/.\-](?P<day>\d{{1,2}}){_CLOCK}", re.IGNORECASE)
_IN_WORDS: Final = re.compile(
    rf"{_DAY}(?P<day>\d{{1,2}})[ \-/]+(?P<month>[a-z]+)[.,]?[ \-/]+(?P<year>\d{{4}}|\d{{2}}){_CLOCK}", re.IGNORECASE
)
_FORMS: Final = (_DAY_FIRST, _YEAR_FIRST, _IN_WORDS)
_LIKE_A_DATE: Final = re.compile(rf"\d{{1,4}}[/.\-]\d{{1,2}}[/.\-]\d{{1,4}}|\d{{1,2}}[ \-/](?:{'|'.join(_MONTHS)})\b", re.IGNORECASE)
# Milliseconds since 1970, as Esri writes dates: 1990 to 2100. No other number of so many digits is a date.
_EPOCH_MS: Final = range(631_152_000_000, 4_102_444_800_000)


def moment(cell: Cell) -> datetime | None:
    """With its zone, where the cell says one; None for what is no date, e.g. a bare number, or a date in two ways (`2/3/2026 1:15 PM`)."""
    if isinstance(cell, date):
        return cell if isinstance(cell, datetime) else datetime.combine(cell, time())
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return datetime.fromtimestamp(cell / 1000, UTC) if int(cell) in _EPOCH_MS else None
    text = cell.strip() if isinstance(cell, str) else ""
    try:
        return _written(text)
    except (ValueError, OverflowError):
        return None


def is_like_a_date(cell: Cell) -> bool:
    """Whether a cell is a date, or was to be one."""
    return moment(cell) is not None or (isinstance(cell, str) and _LIKE_A_DATE.search(cell) is not None)


def _written(text: str) -> datetime | None:
    with suppress(ValueError):
        if re.match(r"\d{4}-\d\d-\d\d", text):
            return datetime.fromisoformat(text)
    for form in _FORMS:
        if found := form.fullmatch(text):
            return _moment(found.groupdict(), is_american=form is _DAY_FIRST and found["half"] is not None)
    return None


def _moment(parts: dict[str, str | None], *, is_american: bool) -> datetime:
    """`ValueError` where the parts are no date, or one in two ways. `is_american`: with a clock of twelve hours, whose programs mostly put the
    month first.
    """
    year, month, day = str(parts["year"]), str(parts["month"]), int(parts["day"] or 0)
    number = int(month) if month.isdecimal() else _MONTHS.get(month.lower(), 0)
    hour = int(parts["hour"] or 0)
    if is_american:
        if day <= 12 and number <= 12 and day != number:
            raise ValueError(month)
        day, number = (number, day) if number > 12 else (day, number)
    if parts["half"]:
        if not 1 <= hour <= 12:
            raise ValueError(hour)
        hour = hour % 12 + (12 if parts["half"][0] in "pP" else 0)
    zone = _zone(parts["zone"], parts["offset"])
    whole = int(year) + (2000 if len(year) == 2 else 0)
    return datetime(whole, number, day, hour, int(parts["minute"] or 0), int(parts["second"] or 0), tzinfo=zone)


def _zone(name: str | None, offset: str | None) -> timezone | None:
    if offset:
        digits = re.sub(r"\D", "", offset)
        hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
        shift = timedelta(hours=hours, minutes=minutes)
        return timezone(-shift if offset.startswith("-") else shift)
    return _ZONES[name.lower()] if name else None
