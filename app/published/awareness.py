"""Which state of the categories the workers know. Each holds a shared advisory lock on that state with the connection by which it listens; a
change waits until nobody holds an older one. So the answer to a change is the end of every worker's old answers.
"""

import asyncio
import time
from typing import Any, Protocol

from app.statement import Statement

WAITED_S, LOOKED_EVERY_S = 5.0, 0.02
_CLASS = 0x7469746B
_NUMBERS = 2**31

TELL = Statement("SELECT pg_advisory_lock_shared(CAST(:class AS int), CAST(:state AS int))")
FORGET = Statement("SELECT pg_advisory_unlock_shared(CAST(:class AS int), CAST(:state AS int))")
PRESENT = Statement("SELECT coalesce(sum(version), 0) FROM titik.category")
BEHIND = Statement("""
    SELECT EXISTS (SELECT FROM pg_locks l
                    WHERE l.locktype = 'advisory' AND l.classid = CAST(:class AS bigint)::oid AND l.objsubid = 2 AND l.granted
                      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND l.objid::bigint < CAST(:state AS bigint))
""")


class _Asker(Protocol):
    async def value(self, statement: Statement, **named: object) -> Any: ...


async def tell(session: _Asker, before: int | None, now: int) -> None:
    """This worker knows the state `now` and answers from `before` no more. States are sums of the versions of all categories."""
    if before == now:
        return
    await session.value(TELL, **{"class": _CLASS, "state": now % _NUMBERS})
    if before is not None:
        await session.value(FORGET, **{"class": _CLASS, "state": before % _NUMBERS})


async def all_know(session: _Asker) -> bool:
    """Waits until every worker knows the categories as they are now. False where one does not within `WAITED_S`: it has lost sight of the
    database, and soon answers from memory no more.
    """
    state = int(await session.value(PRESENT)) % _NUMBERS
    until = time.monotonic() + WAITED_S
    while await session.value(BEHIND, **{"class": _CLASS, "state": state}):
        if time.monotonic() > until:
            return False
        await asyncio.sleep(LOOKED_EVERY_S)
    return True
