"""SQL of reviewing: a decision is claimed by the database, never read first and written then."""

from typing import cast
from uuid import UUID

from app.db import Session, Statement
from app.reviews.schemas import Waiting

# What is public now makes room before the next is published: one revision of a point is published at every moment.
SUPERSEDE_PUBLISHED = Statement("""
    UPDATE titik.revision SET state = 'superseded'
     WHERE state = 'published' AND id <> :revision AND point_id = (SELECT point_id FROM titik.revision WHERE id = :revision)
""")

CLAIM = Statement("""
    UPDATE titik.revision
       SET state = :state, decided_by = CAST(:account_id AS int), decided_at = now(), decision_reason = :reason
     WHERE id = :revision AND state = ANY (CAST(:from_states AS text[])) AND created_by <> CAST(:account_id AS int)
    RETURNING point_id, kelurahan, number, state, status, predecessors, succession
""")

# Those that the reviewer names, who has seen them and did not send them.
APPROVE_PHOTOS = Statement("""
    UPDATE titik.photo SET approved = true
     WHERE point_id = :point_id AND id = ANY (CAST(:photos AS uuid[])) AND created_by <> CAST(:account_id AS int) AND NOT approved
    RETURNING id
""")

# The point becomes what its published revision says.
SETTLE_POINT = Statement("""
    UPDATE titik.point SET kelurahan = :kelurahan, status = :status
     WHERE id = :point_id AND (kelurahan, status) IS DISTINCT FROM (CAST(:kelurahan AS text), CAST(:status AS text))
""")

# What a point takes over from ends with its publication; of a split, when none of its parts waits any longer.
END_PREDECESSORS = Statement("""
    UPDATE titik.point p SET status = CASE CAST(:succession AS text) WHEN 'move' THEN 'moved' ELSE 'closed' END
     WHERE p.id = ANY (CAST(:predecessors AS uuid[])) AND p.status IN ('active', 'inactive')
       AND (CAST(:succession AS text) <> 'split' OR NOT EXISTS (
            SELECT FROM titik.revision part
             WHERE part.predecessors @> ARRAY[p.id] AND part.succession IS NOT NULL AND part.state IN ('draft', 'submitted', 'returned')))
    RETURNING p.id, p.kelurahan, p.status
""")

SUBMIT = Statement("""
    UPDATE titik.revision SET state = 'submitted', submitted_at = coalesce(submitted_at, clock_timestamp())
     WHERE id = :revision AND state = ANY (CAST(:from_states AS text[]))
    RETURNING point_id, kelurahan, number
""")

END = Statement("""
    UPDATE titik.revision
       SET state = :state, ended_by = CAST(:account_id AS int), ended_at = now(), ended_reason = :reason
     WHERE id = :revision AND state = ANY (CAST(:from_states AS text[]))
    RETURNING point_id, kelurahan, number
""")

PUBLISHED = Statement("SELECT id FROM titik.revision WHERE point_id = :point_id AND state = 'published'")

# Whoever changes a point holds it first, so that nobody waits for anybody in a circle; what is looked at after that is firm.
HOLD = Statement("SELECT id FROM titik.point WHERE id = (SELECT point_id FROM titik.revision WHERE id = :revision) FOR UPDATE")

LOOK = Statement("SELECT state, created_by FROM titik.revision WHERE id = :revision")

QUEUE = Statement("""
    SELECT r.id AS revision, r.point_id AS point, r.number AS version, p.category, r.kelurahan, k.name AS kelurahan_name, r.name,
           ST_X(r.geom) AS lon, ST_Y(r.geom) AS lat, r.flags, r.repair, r.override_reason, r.submitted_at, a.name AS submitted_by, r.placement,
           photos.found AS photos
      FROM titik.revision r
      JOIN titik.point p ON p.id = r.point_id
      JOIN titik.region k ON k.code = r.kelurahan
      JOIN titik.account a ON a.id = r.created_by
      CROSS JOIN LATERAL (
        SELECT jsonb_build_object('number', count(DISTINCT f.id), 'flags', coalesce(jsonb_agg(DISTINCT flag) FILTER (WHERE flag IS NOT NULL), '[]'))
          FROM titik.photo f LEFT JOIN LATERAL unnest(f.flags) AS flag ON true
         WHERE f.point_id = r.point_id
      ) photos (found)
     WHERE r.state = 'submitted' AND r.id > :after
       AND (CAST(:kelurahan AS text) IS NULL OR r.kelurahan = :kelurahan)
     ORDER BY r.id LIMIT CAST(:limit AS int) + 1
""")


async def queue(session: Session, after: UUID, kelurahan: str | None, limit: int) -> tuple[list[Waiting], UUID | None]:
    """What waits for a decision, the longest waiting first, and the id that the next page begins after."""
    rows = await session.all(QUEUE, after=after, kelurahan=kelurahan, limit=limit)
    shown = [cast("Waiting", dict(row)) for row in rows[:limit]]
    return shown, shown[-1]["revision"] if len(rows) > limit else None
