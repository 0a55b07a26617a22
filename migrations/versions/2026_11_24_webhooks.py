"""Who is told by webhook, what became of it, and events that can be told apart, filtered and followed in the order of commit.

Revision: 0014_webhooks, after 0013_changes
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.models.outbox import TransactionId

revision = "0014_webhooks"
down_revision = "0013_changes"
branch_labels = None
depends_on = None

# What became public, frozen in the transaction that made it so. Only while there is somebody to tell: each holds a whole Feature.
ANNOUNCED = {
    "insert": (
        "NEW TABLE AS after",
        "SELECT 'point.published', id::text, category, kelurahan, '{}', feature FROM after ORDER BY id",
    ),
    "update": (
        "OLD TABLE AS before NEW TABLE AS after",
        """SELECT 'point.changed', id::text, after.category, after.kelurahan, '{}', after.feature FROM before JOIN after USING (id)
            WHERE (before.category, before.feature) IS DISTINCT FROM (after.category, after.feature) ORDER BY id""",
    ),
    "delete": (
        "OLD TABLE AS before",
        """SELECT 'point.removed', id::text, category, kelurahan, pg_catalog.jsonb_build_object('id', id, 'category', category, 'kelurahan', kelurahan), NULL
             FROM before ORDER BY id""",
    ),
}
ANNOUNCE = """
CREATE FUNCTION published.announce_{deed}() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM titik.webhook) THEN
        INSERT INTO titik.outbox (type, subject, category, kelurahan, payload, feature) {rows};
    END IF;
    RETURN NULL;
END
$$
"""
# Every commit that notifies waits for the one before it, so nobody is woken where nobody listens.
WAKE = """
CREATE FUNCTION titik.wake_webhooks() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM titik.webhook WHERE state = 'active') THEN
        PERFORM pg_notify('titik_events', '');
    END IF;
    RETURN NULL;
END
$$
"""
# The service may forget what is old, and nothing else of what it has announced.
FORGET = """
CREATE FUNCTION titik.forget_events(batch int) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH gone AS (
        DELETE FROM titik.outbox WHERE id IN (
            SELECT id FROM titik.outbox WHERE created_at < now() - interval '30 days' ORDER BY created_at LIMIT batch FOR UPDATE SKIP LOCKED)
        RETURNING 1
    )
    SELECT count(*) FROM gone
