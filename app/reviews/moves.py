"""The other moves of a point: submitting a draft or a returned revision, withdrawing, confirming, closing, taking out of publication."""

from collections.abc import Sequence
from typing import Any, Literal, cast
from uuid import UUID

from app.access.rights import Actor
from app.audit.record import Action
from app.db import Row, WriteSession
from app.errors import Conflict, Fault, Invalid, NotFound
from app.points import history, service
from app.points import queries as points
from app.points.noun import POINT
from app.points.schemas import as_sent, content_hash, work_feature
from app.points.service import WriteOptions, WriteResult
from app.reviews import moving, queries
from app.reviews.schemas import Entry, PointAsItIs, PointState, PointStates, Revisions
from app.reviews.service import Reason
from app.wire import Wire, answer_from


class Moving(Wire):
    """The body of a move; a reason is needed to take a point out of publication."""

    move: Literal["submit", "withdraw", "confirm", "close", "unpublish"]
    reason: Reason | None = None


async def move(session: WriteSession, actor: Actor, point_id: UUID, wanted: Moving, options: WriteOptions) -> dict[str, Any]:
    """Carries out a move and gives the Feature as it is then. `NotFound`, `Forbidden`, `Conflict` where its state does not allow it."""
    if wanted.move == "unpublish":
        actor.demand(Action.REVISION_UNPUBLISH)
    content = content_hash("move", str(point_id), wanted.move, wanted.reason)
    if options.key is not None and (earlier := await service.answered_before(session, actor, options.key, content, point_id)):
        return earlier.feature or {}
    if wanted.move == "unpublish":
        return await _unpublish(session, actor, point_id, wanted.reason, options)
    current = await service.hold(session, None, point_id, options.versions)
    if wanted.move == "confirm":
        _demand_public(await _public(session, point_id), current)
        return (await service.confirm(session, actor, current, options)).feature or {}
    if wanted.move == "close":
        _demand_public(await _public(session, point_id), current)
        return (await service.close(session, actor, current, wanted.reason, options)).feature or {}
    if wanted.move == "submit":
        actor.demand(Action.REVISION_SUBMIT)
        await service.check_again(session, actor, current)
        await moving.submit(session, actor, POINT, current["revision"], current["state"])
    else:
        await moving.withdraw(session, actor, POINT, current["revision"], current["state"], wanted.reason)
    state = "submitted" if wanted.move == "submit" else "withdrawn"
    await service.settle(session, actor, options.key, current["version"], state)
    return work_feature({**current, "state": state})


async def remove(
    session: WriteSession, actor: Actor, category: str | None, point_id: UUID, options: WriteOptions, reason: str | None = None
) -> WriteResult:
    """`DELETE`: of a point that was never published, or is public no longer, the withdrawal (no Feature); else the proposal to close it."""
    content = content_hash("delete", str(point_id))
    if options.key is not None and (earlier := await service.answered_before(session, actor, options.key, content, point_id)):
        return earlier
    current = await service.hold(session, category, point_id, options.versions)
    if await _public(session, point_id):
        return await service.close(session, actor, current, reason, options)
    await moving.withdraw(session, actor, POINT, current["revision"], current["state"], reason)
    return WriteResult(None, created=False)


async def _unpublish(session: WriteSession, actor: Actor, point_id: UUID, reason: str | None, options: WriteOptions) -> dict[str, object]:
    """At once, without a second pair of eyes: what is wrong in public must not wait. What is open of the point stays open."""
    if reason is None:
        raise Invalid(faults=[Fault("/reason", "reason-missing")])
    current = await service.hold(session, None, point_id, options.versions)
    revision = _demand_public(await _public(session, point_id), current)
    await moving.unpublish(session, actor, POINT, revision, current["state"], reason)
    left = await points.newest(session, None, point_id) or current
    await service.settle(session, actor, options.key, left["version"], left["state"])
    return work_feature(left)


async def _public(session: WriteSession, point_id: UUID) -> UUID | None:
    revision: UUID | None = await session.value(queries.PUBLISHED, point_id=point_id)
    return revision


def _demand_public(revision: UUID | None, current: Row) -> UUID:
    if revision is None:
        raise Conflict("move-impossible", state=current["state"])
    return revision


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


async def read_states(session: WriteSession, point_ids: Sequence[UUID]) -> PointStates:
    """Of those of them that the actor sees, in the order of their ids."""
    rows = await session.all(points.STATES, points=list(point_ids))
    return {"states": [answer_from(PointState, {**row, "point": str(row["point"])}) for row in rows]}


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
        entries.append(
            answer_from(Entry, {**row, "revision": str(row["revision"]), "verdict": row["placement"]["verdict"], "changes": changes})
        )
    answer: Revisions = {
        "point": str(point_id),
        "category": point["category"],
        "status": point["status"],
        "successors": [str(one) for one in point["successors"]],
        "revisions": entries,
        "numberReturned": len(entries),
    }
    return cast("Revisions", as_sent(answer)), rows[limit - 1]["version"] if len(rows) > limit else None
