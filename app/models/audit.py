"""What was done, by whom, and the seals that chain it: the service may insert and read, and change nothing."""

from sqlalchemy import BigInteger, Computed, ForeignKey, Identity, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CodeColumn, CreatedAt, InstantColumn, Json


class AuditEntryRecord(Base):
    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_subject", "subject"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[CreatedAt]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("titik.account.id"), index=True)
    """None: the operator, by the command line."""
    action: Mapped[str]
    subject: Mapped[str]
    """The id of what was acted on: of a revision, an edition, an account."""
    kelurahan: Mapped[CodeColumn | None]
    detail: Mapped[Json]
    kind: Mapped[str | None] = mapped_column(Computed("detail ->> 'kind'", persisted=True))
    """Of which noun it tells (`workflow/noun.py`). Like the next one out of `detail`, so that the hash of the row, which the chain holds, has
    both.
    """
    category: Mapped[CodeColumn | None] = mapped_column(Computed("detail ->> 'category'", persisted=True))


class AuditSealRecord(Base):
    """One link of the chain, made by `app/audit/sealing.py`. No foreign key: a seal outlives its row, so that the loss has a name."""

    __tablename__ = "audit_seal"

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """1, 2, 3, … without a gap."""
    audit_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    row_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    chain_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_at: Mapped[InstantColumn]
