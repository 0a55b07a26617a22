"""SQL of reviewing, for each noun: a decision is claimed by the database, never read first and written then."""

from app.nouns import NOUNS
from app.statement import Statement

# What is public now makes room before the next is published: one state of each is published at every moment.
SUPERSEDE_PUBLISHED = {
    noun.kind: Statement(f"""
        UPDATE {noun.revisions} SET state = 'superseded'
         WHERE state = 'published' AND id <> :revision AND {noun.subject} = (SELECT {noun.subject} FROM {noun.revisions} WHERE id = :revision)
    """)  # noqa: S608 - constants, joined at import
    for noun in NOUNS
}

CLAIM = {
    noun.kind: Statement(f"""
        WITH claimed AS (
            UPDATE {noun.revisions}
               SET state = :state, decided_by = CAST(:account_id AS int), decided_at = now(), decision_reason = :reason
             WHERE id = :revision AND state = ANY (CAST(:from_states AS text[])) AND created_by <> CAST(:account_id AS int)
               AND brought_by IS DISTINCT FROM CAST(:account_id AS int)
            RETURNING {", ".join((f"id, {noun.subject} AS subject, kelurahan, category, number, state, held_by", *noun.claimed))}
        ){noun.with_claim}
        SELECT * FROM claimed
    """)  # noqa: S608
    for noun in NOUNS
}

# A changed verdict is ticked off: the point stays as it is.
ACKNOWLEDGE = Statement("""
    WITH seen AS (
        UPDATE titik.placement_change c SET seen_by = CAST(:account_id AS int), seen_at = now()
          FROM titik.revision r
         WHERE r.id = c.revision_id AND r.id = :revision AND c.seen_at IS NULL AND r.created_by <> CAST(:account_id AS int)
           AND r.brought_by IS DISTINCT FROM CAST(:account_id AS int)
        RETURNING r.point_id, r.kelurahan, r.category, c.id
    )
    SELECT point_id, kelurahan, category, array_agg(id ORDER BY id) AS changes FROM seen GROUP BY point_id, kelurahan, category
""")

_MOVED = "id, {subject} AS subject, kelurahan, category, number, state, held_by"
SUBMIT = {
    noun.kind: Statement(f"""
        UPDATE {noun.revisions} SET state = 'submitted', submitted_at = coalesce(submitted_at, clock_timestamp())
         WHERE id = :revision AND state = ANY (CAST(:from_states AS text[]))
        RETURNING {_MOVED.format(subject=noun.subject)}
    """)  # noqa: S608
    for noun in NOUNS
}
END = {
    noun.kind: Statement(f"""
        UPDATE {noun.revisions}
           SET state = :state, ended_by = CAST(:account_id AS int), ended_at = now(), ended_reason = :reason
         WHERE id = :revision AND state = ANY (CAST(:from_states AS text[]))
        RETURNING {_MOVED.format(subject=noun.subject)}
    """)  # noqa: S608
    for noun in NOUNS
}

PUBLISHED = Statement("SELECT id FROM titik.revision WHERE point_id = :point_id AND state = 'published'")

# Whoever changes a point holds it first, so that nobody waits for anybody in a circle; what is looked at after that is firm. So with all nouns.
HOLD = {
    noun.kind: Statement(f"""
        SELECT id FROM {noun.subjects} WHERE id = (SELECT {noun.subject} FROM {noun.revisions} WHERE id = :revision) FOR UPDATE
    """)  # noqa: S608
    for noun in NOUNS
}

LOOK = {
    noun.kind: Statement(
        f"SELECT r.state, r.created_by, r.brought_by, {noun.queue.kind} AS kind FROM {noun.revisions} r WHERE r.id = :revision"  # noqa: S608
    )
    for noun in NOUNS
}
