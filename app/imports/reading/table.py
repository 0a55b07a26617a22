"""What every format is read into: rows of cells in batches. Knows no database and no HTTP."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from app.errors import Unreadable
from app.imports.limits import AT_ONCE, LONGEST_TEXT, MOST_COLUMNS, MOST_ROWS

Cell = str | int | float | bool | datetime | date | None
# An escape of JSON can write half of a pair; UTF-8 cannot.
_HALF_A_PAIR: Final = re.compile("[\ud800-\udfff]")
# What is beyond these is kept as text: no JSON that we write could say it as a number.
_LOWEST, _HIGHEST = -(2**63), 2**63 - 1


class Stated(NamedTuple):
    """What a feature says of its own coordinates: the name of their CRS, and whether they stand in the order that its definition has
    (JSON-FG) rather than easting first.
    """

    crs: str
    as_defined: bool = False


class Shift(NamedTuple):
    """How a place of another datum came to lie where it does: the datum and its number in EPSG, the numbers of the file (degrees or metres of its
    CRS), the metres between those in WGS 84 and the place, and the accuracy of that in metres; infinite where it is not known.
    """

    datum: str
    epsg: int | None
    x: float
    y: float
    moved_m: float
    accuracy_m: float


class SourceRow(NamedTuple):
    """One row of the source, not blank.

    `number` is how the user finds it: the row that a spreadsheet program shows (the header is mostly 1), or the feature counted from 1.
    `cells` are as many as the table has columns. `place` is lon, lat in EPSG:4326, where the format has geometry and this row has a point.
    `fault` is a code of `FAULTS`: the first thing of the row that could not be read as it stands. `shift`: what moved the place, where that was
    more than another name of WGS 84. `stated`: the CRS that it states of itself, as long as the place is not in degrees yet.
    """

    number: int
    cells: tuple[Cell, ...]
    place: tuple[float, float] | None = None
    fault: str | None = None
    shift: Shift | None = None
    stated: Stated | None = None
    accuracy_m: float | None = None
    """In metres, where the geometry says it: a fourth number, as Kobo and Central write it."""
    merged: tuple[int, ...] = ()
    """The columns whose value stands further up, in a cell that is merged with the ones below it."""


class Table(NamedTuple):
    """`batches` can be read once and may raise `Unreadable` on the way: what follows may be too much, or damaged.

    `columns` are the texts of the header as written, trimmed; a column without one is `""`, equal ones stay.
    `skipped_blank` tells how many blank rows were left out so far.
    """

    format: str
    columns: tuple[str, ...]
    batches: Iterator[list[SourceRow]]
    has_places: bool
    sheet: str | None = None
    skipped_blank: Callable[[], int] = lambda: 0
    above: tuple[str, ...] = ()
    """Titles over the header, which may speak of all rows."""
    aliases: tuple[str, ...] = ()
    """What a layer calls its columns beside their names; empty where it does not."""


class Blanks:
    """Counts the rows that were left out."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> int:
        return self.count


def batched(rows: Iterable[SourceRow]) -> Iterator[list[SourceRow]]:
    """Lists of at most `AT_ONCE` rows; `Unreadable` beyond `MOST_ROWS`."""
    batch: list[SourceRow] = []
    count = 0
    for row in rows:
        batch.append(row)
        if len(batch) == AT_ONCE:
            count += AT_ONCE
            yield batch
            batch = []
            if count >= MOST_ROWS:
                break
    else:
        if batch:
            yield batch
        return
    for _ in rows:
        raise Unreadable("rows-too-many", most=MOST_ROWS)


def storable(text: str) -> str:
    """The text as UTF-8 can say it and PostgreSQL can hold it: what is no letter becomes U+FFFD, NUL goes."""
    return (text if text.isascii() else _HALF_A_PAIR.sub("\ufffd", text)).replace("\0", "")


def tidied(cells: Sequence[Cell], width: int) -> tuple[tuple[Cell, ...], str | None]:
    """Exactly `width` cells, blank ones None, texts trimmed and of a bearable length; and what was wrong with them."""
    fault = None
    tidy: list[Cell] = []
    for cell in cells:
        if isinstance(cell, str):
            text = cell.strip()
            if len(text) > LONGEST_TEXT:
                text, fault = text[:LONGEST_TEXT], "text-cut"
            text_kept = storable(text)
            if text_kept != text:
                fault = "nul-character" if "\0" in text else "text-damaged"
            tidy.append(text_kept or None)
        elif isinstance(cell, int | float) and not _LOWEST <= cell <= _HIGHEST:
            # NaN is how programs write that there is none.
            tidy.append(None if cell != cell else str(cell))  # noqa: PLR0124
        else:
            tidy.append(cell)
    if len(tidy) > width:
        if any(cell is not None for cell in tidy[width:]):
            fault = "too-many-cells"
        del tidy[width:]
    elif len(tidy) < width:
        tidy.extend([None] * (width - len(tidy)))
    return tuple(tidy), fault


def checked_columns(names: Sequence[str]) -> tuple[str, ...]:
    """The names on one line each, bearably long and not too many."""
    if len(names) > MOST_COLUMNS:
        raise Unreadable("columns-too-many", most=MOST_COLUMNS)
    return tuple(" ".join(storable(name).split())[:200] for name in names)


def listed(names: Sequence[str]) -> str:
    """Names of sheets or layers as a sentence shows them: few, short, without control characters."""
    printable = ["".join(letter for letter in name if letter.isprintable())[:60] for name in names[:10]]
    return ", ".join(printable) + (", …" if len(names) > len(printable) else "")
