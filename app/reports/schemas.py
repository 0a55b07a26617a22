"""A report as it is sent, as its sender finds it again, and as those who answer it see it."""

from datetime import datetime
from typing import Annotated, Literal, NotRequired
from uuid import UUID

from pydantic import Field, StringConstraints

from app.wire import Answer, Lines, OneLine, Page, Wire

ReportKind = Literal["error", "gone", "missing", "confirm"]
ReportState = Literal["received", "in-progress", "closed"]
ReportOutcome = Literal["fixed", "confirmed", "not-reproducible", "nothing-to-do"]

TEXT_AT_MOST = 1_000
ReportText = Annotated[str, StringConstraints(max_length=TEXT_AT_MOST, strip_whitespace=True), Lines]


class NewReport(Wire):
    """Of a point (`error`, `gone`, `confirm`), or of a place where one is missing: by its category, and its kelurahan or coordinate or both."""

    kind: ReportKind
    point: Annotated[UUID | None, Field(strict=False)] = None
    category: Annotated[str | None, StringConstraints(max_length=64)] = None
    kelurahan: Annotated[str | None, StringConstraints(max_length=100), OneLine] = None
    lon: Annotated[float | None, Field(ge=-180, le=180)] = None
    lat: Annotated[float | None, Field(ge=-90, le=90)] = None
    text: ReportText | None = None
    """What is wrong, or where something is missing. No names, no telephone numbers: none is needed."""


class Receipt(Answer):
    """That a report has arrived. Its sender writes the number down: it is the only way back to it."""

    number: str
    state: ReportState
    href: str
    page: str
    """The address of the same for people."""
    personal: bool
    """Whether the text seems to hold a telephone number, an identity number, an e-mail address or somebody's name."""


class CitizenReport(Answer):
    """For whoever has the number; from `kelurahan_name` on for those who answer it."""

    number: str
    kind: ReportKind
    state: ReportState
    created_at: datetime
    kelurahan: str
    category: str
    point: NotRequired[UUID]
    text: NotRequired[str]
    """Of a stranger's only where the walidata shows it; so the photo."""
    photo: NotRequired[str]
    outcome: NotRequired[ReportOutcome]
    answer: NotRequired[str]
    answered_at: NotRequired[datetime]
    closed_at: NotRequired[datetime]
    deleted_at: NotRequired[datetime]
    """When it will be deleted, unless it is opened again."""
    kelurahan_name: NotRequired[str]
    name: NotRequired[str]
    """Of the point, as it is published."""
    lon: NotRequired[float]
    lat: NotRequired[float]
    personal: NotRequired[bool]
    text_shown: NotRequired[bool]
    photo_shown: NotRequired[bool]


class CitizenReports(Page):
    reports: list[CitizenReport]


class ReportAnswer(Wire):
    """`closed` with an outcome and an answer; or `in-progress`, also of one that was closed."""

    state: Literal["in-progress", "closed"]
    outcome: ReportOutcome | None = None
    answer: ReportText | None = None


class Showing(Wire):
    """What of a report everybody with its number may see from now on."""

    text: bool = False
    photo: bool = False
