"""The read half: two schemas of one shape. `published` is what everybody may see, `internal` adds fields and exactness."""

from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, CheckConstraint, Computed, Double, ForeignKey, Identity, Index, Integer, SmallInteger, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.models.base import INTERNAL_HALF, PUBLIC_HALF, Base, CodeColumn, CreatedAt, InstantColumn, Json, Uuid
from app.models.outbox import TransactionId


class _Item:
    """One published point, ready to be served."""

    __tablename__ = "item"

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    feature_id: Mapped[int] = mapped_column(BigInteger)
    category: Mapped[CodeColumn]
    kelurahan: Mapped[CodeColumn]
    kecamatan: Mapped[CodeColumn]
    name: Mapped[str]
    geom: Mapped[object] = mapped_column(Geometry("POINT", srid=4326, spatial_index=True), nullable=False)
    geom_mercator: Mapped[object] = mapped_column(Geometry("POINT", srid=3857, spatial_index=False), nullable=False)
    captured_at: Mapped[InstantColumn | None]
    verified_at: Mapped[InstantColumn]
    version: Mapped[int]
    properties: Mapped[Json]
    feature: Mapped[str]
    """The GeoJSON Feature as it leaves the service; the properties that all categories have come first."""
    common_length: Mapped[int]
    """So many characters of `feature`, closed by `common_tail`, are the Feature of the collection `points`."""
    common_tail: Mapped[str] = mapped_column(server_default=text("'}}'"))
    """The properties of all categories that this one hides, as null, and two brackets."""
    place: Mapped[int] = mapped_column(BigInteger)
    """Longitude and latitude on a Z-order curve (`titik.place`, `geo.place`): boxes are ranges of it, in an order that pages can follow."""
    quad: Mapped[int] = mapped_column(BigInteger, Computed("titik.quad(geom_mercator)", persisted=True), nullable=False)
    """`geom_mercator` on a Z-order curve of its own: the points of a tile are one range of it. `tiles/quadtree.py` knows which."""
    words: Mapped[str]
    """Name and address, in small letters without apostrophes (`titik.searched`): what `q` searches."""


class _Collection:
    """One version per category, bumped by every transaction that publishes."""

    __tablename__ = "collection"

    category: Mapped[CodeColumn] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, server_default=text("1"))
    updated_at: Mapped[InstantColumn] = mapped_column(server_default=text("now()"))
    number: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    """Of its items; kept by a trigger."""


class _KelurahanTotal:
    """How many items of a category a kelurahan has. Kept by triggers on the items."""

    __tablename__ = "kelurahan_total"

    kelurahan: Mapped[CodeColumn] = mapped_column(primary_key=True)
    category: Mapped[CodeColumn] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    verified_at: Mapped[InstantColumn | None]
    """Since when the newest of them is public."""


class _Cluster:
    """How many items of a category lie in a cell of the grid (tile `level/y/x`), and the sums of their positions in units of 2⁻³¹ of the
    world's width. Kept by triggers on the items; only cells that hold something have a row.
    """

    __tablename__ = "cluster"

    category: Mapped[CodeColumn] = mapped_column(primary_key=True)
    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    y: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    x: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Integer)
    sum_x: Mapped[int] = mapped_column(BigInteger)
    sum_y: Mapped[int] = mapped_column(BigInteger)


class _Change:
    """That an item entered, changed or left; written by triggers on the items. What it says now, or that it is gone, the item tells.

    Read in the order of the primary key, below the oldest transaction that still runs (docs/adr/0020).
    """

    __tablename__ = "change"

    history: Mapped[int] = mapped_column(primary_key=True, server_default=text("titik.present_history()"), autoincrement=False)
    transaction_id: Mapped[int] = mapped_column(TransactionId, primary_key=True, server_default=text("pg_current_xact_id()"))
    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    id: Mapped[Uuid]
    category: Mapped[CodeColumn]
    at: Mapped[CreatedAt]
    kind: Mapped[str] = mapped_column(server_default=text("'point'"))
    """Of which noun the item is (`workflow/noun.py`)."""


def _change_indexes(schema: str) -> tuple[object, ...]:
    return (Index("ix_change_of_point", "id", "history", "transaction_id", "seq"), {"schema": schema})


def _item_indexes(schema: str) -> tuple[object, ...]:
    return (
        Index(None, "category", "id"),
        Index(None, "category", "kelurahan", "place", "id"),
        Index(None, "kelurahan", "place", "id"),
        Index(None, "category", "place", "id"),
        Index(None, "place", "id"),
        Index(None, "category", "quad", "id"),
        Index(None, "category", "captured_at"),
        Index("ix_item_words", "words", postgresql_using="gin", postgresql_ops={"words": "gin_trgm_ops"}),
        {"schema": schema},
    )


