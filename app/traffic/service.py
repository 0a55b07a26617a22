"""Counts of all workers in one table: written every few seconds, read for the last hour (docs/adr/0062-slowest-routes.md)."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple

import structlog

from app.db import Database, Session
from app.errors import Unavailable
from app.traffic import queries
from app.traffic.timings import RouteTimings, percentile_ms

EVERY_S = 10.0
_MEDIAN, _P95 = 0.5, 0.95
_log = structlog.get_logger("titik")


class RouteSpeed(NamedTuple):
    """One route within the last hour, at all workers: `errors` are answers of 500 and above, milliseconds are right to within 5 %."""

    method: str
    route: str
    requests: int
    errors: int
    median_ms: float
    p95_ms: float
    most_ms: float


@asynccontextmanager
async def kept_meanwhile(database: Database, timings: RouteTimings) -> AsyncIterator[None]:
    """As long as the service runs, and once more when it ends."""
    task = asyncio.create_task(_keep_on(database, timings))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        with suppress(Unavailable, TimeoutError):
            async with asyncio.timeout(2):
                await keep(database, timings)


async def _keep_on(database: Database, timings: RouteTimings) -> None:
    while True:
        await asyncio.sleep(EVERY_S)
        try:
            await keep(database, timings)
        except Unavailable:
            continue  # what is counted waits in memory, for an hour
        except Exception as error:  # noqa: BLE001 - the next time may do
            _log.error("times of requests are not kept", kind=type(error).__name__)


async def keep(database: Database, timings: RouteTimings) -> None:
    """Writes what was counted since the last time; nothing where nobody asked anything. `Unavailable`."""
    timings.forget(time.time())
    rows = timings.unwritten()
    if not rows:
        return
    async with database.open_write() as session:
        await session.run_many(queries.KEEP, [{**row._asdict(), "worker": timings.worker} for row in rows])
        await session.run(queries.FORGET)
    timings.note_written(rows)


async def slowest(session: Session, at_most: int) -> list[RouteSpeed]:
    """The slowest first, by what 95 of 100 requests took at the most."""
    rows = await session.all(queries.LAST_HOUR)
    speeds = [
        RouteSpeed(
            row["method"], row["route"], row["requests"], row["errors"],
            min(percentile_ms(_MEDIAN, row["steps"], row["numbers"]), row["most_ms"]),
            min(percentile_ms(_P95, row["steps"], row["numbers"]), row["most_ms"]), row["most_ms"],
        )
        for row in rows
    ]  # fmt: skip
    return sorted(speeds, key=lambda one: (-one.p95_ms, one.route, one.method))[:at_most]
