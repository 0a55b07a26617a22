"""Editions over HTTP: jobs that load, compare and activate them; the areas of every edition, not only of the active one.

Revision: 0027_editions, after 0026_categories
"""

import geoalchemy2
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027_editions"
down_revision = "0026_categories"
branch_labels = None
depends_on = None

# A job does what an account asked for, if that account is still there and may still ask it. It judges the points of all kelurahan, which an
# administrator does not see; so it acts as the service itself.
ACT = """
CREATE FUNCTION titik.act_for_boundary_job(asked uuid) RETURNS TABLE (account_id int, role text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    SELECT a.id, a.role INTO account_id, role
      FROM titik.boundary_job j JOIN titik.account a ON a.id = j.account_id
     WHERE j.id = asked AND a.active AND (a.role = 'admin' OR (a.role = 'walidata' AND j.kind = 'compare'));
    IF FOUND THEN
        PERFORM set_config('titik.account', account_id::text, true), set_config('titik.role', 'system', true), set_config('titik.kelurahan', '', true);
        RETURN NEXT;
    END IF;
END
$$
"""
# The planner must know at once how many polygons there are, and only the owner of a table may count them.
ANALYZE_AREAS = """
CREATE FUNCTION titik.analyze_areas() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    ANALYZE published.area, published.area_shape;
END
$$
"""
ANALYZE_BOUNDARIES = """
CREATE FUNCTION titik.analyze_boundaries() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    ANALYZE titik.boundary, titik.boundary_edition, titik.region, published.edition_area;
END
$$
"""
FUNCTIONS = "titik.act_for_boundary_job(uuid), titik.analyze_areas(), titik.analyze_boundaries()"
WRITTEN = ("titik.boundary_edition", "titik.boundary", "published.area", "published.area_shape", "published.edition_area")
_MAY = "current_setting('titik.role', true) IN ('admin', 'system') OR (current_setting('titik.role', true) = 'walidata' AND kind IN ('compare', 'activate'))"
_MAY_ASK = (
    "current_setting('titik.role', true) IN ('admin', 'system') OR (current_setting('titik.role', true) = 'walidata' AND kind = 'compare')"
)
GRANTS = (
    f"REVOKE ALL ON FUNCTION {FUNCTIONS} FROM PUBLIC",
    f"GRANT EXECUTE ON FUNCTION {FUNCTIONS} TO titik_service",
    "GRANT INSERT, UPDATE (active, activated_at) ON titik.boundary_edition TO titik_service",
    "GRANT INSERT ON titik.boundary, titik.placement_change TO titik_service",
    "GRANT INSERT, DELETE ON published.area, published.area_shape TO titik_service",
    "GRANT SELECT, INSERT ON published.edition_area TO titik_service",
    "GRANT SELECT ON published.edition_area TO titik_public, titik_internal",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON titik.boundary_job TO titik_service",
    "GRANT SELECT, INSERT, DELETE ON titik.boundary_job_file TO titik_service",
    "ALTER TABLE titik.boundary_job ENABLE ROW LEVEL SECURITY",
    f"CREATE POLICY shown ON titik.boundary_job FOR SELECT USING ({_MAY})",
    f"CREATE POLICY asked ON titik.boundary_job FOR INSERT WITH CHECK ({_MAY_ASK})",
    "CREATE POLICY carried_out ON titik.boundary_job FOR UPDATE USING (current_setting('titik.role', true) = 'system')",
    "CREATE POLICY forgotten ON titik.boundary_job FOR DELETE USING (current_setting('titik.role', true) = 'system')",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _make_areas()
    _make_jobs()
    for statement in (ACT, ANALYZE_AREAS, ANALYZE_BOUNDARIES, *GRANTS):
        op.execute(statement)
    for table in WRITTEN:
        op.execute(
            f"CREATE TRIGGER only_administrators AFTER INSERT OR UPDATE OR DELETE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION titik.only_administrators()"
        )


def _make_areas() -> None:
    geometry = geoalchemy2.Geometry
    op.create_geospatial_table(
        "edition_area",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("bps_code", sa.Text(), nullable=True),
        sa.Column("parent_code", sa.Text(), nullable=True),
        sa.Column("kecamatan", sa.Text(), nullable=False),
        sa.Column("area_km2", sa.Double(), nullable=False),
        sa.Column("geom", geometry("MULTIPOLYGON", srid=4326, spatial_index=False), nullable=False),
        sa.Column("label", geometry("POINT", srid=4326, spatial_index=False), nullable=False),
        sa.Column("feature", sa.Text(), nullable=False),
        sa.CheckConstraint("level IN ('kecamatan', 'kelurahan')", name=op.f("ck_edition_area_level")),
        sa.ForeignKeyConstraint(["edition_id"], ["titik.boundary_edition.id"], name=op.f("fk_edition_area_edition_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("edition_id", "code", name=op.f("pk_edition_area")),
        schema="published",
    )
    op.create_geospatial_index(
        "idx_edition_area_geom", "edition_area", ["geom"], schema="published", unique=False, postgresql_using="gist", postgresql_ops={}
    )


def _make_jobs() -> None:
    op.create_table(
        "boundary_job",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=True),
        sa.Column("options", postgresql.JSONB(), nullable=False),
        sa.Column("content_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("key_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'queued'"), nullable=False),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("done", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("problem", postgresql.JSONB(), nullable=True),
        sa.Column("found", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("points", postgresql.JSONB(), nullable=True),
        sa.Column("areas", postgresql.JSONB(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('load', 'compare', 'activate')", name=op.f("ck_boundary_job_kind")),
        sa.CheckConstraint("state IN ('queued', 'working', 'done', 'failed')", name=op.f("ck_boundary_job_state")),
        sa.CheckConstraint("state <> 'failed' OR problem IS NOT NULL", name=op.f("ck_boundary_job_problem")),
        sa.CheckConstraint("kind = 'load' OR edition_id IS NOT NULL", name=op.f("ck_boundary_job_edition")),
        sa.ForeignKeyConstraint(["account_id"], ["titik.account.id"], name=op.f("fk_boundary_job_account_id")),
        sa.ForeignKeyConstraint(["edition_id"], ["titik.boundary_edition.id"], name=op.f("fk_boundary_job_edition_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_boundary_job")),
        sa.UniqueConstraint("account_id", "key_sha256", name=op.f("uq_boundary_job_account_id_key_sha256")),
        schema="titik",
    )
    op.create_index("ix_boundary_job_edition_id", "boundary_job", ["edition_id", "kind", sa.text("id DESC")], schema="titik")
    op.create_index(op.f("ix_boundary_job_created_at"), "boundary_job", ["created_at"], schema="titik")
    op.create_index(
        "uq_boundary_job_activating",
        "boundary_job",
        ["kind"],
        unique=True,
        schema="titik",
        postgresql_where=sa.text("kind = 'activate' AND state IN ('queued', 'working')"),
    )
    op.create_table(
        "boundary_job_file",
        sa.Column("job_id", sa.UUID(), nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["titik.boundary_job.id"], name=op.f("fk_boundary_job_file_job_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_id", "part", name=op.f("pk_boundary_job_file")),
        schema="titik",
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in WRITTEN[:-1]:
        op.execute(f"DROP TRIGGER only_administrators ON {table}")
    op.execute("REVOKE INSERT, UPDATE (active, activated_at) ON titik.boundary_edition FROM titik_service")
    op.execute("REVOKE INSERT ON titik.boundary, titik.placement_change FROM titik_service")
    op.execute("REVOKE INSERT, DELETE ON published.area, published.area_shape FROM titik_service")
    for table in ("boundary_job_file", "boundary_job"):
        op.drop_table(table, schema="titik")
    op.drop_geospatial_table("edition_area", schema="published")
    op.execute(f"DROP FUNCTION {FUNCTIONS}")
    # Jobs that only the newer service could do.
    op.execute("DELETE FROM queue.pgqueuer WHERE entrypoint = 'boundaries'")
