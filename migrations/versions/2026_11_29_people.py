"""A row of an import holds the people that it tells of, until its file is committed.

Revision: 0016_people, after 0015_bulk
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016_people"
down_revision = "0015_bulk"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("import_row", sa.Column("people", postgresql.JSONB(), nullable=True), schema="titik")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("import_row", "people", schema="titik")
