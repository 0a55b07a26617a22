"""What every table has whose rows the walidata decides on: one proposed state of a point, or of anything else that people propose."""

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import CodeColumn, CreatedAt, InstantColumn, Uuid


class Reviewed:
    """Where it stands, whose it is, who wrote it and who decided. A table of a noun adds what is proposed (`workflow/noun.py`)."""

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    number: Mapped[int]
    """1, 2, … within what it is a state of; the version that ETags carry."""
    state: Mapped[str]
    kelurahan: Mapped[CodeColumn] = mapped_column(ForeignKey("titik.region.code"))
    """The declared kelurahan; never rewritten silently. Row-level security goes by it."""
    category: Mapped[CodeColumn]
    """That of what it is a state of, which never changes: lists, notices and events need no other table."""
    content_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    """Of the content as the client sent it: the same again is a retry, other content is a conflict."""
    created_by: Mapped[int] = mapped_column(ForeignKey("titik.account.id"), index=True)
    created_at: Mapped[CreatedAt]
    held_by: Mapped[int] = mapped_column(ForeignKey("titik.account.id"), index=True)
    """Who looks after it: its writer, or the writer's successor in office."""
    submitted_at: Mapped[InstantColumn | None]
    """The same instant as `created_at` where it was never a draft."""
    brought_by: Mapped[int | None] = mapped_column(ForeignKey("titik.account.id"))
    """Who brought it in a rescue file of its writer's phone, where somebody else did; decides on it no more than the writer."""
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("titik.account.id"))
    decided_at: Mapped[InstantColumn | None]
    decision_reason: Mapped[str | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("titik.account.id"))
    """Who withdrew it, or took it out of publication."""
    ended_at: Mapped[InstantColumn | None]
    ended_reason: Mapped[str | None]


def review_constraints() -> tuple[CheckConstraint, ...]:
    """What must never be, whatever the service does: each table of a noun has them all, under names of its own."""
    return (
        CheckConstraint("state IN ('draft', 'submitted', 'returned', 'published', 'withdrawn', 'superseded', 'unpublished')", name="state"),
        CheckConstraint("state <> 'unpublished' OR ended_reason IS NOT NULL", name="unpublish_reason"),
        CheckConstraint("state <> 'returned' OR decision_reason IS NOT NULL", name="return_reason"),
        CheckConstraint("state <> 'published' OR decided_by IS NOT NULL", name="published_by"),
        CheckConstraint("decided_by <> created_by", name="four_eyes"),
        CheckConstraint("decided_by <> brought_by", name="not_by_bringer"),
    )
