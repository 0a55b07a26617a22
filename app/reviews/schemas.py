"""What reviewers and writers are told of revisions."""

from datetime import datetime
from typing import Any, Literal, NotRequired
from uuid import UUID

from app.points.history import Difference
from app.points.rules import Verdict
from app.points.schemas import Status
from app.reviews.queue import Kind
from app.reviews.workflow import State
from app.wire import Answer, Id, Link, Page, Problem


class PhotosOfPoint(Answer):
    number: int
    flags: list[str]
    """Of any of them."""


class Repaired(Answer):
    """What a coordinate was read from where it was not written as it was understood: by field the text, and what had to be done to it."""

    raw: dict[str, str]
    repairs: list[str]


class Corrected(Answer):
    """That the entry comes after one that was returned: which, why, and what differs from it."""

    revision: Id
    reason: str
    returned_by: str
    returned_at: datetime
    changes: list[Difference]


class JudgedVerdict(Answer):
    verdict: Verdict
    kelurahan: str | None
    """Where the point lies by that edition: its code."""
    distance_m: float


class Rejudgement(Answer):
    """That other boundaries have turned the verdict, and no walidata has seen it yet."""

    edition: str
    before: JudgedVerdict
    after: JudgedVerdict


class Review(Answer):
    """A revision as its reviewer needs it."""

    revision: UUID
    point: UUID
    version: int
    state: State
    kind: Kind
    """A new point, a change, a move of its place (or from another point), a closing."""
    category: str
    kelurahan: str
    kelurahan_name: str
    name: str
    lon: float
    lat: float
    address: str | None
    rw: str | None
    rt: str | None
    accuracy_m: float | None
    method: str
    captured_at: datetime | None
    status: Status
    attributes: dict[str, Any]
    predecessors: list[UUID]
    succession: str | None
    reason: str | None
    """Why a closing is proposed."""
    changes: list[Difference]
    """What differs from what the public sees of the point, or last saw; empty for a new one."""
    corrected: Corrected | None
    rejudged: Rejudgement | None
    flags: list[str]
    """What a reviewer should look at."""
    repair: Repaired | None
    override_reason: str | None
    submitted_at: datetime | None
    submitted_by: str
    placement: dict[str, Any]
    """The verdict on where it lies, as in the Feature."""
    photos: PhotosOfPoint
    decided_by: str | None
    decided_at: datetime | None
    decision_reason: str | None


class Reviews(Page):
    numberMatched: int  # noqa: N815 - as in `Page`
    reviews: list[Review]


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


class Acknowledged(Answer):
    revision: Id
    status: Literal[200]


class Acknowledgements(Answer):
    results: list[Acknowledged | Undecided]
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


class PublicRevision(Answer):
    revision: Id
    version: int
    decided_at: datetime


class OpenRevision(Answer):
    revision: Id
    version: int
    state: State


class PointAsItIs(Answer):
    point: Id
    category: str
    status: Status
    kelurahan: str
    kelurahan_name: str
    successors: list[Id]
    public: PublicRevision | None
    open: OpenRevision | None
    """A draft, what waits for a decision, or what was returned."""
    feature: dict[str, Any]
    """The newest revision that the asker may see."""


class PointNow(PointAsItIs):
    links: list[Link]


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
