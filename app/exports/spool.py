"""The formats that must seek: a child process writes the file, which is then read back and sent (docs/adr/0015).

A child rather than a thread, because GDAL holds the interpreter's lock while it makes an index: more than a second in which the service
would answer nobody. Its memory is gone with it, and so is it when it is not wanted any more.
"""

import asyncio
import pickle
import shutil
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from app.background.children import environment, open_errors, read_errors, running
from app.background.private_places import PrivatePlace
from app.errors import BadRequest, Fault, Unavailable
from app.exports.layer import Batches, Layer
from app.exports.text import slices
from app.storage.disk import room_on_disk

CHUNK = 256 * 1024
MOST_ROWS = {"xlsx": 1_048_575}
"""Without the header row: what a sheet holds."""

# As Python, the C library, and SQLite below GDAL say it.
FULL = ("Errno 28", "No space left on device", "database or disk is full", "Errno 122", "Disk quota exceeded")
ROOM_LEFT = 1 << 20


class SpoolOrder(NamedTuple):
    """What the child is told first; after it come columns, then None."""

    format: str
    layer: Layer
    path: Path
    srid: int


class SpoolError(Exception):
    """The child could not write the file; the message is the end of what it said."""


class _GoneError(Exception):
    """The child reads no more. Of its own, because the source of the rows may lose a connection too."""


async def spooled(name: str, layer: Layer, batches: Batches, directory: Path, srid: int = 4326) -> AsyncGenerator[bytes, None]:
    """The file of format `name` in chunks. `BadRequest` where the format cannot hold so many rows; `Unavailable` where the disk
    is full, `SpoolError` where writing fails otherwise."""
    _check_rows(name, layer.count or 0)
    with room_on_disk():
        # Not in a thread: one who is cancelled while it works would not learn which place to give back.
        place = PrivatePlace(directory)
    try:
        order = SpoolOrder(name, layer, place.path / f"export.{name}", srid)
        with open_errors() as errors:
            async with running("app.exports.worker", variables=environment(place.path), stderr=errors) as process:
                await _feed(process, order, batches, errors)
        file = await asyncio.to_thread(_opened, order.path)
    finally:
        # Shielded, because one who goes away cancels again and again what still waits.
        await asyncio.shield(asyncio.to_thread(place.remove))
    with file:
        while chunk := await asyncio.to_thread(file.read, CHUNK):
            yield chunk


async def _feed(process: Process, order: SpoolOrder, batches: Batches, errors: BinaryIO) -> None:
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


async def _send(process: Process, message: object) -> None:
    assert process.stdin  # noqa: S101 - it was asked for
    if process.stdin.is_closing():
        # The child has ended, and the pipe was closed before anything was written to it: writing would be an error of uvloop's own.
        raise _GoneError
    try:
        process.stdin.write(pickle.dumps(message, pickle.HIGHEST_PROTOCOL))
        await process.stdin.drain()
    except (BrokenPipeError, ConnectionResetError) as error:
        raise _GoneError from error


def _opened(path: Path) -> BinaryIO:
    """Buffered, because closing then waits for a read in another thread."""
    return path.open("rb")


def _check_rows(name: str, count: int) -> None:
    most = MOST_ROWS.get(name, sys.maxsize)
    if count > most:
        raise BadRequest(faults=[Fault("f", "too-many-rows", {"expected": most})])
