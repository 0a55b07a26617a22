"""Figures of kelurahan as writers send them, and as they are answered."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal, NotRequired

from pydantic import ConfigDict, Field

from app.figures.rules import FigureKey, ProposedValue, ValueMeaning, ValueStatus
from app.wire import Answer, Id, Lines, Link, OneLine, Page, Wire, add_members
from app.workflow.differences import Difference
from app.workflow.table import State

VALUES_AT_ONCE = 500
_Words = Annotated[str | None, Field(min_length=1, max_length=500), OneLine]
_Sentences = Annotated[str | None, Field(min_length=1, max_length=2_000), Lines]
_Number = Annotated[float | None, Field(ge=-1e15, le=1e15)]


class SentValue(Wire):
    """A figure of the kelurahan and the period of the address."""

    model_config = ConfigDict(**{**Wire.model_config, "populate_by_name": False})

    indicator: Annotated[str, Field(max_length=41)]
    indicator_class: Annotated[str | None, Field(alias="class", max_length=41)] = None
    """By what the indicator is divided; absent: the indicator as a whole."""
    value: _Number = None
    meaning: ValueMeaning | None = None
    """`value`, the number that is given; `empty`: nobody knows it; `not-applicable`: there is none to give. 0 is a number."""
    status: ValueStatus = "sementara"
    source: _Words = None
    note: _Sentences = None
    explanation: _Sentences = None
    """Why it is right although a check says otherwise."""
    version: Annotated[int | None, Field(ge=0)] = None
    """That which it rests on, 0 where there was none; it is refused where another has come since."""

    def proposed(self) -> ProposedValue:
        value = None if self.value is None else Decimal(str(self.value)).normalize() + 0
        meaning: ValueMeaning = self.meaning or ("empty" if value is None else "value")
        key = FigureKey(self.indicator, self.indicator_class or "")
        return ProposedValue(key, value, meaning, self.status, self.source, self.note, self.explanation, self.version)


class SentProfile(Wire):
    """Figures of a kelurahan and a period: those that are named change, all others stay."""

    values: Annotated[list[SentValue], Field(min_length=1, max_length=VALUES_AT_ONCE)]
    draft: bool = False
    """Only kept: it is checked when it is submitted."""


class MovingValue(Wire):
    """The body of a move of one figure; a reason is needed to take it out of publication."""

    move: Literal["submit", "withdraw", "unpublish"]
    reason: Annotated[str | None, Field(min_length=1, max_length=1_000), Lines] = None


class ValueWarning(Answer):
    """What a check said, and the sender has explained."""

    kind: str
    facts: dict[str, object]


class PublishedValue(Answer):
    """A figure as whoever asks may see it."""

    id: Id
    indicator: str
    kelurahan: str
    period: str
    value: float | None
    meaning: Literal["value", "empty", "not-applicable", "withheld"]
    """Whether there is a number, and if not, why: `withheld` protects persons (docs/disclosure.md)."""
    status: ValueStatus
    source: str | None
    note: str | None
    indicator_version: int
    """By which definition it was given: `/indicators/{id}/versions/{n}`."""
    version: int
    verified_at: datetime
    href: str


add_members(PublishedValue, {"class": str | None})


class ComputedValue(Answer):
    """A figure that an expression gives of the others."""

    indicator: str
    value: float | None
    meaning: Literal["value", "empty", "not-applicable", "withheld", "division-by-zero"]
    expression: str
    indicator_version: int


class ProfileAnswer(Answer):
    """What is known of a kelurahan for a period."""

    kelurahan: str
    kelurahan_name: str
    period: str
    begins: date
    ends: date
    values: list[PublishedValue]
    computed: list[ComputedValue]
    note: str | None
    """Why figures are withheld, where some are."""
    links: list[Link]


class WorkValue(Answer):
    """A figure as its writers and reviewers see it: the newest state."""

    id: Id
    indicator: str
    kelurahan: str
    period: str
    value: float | None
    meaning: ValueMeaning
    status: ValueStatus
    source: str | None
    note: str | None
    explanation: str | None
    warnings: list[ValueWarning]
    indicator_version: int
    revision: Id
    version: int
    state: State
    reason: str | None
    """Why it was returned."""
    public_version: int | None


add_members(WorkValue, {"class": str | None})


class WorkProfile(Answer):
    kelurahan: str
    kelurahan_name: str
    period: str
    values: list[WorkValue]
    links: list[Link]


class StoredProfile(WorkProfile):
    """The whole profile as it is now; `stored`: of which figures there is something new."""

    stored: list[Id]


class WorkbookFault(Answer):
    """What is wrong, and in which cell of the workbook."""

    cell: str
    code: str
    detail: str


class WorkbookWarning(Answer):
    """What a check says of a figure although it is explained; the reviewer reads both."""

    cell: str
    kind: str
    detail: str


class WorkbookChange(Answer):
    """What a row of the workbook changes."""

    cell: str
    """Where its number stands."""
    indicator: str
    changes: list[Difference]


add_members(WorkbookChange, {"class": str | None})


class WorkbookReport(Answer):
    """What a workbook changes; `judged`: it would, and nothing is stored; `committed`: it has."""

    kelurahan: str
    kelurahan_name: str
    period: str
    state: Literal["judged", "committed"]
    rows: int
    """Figures that were read."""
    unchanged: int
    changes: list[WorkbookChange]
    warnings: list[WorkbookWarning]
    faults: list[WorkbookFault]
    """As long as there are any, nothing of the workbook can be committed."""
    stored: list[Id]


class ValueState(Answer):
    """One state of a figure, with what differs from the one before."""

    revision: Id
    version: int
    state: State
    changes: list[Difference]
    warnings: list[ValueWarning]
    indicator_version: int
    written_by: str
    created_at: datetime
    submitted_at: NotRequired[datetime]
    decided_by: NotRequired[str]
    decided_at: NotRequired[datetime]
    decision_reason: NotRequired[str]
    ended_by: NotRequired[str]
    ended_at: NotRequired[datetime]
    ended_reason: NotRequired[str]


class ValueHistory(Page):
    """The history of a figure, the newest state first."""

    id: Id
    revisions: list[ValueState]


class ProfileShort(Answer):
    kelurahan: str
    kelurahan_name: str
    period: str
    begins: date
    ends: date
    number: int
    """Published figures."""
    verified_at: datetime
    href: str


class ProfileList(Page):
    profiles: list[ProfileShort]
