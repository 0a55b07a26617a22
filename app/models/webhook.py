"""Who is told of events by HTTP, how far each has come, and what became of each event."""

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, LargeBinary, SmallInteger, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import TEXT as PG_TEXT
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CreatedAt, InstantColumn, Uuid
from app.models.outbox import TransactionId


class WebhookRecord(Base):
    """`after_…` is the place in the outbox behind which it goes on; nothing behind that has been acknowledged."""

    __tablename__ = "webhook"
    __table_args__ = (
        CheckConstraint("state IN ('active', 'paused')", name="state"),
        CheckConstraint("paused_reason IN ('failing', 'gone', 'by-hand')", name="paused_reason"),
        CheckConstraint("(state = 'paused') = (paused_reason IS NOT NULL)", name="paused"),
    )

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    url: Mapped[str]
    description: Mapped[str | None]
    types: Mapped[list[str]] = mapped_column(ARRAY(PG_TEXT))
    categories: Mapped[list[str] | None] = mapped_column(ARRAY(PG_TEXT))
    kelurahan: Mapped[list[str] | None] = mapped_column(ARRAY(PG_TEXT))
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    """Encrypted with a key made from the service's secret (docs/adr/0021)."""
    secret_before: Mapped[bytes | None] = mapped_column(LargeBinary)
    secret_before_until: Mapped[InstantColumn | None]
    state: Mapped[str] = mapped_column(server_default=text("'active'"))
    paused_reason: Mapped[str | None]
    paused_at: Mapped[InstantColumn | None]
    after_history: Mapped[int]
    after_transaction: Mapped[int] = mapped_column(TransactionId)
    after_id: Mapped[int] = mapped_column(BigInteger)
    failures: Mapped[int] = mapped_column(server_default=text("0"))
    """In a row."""
    failing_since: Mapped[InstantColumn | None]
    next_at: Mapped[InstantColumn] = mapped_column(server_default=text("now()"))
    version: Mapped[int] = mapped_column(server_default=text("1"))
    """Raised by each change of it, so that who delivers looks again."""
    created_by: Mapped[int | None] = mapped_column(ForeignKey("titik.account.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[CreatedAt]


class WebhookDeliveryRecord(Base):
    """One event for one webhook, however often it was tried."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (UniqueConstraint("webhook_id", "event_id"), Index(None, "webhook_id", "id"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    webhook_id: Mapped[Uuid] = mapped_column(ForeignKey("titik.webhook.id", ondelete="CASCADE"))
    event_id: Mapped[Uuid]
    type: Mapped[str]
    subject: Mapped[str]
    attempts: Mapped[int] = mapped_column(server_default=text("1"))
    delivered: Mapped[bool]
    code: Mapped[int | None] = mapped_column(SmallInteger)
    """The status of the last answer."""
    ms: Mapped[int]
    error: Mapped[str | None]
    excerpt: Mapped[str | None]
    """The beginning of the last answer, where it was not taken."""
    first_at: Mapped[CreatedAt]
    last_at: Mapped[InstantColumn] = mapped_column(server_default=text("now()"), index=True)
