"""Private directories in which a child process, or a library that knows files only, puts one file together. Gone with whoever made them, or swept."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = "spool-"


class PrivatePlace:
    """A private directory for one file, locked as long as its maker lives, so that `sweep` knows which are left behind. Its path is absolute:
    whoever writes there may be a process that works elsewhere.
    """

    def __init__(self, directory: Path) -> None:
        directory = directory.absolute()
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(directory):
            self.path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=directory))
            self._lock = os.open(self.path, os.O_RDONLY)
            fcntl.flock(self._lock, fcntl.LOCK_EX)

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def can_spool(directory: Path) -> bool:
    try:
        with private(directory) as place:
            (place / "tried").write_bytes(b"titik")
    except OSError:
        return False
    return True


@contextmanager
def private(directory: Path) -> Iterator[Path]:
    """Such a place, for as long as it is needed."""
    place = PrivatePlace(directory)
    try:
        yield place.path
    finally:
        place.remove()


def sweep(directory: Path) -> int:
    """Removes what processes left that ended in the middle of their work; says how many. Call it when the service starts."""
    if not directory.is_dir():
        return 0
    with _locked(directory):
        stale = [path for path in directory.glob(f"{_PREFIX}*") if _is_stale(path)]
        for path in stale:
            shutil.rmtree(path, ignore_errors=True)
    return len(stale)


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """Alone with the directory: a place that is just being made must not look stale."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _is_stale(path: Path) -> bool:
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(handle)
