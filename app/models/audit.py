"""What was done, by whom: the service may only insert here."""

from sqlalchemy import BigInteger, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Code, CreatedAt, Json


class AuditEntry(Base):
    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_subject", "subject"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[CreatedAt]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("titik.account.id"), index=True)
    """None: the operator, by the command line."""
    action: Mapped[str]
    subject: Mapped[str]
    """The id of what was acted on: of a revision, an edition, an account."""
    kelurahan: Mapped[Code | None]
    detail: Mapped[Json]
