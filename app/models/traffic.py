"""How long requests took lately."""

from sqlalchemy import BigInteger, Double, Integer, SmallInteger
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, InstantColumn


class RouteMinuteRecord(Base):
    """What one worker answered of one route in one minute, for an hour. Nothing in it tells who asked, or for what: the route is a template.
    Unlogged: a crash of the database forgets it.
    """

    __tablename__ = "route_minute"
    __table_args__ = {"prefixes": ["UNLOGGED"]}  # noqa: RUF012 - SQLAlchemy reads it as a class attribute

    minute: Mapped[InstantColumn] = mapped_column(primary_key=True)
    worker: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """A random number, of one process."""
    method: Mapped[str] = mapped_column(primary_key=True)
    route: Mapped[str] = mapped_column(primary_key=True)
    requests: Mapped[int]
    errors: Mapped[int]
    """Answers of 500 and above."""
    most_ms: Mapped[float] = mapped_column(Double)
    steps: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    """Of durations, ascending; `numbers` are the requests of each (`traffic/timings.py`)."""
    numbers: Mapped[list[int]] = mapped_column(ARRAY(Integer))
