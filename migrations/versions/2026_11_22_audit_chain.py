"""The audit rows are chained by a sealer.

Revision: 0002_audit_chain, after 0001_foundation
"""

import sqlalchemy as sa
from alembic import op

revision = "0002_audit_chain"
down_revision = "0001_foundation"
branch_labels = None
depends_on = None

# The sealer is the service itself: it reads what it seals, and can change neither a row nor a seal.
GRANTS = (
    "GRANT SELECT ON titik.audit TO titik_service",
    "GRANT SELECT, INSERT ON titik.audit_seal TO titik_service",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "audit_seal",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("audit_id", sa.BigInteger(), nullable=False),
        sa.Column("row_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("chain_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_seal")),
        sa.UniqueConstraint("audit_id", name=op.f("uq_audit_seal_audit_id")),
        schema="titik",
    )
    for grant in GRANTS:
        op.execute(grant)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("REVOKE SELECT ON titik.audit FROM titik_service")
    op.drop_table("audit_seal", schema="titik")
