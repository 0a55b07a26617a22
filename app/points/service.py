"""Points change here: a new one, a change to one, that it is still as it is, its closing. Each is a revision that goes to review, or is kept as a draft."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from app import idempotency
from app.access.rights import Actor
from app.audit.record import Action
from app.categories import queries as categories
from app.categories.rules import Category
from app.common_fields import CONTENT
from app.db import Row, WriteSession
from app.errors import Conflict, Fault, Invalid, NotFound, Stale
from app.idempotency import Earlier
from app.placement.rules import Placement, is_same_place
from app.points import history, queries
from app.points.judging import judge, stored
from app.points.likeness import look_alike
from app.points.personal import PERSONAL, personal_fields
from app.points.rules import CLOCK_AHEAD, REJUDGED, UNCONDITIONAL, clock
from app.points.schemas import Proposal, as_sent, content_hash, merge_patch, read_proposal, without_decided, work_feature
from app.statement import Statement
from app.uuid7 import uuid7


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """What a request says beside its body: only keep it (`draft`), the key by which a repetition is known, the versions of `If-Match`
    (None: there is none; empty: whatever there is); `flags` for the reviewer of what was noticed of it already.
    """

    draft: bool = False
    key: str | None = None
    versions: Sequence[int] | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WriteResult:
    """The Feature as it is now; `created` is False where the request had been carried out before, or changes nothing."""

    feature: dict[str, Any] | None
    created: bool


AS_IT_IS = WriteOptions()


async def submit(
    session: WriteSession, actor: Actor, category_id: str | None, body: Mapping[str, object], options: WriteOptions = AS_IT_IS
) -> WriteResult:
    """A new point goes to review, or is kept as a draft. `category_id` None: the body names its category.

    `Forbidden` for a foreign kelurahan, `Invalid` for its content, `Misplaced` where it lies beyond tolerance without
    a reason, `Conflict` where its id belongs to another point or other content, or such a point is there already.
    """
    actor.demand(Action.POINT_DRAFT if options.draft else Action.POINT_SUBMIT)
    category = await _category(session, actor, category_id, body)
    proposal = read_proposal(body, category, datetime.now(UTC))
    if options.draft:
        proposal = proposal._replace(content_sha256=content_hash("draft", category.id, body))
    point_id = proposal.id or uuid7()
    if options.key is not None and (earlier := await answered_before(session, actor, options.key, proposal.content_sha256, point_id)):
        return earlier
    if proposal.id is not None and (earlier := await _same_again(session, proposal, point_id)):
        return earlier
    revision, placement = await _revision(session, actor, category, proposal, point_id, options)
    action = Action.POINT_DRAFT if options.draft else Action.POINT_SUBMIT
    number = await _store(session, queries.STORE_NEW, actor, action, revision, placement)
    if number is None:
        # Somebody was faster with this id: the same phone trying again, or a stranger.
        if earlier := await _same_again(session, proposal, point_id):
            return earlier
        raise Conflict("id-taken")
    await settle(session, actor, options.key, number)
    return WriteResult(work_feature(_as_read(revision, placement, number)), created=True)


async def replace_content(
    session: WriteSession, actor: Actor, category_id: str | None, point_id: UUID, body: Mapping[str, object], options: WriteOptions
) -> WriteResult:
    """The point as it shall be (PUT): a new revision, which takes the place of the open one; what is published stays until it is decided.

    `NotFound` where the actor sees no such point, `Stale` where it has changed since it was read, and as `submit`.
    """
    return await _change(session, actor, category_id, point_id, options, body, lambda _: body)


async def patch_content(
    session: WriteSession, actor: Actor, category_id: str | None, point_id: UUID, patch: Mapping[str, object], options: WriteOptions
) -> WriteResult:
    """As `replace_content`, by a JSON merge patch (RFC 7396) on the Feature as its holder reads it."""
    return await _change(session, actor, category_id, point_id, options, patch, lambda feature: merge_patch(feature, patch))


async def _change(
    session: WriteSession, actor: Actor, category_id: str | None, point_id: UUID, options: WriteOptions, sent: Mapping[str, object],
    made_of: Callable[[dict[str, object]], Mapping[str, object]],
) -> WriteResult:  # fmt: skip
    actor.demand(Action.POINT_CHANGE)
    content = content_hash("change", str(point_id), options.draft, sent)
    if options.key is not None and (earlier := await answered_before(session, actor, options.key, content, point_id)):
        return earlier
    current = await hold(session, category_id, point_id, options.versions)
    feature = as_sent(work_feature(current))
    category = await categories.get(session, current["category"], actor.categories)
    wanted = made_of(feature)
    if UNCONDITIONAL in options.flags:
        # It was read at some other time: what the server has decided since then is not its writer's to know.
        wanted = without_decided(wanted)
    proposal = read_proposal(wanted, category, datetime.now(UTC), feature)
    if proposal.id not in (None, point_id):
        raise Invalid(faults=[Fault("/id", "id-differs")])
    written = await rewrite(session, actor, category, current, proposal._replace(content_sha256=content), options)
    await settle(session, actor, options.key, (written.feature or {})["properties"]["version"])
    return written


async def rewrite(
    session: WriteSession, actor: Actor, category: Category, current: Row, proposal: Proposal, options: WriteOptions = AS_IT_IS
) -> WriteResult:
    """The proposal as the next revision of the point that `hold` holds; nothing new where it says what is there already."""
    actor.demand(Action.POINT_CHANGE)
    wanted = "draft" if options.draft else "submitted"
    if is_same_place((proposal.lon, proposal.lat), (current["lon"], current["lat"])):
        # What stays where it is keeps its kelurahan, and what the reviewer should know of both.
        proposal = proposal.saying(kelurahan=proposal.kelurahan or current["kelurahan"])
        if proposal.kelurahan in (current["kelurahan"], current["kelurahan_name"]) and REJUDGED in current["placement"]["flags"]:
            options = replace(options, flags=(*options.flags, REJUDGED))
    revision, placement = await _revision(session, actor, category, proposal, current["point_id"], options)
    changes = history.differences(current, revision)
    if not changes and current["state"] in (wanted, "published"):
        return WriteResult(work_feature(current), created=False)
    await session.run(queries.SUPERSEDE_OPEN, points=[current["point_id"]])
    number = await _store(session, queries.STORE_NEXT, actor, Action.POINT_CHANGE, revision, placement)
    return WriteResult(work_feature(_as_read(revision, placement, number)), created=True)


async def confirm(session: WriteSession, actor: Actor, current: Row, options: WriteOptions = AS_IT_IS) -> WriteResult:
    """Proposes that a published point that `hold` holds is still as it is: a revision that says the same, whose publication renews `verified_at`.

    `Conflict` where something else of it is open; where that confirms it already, there is nothing new.
    """
    actor.demand(Action.POINT_CONFIRM)
    if current["point_status"] in ("moved", "closed"):
        raise Conflict("point-closed")
    if current["state"] != "published":
        if not await session.value(queries.CONFIRMS, revision=current["revision"]):
            raise Conflict("confirm-open", state=current["state"])
        return WriteResult(work_feature(current), created=False)
    proposal = _proposal_of(current).saying(status=current["status"])
    proposal = proposal._replace(predecessors=tuple(current["predecessors"]), succession=current["succession"])
    category = await categories.get(session, current["category"], actor.categories)
    placement = await judge(session, actor, proposal, draft=True)
    category = await categories.get(session, current["category"], actor.categories)
    flags = [REJUDGED] if not placement.accepted and proposal.override_reason is None else []
    flags += [PERSONAL] if personal_fields(category, current) else []
    placement = placement._replace(flags=tuple(dict.fromkeys((*placement.flags, *options.flags, *flags))))
    revision = _columns(proposal, current["point_id"], placement, current["name"], "submitted") | stored(placement)
    return await _propose(session, actor, Action.POINT_CONFIRM, revision, placement, options)


async def close(session: WriteSession, actor: Actor, current: Row, reason: str | None, options: WriteOptions = AS_IT_IS) -> WriteResult:
    """Proposes the closing of a published point that `hold` holds: a revision with its content and the status `closed`."""
    actor.demand(Action.POINT_CLOSE)
    if current["point_status"] in ("moved", "closed"):
        raise Conflict("point-closed")
    proposal = _proposal_of(current)
    placement = await judge(session, actor, proposal, draft=True)
    placement = placement._replace(flags=(*placement.flags, *options.flags))
    flags = {"edition_id": placement.edition.id, "flags": [*placement.flags, *([] if placement.accepted else [REJUDGED])]}
    revision = _columns(proposal, current["point_id"], placement, current["name"], "submitted")
    revision |= {**stored(placement), **flags, "status": "closed", "reason": reason}
    return await _propose(session, actor, Action.POINT_CLOSE, revision, placement, options)


async def _propose(
    session: WriteSession, actor: Actor, action: Action, revision: dict[str, object], placement: Placement, options: WriteOptions
) -> WriteResult:
    """Puts a revision in the place of whatever is open of its point."""
    await session.run(queries.SUPERSEDE_OPEN, points=[revision["point_id"]])
    number = await _store(session, queries.STORE_NEXT, actor, action, revision, placement)
    await settle(session, actor, options.key, number)
    return WriteResult(work_feature(_as_read(revision, placement, number)), created=True)


async def check_again(session: WriteSession, actor: Actor, current: Row) -> None:
    """Everything that is asked of a new point, of one that was kept as a draft: boundaries and neighbours may have changed."""
    category = await categories.get(session, current["category"], actor.categories)
    feature = as_sent(work_feature(current))
    proposal = read_proposal(feature, category, datetime.now(UTC), feature)._replace(confirm_not_duplicate=True)
    await _revision(session, actor, category, proposal, current["point_id"])


async def hold(session: WriteSession, category: str | None, point_id: UUID, versions: Sequence[int] | None) -> Row:
    """The newest revision of a point that nobody else can change until the transaction ends.

    `NotFound` where there is none in sight; `Stale` where it is none of these versions (empty: any will do).
    """
    if await session.value(queries.LOCK, point_id=point_id, category=category) is None:
        raise NotFound("point-unknown")
    current = await queries.newest(session, category, point_id)
    if current is None:
        raise NotFound("point-unknown")
    if versions is not None and versions and current["version"] not in versions:
        read = await session.first(queries.NUMBERED, point_id=point_id, number=max(versions))
        members: dict[str, object] = {"version": current["version"], "state": current["state"]}
        if read is not None:
            members["changes"] = history.differences(read, current)
        raise Stale(members=members)
    return current


async def _category(session: WriteSession, actor: Actor, category_id: str | None, body: Mapping[str, object]) -> Category:
    if category_id is not None:
        return await categories.get(session, category_id, actor.categories)
    properties = body.get("properties")
    named = properties.get("category") if isinstance(properties, dict) else None
    if not isinstance(named, str):
        raise Invalid(faults=[Fault("/properties/category", "value-missing")])
    return await categories.meant(session, named, actor.categories, Invalid, "/properties/category")


async def _revision(
    session: WriteSession, actor: Actor, category: Category, proposal: Proposal, point_id: UUID, options: WriteOptions = AS_IT_IS
) -> tuple[dict[str, object], Placement]:
    """The revision about to be stored, judged and looked at from all sides; of a draft only where it lies is noted."""
    placement = await judge(session, actor, proposal, point_id=point_id, draft=options.draft)
    revision = _columns(proposal, point_id, placement, proposal.name or "", "draft" if options.draft else "submitted")
    if not options.draft:
        await _check_predecessors(session, proposal, point_id)
        alike = await look_alike(session, category, revision, confirmed=proposal.confirm_not_duplicate)
        placement = placement._replace(flags=(*placement.flags, *alike))
    personal = (PERSONAL,) if personal_fields(category, revision) else ()
    ahead = (CLOCK_AHEAD,) if proposal.captured_at and clock(proposal.captured_at, datetime.now(UTC)) == "ahead" else ()
    placement = placement._replace(flags=tuple(dict.fromkeys((*placement.flags, *options.flags, *ahead, *personal))))
    return revision | stored(placement), placement


async def _check_predecessors(session: WriteSession, proposal: Proposal, point_id: UUID) -> None:
    if not proposal.predecessors:
        return
    rows = await session.all(queries.LIVING, points=list(proposal.predecessors), category=proposal.category, point_id=point_id)
    living = {row["id"] for row in rows}
    if unknown := [index for index, one in enumerate(proposal.predecessors) if one not in living]:
        raise Invalid(faults=[Fault(f"/properties/predecessors/{index}", "predecessor-unknown") for index in unknown])


def _columns(proposal: Proposal, point_id: UUID, placement: Placement, name: str, state: str) -> dict[str, object]:
    return {
        "point_id": point_id,
        "revision": uuid7(),
        "category": proposal.category,
        "state": state,
        "lon": proposal.lon,
        "lat": proposal.lat,
        **proposal.common,
        "kelurahan": placement.declared.code,
        "name": name,
        "attributes": proposal.attributes,
        "predecessors": list(proposal.predecessors),
        "succession": proposal.succession,
        "reason": None,
        "content_sha256": proposal.content_sha256,
    }


async def _store(
    session: WriteSession, statement: Statement, actor: Actor, action: Action, revision: Mapping[str, object], placement: Placement
) -> int | None:
    """The number of the revision, stored with its audit row; None where the id of a new point is taken."""
    detail = {
        "kind": queries.KIND,
        "point": str(revision["point_id"]),
        "category": revision["category"],
        "verdict": placement.verdict,
        "state": revision["state"],
    }
    values = {name: value for name, value in revision.items() if name != "category" or statement is queries.STORE_NEW}
    number: int | None = await session.value(
        statement, **values, account_id=actor.id, action=action.value, kind=queries.KIND, detail=detail
    )
    return number


def _as_read(revision: dict[str, object], placement: Placement, number: int | None) -> dict[str, object]:
    """What `queries.newest` would read of a revision just stored, without asking again."""
    return {
        **revision,
        "version": number,
        "kelurahan_name": placement.declared.name,
        "kecamatan": placement.declared.kecamatan,
        "verified_at": None,
    }


def _proposal_of(row: Row) -> Proposal:
    return Proposal(
        id=row["point_id"],
        common={field.name: row[field.name] for field in CONTENT} | {"status": "active"},
        predecessors=(),
        succession=None,
        confirm_not_duplicate=True,
        confirm_name=False,
        **{name: row[name] for name in ("category", "lon", "lat", "attributes", "content_sha256")},
    )


async def _same_again(session: WriteSession, proposal: Proposal, point_id: UUID) -> WriteResult | None:
    """The answer to a retry, or nothing where the point is new to the actor. `Conflict` where the content is other."""
    row = await session.first(queries.NUMBERED, point_id=point_id, number=1)
    if row is None:
        return None
    idempotency.demand_same(row["content_sha256"], proposal.content_sha256, Conflict("id-taken"))
    return WriteResult(_first_answer(row), created=False)


def _first_answer(row: Row) -> dict[str, Any]:
    """The revision as it was answered when it was new, whatever became of it since."""
    return work_feature({**row, "state": row["first_state"], "verified_at": None})


async def answered_before(session: WriteSession, actor: Actor, key: str, content: bytes, point_id: UUID) -> WriteResult | None:
    """Takes an `Idempotency-Key`, or gives the answer that it stands for. `Conflict` where it was used for other content."""
    earlier = await idempotency.claim(session, actor.id, idempotency.of_header(key), content, point_id)
    if earlier is None:
        return None
    if earlier.number is None:
        return WriteResult(None, created=False)
    first = _first_answer(await numbered(session, earlier))
    if earlier.outcome:
        first["properties"]["state"] = earlier.outcome
    return WriteResult(first, created=False)


async def numbered(session: WriteSession, earlier: Earlier) -> Row:
    """The revision that came of an earlier request. `NotFound` where the actor sees it no longer."""
    row = await session.first(queries.NUMBERED, point_id=earlier.subject, number=earlier.number)
    if row is None:
        raise NotFound("point-unknown")
    return row


async def settle(session: WriteSession, actor: Actor, key: str | None, number: int | None, state: str | None = None) -> None:
    """What a key stands for: a revision, and of a move its state after it."""
    if key is not None:
        await idempotency.settle(session, actor.id, idempotency.of_header(key), number, state)
