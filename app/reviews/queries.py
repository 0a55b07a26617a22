"""SQL of reviewing: a decision is claimed by the database, never read first and written then."""

from app.db import Statement

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
