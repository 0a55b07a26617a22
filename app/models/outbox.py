"""What others must hear of: written in the transaction that makes it true, sent on later."""

from sqlalchemy import BigInteger, Identity, Index, text
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from app.models.base import Base, CodeColumn, CreatedAt, Json, Uuid


class TransactionId(UserDefinedType[int]):
    """PostgreSQL's `xid8`: with it a reader stays below the oldest transaction that still runs, and skips nothing."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "xid8"


ischema_names["xid8"] = TransactionId


class OutboxEventRecord(Base):
    """Followed in the order of history, transaction and id, below the oldest transaction that still runs (docs/adr/0020)."""

    __tablename__ = "outbox"
    __table_args__ = (Index(None, "history", "transaction_id", "id"), Index(None, "created_at"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    transaction_id: Mapped[int] = mapped_column(TransactionId, server_default=text("pg_current_xact_id()"))
    type: Mapped[str]
    subject: Mapped[str]
    payload: Mapped[Json]
    history: Mapped[int] = mapped_column(server_default=text("titik.present_history()"))
    event_id: Mapped[Uuid] = mapped_column(unique=True, server_default=text("gen_random_uuid()"))
    """What listeners know the event by, however often it is sent."""
    kind: Mapped[str | None]
    """Of which noun it tells (`workflow/noun.py`); none: of none, or it was written before there were more than points."""
    category: Mapped[CodeColumn | None]
    kelurahan: Mapped[CodeColumn | None]
    feature: Mapped[str | None]
    """Of what became public: the Feature as it was then, whatever the point is by now."""
    created_at: Mapped[CreatedAt]
