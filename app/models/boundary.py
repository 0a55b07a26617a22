"""Boundary editions: one dated set of polygons of all kelurahan each; one of them is active."""

from datetime import date

from geoalchemy2 import Geometry
from sqlalchemy import CheckConstraint, Double, ForeignKey, Identity, Index, Integer, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CodeColumn, CreatedAt, InstantColumn, Json, Uuid


class BoundaryEditionRecord(Base):
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
    activated_at: Mapped[InstantColumn | None]


class BoundaryRecord(Base):
    __tablename__ = "boundary"

    edition_id: Mapped[int] = mapped_column(ForeignKey("titik.boundary_edition.id", ondelete="CASCADE"), primary_key=True)
    region_code: Mapped[CodeColumn] = mapped_column(ForeignKey("titik.region.code"), primary_key=True, index=True)
    geom: Mapped[object] = mapped_column(Geometry("MULTIPOLYGON", srid=4326, spatial_index=True), nullable=False)
    area_km2: Mapped[float] = mapped_column(Double)
    label: Mapped[object] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False), nullable=False)


class BoundaryJobRecord(Base):
    """What somebody has asked of editions and a job does: load a file, find out what an edition would change, activate it. With all that came
    of it, so that a comparison writes nothing but this row.
    """

    __tablename__ = "boundary_job"
    __table_args__ = (
        CheckConstraint("kind IN ('load', 'compare', 'activate')", name="kind"),
        CheckConstraint("state IN ('queued', 'working', 'done', 'failed')", name="state"),
        CheckConstraint("state <> 'failed' OR problem IS NOT NULL", name="problem"),
        CheckConstraint("kind = 'load' OR edition_id IS NOT NULL", name="edition"),
        UniqueConstraint("account_id", "key_sha256"),
        Index("ix_boundary_job_edition_id", "edition_id", "kind", text("id DESC")),
        # One edition after the other becomes the active one.
        Index(
            "uq_boundary_job_activating", "kind", unique=True, postgresql_where=text("kind = 'activate' AND state IN ('queued', 'working')")
        ),
    )

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("titik.account.id"))
    kind: Mapped[str]
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("titik.boundary_edition.id", ondelete="CASCADE"))
    """Of one that loads: once it is loaded."""
    options: Mapped[Json]
    content_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    """Of what was asked, with the file: the same `Idempotency-Key` with other content is a conflict."""
    key_sha256: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(server_default=text("'queued'"))
    step: Mapped[str | None]
    done: Mapped[int] = mapped_column(server_default=text("0"))
    total: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    problem: Mapped[dict[str, object] | None] = mapped_column(JSONB)
    """Why nothing came of it: `{code, facts, text, findings}`."""
    found: Mapped[Json] = mapped_column(server_default=text("'{}'"))
    """Counts, and on what they rest: the edition that was active, and what was committed then."""
    points: Mapped[list[dict[str, object]] | None] = mapped_column(JSONB)
    """The revisions whose verdict changes, in the order of their ids."""
    areas: Mapped[list[dict[str, object]] | None] = mapped_column(JSONB)
    """The kelurahan whose area or neighbours change."""
    created_at: Mapped[CreatedAt] = mapped_column(index=True)
    ended_at: Mapped[InstantColumn | None]


class BoundaryJobFileRecord(Base):
    """The bytes of a file to load, in parts, until that has ended."""

    __tablename__ = "boundary_job_file"

    job_id: Mapped[Uuid] = mapped_column(ForeignKey("titik.boundary_job.id", ondelete="CASCADE"), primary_key=True)
    part: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)
