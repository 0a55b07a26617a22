"""Files that are made before anything of them is sent: a few at a time, each as fast as the database gives it, whoever reads it how slowly."""

import asyncio
import errno
import tempfile
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import BinaryIO

from app.budget import Budget
from app.db import FILES_AT_ONCE
from app.errors import Unavailable

WAIT_S = 5.0
"""How long somebody waits for a place before being told to come again."""
HELD_BYTES = 4 * 1024 * 1024 * 1024
"""How much of the disk the files of a worker take that are still being sent."""
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


class MadeFile:
    """A file without a name, at its beginning; gone with `close`."""

    __slots__ = ("_budget", "_taken", "file", "size")

    def __init__(self, file: BinaryIO, budget: Budget) -> None:
        """`Unavailable` (`exports-busy`) where others' files leave no room; one file is always taken, however large."""
        self.file = file
        self.size = file.tell()
        self._budget = budget
        is_taken = budget.take(self.size)
        if not is_taken and budget.used:
            raise Unavailable("exports-busy")
        self._taken = self.size if is_taken else 0
        file.seek(0)

    def close(self) -> None:
        if not self.file.closed:
            self.file.close()
            self._budget.give_back(self._taken)


class FileMaker:
    """The places of a worker where files are made."""

    def __init__(self, directory: Path, at_once: int = FILES_AT_ONCE, held: int = HELD_BYTES) -> None:
        self._directory = directory
        self._places = asyncio.Semaphore(at_once)
        self._held = Budget(held)

    async def make(self, chunks: AsyncGenerator[bytes, None]) -> MadeFile:
        """All of `chunks` in a file. `Unavailable` where no place becomes free in time (`exports-busy`), or the disk is full (`storage-full`).
        Cancelled, or after an error, it leaves nothing.
        """
        async with aclosing(chunks):
            await self._wait()
            try:
                return await self._written(chunks)
            except OSError as error:
                if error.errno in _NO_ROOM:
                    raise Unavailable("storage-full") from error
                raise
            finally:
                self._places.release()

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(WAIT_S):
                await self._places.acquire()
        except TimeoutError:
            raise Unavailable("exports-busy") from None

    async def _written(self, chunks: AsyncGenerator[bytes, None]) -> MadeFile:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        file: BinaryIO = tempfile.TemporaryFile(dir=self._directory)  # noqa: SIM115 - whoever gets it closes it
        try:
            async for chunk in chunks:
                file.write(chunk)
            return MadeFile(file, self._held)
        except BaseException:
            file.close()
            raise
