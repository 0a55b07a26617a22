"""Drafts, changes, closings and successions of points.

Revision: 0004_workflow, after 0003_likeness
"""

from alembic import op

revision = "0004_workflow"
down_revision = "0003_likeness"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
