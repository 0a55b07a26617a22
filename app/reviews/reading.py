"""What reviewers read: the queue by what they ask for, and one revision, with what differs."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import cast, get_args
from uuid import UUID

from app.access.rights import Actor
from app.audit.record import Action
from app.categories import queries as categories
from app.categories.spellings import NO, YES
from app.db import Row, Session
from app.errors import BadRequest, Fault, NotFound
from app.nouns import OF_KIND
from app.points.flags import FLAGS
from app.regions import queries as regions
from app.reviews import queue
from app.reviews.queue import SORTINGS, ReviewKind, Wanted
from app.reviews.schemas import Review
from app.workflow.differences import Difference

_AGE = re.compile(r"([1-9]\d{0,3})([hdw])", re.ASCII)
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_MOST_WORDS = 10


def read_wanted(sent: Mapping[str, str | None]) -> Wanted:
    """The filters and the order of `/reviews` from its parameters. `BadRequest` with all that is wrong."""
    faults: list[Fault] = []

    def one_of(name: str, known: tuple[str, ...]) -> str | None:
        text = sent.get(name)
        if text is not None and text not in known:
            faults.append(Fault(name, "not-one-of", {"expected": ", ".join(known)}))
        return text

    sorting = sent.get("sortby") or "submitted_at"
    if sorting.lstrip("+-") not in SORTINGS or len(sorting) - len(sorting.lstrip("+-")) > 1:
        faults.append(Fault("sortby", "not-one-of", {"expected": ", ".join(SORTINGS)}))
    age = _AGE.fullmatch(sent.get("age") or "")
    if sent.get("age") is not None and age is None:
        faults.append(Fault("age", "age-invalid"))
    words = tuple((sent.get("q") or "").lower().replace(",", " ").split())
    if len(words) > _MOST_WORDS:
        faults.append(Fault("q", "list-too-long", {"expected": _MOST_WORDS}))

    def yes_or_no(name: str) -> bool | None:
        text = (sent.get(name) or "").casefold()
        if text not in YES | NO and sent.get(name) is not None:
            faults.append(Fault(name, "value-of-kind", {"expected": "boolean"}))
        return text in YES if text else None

    wanted = Wanted(
        subject_kind=one_of("subject_kind", tuple(OF_KIND)),
        category=sent.get("category"),
        kind=cast("ReviewKind | None", one_of("kind", get_args(ReviewKind))),
        flag=one_of("flag", FLAGS),
        kelurahan=sent.get("kelurahan"),
        writer=sent.get("writer"),
        age=int(age[1]) * _UNITS[age[2]] if age else None,
        words=words,
        corrected=yes_or_no("corrected"),
        clean=yes_or_no("clean"),
        sorting=cast("queue.Sorting", sorting.lstrip("+-")),
        descending=sorting.startswith("-"),
    )
    if faults:
        raise BadRequest(faults=faults)
    return wanted


async def read_queue(
    session: Session, actor: Actor, wanted: Wanted, after: tuple[str, UUID] | None, limit: int
) -> tuple[list[Review], int, tuple[str, UUID] | None]:
    """A page of what waits, how many match, and what the next page begins behind. `BadRequest` where a filter names what there is not."""
    actor.demand(Action.REVIEW_READ)
    wanted = wanted._replace(kelurahan=await regions.code_of_parameter(session, wanted.kelurahan))
    rows, matched, last = await queue.page(session, actor.id, wanted, after, limit)
    # Asked only where nothing was found: nearly always it is the id that was sent.
    if not matched and wanted.category is not None:
        wanted = wanted._replace(category=await categories.id_of(session, wanted.category) or wanted.category)
        rows, matched, last = await queue.page(session, actor.id, wanted, after, limit)
    if not matched:
        await _check_known(session, wanted)
    return [_review(row) for row in rows], matched, last


async def read_review(session: Session, actor: Actor, revision: UUID) -> Review:
    """One revision, whatever became of it. `NotFound` where the actor sees none."""
    actor.demand(Action.POINT_READ_WORK)
    row = await session.first(queue.ONE, revision=revision)
    if row is None:
        raise NotFound("revision-unknown")
    return _review(row)


async def _check_known(session: Session, wanted: Wanted) -> None:
    """Looked at only where nothing was found: what cannot be is an error, not an empty list."""
    known = await session.one(queue.KNOWN, writer=wanted.writer)
    faults: list[Fault] = []
    if wanted.category is not None and wanted.category not in known["categories"]:
        faults.append(Fault("category", "not-one-of", {"expected": ", ".join(known["categories"])}))
    if wanted.writer is not None and not known["writer"]:
        faults.append(Fault("writer", "writer-unknown", {"known": ", ".join(known["writers"]) or "-"}))
    if faults:
        raise BadRequest(faults=faults)


def _review(row: Row) -> Review:
    corrects = row["corrects"]
    members = {name: row[name] for name in Review.__annotations__ if name not in ("changes", "corrected")}
    members |= {
        "attributes": dict(sorted((row["attributes"] or {}).items())),
        "predecessors": row["predecessors"] or [],
        "flags": row["flags"] or [],
        "changes": _changes(row["before"], row),
        "corrected": {name: value for name, value in corrects.items() if name != "content"}
        | {"changes": _changes(corrects["content"], row)}
        if corrects
        else None,
    }
    return cast("Review", members)


def _changes(before: Mapping[str, object] | None, row: Row) -> list[Difference]:
    return [] if before is None else OF_KIND[row["subject_kind"]].differences(before, row["content"])
