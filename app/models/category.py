"""Categories of points: what their attributes are, what makes them unique, who sees which field."""

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, SmallInteger, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import TEXT as PG_TEXT
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CodeColumn, CreatedAt, Json, Uuid


class CategoryRecord(Base):
    __tablename__ = "category"
    __table_args__ = (
        CheckConstraint("id ~ '^[a-z][a-z0-9_]{1,40}$'", name="id"),
        CheckConstraint("cardinality IN ('one_per_kelurahan', 'many')", name="cardinality"),
        CheckConstraint("audience IN ('public', 'internal')", name="audience"),
        CheckConstraint("public_decimals BETWEEN 0 AND 7", name="public_decimals"),
        CheckConstraint("colour ~ '^#[0-9A-Fa-f]{6}$'", name="colour"),
    )

    id: Mapped[CodeColumn] = mapped_column(primary_key=True)
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
    icon: Mapped[str | None]
    """One or two letters or signs that maps draw in the circle."""
    colour: Mapped[str | None]
    """Of the circle, `#RRGGBB`; none: the next of the style."""
    version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[CreatedAt]


class CategoryVersionRecord(Base):
    """What a definition said, from when on, by whom. Written by a trigger on the categories."""

    __tablename__ = "category_version"

    category: Mapped[CodeColumn] = mapped_column(ForeignKey("titik.category.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[CreatedAt]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("titik.account.id"), index=True)
    """None: whoever has the database itself."""
    definition: Mapped[Json]


class CategoryStepsRecord(Base):
    """A category whose items are being made anew: how far that is, and what of the others must not be shown until then."""

    __tablename__ = "category_steps"

    category: Mapped[CodeColumn] = mapped_column(ForeignKey("titik.category.id", ondelete="CASCADE"), primary_key=True)
    attributes: Mapped[list[str]] = mapped_column(ARRAY(PG_TEXT))
    public_hidden: Mapped[list[str]] = mapped_column(ARRAY(PG_TEXT))
    internal_hidden: Mapped[list[str]] = mapped_column(ARRAY(PG_TEXT))
    public_cut: Mapped[list[str]] = mapped_column(ARRAY(PG_TEXT))
    """Fields that public items still have, and readers no longer see."""
    internal_cut: Mapped[list[str]] = mapped_column(ARRAY(PG_TEXT))
    withheld: Mapped[bool]
    """Whether a public item is not shown at all before it has been made anew: its place is too exact, or the category internal."""
    after: Mapped[Uuid] = mapped_column(server_default=text("'00000000-0000-0000-0000-000000000000'"))
    """Items up to this id have been made anew."""
    done: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    total: Mapped[int] = mapped_column(BigInteger)
    begun_at: Mapped[CreatedAt]
