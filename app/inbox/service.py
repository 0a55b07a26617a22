"""What an account is told: notices of its own, read when it says so."""

from typing import Any

from app.accounts.rights import Actor
from app.audit import Action
from app.db import Row, WriteSession
from app.inbox import queries

_SHOWN = ("id", "kind", "created_at", "read_at", "kelurahan", "kelurahan_name", "category", "point", "revision", "name", "state", "reason")


async def read(session: WriteSession, actor: Actor, before: int, limit: int) -> tuple[list[dict[str, Any]], int, int | None]:
    """A page of notices, the newest first; how many are unread; the id that the next page begins below."""
    actor.demand(Action.ME_READ)
    rows = await session.all(queries.NOTICES, account_id=actor.id, before=before, limit=limit + 1)
    unread: int = await session.value(queries.UNREAD, account_id=actor.id)
    return [_notice(row) for row in rows[:limit]], unread, rows[limit - 1]["id"] if len(rows) > limit else None


async def mark(session: WriteSession, actor: Actor, ids: list[int]) -> int:
    """Marks notices of one's own as read; how many are left."""
    actor.demand(Action.ME_CHANGE)
    await session.run(queries.MARK_READ, account_id=actor.id, ids=ids)
    unread: int = await session.value(queries.UNREAD, account_id=actor.id)
    return unread


def _notice(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in _SHOWN if row[name] is not None}
