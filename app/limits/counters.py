"""Counts that all workers of one machine share, in memory: how often each asked in a window of time, and how much each holds now.

A count is found by a hash of its name, in two rows of columns (a count-min sketch): names need not be kept, memory does not grow, and who
shares a column with others in both rows, which is rare, is counted with them. Each worker writes cells of its own and reads those of all, so
no lock is needed and no count gets lost. What a dead worker has counted stays, what it held is given back by its successor.
"""

import fcntl
import mmap
import os
import tempfile
import weakref
from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from multiprocessing.reduction import DupFd
from struct import Struct
from typing import Any

ROWS = 2
SPARES = 2
"""A worker that is being replaced runs beside its successor for a while."""
ADDRESSES, ACCOUNTS, HELD = 1 << 15, 1 << 12, 1 << 12
"""Columns of a row. With a thousand names at their limit another meets one of them in both rows with a probability of 1 in 1,000."""
_CELL = Struct("Q")
_LOW = (1 << 32) - 1


class Counters:
    """The memory of all workers: a file without a name, which is gone with the last process that has it open.

    Made by the process that starts the workers, which get it when they are spawned. A worker claims a place of its own before it counts.
    """

    def __init__(self, workers: int = 1) -> None:
        self._open(workers + SPARES, os.urandom(16), _file_without_name())
        os.ftruncate(self._file, self._size)

    def _open(self, places: int, key: bytes, file: int) -> None:
        self.places, self._key, self._file = places, key, file
        weakref.finalize(self, os.close, file)
        self.place: int | None = None
        column = places * _CELL.size
        self._account_at = ROWS * ADDRESSES * 2 * column
        self._held_at = self._account_at + ROWS * ACCOUNTS * 2 * column
        self._size = self._held_at + ROWS * HELD * column

    def __getstate__(self) -> tuple[int, bytes, object]:
        return self.places, self._key, DupFd(self._file)

    def __setstate__(self, state: tuple[int, bytes, Any]) -> None:
        places, key, file = state
        self._open(places, key, file.detach())
        os.set_inheritable(self._file, False)

    def claim(self) -> None:
        """Takes a place that no living worker has: the system gives its lock back when the process ends, however that ends. RuntimeError
        where there is none.
        """
        if self.place is None:
            self.place = next(filter(self._is_free, range(self.places)), None)
            if self.place is None:
                raise RuntimeError(f"more than {self.places} workers share these counters")
            self._memory = mmap.mmap(self._file, self._size)
            self.held().give_back_all()

    def _is_free(self, place: int) -> bool:
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except OSError:
            return False
        return True

    def of_addresses(self, window_s: int) -> "WindowCounts":
        return WindowCounts(self._columns(0, ADDRESSES, groups=2), window_s)

    def of_accounts(self, window_s: int) -> "WindowCounts":
        return WindowCounts(self._columns(self._account_at, ACCOUNTS, groups=2), window_s)

    def held(self) -> "HeldCounts":
        return HeldCounts(self._columns(self._held_at, HELD, groups=1))

    def _columns(self, begin: int, width: int, groups: int) -> "_Columns":
        self.claim()
        return _Columns(self._memory, self._key, begin, width, groups, self.places, self.place or 0)


class _Columns:
    """Where the cells of a name are: one column in each row, of `groups` times a cell for each place."""

    def __init__(self, memory: mmap.mmap, key: bytes, begin: int, width: int, groups: int, places: int, place: int) -> None:
        self.memory, self.cells, self.own = memory, Struct(f"{places}Q"), place * _CELL.size
        self._key, self._begin, self._width, self._column = key, begin, width, groups * places * _CELL.size
        self.of: Callable[[str], tuple[int, ...]] = lru_cache(4096)(self._of)

    def _of(self, name: str) -> tuple[int, ...]:
        """The offsets of the columns of a name."""
        digest = blake2b(name.encode(errors="replace"), digest_size=4 * ROWS, key=self._key).digest()
        numbers = (int.from_bytes(digest[4 * row : 4 * row + 4]) % self._width for row in range(ROWS))
        return tuple(self.at(row, number) for row, number in enumerate(numbers))

    def at(self, row: int, number: int) -> int:
        return self._begin + (row * self._width + number) * self._column

    def clear_own(self) -> None:
        """Of one group. At once: cell by cell it would take longer than all else that makes an application."""
        first, end, step = (offset // _CELL.size for offset in (self.at(0, 0) + self.own, self.at(ROWS, 0), self._column))
        with memoryview(self.memory) as memory, memory.cast("Q") as cells:
            cells[first:end:step] = memoryview(bytes(ROWS * self._width * _CELL.size)).cast("Q")


class WindowCounts:
    """How often each was counted in this window of time and in the one before. A cell holds the number of its window beside its count, so
    that what is old need not be cleared.
    """

    def __init__(self, columns: _Columns, window_s: int) -> None:
        self._columns = columns
        self.window_s = window_s

    def read(self, name: str, now: float) -> tuple[int, float]:
        """The count of this window, and of the one before as much as the last `window_s` seconds reach into it."""
        window, into = divmod(now, self.window_s)
        weight = 1 - into / self.window_s
        found = [(self._sum(at, int(window)), self._sum(at, int(window) - 1) * weight) for at in self._columns.of(name)]
        return min(found, key=sum)

    def _sum(self, at: int, window: int) -> int:
        tag, columns = window & _LOW, self._columns
        total = 0
        for cell in columns.cells.unpack_from(columns.memory, at + (window & 1) * columns.cells.size):
            if cell >> 32 == tag:
                total += cell & _LOW
        return total

    def add(self, name: str, now: float) -> None:
        window = int(now // self.window_s)
        tag, columns = window & _LOW, self._columns
        group = columns.own + (window & 1) * columns.cells.size
        for at in columns.of(name):
            (cell,) = _CELL.unpack_from(columns.memory, at + group)
            _CELL.pack_into(columns.memory, at + group, cell + 1 if cell >> 32 == tag else tag << 32 | 1)


class HeldCounts:
    """How many of something each holds at this moment, at all workers together."""

    def __init__(self, columns: _Columns) -> None:
        self._columns = columns

    def read(self, name: str) -> int:
        columns = self._columns
        sums: list[int] = [sum(columns.cells.unpack_from(columns.memory, at)) for at in columns.of(name)]
        return min(sums)

    def add(self, name: str, number: int) -> None:
        """`number` more; fewer where it is negative."""
        columns = self._columns
        for at in columns.of(name):
            (cell,) = _CELL.unpack_from(columns.memory, at + columns.own)
            _CELL.pack_into(columns.memory, at + columns.own, cell + number)

    def give_back_all(self) -> None:
        """What the worker that had this place before held when it died."""
        self._columns.clear_own()


def _file_without_name() -> int:
    """In memory where the system has such files; elsewhere in the directory for temporary ones."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("titik-counters")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
