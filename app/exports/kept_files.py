"""Files that were made are kept for a while under a name that says all that is in them: who reads a file in parts gets them all of one, from
whichever worker, and it is made once.
"""

import asyncio
import fcntl
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import BinaryIO
from weakref import WeakValueDictionary

from app.exports.files import MadeFile

KEPT_BYTES = 1024 * 1024 * 1024
"""How much of the disk they take at most, of all workers together."""
KEPT_S = 900.0
"""After how long without a reader one goes."""
_UNFINISHED = "making-"


class KeptFile:
    """A file at its beginning, for one reader; `number` is how many items match what it holds, where that is known. Nobody removes it before
    `close`.
    """

    __slots__ = ("file", "number", "size")

    def __init__(self, file: BinaryIO, number: int | None) -> None:
        self.file, self.number = file, number
        self.size = os.fstat(file.fileno()).st_size

    def close(self) -> None:
        self.file.close()


class KeptFiles:
    """Those of all workers that share a directory."""

    def __init__(self, directory: Path, most: int = KEPT_BYTES) -> None:
        self._directory = directory / "kept"
        self._most = most
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def lock(self, name: str) -> asyncio.Lock:
        """Held by who looks for the file and may then make it, so that others of this worker find it made."""
        return self._locks.setdefault(name, asyncio.Lock())

    async def find(self, name: str) -> KeptFile | None:
        return await asyncio.to_thread(self._find, name)

    async def keep(self, name: str, file: MadeFile, number: int | None) -> None:
        """Not where it is too large, or the disk has no room: then it is made again for who asks again."""
        await asyncio.to_thread(self._keep, name, file, number)

    def _find(self, name: str) -> KeptFile | None:
        for path in self._directory.glob(f"{name}.*"):
            try:
                file = path.open("rb")
            except FileNotFoundError:
                continue
            fcntl.flock(file, fcntl.LOCK_SH)
            # Whoever was removing it meanwhile has removed it from here only.
            os.utime(file.fileno())
            number = path.suffix.removeprefix(".")
            return KeptFile(file, int(number) if number.isdecimal() else None)
        return None

    def _keep(self, name: str, file: MadeFile, number: int | None) -> None:
        if file.size > self._most // 4:
            return
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.sweep(self._most - file.size)
        unfinished = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=self._directory))
        try:
            with (unfinished / "file").open("wb") as copy:
                shutil.copyfileobj(file.file, copy, 1 << 20)
            (unfinished / "file").rename(self._directory / f"{name}.{'' if number is None else number}")
        except OSError:
            return
        finally:
            file.file.seek(0)
            shutil.rmtree(unfinished, ignore_errors=True)

    def sweep(self, most: int = KEPT_BYTES) -> None:
        """Removes what nobody has read for long, and of the others those first that were read longest ago, down to `most` bytes."""
        known = sorted(_seen(self._directory), reverse=True)
        left, now = most, time.time()
        for read_at, size, path in known:
            left -= size
            if (left < 0 or read_at < now - KEPT_S) and not _is_read(path):
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
                left += size


def _seen(directory: Path) -> list[tuple[float, int, Path]]:
    """When each was read last, its size, and where it is. What has just gone is not there."""
    found = []
    for path in directory.glob("*"):
        try:
            stat = path.stat()
        except FileNotFoundError:
            continue
        found.append((stat.st_mtime, stat.st_size, path))
    return found


def _is_read(path: Path) -> bool:
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(handle)
