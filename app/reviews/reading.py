"""What reviewers read: the queue by what they ask for, and one revision, with what differs."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast, get_args
from uuid import UUID

from app.accounts.rights import Actor
from app.audit import Action
from app.db import Row, Session
from app.errors import BadRequest, Fault, NotFound
from app.points.flags import FLAGS
from app.points.history import Difference, differences
from app.regions import queries as regions
from app.reviews import queue
from app.reviews.queue import SORTINGS, Kind, Wanted
from app.reviews.schemas import Review

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
    corrected = one_of("corrected", ("true", "false"))
    wanted = Wanted(
        category=sent.get("category"),
        kind=cast("Kind | None", one_of("kind", get_args(Kind))),
        flag=one_of("flag", FLAGS),
        kelurahan=sent.get("kelurahan"),
        writer=sent.get("writer"),
        age=int(age[1]) * _UNITS[age[2]] if age else None,
        words=words,
        corrected=None if corrected is None else corrected == "true",
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
    rows, matched, last = await queue.page(session, wanted, after, limit)
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
    shown = {name: row[name] for name in Review.__annotations__ if name not in ("changes", "corrected")}
    shown |= {
        "attributes": dict(sorted(row["attributes"].items())),
        "changes": _changes(row["before"], row),
        "corrected": {name: value for name, value in corrects.items() if name != "content"}
        | {"changes": _changes(corrects["content"], row)}
        if corrects
        else None,
    }
    return cast("Review", shown)


def _changes(before: Mapping[str, Any] | None, row: Row) -> list[Difference]:
    return [] if before is None else differences(before, row["content"])
