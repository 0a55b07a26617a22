"""What others must hear of: written in the transaction that makes it true, sent on later."""

from sqlalchemy import BigInteger, Identity, text
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from app.models.base import Base, CreatedAt, Json


class TransactionId(UserDefinedType[int]):
    """PostgreSQL's `xid8`: with it a reader stays below the oldest transaction that still runs, and skips nothing."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "xid8"


ischema_names["xid8"] = TransactionId


class OutboxEvent(Base):
    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    transaction_id: Mapped[int] = mapped_column(TransactionId, server_default=text("pg_current_xact_id()"))
    type: Mapped[str]
    subject: Mapped[str]
    payload: Mapped[Json]
    created_at: Mapped[CreatedAt]
