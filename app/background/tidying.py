"""What is of no use any more goes, an hour apart: keys of requests that nobody will send again, changes that a later one of their point follows,
imports that are a month old, and what others bring.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial

import structlog

from app.db import Database
from app.errors import Unavailable
from app.statement import Statement

EVERY_S = 3600.0
BATCH = 5_000

# What is old is looked up once, as MATERIALIZED: as a subquery of the DELETE a plan may run it for each row, each time with a limit of its own.
# An `Idempotency-Key` is remembered for a month: telephones that were without a network for longer send new points by their own ids.
OLD_KEYS = Statement[int]("""
    WITH old AS MATERIALIZED (
        SELECT account_id, key_sha256 FROM titik.retry WHERE created_at < now() - interval '30 days'
         ORDER BY created_at LIMIT CAST(:batch AS int) FOR UPDATE SKIP LOCKED
    ), gone AS (
        DELETE FROM titik.retry r USING old WHERE (r.account_id, r.key_sha256) = (old.account_id, old.key_sha256) RETURNING 1
    )
    SELECT count(*) FROM gone
""")

# The last of each point stays, also where the point has gone: whoever reads on from any cursor meets it. What is not firm yet is not looked at.
_FOLLOWED = """
    WITH edge AS MATERIALIZED (
        SELECT number, pg_snapshot_xmin(pg_current_snapshot()) AS below FROM titik.history
    ), followed AS MATERIALIZED (
        SELECT history, transaction_id, seq
          FROM (SELECT c.history, c.transaction_id, c.seq, lead(c.seq) OVER (PARTITION BY c.id ORDER BY c.history, c.transaction_id, c.seq) AS later
                  FROM {half}.change c
                 WHERE (c.history, c.transaction_id, c.seq) < ((SELECT number FROM edge), (SELECT below FROM edge), CAST(0 AS bigint))) all_of_it
         WHERE later IS NOT NULL LIMIT CAST(:batch AS int)
    ), gone AS (
        DELETE FROM {half}.change c USING followed f
         WHERE (c.history, c.transaction_id, c.seq) = (f.history, f.transaction_id, f.seq)
        RETURNING 1
    )
    SELECT count(*) FROM gone
"""
# What was announced and what became of it is kept for a month: so long it can be sent again (docs/webhooks.md).
OLD_EVENTS = Statement[int]("SELECT titik.forget_events(CAST(:batch AS int))")
OLD_DELIVERIES = Statement[int]("""
    WITH old AS MATERIALIZED (
        SELECT id FROM titik.webhook_delivery WHERE last_at < now() - interval '30 days'
         ORDER BY last_at LIMIT CAST(:batch AS int) FOR UPDATE SKIP LOCKED
    ), gone AS (
        DELETE FROM titik.webhook_delivery d USING old WHERE d.id = old.id RETURNING 1
    )
    SELECT count(*) FROM gone
""")
# Where nobody has signed in for half a year is a place like any other.
_PAST = """
    WITH old AS MATERIALIZED (
        SELECT key FROM titik.{table} WHERE {past} LIMIT CAST(:batch AS int) FOR UPDATE SKIP LOCKED
    ), gone AS (
        DELETE FROM titik.{table} o USING old WHERE o.key = old.key RETURNING 1
    )
    SELECT count(*) FROM gone
"""
OLD_TRIES = Statement[int](_PAST.format(table="sign_in_count", past="expires_at < now()"))
OLD_PLACES = Statement[int](_PAST.format(table="sign_in_place", past="last_at < now() - interval '180 days'"))
# Who signed in where is of no use once it is over.
OLD_SESSIONS = Statement[int]("""
    WITH old AS MATERIALIZED (
        SELECT id FROM titik.session
         WHERE least(ended_at, expires_at, last_used_at + make_interval(secs => idle_s)) < now() - interval '1 day'
         LIMIT CAST(:batch AS int) FOR UPDATE SKIP LOCKED
    ), gone AS (
        DELETE FROM titik.session s USING old WHERE s.id = old.id RETURNING 1
    )
    SELECT count(*) FROM gone
""")
OLD = (
    OLD_EVENTS,
    OLD_DELIVERIES,
    OLD_KEYS,
    OLD_TRIES,
    OLD_PLACES,
    OLD_SESSIONS,
    Statement[int](_FOLLOWED.format(half="published")),
    Statement[int](_FOLLOWED.format(half="internal")),
)

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
            except Exception as error:  # noqa: BLE001 - the others, and the next hour, must come
                _log.error("tidying failed", kind=type(error).__name__)


async def tidy(database: Database) -> int:
    """How many rows went, batch by batch."""
    return sum([await _all_of(database, statement) for statement in OLD])


async def _all_of(database: Database, statement: Statement[int]) -> int:
    total = 0
    while True:
        async with database.open_write() as session:
            number = await session.value(statement, batch=BATCH)
        total += number
        if number < BATCH:
            return total
