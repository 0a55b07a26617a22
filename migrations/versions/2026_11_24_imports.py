"""Files that come in, row by row, and the queue of what is done with them.

Revision: 0012_imports, after 0011_photos
"""

import re

import sqlalchemy as sa
from alembic import op
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment
from pgqueuer.domain.settings import DBSettings
from sqlalchemy.dialects import postgresql

revision = "0012_imports"
down_revision = "0011_photos"
branch_labels = None
depends_on = None

UUID7 = """
CREATE FUNCTION titik.uuid7() RETURNS uuid
LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT encode(set_bit(set_bit(
        overlay(uuid_send(gen_random_uuid()) PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
        52, 1), 53, 1), 'hex')::uuid
$$
"""

# What `titik.alike` says of one point, of many at once, by the same rules: who has the same natural key, what is near and called alike, what
# lies at the very same place. `own`: the actor may see it; of foreign points only what everybody sees is told. A function of the owner for the
# same reasons. It takes no lock: a file is looked at again when it is committed (`titik.taken_since`).
ALIKE_MANY = """
CREATE FUNCTION titik.alike_many(
    asked_category text, asked jsonb, within_m float8, at_least float8
) RETURNS TABLE (asked_at int, kind text, point_id uuid, own boolean, name text, kelurahan text, distance_m float8)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    has_attributes constant boolean := jsonb_path_exists(asked, '$[*].attributes.*');
    is_numbered constant boolean := EXISTS (SELECT FROM jsonb_array_elements(asked) AS one WHERE one -> 'common' ?& ARRAY['kelurahan', 'rw', 'rt']);
BEGIN
    IF has_attributes THEN
        RETURN QUERY
        SELECT a.asked_at::int, 'key', found.point_id, titik.may_see(found.kelurahan), found.name, found.kelurahan, 0::float8
          FROM ROWS FROM (jsonb_to_recordset(asked) AS (common jsonb, attributes jsonb, name text, lon float8, lat float8))
               WITH ORDINALITY AS a (common, attributes, name, lon, lat, asked_at)
          CROSS JOIN LATERAL (
            SELECT r.point_id, r.kelurahan, r.rw, r.rt, r.name FROM titik.revision r
             WHERE r.attributes @> a.attributes AND r.state IN ('draft', 'submitted', 'returned', 'published') OFFSET 0) found
          JOIN titik.point p ON p.id = found.point_id AND p.category = asked_category AND p.status IN ('active', 'inactive')
         WHERE a.attributes <> '{}' AND titik.common_key(found.kelurahan, found.rw, found.rt, found.name) @> a.common;
    ELSIF is_numbered THEN
        RETURN QUERY
        SELECT a.asked_at::int, 'key', found.point_id, titik.may_see(found.kelurahan), found.name, found.kelurahan, 0::float8
          FROM ROWS FROM (jsonb_to_recordset(asked) AS (common jsonb, attributes jsonb, name text, lon float8, lat float8))
               WITH ORDINALITY AS a (common, attributes, name, lon, lat, asked_at)
          CROSS JOIN LATERAL (
            SELECT r.point_id, r.kelurahan, r.rw, r.rt, r.name FROM titik.revision r
             WHERE r.kelurahan = a.common ->> 'kelurahan' AND r.rw = a.common ->> 'rw' AND r.rt = a.common ->> 'rt'
               AND r.state IN ('draft', 'submitted', 'returned', 'published') OFFSET 0) found
          JOIN titik.point p ON p.id = found.point_id AND p.category = asked_category AND p.status IN ('active', 'inactive')
         WHERE titik.common_key(found.kelurahan, found.rw, found.rt, found.name) @> a.common;
    ELSE
        RETURN QUERY
        SELECT a.asked_at::int, 'key', found.point_id, titik.may_see(found.kelurahan), found.name, found.kelurahan, 0::float8
          FROM ROWS FROM (jsonb_to_recordset(asked) AS (common jsonb, attributes jsonb, name text, lon float8, lat float8))
               WITH ORDINALITY AS a (common, attributes, name, lon, lat, asked_at)
          CROSS JOIN LATERAL (
            SELECT r.point_id, r.kelurahan, r.name
              FROM titik.point p JOIN titik.revision r ON r.point_id = p.id AND r.state IN ('draft', 'submitted', 'returned', 'published')
             WHERE p.category = asked_category AND p.status IN ('active', 'inactive')
               AND (NOT a.common ? 'kelurahan' OR p.kelurahan = a.common ->> 'kelurahan')
               AND titik.common_key(r.kelurahan, r.rw, r.rt, r.name) @> a.common OFFSET 0) found
         WHERE a.common IS NOT NULL;
    END IF;
    RETURN QUERY
    SELECT a.asked_at::int, CASE WHEN near.is_alike THEN 'near' ELSE 'place' END, near.point_id, near.own, near.name, near.kelurahan, near.distance_m
      FROM ROWS FROM (jsonb_to_recordset(asked) AS (common jsonb, attributes jsonb, name text, lon float8, lat float8))
               WITH ORDINALITY AS a (common, attributes, name, lon, lat, asked_at)
      CROSS JOIN LATERAL (
        SELECT ST_SetSRID(ST_MakePoint(a.lon, a.lat), 4326) AS geom,
               ST_Expand(ST_SetSRID(ST_MakePoint(a.lon, a.lat), 4326),
                         within_m / (110500 * greatest(cos(radians(a.lat)), 0.001)), within_m / 110500) AS box) place
      CROSS JOIN LATERAL (
        SELECT seen.*, seen.distance_m <= within_m AND seen.own_category AND similarity(lower(seen.name), lower(a.name)) >= at_least AS is_alike
          FROM (SELECT r.point_id, true AS own, r.name, r.kelurahan, p.category = asked_category AS own_category,
                       ST_Distance(r.geom::geography, place.geom::geography) AS distance_m, ST_X(r.geom) = a.lon AND ST_Y(r.geom) = a.lat AS is_here
                  FROM titik.revision r JOIN titik.point p ON p.id = r.point_id AND p.status IN ('active', 'inactive')
                 WHERE r.geom && place.box AND r.state IN ('draft', 'submitted', 'returned', 'published') AND titik.may_see(r.kelurahan)
                UNION ALL
                SELECT i.id, false, i.name, i.kelurahan, true, ST_Distance(i.geom::geography, place.geom::geography), false
                  FROM published.item i
                 WHERE i.geom && place.box AND i.category = asked_category AND NOT titik.may_see(i.kelurahan)) seen
      ) near
     WHERE a.lon IS NOT NULL AND (near.is_alike OR near.is_here)
     ORDER BY 1, near.distance_m;
END
$$
"""

