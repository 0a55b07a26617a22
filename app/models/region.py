"""Kota, kecamatan and kelurahan: Kemendagri code, BPS crosswalk, aliases."""

from sqlalchemy import CheckConstraint, Double, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Code


class Region(Base):
    __tablename__ = "region"
    __table_args__ = (CheckConstraint("level IN ('kota', 'kecamatan', 'kelurahan')", name="level"),)

    code: Mapped[Code] = mapped_column(primary_key=True)
    level: Mapped[str]
    name: Mapped[str]
    parent_code: Mapped[Code | None] = mapped_column(ForeignKey("titik.region.code"), index=True)
    bps_code: Mapped[str] = mapped_column(unique=True)
    official_area_km2: Mapped[float | None] = mapped_column(Double)
    label_lon: Mapped[float | None] = mapped_column(Double)
    label_lat: Mapped[float | None] = mapped_column(Double)


class RegionAlias(Base):
    """Another spelling that is in use, e.g. Kampungdalem for Kampung Dalem."""

    __tablename__ = "region_alias"

    region_code: Mapped[Code] = mapped_column(ForeignKey("titik.region.code"), primary_key=True)
    alias: Mapped[str] = mapped_column(primary_key=True)
