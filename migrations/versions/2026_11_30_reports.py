"""Reports of anybody: an error, what is gone, what is missing, that a point is still there. They become tasks, never changes.

A stranger sends one by a policy that lets in only what is new, and looks it up by its number through a function that gives what strangers may see.
Row-level security shows the rest to the PIC of its kelurahan and to the walidata.

Revision: 0030_reports, after 0029_sessions
"""

import sqlalchemy as sa
from alembic import op

revision = "0030_reports"
down_revision = "0029_sessions"
branch_labels = None
depends_on = None

# What whoever has the number may know: neither text nor photo, unless they are shown.
FIND = """
CREATE FUNCTION titik.find_report(sought text)
RETURNS TABLE (id uuid, number text, kind text, kelurahan text, category text, point_id uuid, text text, photo_sha256 bytea, state text, outcome text,
               answer text, answered_at timestamptz, closed_at timestamptz, created_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT r.id, r.number, r.kind, r.kelurahan, r.category, r.point_id, CASE WHEN r.text_shown THEN r.text END,
           CASE WHEN r.photo_shown THEN r.photo_sha256 END, r.state, r.outcome, r.answer, r.answered_at, r.closed_at, r.created_at
      FROM titik.report r WHERE r.number = sought
$$
"""
# For whoever sends the same once more.
OF_KEY = """
CREATE FUNCTION titik.report_of_key(sought bytea) RETURNS TABLE (number text, content_sha256 bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT r.number, r.content_sha256 FROM titik.report r WHERE r.key_sha256 = sought
$$
"""
# The service may delete what has been closed for 90 days, and no other report. Its notices go with it.
FORGET = """
CREATE FUNCTION titik.forget_reports(batch int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    gone int;
BEGIN
    -- Once: as a subquery of the DELETE a plan may run it for each row, each time with a limit of its own.
    WITH old AS MATERIALIZED (
        SELECT o.id FROM titik.report o WHERE o.closed_at < now() - interval '90 days' ORDER BY o.closed_at LIMIT batch FOR UPDATE SKIP LOCKED
    )
    DELETE FROM titik.report r USING old WHERE r.id = old.id;
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END
$$
"""
# As contacts and photos do: a point that comes to another kelurahan takes its reports along.
FOLLOW = """
CREATE FUNCTION titik.reports_follow() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE titik.report SET kelurahan = NEW.kelurahan WHERE point_id = NEW.id;
    RETURN NULL;
END
$$
"""
AFTER = """
CREATE TRIGGER reports_follow AFTER UPDATE OF kelurahan ON titik.point
FOR EACH ROW WHEN (OLD.kelurahan IS DISTINCT FROM NEW.kelurahan) EXECUTE FUNCTION titik.reports_follow()
"""
OF_SERVICE = "titik.find_report(text), titik.report_of_key(bytea), titik.forget_reports(int)"
FUNCTIONS = f"{OF_SERVICE}, titik.reports_follow()"
NEW = "state = 'received' AND answer IS NULL AND answered_by IS NULL AND NOT text_shown AND NOT photo_shown"
GRANTS = (
    f"REVOKE ALL ON FUNCTION {FUNCTIONS} FROM PUBLIC",
    f"GRANT EXECUTE ON FUNCTION {OF_SERVICE} TO titik_service",
    "GRANT SELECT, INSERT ON titik.report TO titik_service",
    "GRANT UPDATE (state, outcome, answer, answered_by, answered_at, closed_at, text_shown, photo_shown) ON titik.report TO titik_service",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON titik.report_sender TO titik_service",
    "ALTER TABLE titik.report ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY own_kelurahan ON titik.report USING (titik.may_see(kelurahan)) WITH CHECK (titik.may_see(kelurahan))",
    f"CREATE POLICY sent_by_anybody ON titik.report FOR INSERT WITH CHECK ({NEW})",
)
KINDS = (
    "kind IN ('returned', 'unpublished', 'handed-over', 'webhook-paused', 'identity-asks', 'identity-bound', 'reset-link', 'token-issued',"
    " 'role-changed', 'reviewer-added', 'admin-added', 'account-changed'{more})"
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _add_tables()
    op.add_column("notice", sa.Column("report_id", sa.UUID(), nullable=True), schema="titik")
    op.create_foreign_key(
        op.f("fk_notice_report_id"), "notice", "report", ["report_id"], ["id"],
        source_schema="titik", referent_schema="titik", ondelete="CASCADE",
    )  # fmt: skip
    op.create_index(op.f("ix_notice_report_id"), "notice", ["report_id"], schema="titik")
    op.drop_constraint(op.f("ck_notice_kind"), "notice", schema="titik")
    op.create_check_constraint(op.f("ck_notice_kind"), "notice", KINDS.format(more=", 'report'"), schema="titik")
    for statement in (FIND, OF_KEY, FORGET, FOLLOW, AFTER, *GRANTS):
        op.execute(statement)


def _add_tables() -> None:
    op.create_table(
        "report",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("kelurahan", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("point_id", sa.UUID(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("photo_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("text_shown", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("photo_shown", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'received'"), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("key_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("content_sha256", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("kind IN ('error', 'gone', 'missing', 'confirm')", name=op.f("ck_report_kind")),
        sa.CheckConstraint("state IN ('received', 'in-progress', 'closed')", name=op.f("ck_report_state")),
        sa.CheckConstraint("outcome IN ('fixed', 'confirmed', 'not-reproducible', 'nothing-to-do')", name=op.f("ck_report_outcome")),
        sa.CheckConstraint(
            "(state = 'closed') = (outcome IS NOT NULL) AND (state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_report_closed")
        ),
        sa.CheckConstraint("(lon IS NULL) = (lat IS NULL)", name=op.f("ck_report_place")),
        sa.ForeignKeyConstraint(["answered_by"], ["titik.account.id"], name=op.f("fk_report_answered_by")),
        sa.ForeignKeyConstraint(["category"], ["titik.category.id"], name=op.f("fk_report_category")),
        sa.ForeignKeyConstraint(["kelurahan"], ["titik.region.code"], name=op.f("fk_report_kelurahan")),
        sa.ForeignKeyConstraint(["point_id"], ["titik.point.id"], name=op.f("fk_report_point_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("key_sha256", name=op.f("uq_report_key_sha256")),
        sa.UniqueConstraint("number", name=op.f("uq_report_number")),
        schema="titik",
    )
    for column in ("point_id", "category", "photo_sha256", "answered_by"):
        op.create_index(op.f(f"ix_report_{column}"), "report", [column], schema="titik")
    op.create_index(op.f("ix_report_kelurahan_id"), "report", ["kelurahan", "id"], schema="titik")
    op.create_index("ix_report_closed_at", "report", ["closed_at"], schema="titik", postgresql_where=sa.text("closed_at IS NOT NULL"))
    op.create_table(
        "report_sender",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", "hour", name=op.f("pk_report_sender")),
        schema="titik",
        prefixes=["UNLOGGED"],
    )
    op.create_index(op.f("ix_report_sender_hour"), "report_sender", ["hour"], schema="titik")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DELETE FROM titik.notice WHERE kind = 'report'")
    op.drop_constraint(op.f("ck_notice_kind"), "notice", schema="titik")
    op.create_check_constraint(op.f("ck_notice_kind"), "notice", KINDS.format(more=""), schema="titik")
    op.drop_column("notice", "report_id", schema="titik")
    op.execute("DROP TRIGGER reports_follow ON titik.point")
    op.execute(f"DROP FUNCTION {FUNCTIONS}")
    for table in ("report_sender", "report"):
        op.drop_table(table, schema="titik")
