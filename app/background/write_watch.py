"""Looks every two seconds whether the database takes writes: whether it may write at all, and has room for the next segment of its log."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from app.db import Database
from app.errors import Unavailable
from app.statement import Statement

EVERY_S = 2.0

# Both last as long as the transaction.
PREPARE = Statement("""
    SELECT current_setting('transaction_read_only') = 'on' OR pg_is_in_recovery() AS is_read_only,
           set_config('work_mem', '64kB', true) AS memory, set_config('temp_tablespaces', '', true) AS place
""")
# 17 MB that do not fit into memory go to a temporary file, and are gone again before the disk sees them: no WAL, no row, nothing to tidy
# up. As much as a segment of WAL: where there is no room for the next one, PostgreSQL stops.
ROOM = Statement[int]("""
    WITH filler AS MATERIALIZED (SELECT repeat('x', 8000) AS text FROM generate_series(1, 2100))
    SELECT count(*) FROM filler
""")

_log = structlog.get_logger("titik")


@asynccontextmanager
async def write_watched_meanwhile(database: Database) -> AsyncIterator[None]:
    """As long as the service runs."""
    task = asyncio.create_task(_watch(database))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _watch(database: Database) -> None:
    while True:
        await asyncio.sleep(EVERY_S)
        try:
            found = await look(database)
        except Unavailable:
            continue  # it does not answer at all, which everybody hears who asks it
        except Exception as error:  # noqa: BLE001 - the next look may do
            _log.error("whether the database takes writes is not known", kind=type(error).__name__)
            continue
        if database.guard.find(found):
            _log.warning("writes are refused" if found else "writes are taken again", code=found)


async def look(database: Database) -> str | None:
    """Why nothing can be written: `database-full`, `database-read-only`. None where all is well. `Unavailable` where that cannot be found out."""
    try:
        async with database.open_write(reading=True) as session:
            if (await session.one(PREPARE))["is_read_only"]:
                return "database-read-only"
            await session.value(ROOM)
    except Unavailable as error:
        if error.code == "database-full":
            return error.code
        raise
    return None
