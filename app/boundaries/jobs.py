"""What is asked of editions over HTTP, and done by a job (`working.py`): loading a file, comparing an edition with the active one, activating it.

The same request again, by its `Idempotency-Key` or while the first is under way, is answered with the first job.
"""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, NamedTuple
from uuid import UUID

import orjson

from app.access.rights import Actor
from app.audit.record import Action
from app.background import queueing
from app.boundaries import queries
from app.boundaries.checking import ACCEPTABLE
from app.boundaries.columns import FIELDS
from app.db import Database, Row, Session, WriteSession
from app.errors import BadRequest, Conflict, Fault, Invalid, NotFound, Stale, Unconditional
from app.plaintext import plain
from app.storage.disk import Upload
from app.uuid7 import uuid7

PART = 1 << 20
MOST_WAITING = 5
"""Files that wait to be loaded. Each is kept until then."""
ACCURACY_M = 10.0
"""Of an edition of which nothing is said, as on the command line."""
ATTEMPTS = 3
"""A job whose process has died so often is not tried again: it would be the file, or the edition, that kills it."""
KindOfChanges = Literal["compare", "activate"]


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """What is said of a file beside its bytes. `name`: of the file; `columns`: which column holds a field, where it is not recognised."""

    name: str
    edition: str
    accuracy_m: float
    source: str
    legal_basis: str | None = None
    valid_from: date | None = None
    layer: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    incomplete: bool = False
    accept: tuple[str, ...] = ()


class Confirmation(NamedTuple):
    """How somebody says that an edition is really to be activated: by the tags of the comparison that they have seen (empty: any that still
    holds; None: not said), or by the name of the edition.
    """

    tags: list[str] | None
    name: str | None


class EditionRef(NamedTuple):
    id: int
    name: str


async def find_edition(session: Session, address: str) -> EditionRef:
    """`NotFound` where no edition has this name, or number."""
    row = await session.first(queries.FIND_ADDRESSED, name=address)
    if row is None:
        raise NotFound("edition-unknown")
    return EditionRef(row["id"], row["name"])


async def begin_load(session: WriteSession, actor: Actor, upload: Upload, options: LoadOptions, key: str | None) -> Row:
    """Takes a file and lets it be loaded. `Conflict` where there is an edition of this name, or too many files wait."""
    actor.demand(Action.EDITION_LOAD)
    if not upload.size:
        raise Invalid("file-empty")
    if any(name not in FIELDS for name in options.columns):
        raise BadRequest(faults=[Fault("columns", "field-unknown", {"known": ", ".join(FIELDS)})])
    if any(code not in ACCEPTABLE for code in options.accept):
        raise BadRequest(faults=[Fault("accept", "accept-unknown", {"known": ", ".join(ACCEPTABLE)})])
    named: dict[str, Any] = {
        "name": plain(options.name), "edition": plain(options.edition).strip(), "accuracy_m": options.accuracy_m, "source": plain(options.source),
        "legal_basis": plain(options.legal_basis) if options.legal_basis else None,
        "valid_from": options.valid_from.isoformat() if options.valid_from else None, "layer": options.layer,
        "columns": dict(options.columns), "incomplete": options.incomplete,
        "accept": list(options.accept),
    }  # fmt: skip
    if not named["edition"] or "/" in named["edition"]:
        raise BadRequest(faults=[Fault("edition", "edition-name")])
    content = _hashed("load", named, upload.sha256)
    if repeated := await _repeated(session, actor, key, content):
        return repeated
    if await session.first(queries.FIND, name=named["edition"]) is not None:
        raise Conflict("edition-taken")
    if await session.value(queries.LOADING) >= MOST_WAITING:
        raise Conflict("editions-loading-full", most=MOST_WAITING)
    job = await _add(session, actor, "load", None, named, content, key)
    part = 0
    while piece := await asyncio.to_thread(upload.file.read, PART):
        await session.run(queries.ADD_PART, job_id=job["id"], part=part, content=piece)
        part += 1
    return job


async def begin_comparison(session: WriteSession, actor: Actor, edition: EditionRef, key: str | None) -> Row:
    """Lets it be found out what the edition would change."""
    actor.demand(Action.EDITION_COMPARE)
    content = _hashed("compare", {"edition": edition.id})
    if repeated := await _repeated(session, actor, key, content):
        return repeated
    if under_way := await session.first(queries.JOB_UNDER_WAY, edition_id=edition.id, kind="compare"):
        return under_way
    return await _add(session, actor, "compare", edition.id, {}, content, key)


