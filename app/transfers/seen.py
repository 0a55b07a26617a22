"""What the rows of a file have in common with those before them. Pure."""

import math
import struct
from array import array
from hashlib import blake2b

from app.points.likeness import NEAR_M, SIMILAR

_CELL_DEGREES = NEAR_M / 110_500
_LOOKED_AT = 20
"""Rows of one neighbourhood that are compared by name; in a denser one nobody would read on."""


class Seen:
    """What earlier rows of the file have said: ids, natural keys, places, names. Compact, because a file may have 200,000: what is only to
    be found again is kept as 64 bits of its hash.
    """

    def __init__(self) -> None:
        self._said: dict[int, int] = {}
        self._shared: dict[int, int] = {}
        self._lons, self._lats, self._numbers, self._names = array("d"), array("d"), array("l"), list[str]()
        self._cells: dict[int, int | list[int]] = {}

    def before(self, what: bytes, number: int) -> int | None:
        """The number of an earlier row that said the same: an id, a natural key."""
        earlier = self._said.setdefault(_mark(what), number)
        return earlier if earlier != number else None

    def place(self, lon: float, lat: float, number: int) -> tuple[int, int]:
        """How many rows are at this very place so far, this one included; and the number of the first."""
        mark = _mark(struct.pack("<dd", lon, lat))
        first = self._said.setdefault(mark, number)
        if first == number:
            return 1, first
        self._shared[mark] = shared = self._shared.get(mark, 1) + 1
        return shared, first

    def near(self, lon: float, lat: float, name: str, number: int) -> int | None:
        """The number of an earlier row within `NEAR_M` that is called alike."""
        narrow = max(math.cos(math.radians(lat)), 0.01)
        x, y = int(lon * narrow // _CELL_DEGREES), int(lat // _CELL_DEGREES)
        found = None
        for column in (x - 1, x, x + 1):
            for row in (y - 1, y, y + 1):
                held = self._cells.get(column << 32 ^ row)
                for at in () if held is None else (held,) if isinstance(held, int) else held:
                    east, north = (lon - self._lons[at]) * narrow, lat - self._lats[at]
                    if east * east + north * north <= _CELL_DEGREES * _CELL_DEGREES and similarity(name, self._names[at]) >= SIMILAR:
                        found = self._numbers[at]
        self._hold(x << 32 ^ y, lon, lat, name, number)
        return found

    def _hold(self, cell: int, lon: float, lat: float, name: str, number: int) -> None:
        held = self._cells.get(cell)
        if isinstance(held, list) and len(held) >= _LOOKED_AT:
            return
        at = len(self._names)
        self._lons.append(lon)
        self._lats.append(lat)
        self._numbers.append(number)
        self._names.append(name)
        self._cells[cell] = at if held is None else [held, at] if isinstance(held, int) else [*held, at]


def _mark(what: bytes) -> int:
    return int.from_bytes(blake2b(what, digest_size=8).digest(), "little")


def similarity(one: str, other: str) -> float:
    """Of two names, as pg_trgm counts it: 0 to 1."""
    first, second = _trigrams(one), _trigrams(other)
    return len(first & second) / len(first | second) if first or second else 0.0


def _trigrams(text: str) -> set[str]:
    words = "".join(letter if letter.isalnum() else " " for letter in text.lower()).split()
    return {padded[at : at + 3] for word in words for padded in (f"  {word} ",) for at in range(len(padded) - 2)}
