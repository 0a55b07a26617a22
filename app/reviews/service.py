"""The walidata decides: publish, or return with a reason; one revision, or many."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from app import audit
from app.accounts.rights import Actor
from app.audit import Action
from app.db import Row, WriteSession
from app.errors import Conflict, Fault, Forbidden, Invalid, NotFound, TitikError
from app.inbox import queries as inbox
from app.points.queries import SUPERSEDE_OPEN
from app.published import projection
from app.published.projection import Changes
from app.reviews import queries, workflow
from app.reviews.queue import Kind
from app.reviews.schemas import Decided
from app.wire import Lines, Wire

DECIDED_AT_ONCE = 500
Revisions = Annotated[list[Annotated[UUID, Field(strict=False)]], Field(min_length=1, max_length=DECIDED_AT_ONCE)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=1000, strip_whitespace=True), Lines]


class Decision(Wire):
    """The body of a decision; a reason is needed to return."""

    decision: Literal["publish", "return"]
    reason: Reason | None = None
    photos: Annotated[list[Annotated[UUID, Field(strict=False)]] | None, Field(max_length=2_500)] = None
    """The photos that are published with it; those that are not named stay with those who work on the point."""


class Decisions(Decision):
    """The same decision on many revisions."""

    revisions: Revisions
    kind: Kind | None = None
    """What all of them are. Closings are decided on together only where this says `close`."""


class Acknowledging(Wire):
    """Changed verdicts that were looked at and may stay."""

    revisions: Revisions


_ACTIONS: dict[workflow.Move, Action] = {"publish": Action.REVISION_PUBLISH, "return": Action.REVISION_RETURN}


async def decide(session: WriteSession, actor: Actor, revision: UUID, decision: Decision) -> Decided:
    """Publishes a revision, in both read halves at once, or returns it to its writer.

    `Forbidden` for one's own entry, `NotFound`, `Conflict` where it was decided or superseded meanwhile.
    """
    changes = Changes()
    claimed = await _claim(session, actor, revision, decision, changes)
    if isinstance(claimed, TitikError):
        raise claimed
    await projection.follow(session, changes)
    return _answer(revision, claimed)


async def decide_many(session: WriteSession, actor: Actor, decisions: Decisions) -> list[tuple[UUID, Decided | TitikError]]:
    """Each revision on its own: what became of it, or why nothing did. In the order of the request, each once."""
    results: list[tuple[UUID, Decided | TitikError]] = []
    changes = Changes()
    for revision in sorted(set(decisions.revisions)):
        # In the order of their ids, so that two reviewers who share some of them never wait for each other in a circle.
        claimed = await _claim(session, actor, revision, decisions, changes, decisions)
        results.append((revision, claimed if isinstance(claimed, TitikError) else _answer(revision, claimed)))
    await projection.follow(session, changes)
    found = dict(results)
    return [(revision, found[revision]) for revision in dict.fromkeys(decisions.revisions)]


def _answer(revision: UUID, claimed: Row) -> Decided:
    return {"revision": str(revision), "point": str(claimed["point_id"]), "state": claimed["state"], "version": claimed["number"]}


async def _claim(
    session: WriteSession, actor: Actor, revision: UUID, decision: Decision, changes: Changes, many: Decisions | None = None
) -> Row | TitikError:
    """Takes the revision out of the queue, with all that follows but the read halves, whose share it adds to `changes`; or says
    why that cannot be.
    """
    move = decision.decision
    actor.demand(_ACTIONS[move])
    if move == "return" and decision.reason is None:
        raise Invalid(faults=[Fault("/reason", "reason-missing")])
    if refusal := await _why_not(session, actor, revision, move, many):
        return refusal
    if move == "publish":
        await session.run(queries.SUPERSEDE_PUBLISHED, revision=revision)
    states = workflow.before(move)
    state = workflow.after(states[0], move)
    claimed = await session.first(
        queries.CLAIM, revision=revision, state=state, account_id=actor.id, reason=decision.reason, from_states=states
    )
    if claimed is None:
        return Conflict("revision-decided")
    if move == "publish":
        (changes.ended if claimed["status"] in ("moved", "closed") else changes.public).append(claimed["point_id"])
        changes.ended += await _settle(session, actor, claimed)
        if decision.photos:
            await _approve(session, actor, claimed, decision.photos)
    else:
        await session.run(inbox.TELL, revision=revision, kind="returned", account_id=actor.id)
    await audit.record(
        session,
        _ACTIONS[move],
        revision,
        account_id=actor.id,
        kelurahan=claimed["kelurahan"],
        detail={"point": str(claimed["point_id"]), "version": claimed["number"]},
        hashed="revision",
    )
    return claimed


async def _approve(session: WriteSession, actor: Actor, claimed: Row, photos: list[UUID]) -> None:
    """Of these photos those of the point; which they were is in the record alone."""
    actor.demand(Action.PHOTO_PUBLISH)
    rows = await session.all(queries.APPROVE_PHOTOS, point_id=claimed["point_id"], photos=photos, account_id=actor.id)
    if rows:
        detail: dict[str, object] = {"photos": [str(row["id"]) for row in rows]}
        kelurahan: str = claimed["kelurahan"]
        await audit.record(
            session, Action.PHOTO_PUBLISH, claimed["point_id"], account_id=actor.id, kelurahan=kelurahan, detail=detail, told=False
        )  # fmt: skip


async def _settle(session: WriteSession, actor: Actor, claimed: Row) -> list[UUID]:
    """What publishing makes of the point and of those that it takes over from; the points that it ends."""
    point: UUID = claimed["point_id"]
    await session.run(queries.SETTLE_POINT, point_id=point, kelurahan=claimed["kelurahan"], status=claimed["status"])
    if not claimed["predecessors"]:
        return []
    rows = await session.all(queries.END_PREDECESSORS, predecessors=claimed["predecessors"], succession=claimed["succession"])
    ended: list[UUID] = [row["id"] for row in rows]
    if ended:
        await session.run(SUPERSEDE_OPEN, points=ended)
    for row in rows:
        detail = {"point": str(row["id"]), "status": row["status"], "successor": str(point)}
        await audit.record(session, Action.REVISION_PUBLISH, row["id"], account_id=actor.id, kelurahan=row["kelurahan"], detail=detail)
    return ended


async def _why_not(session: WriteSession, actor: Actor, revision: UUID, move: workflow.Move, many: Decisions | None) -> TitikError | None:
    """Looked at under a lock: whoever decides on the same point at the same time waits here, and then sees what was decided."""
    await session.run(queries.HOLD, revision=revision)
    row = await session.first(queries.LOOK, revision=revision)
    if row is None:
        return NotFound("revision-unknown")
    if row["created_by"] == actor.id:
        return Forbidden("own-revision")
    if row["state"] not in workflow.before(move):
        return Conflict("revision-decided", members={"state": row["state"]})
    if many is not None and many.kind is None and row["kind"] == "close":
        return Conflict("closing-unnamed", members={"kind": "close"})
    if many is not None and many.kind not in (None, row["kind"]):
        return Conflict("kind-differs", members={"kind": row["kind"]}, wanted=many.kind, found=row["kind"])
    return None


async def acknowledge(session: WriteSession, actor: Actor, acknowledging: Acknowledging) -> list[tuple[UUID, TitikError | None]]:
    """Ticks off changed verdicts, each on its own: None, or why that cannot be. In the order of the request, each once."""
    actor.demand(Action.REVISION_ACKNOWLEDGE)
    found: dict[UUID, TitikError | None] = {}
    for revision in sorted(set(acknowledging.revisions)):
        row = await session.first(queries.ACKNOWLEDGE, revision=revision, account_id=actor.id)
        if row is None:
            found[revision] = await _why_unseen(session, actor, revision)
            continue
        found[revision] = None
        # Of the point, as what is said of its photos: the last deed on a revision is the one that its state follows from.
        detail: dict[str, object] = {"revision": str(revision), "changes": row["changes"]}
        kelurahan: str = row["kelurahan"]
        await audit.record(
            session, Action.REVISION_ACKNOWLEDGE, row["point_id"], account_id=actor.id, kelurahan=kelurahan, detail=detail, told=False
        )  # fmt: skip
    return [(revision, found[revision]) for revision in dict.fromkeys(acknowledging.revisions)]


async def _why_unseen(session: WriteSession, actor: Actor, revision: UUID) -> TitikError:
    row = await session.first(queries.LOOK, revision=revision)
    if row is None:
        return NotFound("revision-unknown")
    return Forbidden("own-revision") if row["created_by"] == actor.id else Conflict("rejudgement-seen")
