"""Excel and LibreOffice workbooks, by calamine. The archive is looked through first: see `cells.py`."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import Final

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from app.errors import Unreadable
from app.imports.limits import HEADER_WITHIN, MOST_CELLS, MOST_COLUMNS
from app.imports.reading.cells import check_parts
from app.imports.reading.header import Header, find_header
from app.imports.reading.table import Blanks, Cell, SourceRow, Table, batched, listed, tidied

# Sheets that explain; ours are called so too.
_NOTES: Final = {
    "keterangan",
    "petunjuk",
    "contoh",
    "panduan",
    "pilihan",
    "daftar",
    "referensi",
    "readme",
    "notes",
    "instructions",
    "legend",
}
_MOST_EXACT: Final = 2**53

NumberedRows = Iterator[tuple[int, list[Cell]]]


def read_workbook(path: Path, kind: str, wanted: str | None) -> Table:
    check_parts(path, kind)
    try:
        book = CalamineWorkbook.from_path(str(path))
        sheet = _chosen(book, wanted)
    except PasswordError as error:
        raise Unreadable("workbook-old-or-locked") from error
    except (CalamineError, OSError, ValueError, RuntimeError) as error:
        raise Unreadable("workbook-damaged") from error
    _check_size(sheet)
    source = _numbered(sheet)
    top = list(islice(source, _top(sheet)))
    header = _header(top)
    blanks = Blanks()
    rows = _rows(chain(top, source), header, blanks, _MergedCells(sheet, header.after))
    return Table(kind, header.columns, batched(rows), has_places=False, sheet=sheet.name, skipped_blank=blanks, above=header.above)


def read_sheet(path: Path, kind: str, name: str) -> NumberedRows:
    """The rows of the sheet of that name as they stand there, each cell in its column, without a look for a header. `Unreadable` where there is none,
    or where it is not safe.
    """
    check_parts(path, kind)
    try:
        sheet = _chosen(CalamineWorkbook.from_path(str(path)), name)
    except PasswordError as error:
        raise Unreadable("workbook-old-or-locked") from error
    except (CalamineError, OSError, ValueError, RuntimeError) as error:
        raise Unreadable("workbook-damaged") from error
    _check_size(sheet)
    left: list[Cell] = [None] * (sheet.start[1] if sheet.start else 0)
    for number, cells in _numbered(sheet):
        yield number, left + cells


def _chosen(book: CalamineWorkbook, wanted: str | None) -> CalamineSheet:
    """The sheet of that name, else the first that is visible and holds rows; an explanation only where there is nothing else."""
    sheets = [one for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
    if wanted is not None:
        for one in sheets:
            if one.name.strip().lower() == wanted.strip().lower():
                return book.get_sheet_by_name(one.name)
        raise Unreadable("sheet-missing", names=listed([one.name for one in sheets]))
    visible = [one.name for one in sheets if one.visible == SheetVisibleEnum.Visible]
    data = [name for name in visible if name.strip().lower() not in _NOTES]
    only_header = None
    for name in data or visible:
        sheet = book.get_sheet_by_name(name)
        if sheet.height > 1:
            return sheet
        only_header = only_header or (sheet if sheet.height else None)
    if only_header is None:
        raise Unreadable("workbook-empty")
    return only_header


def _check_size(sheet: CalamineSheet) -> None:
    """Again, beside `cells.py`: formatted cells far to the right are columns too, and every row would carry them."""
    if sheet.total_height * sheet.width > MOST_CELLS:
        raise Unreadable("workbook-too-large", most=MOST_CELLS)


def _numbered(sheet: CalamineSheet) -> NumberedRows:
    try:
        for number, values in enumerate(sheet.iter_rows(), 1):
            yield number, [_cell(value) for value in values]
    except ArithmeticError as error:
        # A number formatted as a duration, of more days than Python counts.
        raise Unreadable("workbook-damaged") from error


def _top(sheet: CalamineSheet) -> int:
    """So many rows from the first of the file that those in which the header may be are among them."""
    return (sheet.start[0] if sheet.start else 0) + HEADER_WITHIN * 3


def _header(top: list[tuple[int, list[Cell]]]) -> Header:
    if top and len(top[0][1]) > MOST_COLUMNS:
        # Only what is written counts, not what is merely formatted.
        top = [(number, cells[: MOST_COLUMNS * 2]) for number, cells in top]
    return find_header(top)


class _MergedCells:
    """What stands in one cell over several rows below the header, as offices write a kelurahan once for all of its rows. Of those over several
    columns it is the first: what the others say is not known.
    """

    def __init__(self, sheet: CalamineSheet, after: int) -> None:
        left = sheet.start[1] if sheet.start else 0
        self._beginning: dict[int, list[tuple[int, int]]] = {}
        for (top, column), (bottom, _) in sheet.merged_cell_ranges or ():
            if bottom > top >= after:
                self._beginning.setdefault(top + 1, []).append((column - left, bottom + 1))
        self._open: dict[int, tuple[int, Cell]] = {}

    def filled(self, number: int, cells: tuple[Cell, ...]) -> tuple[tuple[Cell, ...], tuple[int, ...]]:
        """The row with what the merged cells above it say, and the columns of that. A row that says nothing itself stays blank."""
        if not self._beginning:
            return cells, ()
        merged: list[int] = []
        if self._open:
            self._open = {column: one for column, one in self._open.items() if one[0] >= number}
            merged = [column for column in self._open if cells[column] is None] if any(cell is not None for cell in cells) else []
        for column, bottom in self._beginning.get(number, ()):
            if 0 <= column < len(cells) and cells[column] is not None:
                self._open[column] = (bottom, cells[column])
        if not merged:
            return cells, ()
        return tuple(self._open[column][1] if column in merged else cell for column, cell in enumerate(cells)), tuple(sorted(merged))


def _rows(source: NumberedRows, header: Header, blanks: Blanks, merges: _MergedCells) -> Iterator[SourceRow]:
    width = len(header.columns)
    for number, values in source:
        if number <= header.after:
            continue
        cells, fault = tidied(values, width)
        cells, merged = merges.filled(number, cells)
        if fault or any(cell is not None for cell in cells):
            yield SourceRow(number, cells, None, fault, merged=merged)
        else:
            blanks.count += 1


def _cell(value: object) -> Cell:
    """Workbooks have no integers: what is whole is taken for one, as people see it."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _MOST_EXACT else value
    if isinstance(value, time):
        return value.isoformat("minutes" if value.second == 0 else "seconds")
    if isinstance(value, timedelta):
        return str(value)
    known: Cell = value if isinstance(value, str | int | bool | datetime | date) else None
    return known if known != "" else None