# Which rows of an import have a natural key that somebody else took after `since`, an id of that moment: the importer calls it once
# before, and last of all (`is_last`) under the lock that `titik.alike` shares, so that those who post wait for milliseconds. Keys are compared as one value, so that this is a join;
# of rows that are only just there the planner would think that they are few.
TAKEN_SINCE = """
CREATE FUNCTION titik.taken_since(
    asked_import uuid, asked_category text, since uuid, common_fields text[], attribute_fields text[], is_last boolean
)
RETURNS TABLE (number int)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_nestloop = off AS $$
#variable_conflict use_column
BEGIN
    IF is_last THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('alike ' || asked_category, 0));
    END IF;
    RETURN QUERY
    SELECT i.number
      FROM (SELECT r.point_id, jsonb_build_object(
                   'common', (SELECT coalesce(jsonb_object_agg(f, titik.common_key(r.kelurahan, r.rw, r.rt, r.name) -> f), '{}') FROM unnest(common_fields) f),
                   'attributes', (SELECT coalesce(jsonb_object_agg(f, r.attributes -> f), '{}') FROM unnest(attribute_fields) f)) AS key
              FROM titik.revision r
              JOIN titik.point p ON p.id = r.point_id AND p.category = asked_category AND p.status IN ('active', 'inactive')
             WHERE r.id > since AND r.state IN ('draft', 'submitted', 'returned', 'published')
               AND NOT EXISTS (SELECT FROM titik.import_row own WHERE own.import_id = asked_import AND own.point_id = r.point_id)) late
      JOIN titik.import_row i ON i.import_id = asked_import AND i.key = late.key AND i.point_id <> late.point_id;
END
$$
"""

# Whoever posts alone shares the lock of its category, so that an importer who takes it alone has seen all of them.
_KEY_LOCK = "PERFORM pg_advisory_xact_lock(hashtextextended(concat(asked_category"
_SHARED = "PERFORM pg_advisory_xact_lock_shared(hashtextextended(''alike '' || asked_category, 0)); "
ALIKE_SHARES = f"""
DO $do$ BEGIN
    EXECUTE replace(pg_get_functiondef('titik.alike'::regproc), '{_KEY_LOCK}', '{_SHARED}{_KEY_LOCK}');
END $do$
"""
ALIKE_ALONE = f"""
DO $do$ BEGIN
    EXECUTE replace(pg_get_functiondef('titik.alike'::regproc), '{_SHARED}', '');
END $do$
"""

# Who acts, for a job that carries out what an account asked for: whether that may still be done is looked at again.
ACT = """
CREATE FUNCTION titik.act_for_import(asked uuid) RETURNS TABLE (
    account_id int, name text, role text, kelurahan text[], categories bigint
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    SELECT a.id, a.name, a.role,
           ARRAY(SELECT k.kelurahan FROM titik.account_kelurahan k WHERE k.account_id = a.id ORDER BY 1),
           (SELECT sum(c.version) FROM titik.category c)
      INTO account_id, name, role, kelurahan, categories
      FROM titik.import i JOIN titik.account a ON a.id = i.account_id
     WHERE i.id = asked AND a.active;
    IF FOUND THEN
        PERFORM set_config('titik.account', account_id::text, true),
                set_config('titik.role', role, true),
                set_config('titik.kelurahan', array_to_string(kelurahan, ','), true);
        RETURN NEXT;
    END IF;
END
$$
"""

