"""A table as it came, as a workbook that says beside each row what is wrong with it; corrected there, it can be imported again."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final, Literal, NamedTuple

import xlsxwriter
from xlsxwriter import Workbook
from xlsxwriter.format import Format as Style
from xlsxwriter.worksheet import Worksheet

from app.exports.layer import unused, without_controls
from app.imports.limits import MOST_ROWS
from app.imports.reading.table import Cell, SourceRow, Table
from app.language import Language, Text

NoteMark = Literal["error", "repair", "warning"]

STATUS: Final = "titik_status"
NOTE: Final = "titik_catatan"
"""Headings of the two columns in front. An import leaves out columns of these names, here too."""

_COMMENTED: Final = 100
"""Comments, at the marked cells of the first rows. Each is a drawing, which Excel opens slowly by the thousand."""

_EXACT: Final = 2**53
_COLOURS: Final[Mapping[NoteMark, str]] = {"error": "#F8B4B4", "repair": "#FFF2A8", "warning": "#FFF2A8"}
# 49 is `@`: text, as Excel has it built in.
_FORMS: Final[Mapping[str, str | int | None]] = {"": None, "date": "yyyy-mm-dd", "instant": "yyyy-mm-dd hh:mm:ss", "text": 49}
_LEGEND: Final = (
    Text("Merah: harus diperbaiki. Kuning: akan dibetulkan atau perlu dilihat.", "Red: to be corrected. Yellow: will be repaired, or is worth a look."),
    Text("Saring kolom titik_status untuk melihat baris yang bermasalah saja.", "Filter the column titik_status to see only the rows that need something."),
    Text("Perbaiki di lembar Data, simpan, lalu kirim berkas ini lagi. Kedua kolom di depan tidak dibaca.", "Correct it on the sheet Data, save it, and send this file again. The two columns in front are not read."),
    Text("Nomor baris sama dengan berkas semula.", "The numbers of rows are those of the original file."),
)  # fmt: skip


class CellNote(NamedTuple):
    """A sentence on one cell, by the index of its column of the table; None: on the row."""

    sentence: str
    mark: NoteMark
    column: int | None = None


class RowNotes(NamedTuple):
    """What is said of one row."""

    number: int
    status: str
    notes: Sequence[CellNote]

    def marks(self) -> dict[int, NoteMark]:
        """The worst mark of each cell."""
        marks: dict[int, NoteMark] = {}
        for mark in reversed(tuple(_COLOURS)):
            marks |= {note.column: mark for note in self.notes if note.column is not None and note.mark == mark}
        return marks


class _NoteStyles:
    """Each colour with each form of cell."""

    def __init__(self, book: Workbook) -> None:
        self.bold = book.add_format({"bold": True, "bg_color": "#E7EEF5", "border": 1})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self._made: dict[tuple[NoteMark | None, str], Style | None] = {}
        for mark in (None, *_COLOURS):
            for form, number in _FORMS.items():
                look = ({"bg_color": _COLOURS[mark]} if mark else {}) | ({"num_format": number} if number else {})
                self._made[mark, form] = book.add_format(look) if look else None

    def of(self, mark: NoteMark | None, form: str) -> Style | None:
        return self._made[mark, form]


def write_annotated(path: Path, table: Table, notes: Iterator[RowNotes], language: Language, remarks: Sequence[str] = ()) -> None:
    """Reads `table` to its end. `notes` go upwards by number, as the rows do; rows without any are written plain.

    Rows keep their numbers: those of a spreadsheet stand where they stood, features follow the header. Points of geometries become the
    columns lon and lat. `remarks` on the whole file stand on the sheet of explanations. The file is written as the rows come: some 15 MB, however many there are.
    """
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "tmpdir": str(path.parent)})
    styles = _NoteStyles(book)
    data, legend = book.add_worksheet("Data"), book.add_worksheet("Petunjuk")
    for at, sentence in enumerate([*(text.say(language) for text in _LEGEND), *remarks]):
        legend.write_string(at, 0, without_controls(sentence), styles.wrapped)
    legend.set_column(0, 0, 90)
    sheet = _AnnotatedSheet(data, table, styles)
    note = next(notes, None)
    for batch in table.batches:
        for row in batch:
            while note is not None and note.number < row.number:
                note = next(notes, None)
            sheet.add(row, note if note is not None and note.number == row.number else None)
    sheet.finish()
    book.close()


class _AnnotatedSheet:
    def __init__(self, sheet: Worksheet, table: Table, styles: _NoteStyles) -> None:
        self._sheet = sheet
        self._styles = styles
        # An annotated table that is imported again does not collect the columns of all its reports.
        self._headings = table.columns
        self._kept = [at for at, name in enumerate(table.columns) if name.strip().lower() not in (STATUS, NOTE)]
        self._shift = 1 if table.has_places else 0
        self._has_places = table.has_places
        self._at = 0
        self._comments = 0
        names = [table.columns[at] for at in self._kept]
        places = [unused(name, names) for name in ("lon", "lat")] if table.has_places else []
        self._names = [STATUS, NOTE, *names, *places]
        for column, name in enumerate(self._names):
            sheet.set_column(column, column, {0: 14, 1: 60}.get(column, max(12, min(40, len(name) + 4))))
            sheet.write_string(0, column, without_controls(name), styles.bold)
        sheet.freeze_panes(1, 2)

    def add(self, row: SourceRow, note: RowNotes | None) -> None:
        at = max(row.number - 1 + self._shift, self._at + 1)
        if self._at == 0:
            # Titles that stood above the header: they keep their room, so that the numbers are right, but take none on the screen.
            for hidden in range(1, min(at, MOST_ROWS)):
                self._sheet.set_row(hidden, None, None, {"hidden": True})
                # A row without a cell would not be written at all.
                self._sheet.write_blank(hidden, 0, None, self._styles.of(None, "text"))
        self._at = at
        marks = note.marks() if note else {}
        if note:
            worst: NoteMark | None = next((mark for mark in _COLOURS if any(one.mark == mark for one in note.notes)), None)
            self._write(0, note.status, worst)
            self._write(1, " ".join(map(self._headed, note.notes)), None)
        column = 2
        for index in self._kept:
            cell, mark = row.cells[index], marks.get(index)
            if cell is not None or mark:
                self._write(column, cell, mark)
            column += 1
        for cell in row.place or () if self._has_places else ():
            self._write(column, cell, None)
            column += 1
        if note and marks and self._comments < _COMMENTED:
            self._comment(note)

    def _headed(self, note: CellNote) -> str:
        """A sentence behind the heading of its column, by which it is found."""
        heading = self._headings[note.column] if note.column is not None else ""
        return f"{heading}: {note.sentence}" if heading else note.sentence

    def finish(self) -> None:
        self._sheet.autofilter(0, 0, max(self._at, 1), len(self._names) - 1)

    def _comment(self, note: RowNotes) -> None:
        """At each marked cell what is said of it."""
        for column, index in enumerate(self._kept, 2):
            if sentences := [one.sentence for one in note.notes if one.column == index]:
                self._sheet.write_comment(self._at, column, without_controls("\n".join(sentences))[:1_000], {"x_scale": 2})
                self._comments += 1

    def _write(self, column: int, cell: Cell, mark: NoteMark | None) -> None:
        """Texts as texts in any case: nothing that people typed becomes a formula, a number or a link."""
        at, sheet, style = self._at, self._sheet, self._styles.of
        if cell is None:
            sheet.write_blank(at, column, None, style(mark, ""))
        elif isinstance(cell, str):
            # Written as text, and kept as text when somebody corrects it: 001 stays 001.
            sheet.write_string(at, column, without_controls(cell.replace("\r\n", "\n").replace("\r", "\n"))[:32_767], style(mark, "text"))
        elif isinstance(cell, bool):
            sheet.write_boolean(at, column, cell, style(mark, ""))
        elif isinstance(cell, int | float):
            if abs(cell) < _EXACT:
                sheet.write_number(at, column, cell, style(mark, ""))
            else:
                sheet.write_string(at, column, str(cell), style(mark, "text"))
        elif cell.year < 1900:
            sheet.write_string(at, column, cell.isoformat(), style(mark, "text"))
        else:
            self._moment(column, cell, mark)

    def _moment(self, column: int, cell: datetime | date, mark: NoteMark | None) -> None:
        if isinstance(cell, datetime):
            # Excel has no zones; what has one keeps it as text.
            if cell.tzinfo is not None:
                self._sheet.write_string(self._at, column, cell.isoformat(), self._styles.of(mark, "text"))
            else:
                self._sheet.write_datetime(self._at, column, cell, self._styles.of(mark, "instant"))
        else:
            self._sheet.write_datetime(self._at, column, cell, self._styles.of(mark, "date"))
