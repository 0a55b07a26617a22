"""Boundary editions: one dated set of polygons of all kelurahan each; one of them is active."""

from datetime import date

from geoalchemy2 import Geometry
from sqlalchemy import CheckConstraint, Double, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Code, CreatedAt, Instant, Json


class BoundaryEdition(Base):
    __tablename__ = "boundary_edition"
    __table_args__ = (
        CheckConstraint("accuracy_m > 0 AND accuracy_m <= 10000", name="accuracy"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="validity"),
        Index("uq_boundary_edition_active", "active", unique=True, postgresql_where=text("active")),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    source: Mapped[str]
    legal_basis: Mapped[str | None]
    accuracy_m: Mapped[float] = mapped_column(Double)
    approximate: Mapped[bool] = mapped_column(server_default=text("false"))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    active: Mapped[bool] = mapped_column(server_default=text("false"))
    complete: Mapped[bool]
    file_sha256: Mapped[str | None]
    report: Mapped[Json]
    loaded_at: Mapped[CreatedAt]
    activated_at: Mapped[Instant | None]


class Boundary(Base):
    __tablename__ = "boundary"

    edition_id: Mapped[int] = mapped_column(ForeignKey("titik.boundary_edition.id", ondelete="CASCADE"), primary_key=True)
    region_code: Mapped[Code] = mapped_column(ForeignKey("titik.region.code"), primary_key=True, index=True)
    geom: Mapped[object] = mapped_column(Geometry("MULTIPOLYGON", srid=4326, spatial_index=True), nullable=False)
    area_km2: Mapped[float] = mapped_column(Double)
    label: Mapped[object] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False), nullable=False)
