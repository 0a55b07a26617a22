"""What a worker knows of the read half without asking each time: the collections, their versions and numbers, the active edition.

PostgreSQL tells of every commit that changes any of it (NOTIFY); where that is not to be had, as on a replica, a look every few seconds does.
"""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, NamedTuple

import asyncpg
import orjson
import structlog

from app.db import WriteSession, prepare_connection
from app.errors import NotFound, Unavailable
from app.language import Text
from app.published import awareness, queries
from app.published.positions import Edge, epoch_of, write_position
from app.regions import queries as regions
from app.regions.cities import Cities
from app.regions.codes import Directory
from app.settings import Settings

Half = Literal["published", "internal"]
HALVES: tuple[Half, ...] = ("published", "internal")
EVERY_S = 5.0
# Older than this it is no ground for answering without asking.
STALE_S = 20.0
AREA_LEVELS = ("kelurahan", "kecamatan")
VALUES, PROFILES = "profile_values", "profiles"
"""The collections of figures of kelurahan, which stand among those of points without being a category."""

_TROUBLE = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, Unavailable)
_log = structlog.get_logger("titik")


@dataclass(frozen=True, slots=True, eq=False)
class CategoryCard:
    """A category as readers meet it. `hidden` are the fields that one half does not show. One that has changed is another card, so that
    what was made of a card can be kept by it.
    """

    id: str
    title: Text
    description: Text
    attribute_schema: dict[str, Any]
    audience: str
    hidden: dict[Half, frozenset[str]]
    version: int = 1
    icon: str | None = None
    colour: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class IndicatorCard:
    """An indicator that officers give figures of kelurahan for. One that has changed is another card."""

    id: str
    title: Text
    unit: Text
    audience: str


class CollectionState(NamedTuple):
    """How a collection stands in one half: a version that grows with every publication, the number of its items, since when, and the first
    and the last time at which one of them was captured. `beside`: the versions of what else its items show.
    """

    version: int
    number: int
    updated_at: datetime | None
    begins_at: datetime | None = None
    ends_at: datetime | None = None
    beside: str = ""

    @property
    def tag(self) -> str:
        """Another one whenever anything that its items show is another."""
        return f"{self.version}-{self.beside}" if self.beside else str(self.version)


class EditionCard(NamedTuple):
    id: int
    name: str
    accuracy_m: float
    approximate: bool
    extent: list[float]
    numbers: dict[str, int]
    """Of its kelurahan and kecamatan."""


_NOTHING = CollectionState(0, 0, None)
# Of the versions of areas: the number of the edition stands in the last digits.
_EDITIONS_AT_MOST = 100_000


