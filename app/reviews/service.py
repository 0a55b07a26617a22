"""The walidata decides: publish, or return with a reason; one revision, or many."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from app.access.rights import Actor
from app.audit.record import Action, record
from app.db import Row, WriteSession
from app.errors import Conflict, Fault, Forbidden, Invalid, NotFound, TitikError
from app.inbox import service as inbox
from app.nouns import NOUNS
from app.points.noun import POINT
from app.reviews import moving, queries
from app.reviews.queue import ReviewKind
from app.reviews.schemas import Decided
from app.wire import Lines, Wire
from app.workflow import table as workflow
from app.workflow.noun import ACTIONS, Noun, Publication
from app.workflow.table import Move

DECIDED_AT_ONCE = 500
RevisionIds = Annotated[list[Annotated[UUID, Field(strict=False)]], Field(min_length=1, max_length=DECIDED_AT_ONCE)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=1000, strip_whitespace=True), Lines]


class Decision(Wire):
    """The body of a decision; a reason is needed to return."""

    decision: Literal["publish", "return"]
    reason: Reason | None = None
    photos: Annotated[list[Annotated[UUID, Field(strict=False)]] | None, Field(max_length=2_500)] = None
    """The photos that are published with it; those that are not named stay with those who work on the point."""


class Decisions(Decision):
    """The same decision on many revisions."""

    revisions: RevisionIds
    kind: ReviewKind | None = None
    """What all of them are. Closings are decided on together only where this says `close`."""


class Acknowledging(Wire):
    """Changed verdicts that were looked at and may stay."""

    revisions: RevisionIds


class _Session:
    """What one transaction decides, of each noun what it publishes."""

    def __init__(self, session: WriteSession, actor: Actor) -> None:
        self.session, self.actor = session, actor
        self._publications: dict[str, Publication] = {}

    def publication(self, noun: Noun) -> Publication:
        return self._publications.setdefault(noun.kind, noun.publication(self.session, self.actor))

    async def finish(self) -> None:
        for publication in self._publications.values():
            await publication.finish()


async def decide(session: WriteSession, actor: Actor, revision: UUID, decision: Decision) -> Decided:
    """Publishes a revision of any noun, in both read halves at once, or returns it to its writer.

    `Forbidden` for one's own entry, `NotFound`, `Conflict` where it was decided or superseded meanwhile.
    """
    deciding = _Session(session, actor)
    decided = await _decide(deciding, revision, decision)
    if isinstance(decided, TitikError):
        raise decided
    await deciding.finish()
    return decided


async def decide_many(session: WriteSession, actor: Actor, decisions: Decisions) -> list[tuple[UUID, Decided | TitikError]]:
    """Each revision on its own: what became of it, or why nothing did. In the order of the request, each once."""
    deciding = _Session(session, actor)
    # In the order of their ids, so that two reviewers who share some of them never wait for each other in a circle.
    found = {revision: await _decide(deciding, revision, decisions, decisions) for revision in sorted(set(decisions.revisions))}
    await deciding.finish()
    return [(revision, found[revision]) for revision in dict.fromkeys(decisions.revisions)]


async def _decide(deciding: _Session, revision: UUID, decision: Decision, many: Decisions | None = None) -> Decided | TitikError:
    """Takes the revision out of the queue, with all that follows but the read halves; or says why that cannot be."""
    session, actor, move = deciding.session, deciding.actor, decision.decision
    actor.demand(ACTIONS[move])
    if move == "return" and decision.reason is None:
        raise Invalid(faults=[Fault("/reason", "reason-missing")])
    noun = await _hold(session, revision)
    if noun is None:
        return NotFound("revision-unknown")
    if refusal := await _why_not(session, actor, noun, revision, move, many):
        return refusal
    if move == "publish":
        await session.run(queries.SUPERSEDE_PUBLISHED[noun.kind], revision=revision)
    states = workflow.before(move)
    state = workflow.after(states[0], move)
    claimed = await session.first(
        queries.CLAIM[noun.kind], revision=revision, state=state, account_id=actor.id, reason=decision.reason, from_states=states
    )
    if claimed is None:
        return Conflict("revision-decided")
    if move == "publish":
        await deciding.publication(noun).add(claimed, decision.photos or ())
    else:
        await inbox.tell_of_revision(session, actor, "returned", noun, claimed)
    await moving.record_deed(session, actor, ACTIONS[move], noun, claimed)
    return _answer(noun, claimed)


def _answer(noun: Noun, claimed: Row) -> Decided:
    subject = str(claimed["subject"])
    answer: Decided = {"revision": str(claimed["id"]), "state": claimed["state"], "version": claimed["number"]}
    if noun is POINT:
        return {**answer, "point": subject}
    return {**answer, "subject_kind": noun.kind, "subject": subject}


async def _hold(session: WriteSession, revision: UUID) -> Noun | None:
    """Of which noun it is, with what it is a revision of locked: whoever decides on the same at the same time waits here."""
    for noun in NOUNS:
        if await session.value(queries.HOLD[noun.kind], revision=revision) is not None:
            return noun
    return None


async def _why_not(
    session: WriteSession, actor: Actor, noun: Noun, revision: UUID, move: Move, many: Decisions | None
) -> TitikError | None:
    """Looked at under the lock, so it is firm: what others have decided meanwhile is seen."""
    row = await session.one(queries.LOOK[noun.kind], revision=revision)
    if actor.id in (row["created_by"], row["brought_by"]):
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
        await record(
            session, Action.REVISION_ACKNOWLEDGE, row["point_id"], account_id=actor.id, kind=POINT.kind, kelurahan=kelurahan,
            category=row["category"], detail=detail, notify=False,
        )  # fmt: skip
    return [(revision, found[revision]) for revision in dict.fromkeys(acknowledging.revisions)]


async def _why_unseen(session: WriteSession, actor: Actor, revision: UUID) -> TitikError:
    row = await session.first(queries.LOOK[POINT.kind], revision=revision)
    if row is None:
        return NotFound("revision-unknown")
    return Forbidden("own-revision") if actor.id in (row["created_by"], row["brought_by"]) else Conflict("rejudgement-seen")
