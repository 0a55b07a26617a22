"""Photos of points: what is known of them. Their bytes lie in `TITIK_PHOTO_STORE`."""

from sqlalchemy import Double, ForeignKey, LargeBinary, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import TEXT as PG_TEXT
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.models.base import INTERNAL_HALF, PUBLIC_HALF, Base, CodeColumn, CreatedAt, InstantColumn, Uuid


class PhotoRecord(Base):
    __tablename__ = "photo"

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    point_id: Mapped[Uuid] = mapped_column(ForeignKey("titik.point.id", ondelete="CASCADE"), index=True)
    kelurahan: Mapped[CodeColumn] = mapped_column(ForeignKey("titik.region.code"), index=True)
    """That of its point, which a trigger keeps so: row-level security goes by it."""
    number: Mapped[int]
    """The version of the point that its place and time were compared with."""
    sha256: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    """Of the picture as it is kept; its name in the store."""
    source_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    """Of the bytes as they were sent: the same again is a retry."""
    width: Mapped[int]
    height: Mapped[int]
    bytes: Mapped[int]
    taken_at: Mapped[InstantColumn | None]
    distance_m: Mapped[float | None] = mapped_column(Double)
    """Between where it says that it was taken, which is not kept, and the point."""
    flags: Mapped[list[str]] = mapped_column(ARRAY(PG_TEXT))
    approved: Mapped[bool] = mapped_column(server_default=text("false"))
    """The walidata has published it with its point."""
    created_by: Mapped[int] = mapped_column(ForeignKey("titik.account.id"), index=True)
    created_at: Mapped[CreatedAt]


class _Shown:
    """A photo that goes with a published item, and goes with it too when that goes."""

    __tablename__ = "photo"

    @declared_attr
    def id(cls) -> Mapped[Uuid]:  # noqa: N805 - a declared attribute gets the class
        return mapped_column(ForeignKey("titik.photo.id", ondelete="CASCADE"), primary_key=True)

    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    width: Mapped[int]
    height: Mapped[int]
    bytes: Mapped[int]


class PublishedPhotoRecord(_Shown, Base):
    __table_args__ = {"schema": PUBLIC_HALF}  # noqa: RUF012 - read by SQLAlchemy

    point_id: Mapped[Uuid] = mapped_column(ForeignKey("published.item.id", ondelete="CASCADE"), index=True)


class InternalPhotoRecord(_Shown, Base):
    __table_args__ = {"schema": INTERNAL_HALF}  # noqa: RUF012 - read by SQLAlchemy

    point_id: Mapped[Uuid] = mapped_column(ForeignKey("internal.item.id", ondelete="CASCADE"), index=True)
