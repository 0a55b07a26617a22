"""A cell as spreadsheets and people write it, as the value that a field wants. Pure.

Nothing is guessed: what has two meanings is a fault, and says so.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timezone
from typing import Any, NamedTuple

from app.categories.spellings import NO, YES, choice_of
from app.errors import Fault
from app.plaintext import plain
from app.transfers.dates import WIB, moment
from app.transfers.fields import Field, Kind
from app.transfers.reading.table import Cell

BLANK = frozenset({"", "-", "\u2013", "\u2014"})
"""What people write where there is nothing."""
_INTEGER, _DECIMAL = re.compile(r"[+-]?[0-9]{1,15}"), re.compile(r"[+-]?[0-9]{1,15}(?:[.,][0-9]{1,15})?")
# Thousands in groups, by a mark that the decimals do not have; and what may be one such group, or three decimals.
_GROUPED = re.compile(
    r"(?P<whole>[+-]?[1-9][0-9]{0,2}(?P<mark>[.,])[0-9]{3}(?:(?P=mark)[0-9]{3}){0,3})(?:(?!(?P=mark))[.,](?P<decimals>[0-9]{1,15}))?"
)
_AMBIGUOUS = re.compile(r"([+-]?[1-9][0-9]{0,2})([.,])([0-9]{3})")
# What an export puts before a text that a spreadsheet would run.
_GUARDED = re.compile("'(?=[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20])")


class Read(NamedTuple):
    """The value, None where the cell is blank; or the fault of it."""

    value: Any = None
    fault: Fault | None = None


def is_blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and cell.strip() in BLANK)


def written(cell: Cell) -> str:
    """The cell as its spreadsheet shows it: whole numbers without a point, times without a zone."""
    if isinstance(cell, str):
        return _GUARDED.sub("", cell, count=1).strip() if cell.startswith("'") else cell.strip()
    if isinstance(cell, bool):
        return "ya" if cell else "tidak"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    return "" if cell is None else str(cell)


def seen(text: str) -> str:
    """The text on one line, if it is not already."""
    return text if text.isprintable() else plain(text).strip()


def read(cell: Cell, field: Field, *, is_canonical: bool = False) -> Read:
    """`is_canonical`: the column is called as in the exports, so that times without a zone are UTC and points are decimal, as there."""
    if is_blank(cell):
        return Read()
    if field.choices and isinstance(cell, (str, int, float)):
        return _chosen(written(cell), field)
    if field.kind == "instant":
        return _instant(cell, UTC if is_canonical else WIB)
    if field.kind == "number":
        if field.name == "accuracy_m":
            return _accuracy(cell)
        return _number(cell, "." if is_canonical else "")
    return _READERS[field.kind](cell)


def _chosen(text: str, field: Field) -> Read:
    found = choice_of(text, field.choices)
    return Read(found) if found else Read(fault=Fault("", "attribute-enum", {"expected": ", ".join(field.choices)}))


def _text(cell: Cell) -> Read:
    return Read(seen(written(cell)))


def _integer(cell: Cell) -> Read:
    if isinstance(cell, bool):
        return Read(fault=Fault("", "cell-not-a-whole-number"))
    if isinstance(cell, int):
        return Read(cell)
    text = written(cell)
    if _INTEGER.fullmatch(text):
        return Read(int(text))
    if (found := _GROUPED.fullmatch(text)) and not found["decimals"]:
        return Read(int(text.replace(found["mark"], "")))
    return Read(fault=Fault("", "cell-not-a-whole-number"))


def _number(cell: Cell, marks: str) -> Read:
    """`marks`: those that stand before decimals, whatever follows."""
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return Read(float(cell))
    text = re.sub(r"\s*(?:m|meter|metres?)\.?$", "", written(cell), flags=re.IGNORECASE)
    if (found := _AMBIGUOUS.fullmatch(text)) and found[2] not in marks:
        whole, _, decimals = found.groups()
        # Three decimals would be asked about again.
        plain = decimals.removesuffix("0").removesuffix("0") if decimals.endswith("0") else f"{decimals}0"
        return Read(fault=Fault("", "cell-ambiguous-number", {"whole": whole + decimals, "decimal": f"{whole},{plain}"}))
    if _DECIMAL.fullmatch(text):
        return Read(float(text.replace(",", ".")))
    if found := _GROUPED.fullmatch(text):
        return Read(float(f"{found['whole'].replace(found['mark'], '')}.{found['decimals'] or 0}"))
    return Read(fault=Fault("", "not-a-number"))


def _accuracy(cell: Cell) -> Read:
    """Of metres that a receiver tells, programs write three decimals, and nobody means kilometres; 0 is how they say that they do not know."""
    found = _number(cell, ".,")
    return Read() if found.value == 0 else found


def _boolean(cell: Cell) -> Read:
    if isinstance(cell, bool):
        return Read(cell)
    text = written(cell).casefold()
    if text in YES or text in NO:
        return Read(text in YES)
    return Read(fault=Fault("", "not-yes-or-no"))


def _list(cell: Cell) -> Read:
    return Read([part.strip() for part in written(cell).split(";") if part.strip()])


def _date(cell: Cell) -> Read:
    found = moment(cell)
    if found is None:
        return Read(fault=Fault("", "cell-not-a-date"))
    return Read(found.date().isoformat())


def _instant(cell: Cell, zone: timezone) -> Read:
    found = moment(cell)
    if found is None:
        return Read(fault=Fault("", "cell-not-a-date"))
    aware = found if found.tzinfo else found.replace(tzinfo=zone)
    try:
        return Read(aware.astimezone(UTC).isoformat().replace("+00:00", "Z"))
    except OverflowError:
        # The first and last hours of the calendar, which programs write for "never".
        return Read(fault=Fault("", "cell-not-a-date"))


_READERS: dict[Kind, Callable[[Cell], Read]] = {
    "text": _text,
    "integer": _integer,
    "boolean": _boolean,
    "list": _list,
    "date": _date,
    "place": _text,
}
