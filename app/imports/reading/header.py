"""Which row is the header. People put titles above it, merge two rows into one, and number the columns below it.

The header is the row, among the first `HEADER_WITHIN`, with the most headings that are known, where a row has two or more; the first such. Else, and
among rows that know as many, it is the first row that

- fills at least two columns, and at least half as many as the fullest of these rows (a title fills one, "Kecamatan | Mojoroto" two);
- holds names: texts with a letter, of at most 80 characters, no coordinate and no date; one cell in four may be something else (a year);
- has no cell that begins or ends with a colon, as "Kecamatan :" of a letterhead does.

A row below it that only fills gaps under merged cells ("Koordinat" above "Lintang" and "Bujur") belongs to it. A row that counts the
columns (1, 2, 3 or (1), (2), (3)) is left out.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from app.errors import Unreadable
from app.imports.headings import names_a_field
from app.imports.limits import HEADER_WITHIN
from app.imports.reading.table import Cell, checked_columns

_LONGEST_NAME = 80
_KNOWN_AT_LEAST = 2
_COUNTING = re.compile(r"\(?(\d{1,3})[).]?")
# The only letters of a coordinate, in Indonesian or English.
_DIRECTIONS = {"", "ls", "lu", "bt", "bb", "s", "u", "t", "b", "n", "e", "w"}

FirstRows = Sequence[tuple[int, Sequence[Cell]]]


class Header(NamedTuple):
    """`after` is the number of the last row that belongs to the header: data begin below it. `above`: the rows above it, and what stands over
    several of its columns.
    """

    columns: tuple[str, ...]
    after: int
    above: tuple[str, ...] = ()


def find_header(rows: FirstRows) -> Header:
    """Of the first rows, each with its number; `Unreadable` where none looks like a header."""
    top = [(number, cells) for number, cells in rows if any(_text(cell) for cell in cells)][:HEADER_WITHIN]
    at = _row_of_header(top)
    if at is None:
        raise Unreadable("header-missing", rows=HEADER_WITHIN)
    number, cells = top[at]
    names, after = [_text(cell) for cell in cells], number
    above = [" ".join(filter(None, map(_text, row))) for _, row in top[:at]]
    below = top[at + 1 : at + 3]
    if below and (joined := _merged(names, below[0][1])):
        above += [upper for upper, name in zip(names, joined, strict=False) if upper and upper != name]
        names, after = joined, below[0][0]
        below = below[1:]
    if below and _counts_columns(below[0][1]):
        after = below[0][0]
    while not names[-1]:
        names.pop()
    return Header(checked_columns(names), after, tuple(above))


def _row_of_header(top: FirstRows) -> int | None:
    """The index of the header among the first rows."""
    fullest = max((_filled(cells) for _, cells in top), default=0)
    like_one = [at for at, (_, cells) in enumerate(top) if _filled(cells) >= max(2, fullest / 2) and _holds_names(cells)]
    seen = Counter((column, _text(cell)) for _, cells in top for column, cell in enumerate(cells))
    known = [_known(cells, top[at + 1][1] if at + 1 < len(top) else (), seen) for at, (_, cells) in enumerate(top)]
    most = max(known, default=0)
    best = [at for at, number in enumerate(known) if number == most] if most >= _KNOWN_AT_LEAST else []
    return next(iter([at for at in like_one if at in best] or best or like_one), None)


def _known(cells: Sequence[Cell], below: Sequence[Cell], seen: Mapping[tuple[int, str], int]) -> int:
    """How many headings of a row are those of a field, once those under merged cells are in their place. What stands in a column twice is no
    heading of it.
    """
    names = [_text(cell) for cell in cells]
    once = {name for column, name in enumerate(_merged(names, below) or names) if seen[column, name] == 1}
    return len({name for name in once if 0 < len(name) <= _LONGEST_NAME and names_a_field(name)})


def _text(cell: Cell) -> str:
    return "" if cell is None else str(cell).strip()


def _filled(cells: Sequence[Cell]) -> int:
    return sum(1 for cell in cells if _text(cell))


def _is_name(cell: Cell) -> bool:
    if not isinstance(cell, str):
        return False
    text = cell.strip()
    if len(text) > _LONGEST_NAME or "://" in text:
        return False
    letters = "".join(letter for letter in text if letter.isalpha()).lower()
    return bool(letters) and not (letters in _DIRECTIONS and any(letter.isdigit() for letter in text))


def _holds_names(cells: Sequence[Cell]) -> bool:
    names = sum(1 for cell in cells if _is_name(cell))
    colons = any(text[0] == ":" or text[-1] == ":" for cell in cells if (text := _text(cell)))
    return names >= 2 and names * 4 >= _filled(cells) * 3 and not colons


def _merged(names: Sequence[str], cells: Sequence[Cell]) -> list[str] | None:
    """The names with those of the second header row, where that fills a gap beside a cell that both rows have, and names nothing twice."""
    lower = [_text(cell) for cell in cells]
    width = max(len(names), len(lower))
    upper = [*names, *[""] * (width - len(names))]
    lower += [""] * (width - len(lower))
    gaps = [at for at in range(1, width) if lower[at] and not upper[at]]
    if not gaps or lower[0] or not all(_is_name(text) for text in lower if text):
        return None
    # Above what the second row says there is the merged cell itself, or the gap to the right of it.
    under = [at for at in range(width) if lower[at]]
    if under != list(range(under[0], under[-1] + 1)) or not upper[under[0]] or min(gaps) - 1 not in under:
        return None
    return [below or above for above, below in zip(upper, lower, strict=True)]


def _counts_columns(cells: Sequence[Cell]) -> bool:
    numbers = [int(match[1]) if (match := _COUNTING.fullmatch(_text(cell).removesuffix(".0"))) else 0 for cell in cells if _text(cell)]
    return len(numbers) >= 3 and numbers[0] == 1 and all(later - earlier == 1 for earlier, later in pairwise(numbers))
