"""What an account is told: notices of its own, read when it says so."""

from app.access.rights import Actor
from app.audit.record import Action
from app.db import Row, WriteSession
from app.inbox import queries
from app.inbox.schemas import Notice
from app.nouns import OF_KIND
from app.points.noun import POINT
from app.wire import answer_from


async def read(session: WriteSession, actor: Actor, before: int, limit: int) -> tuple[list[Notice], int, int | None]:
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


def path_of(notice: Notice) -> str | None:
    """Where what it is about is read, if there is such a place."""
    if "report" in notice:
        return f"reports/{notice['report']}"
    noun = OF_KIND.get(notice.get("subject_kind", ""))
    if noun is None or "subject" not in notice:
        return None
    return noun.path.format(category=notice.get("category"), subject=notice["subject"])


def _notice(row: Row) -> Notice:
    return answer_from(Notice, {**row, "point": row["subject"] if row["subject_kind"] == POINT.kind else None})