async def begin_activation(session: WriteSession, actor: Actor, edition: EditionRef, confirmation: Confirmation, key: str | None) -> Row:
    """Lets the edition become the active one. `Unconditional` without a word that this is meant, `Stale` where what its sender has seen does
    not hold any more, `Conflict` while another edition is being activated.
    """
    actor.demand(Action.EDITION_ACTIVATE)
    content = _hashed("activate", {"edition": edition.id})
    if repeated := await _repeated(session, actor, key, content):
        return repeated
    if confirmation.name is not None and confirmation.name != edition.name:
        raise Invalid(faults=[Fault("/confirm", "edition-confirm")])
    compared = None
    if confirmation.tags is not None:
        compared = await session.first(queries.NEWEST_JOB, edition_id=edition.id, kind="compare")
        is_named = compared is not None and (not confirmation.tags or tag_of(compared) in confirmation.tags)
        if compared is None or not is_named or await why_outdated(session, compared):
            raise Stale("impact-outdated")
    elif confirmation.name is None:
        raise Unconditional("activation-unconfirmed")
    options = {"compared": str(compared["id"]) if compared else None}
    return await _add(session, actor, "activate", edition.id, options, content, key)


async def _repeated(session: WriteSession, actor: Actor, key: str | None, content: bytes) -> Row | None:
    """The job that the same request has begun before. `Conflict` where its key stood for another."""
    if key is None:
        return None
    row = await session.first(queries.JOB_OF_KEY, account_id=actor.id, key_sha256=_hash_of_key(key))
    if row is not None and row["content_sha256"] != content:
        raise Conflict("key-used")
    return row


async def _add(
    session: WriteSession, actor: Actor, kind: str, edition_id: int | None, options: Mapping[str, object], content: bytes, key: str | None
) -> Row:
    job_id = uuid7()
    added = await session.value(
        queries.ADD_JOB, id=job_id, account_id=actor.id, kind=kind, edition_id=edition_id, options=dict(options), content_sha256=content,
        key_sha256=None if key is None else _hash_of_key(key),
    )  # fmt: skip
    if not added:
        # At the same moment the same request has come again, or another edition was to be activated.
        if repeated := await _repeated(session, actor, key, content):
            return repeated
        under_way = await session.first(queries.ACTIVATING)
        raise Conflict("activation-under-way", members={"job": str(under_way["id"])} if under_way else {})
    await queueing.put(session, queueing.BOUNDARIES, str(job_id))
    return await session.one(queries.JOB, id=job_id)


def _hashed(kind: str, options: Mapping[str, object], file_sha256: bytes = b"") -> bytes:
    return hashlib.sha256(orjson.dumps([kind, options], option=orjson.OPT_SORT_KEYS) + file_sha256).digest()


def _hash_of_key(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


async def find(session: WriteSession, job_id: UUID) -> Row:
    """`NotFound` where there is no such job, or none that the actor may see."""
    row = await session.first(queries.JOB, id=job_id)
    if row is None:
        raise NotFound("boundary-job-unknown")
    return row


async def find_changes(session: WriteSession, edition: EditionRef, kind: KindOfChanges) -> Row:
    """The newest job that has found out what the edition would change (`compare`), or has changed (`activate`). `Conflict` while the first is
    under way, `NotFound` before it.
    """
    row = await session.first(queries.NEWEST_JOB, edition_id=edition.id, kind=kind)
    if row is not None:
        return row
    if under_way := await session.first(queries.JOB_UNDER_WAY, edition_id=edition.id, kind=kind):
        raise Conflict("changes-not-ready", members={"job": str(under_way["id"])})
    if kind == "compare":
        raise NotFound("impact-unknown")
    raise NotFound("activation-unknown")


def tag_of(job: Row) -> str:
    """By which a comparison is confirmed, without the quotes of an ETag."""
    return f"impact-{job['id']}"


async def why_outdated(session: WriteSession, job: Row) -> Literal["edition", "points"] | None:
    """What has changed since a comparison, so that it does not hold any more; None: it holds."""
    basis = job["found"]["basis"]
    state = await session.one(queries.STATE_OF_POINTS)
    if state["active"] != basis["active"]:
        return "edition"
    have_changed = await session.value(queries.HAVE_POINTS_CHANGED, history=basis["history"], snapshot=basis["snapshot"])
    return "points" if have_changed else None


async def forget(database: Database) -> int:
    """Jobs that ended a month ago go. How many went."""
    async with database.open_write() as session:
        await session.run(queries.AS_SYSTEM)
        number: int = await session.value(queries.OLD_JOBS)
    return number


async def put_back(database: Database) -> int:
    """Gives a job of the queue to those that wait and have none. How many there were."""
    async with database.open_write() as session:
        await session.run(queries.AS_SYSTEM)
        lost = await session.all(queries.LOST_JOBS)
        for row in lost:
            await queueing.put(session, queueing.BOUNDARIES, str(row["id"]))
    return len(lost)
