"""What an account is told: notices of its own, read when it says so."""

from app.access.rights import Actor
from app.audit.record import Action
from app.db import Row, WriteSession
from app.inbox import queries
from app.inbox.kinds import KINDS, NoticeKind
from app.inbox.schemas import Notice
from app.nouns import OF_KIND
from app.points.noun import POINT
from app.wire import answer_from
from app.workflow.noun import Noun


async def tell(session: WriteSession, kind: NoticeKind, **about: object) -> None:
    """Tells whoever a kind is for. `about` is what their statement takes (`queries.TELL`)."""
    await session.run(queries.TELL[KINDS[kind].told], kind=kind, **about)


async def tell_of_account(session: WriteSession, actor: Actor | None, kind: NoticeKind, about_id: int) -> None:
    """Tells an account, and every administrator but the actor (None: an operator at the command line), what was done to it: power that
    somebody gets unseen is power that somebody may have stolen.
    """
    await tell(session, kind, about_id=about_id, account_id=actor.id if actor else None)


async def tell_of_revision(session: WriteSession, actor: Actor, kind: NoticeKind, noun: Noun, claimed: Row) -> None:
    """Tells what the actor has done with a revision, as the database has claimed it for them."""
    await tell(
        session, kind, subject_kind=noun.kind, revision=claimed["id"], kelurahan=claimed["kelurahan"],
        category=claimed["category"], held_by=claimed["held_by"], account_id=actor.id,
    )  # fmt: skip


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
    if KINDS[notice["kind"]].about == "report":
        return f"reports/{notice['report']}" if "report" in notice else None
    noun = OF_KIND.get(notice.get("subject_kind", ""))
    if noun is None or "subject" not in notice:
        return None
    return noun.path.format(category=notice.get("category"), subject=notice["subject"])


def _notice(row: Row) -> Notice:
    return answer_from(Notice, {**row, "point": row["subject"] if row["subject_kind"] == POINT.kind else None})
