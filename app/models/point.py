"""Points, for good, and their revisions: every proposed state with the verdict on where it lies."""

from uuid import UUID

from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, CheckConstraint, Double, ForeignKey, Identity, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import TEXT as PG_TEXT
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Code, CreatedAt, Instant, Json, Uuid

LIVE = text("state IN ('draft', 'submitted', 'returned', 'published')")
OPEN = text("state IN ('draft', 'submitted', 'returned')")


class Point(Base):
    __tablename__ = "point"
    __table_args__ = (
        CheckConstraint("status IN ('active', 'inactive', 'moved', 'closed')", name="status"),
        Index(None, "category", "kelurahan"),
        {"comment": "One facility, for good; its id is the item id everywhere"},
    )

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    feature_id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    """The integer id that vector tiles need."""
    category: Mapped[Code] = mapped_column(ForeignKey("titik.category.id"))
    kelurahan: Mapped[Code] = mapped_column(ForeignKey("titik.region.code"), index=True)
    status: Mapped[str] = mapped_column(server_default=text("'active'"))
    created_at: Mapped[CreatedAt]


class Revision(Base):
    __tablename__ = "revision"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'submitted', 'returned', 'published', 'withdrawn', 'superseded', 'unpublished')", name="state"),
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
        CheckConstraint("state <> 'unpublished' OR ended_reason IS NOT NULL", name="unpublish_reason"),
        CheckConstraint("state <> 'returned' OR decision_reason IS NOT NULL", name="return_reason"),
        CheckConstraint("state <> 'published' OR decided_by IS NOT NULL", name="published_by"),
        CheckConstraint("decided_by <> created_by", name="four_eyes"),
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

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    point_id: Mapped[Uuid] = mapped_column(ForeignKey("titik.point.id"))
    number: Mapped[int]
    """1, 2, … within the point; the version that ETags carry."""
    state: Mapped[str]
    kelurahan: Mapped[Code] = mapped_column(ForeignKey("titik.region.code"))
    """The declared kelurahan; never rewritten silently."""
    geom: Mapped[object] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False), nullable=False)
    accuracy_m: Mapped[float | None] = mapped_column(Double)
    method: Mapped[str]
    captured_at: Mapped[Instant | None]
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
    content_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    """Of the content as the client sent it: the same again is a retry, other content is a conflict."""

    edition_id: Mapped[int] = mapped_column(ForeignKey("titik.boundary_edition.id"))
    verdict: Mapped[str]
    found_in: Mapped[Code | None] = mapped_column(ForeignKey("titik.region.code"))
    """The kelurahan where the point lies: that which covers it, else the nearest within tolerance."""
    distance_m: Mapped[float] = mapped_column(Double)
    """Geodesic metres from the declared kelurahan; 0 within it."""
    placement: Mapped[Json]
    """The whole verdict as it was shown to the writer."""
    flags: Mapped[list[str]] = mapped_column(ARRAY(PG_TEXT))
    repair: Mapped[Json | None]
    """Where the coordinate was not written as it was understood: `{raw: {field: text}, repairs: [code]}`."""

    created_by: Mapped[int] = mapped_column(ForeignKey("titik.account.id"), index=True)
    created_at: Mapped[CreatedAt]
    held_by: Mapped[int] = mapped_column(ForeignKey("titik.account.id"), index=True)
    """Who looks after it: its writer, or the writer's successor in office."""
    submitted_at: Mapped[Instant | None]
    """The same instant as `created_at` where it was never a draft."""
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("titik.account.id"))
    decided_at: Mapped[Instant | None]
    decision_reason: Mapped[str | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("titik.account.id"))
    """Who withdrew it, or took it out of publication."""
    ended_at: Mapped[Instant | None]
    ended_reason: Mapped[str | None]


class PlacementChange(Base):
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
    seen_at: Mapped[Instant | None]


class Retry(Base):
    """What an `Idempotency-Key` of an account stood for: the same again is answered from it, other content is a conflict."""

    __tablename__ = "retry"

    account_id: Mapped[int] = mapped_column(ForeignKey("titik.account.id", ondelete="CASCADE"), primary_key=True)
    key_sha256: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    content_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    point_id: Mapped[Uuid]
    number: Mapped[int | None]
    """The revision that came of it; none: the point was withdrawn."""
    outcome: Mapped[str | None]
    """The state after a move; of a change of a synchronisation what it was answered."""
    created_at: Mapped[CreatedAt] = mapped_column(index=True)