$$
"""
GUARD = """
CREATE TRIGGER admin_only AFTER INSERT OR DELETE OR UPDATE OF url, types, categories, kelurahan, secret, secret_before ON titik.webhook
FOR EACH STATEMENT EXECUTE FUNCTION titik.admin_only()
"""
GRANTS = (
    "REVOKE ALL ON FUNCTION titik.forget_events(int) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION titik.forget_events(int) TO titik_service",
    "GRANT SELECT ON titik.outbox TO titik_service",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON titik.webhook, titik.webhook_delivery TO titik_service",
)
KINDS = "kind IN ('returned', 'unpublished', 'handed-over'{more})"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for column in (
        sa.Column("history", sa.Integer(), server_default=sa.text("titik.present_history()"), nullable=False),
        sa.Column("event_id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("kelurahan", sa.Text(), nullable=True),
        sa.Column("feature", sa.Text(), nullable=True),
    ):
        op.add_column("outbox", column, schema="titik")
    op.create_unique_constraint(op.f("uq_outbox_event_id"), "outbox", ["event_id"], schema="titik")
    op.create_index(op.f("ix_outbox_history_transaction_id_id"), "outbox", ["history", "transaction_id", "id"], schema="titik")
    op.create_index(op.f("ix_outbox_created_at"), "outbox", ["created_at"], schema="titik")
    _make_webhooks()
    op.drop_constraint(op.f("ck_notice_kind"), "notice", schema="titik")
    op.create_check_constraint(op.f("ck_notice_kind"), "notice", KINDS.format(more=", 'webhook-paused'"), schema="titik")
    for deed, (tables, rows) in ANNOUNCED.items():
        op.execute(ANNOUNCE.format(deed=deed, rows=rows))
        op.execute(f"""
            CREATE TRIGGER announce_{deed} AFTER {deed.upper()} ON published.item REFERENCING {tables}
            FOR EACH STATEMENT EXECUTE FUNCTION published.announce_{deed}()
        """)
    for statement in (WAKE, FORGET, GUARD, *GRANTS):
        op.execute(statement)
    op.execute("CREATE TRIGGER wake AFTER INSERT ON titik.outbox FOR EACH STATEMENT EXECUTE FUNCTION titik.wake_webhooks()")


def _make_webhooks() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("types", postgresql.ARRAY(sa.TEXT()), nullable=False),
        sa.Column("categories", postgresql.ARRAY(sa.TEXT()), nullable=True),
        sa.Column("kelurahan", postgresql.ARRAY(sa.TEXT()), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("secret_before", sa.LargeBinary(), nullable=True),
        sa.Column("secret_before_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'active'"), nullable=False),
        sa.Column("paused_reason", sa.Text(), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("after_history", sa.Integer(), nullable=False),
        sa.Column("after_transaction", TransactionId(), nullable=False),
        sa.Column("after_id", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state IN ('active', 'paused')", name=op.f("ck_webhook_state")),
        sa.CheckConstraint("paused_reason IN ('failing', 'gone', 'by-hand')", name=op.f("ck_webhook_paused_reason")),
        sa.CheckConstraint("(state = 'paused') = (paused_reason IS NOT NULL)", name=op.f("ck_webhook_paused")),
        sa.ForeignKeyConstraint(["created_by"], ["titik.account.id"], name=op.f("fk_webhook_created_by"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
        schema="titik",
    )
    op.create_index(op.f("ix_webhook_created_by"), "webhook", ["created_by"], schema="titik")
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("webhook_id", sa.UUID(), nullable=False),
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("delivered", sa.Boolean(), nullable=False),
        sa.Column("code", sa.SmallInteger(), nullable=True),
        sa.Column("ms", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("excerpt", sa.Text(), nullable=True),
        sa.Column("first_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["webhook_id"], ["titik.webhook.id"], name=op.f("fk_webhook_delivery_webhook_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
        sa.UniqueConstraint("webhook_id", "event_id", name=op.f("uq_webhook_delivery_webhook_id_event_id")),
        schema="titik",
    )
    op.create_index(op.f("ix_webhook_delivery_webhook_id_id"), "webhook_delivery", ["webhook_id", "id"], schema="titik")
    op.create_index(op.f("ix_webhook_delivery_last_at"), "webhook_delivery", ["last_at"], schema="titik")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TRIGGER wake ON titik.outbox")
    for deed in ANNOUNCED:
        op.execute(f"DROP TRIGGER announce_{deed} ON published.item")
        op.execute(f"DROP FUNCTION published.announce_{deed}()")
    op.execute("REVOKE SELECT ON titik.outbox FROM titik_service")
    op.drop_table("webhook_delivery", schema="titik")
    op.drop_table("webhook", schema="titik")
    op.execute("DROP FUNCTION titik.wake_webhooks(), titik.forget_events(int)")
    op.execute("DELETE FROM titik.notice WHERE kind = 'webhook-paused'")
    op.drop_constraint(op.f("ck_notice_kind"), "notice", schema="titik")
    op.create_check_constraint(op.f("ck_notice_kind"), "notice", KINDS.format(more=""), schema="titik")
    # What only the newer form has to say, the older could not tell apart.
    op.execute("DELETE FROM titik.outbox WHERE feature IS NOT NULL OR type IN ('point.published', 'point.changed', 'point.removed')")
    op.drop_index(op.f("ix_outbox_created_at"), table_name="outbox", schema="titik")
    op.drop_index(op.f("ix_outbox_history_transaction_id_id"), table_name="outbox", schema="titik")
    op.drop_constraint(op.f("uq_outbox_event_id"), "outbox", schema="titik")
    for name in ("feature", "kelurahan", "category", "event_id", "history"):
        op.drop_column("outbox", name, schema="titik")
