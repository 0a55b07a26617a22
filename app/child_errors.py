"""What child processes write to their standard error: kept in memory while they run, so that a line of the log can hold it."""

import os
import tempfile
from typing import BinaryIO

LONGEST = 4_000


def open_errors() -> BinaryIO:
    """Takes what a child writes. In memory where there is such a file: a full disk would not keep that it is full."""
    return os.fdopen(os.memfd_create("errors"), "w+b") if hasattr(os, "memfd_create") else tempfile.TemporaryFile()


def read_errors(file: BinaryIO) -> str:
    """The last of it, where the reason stands: at most `LONGEST` bytes."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - LONGEST))
    return file.read().decode(errors="replace").strip()
