"""Kinds of notices stand in one table of the service (`inbox/kinds.py`): the database holds their shape, no longer a list of its own.

Revision: 0034_notice_kinds, after 0033_route_minutes
"""

from alembic import op

revision = "0034_notice_kinds"
down_revision = "0033_route_minutes"
branch_labels = None
depends_on = None

SHAPE = "kind ~ '^[a-z]+(-[a-z]+)*$'"
KINDS = (
    "'returned', 'unpublished', 'handed-over', 'webhook-paused', 'identity-asks', 'identity-bound', 'reset-link', 'token-issued',"
    " 'role-changed', 'reviewer-added', 'admin-added', 'account-changed', 'report'"
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_constraint(op.f("ck_notice_kind"), "notice", schema="titik")
    op.create_check_constraint(op.f("ck_notice_kind"), "notice", SHAPE, schema="titik")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(f"DELETE FROM titik.notice WHERE kind NOT IN ({KINDS})")  # noqa: S608 - constants
    op.drop_constraint(op.f("ck_notice_kind"), "notice", schema="titik")
    op.create_check_constraint(op.f("ck_notice_kind"), "notice", f"kind IN ({KINDS})", schema="titik")
