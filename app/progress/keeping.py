"""The counts of what is worked on: folded by the hour, and held against what they count."""

from app.db import Database, WriteSession
from app.progress import queries

BATCH = 20_000


async def fold(database: Database) -> int:
    """Adds to the counts what writers have left beside them, some at a time; how many rows that were."""
    total = 0
    while True:
        async with database.open_write() as session:
            number = await session.value(queries.FOLD, batch=BATCH)
        total += number
        if number < BATCH:
            return total


async def rebuild(session: WriteSession) -> int:
    """How many counts were not what they count, and are now. As the owner of the tables: row-level security hides from others what is not theirs."""
    return await session.value(queries.MEND)
