"""SQL of contacts."""

from app.db import Statement

# The point as the actor may see it; locked, so that no two add the last one that there is room for.
POINT = Statement("SELECT kelurahan FROM titik.point WHERE id = :point_id")
HOLD = Statement("SELECT kelurahan FROM titik.point WHERE id = :point_id FOR UPDATE")

# Read and recorded in one: there is no reading without the record of it.
READ = Statement("""
    WITH found AS (
        SELECT id, role, name, phone, legal_basis, term_ends_on FROM titik.contact WHERE point_id = :point_id
    ), entry AS (
        INSERT INTO titik.audit (account_id, action, subject, kelurahan, detail)
        VALUES (CAST(:account_id AS int), :action, CAST(CAST(:point_id AS uuid) AS text), :kelurahan,
                jsonb_build_object('contacts', (SELECT count(*) FROM found)))
    )
    SELECT * FROM found ORDER BY id
""")

FIND = Statement("""
    SELECT id, role, name, phone, legal_basis, term_ends_on, content_sha256 FROM titik.contact WHERE id = :id AND point_id = :point_id
""")
COUNT = Statement("SELECT count(*) FROM titik.contact WHERE point_id = :point_id")

ADD = Statement("""
    INSERT INTO titik.contact (id, point_id, kelurahan, role, name, phone, legal_basis, term_ends_on, content_sha256, created_by)
    VALUES (CAST(:id AS uuid), CAST(:point_id AS uuid), :kelurahan, :role, :name, :phone, :legal_basis, CAST(:term_ends_on AS date),
            CAST(:content_sha256 AS bytea), CAST(:account_id AS int))
    ON CONFLICT (id) DO NOTHING
    RETURNING id, role, name, phone, legal_basis, term_ends_on
""")
CHANGE = Statement("""
    UPDATE titik.contact
       SET role = :role, name = :name, phone = :phone, legal_basis = :legal_basis, term_ends_on = CAST(:term_ends_on AS date), updated_at = now()
     WHERE id = :id AND point_id = :point_id
    RETURNING id, role, name, phone, legal_basis, term_ends_on
""")
REMOVE = Statement("DELETE FROM titik.contact WHERE id = :id AND point_id = :point_id RETURNING id")

ENDED = Statement("SELECT kelurahan, count(*) AS number FROM titik.contact WHERE term_ends_on < CAST(:on AS date) GROUP BY 1 ORDER BY 1")
PURGE = Statement("DELETE FROM titik.contact WHERE term_ends_on < CAST(:on AS date)")
