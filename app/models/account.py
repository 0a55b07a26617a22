"""Who may act: accounts, the kelurahan of a PIC, API tokens as keyed hashes."""

from sqlalchemy import CheckConstraint, ForeignKey, Identity, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Code, CreatedAt, Instant


class Account(Base):
    __tablename__ = "account"
    __table_args__ = (CheckConstraint("role IN ('admin', 'walidata', 'pembina', 'opd', 'pic')", name="role"),)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    created_at: Mapped[CreatedAt]


class AccountKelurahan(Base):
    """The kelurahan that a PIC writes for: one or more."""

    __tablename__ = "account_kelurahan"

    account_id: Mapped[int] = mapped_column(ForeignKey("titik.account.id", ondelete="CASCADE"), primary_key=True)
    kelurahan: Mapped[Code] = mapped_column(ForeignKey("titik.region.code"), primary_key=True, index=True)


class Token(Base):
    """An API token; the secret itself is shown once and never stored."""

    __tablename__ = "token"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("titik.account.id", ondelete="CASCADE"), index=True)
    prefix: Mapped[str]
    """The first characters, so that people can tell their tokens apart."""
    hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[Instant]
    revoked_at: Mapped[Instant | None]
