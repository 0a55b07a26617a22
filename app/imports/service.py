"""Imports change here: a file is handed in, judged by a job, looked at, committed by another job; or thrown away."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from app.access.rights import Actor
from app.audit.record import Action, record
from app.background import queueing
from app.categories import queries as categories
from app.categories.rules import Category
from app.contacts.service import check_term
from app.db import Database, Row, WriteSession
from app.errors import BadRequest, Conflict, Fault, Invalid, NotFound
from app.imports import queries
from app.imports.answers import MOST_ANSWERS, Answers, spelled_out
from app.imports.fields import Field, fields_of
from app.imports.people import FIELDS
from app.imports.schemas import Answering, Committing, Rejudging
from app.plaintext import plain
from app.settings import Settings
from app.storage.disk import Upload
from app.uuid7 import uuid7

PART = 1 << 20
FORGOTTEN_AT_ONCE = 5
"""Imports, which may have 200,000 rows each."""
ATTEMPTS = 5
"""A job whose process has died so often is not tried again: it would be the file that kills it."""


class Quota(NamedTuple):
    """What an account may keep: imports that are neither committed nor failed; bytes of files; rows that were judged."""

    open: int
    bytes: int
    rows: int

    @classmethod
    def of(cls, settings: Settings) -> "Quota":
        return cls(settings.imports_open, settings.imports_mb << 20, settings.imports_rows)


async def begin(
    session: WriteSession,
    actor: Actor,
    category_id: str,
    name: str,
    upload: Upload,
    options: Mapping[str, Any],
    *,
    quota: Quota | None = None,
    queued: bool = True,
) -> Row:
    """Takes a file and lets it be judged; by the caller itself where it is not `queued`. `BadRequest` for an unknown category, `Invalid` for
    columns or fields that there are not, `Conflict` where it is more than the `quota` (None: an operator's, who has none).
    """
    actor.demand(Action.IMPORT_BEGIN)
    category = await categories.meant(session, category_id, actor.categories, BadRequest, "category")
    if not upload.size:
        raise Invalid("file-empty")
    _check_fields(category, options.get("columns") or {})
    if quota is not None:
        await _check_quota(session, actor, quota, upload.size)
    import_id = uuid7()
    await session.run(
        queries.ADD, id=import_id, account_id=actor.id, category=category.id, name=plain(name), sha256=upload.sha256,
        size=upload.size, options=dict(options),
    )  # fmt: skip
    part = 0
    while content := await asyncio.to_thread(upload.file.read, PART):
        await session.run(queries.ADD_PART, import_id=import_id, part=part, account_id=actor.id, content=content)
        part += 1
    detail: dict[str, object] = {"category": category.id, "size": upload.size}
    await record(session, Action.IMPORT_BEGIN, import_id, account_id=actor.id, detail=detail, notify=False)
    if queued:
        await queueing.put(session, queueing.IMPORTS, str(import_id))
    return await session.one(queries.ONE, id=import_id)


def _check_fields(category: Category, named: Mapping[str, str | None]) -> None:
    fields = targets_of(category)
    if any(field is not None and field not in fields for field in named.values()):
        raise Invalid(faults=[Fault("/columns", "field-unknown", {"known": ", ".join(sorted(fields))})])


def targets_of(category: Category) -> dict[str, Field]:
    """What a column can be taken for."""
    return {**fields_of(category), **FIELDS}


async def _check_quota(session: WriteSession, actor: Actor, quota: Quota, size: int) -> None:
    """How many rows the file has, nobody knows yet: the last one may go beyond."""
    await session.run(queries.HOLD_QUOTA, account_id=actor.id)
    used = await session.one(queries.USED, account_id=actor.id)
    if used["open"] >= quota.open:
        raise Conflict("imports-open-full", number=used["open"], most=quota.open)
    if used["bytes"] + size > quota.bytes:
        raise Conflict("imports-bytes-full", kept_mb=-(-used["bytes"] >> 20), most_mb=quota.bytes >> 20)
    if used["rows"] >= quota.rows:
        raise Conflict("imports-rows-full", number=used["rows"], most=quota.rows)


async def find(session: WriteSession, import_id: UUID) -> Row:
    """`NotFound` where the actor has no such import."""
    row = await session.first(queries.ONE, id=import_id)
    if row is None:
        raise NotFound("import-unknown")
    return row


async def find_judged(session: WriteSession, import_id: UUID) -> Row:
    """The same, of one whose rows can be looked at. `Conflict` while they cannot."""
    row = await find(session, import_id)
    if row["state"] in ("queued", "judging") or (row["state"] == "failed" and not row["judged_at"]):
        raise Conflict("import-not-judged", state=row["state"])
    return row


async def judge_again(session: WriteSession, actor: Actor, import_id: UUID, rejudging: Rejudging, *, queued: bool = True) -> Row:
    """Lets the same file be judged once more: with what is said of its columns now, beside what was said before, or of another sheet.

    `Conflict` while it is at work or once it is committed; `Invalid` for fields that there are not.
    """
    actor.demand(Action.IMPORT_BEGIN)
    row = await _hold(session, import_id)
    _check_uncommitted(row)
    if row["state"] not in ("judged", "failed"):
        raise Conflict("import-at-work")
    _check_fields(await categories.get(session, row["category"], actor.categories), rejudging.columns)
    options: dict[str, object] = {"columns": {**(row["options"].get("columns") or {}), **rejudging.columns}}
    if rejudging.sheet is not None:
        options["sheet"] = rejudging.sheet
    await session.run(queries.REJUDGE, id=import_id, options=options)
    detail: dict[str, object] = {"category": row["category"], "size": row["size"], "again": True}
    await record(session, Action.IMPORT_BEGIN, import_id, account_id=actor.id, detail=detail, notify=False)
    if queued:
        await queueing.put(session, queueing.IMPORTS, str(import_id))
    return await find(session, import_id)


async def answer(session: WriteSession, actor: Actor, import_id: UUID, answering: Answering) -> Row:
    """Keeps answers to questions until the commit, which counts them. `Conflict` unless the file was judged, for rows that ask nothing, and for
    more single answers than are kept.
    """
    actor.demand(Action.IMPORT_COMMIT)
    row = await _hold(session, import_id)
    _check_uncommitted(row)
    if row["state"] != "judged":
        raise Conflict("import-not-judged", state=row["state"])
    if answering.rows:
        asking = {one["number"] for one in await session.all(queries.QUESTIONS_AMONG, id=import_id, numbers=list(answering.rows))}
        if wrong := sorted(set(answering.rows) - asking):
            raise Conflict("import-rows-unfit", members={"rows": wrong[:100]}, rows=", ".join(map(str, wrong[:10])))
    answers = Answers.of(row["options"]).and_also(answering)
    if len(answers.rows) + len(answers.refused) > MOST_ANSWERS:
        raise Conflict("import-answers-full", most=MOST_ANSWERS)
    await session.run(queries.ANSWER, id=import_id, answers=answers.json())
    return await find(session, import_id)


async def plan(session: WriteSession, row: Row) -> Row:
    """What a commit of all good rows would do now: how many it would `create`, `update` and leave the `same`; how many are `unanswered` or at
    `fault`.
    """
    return await session.one(queries.PLAN, id=row["id"], **choice({**row["options"], "rows": "good"}))


async def _hold(session: WriteSession, import_id: UUID) -> Row:
    row = await session.first(queries.HOLD, id=import_id)
    if row is None:
        raise NotFound("import-unknown")
    return row


def _check_uncommitted(row: Row) -> None:
    if row["state"] in ("committing", "committed"):
        raise Conflict("import-committed")


async def confirm(session: WriteSession, actor: Actor, import_id: UUID, committing: Committing, *, queued: bool = True) -> Row:
    """Lets the chosen rows be stored. The same again is no second commit. `Conflict` unless the file was judged, and where a row that was
    asked for cannot be.
    """
    actor.demand(Action.IMPORT_COMMIT)
    row = await _hold(session, import_id)
    options: dict[str, object] = {"rows": committing.rows, "accept": sorted(set(committing.accept)), "contacts": None}
    if committing.contacts is not None:
        actor.demand(Action.CONTACT_WRITE)
        check_term(committing.contacts.term_ends_on, datetime.now(UTC).date(), "/contacts/term_ends_on")
        options["contacts"] = committing.contacts.model_dump(mode="json")
    if row["state"] in ("committing", "committed"):
        if {name: row["options"].get(name) for name in options} == options:
            return row
        raise Conflict("import-committed")
    if row["state"] != "judged":
        raise Conflict("import-not-judged", state=row["state"])
    await _check_rows(session, import_id, row, committing)
    if committing.contacts is not None and not row["found"].get("people"):
        raise Conflict("import-without-contacts")
    await session.run(queries.ASK, id=import_id, options=options)
    await record(session, Action.IMPORT_COMMIT, import_id, account_id=actor.id, detail={"category": row["category"]}, notify=False)
    if queued:
        await queueing.put(session, queueing.IMPORTS, str(import_id))
    return await find(session, import_id)


async def _check_rows(session: WriteSession, import_id: UUID, row: Row, committing: Committing) -> None:
    if committing.rows == "all":
        options = {**row["options"], "rows": "all", "accept": committing.accept}
        if blocked := await session.value(queries.BLOCKED, id=import_id, **choice(options)):
            raise Conflict("import-has-faults", number=blocked)
    elif isinstance(committing.rows, list):
        known = {one["number"] for one in await session.all(queries.NOT_CHOSEN, id=import_id, numbers=committing.rows)}
        if wrong := sorted(set(committing.rows) - known):
            raise Conflict("import-rows-unfit", members={"rows": wrong[:100]}, rows=", ".join(map(str, wrong[:10])))


async def remove(session: WriteSession, actor: Actor, import_id: UUID) -> None:
    """Nothing of it is committed any more; what was, stays. `Conflict` while it is being judged or committed."""
    actor.demand(Action.IMPORT_REMOVE)
    row = await _hold(session, import_id)
    if not await session.value(queries.REMOVE, id=import_id):
        raise Conflict("import-at-work")
    await record(session, Action.IMPORT_REMOVE, import_id, account_id=actor.id, detail={"category": row["category"]}, notify=False)


async def forget(database: Database) -> int:
    """Imports that are a month old go, with their files and rows; what was committed of them stays. How many went."""
    total = 0
    while True:
        async with database.open_write() as session:
            await session.run(queries.AS_SYSTEM)
            number: int = await session.value(queries.OLD, batch=FORGOTTEN_AT_ONCE)
        total += number
        if number < FORGOTTEN_AT_ONCE:
            return total


async def put_back(database: Database) -> int:
    """Gives a job to imports that wait and have none. How many there were."""
    async with database.open_write() as session:
        await session.run(queries.AS_SYSTEM)
        await session.run(queries.TURNS_STAND)
        lost = await session.all(queries.LOST)
        for row in lost:
            await queueing.put(session, queueing.IMPORTS, str(row["id"]))
    return len(lost)


def choice(options: Mapping[str, object]) -> dict[str, object]:
    """The parameters of `queries._FIT`: what the commit says, and what was answered before it."""
    rows, answers = options.get("rows"), Answers.of(options)
    numbers: Sequence[int] | None = rows if isinstance(rows, list) else None
    accept = spelled_out([*options.get("accept", ()), *answers.accept])  # type: ignore[misc]
    return {"numbers": numbers, "accept": sorted(accept), "accepted": answers.rows, "refused": answers.refused}
