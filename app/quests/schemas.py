"""Quests as they are answered."""

from datetime import date, datetime
from typing import Literal

from app.wire import Answer, Link

QuestKind = Literal["missing", "unverified", "report", "returned", "draft"]


class QuestPlace(Answer):
    """In degrees (OGC:CRS84)."""

    lon: float
    lat: float


class QuestNeighbour(Answer):
    """A point beside which it is looked for: of the same RW, with the nearest number."""

    point: str
    name: str
    lon: float
    lat: float


class QuestFill(Answer):
    """What is known of a new point before anybody goes there."""

    rw: str
    rt: str


class QuestProposal(Answer):
    """What says that there is no such RT any more: a value of 0, with the reason as its `explanation`, sent to the address of the profile."""

    href: str
    indicator: str
    indicator_class: str


class Quest(Answer):
    """Something to do for an officer. `kind`: `missing` (should be on the map and is not), `unverified` (nobody has looked for long), `report` (somebody
    has told of a fault), `returned` and `draft` (an entry that was begun).
    """

    id: str
    """The same for the same quest, as long as it is one."""
    kind: QuestKind
    category: str
    name: str | None
    """Null for a missing one that has no number."""
    place: QuestPlace | None
    """Null where only neighbours are known."""
    neighbours: list[QuestNeighbour]
    since: datetime | None
    point: str | None
    report: str | None
    reason: str | None
    """Why an entry was returned, or what a report says."""
    held_by: str | None
    """Who works on it."""
    fill: QuestFill | None
    absent: QuestProposal | None


class QuestCategory(Answer):
    """How far a category is in this kelurahan. `expected`: null where the profile does not say it; `waiting`: in review."""

    category: str
    expected: int | None
    indicator: str | None
    period: str | None
    published: int
    waiting: int
    begun: int
    """Drafts and returned entries."""
    missing: int


class QuestList(Answer):
    """Everything there is to do in a kelurahan; `complete` is false where there was more than fits."""

    kelurahan: str
    kelurahan_name: str
    today: date
    categories: list[QuestCategory]
    quests: list[Quest]
    complete: bool
    links: list[Link]
