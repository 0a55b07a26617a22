"""The walidata decides: publish, or return with a reason."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from app import audit
from app.accounts.rights import Actor
from app.audit import Action
from app.db import WriteSession
from app.errors import Conflict, Fault, Forbidden, Invalid, NotFound
from app.published import projection
from app.reviews import queries, workflow
from app.wire import Wire


class Decision(Wire):
    """The body of a decision; a reason is needed to return."""

    decision: Literal["publish", "return"]
    reason: Annotated[str | None, Field(min_length=1, max_length=1000)] = None


_ACTIONS: dict[workflow.Move, Action] = {"publish": Action.REVISION_PUBLISH, "return": Action.REVISION_RETURN}


async def decide(session: WriteSession, actor: Actor, revision: UUID, decision: Decision) -> dict[str, Any]:
    """Publishes a revision, in both read halves at once, or returns it to its writer.

    `Forbidden` for one's own entry, `NotFound`, `Conflict` where it was decided or superseded meanwhile.
    """
    move = decision.decision
    actor.demand(_ACTIONS[move])
    if move == "return" and decision.reason is None:
        raise Invalid(faults=[Fault("/reason", "reason-missing")])
    if move == "publish":
        await session.run(queries.SUPERSEDE_PUBLISHED, revision=revision)
    states = workflow.before(move)
    state = workflow.after(states[0], move)
    claimed = await session.first(
        queries.CLAIM, revision=revision, state=state, account_id=actor.id, reason=decision.reason, from_states=states
    )
    if claimed is None:
        raise await _why_not(session, actor, revision)
    if move == "publish":
        await session.run(queries.MOVE_POINT, point_id=claimed["point_id"], kelurahan=claimed["kelurahan"])
        await projection.publish(session, [claimed["point_id"]])
    await audit.record(
        session,
        _ACTIONS[move],
        revision,
        account_id=actor.id,
        kelurahan=claimed["kelurahan"],
        detail={"point": str(claimed["point_id"]), "version": claimed["number"]},
    )
    return {"revision": str(revision), "point": str(claimed["point_id"]), "state": state, "version": claimed["number"]}


async def _why_not(session: WriteSession, actor: Actor, revision: UUID) -> Exception:
    row = await session.first(queries.LOOK, revision=revision)
    if row is None:
        return NotFound("revision-unknown")
    if row["created_by"] == actor.id:
        return Forbidden("own-revision")
    return Conflict("revision-decided", members={"state": row["state"]}, state=row["state"])
