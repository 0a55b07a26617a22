"""A part of a file (RFC 9110 §14). Pure."""

import re
from typing import NamedTuple

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})", re.ASCII | re.IGNORECASE)


class ByteRange(NamedTuple):
    """From a byte to a byte, both included."""

    first: int
    last: int

    @property
    def size(self) -> int:
        return self.last - self.first + 1


def part_of(header: str | None, size: int) -> ByteRange | None:
    """The one part that is asked for. None: the whole, as for several parts at once and for what cannot be read, which may be answered so
    (§14.2). ValueError where the file does not reach so far.
    """
    found = _RANGE.fullmatch(header.strip()) if header is not None else None
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        first, last = max(size - int(found[2]), 0), size - 1
        if int(found[2]) == 0:
            raise ValueError(header)
    else:
        first, last = int(found[1]), min(int(found[2] or size - 1), size - 1)
        if found[2] and int(found[2]) < first:
            return None
    if first >= size:
        raise ValueError(header)
    return ByteRange(first, last)
