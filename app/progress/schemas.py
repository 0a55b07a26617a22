"""Wire types of progress."""

from datetime import datetime
from typing import Literal

from app.progress.queries import ProgressLevel
from app.wire import Answer, Page

ExpectedFrom = Literal["indicator", "one-each"]


class AreaProgress(Answer):
    """How far an area is."""

    level: ProgressLevel
    code: str
    name: str
    kecamatan: str | None
    """Its name, of a kelurahan."""
    period: str
    kelurahan: int
    """So many kelurahan are in it."""
    expected: int | None
    """How many there should be, as far as that is known."""
    published: int
    missing: int | None
    """Of what is expected; the sum of what the kelurahan lack."""
    share: float | None
    """Per cent of what is expected that is there."""
    drafted: int | None
    """Null where it is not for this reader, as are the following."""
    submitted: int | None
    returned: int | None
    days_in_review: float | None
    """Since how many days what waits has been waiting, on average."""
    records: dict[str, str]
    """By figure where exactly its records are listed; `rows`: the rows that a sum is made of."""


class MapProgress(AreaProgress):
    category: str
    category_title: str
    expected_from: ExpectedFrom | None
    """`indicator`: a published figure of the profile; `one-each`: one for each kelurahan."""
    expected_indicator: str | None
    expected_period: str | None
    """Of that figure, at a kelurahan: the period that was asked for, or the one before it."""
    expected_known: int
    """For so many of the kelurahan it is known what is expected."""
    verified_at: datetime | None
    """When the newest was published."""
    age_days: int | None
    reports: int | None
    """Of anybody, that nobody has answered."""


class ProgressPage(Page):
    """How far the map has come."""

    level: ProgressLevel
    period: str
    progress: list[MapProgress]


class FiguresProgressPage(Page):
    """How far the profiles have come."""

    level: ProgressLevel
    period: str
    progress: list[AreaProgress]
