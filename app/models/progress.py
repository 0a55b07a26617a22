"""What of points and figures is drafted, waits and was returned, and which reports wait: by kelurahan, counted by triggers."""

from sqlalchemy import BigInteger, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CodeColumn


class _WorkCounts:
    drafted: Mapped[int] = mapped_column(BigInteger)
    submitted: Mapped[int] = mapped_column(BigInteger)
    returned: Mapped[int] = mapped_column(BigInteger)
    submitted_s: Mapped[int] = mapped_column(BigInteger)
    """The sum of the seconds at which what waits was submitted: with their number, how long it waits on average."""
    reports: Mapped[int] = mapped_column(BigInteger)
    """Of anybody, that nobody has answered."""


class ProgressRecord(_WorkCounts, Base):
    """Of points by category, without a period; of figures by period, without a category."""

    __tablename__ = "progress"
    __table_args__ = {"comment": "What is worked on, up to the deltas: their sum is the number"}  # noqa: RUF012 - read by SQLAlchemy

    kelurahan: Mapped[CodeColumn] = mapped_column(primary_key=True)
    category: Mapped[CodeColumn] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)


class ProgressDeltaRecord(_WorkCounts, Base):
    """What a statement has changed of it. Added by each writer alone, so that none waits for another; folded into the counts by the hour."""

    __tablename__ = "progress_delta"
    __table_args__ = (Index(None, "kelurahan"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    kelurahan: Mapped[CodeColumn]
    category: Mapped[CodeColumn]
    period: Mapped[str]
