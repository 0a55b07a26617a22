"""The periods that a figure is given for: `2026`, `2026-S1`, `2026-08`, `2026-08-17`. Pure."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from app.language import Text

PeriodKind = Literal["year", "semester", "month", "day"]
_WRITTEN = re.compile(r"(\d{4})(?:-S([12])|-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
EARLIEST, LATEST = 1900, 2199
_MONTHS = (
    Text("Januari", "January"), Text("Februari", "February"), Text("Maret", "March"), Text("April", "April"), Text("Mei", "May"),
    Text("Juni", "June"), Text("Juli", "July"), Text("Agustus", "August"), Text("September", "September"), Text("Oktober", "October"),
    Text("November", "November"), Text("Desember", "December"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Both days belong to it. Periods are ordered by the day on which they begin, a longer one after a shorter."""

    begins: date
    ends: date
    kind: PeriodKind

    def __str__(self) -> str:
        match self.kind:
            case "year":
                return f"{self.begins.year:04}"
            case "semester":
                return f"{self.begins.year:04}-S{1 if self.begins.month == 1 else 2}"
            case "month":
                return f"{self.begins.year:04}-{self.begins.month:02}"
            case _:
                return self.begins.isoformat()

    @property
    def before(self) -> "Period":
        """The one of its kind that comes before it."""
        return _around(self.begins - timedelta(days=1), self.kind)

    @property
    def title(self) -> Text:
        """As people say it."""
        year, month = self.begins.year, _MONTHS[self.begins.month - 1]
        match self.kind:
            case "year":
                return Text(str(year), str(year))
            case "semester":
                half = 1 if self.begins.month == 1 else 2
                return Text(f"Semester {'I' * half} {year}", f"Semester {half} of {year}")
            case "month":
                return Text(f"{month.id} {year}", f"{month.en} {year}")
            case _:
                return Text(f"{self.begins.day} {month.id} {year}", f"{self.begins.day} {month.en} {year}")


def read_period(text: str) -> Period | None:
    """The period that is written like this; None where it is none, such as `2026-S3` or `2026-02-30`."""
    found = _WRITTEN.fullmatch(text)
    if not found or not EARLIEST <= int(found[1]) <= LATEST:
        return None
    year = int(found[1])
    half, month, day = (int(part) if part else None for part in found.groups()[1:])
    if half:
        return _around(date(year, 6 * half - 5, 1), "semester")
    try:
        first = date(year, 1 if month is None else month, 1 if day is None else day)
    except ValueError:
        return None
    return _around(first, "day" if day is not None else "month" if month is not None else "year")


def year_of(day: date) -> Period:
    return _around(day, "year")


def _around(day: date, kind: PeriodKind) -> Period:
    match kind:
        case "year":
            return Period(date(day.year, 1, 1), date(day.year, 12, 31), kind)
        case "semester":
            return (
                Period(date(day.year, 1, 1), date(day.year, 6, 30), kind)
                if day.month <= 6
                else Period(date(day.year, 7, 1), date(day.year, 12, 31), kind)
            )
        case "month":
            first = day.replace(day=1)
            return Period(first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1), kind)
        case _:
            return Period(day, day, kind)
