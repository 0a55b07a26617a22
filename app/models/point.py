"""Points, for good, and their revisions: every proposed state with the verdict on where it lies."""

from uuid import UUID

from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, CheckConstraint, Double, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import TEXT as PG_TEXT
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CodeColumn, CreatedAt, InstantColumn, Json, Uuid
from app.models.reviewed import Reviewed, review_constraints

LIVE = text("state IN ('draft', 'submitted', 'returned', 'published')")
OPEN = text("state IN ('draft', 'submitted', 'returned')")


class PointRecord(Base):
    __tablename__ = "point"
    __table_args__ = (
        CheckConstraint("status IN ('active', 'inactive', 'moved', 'closed')", name="status"),
        Index(None, "category", "kelurahan"),
        {"comment": "One facility, for good; its id is the item id everywhere"},
    )

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    feature_id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    """The integer id that vector tiles need."""
    category: Mapped[CodeColumn] = mapped_column(ForeignKey("titik.category.id"))
    kelurahan: Mapped[CodeColumn] = mapped_column(ForeignKey("titik.region.code"), index=True)
    status: Mapped[str] = mapped_column(server_default=text("'active'"))
    created_at: Mapped[CreatedAt]


class RevisionRecord(Reviewed, Base):
    __tablename__ = "revision"
    __table_args__ = (
        *review_constraints(),
        CheckConstraint("status IN ('active', 'inactive', 'moved', 'closed')", name="status"),
        CheckConstraint("succession IN ('move', 'merge', 'split')", name="succession"),
        CheckConstraint("(succession IS NULL) = (cardinality(predecessors) = 0)", name="predecessors"),
        CheckConstraint("method IN ('gps', 'map', 'import', 'geocoded')", name="method"),
        CheckConstraint("verdict IN ('inside', 'near', 'elsewhere', 'outside')", name="verdict"),
        # A later edition may turn a verdict; the flag tells such a revision from one that was never explained. A draft need not
        # explain itself: it is asked when it is submitted.
        CheckConstraint(
            "verdict IN ('inside', 'near') OR override_reason IS NOT NULL OR 'rejudged' = ANY (flags)"
            " OR state IN ('draft', 'withdrawn', 'superseded')",
            name="override",
        ),
        CheckConstraint("accuracy_m > 0", name="accuracy"),
        CheckConstraint("NOT ST_IsEmpty(geom)", name="geom"),
        UniqueConstraint("point_id", "number"),
        Index("uq_revision_open", "point_id", unique=True, postgresql_where=OPEN),
        Index("uq_revision_published", "point_id", unique=True, postgresql_where=text("state = 'published'")),
        Index("ix_revision_split", "predecessors", postgresql_using="gin", postgresql_where=text("succession IS NOT NULL")),
        # Ids sort by time, so this is the order in which they came.
        Index("ix_revision_queue", "id", postgresql_where=text("state = 'submitted'")),
        # What is near, of what lives.
        Index("idx_revision_geom", "geom", postgresql_using="gist", postgresql_where=LIVE),
        # For natural keys: numbers within a kelurahan, and attributes such as a registration number. The first of all revisions: PostgreSQL
        # would read one of the live from end to end, to tell those that are near and live.
        Index("ix_revision_number", "kelurahan", "rw", "rt"),
        Index(
            "ix_revision_attributes",
            "attributes",
            postgresql_using="gin",
            postgresql_ops={"attributes": "jsonb_path_ops"},
            postgresql_where=LIVE,
            postgresql_with={"fastupdate": "off"},
        ),
    )

    point_id: Mapped[Uuid] = mapped_column(ForeignKey("titik.point.id"))
    geom: Mapped[object] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False), nullable=False)
    accuracy_m: Mapped[float | None] = mapped_column(Double)
    method: Mapped[str]
    captured_at: Mapped[InstantColumn | None]
    name: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=text("'active'"))
    """What the point becomes when this is published: `closed` proposes its closing."""
    address: Mapped[str | None]
    rw: Mapped[str | None]
    rt: Mapped[str | None]
    attributes: Mapped[Json]
    override_reason: Mapped[str | None]
    predecessors: Mapped[list[UUID]] = mapped_column(ARRAY(PG_UUID(as_uuid=True)), server_default=text("'{}'"))
    """The points that this one takes over from; they end when it is published."""
    succession: Mapped[str | None]
    reason: Mapped[str | None]
    """Why the closing is proposed."""

    edition_id: Mapped[int] = mapped_column(ForeignKey("titik.boundary_edition.id"))
    verdict: Mapped[str]
    found_in: Mapped[CodeColumn | None] = mapped_column(ForeignKey("titik.region.code"))
    """The kelurahan where the point lies: that which covers it, else the nearest within tolerance."""
    distance_m: Mapped[float] = mapped_column(Double)
    """Geodesic metres from the declared kelurahan; 0 within it."""
    placement: Mapped[Json]
    """The whole verdict as it was shown to the writer."""
    flags: Mapped[list[str]] = mapped_column(ARRAY(PG_TEXT))
    repair: Mapped[Json | None]
    """Where the coordinate was not written as it was understood: `{raw: {field: text}, repairs: [code]}`."""


class PlacementChangeRecord(Base):
    """A verdict that turned out otherwise when another edition was activated: a list for the walidata to look at."""

    __tablename__ = "placement_change"
    __table_args__ = (Index("ix_placement_change_unseen", "revision_id", "id", postgresql_where=text("seen_at IS NULL")),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    revision_id: Mapped[Uuid] = mapped_column(ForeignKey("titik.revision.id"), index=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("titik.boundary_edition.id"), index=True)
    before: Mapped[Json]
    after: Mapped[Json]
    created_at: Mapped[CreatedAt]
    seen_by: Mapped[int | None] = mapped_column(ForeignKey("titik.account.id"))
    """The walidata who has ticked it off, or has decided on the revision."""
    seen_at: Mapped[InstantColumn | None]
