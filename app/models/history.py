"""Which line of transactions the database follows: ids of transactions can be compared within one only."""

from sqlalchemy import CheckConstraint, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class HistoryRecord(Base):
    """One row. `identity` is what `titik.identity()` said when the present history began; where it says something else now, the next begins."""

    __tablename__ = "history"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, server_default=text("1"), autoincrement=False)
    number: Mapped[int]
    identity: Mapped[str]
