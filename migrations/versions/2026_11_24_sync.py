"""What a change of a synchronisation was answered, so that it is answered the same again.

Revision: 0010_sync, after 0009_live_places
"""

import sqlalchemy as sa
from alembic import op

revision = "0010_sync"
down_revision = "0009_live_places"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("retry", sa.Column("outcome", sa.Text(), nullable=True), schema="titik")
    op.execute("GRANT UPDATE (outcome) ON titik.retry TO titik_service")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("retry", "outcome", schema="titik")
