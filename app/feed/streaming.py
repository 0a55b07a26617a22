"""The public feed of changes, told as it grows: one look for all who listen at a worker, and a queue for each of them.

Who does not keep up is let go, and comes back by the id of the last event that arrived.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from traceback import format_tb

import structlog

from app.db import Database
from app.errors import Gone, TooMany, Unavailable
from app.feed import changes
from app.feed.changes import FeedChange
from app.limits.counters import HeldCounts
from app.published.positions import Position

EVERY_S = 1.0
LISTENERS_AT_MOST = 200
RETRY_AFTER_S = 30
WAITING_AT_MOST = 64
AT_ONCE = 500

_log = structlog.get_logger("titik")


class Listener:
    """One who listens, from an `address`. What waits for it are pages of changes; None: there will be no more."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.waiting: asyncio.Queue[list[FeedChange] | None] = asyncio.Queue(WAITING_AT_MOST)
        self.released = asyncio.Event()

    def tell(self, page: list[FeedChange]) -> None:
        try:
            self.waiting.put_nowait(page)
        except asyncio.QueueFull:
            self.release()

    def release(self) -> None:
        """What waits is not worth waiting for: it can be read again from the last id."""
        while not self.waiting.empty():
            self.waiting.get_nowait()
        self.waiting.put_nowait(None)
        self.released.set()


class Streams:
    """One for each worker. `held` counts for all of them how many streams an address has open; `per_address` is its share."""

    def __init__(self, per_address: int, held: HeldCounts) -> None:
        self._per_address, self._held = per_address, held
        self._database: Database | None = None
        self._listeners: set[Listener] = set()
        self._wanted = asyncio.Event()
        self._placed = asyncio.Event()
        self._news = asyncio.Event()
        self._ended = False

    @asynccontextmanager
    async def followed(self, database: Database) -> AsyncIterator[None]:
        """Looks for changes as long as the service runs, whenever somebody listens."""
        self._database = database
        task = asyncio.create_task(self._follow(database))
        try:
            yield
        finally:
            self.end()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def wake(self) -> None:
        """Something was published, so a look is worth it."""
        self._news.set()

    def end(self) -> None:
        """Lets all go, and nobody in any more: the service is about to stop."""
        self._ended = True
        self._release_all()

    async def join(self, address: str) -> Listener:
        """Somebody more who is told all that becomes firm from here on. `TooMany` where the address has its share already, `Unavailable`
        where there are too many altogether.
        """
        if self._held.read(address) >= self._per_address:
            raise TooMany("streams-of-address-full", seconds=RETRY_AFTER_S, most=self._per_address)
        if self._ended or len(self._listeners) >= LISTENERS_AT_MOST:
            raise Unavailable("streams-full")
        listener = Listener(address)
        self._listeners.add(listener)
        self._held.add(address, 1)
        self._wanted.set()
        # What is firm when the look begins, each reads for itself (`events`): it must not begin before that.
        try:
            async with asyncio.timeout(5):
                await self._placed.wait()
        except BaseException as error:
            self.leave(listener)
            if isinstance(error, TimeoutError):
                raise Unavailable("too-busy") from None
            raise
        return listener

    def leave(self, listener: Listener) -> None:
        if listener in self._listeners:
            self._listeners.discard(listener)
            self._held.add(listener.address, -1)

    async def events(self, listener: Listener, after: Position, silence_s: float) -> AsyncIterator[list[FeedChange]]:
        """All changes behind a position, for good; an empty list whenever nothing has happened for so long."""
        database = self._database
        more = database is not None
        while database is not None and more:
            page = await changes.page(database.public, "published", after, AT_ONCE)
            after, more = page.following, page.more
            if page.changes:
                yield page.changes
        while True:
            batch: list[FeedChange] | None = []
            with suppress(TimeoutError):
                async with asyncio.timeout(silence_s):
                    batch = await listener.waiting.get()
            if batch is None:
                return
            new = [change for change in batch if change.position > after]
            if new:
                after = new[-1].position
            if new or not batch:
                yield new

    async def _follow(self, database: Database) -> None:
        while True:
            self._wanted.clear()
            if not self._listeners:
                await self._wanted.wait()
            try:
                await self._tell_on(database, await changes.now(database.public))
            except Gone:
                self._release_all()
            except Exception as error:  # noqa: BLE001 - silence would be all that anybody hears from then on
                if isinstance(error, Unavailable):
                    _log.warning("the feed of changes is not followed: the database does not answer")
                else:
                    # Never its text: it may quote what a row held.
                    _log.error("the feed of changes is not followed", kind=type(error).__name__, at=format_tb(error.__traceback__)[-3:])
                # What was missed meanwhile each reads for itself when it comes back.
                self._release_all()
                await asyncio.sleep(EVERY_S)

    def _release_all(self) -> None:
        for listener in self._listeners:
            listener.release()

    async def _tell_on(self, database: Database, after: Position) -> None:
        """As long as anybody listens."""
        self._placed.set()
        try:
            while self._listeners:
                page = await changes.page(database.public, "published", after, AT_ONCE)
                after = page.following
                if page.changes:
                    for listener in tuple(self._listeners):
                        listener.tell(page.changes)
                if not page.more:
                    # What is not firm at the first look, nobody tells of when it is.
                    with suppress(TimeoutError):
                        async with asyncio.timeout(EVERY_S):
                            await self._news.wait()
                    self._news.clear()
        finally:
            # Whoever joins before the next look begins must wait for it: what becomes firm in between nobody would tell.
            self._placed.clear()
