"""Jobs enter the queue, and leave it again: what every part of the service and the commands need of PgQueuer. Who carries them out: `jobs.py`."""

from datetime import timedelta
from functools import cache

from app.db import WriteSession

SCHEMA, CHANNEL = "queue", "titik_queue"
IMPORTS = "import"
_TAKE_BACK = "DELETE FROM queue.pgqueuer WHERE entrypoint = $1 AND payload = $2 AND status = 'queued' RETURNING id"


@cache
def _enqueue() -> str:
    # A fifth of a second of a process's start, which most commands and jobs do not need.
    from pgqueuer.adapters.persistence.qb import QueryQueueBuilder  # noqa: PLC0415
    from pgqueuer.domain.settings import DBSettings  # noqa: PLC0415

    return QueryQueueBuilder(DBSettings(db_schema=SCHEMA, channel=CHANNEL)).build_enqueue_query()


async def put(session: WriteSession, name: str, subject: str) -> None:
    """A job enters the queue when the transaction of `session` commits. The library's own statement, but with our way of writing JSON."""
    await session.driver.fetch(_enqueue(), [0], [name], [subject.encode()], [timedelta()], [None], [{}])


async def take_back(session: WriteSession, name: str, subject: str) -> bool:
    """The job leaves the queue, for the caller to do it. False where a service has taken it up."""
    return bool(await session.driver.fetch(_TAKE_BACK, name, subject.encode()))
