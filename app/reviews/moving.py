"""The moves of a revision of any noun that its writer or the walidata makes outside of the queue: each is claimed by the database."""

from uuid import UUID

from app.access.rights import Actor
from app.audit.record import Action, record
from app.db import Row, WriteSession
from app.errors import Conflict
from app.inbox import service as inbox
from app.reviews import queries
from app.workflow import table as workflow
from app.workflow.noun import ACTIONS, Noun
from app.workflow.table import Move


async def submit(session: WriteSession, actor: Actor, noun: Noun, revision: UUID, state: str) -> None:
    """Sends a draft, or what was returned, to review. `Conflict` where it cannot be sent any more; `state`: that in which the actor saw it."""
    actor.demand(ACTIONS["submit"])
    claimed = await session.first(queries.SUBMIT[noun.kind], revision=revision, from_states=workflow.before("submit"))
    await _record(session, actor, "submit", noun, claimed, state)


async def withdraw(session: WriteSession, actor: Actor, noun: Noun, revision: UUID, state: str, reason: str | None) -> None:
    """Takes back what was not decided on."""
    await _end(session, actor, "withdraw", noun, revision, state, reason)


async def unpublish(session: WriteSession, actor: Actor, noun: Noun, revision: UUID, state: str, reason: str) -> None:
    """Takes what is public out of both read halves at once, and tells whoever looks after it."""
    claimed = await _end(session, actor, "unpublish", noun, revision, state, reason)
    await inbox.tell_of_revision(session, actor, "unpublished", noun, claimed)
    publication = noun.publication(session, actor)
    await publication.remove(claimed)
    await publication.finish()


async def _end(session: WriteSession, actor: Actor, move: Move, noun: Noun, revision: UUID, state: str, reason: str | None) -> Row:
    actor.demand(ACTIONS[move])
    ended = workflow.after(workflow.before(move)[0], move)
    claimed = await session.first(
        queries.END[noun.kind], revision=revision, state=ended, account_id=actor.id, reason=reason, from_states=workflow.before(move)
    )
    return await _record(session, actor, move, noun, claimed, state)


async def _record(session: WriteSession, actor: Actor, move: Move, noun: Noun, claimed: Row | None, state: str) -> Row:
    if claimed is None:
        raise Conflict("move-impossible", state=state)
    await record_deed(session, actor, ACTIONS[move], noun, claimed)
    return claimed


async def record_deed(session: WriteSession, actor: Actor, action: Action, noun: Noun, claimed: Row) -> None:
    """The deed on a revision as it was claimed, with the hash of what it says now."""
    await record(
        session, action, claimed["id"], account_id=actor.id, kind=noun.kind, kelurahan=claimed["kelurahan"], category=claimed["category"],
        detail={noun.kind: str(claimed["subject"]), "version": claimed["number"]}, hashed=noun.hashed,
    )  # fmt: skip
