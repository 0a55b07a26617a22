"""Work that outlives its request: a queue in PostgreSQL (PgQueuer, docs/adr/0025), taken up by whichever worker is free.

A job enters the queue in the transaction that asks for it. It runs in a child process, so that nothing that it reads or computes can
stop the service or use up its memory. A job whose worker has died is given to another once its heartbeat is old; so jobs must be
such that doing them again is harmless.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import asyncpg
import structlog
from pgqueuer import AsyncpgDriver, Job, Queries, QueueManager, RetryRequested

from app.background.children import environment_of, open_errors, read_errors, running
from app.background.queueing import BOUNDARIES, CATEGORIES, CHANNEL, IMPORTS, SCHEMA
from app.settings import Settings

# How PgQueuer is told by whom it is used where.
_QUEUE = {"PGQUEUER_SCHEMA": SCHEMA, "PGQUEUER_CHANNEL": CHANNEL}
AT_ONCE = 2
"""Jobs of one worker; each has a process of its own."""
AGAIN_AFTER = timedelta(seconds=2)
POLLED_EVERY = timedelta(seconds=2)
"""Jobs are told by NOTIFY; those of the dead are found by looking."""
RESTED_S = 5.0
TURN_EVERY_S = 1.0
"""How often a job asks whose turn it is while it is nobody's."""
_log = structlog.get_logger("titik")


@asynccontextmanager
async def worked_meanwhile(settings: Settings) -> AsyncIterator[None]:
    """Takes up jobs as long as the service runs."""
    os.environ.update(_QUEUE)
    ending = asyncio.Event()
    task = asyncio.create_task(_work_on(settings, ending))
    try:
        yield
    finally:
        # The library waits for jobs at work; those that wait for their turn go back into the queue.
        ending.set()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _work_on(settings: Settings, ending: asyncio.Event) -> None:
    while True:
        try:
            await _work(settings, ending)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            _log.warning("jobs wait: the database does not answer")
        except Exception as error:  # noqa: BLE001 - whatever the library meets, the next job must be taken up
            _log.error("jobs wait", exc_info=error)
        await asyncio.sleep(RESTED_S)


async def _work(settings: Settings, ending: asyncio.Event) -> None:
    connection = await asyncpg.connect(
        settings.service_dsn, command_timeout=30, server_settings={"application_name": "titik-jobs", "jit": "off"}
    )
    try:
        driver, stale = AsyncpgDriver(connection), timedelta(seconds=settings.job_stale_s)
        manager = QueueManager(Queries(driver))

        @manager.entrypoint(IMPORTS)
        async def run_import(job: Job) -> None:
            await _in_child(settings, "app.imports.working", await _next_import(driver, job, stale, ending))

        @manager.entrypoint(CATEGORIES)
        async def run_category(job: Job) -> None:
            await _in_child(settings, "app.definitions.working", (job.payload or b"").decode())

        @manager.entrypoint(BOUNDARIES)
        async def run_boundaries(job: Job) -> None:
            await _in_child(settings, "app.boundaries.working", (job.payload or b"").decode())

        try:
            await manager.run(dequeue_timeout=POLLED_EVERY, batch_size=1, max_concurrent_tasks=AT_ONCE, heartbeat_timeout=stale)
        finally:
            manager.shutdown.set()
    finally:
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
            await connection.close(timeout=2)


async def _next_import(driver: AsyncpgDriver, job: Job, stale: timedelta, ending: asyncio.Event) -> str:
    """The import whose turn it is, which need not be the one that this job came with: accounts take turns, and each is served once at a
    time. Waits as long as all that wait belong to accounts that are being served.
    """
    while not ending.is_set():
        try:
            rows = await driver.fetch("SELECT titik.next_import($1, $2) AS id", job.id, stale)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            # A job that fails in any other way leaves the queue, and its import would wait for ever.
            raise RetryRequested(delay=AGAIN_AFTER, reason=type(error).__name__) from error
        if rows[0]["id"] is not None:
            return str(rows[0]["id"])
        with suppress(TimeoutError):
            async with asyncio.timeout(TURN_EVERY_S):
                await ending.wait()
    raise RetryRequested(delay=timedelta(), reason="the worker ends")


async def _in_child(settings: Settings, module: str, subject: str) -> None:
    """Runs `module` on `subject`. Asks for another try where it was killed itself; how often, the job counts."""
    with open_errors() as errors:
        async with running(module, subject, variables=environment_of(settings), stderr=errors) as process:
            code = await process.wait()
        if code or errors.seek(0, os.SEEK_END):
            _log.warning("job ended" if code else "job wrote", job=module, subject=subject, code=code, stderr=read_errors(errors))
    if code:
        raise RetryRequested(delay=AGAIN_AFTER, reason=f"exit {code}")
