"""What a worker keeps from test to test, because making it costs more than most tests do: the loop, and the connections to its database.

Each test still has a service of its own, started and ended as in production, and nothing of a test goes on in either: its tasks are cancelled, its
threads are waited for; of a connection nothing is left but what the server has read and planned.
"""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import Any, Generic, Self, TypeVar
from weakref import WeakSet

import asyncpg
import pytest
import uvloop

AT_MOST = 24
"""Pools that wait, of which most have one connection or none; and as many connections."""
FORGOTTEN_WITHIN_S = 5
FORGET = "SET SESSION AUTHORIZATION DEFAULT; DISCARD TEMP"


class KeptLoop(uvloop.Loop):
    """Ends with a test as any other loop does, and then takes the next."""

    def __init__(self) -> None:
        super().__init__()
        self._tasks: set[int] = set()
        self._generators: WeakSet[AsyncGenerator[Any, Any]] = WeakSet()
        self._threads = self._new_threads()

    def _new_threads(self) -> ThreadPoolExecutor:
        threads = ThreadPoolExecutor()
        self.set_default_executor(threads)
        return threads

    def create_task(self, coro: Coroutine[Any, Any, Any], **options: Any) -> "asyncio.Task[Any]":  # type: ignore[override]
        task: asyncio.Task[Any] = super().create_task(coro, **options)
        self._tasks.add(id(task))
        return task

    def call_exception_handler(self, context: Any) -> None:
        """What comes to light of a task of an earlier test, when its memory is taken back, is no fault of this one."""
        if "task" in context and id(context["task"]) not in self._tasks:
            self.default_exception_handler(context)
        else:
            super().call_exception_handler(context)

    def _asyncgen_firstiter_hook(self, generator: AsyncGenerator[Any, Any]) -> None:
        self._generators.add(generator)

    async def shutdown_asyncgens(self) -> None:
        left = list(self._generators)
        self._generators.clear()
        await asyncio.gather(*(one.aclose() for one in left), return_exceptions=True)

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ASYNC109 - so it is called
        ended, self._threads = self._threads, self._new_threads()
        if ended._threads:
            async with asyncio.timeout(timeout):
                await asyncio.to_thread(ended.shutdown)

    def close(self) -> None:
        self._tasks.clear()


@cache
def kept_loop() -> KeptLoop:
    return KeptLoop()


Thing = TypeVar("Thing")


class Shelf(Generic[Thing]):
    """Things that nobody uses, each with what it was made of; the oldest goes where there are too many."""

    def __init__(self) -> None:
        self._waiting: list[tuple[str, Thing]] = []

    def take(self, made_of: str) -> Thing | None:
        found = next((one for one in self._waiting if one[0] == made_of), None)
        if found is None:
            return None
        self._waiting.remove(found)
        return found[1]

    def put(self, made_of: str, thing: Thing) -> Thing | None:
        """The one that is too much."""
        self._waiting.append((made_of, thing))
        return self._waiting.pop(0)[1] if len(self._waiting) > AT_MOST else None

    def clear(self) -> list[Thing]:
        left = [thing for _, thing in self._waiting]
        self._waiting.clear()
        return left


class LeasedPool:
    """A pool as long as one service has it: closed, it is for the next that opens its like; ended in haste, it is gone."""

    def __init__(self, kept: "Kept", pool: Any, made_of: str) -> None:
        self._kept, self._pool, self._made_of, self._is_over = kept, pool, made_of, False

    def __await__(self) -> Generator[Any, Any, Self]:
        yield from self._pool.__await__()
        return self

    def __getattr__(self, name: str) -> Any:
        if self._is_over:
            raise asyncpg.InterfaceError("pool is closed")
        return getattr(self._pool, name)

    async def release(self, connection: Any) -> None:
        await self._pool.release(connection)

    async def close(self) -> None:
        if self._is_over:
            return
        self._is_over = True
        await asyncio.gather(*(holder.wait_until_released() for holder in self._pool._holders), *self._kept.forgetting)
        if too_much := self._kept.pools.put(self._made_of, self._pool):
            await too_much.close()

    def terminate(self) -> None:
        self._is_over = True
        self._pool.terminate()


