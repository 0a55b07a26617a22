"""CSV and its relatives, as spreadsheets, surveys and people write them."""

import csv
from collections import Counter
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Final, TextIO

from app.errors import Unreadable
from app.imports.limits import HEADER_WITHIN, LONGEST_RECORD, MOST_ROWS
from app.imports.reading.encoding import TextEncoding, encoding_of
from app.imports.reading.header import find_header
from app.imports.reading.table import Blanks, SourceRow, Table, batched, tidied

_DELIMITERS: Final = (",", ";", "\t", "|")
_LONGEST_FIELD: Final = 131_072
# Rows that are compared for the delimiter, after the titles have been passed.
_COMPARED: Final = 60
_MANY_LINES: Final = 20
"""Lines of one row beyond which a quotation mark was probably never closed."""


class _Lines:
    """The lines of a file, none longer than a record may be; `since` counts the characters that the record so far has taken."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.since = 0
        self.last = ""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._file.readline(LONGEST_RECORD)
        if not line:
            raise StopIteration
        self.since += len(line)
        if self.since >= LONGEST_RECORD:
            raise Unreadable("record-too-long", most=LONGEST_RECORD)
        self.last = line
        return line


def read_delimited(path: Path) -> Table:
    encoding = encoding_of(path)
    delimiter = _delimiter(path, encoding)
    source = _records(path, encoding, delimiter)
    top = list(islice(source, HEADER_WITHIN * 3))
    header = find_header([(number, cells) for number, cells, _ in top])
    blanks = Blanks()
    rest = chain([record for record in top if record[0] > header.after], source)
    return Table(
        "csv", header.columns, batched(_rows(rest, len(header.columns), blanks)), has_places=False, skipped_blank=blanks, above=header.above
    )


def _open(path: Path, encoding: TextEncoding) -> TextIO:
    return path.open(encoding=encoding.name, errors=encoding.errors, newline="")


def _separator(line: str) -> str | None:
    """What Excel is told by a first line `sep=;`, which it does not show as a row."""
    text = line.strip().strip('"').lower()
    return text[4] if text.startswith("sep=") and len(text) == 5 else "\t" if line.lower().startswith("sep=\t") else None


def _delimiter(path: Path, encoding: TextEncoding) -> str:
    """The one by which most rows have equally many columns; where several do, the one that makes more columns."""
    with _open(path, encoding) as file:
        first = file.readline(LONGEST_RECORD)
        if separator := _separator(first):
            return separator
        lines = [first, *islice(_Lines(file), _COMPARED)]
    best, choice = (0.0, 0), ","
    for delimiter in _DELIMITERS:
        try:
            widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if any(cell.strip() for cell in row))
        except csv.Error:
            continue
        width, rows = max(widths.items(), key=lambda item: (item[1] if item[0] > 1 else 0, item[0]), default=(0, 0))
        score = (rows / widths.total(), width) if width > 1 else (0.0, 0)
        if score > best:
            best, choice = score, delimiter
    return choice


def _records(path: Path, encoding: TextEncoding, delimiter: str) -> Iterator[tuple[int, list[str], str | None]]:
    """Number, cells and fault of each row, blank ones too. A row over several lines is one row, as spreadsheets show it."""
    csv.field_size_limit(_LONGEST_FIELD)
    damaged = encoding.damaged
    with _open(path, encoding) as file:
        if not _separator(file.readline(LONGEST_RECORD)):
            file.seek(0)
        lines = _Lines(file)
        reader = csv.reader(lines, delimiter=delimiter)
        line = 0
        try:
            for number, cells in enumerate(reader, 1):
                fault = None
                lines.since = 0
                if reader.line_num - line > 1:
                    fault = "quote-open" if reader.line_num - line > _MANY_LINES or _is_open(cells, lines.last) else None
                line = reader.line_num
                if damaged and any("\ufffd" in cell for cell in cells):
                    fault = fault or "text-damaged"
                yield number, cells, fault
        except csv.Error as error:
            raise Unreadable("quote-not-closed", line=line + 1) from error


def _is_open(cells: list[str], last: str) -> bool:
    """Whether the last cell goes on to the very end of its line, as one does whose quotation mark is never closed."""
    return bool(cells) and cells[-1].endswith(last)


def _rows(records: Iterator[tuple[int, list[str], str | None]], width: int, blanks: Blanks) -> Iterator[SourceRow]:
    for number, texts, fault in records:
        cells, more = tidied(texts, width)
        if any(cell is not None for cell in cells):
            yield SourceRow(number, cells, None, fault or more)
        elif more:
            # Nothing under the header, yet something beside it.
            yield SourceRow(number, cells, None, more)
        else:
            blanks.count += 1
            if blanks.count > 10 * MOST_ROWS:
                raise Unreadable("rows-too-many", most=MOST_ROWS)
