"""What is of no use any more goes, an hour apart: keys of requests that nobody will send again, and what others bring."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial

import structlog

from app.db import Database, Statement
from app.errors import Unavailable

EVERY_S = 3600.0
BATCH = 5_000

# An `Idempotency-Key` is remembered for a month: telephones that were without a network for longer send new points by their own ids.
OLD_KEYS = Statement("""
    WITH gone AS (
        DELETE FROM titik.retry
         WHERE (account_id, key_sha256) IN (SELECT account_id, key_sha256 FROM titik.retry WHERE created_at < now() - interval '30 days'
                                             ORDER BY created_at LIMIT CAST(:batch AS int) FOR UPDATE SKIP LOCKED)
        RETURNING 1
    )
    SELECT count(*) FROM gone
""")

_log = structlog.get_logger("titik")


@asynccontextmanager
async def tidied_meanwhile(database: Database, *others: Callable[[], Awaitable[object]]) -> AsyncIterator[None]:
    """`others` are tidied at the same times, each whatever becomes of the rest."""
    task = asyncio.create_task(_tidy_on([partial(tidy, database), *others]))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _tidy_on(tasks: Sequence[Callable[[], Awaitable[object]]]) -> None:
    while True:
        await asyncio.sleep(EVERY_S)
        for task in tasks:
            try:
                await task()
            except Unavailable as error:
                _log.warning("tidying waits", code=error.code)


async def tidy(database: Database) -> int:
    """How many keys were forgotten, batch by batch."""
    total = 0
    while True:
        async with database.open_write() as session:
            number: int = await session.value(OLD_KEYS, batch=BATCH)
        total += number
        if number < BATCH:
            return total
