"""What anybody has reported of a point or a place, and what became of it; how often an address has reported lately."""

from sqlalchemy import CheckConstraint, Double, ForeignKey, Index, LargeBinary
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CodeColumn, CreatedAt, InstantColumn, Uuid


class ReportRecord(Base):
    """Nothing in it tells who has sent it. Row-level security goes by its kelurahan; a stranger with its number meets it in `titik.find_report`."""

    __tablename__ = "report"
    __table_args__ = (
        CheckConstraint("kind IN ('error', 'gone', 'missing', 'confirm')", name="kind"),
        CheckConstraint("state IN ('received', 'in-progress', 'closed')", name="state"),
        CheckConstraint("outcome IN ('fixed', 'confirmed', 'not-reproducible', 'nothing-to-do')", name="outcome"),
        CheckConstraint("(state = 'closed') = (outcome IS NOT NULL) AND (state = 'closed') = (closed_at IS NOT NULL)", name="closed"),
        CheckConstraint("(lon IS NULL) = (lat IS NULL)", name="place"),
        Index(None, "kelurahan", "id"),
        Index("ix_report_closed_at", "closed_at", postgresql_where=sql("closed_at IS NOT NULL")),
    )

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    """By which its sender looks it up: 60 bits that nobody guesses."""
    kind: Mapped[str]
    kelurahan: Mapped[CodeColumn] = mapped_column(ForeignKey("titik.region.code"))
    category: Mapped[CodeColumn] = mapped_column(ForeignKey("titik.category.id"), index=True)
    point_id: Mapped[Uuid | None] = mapped_column(ForeignKey("titik.point.id", ondelete="CASCADE"), index=True)
    lon: Mapped[float | None] = mapped_column(Double)
    lat: Mapped[float | None] = mapped_column(Double)
    text: Mapped[str | None]
    photo_sha256: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    """Of the picture as it lies in the store of photos."""
    text_shown: Mapped[bool] = mapped_column(server_default=sql("false"))
    """The walidata shows the text to all who have the number; `photo_shown` the photo."""
    photo_shown: Mapped[bool] = mapped_column(server_default=sql("false"))
    state: Mapped[str] = mapped_column(server_default=sql("'received'"))
    outcome: Mapped[str | None]
    answer: Mapped[str | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("titik.account.id"), index=True)
    answered_at: Mapped[InstantColumn | None]
    closed_at: Mapped[InstantColumn | None]
    """Ninety days later it is deleted."""
    created_at: Mapped[CreatedAt]
    key_sha256: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    """Of the `Idempotency-Key` that it was sent with; the same key with the same content is the same report."""
    content_sha256: Mapped[bytes] = mapped_column(LargeBinary)


class ReportSenderRecord(Base):
    """How often an address has reported within an hour, or has asked for numbers that nobody has: a keyed hash of the address, the hour, the number.
    Not the minute, by which a report could be found. Unlogged: a crash of the database forgets it.
    """

    __tablename__ = "report_sender"
    __table_args__ = {"prefixes": ["UNLOGGED"]}  # noqa: RUF012 - SQLAlchemy reads it as a class attribute

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    hour: Mapped[InstantColumn] = mapped_column(primary_key=True, index=True)
    times: Mapped[int]
