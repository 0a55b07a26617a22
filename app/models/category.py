"""Categories of points: what their attributes are, what makes them unique, who sees which field."""

from sqlalchemy import CheckConstraint, SmallInteger, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import TEXT as PG_TEXT
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Code, CreatedAt, Json


class Category(Base):
    __tablename__ = "category"
    __table_args__ = (
        CheckConstraint("id ~ '^[a-z][a-z0-9_]{1,40}$'", name="id"),
        CheckConstraint("cardinality IN ('one_per_kelurahan', 'many')", name="cardinality"),
        CheckConstraint("audience IN ('public', 'internal')", name="audience"),
        CheckConstraint("public_decimals BETWEEN 0 AND 7", name="public_decimals"),
    )

    id: Mapped[Code] = mapped_column(primary_key=True)
    title: Mapped[Json]
    description: Mapped[Json]
    attribute_schema: Mapped[Json]
    required: Mapped[list[str]] = mapped_column(ARRAY(PG_TEXT))
    """Common properties that a point of this category must have, e.g. `name`, or `rt` and `rw`."""
    name_template: Mapped[Json | None] = mapped_column(JSONB)
    """How a name is made where none is sent: `{"id": "RT {rt} RW {rw}"}`."""
    natural_key: Mapped[list[str]] = mapped_column(ARRAY(PG_TEXT))
    cardinality: Mapped[str]
    field_visibility: Mapped[Json]
    """Field name to `internal` or `restricted`; what is not named is public."""
    audience: Mapped[str] = mapped_column(server_default=text("'public'"))
    public_decimals: Mapped[int | None] = mapped_column(SmallInteger)
    """Decimals of public coordinates; none: as exact as they were given."""
    expected_count: Mapped[int | None]
    version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[CreatedAt]
