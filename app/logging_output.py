"""Where lines of the log go: nobody's request fails because the disk that they are written to is full."""

import sys
from contextlib import suppress
from typing import IO, Any


class Unfailing:
    """A stream that loses what it cannot write."""

    def __init__(self, stream: IO[Any]) -> None:
        self._stream = stream

    def write(self, line: Any) -> None:
        with suppress(OSError):
            self._stream.write(line)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


def texts() -> Unfailing:
    return Unfailing(sys.stdout)


def lines_of_bytes() -> Unfailing:
    return Unfailing(sys.stdout.buffer)
