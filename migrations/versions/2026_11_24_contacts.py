"""Names and telephones of people, apart from everything else.

Revision: 0006_contacts, after 0005_accounts
"""

from alembic import op

revision = "0006_contacts"
down_revision = "0005_accounts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
