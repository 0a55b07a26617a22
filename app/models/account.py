"""Who may act: accounts, the kelurahan of a PIC, passwords, API tokens, one-time links, what waits in an inbox."""

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, LargeBinary, SmallInteger, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import TEXT as PG_TEXT
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CodeColumn, CreatedAt, InstantColumn, Uuid


class AccountRecord(Base):
    __tablename__ = "account"
    __table_args__ = (CheckConstraint("role IN ('admin', 'walidata', 'pembina', 'opd', 'pic')", name="role"),)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    email: Mapped[str | None]
    oidc_subject: Mapped[str | None] = mapped_column(unique=True)
    """Who this is at the city's identity server, once an administrator or the account itself has said so."""
    created_at: Mapped[CreatedAt]


class AccountKelurahanRecord(Base):
    """The kelurahan that a PIC writes for: one or more."""

    __tablename__ = "account_kelurahan"

    account_id: Mapped[int] = mapped_column(ForeignKey("titik.account.id", ondelete="CASCADE"), primary_key=True)
    kelurahan: Mapped[CodeColumn] = mapped_column(ForeignKey("titik.region.code"), primary_key=True, index=True)


class PasswordRecord(Base):
    """Argon2id. The service can write it, and read it only through `titik.password_of`."""

    __tablename__ = "password"

    account_id: Mapped[int] = mapped_column(ForeignKey("titik.account.id", ondelete="CASCADE"), primary_key=True)
    hash: Mapped[str]
    changed_at: Mapped[CreatedAt]


class ResetLinkRecord(Base):
    """A link that sets a password once, or signs in once. Kept as a keyed hash."""

    __tablename__ = "reset_link"
    __table_args__ = (CheckConstraint("purpose IN ('password', 'sign-in')", name="purpose"),)

    hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("titik.account.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[InstantColumn]
    used_at: Mapped[InstantColumn | None]
    purpose: Mapped[str] = mapped_column(server_default=text("'password'"))


class TokenRecord(Base):
    """An API token; the secret itself is shown once and never stored."""

    __tablename__ = "token"
    __table_args__ = (CheckConstraint("origin IN ('issued', 'password', 'oidc')", name="origin"),)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("titik.account.id", ondelete="CASCADE"), index=True)
    prefix: Mapped[str]
    """The first characters, so that people can tell their tokens apart."""
    hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    label: Mapped[str | None]
    """What its holder calls it: the phone or the system that has it."""
    scopes: Mapped[list[str] | None] = mapped_column(ARRAY(PG_TEXT))
    """What it may do of what its account may; null: all of that."""
    without_if_match: Mapped[bool] = mapped_column(server_default=text("false"))
    """Whether it changes points without saying in which version they were read."""
    origin: Mapped[str] = mapped_column(server_default=text("'issued'"))
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[InstantColumn]
    revoked_at: Mapped[InstantColumn | None]
    last_used_at: Mapped[InstantColumn | None]
    """To within five minutes."""


class SignInCountRecord(Base):
    """How often a password was tried, in the window of time with this number and in the one before. The key is a keyed hash of what is
    counted. Unlogged: a crash of the database forgets it.
    """

    __tablename__ = "sign_in_count"
    __table_args__ = {"prefixes": ["UNLOGGED"]}  # noqa: RUF012 - SQLAlchemy reads it as a class attribute

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    tries: Mapped[int]
    tries_before: Mapped[int]
    expires_at: Mapped[InstantColumn] = mapped_column(index=True)


class SignInPlaceRecord(Base):
    """That somebody signed in to an account from an address: a keyed hash of both, nothing else."""

    __tablename__ = "sign_in_place"

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    last_at: Mapped[CreatedAt] = mapped_column(index=True)


class IdentityRequestRecord(Base):
    """Who of the identity server asks to be let into this account, and waits for an administrator or its holder to say yes."""

    __tablename__ = "identity_request"

    account_id: Mapped[int] = mapped_column(ForeignKey("titik.account.id", ondelete="CASCADE"), primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    asked_at: Mapped[CreatedAt]


class NoticeRecord(Base):
    """What an account is told in its inbox, and by mail where it has an address. Codes and ids only, no names of people."""

    __tablename__ = "notice"
    __table_args__ = (
        CheckConstraint("kind ~ '^[a-z]+(-[a-z]+)*$'", name="kind"),
        CheckConstraint("(subject_kind IS NULL) = (revision_id IS NULL)", name="subject"),
        Index(None, "account_id", "id"),
        Index("ix_notice_to_mail", "mail_after", postgresql_where=text("mailed_at IS NULL AND mail_after IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("titik.account.id", ondelete="CASCADE"))
    kind: Mapped[str]
    """Of the table in `inbox/kinds.py`."""
    subject_kind: Mapped[str | None]
    """Of which noun the revision is (`workflow/noun.py`)."""
    revision_id: Mapped[Uuid | None] = mapped_column(index=True)
    """Without a foreign key: which table it is in, `subject_kind` says. Whoever deletes revisions deletes their notices."""
    kelurahan: Mapped[CodeColumn | None]
    category: Mapped[CodeColumn | None]
    about_id: Mapped[int | None] = mapped_column(ForeignKey("titik.account.id", ondelete="CASCADE"), index=True)
    """The account that it is about."""
    report_id: Mapped[Uuid | None] = mapped_column(ForeignKey("titik.report.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[CreatedAt]
    read_at: Mapped[InstantColumn | None]
    mail_after: Mapped[InstantColumn | None] = mapped_column(server_default=text("now()"))
    """When to try next; null: no more."""
    mail_tries: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    mailed_at: Mapped[InstantColumn | None]
