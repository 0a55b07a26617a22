"""What the rows of a file have in common with those before them. Pure."""

import math
import struct
from array import array
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple

from app.points.likeness import NEAR_M, SIMILAR

SHARED_FROM = 3
"""So many rows at one and the same place are not all where they say."""

_CELL_DEGREES = NEAR_M / 110_500
_LOOKED_AT = 20
"""Rows of one neighbourhood that are compared by name; in a denser one nobody would read on."""


class RowKeys(NamedTuple):
    """What a row says that another may have said. `point`: of which known point it is; `place`: degrees, of a new point only; `name`: where
    it was written, not made.
    """

    number: int
    point: bytes | None = None
    key: bytes | None = None
    place: tuple[float, float] | None = None
    name: str | None = None


class Common(NamedTuple):
    """What a row has in common with earlier ones: the code of a finding, and its facts."""

    code: str
    facts: Mapping[str, object]


class Seen:
    """What earlier rows of the file have said: ids, natural keys, places, names. Compact, because a file may have 200,000: what is only to
    be found again is kept as 64 bits of its hash.
    """

    def __init__(self) -> None:
        self._said: dict[int, int] = {}
        self._shared: dict[int, list[int]] = {}
        self._lons, self._lats, self._numbers, self._names = array("d"), array("d"), array("l"), list[str]()
        self._cells: dict[int, int | list[int]] = {}
        self.shared: set[int] = set()
        """Rows that were judged before it turned out that others share their place."""

    def compare(self, rows: Sequence[RowKeys]) -> dict[int, list[Common]]:
        """By their numbers the rows that have something in common with those before them, in the order of the file."""
        return {row.number: found for row in rows if (found := list(self._compare(row)))}

    def _compare(self, row: RowKeys) -> Iterator[Common]:
        number = row.number
        for what, code in ((row.point, "row-point-twice"), (row.key, "row-twice")):
            if what is not None and (earlier := self._before(what, number)) is not None:
                yield Common(code, {"row": earlier})
                return
        if row.place is None:
            return
        lon, lat = row.place
        if (shared := self._sharing(lon, lat, number)) >= SHARED_FROM:
            yield Common("place-shared", {"number": shared})
        if row.name and (earlier := self._near(lon, lat, row.name, number)) is not None:
            yield Common("rows-alike", {"row": earlier})

    def _before(self, what: bytes, number: int) -> int | None:
        """The number of an earlier row that said the same: an id, a natural key."""
        earlier = self._said.setdefault(_mark(what), number)
        return earlier if earlier != number else None

    def _sharing(self, lon: float, lat: float, number: int) -> int:
        """How many rows are at this very place so far, this one included."""
        mark = _mark(struct.pack("<dd", lon, lat))
        first = self._said.setdefault(mark, number)
        if first == number:
            return 1
        earlier = self._shared.setdefault(mark, [first])
        earlier.append(number)
        if len(earlier) == SHARED_FROM:
            self.shared.update(earlier[:-1])
        return len(earlier)

    def _near(self, lon: float, lat: float, name: str, number: int) -> int | None:
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
