"""What reviewers and writers are told of revisions."""

from datetime import datetime
from typing import Any, Literal, NotRequired
from uuid import UUID

from app.points.history import Difference
from app.points.rules import Verdict
from app.points.schemas import Status
from app.reviews.workflow import State
from app.wire import Answer, Id, Page, Problem


class PhotosOfPoint(Answer):
    number: int
    flags: list[str]
    """Of any of them."""


class Repaired(Answer):
    """What a coordinate was read from where it was not written as it was understood: by field the text, and what had to be done to it."""

    raw: dict[str, str]
    repairs: list[str]


class Waiting(Answer):
    """A revision that waits for a decision."""

    revision: UUID
    point: UUID
    version: int
    category: str
    kelurahan: str
    kelurahan_name: str
    name: str
    lon: float
    lat: float
    flags: list[str]
    """What a reviewer should look at."""
    repair: Repaired | None
    override_reason: str | None
    submitted_at: datetime
    submitted_by: str
    placement: dict[str, Any]
    """The verdict on where it lies, as in the Feature."""
    photos: PhotosOfPoint


class Reviews(Page):
    reviews: list[Waiting]


class Decided(Answer):
    revision: Id
    point: Id
    state: State
    version: int


class DecidedAmongMany(Decided):
    status: Literal[200]


class Undecided(Problem):
    """Why nothing became of a revision."""

    revision: Id


class Outcomes(Answer):
    results: list[DecidedAmongMany | Undecided]
    """In the order of the request, each revision once."""


class Entry(Answer):
    """A revision, with what differs from the one before it."""

    revision: Id
    version: int
    state: State
    status: Status
    kelurahan: str
    name: str
    flags: list[str]
    repair: NotRequired[Repaired]
    reason: NotRequired[str]
    written_by: str
    created_at: datetime
    submitted_at: NotRequired[datetime]
    decided_by: NotRequired[str]
    decided_at: NotRequired[datetime]
    decision_reason: NotRequired[str]
    ended_by: NotRequired[str]
    ended_at: NotRequired[datetime]
    ended_reason: NotRequired[str]
    verdict: Verdict
    changes: list[Difference]


class Revisions(Answer):
    """The history of a point, the newest revision first."""

    point: Id
    category: str
    status: Status
    successors: list[Id]
    revisions: list[Entry]
    numberReturned: int  # noqa: N815 - as in `Page`


class History(Revisions, Page):
    """A page of it."""
