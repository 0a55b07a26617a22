"""What is inside a workbook, looked at before a library opens it.

calamine holds a sheet as a full rectangle from its first to its last cell, so that two cells, A1 and XFD1048576, would be 17 thousand
million. Here the parts are inflated piece by piece, never held, and what they say about rows and columns is added up.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from app.errors import Unreadable
from app.imports.limits import LONGEST_RECORD, MOST_CELLS, MOST_HELD, MOST_TEXT
from app.imports.reading.archive import Archive
from app.imports.reading.guardedxml import NOT_XML, GuardedParser
from app.imports.reading.sheets import check_sheets

# As calamine reads it: letters of either case, no character references. A blank or a quotation mark of either kind may stand around.
_REFERENCE: Final = re.compile(rb"""\sr\s*=\s*["']\s*([A-Za-z]*)([0-9]+)["']""")
_CELL: Final = re.compile(rb"<(?:[^\s<>/:!?]+:)?c[\s/>]")
_DECLARATION: Final = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
# Beyond this many the digits of a row, or the letters of a column, are no reference any more.
_LONGEST_REFERENCE: Final = 9


class SheetStart(NamedTuple):
    """Cells of one part, none where it is no sheet; and whether each says where it stands."""

    cells: int = 0
    placed: bool = True


def check_parts(path: Path, kind: str) -> None:
    """`Unreadable` where a part declares entities, or a sheet would be too large."""
    found: dict[str, SheetStart] = {}
    with Archive(path) as archive:
        for name in archive.names:
            if name.lower() == "meta-inf/manifest.xml" and "encryption-data" in archive.text(name):
                raise Unreadable("workbook-old-or-locked")
        for name in archive.names:
            if name.lower().endswith(("sharedstrings.xml", "styles.xml", "workbook.xml")) and archive.size(name) > MOST_HELD:
                raise Unreadable("workbook-too-large", most=MOST_CELLS)
            if kind == "ods" and name.lower() == "content.xml":
                _check_content(archive.chunks(name))
            else:
                found[name] = _check_part(archive.chunks(name), is_xml=name.lower().endswith((".xml", ".rels", ".vml")))
        if kind == "xlsx":
            check_sheets(archive, {name: one.cells for name, one in found.items()}, {name for name, one in found.items() if not one.placed})


def _check_part(chunks: Iterator[bytes], *, is_xml: bool) -> SheetStart:
    """Any member may be named as a sheet inside the workbook, so all are looked at, photos too."""
    first_row, last_row, first_column, last_column, cells, placed, is_sheet = 1 << 60, 0, 1 << 60, 0, 0, True, False
    for window in _whole_tags(chunks, is_xml=is_xml):
        if is_xml and _DECLARATION.search(window):
            raise Unreadable("xml-declares")
        is_sheet = is_sheet or b"sheetData" in window
        found = _REFERENCE.findall(window)
        here = len(_CELL.findall(window))
        cells += here
        if is_sheet and cells > MOST_CELLS:
            raise Unreadable("workbook-too-large", most=MOST_CELLS)
        letters, digits = Counter(one[0] for one in found), [int(one[1][: _LONGEST_REFERENCE + 1]) for one in found]
        placed = placed and letters.total() - letters[b""] >= here
        columns = [_column(one) for one in letters if one]
        first_row, last_row = min([first_row, *digits]), max([last_row, *digits])
        first_column, last_column = min([first_column, *columns]), max([last_column, *columns])
        if (last_row - first_row + 1) * max(last_column - first_column + 1, 1) > MOST_CELLS:
            raise Unreadable("workbook-too-large", most=MOST_CELLS)
    # In the bytes of a photo there are such "tags" as well.
    return SheetStart(cells, placed) if is_sheet else SheetStart()


def _whole_tags(chunks: Iterator[bytes], *, is_xml: bool) -> Iterator[bytes]:
    """The same bytes in pieces that end before a tag begins, so that each tag is in one of them."""
    rest = b""
    for at, chunk in enumerate(chunks):
        if is_xml and at == 0 and chunk.startswith(_WIDE):
            raise Unreadable("workbook-damaged")
        window = rest + chunk
        cut = window.rfind(b"<")
        if cut <= 0:
            cut = len(window) if len(window) > LONGEST_RECORD else 0
        yield window[:cut]
        rest = window[cut:]
    yield rest


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper()[: _LONGEST_REFERENCE + 1]:
        number = number * 26 + letter - 64
    return number


class _Sheets(GuardedParser):
    """Counts the cells of the tables of an OpenDocument and the letters in them, as their repetitions multiply them."""

    texts = True

    def __init__(self) -> None:
        super().__init__()
        self._area = self._letters = self._in_row = 0
        self._times_cell = 0
        self._rows = self._columns = self._last_row = self._last_column = 0
        self._times = 1
        self._filled = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table":
            self._rows = self._last_row = self._last_column = 0
        elif name == "table-row":
            self._times, self._columns, self._filled, self._in_row = _repeats(attributes, "rows"), 0, False, 0
        elif name in ("table-cell", "covered-table-cell"):
            self._times_cell = _repeats(attributes, "columns")
            self._columns += self._times_cell
            # A text may stand in an attribute too.
            self._in_row += self._times_cell * sum(len(value) for value in attributes.values())
            if any(key.endswith((":value-type", ":value", ":formula")) or key == "value-type" for key in attributes):
                self._filled = True
                self._last_column = max(self._last_column, self._columns)

    def text(self, text: str) -> None:
        self._in_row += self._times_cell * len(text)

    def end(self, name: str) -> None:
        if name in ("table-cell", "covered-table-cell"):
            self._times_cell = 0
        elif name == "table-row":
            self._rows += self._times
            self._letters += self._times * self._in_row if self._filled else 0
            if self._filled:
                self._last_row = self._rows
            self._check()
        elif name == "table":
            self._check()
            self._area += self._last_row * self._last_column

    def _check(self) -> None:
        if self._letters > MOST_TEXT or self._area + self._last_row * self._last_column > MOST_CELLS:
            raise Unreadable("workbook-too-large", most=MOST_CELLS)


def _repeats(attributes: dict[str, str], of: str) -> int:
    text = attributes.get(f"table:number-{of}-repeated", "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_REFERENCE else MOST_CELLS + 1


def _check_content(chunks: Iterator[bytes]) -> None:
    try:
        for _ in _Sheets().steps(chunks):
            pass
    except NOT_XML as error:
        raise Unreadable("workbook-damaged") from error
