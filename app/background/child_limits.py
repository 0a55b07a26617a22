"""What a child process does first: it takes the bounds of its kind upon itself, and ends when its parent does. Imports nothing that a child would have to wait for."""

import os
import resource
import threading
from typing import NamedTuple


class ChildLimits(NamedTuple):
    """None: no bound of its own. `memory` in bytes of addresses, of which most are never touched."""

    memory: int
    cpu_s: int | None = None
    file_bytes: int | None = None
    open_files: int | None = None


# A photo of strangers: decoded in memory, no right to write a file, not much time.
OF_PHOTOS = ChildLimits(1 << 30, cpu_s=20, file_bytes=0, open_files=32)
# A file of strangers that is read, judged row by row, or given back with remarks.
OF_FILES = ChildLimits(2 << 30)
# One small sheet of strangers, of which the cells are given back.
OF_SHEETS = ChildLimits(1 << 30, cpu_s=15, file_bytes=0)
# Our own rows, written as a file of any size by GDAL, Arrow or a writer of workbooks.
OF_EXPORTS = ChildLimits(4 << 30)


def settle(limits: ChildLimits = OF_FILES) -> None:
    """It leaves the machine to whoever waits for an answer, its files are nobody else's, and should it want too much, it fails and not the
    machine. What it had in memory is written nowhere when it falls.
    """
    os.umask(0o077)
    os.nice(5)
    for kind, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, limits.cpu_s),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        if most is not None:
            resource.setrlimit(kind, (most, most))


def end_with_parent() -> None:
    """For one that reads nothing: the service holds the other end of its standard input, and when that is gone, however that came, so is this."""
    threading.Thread(target=_wait_for_end, daemon=True).start()


def _wait_for_end() -> None:
    while os.read(0, 1024):
        pass
    os._exit(1)
