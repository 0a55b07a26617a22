"""What reviewers and writers are told of revisions."""

from datetime import datetime
from typing import Literal, NotRequired
from uuid import UUID

from app.common_fields import CONTENT
from app.placement.rules import Verdict
from app.points.bodies import Status, value_type
from app.reviews.queue import ReviewKind
from app.wire import Answer, Id, Link, Page, Problem, add_members
from app.workflow.differences import Difference
from app.workflow.table import State


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
    """A revision as its reviewer needs it. Its common fields that have no line here are members too (`common_fields.CONTENT`). What is not about
    a point has null in what only points have, beside `attributes`.
    """

    subject_kind: str
    """Of what it is a revision: `point`. Others will come; who knows only points leaves them alone."""
    subject: UUID
    """The id of that; of a point the same as `point`."""
    revision: UUID
    point: UUID | None
    version: int
    state: State
    kind: ReviewKind
    """A new point, a change, a move of its place (or from another point), a closing."""
    category: str
    kelurahan: str
    kelurahan_name: str
    name: str
    lon: float | None
    lat: float | None
    method: str | None
    status: Status | None
    attributes: dict[str, object]
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
    submitted_at: datetime | None
    submitted_by: str
    placement: dict[str, object] | None
    """The verdict on where it lies, as in the Feature."""
    photos: PhotosOfPoint | None
    decided_by: str | None
    decided_at: datetime | None
    decision_reason: str | None


add_members(Review, {field.name: value_type(field) | None for field in CONTENT})


class Reviews(Page):
    numberMatched: int  # noqa: N815 - as in `Page`
    reviews: list[Review]


class Decided(Answer):
    revision: Id
    point: NotRequired[Id]
    subject_kind: NotRequired[str]
    """Of what else it is a revision, with the id of that."""
    subject: NotRequired[Id]
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
    feature: dict[str, object]
    """The newest revision that the asker may see."""


class PointState(Answer):
    """How the newest revision of a point stands that the asker may see."""

    point: Id
    version: int
    state: State
    reason: NotRequired[str]
    """Why it was returned."""


class PointStates(Answer):
    states: list[PointState]


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
