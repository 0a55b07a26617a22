"""The formats that must seek: a child process writes the file, which is then read back and sent (docs/adr/0015).

A child rather than a thread, because GDAL holds the interpreter's lock while it makes an index: more than a second in which the service
would answer nobody. Its memory is gone with it, and so is it when it is not wanted any more.
"""

import asyncio
import fcntl
import os
import pickle
import shutil
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from app.child_errors import open_errors, read_errors
from app.errors import BadRequest, Fault, Unavailable
from app.published.formats.layer import Batches, Layer
from app.published.formats.text import slices
from app.uploads import room_on_disk

ROOT = Path(__file__).resolve().parents[3]
CHUNK = 256 * 1024
MOST_ROWS = {"xlsx": 1_048_575}
"""Without the header row: what a sheet holds."""

# As Python, the C library, and SQLite below GDAL say it.
FULL = ("Errno 28", "No space left on device", "database or disk is full", "Errno 122", "Disk quota exceeded")
ROOM_LEFT = 1 << 20
_PREFIX = "spool-"
# What a child needs to run; neither the addresses of databases nor the secret are its business.
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME")
# One arena and no pool beside it: memory that was freed is used again, instead of more from the system.
_FRUGAL = {"MALLOC_ARENA_MAX": "1", "ARROW_DEFAULT_MEMORY_POOL": "system", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class Order(NamedTuple):
    """What the child is told first; after it come columns, then None."""

    format: str
    layer: Layer
    path: Path
    srid: int


class SpoolError(Exception):
    """The child could not write the file; the message is the end of what it said."""


class _GoneError(Exception):
    """The child reads no more. Of its own, because the source of the rows may lose a connection too."""


class Place:
    """A private directory for one file, locked as long as its maker lives, so that `sweep` knows which are left behind."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(directory):
            self.path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=directory))
            self._lock = os.open(self.path, os.O_RDONLY)
            fcntl.flock(self._lock, fcntl.LOCK_EX)

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


@contextmanager
def private(directory: Path) -> Iterator[Path]:
    """Such a place, for as long as it is needed; an absolute path, because a child may work elsewhere."""
    place = Place(directory.absolute())
    try:
        yield place.path
    finally:
        place.remove()


def sweep(directory: Path) -> int:
    """Removes what processes left that ended in the middle of an export; says how many. Call it when the service starts."""
    if not directory.is_dir():
        return 0
    with _locked(directory):
        stale = [path for path in directory.glob(f"{_PREFIX}*") if _is_stale(path)]
        for path in stale:
            shutil.rmtree(path, ignore_errors=True)
    return len(stale)


async def spooled(name: str, layer: Layer, batches: Batches, directory: Path, srid: int = 4326) -> AsyncGenerator[bytes, None]:
    """The file of format `name` in chunks. `BadRequest` where the format cannot hold so many rows; `Unavailable` where the disk
    is full, `SpoolError` where writing fails otherwise."""
    _check_rows(name, layer.count or 0)
    with room_on_disk():
        # Not in a thread: one who is cancelled while it works would not learn which place to give back.
        place = Place(directory)
    process: Process | None = None
    errors = open_errors()
    try:
        order = Order(name, layer, place.path / f"export.{name}", srid)
        process = await _start(place.path, errors)
        await _feed(process, order, batches, errors)
        file = await asyncio.to_thread(_opened, order.path)
    finally:
        # Shielded, because one who goes away cancels again and again what still waits.
        await asyncio.shield(_end(process, place))
        errors.close()
    with file:
        while chunk := await asyncio.to_thread(file.read, CHUNK):
            yield chunk


async def _start(place: Path, errors: BinaryIO | int = DEVNULL) -> Process:
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ} | _FRUGAL | {"TMPDIR": str(place)}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app.published.formats.worker"),
        stdin=PIPE,
        stdout=DEVNULL,
        stderr=errors,
        cwd=ROOT,
        env=environment,
        start_new_session=True,
    )


async def _feed(process: Process, order: Order, batches: Batches, errors: BinaryIO) -> None:
    """Gives the child all rows, never more than it takes, and waits until it has written them."""
    count = 0
    with suppress(_GoneError):
        await _send(process, order)
        async for rows in slices(batches):
            count += len(rows)
            _check_rows(order.format, count)
            await _send(process, list(zip(*rows, strict=True)))
        await _send(process, None)
    code = await process.wait()
    # Not every library passes on what the system said, and some do not even notice.
    is_full = shutil.disk_usage(order.path.parent).free < ROOM_LEFT
    if code or is_full:
        written = read_errors(errors)
        if is_full or any(word in written for word in FULL):
            raise Unavailable("storage-full")
        raise SpoolError(written)


async def _send(process: Process, message: Any) -> None:
    assert process.stdin  # noqa: S101 - it was asked for
    try:
        process.stdin.write(pickle.dumps(message, pickle.HIGHEST_PROTOCOL))
        await process.stdin.drain()
    except (BrokenPipeError, ConnectionResetError) as error:
        raise _GoneError from error


async def _end(process: Process | None, place: Place) -> None:
    if process and process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    await asyncio.to_thread(place.remove)


def _opened(path: Path) -> BinaryIO:
    """Buffered, because closing then waits for a read in another thread."""
    return path.open("rb")


def _check_rows(name: str, count: int) -> None:
    most = MOST_ROWS.get(name, sys.maxsize)
    if count > most:
        raise BadRequest(faults=[Fault("f", "too-many-rows", {"expected": most})])


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
