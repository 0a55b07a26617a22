"""What an account is told: notices of its own, read when it says so."""

from app.accounts.rights import Actor
from app.audit import Action
from app.db import WriteSession
from app.inbox import queries
from app.inbox.schemas import Notice
from app.wire import shown


async def read(session: WriteSession, actor: Actor, before: int, limit: int) -> tuple[list[Notice], int, int | None]:
    """A page of notices, the newest first; how many are unread; the id that the next page begins below."""
    actor.demand(Action.ME_READ)
    rows = await session.all(queries.NOTICES, account_id=actor.id, before=before, limit=limit + 1)
    unread: int = await session.value(queries.UNREAD, account_id=actor.id)
    return [shown(Notice, row) for row in rows[:limit]], unread, rows[limit - 1]["id"] if len(rows) > limit else None


async def mark(session: WriteSession, actor: Actor, ids: list[int]) -> int:
    """Marks notices of one's own as read; how many are left."""
    actor.demand(Action.ME_CHANGE)
    await session.run(queries.MARK_READ, account_id=actor.id, ids=ids)
    unread: int = await session.value(queries.UNREAD, account_id=actor.id)
    return unread
