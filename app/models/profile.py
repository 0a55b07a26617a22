"""Figures of kelurahan: what they are of, their proposed states, what is public of them, and what of counts of persons ever was."""

from datetime import date
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, Computed, Date, ForeignKey, Identity, Index, Numeric, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.models.base import INTERNAL_HALF, PUBLIC_HALF, Base, CodeColumn, CreatedAt, InstantColumn, Json, Uuid
from app.models.point import OPEN
from app.models.reviewed import Reviewed, review_constraints

_MEANING = "meaning IN ('value', 'empty', 'not-applicable')"
_STATUS = "status IN ('sementara', 'tetap', 'revisi')"


class _OfPeriod:
    indicator_class: Mapped[str] = mapped_column(server_default=text("''"))
    """By what the indicator is divided; empty: the indicator as a whole."""
    period: Mapped[str]
    """`2026`, `2026-S1`, `2026-08`, `2026-08-17`."""
    begins: Mapped[date] = mapped_column(Date)
    ends: Mapped[date] = mapped_column(Date)
    """Its last day."""


class ProfileValueRecord(_OfPeriod, Base):
    __tablename__ = "profile_value"
    __table_args__ = (
        UniqueConstraint("kelurahan", "indicator", "indicator_class", "period"),
        CheckConstraint("indicator_class ~ '^[A-Za-z0-9_.-]{0,41}$'", name="indicator_class"),
        CheckConstraint("begins <= ends", name="period"),
        Index(None, "indicator", "begins", "kelurahan"),
        {"comment": "A figure of a kelurahan and a period, for good; its id is made of these (figures/rules.py)"},
    )

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    kelurahan: Mapped[CodeColumn] = mapped_column(ForeignKey("titik.region.code"))
    indicator: Mapped[CodeColumn]
    created_at: Mapped[CreatedAt]


class ValueRevisionRecord(Reviewed, Base):
    __tablename__ = "value_revision"
    __table_args__ = (
        *review_constraints(),
        CheckConstraint(_MEANING, name="meaning"),
        CheckConstraint("(meaning = 'value') = (value IS NOT NULL)", name="value"),
        CheckConstraint(_STATUS, name="status"),
        UniqueConstraint("value_id", "number"),
        Index("uq_value_revision_open", "value_id", unique=True, postgresql_where=OPEN),
        Index("uq_value_revision_published", "value_id", unique=True, postgresql_where=text("state = 'published'")),
        Index("ix_value_revision_queue", "id", postgresql_where=text("state = 'submitted'")),
    )

    value_id: Mapped[Uuid] = mapped_column(ForeignKey("titik.profile_value.id"))
    value: Mapped[Decimal | None] = mapped_column(Numeric)
    meaning: Mapped[str]
    """A number, that nobody knows it (`empty`), or that there is none to give (`not-applicable`): three things, and none of them is 0."""
    status: Mapped[str]
    """How firm it is, in the words of Satu Data."""
    source: Mapped[str | None]
    """Of this value, where it is another than the definition's."""
    indicator_version: Mapped[int]
    """By which definition it was given."""
    note: Mapped[str | None]
    explanation: Mapped[str | None]
    """Why it is so although a check says otherwise."""
    warnings: Mapped[list[Json]] = mapped_column(JSONB, server_default=text("'[]'"))
    """What the checks said when it was sent."""