class PublishedItemRecord(_Item, Base):
    @declared_attr.directive
    def __table_args__(cls) -> tuple[object, ...]:  # noqa: N805 - a directive gets the class
        return _item_indexes(PUBLIC_HALF)


class InternalItemRecord(_Item, Base):
    @declared_attr.directive
    def __table_args__(cls) -> tuple[object, ...]:  # noqa: N805 - a directive gets the class
        return _item_indexes(INTERNAL_HALF)


class PublishedCollectionRecord(_Collection, Base):
    __table_args__ = {"schema": PUBLIC_HALF}  # noqa: RUF012 - read by SQLAlchemy


class InternalCollectionRecord(_Collection, Base):
    __table_args__ = {"schema": INTERNAL_HALF}  # noqa: RUF012 - read by SQLAlchemy


class PublishedKelurahanTotalRecord(_KelurahanTotal, Base):
    __table_args__ = {"schema": PUBLIC_HALF}  # noqa: RUF012 - read by SQLAlchemy


class InternalKelurahanTotalRecord(_KelurahanTotal, Base):
    __table_args__ = {"schema": INTERNAL_HALF}  # noqa: RUF012 - read by SQLAlchemy


class PublishedChangeRecord(_Change, Base):
    @declared_attr.directive
    def __table_args__(cls) -> tuple[object, ...]:  # noqa: N805 - a directive gets the class
        return _change_indexes(PUBLIC_HALF)


class InternalChangeRecord(_Change, Base):
    @declared_attr.directive
    def __table_args__(cls) -> tuple[object, ...]:  # noqa: N805 - a directive gets the class
        return _change_indexes(INTERNAL_HALF)


class PublishedClusterRecord(_Cluster, Base):
    __table_args__ = {"schema": PUBLIC_HALF}  # noqa: RUF012 - read by SQLAlchemy


class InternalClusterRecord(_Cluster, Base):
    __table_args__ = {"schema": INTERNAL_HALF}  # noqa: RUF012 - read by SQLAlchemy


class AreaRecord(Base):
    """A kelurahan or kecamatan of the active edition, as everybody may see it."""

    __tablename__ = "area"
    __table_args__ = (CheckConstraint("level IN ('kecamatan', 'kelurahan')", name="level"), {"schema": PUBLIC_HALF})

    code: Mapped[CodeColumn] = mapped_column(primary_key=True)
    level: Mapped[str]
    name: Mapped[str]
    bps_code: Mapped[str | None]
    parent_code: Mapped[CodeColumn | None]
    kecamatan: Mapped[str]
    area_km2: Mapped[float] = mapped_column(Double)
    geom: Mapped[object] = mapped_column(Geometry("MULTIPOLYGON", srid=4326, spatial_index=True), nullable=False)
    label: Mapped[object] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False), nullable=False)
    label_mercator: Mapped[object] = mapped_column(Geometry("POINT", srid=3857, spatial_index=True), nullable=False)
    feature: Mapped[str]
    """The GeoJSON Feature as it leaves the service."""


class EditionAreaRecord(Base):
    """The same of every edition that was loaded, with the names of that day: past ones stay readable."""

    __tablename__ = "edition_area"
    __table_args__ = (CheckConstraint("level IN ('kecamatan', 'kelurahan')", name="level"), {"schema": PUBLIC_HALF})

    edition_id: Mapped[int] = mapped_column(ForeignKey("titik.boundary_edition.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[CodeColumn] = mapped_column(primary_key=True)
    level: Mapped[str]
    name: Mapped[str]
    bps_code: Mapped[str | None]
    parent_code: Mapped[CodeColumn | None]
    kecamatan: Mapped[str]
    area_km2: Mapped[float] = mapped_column(Double)
    geom: Mapped[object] = mapped_column(Geometry("MULTIPOLYGON", srid=4326, spatial_index=True), nullable=False)
    label: Mapped[object] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False), nullable=False)
    feature: Mapped[str]


class AreaShapeRecord(Base):
    """An area as tiles of a band of zooms draw it: simplified together with its neighbours, so that no gap opens between them."""

    __tablename__ = "area_shape"
    __table_args__ = {"schema": PUBLIC_HALF}  # noqa: RUF012 - read by SQLAlchemy

    code: Mapped[CodeColumn] = mapped_column(ForeignKey("published.area.code", ondelete="CASCADE"), primary_key=True)
    min_zoom: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    max_zoom: Mapped[int] = mapped_column(SmallInteger)
    level: Mapped[str]
    geom_mercator: Mapped[object] = mapped_column(Geometry("MULTIPOLYGON", srid=3857, spatial_index=True), nullable=False)
