"""SQL of reviewing: a decision is claimed by the database, never read first and written then."""

from typing import Any
from uuid import UUID

from app.db import Session, Statement

# What is public now makes room before the next is published: one revision of a point is published at every moment.
SUPERSEDE_PUBLISHED = Statement("""
    UPDATE titik.revision SET state = 'superseded'
     WHERE state = 'published' AND id <> :revision AND point_id = (SELECT point_id FROM titik.revision WHERE id = :revision)
""")

CLAIM = Statement("""
    UPDATE titik.revision
       SET state = :state, decided_by = CAST(:account_id AS int), decided_at = now(), decision_reason = :reason
     WHERE id = :revision AND state = ANY (CAST(:from_states AS text[])) AND created_by <> CAST(:account_id AS int)
    RETURNING point_id, kelurahan, number
""")

MOVE_POINT = Statement("UPDATE titik.point SET kelurahan = :kelurahan WHERE id = :point_id AND kelurahan <> :kelurahan")

LOOK = Statement("SELECT state, created_by FROM titik.revision WHERE id = :revision")

QUEUE = Statement("""
    SELECT r.id AS revision, r.point_id AS point, r.number AS version, p.category, r.kelurahan, k.name AS kelurahan_name, r.name,
           ST_X(r.geom) AS lon, ST_Y(r.geom) AS lat, r.flags, r.override_reason, r.submitted_at, a.name AS submitted_by, r.placement
      FROM titik.revision r
      JOIN titik.point p ON p.id = r.point_id
      JOIN titik.region k ON k.code = r.kelurahan
      JOIN titik.account a ON a.id = r.created_by
     WHERE r.state = 'submitted' AND r.id > :after
       AND (CAST(:kelurahan AS text) IS NULL OR r.kelurahan = :kelurahan)
     ORDER BY r.id LIMIT CAST(:limit AS int) + 1
""")


async def queue(session: Session, after: UUID, kelurahan: str | None, limit: int) -> tuple[list[dict[str, Any]], UUID | None]:
    """What waits for a decision, the longest waiting first, and the id that the next page begins after."""
    rows = await session.all(QUEUE, after=after, kelurahan=kelurahan, limit=limit)
    shown = [dict(row) for row in rows[:limit]]
    return shown, shown[-1]["revision"] if len(rows) > limit else None
