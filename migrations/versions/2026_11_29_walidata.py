"""Notices about accounts: who was let in, what they may do, who could come in as them. Changed verdicts that a walidata has seen.

Revision: 0022_walidata, after 0021_nulls
"""

import sqlalchemy as sa
from alembic import op

revision = "0022_walidata"
down_revision = "0021_nulls"
branch_labels = None
depends_on = None

KINDS = "kind IN ('returned', 'unpublished', 'handed-over', 'webhook-paused', 'identity-asks', 'identity-bound'{more})"
ABOUT_ACCOUNTS = ("reset-link", "token-issued", "role-changed", "reviewer-added", "admin-added", "account-changed")
# A role is changed by no door of the service, only by whoever owns the database: so the table itself tells of it.
TELL_OF_ROLE = """
CREATE FUNCTION titik.tell_of_role() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO titik.notice (account_id, kind, about_id)
    SELECT a.id, 'role-changed', NEW.id FROM titik.account a WHERE a.active AND (a.role = 'admin' OR a.id = NEW.id);
    RETURN NULL;
END
$$
"""


def _kinds(more: str) -> None:
    op.drop_constraint(op.f("ck_notice_kind"), "notice", schema="titik")
    op.create_check_constraint(op.f("ck_notice_kind"), "notice", KINDS.format(more=more), schema="titik")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _kinds("".join(f", '{kind}'" for kind in ABOUT_ACCOUNTS))
    op.execute(TELL_OF_ROLE)
    op.execute("REVOKE ALL ON FUNCTION titik.tell_of_role() FROM PUBLIC")
    op.execute(
        "CREATE TRIGGER tell_of_role AFTER UPDATE OF role ON titik.account FOR EACH ROW"
        " WHEN (OLD.role IS DISTINCT FROM NEW.role) EXECUTE FUNCTION titik.tell_of_role()"
    )
    op.add_column("placement_change", sa.Column("seen_by", sa.Integer(), nullable=True), schema="titik")
    op.add_column("placement_change", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True), schema="titik")
    op.create_foreign_key(
        op.f("fk_placement_change_seen_by"),
        "placement_change",
        "account",
        ["seen_by"],
        ["id"],
        source_schema="titik",
        referent_schema="titik",
    )
    op.create_index(
        "ix_placement_change_unseen", "placement_change", ["revision_id", "id"], schema="titik", postgresql_where=sa.text("seen_at IS NULL")
    )
    op.execute("GRANT SELECT, UPDATE (seen_by, seen_at) ON titik.placement_change TO titik_service")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("REVOKE UPDATE (seen_by, seen_at) ON titik.placement_change FROM titik_service")
    op.drop_index("ix_placement_change_unseen", table_name="placement_change", schema="titik")
    op.drop_constraint(op.f("fk_placement_change_seen_by"), "placement_change", schema="titik", type_="foreignkey")
    for column in ("seen_at", "seen_by"):
        op.drop_column("placement_change", column, schema="titik")
    op.execute("DROP TRIGGER tell_of_role ON titik.account")
    op.execute("DROP FUNCTION titik.tell_of_role()")
    op.execute(f"DELETE FROM titik.notice WHERE kind IN {ABOUT_ACCOUNTS}")  # noqa: S608 - constants
    _kinds("")
