"""Indicators: what a figure of a kelurahan means."""

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CodeColumn, CreatedAt, Json


class IndicatorRecord(Base):
    """One version of what an indicator says. Rows are added and never changed: values name the version by which they were given, and who made it
    the record tells.
    """

    __tablename__ = "indicator"
    __table_args__ = (
        CheckConstraint("id ~ '^[a-z][a-z0-9_]{1,40}$' AND definition ->> 'id' = id", name="id"),
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint("definition ->> 'kind' IN ('entered', 'computed', 'counted')", name="kind"),
        CheckConstraint("definition ->> 'audience' IN ('public', 'internal')", name="audience"),
    )

    id: Mapped[CodeColumn] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[CreatedAt]
    definition: Mapped[Json]
    """`IndicatorDefinition` without what the server decides."""
