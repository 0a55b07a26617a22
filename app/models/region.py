"""Kota and kabupaten with what is set for them, kecamatan, kelurahan and desa: Kemendagri code, BPS crosswalk, aliases."""

from sqlalchemy import ARRAY, CheckConstraint, Double, ForeignKey, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CodeColumn


class RegionRecord(Base):
    __tablename__ = "region"
    __table_args__ = (CheckConstraint("level IN ('kota', 'kabupaten', 'kecamatan', 'kelurahan')", name="level"),)

    code: Mapped[CodeColumn] = mapped_column(primary_key=True)
    level: Mapped[str]
    name: Mapped[str]
    """The code, where no name is known yet."""
    parent_code: Mapped[CodeColumn | None] = mapped_column(ForeignKey("titik.region.code"), index=True)
    bps_code: Mapped[str | None] = mapped_column(unique=True)
    official_area_km2: Mapped[float | None] = mapped_column(Double)
    label_lon: Mapped[float | None] = mapped_column(Double)
    label_lat: Mapped[float | None] = mapped_column(Double)


class RegionAliasRecord(Base):
    """Another spelling that is in use, e.g. Kampungdalem for Kampung Dalem."""

    __tablename__ = "region_alias"

    region_code: Mapped[CodeColumn] = mapped_column(ForeignKey("titik.region.code"), primary_key=True)
    alias: Mapped[str] = mapped_column(primary_key=True)


class CityRecord(Base):
    """What is set for a kota or kabupaten."""

    __tablename__ = "city"
    __table_args__ = (
        CheckConstraint("time_zone IN ('WIB', 'WITA', 'WIT')", name="time_zone"),
        CheckConstraint("languages <@ '{id,en}' AND cardinality(languages) > 0", name="languages"),
    )

    code: Mapped[CodeColumn] = mapped_column(ForeignKey("titik.region.code"), primary_key=True)
    province: Mapped[str | None]
    attribution: Mapped[str | None]
    licence: Mapped[str | None]
    contact: Mapped[str | None]
    time_zone: Mapped[str] = mapped_column(server_default=text("'WIB'"))
    languages: Mapped[list[str]] = mapped_column(ARRAY(Text()), server_default=text("'{id,en}'"))
    srids: Mapped[list[int] | None] = mapped_column(ARRAY(Integer()))
    extent: Mapped[list[float] | None] = mapped_column(ARRAY(Double()))
    """Of its active boundaries: west, south, east, north in degrees."""
    changes: Mapped[int] = mapped_column(server_default=text("1"))
    """Grows with each change of it or of one of its regions."""
