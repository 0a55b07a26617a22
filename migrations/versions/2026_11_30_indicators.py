"""Indicators: what a figure of a kelurahan means, each version for good (docs/adr/0063).

Revision: 0035_indicators, after 0034_notice_kinds
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0035_indicators"
down_revision = "0034_notice_kinds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "indicator",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("definition", JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("id ~ '^[a-z][a-z0-9_]{1,40}$' AND definition ->> 'id' = id", name=op.f("ck_indicator_id")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_indicator_version")),
        sa.CheckConstraint("definition ->> 'kind' IN ('entered', 'computed', 'counted')", name=op.f("ck_indicator_kind")),
        sa.CheckConstraint("definition ->> 'audience' IN ('public', 'internal')", name=op.f("ck_indicator_audience")),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_indicator")),
        schema="titik",
    )
    # Nobody changes or deletes what values refer to.
    op.execute("GRANT SELECT ON titik.indicator TO titik_public, titik_internal")
    op.execute("GRANT SELECT, INSERT ON titik.indicator TO titik_service")
    op.execute(
        "CREATE TRIGGER only_administrators AFTER INSERT ON titik.indicator FOR EACH STATEMENT EXECUTE FUNCTION titik.only_administrators()"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("indicator", schema="titik")
