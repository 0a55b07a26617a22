"""The doors to PostgreSQL: three pools, two kinds of session, the only commit.

Statements are written with `:name` parameters and rewritten once to the `$1` form that asyncpg prepares; they then run on the driver
itself, because the session layer of SQLAlchemy would cost four times as much as the driver (docs/adr/0002). Nothing here knows what a statement says.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from types import TracebackType
from typing import Any, NamedTuple, Self, overload

import asyncpg
import orjson

from app.driver_errors import DRIVER_ERRORS, NETWORK_ERRORS, call_of_driver, errors_of_driver, meaning_of
from app.errors import Unavailable
from app.settings import Settings
from app.statement import Row as Row  # noqa: PLC0414 - whoever has a session finds it here
from app.statement import RowT, Statement
from app.write_guard import WriteGuard

# The statements made at import are few, and their plans do not depend on their values (`tests/sql/test_plans.py`): planning them anew each
# time would cost more than running them, for a tile twice as much. Left alone PostgreSQL does so where it guesses badly.
PLANNED_ONCE = {"plan_cache_mode": "force_generic_plan"}
# What they read in an order has an index of that order. Where a plan does not know how long the page is, PostgreSQL takes it for a tenth of
# the category, and may find it cheaper to sort all of that (17 does so with 10,000 items, incrementally).
IN_ORDER = {"enable_sort": "off", "enable_incremental_sort": "off"}
# Those made for one request are planned for its values.
_PLAN_ANEW = "SET LOCAL plan_cache_mode = force_custom_plan"

COMPOSED_S = 3.0
"""How long the statements that are put together for one request may take, together."""
FILES_AT_ONCE = 3
"""How many files a worker makes at once. Each may take a connection and, in a process of its own, 150 MB."""


class Session(ABC):
    """Runs statements; where, the kind of session says."""

    __slots__ = ()

    @abstractmethod
    async def _call(self, method: str, statement: Statement[RowT], named: Mapping[str, object]) -> Any: ...

    async def all(self, statement: Statement[RowT], **named: object) -> list[RowT]:
        rows: list[RowT] = await self._call("fetch", statement, named)
        return rows

    async def first(self, statement: Statement[RowT], **named: object) -> RowT | None:
        row: RowT | None = await self._call("fetchrow", statement, named)
        return row

    async def one(self, statement: Statement[RowT], **named: object) -> RowT:
        """The row of a statement that always gives one."""
        row = await self.first(statement, **named)
        if row is None:
            raise LookupError(statement.sql)
        return row

    @overload
    async def value(self, statement: Statement[Row], **named: object) -> Any: ...

    @overload
    async def value(self, statement: Statement[RowT], **named: object) -> RowT: ...

    async def value(self, statement: Statement[RowT], **named: object) -> RowT:
        """The single column of the first row. Where there may be no row, the statement says so: `Statement[int | None]`."""
        found: RowT = await self._call("fetchval", statement, named)
        return found


class ReadPools(NamedTuple):
    """The connections of one role. What is put together for a request, and what goes through everything for a file, has few of its own:
    however costly they are, the fixed statements find theirs free.
    """

    fixed: "asyncpg.Pool[Any]"
    composed: "asyncpg.Pool[Any]"
    files: "asyncpg.Pool[Any]"


class ReadSession(Session):
    """Reads through the pools of one role; each statement is a transaction of its own."""

    __slots__ = ("_pools", "_timeout_s", "through_views")

    def __init__(self, pools: ReadPools, timeout_s: float) -> None:
        self._pools = pools
        self._timeout_s = timeout_s
        self.through_views = False
        """Whether some items still have what must not be seen any more: then all are read through the views that cut it."""

    def _sql(self, statement: Statement[RowT]) -> str:
        return statement.sql_of_views if self.through_views else statement.sql

    async def _call(self, method: str, statement: Statement[RowT], named: Mapping[str, object]) -> Any:
        if statement.is_of_request:
            return await self._call_composed(method, statement, named)
        pool = self._pools.fixed
        with call_of_driver():
            connection = await _acquire(pool, self._timeout_s)
            try:
                return await getattr(connection, method)(self._sql(statement), *statement.values(named))
            finally:
                await pool.release(connection)

    async def _call_composed(self, method: str, statement: Statement[RowT], named: Mapping[str, object]) -> Any:
        pool = self._pools.composed
        with call_of_driver():
            connection = await _acquire(pool, self._timeout_s)
            try:
                await connection.execute(f"BEGIN; {_PLAN_ANEW}")
                found = await getattr(connection, method)(self._sql(statement), *statement.values(named))
                await connection.execute("COMMIT")
            except asyncpg.QueryCanceledError as error:
                raise Unavailable("query-too-costly") from error
            finally:
                await pool.release(connection)
        return found

    async def batches(self, statement: Statement[RowT], size: int, **named: object) -> AsyncGenerator[list[RowT], None]:
        """All rows of a statement, so many at a time, of one moment, without ever holding more. Close it to give the connection back."""
        pool = self._pools.files
        with call_of_driver():
            connection = await _acquire(pool, self._timeout_s)
            try:
                async with connection.transaction():
                    await connection.execute(_PLAN_ANEW)
                    cursor = await connection.cursor(self._sql(statement), *statement.values(named))
                    while rows := await cursor.fetch(size):
                        yield rows
            finally:
                await pool.release(connection)


class WriteSession(Session):
    """One transaction of one connection; `Database.open_write` commits it."""

    __slots__ = ("_connection", "changes_public")

    def __init__(self, connection: "asyncpg.Connection[Any]") -> None:
        self._connection = connection
        self.changes_public = False
        """Whether something was published or taken back: then the worker looks again once it is committed."""

    async def _call(self, method: str, statement: Statement[RowT], named: Mapping[str, object]) -> Any:
        values = statement.values(named)
        with call_of_driver():
            return await getattr(self._connection, method)(statement.sql, *values)

    async def run(self, statement: Statement[RowT], **named: object) -> None:
        await self._call("execute", statement, named)

    async def run_many(self, statement: Statement[RowT], rows: Sequence[Mapping[str, object]]) -> None:
        """The same statement for every row, in one round trip."""
        values = [statement.values(row) for row in rows]
        with call_of_driver():
            await self._connection.executemany(statement.sql, values)

    async def batches(self, statement: Statement[RowT], size: int, **named: object) -> AsyncGenerator[list[RowT], None]:
        """All rows of a statement, so many at a time, without ever holding more. What the transaction is asked meanwhile comes between them."""
        with call_of_driver():
            cursor = await self._connection.cursor(statement.sql, *statement.values(named))
            while rows := await cursor.fetch(size):
                yield rows


Begin = Callable[[], AbstractAsyncContextManager[WriteSession]]
"""Begins a transaction; it commits at the end of the block."""


async def prepare_connection(connection: "asyncpg.Connection[Any]") -> None:
    """JSON goes in and out as Python values, read and written by orjson."""
    for name in ("json", "jsonb"):
        await connection.set_type_codec(name, schema="pg_catalog", encoder=_json_text, decoder=orjson.loads, format="text")


def _json_text(value: object) -> str:
    return orjson.dumps(value).decode()


class Database:
    """The pools of one worker. `public` and `internal` are read-only roles; `open_write` is the service role."""

    def __init__(self, write: "asyncpg.Pool[Any]", public: ReadPools, internal: ReadPools, pool_timeout_s: float) -> None:
        self._write = write
        self._pools = (write, *public, *internal)
        self._pool_timeout_s = pool_timeout_s
        self.public = ReadSession(public, pool_timeout_s)
        self.internal = ReadSession(internal, pool_timeout_s)
        self.guard = WriteGuard()

    @classmethod
    async def connect(cls, settings: Settings) -> Self:
        """Opens the pools; `Unavailable` when PostgreSQL does not answer."""
        write = _pool(settings, settings.write_connections, PLANNED_ONCE)
        public = _read_pools(settings, settings.read_connections, "titik_public")
        internal = _read_pools(settings, max(1, settings.read_connections // 2), "titik_internal")
        try:
            for pool in (write, *public, *internal):
                await pool
        except (*DRIVER_ERRORS, *NETWORK_ERRORS) as error:
            if meant := meaning_of(error):
                raise meant from error
            raise
        return cls(write, public, internal, settings.pool_timeout_s)

    def read_through_views(self, through_views: bool) -> None:  # noqa: FBT001 - what is told
        for session in (self.public, self.internal):
            session.through_views = through_views

    async def close(self) -> None:
        """A frozen server must not keep the service from ending: past the deadline connections are dropped."""
        try:
            async with asyncio.timeout(5):
                await asyncio.gather(*(pool.close() for pool in self._pools))
        except TimeoutError:
            for pool in self._pools:
                pool.terminate()

    def open_write(self, *, reading: bool = False) -> "Transaction":
        """One transaction of the service role: `async with database.open_write() as session`. Committed on leaving, rolled back on an
        error; the caller answers only after it has left. `Unavailable` when no connection is to be had in time, or nothing can be written
        now. `reading`: it looks at what the public role may not see, and goes on while nothing can be written.
        """
        if not reading:
            self.guard.check()
        return Transaction(self._write, self._pool_timeout_s, self.guard)


class Transaction:
    """The only place that commits. A handler that is cancelled in between leaves nothing behind: the pool resets what it takes back.

    A class with two methods rather than a generator, because every write passes here.
    """

    __slots__ = ("_connection", "_guard", "_pool", "_timeout_s")

    def __init__(self, pool: "asyncpg.Pool[Any]", timeout_s: float, guard: WriteGuard) -> None:
        self._pool = pool
        self._timeout_s = timeout_s
        self._guard = guard

    async def __aenter__(self) -> WriteSession:
        with call_of_driver():
            self._connection = await _acquire(self._pool, self._timeout_s)
            try:
                await self._connection.execute("BEGIN")
            except BaseException:
                await self._give_back()
                raise
        return WriteSession(self._connection)

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            with call_of_driver():
                try:
                    if error is None:
                        await self._connection.execute("COMMIT")
                    elif not self._connection.is_closed():
                        await self._connection.execute("ROLLBACK")
                finally:
                    await self._give_back()
            if error is not None:
                # Statements have been translated where they ran; this is for who had the connection itself.
                with errors_of_driver():
                    raise error
        except Unavailable as unavailable:
            self._guard.note(unavailable)
            raise

    async def _give_back(self) -> None:
        """A connection that may not write is not kept: once others may, it still would not."""
        if not self._connection.is_closed() and _is_read_only(self._connection):
            self._connection.terminate()
        await self._pool.release(self._connection)


def _is_read_only(connection: "asyncpg.Connection[Any]") -> bool:
    """As the server has told on its own: what is set for the database or the role, or that it is a standby."""
    parameters = connection.get_settings()
    return "on" in (getattr(parameters, "default_transaction_read_only", "off"), getattr(parameters, "in_hot_standby", "off"))


async def _acquire(pool: "asyncpg.Pool[Any]", timeout_s: float) -> Any:
    """A connection at once where one is idle; only a wait needs a clock."""
    return await (pool.acquire() if pool.get_idle_size() else pool.acquire(timeout=timeout_s))


async def _end_transaction(connection: "asyncpg.Connection[Any]") -> None:
    """All that a connection must forget before its next use: settings are local to transactions, nothing else is left behind.

    The driver's own reset would be one more round trip for every request.
    """
    if connection.is_in_transaction():
        await connection.execute("ROLLBACK")


@asynccontextmanager
async def deadline_of_composed() -> AsyncIterator[None]:
    """Around all statements that are put together for one request: they take `COMPOSED_S` together, waiting for a connection included.
    `Unavailable` (`query-too-costly`) after it.
    """
    try:
        async with asyncio.timeout(COMPOSED_S):
            yield
    except TimeoutError as error:
        raise Unavailable("query-too-costly") from error


def _read_pools(settings: Settings, size: int, role: str) -> ReadPools:
    reading = {"role": role, "default_transaction_read_only": "on", **PLANNED_ONCE}
    composed = {**reading, "statement_timeout": str(int(min(COMPOSED_S * 1000, settings.statement_timeout_ms)))}
    return ReadPools(
        _pool(settings, size, reading | IN_ORDER),
        _pool(settings, settings.filter_connections, composed, begin_with=0),
        _pool(settings, FILES_AT_ONCE, reading, begin_with=0),
    )


def _pool(settings: Settings, size: int, role: dict[str, str], *, begin_with: int = 1) -> "asyncpg.Pool[Any]":
    return asyncpg.create_pool(
        settings.service_dsn,
        min_size=begin_with,
        max_size=size,
        init=prepare_connection,
        reset=_end_transaction,
        command_timeout=settings.statement_timeout_ms / 1000 + 2,
        server_settings={
            "application_name": "titik",
            "jit": "off",
            "statement_timeout": str(settings.statement_timeout_ms),
            "lock_timeout": str(settings.lock_timeout_ms),
            "idle_in_transaction_session_timeout": "15000",
            **role,
        },
    )
