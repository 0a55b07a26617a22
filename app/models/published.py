"""The read half: two schemas of one shape. `published` is what everybody may see, `internal` adds fields and exactness."""

from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, Index, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.models.base import INTERNAL_HALF, PUBLIC_HALF, Base, Code, Instant, Json, Uuid


class _Item:
    """One published point, ready to be served."""

    __tablename__ = "item"

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    feature_id: Mapped[int] = mapped_column(BigInteger)
    category: Mapped[Code]
    kelurahan: Mapped[Code]
    kecamatan: Mapped[Code]
    name: Mapped[str]
    geom: Mapped[object] = mapped_column(Geometry("POINT", srid=4326, spatial_index=True), nullable=False)
    geom_mercator: Mapped[object] = mapped_column(Geometry("POINT", srid=3857, spatial_index=True), nullable=False)
    captured_at: Mapped[Instant | None]
    verified_at: Mapped[Instant]
    version: Mapped[int]
    properties: Mapped[Json]
    feature: Mapped[str]
    """The GeoJSON Feature as it leaves the service; the properties that all categories have come first."""
    common_length: Mapped[int]
    """So many characters of `feature`, closed by `}}`, are the Feature of the collection `points`."""
    place: Mapped[int] = mapped_column(BigInteger)
    """Longitude and latitude on a Z-order curve (`titik.place`, `geo.place`): boxes are ranges of it, in an order that pages can follow."""
    words: Mapped[str]
    """Name and address, in small letters: what `q` searches."""


class _Collection:
    """One version per category, bumped by every transaction that publishes."""

    __tablename__ = "collection"

    category: Mapped[Code] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, server_default=text("1"))
    updated_at: Mapped[Instant] = mapped_column(server_default=text("now()"))
    number: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    """Of its items; kept by a trigger."""


def _item_indexes(schema: str) -> tuple[object, ...]:
    return (
        Index(None, "category", "id"),
        Index(None, "category", "kelurahan", "id"),
        Index(None, "kelurahan", "id"),
        Index(None, "category", "place", "id"),
        Index(None, "place", "id"),
        Index("ix_item_words", "words", postgresql_using="gin", postgresql_ops={"words": "gin_trgm_ops"}),
        {"schema": schema},
    )


class PublishedItem(_Item, Base):
    @declared_attr.directive
    def __table_args__(cls) -> tuple[object, ...]:  # noqa: N805 - a directive gets the class
        return _item_indexes(PUBLIC_HALF)


class InternalItem(_Item, Base):
    @declared_attr.directive
    def __table_args__(cls) -> tuple[object, ...]:  # noqa: N805 - a directive gets the class
        return _item_indexes(INTERNAL_HALF)


class PublishedCollection(_Collection, Base):
    __table_args__ = {"schema": PUBLIC_HALF}  # noqa: RUF012 - read by SQLAlchemy


class InternalCollection(_Collection, Base):
    __table_args__ = {"schema": INTERNAL_HALF}  # noqa: RUF012 - read by SQLAlchemy
