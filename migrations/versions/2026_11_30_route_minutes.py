"""How long requests took, by minute and route, for an hour: so that an administrator sees which routes are slow, whichever worker answered.

Revision: 0033_route_minutes, after 0032_rescue_files
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0033_route_minutes"
down_revision = "0032_rescue_files"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "route_minute",
        sa.Column("minute", sa.DateTime(timezone=True), nullable=False),
        sa.Column("worker", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("most_ms", sa.Double(), nullable=False),
        sa.Column("steps", ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("numbers", ARRAY(sa.Integer()), nullable=False),
        sa.PrimaryKeyConstraint("minute", "worker", "method", "route", name=op.f("pk_route_minute")),
        schema="titik",
        prefixes=["UNLOGGED"],
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON titik.route_minute TO titik_service")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("route_minute", schema="titik")
