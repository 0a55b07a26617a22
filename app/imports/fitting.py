"""What a cell can be, for headings that are used for several things: an id of ours, a coordinate, a number of RT. Pure.

A column none of whose cells can be what its heading says is something else.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

from app.coordinates import links
from app.imports.cells import is_blank, read, written
from app.imports.dates import is_like_a_date
from app.imports.fields import Field, folded
from app.imports.neighbourhoods import numbers_in
from app.imports.reading.table import Cell

ALWAYS = frozenset({"id", "status", "method", "name", "address", "rt", "rw", "rt_rw", "rw_rt"})
"""Fields whose cells are looked at whatever the heading: programs and people call other things so too."""

# A whole cell that is a coordinate: figures with decimals or degrees, and what stands around and between them.
_MARKS = "°º˚'\"\u2019\u2032\u201d\u2033+\\-\u2212"
_FIGURES = re.compile(rf"[\d\s.,;:|/{_MARKS}()\[\]]+")
_AXIS_WORDS = re.compile(
    r"\b(?:lat(?:itude)?|lon(?:g|gitude)?|lng|lintang|bujur|selatan|timur|koordinat|utm|zona|zone|l\.?s\.?|b\.?t\.?|[nsewxyut]|4[6-9][mns]?|5[0-4][mns]?|m)\b\.?",
    re.IGNORECASE,
)
_DECIMALS = re.compile(r"\d[.,]\d{3,}")
_DEGREES = re.compile(r"\d\s*[°º˚]")
_WKT = re.compile(r"\s*(?:srid=\d+;\s*)?(?:multi)?point\s*(?:z|m|zm)?\s*\(", re.IGNORECASE)
_PLUS_CODE = re.compile(r"[23456789CFGHJMPQRVWX]{2,8}\+[23456789CFGHJMPQRVWX]{2,7}", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")
_AXIS_VALUE = re.compile(rf"[\d\s.,:{_MARKS}]+")


def is_coordinate(text: str) -> bool:
    """Whether a text is a whole coordinate and nothing else: two numbers, degrees, WKT or a link of a map."""
    if not any(letter.isdigit() for letter in text) or len(text) > 2_000:
        return False
    if _WKT.match(text):
        return True
    if links.is_address(text):
        return True
    bare = _AXIS_WORDS.sub(" ", text)
    if not _FIGURES.fullmatch(bare):
        return False
    decimals, degrees = _DECIMALS.findall(bare), _DEGREES.findall(bare)
    return len(decimals) >= 2 or len(degrees) >= 2


def _may_be_coordinate(cell: Cell) -> bool:
    text = written(cell)
    return is_coordinate(text) or _PLUS_CODE.search(text) is not None or sum(letter.isdigit() for letter in text) >= 8


def _may_be_axis(cell: Cell) -> bool:
    """A value on one axis: degrees with decimals or parts, or metres."""
    if isinstance(cell, bool):
        return False
    if isinstance(cell, int):
        return abs(cell) >= 1_000
    if isinstance(cell, float):
        return True
    text = written(cell)
    bare = _AXIS_WORDS.sub(" ", text)
    return is_coordinate(text) or (_AXIS_VALUE.fullmatch(bare) is not None and sum(letter.isdigit() for letter in bare) >= 3)


def _may_be_id(cell: Cell) -> bool:
    try:
        return isinstance(cell, str) and UUID(cell.strip()).version == 7
    except ValueError:
        return False


def _may_be_text(cell: Cell) -> bool:
    """A name or an address, which no number, no id and no coordinate is."""
    text = written(cell)
    if not _LETTER.search(text) or is_coordinate(text):
        return False
    try:
        UUID(text)
    except ValueError:
        return True
    return False


def _may_be_number(name: str) -> Callable[[Cell], bool]:
    return lambda cell: any(numbers_in(written(cell), name))


def _may_be_kelurahan(cell: Cell) -> bool:
    text = written(cell)
    return _LETTER.search(text) is not None or sum(letter.isdigit() for letter in text) >= 4


_OTHERS: Mapping[str, Callable[[Cell], bool]] = {
    "id": _may_be_id,
    "name": _may_be_text,
    "address": _may_be_text,
    "kelurahan": _may_be_kelurahan,
    "rt": _may_be_number("rt"),
    "rw": _may_be_number("rw"),
    "rt_rw": _may_be_number("rt_rw"),
    "rw_rt": _may_be_number("rw_rt"),
    "lat": _may_be_axis,
    "lon": _may_be_axis,
    "coordinate": _may_be_coordinate,
    "captured_at": is_like_a_date,
}


def fits(cells: Iterable[Cell], field: Field) -> bool | None:
    """Whether any of the cells can be a value of the field; None where all are blank."""
    can_be = _OTHERS.get(field.name)
    found = None
    for cell in cells:
        if is_blank(cell):
            continue
        if can_be(cell) if can_be else read(cell, field).fault is None:
            return True
        found = False
    return found


def are_coordinates(cells: Iterable[Cell]) -> bool:
    """Whether at least half of what is there are coordinates."""
    found = [is_coordinate(written(cell)) for cell in cells if not is_blank(cell)]
    return bool(found) and sum(found) * 2 >= len(found)


def is_like(heading: str, field: Field) -> bool:
    """Whether a heading shares a word with the names of a field: it may have been meant."""
    own = {word for name in (field.name, field.title.id, field.title.en, *field.names) for word in folded(name).split()}
    return bool(own & set(folded(heading).split()))