class _ValueItem(_OfPeriod):
    """A published value, ready to be served."""

    __tablename__ = "profile_value"

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    category: Mapped[CodeColumn]
    """The id of its indicator: `category` is the word of all items."""
    kelurahan: Mapped[CodeColumn]
    kecamatan: Mapped[CodeColumn]
    city: Mapped[CodeColumn]
    value: Mapped[Decimal | None] = mapped_column(Numeric)
    meaning: Mapped[str]
    status: Mapped[str]
    version: Mapped[int]
    verified_at: Mapped[InstantColumn]
    feature: Mapped[str]
    kelurahan_name: Mapped[str | None] = mapped_column(Computed("feature::jsonb #>> '{properties,kelurahan_name}'", persisted=True))
    source: Mapped[str | None] = mapped_column(Computed("feature::jsonb #>> '{properties,source}'", persisted=True))
    note: Mapped[str | None] = mapped_column(Computed("feature::jsonb #>> '{properties,note}'", persisted=True))
    indicator_version: Mapped[int | None] = mapped_column(
        Computed("(feature::jsonb #>> '{properties,indicator_version}')::int", persisted=True)
    )


def _item_indexes(schema: str) -> tuple[object, ...]:
    return (
        Index(None, "kelurahan", "begins", "category"),
        Index(None, "category", "begins", "city", "kelurahan"),
        Index("ix_profile_value_progress", "kelurahan", "period", "category", "indicator_class"),
        Index(None, "begins", "ends"),
        Index(None, "ends"),
        {"schema": schema},
    )


class PublishedProfileValueRecord(_ValueItem, Base):
    @declared_attr.directive
    def __table_args__(cls) -> tuple[object, ...]:  # noqa: N805 - a directive gets the class
        return _item_indexes(PUBLIC_HALF)


class InternalProfileValueRecord(_ValueItem, Base):
    @declared_attr.directive
    def __table_args__(cls) -> tuple[object, ...]:  # noqa: N805 - a directive gets the class
        return _item_indexes(INTERNAL_HALF)


class _Profile:
    """All published values of a kelurahan and a period that are of no class. Kept by triggers on the values."""

    __tablename__ = "profile"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    """`35.71.01.1011-2026-S1`"""
    kelurahan: Mapped[CodeColumn]
    period: Mapped[str]
    begins: Mapped[date] = mapped_column(Date)
    ends: Mapped[date] = mapped_column(Date)
    figures: Mapped[Json] = mapped_column(JSONB)
    """By indicator its number, where there is one."""
    withheld: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """The indicators that have a number which this half does not show."""
    empty: Mapped[list[str]] = mapped_column(ARRAY(Text))
    not_applicable: Mapped[list[str]] = mapped_column(ARRAY(Text))
    verified_at: Mapped[InstantColumn]
    """Of the newest of its values."""


def _profile_indexes(schema: str) -> tuple[object, ...]:
    return (
        Index(None, "kelurahan", "begins"),
        Index(None, "begins", "ends"),
        Index(None, "ends"),
        Index(None, "period", "kelurahan"),
        {"schema": schema},
    )


class PublishedProfileRecord(_Profile, Base):
    @declared_attr.directive
    def __table_args__(cls) -> tuple[object, ...]:  # noqa: N805 - a directive gets the class
        return _profile_indexes(PUBLIC_HALF)


class InternalProfileRecord(_Profile, Base):
    @declared_attr.directive
    def __table_args__(cls) -> tuple[object, ...]:  # noqa: N805 - a directive gets the class
        return _profile_indexes(INTERNAL_HALF)


class DisclosureRecord(Base):
    """A table of counted persons as it once became public: its counts with their versions, and which cells everybody could read. Kept for good."""

    __tablename__ = "disclosure"
    __table_args__ = (Index(None, "city", "tabulation", "period", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    city: Mapped[CodeColumn]
    tabulation: Mapped[str]
    """Which one: an indicator, or what its total is divided by (figures/disclosing.py)."""
    period: Mapped[str]
    at: Mapped[CreatedAt]
    counts: Mapped[list[Json]] = mapped_column(JSONB)
    """Of each its area, class, value and version."""
    public: Mapped[list[Json]] = mapped_column(JSONB)
    """Areas and classes, sums among them."""
    withheld: Mapped[list[Json]] = mapped_column(JSONB)
    exposed: Mapped[list[Json]] = mapped_column(JSONB)
