"""SQL of synchronising: what became of the changes of an account, beside the keys of other requests that may come twice."""

from app.db import Statement

# Whoever comes second waits until the first has committed, and then reads what became of it.
CLAIM = Statement("""
    INSERT INTO titik.retry (account_id, key_sha256, content_sha256, point_id)
    VALUES (CAST(:account_id AS int), CAST(:key_sha256 AS bytea), CAST(:content_sha256 AS bytea), CAST(:point_id AS uuid))
    ON CONFLICT (account_id, key_sha256) DO NOTHING
    RETURNING true
""")
FIND = Statement("""
    SELECT content_sha256, point_id, number, outcome FROM titik.retry
     WHERE account_id = CAST(:account_id AS int) AND key_sha256 = CAST(:key_sha256 AS bytea)
""")
SETTLE = Statement("""
    UPDATE titik.retry SET number = CAST(:number AS int), outcome = :outcome
     WHERE account_id = CAST(:account_id AS int) AND key_sha256 = CAST(:key_sha256 AS bytea)
""")

# Of a point that has no revision in sight any more: whether it was withdrawn, or never was there for the actor.
WITHDRAWN = Statement("SELECT EXISTS (SELECT FROM titik.revision WHERE point_id = :point_id AND state = 'withdrawn')")