class LeasedConnection:
    """The same of a single connection. Whoever has it next finds nothing of what was set, locked or listened to."""

    def __init__(self, kept: "Kept", connection: Any, made_of: str, codecs: set[str]) -> None:
        self._kept, self._connection, self._made_of, self._codecs, self._is_over = kept, connection, made_of, codecs, False

    def __getattr__(self, name: str) -> Any:
        if self._is_over:
            raise asyncpg.InterfaceError("connection is closed")
        return getattr(self._connection, name)

    async def set_type_codec(self, name: str, **options: Any) -> None:
        codec = f"{name} {options}"
        if codec not in self._codecs:
            await self._connection.set_type_codec(name, **options)
            self._codecs.add(codec)

    def is_closed(self) -> bool:
        return self._is_over or bool(self._connection.is_closed())

    async def close(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 - so it is called
        if not self._is_over:
            self._is_over = True
            await self._forget(timeout or FORGOTTEN_WITHIN_S)

    def terminate(self) -> None:
        if not self._is_over:
            self._is_over = True
            task = asyncio.get_running_loop().create_task(self._forget(FORGOTTEN_WITHIN_S))
            self._kept.forgetting.add(task)
            task.add_done_callback(self._kept.forgetting.discard)

    async def _forget(self, within_s: float) -> None:
        connection = self._connection
        if connection.is_closed():
            return
        try:
            connection._termination_listeners.clear()
            async with asyncio.timeout(within_s):
                await connection.reset()
                await connection.execute(FORGET)
        except BaseException as error:
            # It was at work.
            connection.terminate()
            if not isinstance(error, Exception):
                raise
            return
        if too_much := self._kept.connections.put(self._made_of, (connection, self._codecs)):
            too_much[0].terminate()


class Kept:
    """Connections to one database, `place`: what follows the role in its address."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._make_pool, self._connect = asyncpg.create_pool, asyncpg.connect
        self.pools, self.connections = Shelf[Any](), Shelf[tuple[Any, set[str]]]()
        self.forgetting: set[asyncio.Task[None]] = set()

    def create_pool(self, dsn: str, **options: Any) -> Any:
        made_of = self._is_kept(dsn, options)
        if made_of is None:
            return self._make_pool(dsn, **options)
        return LeasedPool(self, self.pools.take(made_of) or self._make_pool(dsn, **options), made_of)

    async def connect(self, dsn: str | None = None, **options: Any) -> Any:
        made_of = self._is_kept(dsn, options) if dsn else None
        if made_of is None:
            return await self._connect(dsn, **options)
        while (found := self.connections.take(made_of)) and found[0].is_closed():
            pass
        connection, codecs = found or (await self._connect(dsn, **options), set())
        return LeasedConnection(self, connection, made_of, codecs)

    def _is_kept(self, dsn: str, options: dict[str, Any]) -> str | None:
        """What it is made of. None of the connections that tests themselves open as they are: they may look at what only a new one has."""
        return repr((dsn, sorted(options.items()))) if dsn.partition("@")[2] == self._place and "server_settings" in options else None

    async def forget(self) -> None:
        """For a test of what only a new connection is told."""
        for pool in self.pools.clear():
            await pool.close()
        for connection, _ in self.connections.clear():
            await connection.close()


@contextmanager
def kept_connections(dsn: str) -> Iterator[Kept]:
    """For all that this process has to do with a database."""
    kept = Kept(dsn.partition("@")[2])
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(asyncpg, "create_pool", kept.create_pool)
        patched.setattr(asyncpg, "connect", kept.connect)
        yield kept
