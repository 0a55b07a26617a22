"""Sheets that must be looked at more closely. A text that many cells share stands once in the file, and calamine copies it into every cell
that shows it; cells that do not say where they stand follow one another.
"""

from array import array
from collections.abc import Collection, Mapping, Sequence

from app.errors import Unreadable
from app.imports.limits import MOST_CELLS, MOST_TEXT
from app.imports.reading.archive import Archive
from app.imports.reading.guardedxml import NOT_XML, GuardedParser

TABLE = "xl/sharedstrings.xml"
"""Where calamine looks for it, in any case; the name that the workbook itself gives is not asked for."""


class _Strings(GuardedParser):
    """The length of each text, in order."""

    texts = True

    def __init__(self) -> None:
        super().__init__()
        self.lengths = array("L")
        self._length = 0
        self._open = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        del attributes
        if name == "si" and not self._open:
            self._open, self._length = True, 0

    def end(self, name: str) -> None:
        if name == "si" and self._open:
            self._open = False
            self.lengths.append(self._length)

    def text(self, text: str) -> None:
        self._length += len(text)


class _SheetExtent(GuardedParser):
    """Where the cells of a sheet are, and how long the texts are that they show, all as calamine takes it."""

    texts = True

    def __init__(self, lengths: Sequence[int]) -> None:
        super().__init__()
        self._lengths = lengths
        self._row = self._column = self._widest = self._total = 0
        self._shared = False
        self._index = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "row":
            reference = attributes.get("r", "")
            self._row, self._column = int(reference) if reference.isdigit() and len(reference) < 9 else self._row + 1, 0
        elif name == "c":
            # Cells that say where they stand were looked at before; these follow one another.
            self._column += 1
            self._widest = max(self._widest, self._column)
            self._shared = attributes.get("t") == "s"
            if self._row * self._widest > MOST_CELLS:
                raise Unreadable("workbook-too-large", most=MOST_CELLS)
        elif name == "v":
            self._index = ""

    def text(self, text: str) -> None:
        if self._shared:
            self._index += text[:20]

    def end(self, name: str) -> None:
        if name != "v" or not self._shared:
            return
        text = self._index.strip()
        # What is no number is taken for the first text by calamine.
        index = int(text) if text.isascii() and text.isdigit() else 0
        self._total += self._lengths[index] if index < len(self._lengths) else 0
        if self._total > MOST_TEXT:
            raise Unreadable("workbook-too-large", most=MOST_CELLS)


def check_sheets(archive: Archive, cells: Mapping[str, int], unplaced: Collection[str]) -> None:
    """`cells` says how many each member of the archive holds, `unplaced` which of them have cells that do not say where they stand.

    A sheet is read only where that is so, or where the longest text in all of its cells would be too much.
    """
    try:
        strings = _Strings()
        if name := next((name for name in archive.names if name.lower() == TABLE), None):
            for _ in strings.steps(archive.chunks(name)):
                pass
        longest = max(strings.lengths, default=0)
        for sheet, count in cells.items():
            if sheet in unplaced or count * longest > MOST_TEXT:
                for _ in _SheetExtent(strings.lengths).steps(archive.chunks(sheet)):
                    pass
    except NOT_XML as error:
        raise Unreadable("workbook-damaged") from error
