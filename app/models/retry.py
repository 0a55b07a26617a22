"""Requests that are known by a key, so that the same again is answered and not done again."""

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CreatedAt, Uuid


class RetryRecord(Base):
    """What an `Idempotency-Key`, or the id of a phone's change, stood for: the same again is answered from it, other content is a conflict."""

    __tablename__ = "retry"

    account_id: Mapped[int] = mapped_column(ForeignKey("titik.account.id", ondelete="CASCADE"), primary_key=True)
    key_sha256: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    content_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    subject_id: Mapped[Uuid]
    """What the request was about: a point."""
    number: Mapped[int | None]
    """The revision that came of it; none: the point was withdrawn."""
    outcome: Mapped[str | None]
    """The state after a move; of a change of a synchronisation what it was answered."""
    created_at: Mapped[CreatedAt] = mapped_column(index=True)
