"""The items of a category follow its definition: within the transaction of the change, or, where they are many, in steps after it. What
is to be seen no longer is not seen from that transaction on in either case (docs/adr/0048).
"""

from uuid import UUID

from app.background import queueing
from app.db import WriteSession
from app.definitions import queries
from app.definitions.comparing import ItemShape, cut_between
from app.published.projection import REBUILT_AT_ONCE, publish

AT_ONCE = 10_000
"""So many published points are made anew within the transaction of the change."""
STEP = 200
"""So many in a step: nobody who publishes, or hides a field, waits long for it."""
FIRST = UUID(int=0)


async def follow(session: WriteSession, category: str, before: ItemShape, after: ItemShape, total: int) -> None:
    """The caller has the collections alone. `total`: how many published points there are."""
    cut = cut_between(before, after)
    if total <= AT_ONCE:
        last = FIRST
        while batch := await _batch(session, category, last):
            await _make_anew(session, batch)
            last = batch[-1]
        await session.run(queries.END_STEPS, category=category)
    else:
        await session.run(
            queries.BEGIN_STEPS,
            category=category,
            attributes=sorted(after.attributes),
            public_hidden=sorted(after.not_public),
            internal_hidden=sorted(after.restricted),
            public_cut=sorted(cut.public),
            internal_cut=sorted(cut.internal),
            withheld=cut.withheld,
            total=total,
        )
        await queueing.put(session, queueing.CATEGORIES, category)
    await session.run(queries.HIDE_PHOTOS, category=category)
    if cut.public or cut.withheld:
        await session.run(queries.CUT_EVENTS, category=category)


async def step(session: WriteSession, category: str) -> bool:
    """Makes the next items anew, in the transaction of `session`. False where none are left: then what was hidden by views is hidden by itself."""
    await session.run(queries.ACT_AS_SYSTEM)
    await session.run(queries.JOIN_PUBLISHERS)
    steps = await session.first(queries.STEPS_HELD, category=category)
    if steps is None:
        return False
    batch = await _batch(session, category, steps["after"], STEP)
    if not batch:
        await session.run(queries.END_STEPS, category=category)
        for statement in queries.BUMP:
            await session.run(statement, category=category)
        return False
    await _make_anew(session, batch)
    await session.run(queries.MOVE_ON, category=category, after=batch[-1], number=len(batch))
    return True


async def _batch(session: WriteSession, category: str, after: UUID, size: int = REBUILT_AT_ONCE) -> list[UUID]:
    return [row["id"] for row in await session.all(queries.BATCH, category=category, after=after, size=size)]


async def _make_anew(session: WriteSession, points: list[UUID]) -> None:
    await publish(session, points)
    await session.run(queries.WITHDRAW, points=points)
