"""Files that are made before anything of them is sent: a few at a time, each as fast as the database gives it, whoever reads it how slowly."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from pathlib import Path
from typing import BinaryIO

from app.budget import Budget
from app.db import FILES_AT_ONCE
from app.errors import Unavailable
from app.storage.disk import room_on_disk

WAIT_S = 5.0
"""How long somebody waits for a place before being told to come again."""
HELD_BYTES = 4 * 1024 * 1024 * 1024
"""How much of the disk the files of a worker take that are still being sent."""


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


class _Share:
    """What one address takes of the places: all but one, so that somebody else finds one."""

    __slots__ = ("places", "users")

    def __init__(self, at_once: int) -> None:
        self.places = asyncio.Semaphore(max(1, at_once - 1))
        self.users = 0


class FileMaker:
    """The places of a worker where files are made."""

    def __init__(self, directory: Path, at_once: int = FILES_AT_ONCE, held: int = HELD_BYTES) -> None:
        self._directory = directory
        self._at_once = at_once
        self._places = asyncio.Semaphore(at_once)
        self._shares: dict[str, _Share] = {}
        self._held = Budget(held)

    async def make(self, chunks: AsyncGenerator[bytes, None], address: str) -> MadeFile:
        """All of `chunks` in a file, for somebody at `address`. `Unavailable` where no place becomes free in time (`exports-busy`), or the disk
        is full (`storage-full`). Cancelled, or after an error, it leaves nothing.
        """
        async with aclosing(chunks), self._place(address):
            with room_on_disk():
                return await self._written(chunks)

    @asynccontextmanager
    async def _place(self, address: str) -> AsyncIterator[None]:
        share = self._shares.setdefault(address, _Share(self._at_once))
        share.users += 1
        try:
            async with AsyncExitStack() as held:
                try:
                    async with asyncio.timeout(WAIT_S):
                        await held.enter_async_context(share.places)
                        await held.enter_async_context(self._places)
                except TimeoutError:
                    raise Unavailable("exports-busy") from None
                yield
        finally:
            share.users -= 1
            if not share.users:
                del self._shares[address]

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
