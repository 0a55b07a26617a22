"""Files of points that come in: the file, what was found in each row, and what became of it."""

from sqlalchemy import BigInteger, CheckConstraint, Double, ForeignKey, ForeignKeyConstraint, Index, Integer, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CodeColumn, CreatedAt, InstantColumn, Json, Uuid


class ImportRecord(Base):
    __tablename__ = "import"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'judging', 'judged', 'committing', 'committed', 'failed')", name="state"),
        CheckConstraint("state <> 'failed' OR problem IS NOT NULL", name="problem"),
        Index("ix_import_account_id", "account_id", text("id DESC")),
    )

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("titik.account.id"))
    category: Mapped[CodeColumn] = mapped_column(ForeignKey("titik.category.id"), index=True)
    name: Mapped[str]
    """Of the file, as its sender calls it."""
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    size: Mapped[int] = mapped_column(BigInteger)
    options: Mapped[Json]
    """What was asked: sheet, columns, and of a commit which rows."""
    state: Mapped[str] = mapped_column(server_default=text("'queued'"))
    problem: Mapped[dict[str, object] | None] = mapped_column(JSONB)
    """Why nothing came of it: `{code, facts}`."""
    found: Mapped[Json] = mapped_column(server_default=text("'{}'"))
    """Format, sheet, columns, and how many rows are how good."""
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("titik.boundary_edition.id"), index=True)
    """The boundaries that judged."""
    category_version: Mapped[int | None]
    done: Mapped[int] = mapped_column(server_default=text("0"))
    """Rows of the step that runs."""
    total: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    begun_at: Mapped[InstantColumn | None]
    """When a step of it was begun last: accounts take turns."""
    begun_by: Mapped[int | None] = mapped_column(BigInteger)
    """The job that is at it, as the queue numbers it."""
    created_at: Mapped[CreatedAt] = mapped_column(index=True)
    judged_at: Mapped[InstantColumn | None]
    committed_at: Mapped[InstantColumn | None]


class ImportFileRecord(Base):
    """The bytes, in parts: any worker may take the job, and no worker shares a disk with another."""

    __tablename__ = "import_file"

    import_id: Mapped[Uuid] = mapped_column(ForeignKey("titik.import.id", ondelete="CASCADE"), primary_key=True)
    part: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    account_id: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ImportRowRecord(Base):
    """One row of the file as it was judged; of those that may be committed also the revision that it would become."""

    __tablename__ = "import_row"
    __table_args__ = (
        CheckConstraint("level IN ('good', 'warned', 'question', 'fault')", name="level"),
        CheckConstraint("act IN ('create', 'update', 'same')", name="act"),
        CheckConstraint("level = 'fault' OR act IS NOT NULL", name="judged"),
        ForeignKeyConstraint(["import_id"], ["titik.import.id"], ondelete="CASCADE"),
        Index("ix_import_row_level", "import_id", "number", postgresql_where=text("level <> 'good'")),
    )

    import_id: Mapped[Uuid] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    """As the spreadsheet counts its rows."""
    account_id: Mapped[int]
    level: Mapped[str]
    act: Mapped[str | None]
    asks: Mapped[str]
    """Of a question: what has to be accepted, words with blanks between; empty where nothing has."""
    findings: Mapped[list[dict[str, object]] | None] = mapped_column(JSONB)
    point_id: Mapped[Uuid | None]
    based_on: Mapped[int | None]
    """The number of the revision that an update rests on."""
    kelurahan: Mapped[CodeColumn | None]
    lon: Mapped[float | None] = mapped_column(Double)
    lat: Mapped[float | None] = mapped_column(Double)
    accuracy_m: Mapped[float | None] = mapped_column(Double)
    method: Mapped[str | None]
    captured_at: Mapped[InstantColumn | None]
    name: Mapped[str | None]
    address: Mapped[str | None]
    rw: Mapped[str | None]
    rt: Mapped[str | None]
    attributes: Mapped[dict[str, object] | None] = mapped_column(JSONB)
    override_reason: Mapped[str | None]
    status: Mapped[str | None]
    content_sha256: Mapped[bytes | None] = mapped_column(LargeBinary)
    verdict: Mapped[str | None]
    found_in: Mapped[CodeColumn | None]
    distance_m: Mapped[float | None] = mapped_column(Double)
    placement: Mapped[dict[str, object] | None] = mapped_column(JSONB)
    flags: Mapped[str | None]
    """With blanks between."""
    repair: Mapped[Json | None]
    """As that of a revision."""
    people: Mapped[list[dict[str, object]] | None] = mapped_column(JSONB)
    """Contacts that the row tells of, `[{role, name, phone}]`, until the commit."""
    key: Mapped[dict[str, object] | None] = mapped_column(JSONB)
    """The natural key in its two halves: `{common, attributes}`."""
