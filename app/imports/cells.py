"""A cell as spreadsheets and people write it, as the value that a field wants. Pure.

Nothing is guessed: what has two meanings is a fault, and says so.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timezone
from typing import NamedTuple

from app.categories.spellings import NO, YES, choice_of
from app.errors import Fault
from app.imports.dates import WIB, moment
from app.imports.fields import Field, FieldKind
from app.imports.reading.table import Cell
from app.plaintext import plain

BLANK = frozenset({"", "-", "\u2013", "\u2014"})
"""What people write where there is nothing."""
_INTEGER, _DECIMAL = re.compile(r"[+-]?[0-9]{1,15}"), re.compile(r"[+-]?[0-9]{1,15}(?:[.,][0-9]{1,15})?")
# Thousands in groups, by a mark that the decimals do not have; and what may be one such group, or three decimals.
_GROUPED = re.compile(
    r"(?P<whole>[+-]?[1-9][0-9]{0,2}(?P<mark>[.,])[0-9]{3}(?:(?P=mark)[0-9]{3}){0,3})(?:(?!(?P=mark))[.,](?P<decimals>[0-9]{1,15}))?"
)
# As programs write whole numbers of a column in which some are missing. Three zeros are a group.
_ZEROS = re.compile(r"(?P<whole>[+-]?[0-9]{1,15})[.,](?!0{3}$)0{1,15}")
_AMBIGUOUS = re.compile(r"([+-]?[1-9][0-9]{0,2})([.,])([0-9]{3})")
# What an export puts before a text that a spreadsheet would run.
_GUARDED = re.compile("'(?=[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20])")


class CellValue(NamedTuple):
    """The value, None where the cell is blank; or the fault of it."""

    value: object = None
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


def without_zeros(text: str) -> str:
    """A whole number that stands there as `5.0` or `5,0`, as it was before its column became one of decimals; other texts as they are."""
    found = _ZEROS.fullmatch(text)
    return found["whole"] if found else text


def seen(text: str) -> str:
    """The text on one line, if it is not already."""
    return text if text.isprintable() else plain(text).strip()


def read(cell: Cell, field: Field, *, is_canonical: bool = False, zone: timezone = WIB) -> CellValue:
    """`is_canonical`: the column is called as in the exports, so that times without a zone are UTC and points are decimal, as there. Elsewhere
    they are of the clock of the city, `zone`.
    """
    if is_blank(cell):
        return CellValue()
    if field.choices and isinstance(cell, (str, int, float)):
        text = written(cell)
        return _chosen(text if text in field.choices else without_zeros(text), field)
    if field.kind == "instant":
        return _instant(cell, UTC if is_canonical else zone)
    if field.kind == "number":
        if field.name == "accuracy_m":
            return _accuracy(cell)
        return _number(cell, "." if is_canonical else "")
    return _READERS[field.kind](cell)


def _chosen(text: str, field: Field) -> CellValue:
    found = choice_of(text, field.choices)
    return (
        CellValue(found)
        if found
        else CellValue(fault=Fault("", "attribute-enum", {"expected": ", ".join(field.choices).replace("_", " ")}))
    )


def _text(cell: Cell) -> CellValue:
    return CellValue(seen(written(cell)))


def _integer(cell: Cell) -> CellValue:
    if isinstance(cell, bool):
        return CellValue(fault=Fault("", "cell-not-a-whole-number"))
    if isinstance(cell, int):
        return CellValue(cell)
    text = written(cell)
    if _INTEGER.fullmatch(text):
        return CellValue(int(text))
    if (found := _GROUPED.fullmatch(text)) and (found["decimals"] or "0") in ("0", "00"):
        return CellValue(int(found["whole"].replace(found["mark"], "")))
    bare = without_zeros(text)
    return CellValue(int(bare)) if bare != text else CellValue(fault=Fault("", "cell-not-a-whole-number"))


def _number(cell: Cell, marks: str) -> CellValue:
    """`marks`: those that stand before decimals, whatever follows."""
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return CellValue(float(cell))
    text = re.sub(r"\s*(?:m|meter|metres?)\.?$", "", written(cell), flags=re.IGNORECASE)
    if (found := _AMBIGUOUS.fullmatch(text)) and found[2] not in marks:
        whole, _, decimals = found.groups()
        # Three decimals would be asked about again.
        plain = decimals.removesuffix("0").removesuffix("0") if decimals.endswith("0") else f"{decimals}0"
        return CellValue(fault=Fault("", "cell-ambiguous-number", {"whole": whole + decimals, "decimal": f"{whole},{plain}"}))
    if _DECIMAL.fullmatch(text):
        return CellValue(float(text.replace(",", ".")))
    if found := _GROUPED.fullmatch(text):
        return CellValue(float(f"{found['whole'].replace(found['mark'], '')}.{found['decimals'] or 0}"))
    return CellValue(fault=Fault("", "not-a-number"))


def _accuracy(cell: Cell) -> CellValue:
    """Of metres that a receiver tells, programs write three decimals, and nobody means kilometres; 0 is how they say that they do not know."""
    found = _number(cell, ".,")
    return CellValue() if found.value == 0 else found


def _boolean(cell: Cell) -> CellValue:
    if isinstance(cell, bool):
        return CellValue(cell)
    text = without_zeros(written(cell)).casefold()
    if text in YES or text in NO:
        return CellValue(text in YES)
    return CellValue(fault=Fault("", "not-yes-or-no"))


def _list(cell: Cell) -> CellValue:
    return CellValue([part.strip() for part in written(cell).split(";") if part.strip()])


def _date(cell: Cell) -> CellValue:
    found = moment(cell)
    if found is None:
        return CellValue(fault=Fault("", "cell-not-a-date"))
    return CellValue(found.date().isoformat())


def _instant(cell: Cell, zone: timezone) -> CellValue:
    found = moment(cell)
    if found is None:
        return CellValue(fault=Fault("", "cell-not-a-date"))
    aware = found if found.tzinfo else found.replace(tzinfo=zone)
    try:
        return CellValue(aware.astimezone(UTC).isoformat().replace("+00:00", "Z"))
    except OverflowError:
        # The first and last hours of the calendar, which programs write for "never".
        return CellValue(fault=Fault("", "cell-not-a-date"))


_READERS: dict[FieldKind, Callable[[Cell], CellValue]] = {
    "text": _text,
    "integer": _integer,
    "boolean": _boolean,
    "list": _list,
    "date": _date,
    "place": _text,
}