@dataclass(frozen=True, slots=True)
class Known:
    """The state of one moment."""

    standings: dict[Half, dict[str, CollectionState]] = field(default_factory=dict)
    categories: dict[str, CategoryCard] = field(default_factory=dict)
    edition: EditionCard | None = None
    srids: tuple[int, ...] = ()
    """The CRS that can be asked for and sent, by their numbers in EPSG, in the order in which they are listed."""
    seen: tuple[Any, object, int, int] = (None, None, 0, 0)
    """By which it is told whether categories, edition, cities and indicators have to be read again."""
    directory: Directory = field(default_factory=lambda: Directory(()))
    """The regions, by code and name."""
    cities: Cities = field(default_factory=Cities)
    indicators: tuple[IndicatorCard, ...] = ()

    @property
    def version(self) -> str:
        """Another one after each change of a category or of the edition; the same in all workers."""
        return hashlib.sha256(orjson.dumps(self.seen, option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]

    @property
    def is_stepping(self) -> bool:
        """Whether the items of a category are being made anew, and some still are what they were (docs/adr/0048)."""
        return any(one["is_stepping"] for one in self.seen[0] or ())

    @property
    def versions(self) -> int:
        """Of all categories together: it grows with every change of any."""
        return sum(one["version"] for one in self.seen[0] or ())

    @property
    def areas_version(self) -> int:
        """Another one with each edition, and with each change of names and codes; 0 while there are no areas."""
        return self.edition.id + _EDITIONS_AT_MOST * self.seen[2] if self.edition else 0

    def visible(self, half: Half) -> list[CategoryCard]:
        return [card for card in self.categories.values() if half == "internal" or card.audience == "public"]

    def category(self, half: Half, name: str) -> CategoryCard:
        """`NotFound` for one that readers of this half may not know of."""
        card = self.categories.get(name)
        if card is None or (half == "published" and card.audience != "public"):
            raise NotFound("collection-unknown")
        return card

    def standing(self, half: Half, category: str) -> CollectionState:
        return self.standings.get(half, {}).get(category, _NOTHING)

    def of_areas(self, level: str) -> CollectionState:
        """That of the areas of a level."""
        return CollectionState(self.areas_version, self.edition.numbers[level], None) if self.edition else _NOTHING

    def indicators_of(self, half: Half) -> tuple[IndicatorCard, ...]:
        """Those that readers of this half may know of."""
        return tuple(card for card in self.indicators if half == "internal" or card.audience == "public")

    def of_profiles(self, half: Half, name: str) -> CollectionState:
        """That of the values or the profiles of kelurahan, which also show areas and are named by indicators."""
        return self.standing(half, name)._replace(beside=f"a{self.areas_version}.i{self.seen[3]}")

    def together(self, half: Half) -> CollectionState:
        """That of all categories together."""
        standings = [one for name, one in self.standings.get(half, {}).items() if name not in (VALUES, PROFILES)]
        return CollectionState(
            sum(one.version for one in standings) + self.versions,
            sum(one.number for one in standings),
            max((one.updated_at for one in standings if one.updated_at), default=None),
            min((one.begins_at for one in standings if one.begins_at), default=None),
            max((one.ends_at for one in standings if one.ends_at), default=None),
        )


class Catalogue:
    """One for each worker. `known` is what it knows; `is_fresh` whether that is recent enough to answer from."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.known = Known()
        self.edge: Edge | None = None
        """Up to where the feed of changes was firm at the moment of `known`. None where the database has been restored and that is not settled."""
        self.cursors: dict[Half, str] = {}
        """The same as cursors. Whatever is read after that moment, and answered as of it, holds all that the feed has before them."""
        self.on_change: list[Callable[[], None]] = []
        """Who wants to know that something else is known now."""
        self._seen_at = -STALE_S
        self._connection: asyncpg.Connection[object] | None = None
        self._notified = asyncio.Event()
        self._reading = asyncio.Lock()
        self._awareness: int | None = None
        """The state of the categories that others are told this worker knows."""

    @property
    def is_fresh(self) -> bool:
        return time.monotonic() - self._seen_at < STALE_S

    @asynccontextmanager
    async def followed(self) -> AsyncIterator[None]:
        """Keeps up with the database as long as the service runs."""
        await self._connect()
        task = asyncio.create_task(self._follow())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await self._drop()

    async def refresh(self) -> None:
        """Looks at once: whoever has just published reads what they published. Trouble is left to those who ask next."""
        try:
            await self._read()
        except _TROUBLE:
            self._seen_at = -STALE_S

    async def all_know(self) -> bool:
        """Waits until all workers know the categories as they are; False where one is not to be waited for."""
        async with self._reading:
            return self._connection is not None and await awareness.all_know(WriteSession(self._connection))

    async def _connect(self) -> None:
        connection = await asyncpg.connect(
            self._settings.service_dsn,
            timeout=self._settings.pool_timeout_s,
            command_timeout=10,
            server_settings={"application_name": "titik-listening", "jit": "off", "default_transaction_read_only": "on"},
        )
        self._connection, self._awareness = connection, None
        await prepare_connection(connection)
        await connection.add_listener("titik", lambda *_: self._notified.set())
        await self._read()

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()

    async def _follow(self) -> None:
        while True:
            try:
                async with asyncio.timeout(EVERY_S):
                    await self._notified.wait()
            except TimeoutError:
                pass
            try:
                if self._connection is None or self._connection.is_closed():
                    await self._connect()
                await self._read()
            except _TROUBLE as error:
                _log.warning("the read half is not followed, tried again", kind=type(error).__name__)
                await self._drop()
                await asyncio.sleep(1)

    async def _read(self) -> None:
        async with self._reading:
            self._notified.clear()
            if self._connection is None:
                raise OSError
            session = WriteSession(self._connection)
            began = time.monotonic()
            state = await session.one(queries.STATE, profiles=[VALUES, PROFILES])
            seen = (state["categories"], state["edition"], state["cities"], state["indicators"])
            known = self.known
            if seen != known.seen:
                edition = await _read_edition(session, state["edition"])
                cities = await regions.read_cities(session)
                srids = await session.value(queries.SRIDS, wanted=cities.crs)
                cards, found = await _read_categories(session), await regions.directory(session)
                known = Known({}, cards, edition, tuple(srids), seen, found, cities, await _read_indicators(session))
            standings: dict[Half, dict[str, CollectionState]] = {half: _standings(state[half]) for half in HALVES}
            # The same as long as nothing has changed: what was made of it need not be made again.
            if known is not self.known or standings != known.standings:
                self.known = replace(known, standings=standings)
                for tell in self.on_change:
                    tell()
            self._follow_edge(state["history"])
            self._seen_at = began
            await awareness.tell(session, self._awareness, self.known.versions)
            self._awareness = self.known.versions

    def _follow_edge(self, history: dict[str, Any]) -> None:
        edge = None
        if history["kept"] == history["found"]:
            edge = Edge(epoch_of(history["number"], history["kept"]), history["number"], int(history["below"]))
        if edge != self.edge:
            self.edge = edge
            self.cursors = {half: write_position(self._settings.secret, half, edge.epoch, edge.position) for half in HALVES} if edge else {}


def _standings(rows: list[dict[str, Any]]) -> dict[str, CollectionState]:
    return {
        row["category"]: CollectionState(
            row["version"], row["number"], _moment(row["updated_at"]), _moment(row["begins_at"]), _moment(row["ends_at"])
        )
        for row in rows
    }


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


async def _read_categories(session: WriteSession) -> dict[str, CategoryCard]:
    cards = {}
    for row in await session.all(queries.CATEGORIES):
        visibility = row["field_visibility"]
        cards[row["id"]] = CategoryCard(
            id=row["id"],
            title=Text(**row["title"]),
            description=Text(**row["description"]),
            attribute_schema=orjson.loads(row["attribute_schema"]),
            audience=row["audience"],
            version=row["version"],
            icon=row["icon"],
            colour=row["colour"],
            hidden={
                "published": frozenset(name for name, seen_by in visibility.items() if seen_by != "public"),
                "internal": frozenset(name for name, seen_by in visibility.items() if seen_by == "restricted"),
            },
        )
    return cards


async def _read_indicators(session: WriteSession) -> tuple[IndicatorCard, ...]:
    rows = await session.all(queries.INDICATORS)
    return tuple(IndicatorCard(row["id"], Text(**row["title"]), Text(**row["unit"]), row["audience"]) for row in rows)


async def _read_edition(session: WriteSession, row: dict[str, Any] | None) -> EditionCard | None:
    if row is None:
        return None
    found = await session.one(queries.EXTENT)
    return EditionCard(
        row["id"], row["name"], row["accuracy_m"], row["approximate"], found["extent"], {level: found[level] for level in AREA_LEVELS}
    )
