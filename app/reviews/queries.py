"""SQL of reviewing: a decision is claimed by the database, never read first and written then."""

from app.reviews.queue import KIND
from app.statement import Statement

# What is public now makes room before the next is published: one revision of a point is published at every moment.
SUPERSEDE_PUBLISHED = Statement("""
    UPDATE titik.revision SET state = 'superseded'
     WHERE state = 'published' AND id <> :revision AND point_id = (SELECT point_id FROM titik.revision WHERE id = :revision)
""")

# Whoever decides has seen what other boundaries have made of it.
CLAIM = Statement("""
    WITH claimed AS (
        UPDATE titik.revision
           SET state = :state, decided_by = CAST(:account_id AS int), decided_at = now(), decision_reason = :reason
         WHERE id = :revision AND state = ANY (CAST(:from_states AS text[])) AND created_by <> CAST(:account_id AS int)
        RETURNING id, point_id, kelurahan, number, state, status, predecessors, succession
    ), seen AS (
        UPDATE titik.placement_change c SET seen_by = CAST(:account_id AS int), seen_at = now()
          FROM claimed WHERE c.revision_id = claimed.id AND c.seen_at IS NULL
    )
    SELECT point_id, kelurahan, number, state, status, predecessors, succession FROM claimed
""")

# A changed verdict is ticked off: the point stays as it is.
ACKNOWLEDGE = Statement("""
    WITH seen AS (
        UPDATE titik.placement_change c SET seen_by = CAST(:account_id AS int), seen_at = now()
          FROM titik.revision r
         WHERE r.id = c.revision_id AND r.id = :revision AND c.seen_at IS NULL AND r.created_by <> CAST(:account_id AS int)
        RETURNING r.point_id, r.kelurahan, c.id
    )
    SELECT point_id, kelurahan, array_agg(id ORDER BY id) AS changes FROM seen GROUP BY point_id, kelurahan
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

LOOK = Statement(f"SELECT r.state, r.created_by, {KIND} AS kind FROM titik.revision r WHERE r.id = :revision")  # noqa: S608 - constants
