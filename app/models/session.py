"""Browsers that are signed in, and the second factor of an account."""

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CreatedAt, InstantColumn


class SessionRecord(Base):
    """A browser that is signed in; the secret itself is in its cookie alone. How the three hashes follow each other: docs/adr/0053."""

    __tablename__ = "session"
    __table_args__ = (
        CheckConstraint("origin IN ('password', 'oidc', 'link')", name="origin"),
        CheckConstraint("awaiting IN ('code', 'enrolment')", name="awaiting"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("titik.account.id", ondelete="CASCADE"), index=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    next_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    """Of the secret that has been offered and not been taken up yet."""
    earlier_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    offered_at: Mapped[InstantColumn | None]
    rotated_at: Mapped[CreatedAt]
    origin: Mapped[str]
    awaiting: Mapped[str | None]
    """What is still lacking to be signed in: the code of the second factor, or its enrolment; null: nothing."""
    address: Mapped[str | None]
    browser: Mapped[str | None]
    system: Mapped[str | None]
    created_at: Mapped[CreatedAt]
    authenticated_at: Mapped[CreatedAt]
    """When the password was given last."""
    last_used_at: Mapped[CreatedAt]
    """To within a minute."""
    idle_s: Mapped[int]
    """After how many seconds without use it ends."""
    expires_at: Mapped[InstantColumn]
    ended_at: Mapped[InstantColumn | None]


class SecondFactorRecord(Base):
    """The key of time-based codes (RFC 6238), encrypted. It counts once its holder has shown a code of it."""

    __tablename__ = "second_factor"

    account_id: Mapped[int] = mapped_column(ForeignKey("titik.account.id", ondelete="CASCADE"), primary_key=True)
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    last_step: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    """The time step of the last code that was taken: none is taken twice."""
    created_at: Mapped[CreatedAt]
    confirmed_at: Mapped[InstantColumn | None]


class RecoveryCodeRecord(Base):
    """A code in place of the second factor, good once. Kept as a keyed hash."""

    __tablename__ = "recovery_code"

    hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("titik.account.id", ondelete="CASCADE"), index=True)
    used_at: Mapped[InstantColumn | None]
