"""Names and telephones of people: here and nowhere else, until their term ends."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CodeColumn, CreatedAt, InstantColumn, Uuid


class ContactRecord(Base):
    __tablename__ = "contact"
    __table_args__ = (CheckConstraint("role IN ('ketua', 'sekretaris', 'bendahara', 'kader', 'petugas', 'lainnya')", name="role"),)

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    point_id: Mapped[Uuid] = mapped_column(ForeignKey("titik.point.id", ondelete="CASCADE"), index=True)
    kelurahan: Mapped[CodeColumn] = mapped_column(ForeignKey("titik.region.code"), index=True)
    """That of its point, which a trigger keeps so: row-level security goes by it."""
    role: Mapped[str]
    name: Mapped[str]
    phone: Mapped[str | None]
    legal_basis: Mapped[str]
    """Why it may be kept: the number of a decree, or `persetujuan`."""
    term_ends_on: Mapped[date] = mapped_column(index=True)
    """After this day `titik contacts purge` deletes it."""
    content_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    created_by: Mapped[int] = mapped_column(ForeignKey("titik.account.id"), index=True)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[InstantColumn] = mapped_column(server_default=text("now()"))
