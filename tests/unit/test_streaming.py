"""Who listens to the feed of changes hears all of it, whatever befalls the one look that is shared."""

import asyncio
from typing import cast

import pytest

from app.db import Database
from app.errors import Unavailable
from app.feed import changes, streaming
from app.feed.changes import FeedChange, FeedPage
from app.feed.streaming import Listener, Streams
from app.limits.counters import Counters
from app.published.positions import BEGINNING, Position

pytestmark = pytest.mark.anyio


class Feed:
    """A feed of numbers; `trouble` is raised by the next page that the shared look asks for."""

    public = None

    def __init__(self) -> None:
        self.changes: list[FeedChange] = []
        self.trouble: Exception | None = None

    def add(self) -> None:
        number = len(self.changes) + 1
        self.changes.append(FeedChange(Position(1, number, 0), str(number)))

    async def now(self, _: object) -> Position:
        return self.changes[-1].position if self.changes else BEGINNING

    async def page(self, _: object, half: str, after: Position, limit: int) -> FeedPage:
        del half, limit
        if self.trouble is not None:
            trouble, self.trouble = self.trouble, None
            raise trouble
        new = [change for change in self.changes if change.position > after]
        return FeedPage(new, new[-1].position if new else after, more=False)


@pytest.fixture
def feed(monkeypatch: pytest.MonkeyPatch) -> Feed:
    feed = Feed()
    monkeypatch.setattr(changes, "now", feed.now)
    monkeypatch.setattr(changes, "page", feed.page)
    monkeypatch.setattr(streaming, "EVERY_S", 0.1)
    return feed


async def hear(streams: Streams, listener: Listener) -> str:
    async for page in streams.events(listener, BEGINNING, 5):
        if page:
            return page[0].text
    return "let go"


@pytest.mark.parametrize("trouble", [Unavailable(), RuntimeError("a fault of ours")])
async def test_what_comes_while_the_look_rests_is_told_to_who_joins_meanwhile(feed: Feed, trouble: Exception) -> None:
    streams, database = Streams(9, Counters().held()), cast("Database", feed)
    async with streams.followed(database):
        first = await streams.join("192.0.2.1")
        feed.trouble = trouble
        streams.wake()
        # Everybody is let go, and comes back at once.
        await asyncio.wait_for(first.released.wait(), 2)
        streams.leave(first)
        second = await streams.join("192.0.2.1")
        heard = asyncio.create_task(hear(streams, second))
        await asyncio.sleep(0.02)
        feed.add()
        assert await asyncio.wait_for(heard, 2) == "1"
