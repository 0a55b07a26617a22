"""Bytes of photos that have no row any more, or never got one, go."""

from datetime import UTC, datetime, timedelta

from app.db import Database
from app.photos import queries
from app.photos.storing import Store, hash_of

YOUNG = timedelta(hours=1)


async def sweep(database: Database, store: Store, now: datetime | None = None) -> int:
    """How many files were removed. Alone with the store while it looks and removes: nobody writes a row for what is just going."""
    before, number = (now or datetime.now(UTC)) - YOUNG, 0
    async for names in store.names(before):
        hashes = {name: hash_of(name) for name in names}
        async with database.open_write() as session:
            await session.run(queries.ACT_AS_SYSTEM)
            await session.run(queries.SWEEPING)
            rows = await session.all(queries.KNOWN, hashes=[one for one in set(hashes.values()) if one is not None])
            known = {row["sha256"] for row in rows}
            gone = [name for name, sha256 in hashes.items() if sha256 not in known]
            if gone:
                await store.remove(gone)
        number += len(gone)
    return number
