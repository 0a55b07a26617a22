"""Jobs enter the queue, and leave it again. Who carries them out: `background/jobs.py`.

The tables are PgQueuer's, made by our migrations (docs/adr/0052-a-typed-door.md). What is written into them here is what the library writes for one job.
"""

from app.db import WriteSession
from app.statement import Statement

SCHEMA, CHANNEL = "queue", "titik_queue"
BOUNDARIES, CATEGORIES, IMPORTS = "boundaries", "category", "import"

# A trigger of the table tells the workers.
PUT = Statement[int]("""
    WITH job AS (
        INSERT INTO queue.pgqueuer (priority, entrypoint, payload, status)
        VALUES (0, :name, convert_to(:subject, 'UTF8'), 'queued')
        RETURNING id, entrypoint, priority
    ), logged AS (
        INSERT INTO queue.pgqueuer_log (job_id, status, entrypoint, priority) SELECT id, 'queued', entrypoint, priority FROM job
    )
    SELECT id FROM job
""")
TAKE_BACK = Statement[int | None]("""
    DELETE FROM queue.pgqueuer WHERE entrypoint = :name AND payload = convert_to(:subject, 'UTF8') AND status = 'queued' RETURNING id
""")


async def put(session: WriteSession, name: str, subject: str) -> None:
    """A job enters the queue when the transaction of `session` commits."""
    await session.value(PUT, name=name, subject=subject)


async def take_back(session: WriteSession, name: str, subject: str) -> bool:
    """The job leaves the queue, for the caller to do it. False where a service has taken it up."""
    return await session.value(TAKE_BACK, name=name, subject=subject) is not None
