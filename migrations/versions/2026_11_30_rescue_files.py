"""A revision says who brought it, where that was not its writer: what a phone could not send, a colleague brings.

Revision: 0032_rescue_files, after 0031_public_history
"""

import sqlalchemy as sa
from alembic import op

revision = "0032_rescue_files"
down_revision = "0031_public_history"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("revision", sa.Column("brought_by", sa.Integer(), nullable=True), schema="titik")
    op.create_foreign_key(
        op.f("fk_revision_brought_by"), "revision", "account", ["brought_by"], ["id"], source_schema="titik", referent_schema="titik"
    )
    op.create_check_constraint(op.f("ck_revision_not_by_bringer"), "revision", "decided_by <> brought_by", schema="titik")
    op.execute("GRANT UPDATE (brought_by) ON titik.revision TO titik_service")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("revision", "brought_by", schema="titik")
