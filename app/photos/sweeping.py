"""Bytes of photos that have no row any more, or never got one, go."""

from datetime import UTC, datetime, timedelta

from app.connections import connected
from app.photos import queries
from app.photos.storing import hash_of
from app.settings import Settings
from app.storage.blobs import Store

YOUNG = timedelta(hours=1)
TIMEOUT_S = 60.0


async def sweep(settings: Settings, store: Store, now: datetime | None = None) -> int:
    """How many files were removed. Whoever writes a row meanwhile is not waited for, and does not wait: see `queries.SWEEPING`. The place is
    asked outside of transactions, however long it takes.
    """
    before, number = (now or datetime.now(UTC)) - YOUNG, 0
    async with connected(settings.service_dsn, TIMEOUT_S) as begin:
        async for names in store.names(before):
            hashes = {name: hash_of(name) for name in names}
            named = sorted({one for one in hashes.values() if one is not None})
            async with begin() as session:
                await session.run(queries.ACT_AS_SYSTEM)
                ours = {row["sha256"] for row in await session.all(queries.SWEEPING, hashes=named)}
                known = {row["sha256"] for row in await session.all(queries.KNOWN, hashes=named)}
            gone = [name for name, sha256 in hashes.items() if sha256 is None or sha256 in ours - known]
            if gone:
                await store.remove(gone)
            async with begin() as session:
                await session.run(queries.SWEPT)
            number += len(gone)
    return number