_OWN = "account_id::text = current_setting('titik.account', true) OR current_setting('titik.role', true) = 'system'"
OF_ALIKE_MANY = "titik.alike_many(text, jsonb, float8, float8)"
OF_TAKEN = "titik.taken_since(uuid, text, uuid, text[], text[], boolean)"
GRANTS = (
    f"REVOKE ALL ON FUNCTION {OF_ALIKE_MANY}, {OF_TAKEN}, titik.act_for_import(uuid) FROM PUBLIC",
    f"GRANT EXECUTE ON FUNCTION {OF_ALIKE_MANY}, {OF_TAKEN}, titik.act_for_import(uuid) TO titik_service",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON titik.import, titik.import_row TO titik_service",
    "GRANT SELECT, INSERT, DELETE ON titik.import_file TO titik_service",
    *(f"ALTER TABLE titik.{table} ENABLE ROW LEVEL SECURITY" for table in ("import", "import_file", "import_row")),
    *(f"CREATE POLICY own_import ON titik.{table} USING ({_OWN}) WITH CHECK ({_OWN})" for table in ("import", "import_file", "import_row")),
)
QUEUE_GRANTS = (
    "GRANT USAGE ON SCHEMA queue TO titik_service",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA queue TO titik_service",
    "GRANT USAGE ON ALL SEQUENCES IN SCHEMA queue TO titik_service",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "import",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("options", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'queued'"), nullable=False),
        sa.Column("problem", postgresql.JSONB(), nullable=True),
        sa.Column("found", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=True),
        sa.Column("category_version", sa.Integer(), nullable=True),
        sa.Column("done", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('queued', 'judging', 'judged', 'committing', 'committed', 'failed')", name=op.f("ck_import_state")),
        sa.CheckConstraint("state <> 'failed' OR problem IS NOT NULL", name=op.f("ck_import_problem")),
        sa.ForeignKeyConstraint(["account_id"], ["titik.account.id"], name=op.f("fk_import_account_id")),
        sa.ForeignKeyConstraint(["category"], ["titik.category.id"], name=op.f("fk_import_category")),
        sa.ForeignKeyConstraint(["edition_id"], ["titik.boundary_edition.id"], name=op.f("fk_import_edition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import")),
        schema="titik",
    )
    op.create_index("ix_import_account_id", "import", ["account_id", sa.text("id DESC")], schema="titik")
    for column in ("created_at", "category", "edition_id"):
        op.create_index(op.f(f"ix_import_{column}"), "import", [column], schema="titik")
    op.create_table(
        "import_file",
        sa.Column("import_id", sa.UUID(), nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["titik.import.id"], name=op.f("fk_import_file_import_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("import_id", "part", name=op.f("pk_import_file")),
        schema="titik",
    )
    texts = ("kelurahan", "method", "name", "address", "rw", "rt", "override_reason", "status", "verdict", "found_in", "flags")
    numbers = ("lon", "lat", "accuracy_m", "distance_m")
    op.create_table(
        "import_row",
        sa.Column("import_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=True),
        sa.Column("asks", sa.Text(), nullable=False),
        sa.Column("findings", postgresql.JSONB(), nullable=True),
        sa.Column("point_id", sa.UUID(), nullable=True),
        sa.Column("based_on", sa.Integer(), nullable=True),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("content_sha256", sa.LargeBinary(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=True) for name in texts),
        *(sa.Column(name, sa.Double(), nullable=True) for name in numbers),
        *(sa.Column(name, postgresql.JSONB(), nullable=True) for name in ("attributes", "placement", "key")),
        sa.CheckConstraint("level IN ('good', 'warned', 'question', 'fault')", name=op.f("ck_import_row_level")),
        sa.CheckConstraint("act IN ('create', 'update', 'same')", name=op.f("ck_import_row_act")),
        sa.CheckConstraint("level = 'fault' OR act IS NOT NULL", name=op.f("ck_import_row_judged")),
        sa.ForeignKeyConstraint(["import_id"], ["titik.import.id"], name=op.f("fk_import_row_import_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_import_row")),
        schema="titik",
    )
    op.create_index(
        "ix_import_row_level", "import_row", ["import_id", "number"], schema="titik", postgresql_where=sa.text("level <> 'good'")
    )
    for statement in (UUID7, ALIKE_MANY, TAKEN_SINCE, ALIKE_SHARES, ACT, *GRANTS):
        op.execute(statement)
    # As `app/background/jobs.py` names them. The library's text is many statements; each begins with CREATE.
    script = QueryBuilderEnvironment(DBSettings(db_schema="queue", channel="titik_queue")).build_install_query()
    for statement in re.split(r";\n\n(?=CREATE)", script):
        op.execute(statement)
    for statement in QUEUE_GRANTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP SCHEMA queue CASCADE")
    op.execute(ALIKE_ALONE)
    op.execute(f"DROP FUNCTION {OF_ALIKE_MANY}")
    op.execute(f"DROP FUNCTION {OF_TAKEN}")
    op.execute("DROP FUNCTION titik.act_for_import(uuid)")
    op.drop_table("import_row", schema="titik")
    op.drop_table("import_file", schema="titik")
    op.drop_table("import", schema="titik")
    op.execute("DROP FUNCTION titik.uuid7()")
