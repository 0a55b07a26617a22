"""The other moves of a point: submitting a draft or a returned revision, withdrawing, closing, taking out of publication."""

from collections.abc import Sequence
from typing import Any, Literal, cast
from uuid import UUID

from app import audit
from app.accounts.rights import Actor
from app.audit import Action
from app.db import Row, WriteSession
from app.errors import Conflict, Fault, Invalid, NotFound
from app.inbox import queries as inbox
from app.points import history, service
from app.points import queries as points
from app.points.schemas import as_sent, content_hash, work_feature
from app.points.service import Asked, Written
from app.published import projection
from app.reviews import queries, workflow
from app.reviews.schemas import Entry, PointAsItIs, Revisions
from app.reviews.service import Reason
from app.wire import Wire, shown


class Moving(Wire):
    """The body of a move; a reason is needed to take a point out of publication."""

    move: Literal["submit", "withdraw", "close", "unpublish"]
    reason: Reason | None = None


async def move(session: WriteSession, actor: Actor, point_id: UUID, moving: Moving, asked: Asked) -> dict[str, Any]:
    """Carries out a move and gives the Feature as it is then. `NotFound`, `Forbidden`, `Conflict` where its state does not allow it."""
    if moving.move == "unpublish":
        actor.demand(Action.REVISION_UNPUBLISH)
    content = content_hash("move", str(point_id), moving.move, moving.reason)
    if asked.key is not None and (earlier := await service.answered_before(session, actor, asked.key, content, point_id)):
        return earlier.feature or {}
    if moving.move == "unpublish":
        return await _unpublish(session, actor, point_id, moving.reason, asked)
    current = await service.hold(session, None, point_id, asked.versions)
    if moving.move == "close":
        _demand_public(await _public(session, point_id), current)
        return (await service.close(session, actor, current, moving.reason, asked)).feature or {}
    if moving.move == "submit":
        actor.demand(Action.REVISION_SUBMIT)
        await service.check_again(session, actor, current)
        claimed = await session.first(queries.SUBMIT, revision=current["revision"], from_states=workflow.before("submit"))
        await _record(session, actor, Action.REVISION_SUBMIT, current["revision"], claimed, current["state"])
    else:
        await _withdraw(session, actor, current, moving.reason)
    state = "submitted" if moving.move == "submit" else "withdrawn"
    await service.settle(session, actor, asked.key, current["version"], state)
    return work_feature({**current, "state": state})


async def remove(session: WriteSession, actor: Actor, collection: str, point_id: UUID, asked: Asked, reason: str | None = None) -> Written:
    """`DELETE`: of a point that was never published, or is public no longer, the withdrawal (no Feature); else the proposal to close it."""
    content = content_hash("delete", str(point_id))
    if asked.key is not None and (earlier := await service.answered_before(session, actor, asked.key, content, point_id)):
        return earlier
    current = await service.hold(session, collection, point_id, asked.versions)
    if await _public(session, point_id):
        return await service.close(session, actor, current, reason, asked)
    await _withdraw(session, actor, current, reason)
    return Written(None, created=False)


async def _withdraw(session: WriteSession, actor: Actor, current: Row, reason: str | None) -> None:
    actor.demand(Action.REVISION_WITHDRAW)
    claimed = await session.first(
        queries.END,
        revision=current["revision"], state="withdrawn", account_id=actor.id, reason=reason, from_states=workflow.before("withdraw"),
    )  # fmt: skip
    await _record(session, actor, Action.REVISION_WITHDRAW, current["revision"], claimed, current["state"])


async def _unpublish(session: WriteSession, actor: Actor, point_id: UUID, reason: str | None, asked: Asked) -> dict[str, Any]:
    """At once, without a second pair of eyes: what is wrong in public must not wait. What is open of the point stays open."""
    if reason is None:
        raise Invalid(faults=[Fault("/reason", "reason-missing")])
    current = await service.hold(session, None, point_id, asked.versions)
    revision = await _public(session, point_id)
    _demand_public(revision, current)
    claimed = await session.first(
        queries.END,
        revision=revision, state="unpublished", account_id=actor.id, reason=reason, from_states=workflow.before("unpublish"),
    )  # fmt: skip
    await _record(session, actor, Action.REVISION_UNPUBLISH, revision, claimed, current["state"])
    await session.run(inbox.TELL, revision=revision, kind="unpublished", account_id=actor.id)
    await projection.remove(session, [point_id])
    left = await points.newest(session, None, point_id) or current
    await service.settle(session, actor, asked.key, left["version"], left["state"])
    return work_feature(left)


async def _public(session: WriteSession, point_id: UUID) -> UUID | None:
    revision: UUID | None = await session.value(queries.PUBLISHED, point_id=point_id)
    return revision


def _demand_public(revision: UUID | None, current: Row) -> None:
    if revision is None:
        raise Conflict("move-impossible", state=current["state"])


async def _record(session: WriteSession, actor: Actor, action: Action, revision: UUID | None, claimed: Row | None, state: str) -> None:
    if claimed is None:
        raise Conflict("move-impossible", state=state)
    detail: dict[str, object] = {"point": str(claimed["point_id"]), "version": claimed["number"]}
    await audit.record(session, action, revision, account_id=actor.id, kelurahan=claimed["kelurahan"], detail=detail, hashed="revision")


async def read_point(session: WriteSession, point_id: UUID) -> PointAsItIs:
    """A point and its newest revision. `NotFound` where the actor sees none, or the last one was withdrawn."""
    newest = await points.newest(session, None, point_id)
    point = await session.first(points.POINT, point_id=point_id)
    if newest is None or point is None:
        raise NotFound("point-unknown")
    return {
        "point": str(point_id),
        "category": point["category"],
        "status": point["status"],
        "kelurahan": point["kelurahan"],
        "kelurahan_name": point["kelurahan_name"],
        "successors": [str(one) for one in point["successors"]],
        "public": point["public"],
        "open": point["open"],
        "feature": as_sent(work_feature(newest)),
    }


async def read_history(session: WriteSession, point_id: UUID, before: int, limit: int) -> tuple[Revisions, int | None]:
    """The revisions of a point that the actor may see, the newest first, each with what differs from the one before it; and the
    number that the next page begins below. `NotFound` where the actor sees no such point.
    """
    point = await session.first(points.POINT, point_id=point_id)
    if point is None:
        raise NotFound("point-unknown")
    rows: Sequence[Row] = await session.all(points.HISTORY, point_id=point_id, before=before, limit=limit + 1)
    entries = []
    for row, previous in zip(rows[:limit], [*rows[1:], None], strict=False):
        changes = history.differences(previous, row) if previous is not None else []
        entries.append(shown(Entry, {**row, "revision": str(row["revision"]), "verdict": row["placement"]["verdict"], "changes": changes}))
    answer: Revisions = {
        "point": str(point_id),
        "category": point["category"],
        "status": point["status"],
        "successors": [str(one) for one in point["successors"]],
        "revisions": entries,
        "numberReturned": len(entries),
    }
    return cast("Revisions", as_sent(answer)), rows[limit - 1]["version"] if len(rows) > limit else None
