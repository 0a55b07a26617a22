"""SQL of synchronising; what became of a change stands beside the keys of other requests that may come twice (`idempotency.py`)."""

from app.statement import Statement

# Of a point that has no revision in sight any more: whether it was withdrawn, or never was there for the actor.
WITHDRAWN = Statement("SELECT EXISTS (SELECT FROM titik.revision WHERE point_id = :point_id AND state = 'withdrawn')")

# Whoever recorded what somebody else brings.
WRITER = Statement("""
    SELECT a.id, a.name, a.role, ARRAY(SELECT k.kelurahan FROM titik.account_kelurahan k WHERE k.account_id = a.id ORDER BY 1) AS kelurahan
      FROM titik.account a WHERE a.name = :name AND a.active
""")
# From here on the transaction acts for that account, and no further than these kelurahan.
ACT_FOR = Statement("""
    SELECT set_config('titik.account', CAST(CAST(:account_id AS int) AS text), true), set_config('titik.role', :role, true),
           set_config('titik.kelurahan', array_to_string(CAST(:kelurahan AS text[]), ','), true)
""")
BROUGHT = Statement("""
    UPDATE titik.revision SET brought_by = CAST(:bringer AS int)
     WHERE point_id = CAST(:point_id AS uuid) AND number = CAST(:number AS int) AND created_by = CAST(:writer AS int) AND brought_by IS NULL
""")
