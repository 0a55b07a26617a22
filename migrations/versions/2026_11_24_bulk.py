"""What a file was read from stays with its revision; ids that are taken are known before a file is committed; two indexes that others made
needless.

Revision: 0015_bulk, after 0014_webhooks
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015_bulk"
down_revision = "0014_webhooks"
branch_labels = None
depends_on = None

# An id may be taken by a point that the actor does not see: withdrawn, or foreign and not published. That it is taken is all that is told.
TAKEN_IDS = """
CREATE FUNCTION titik.taken_ids(asked uuid[]) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT p.id FROM unnest(asked) AS one JOIN titik.point p ON p.id = one
$$
"""
GRANTS = (
    "REVOKE ALL ON FUNCTION titik.taken_ids(uuid[]) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION titik.taken_ids(uuid[]) TO titik_service",
)
# (kelurahan, rw, rt) and (category, kelurahan) begin with the same columns.
NEEDLESS = (("revision", "kelurahan"), ("point", "category"))


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in ("revision", "import_row"):
        op.add_column(table, sa.Column("repair", postgresql.JSONB(), nullable=True), schema="titik")
    op.execute(TAKEN_IDS)
    for statement in GRANTS:
        op.execute(statement)
    for table, column in NEEDLESS:
        op.drop_index(op.f(f"ix_{table}_{column}"), table_name=table, schema="titik")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, column in NEEDLESS:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], schema="titik")
    op.execute("DROP FUNCTION titik.taken_ids(uuid[])")
    for table in ("import_row", "revision"):
        op.drop_column(table, "repair", schema="titik")
