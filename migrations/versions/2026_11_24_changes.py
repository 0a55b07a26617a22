"""The feed of changes: a row for every item that entered, changed or left a half, written by the statement that did it.

Revision: 0013_changes, after 0012_imports
"""

import sqlalchemy as sa
from alembic import op

from app.models.outbox import TransactionId

revision = "0013_changes"
down_revision = "0012_imports"
branch_labels = None
depends_on = None

HALVES = ("published", "internal")

# Which line of transactions this is: another cluster, another timeline (after a restore to a moment, or when a replica takes over), or
# another database of the same cluster count on their own, or lack what the first one had.
IDENTITY = """
CREATE FUNCTION titik.identity() RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT concat_ws(':', (SELECT system_identifier FROM pg_control_system()),
                     CASE WHEN pg_is_in_recovery() THEN (SELECT timeline_id FROM pg_control_checkpoint())
                          ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int END,
                     (SELECT oid FROM pg_database WHERE datname = current_database()))
$$
"""
PRESENT = """
CREATE FUNCTION titik.present_history() RETURNS int LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT number FROM titik.history
$$
"""

# What is written anew just as it was is no change.
CHANGES = {
    "insert": ("NEW TABLE AS after", "SELECT id, category FROM after ORDER BY id"),
    "update": (
        "OLD TABLE AS before NEW TABLE AS after",
        """SELECT id, after.category FROM before JOIN after USING (id)
            WHERE (before.category, before.feature) IS DISTINCT FROM (after.category, after.feature) ORDER BY id""",
    ),
    "delete": ("OLD TABLE AS before", "SELECT id, category FROM before ORDER BY id"),
}
FOLLOW = """
CREATE FUNCTION {half}.changes_follow_{deed}() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO {half}.change (id, category) {rows};
    RETURN NULL;
END
$$
"""
GRANTS = (
    "GRANT SELECT, UPDATE ON titik.history TO titik_service",
    "GRANT SELECT ON titik.history TO titik_public, titik_internal",
    "GRANT SELECT, INSERT, DELETE ON published.change, internal.change TO titik_service",
    "GRANT SELECT ON published.change TO titik_public",
    "GRANT SELECT ON internal.change TO titik_internal",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "history",
        sa.Column("id", sa.SmallInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_history_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
        schema="titik",
    )
    op.execute(IDENTITY)
    op.execute("INSERT INTO titik.history (number, identity) VALUES (1, titik.identity())")
    op.execute(PRESENT)
    for half in HALVES:
        _make_changes(half)
    for grant in GRANTS:
        op.execute(grant)


def _make_changes(half: str) -> None:
    op.create_table(
        "change",
        sa.Column("history", sa.Integer(), server_default=sa.text("titik.present_history()"), nullable=False),
        sa.Column("transaction_id", TransactionId(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("history", "transaction_id", "seq", name=op.f("pk_change")),
        schema=half,
    )
    op.create_index("ix_change_of_point", "change", ["id", "history", "transaction_id", "seq"], schema=half)
    op.execute(f"INSERT INTO {half}.change (id, category, at) SELECT id, category, verified_at FROM {half}.item ORDER BY verified_at, id")  # noqa: S608 - the name of a schema
    for deed, (tables, rows) in CHANGES.items():
        op.execute(FOLLOW.format(half=half, deed=deed, rows=rows))
        op.execute(f"""
            CREATE TRIGGER change_{deed} AFTER {deed.upper()} ON {half}.item REFERENCING {tables}
            FOR EACH STATEMENT EXECUTE FUNCTION {half}.changes_follow_{deed}()
        """)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for half in HALVES:
        for deed in CHANGES:
            op.execute(f"DROP TRIGGER change_{deed} ON {half}.item")
            op.execute(f"DROP FUNCTION {half}.changes_follow_{deed}()")
        op.drop_table("change", schema=half)
    op.execute("DROP FUNCTION titik.present_history()")
    op.execute("DROP FUNCTION titik.identity()")
    op.drop_table("history", schema="titik")
