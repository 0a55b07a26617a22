"""What the cells of a workbook that came back say. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from app.errors import Fault, Unreadable
from app.figures.rules import FigureKey
from app.profiles.form import read_number
from app.profiles.workbook import COLUMNS, DATA, MEANINGS, STATUSES

SheetCell = str | int | float | bool | None
SheetRows = Sequence[tuple[int, Sequence[SheetCell]]]
"""The rows of the sheet with their numbers, each cell in its column."""
TEXTS: Final = ("explanation", "note", "source")
_NEEDED: Final = ("id", "version", "value", "meaning", "status", *TEXTS)
# The row of names is the first; somebody may have put some above it.
_WITHIN: Final = 10
_WORDS = {
    column: {word.casefold(): name for name, text in words.items() for word in (text.id, text.en, name)}
    for column, words in (("meaning", MEANINGS), ("status", STATUSES))
}


class ReturnedFigure(NamedTuple):
    """What a row says. `number`: of the row; `version`: what it was filled in upon, 0 where there was none; `meaning`: `""` where nothing is said."""

    number: int
    key: FigureKey
    version: int
    value: Decimal | None
    meaning: str
    status: str
    texts: Mapping[str, str | None]

    @property
    def is_blank(self) -> bool:
        return not self.meaning and self.value is None and not any(self.texts.values())


class ReturnedSheet(NamedTuple):
    """`faults` say in which cell; of a row with a fault there is no figure. `columns`: where each stands, from 0."""

    columns: Mapping[str, int]
    figures: Sequence[ReturnedFigure]
    faults: Sequence[Fault]
    keys: Mapping[int, FigureKey] = {}
    """Of which figure a row is, of those too that cannot be read."""

    def cell(self, number: int, column: str) -> str:
        return address(self.columns.get(column, self.columns["value"]), number)


def address(column: int, number: int) -> str:
    """As a spreadsheet program calls a cell: `Data!E12`."""
    letters, left = "", column + 1
    while left:
        left, digit = divmod(left - 1, 26)
        letters = chr(65 + digit) + letters
    return f"{DATA}!{letters}{number}"


def read_returned(rows: SheetRows, place: str) -> ReturnedSheet:
    """`place`: kelurahan and period, as every row names them. `Unreadable` where it is no workbook of ours."""
    columns, first = _columns(rows)
    sheet = ReturnedSheet(columns, [], [])
    figures: list[ReturnedFigure] = []
    faults: list[Fault] = []
    keys: dict[int, FigureKey] = {}
    for number, cells in rows:
        if number <= first:
            continue
        row = {name: _tidy(cells[at]) if at < len(cells) else None for name, at in columns.items()}
        if key := _key(row["id"], place):
            keys[number] = key
        found = _figure(row, number, key, sheet)
        if isinstance(found, ReturnedFigure):
            figures.append(found)
        else:
            faults += found
    return sheet._replace(figures=figures, faults=faults, keys=keys)


def without_rest(rows: SheetRows) -> list[tuple[int, list[SheetCell]]]:
    """The rows with nothing but what is read of them, so that they are few bytes; cells stay where they stand."""
    columns, first = _columns(rows)
    kept = {columns[name] for name in _NEEDED}
    return [
        (number, [cell if number == first or at in kept else None for at, cell in enumerate(cells[: max(kept) + 1])])
        for number, cells in rows
        if number >= first and any(cell is not None for cell in cells)
    ]


def _columns(rows: SheetRows) -> tuple[dict[str, int], int]:
    """Where each column stands, and the last row of the headings."""
    for number, cells in rows[:_WITHIN]:
        found = {cell: at for at, cell in reversed(list(enumerate(cells))) if isinstance(cell, str) and cell in COLUMNS}
        if found.keys() >= set(_NEEDED):
            return found, number
    raise Unreadable("workbook-foreign")


def _tidy(cell: SheetCell) -> SheetCell:
    return (cell.strip().replace("\r\n", "\n") or None) if isinstance(cell, str) else cell


def _figure(row: Mapping[str, SheetCell], number: int, key: FigureKey | None, sheet: ReturnedSheet) -> ReturnedFigure | list[Fault]:
    name, version = row["id"], row["version"]
    if version in (COLUMNS["version"].title.id, COLUMNS["version"].title.en):
        # The headings for people.
        return []
    if name is None and all(row[column] is None for column in ("value", "meaning", *TEXTS)):
        return []
    if key is None or not isinstance(version, int) or isinstance(version, bool) or version < 0:
        return [Fault(sheet.cell(number, "value"), "workbook-row-added" if name is None else "workbook-row-elsewhere")]
    return _read(row, number, key, version, sheet)


def _key(name: SheetCell, place: str) -> FigureKey | None:
    """Of `35.71.01.1011/2025/penduduk_menurut_agama/islam`; None where that is of another place."""
    if not isinstance(name, str):
        return None
    kelurahan, _, rest = name.partition("/")
    period, _, figure = rest.partition("/")
    indicator, _, indicator_class = figure.partition("/")
    return FigureKey(indicator, indicator_class) if indicator and f"{kelurahan}/{period}" == place else None


def _read(row: Mapping[str, SheetCell], number: int, key: FigureKey, version: int, sheet: ReturnedSheet) -> ReturnedFigure | list[Fault]:
    faults = []
    value = _value(row["value"])
    if isinstance(value, Fault):
        faults.append(Fault(sheet.cell(number, "value"), value.code, value.facts))
    words = {column: _word(column, row[column]) for column in ("meaning", "status")}
    faults += [Fault(sheet.cell(number, column), f"workbook-{column}") for column, word in words.items() if word is None]
    texts = {name: None if row[name] is None else _written(row[name]) for name in TEXTS}
    if faults or isinstance(value, Fault):
        return faults
    meaning = words["meaning"] or ("value" if value is not None else "")
    found = ReturnedFigure(number, key, version, value, meaning, words["status"] or "sementara", texts)
    return list(_contradictions(found, sheet)) or found


def _contradictions(found: ReturnedFigure, sheet: ReturnedSheet) -> Iterator[Fault]:
    if found.value is not None and found.meaning != "value":
        yield Fault(sheet.cell(found.number, "meaning"), "value-alien")
    elif found.value is None and found.meaning in ("", "value") and not (found.is_blank and found.version == 0):
        yield Fault(sheet.cell(found.number, "value"), "workbook-number-missing")


def _value(cell: SheetCell) -> Decimal | Fault | None:
    if cell is None:
        return None
    if isinstance(cell, bool):
        return Fault("", "number-unread")
    if isinstance(cell, int | float):
        return Decimal(str(cell))
    return read_number(cell)


def _word(column: str, cell: SheetCell) -> str | None:
    """`""` where nothing is said, None where it is no word of the list."""
    return "" if cell is None else _WORDS[column].get(re.sub(r"\s+", " ", _written(cell)).casefold())


def _written(cell: Any) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
