"""Fair shares: tries of passwords over all workers, identities that wait for a yes, imports turn by turn.

Revision: 0018_fair_shares, after 0017_reading_tokens
"""

import sqlalchemy as sa
from alembic import op

revision = "0018_fair_shares"
down_revision = "0017_reading_tokens"
branch_labels = None
depends_on = None

# Whoever signs in at the identity server is known by its subject there. The name alone, which the server may give to anybody, binds nothing:
# it asks, once, and administrators and the account itself are told. Of an account the newest five that ask are kept.
OIDC_ACCOUNT = """
CREATE FUNCTION titik.oidc_account(subject text) RETURNS int
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT a.id FROM titik.account a WHERE a.oidc_subject = subject AND a.active
$$
"""
ASK_IDENTITY = """
CREATE FUNCTION titik.ask_identity(asking text, called text) RETURNS TABLE (account_id int, is_new boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    asked int;
BEGIN
    SELECT a.id INTO asked FROM titik.account a WHERE a.name = called AND a.active AND a.oidc_subject IS NULL FOR UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    account_id := asked;
    UPDATE titik.identity_request r SET asked_at = now() WHERE r.account_id = asked AND r.subject = asking;
    is_new := NOT FOUND;
    IF is_new THEN
        INSERT INTO titik.identity_request (account_id, subject) VALUES (asked, asking);
        DELETE FROM titik.identity_request r
         WHERE r.account_id = asked
           AND r.subject NOT IN (SELECT n.subject FROM titik.identity_request n WHERE n.account_id = asked ORDER BY n.asked_at DESC, n.subject LIMIT 5);
        INSERT INTO titik.notice (account_id, kind, about_id)
        SELECT a.id, 'identity-asks', asked FROM titik.account a WHERE a.active AND (a.role = 'admin' OR a.id = asked);
    END IF;
    RETURN NEXT;
END
$$
"""
# Who says so: the account that acts, for itself; an administrator, for anybody. Whoever else asked for this account asks no longer.
BIND_IDENTITY = """
CREATE FUNCTION titik.bind_identity(asked int, binding text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('titik.role', true) IS DISTINCT FROM 'admin' AND current_setting('titik.account', true) IS DISTINCT FROM asked::text THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_account_admin', MESSAGE = 'only for oneself or an administrator';
    END IF;
    UPDATE titik.account a SET oidc_subject = binding WHERE a.id = asked AND (a.oidc_subject IS NULL OR a.oidc_subject = binding);
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    DELETE FROM titik.identity_request r WHERE r.account_id = asked OR r.subject = binding;
    INSERT INTO titik.notice (account_id, kind, about_id)
    SELECT a.id, 'identity-bound', asked FROM titik.account a WHERE a.active AND (a.role = 'admin' OR a.id = asked);
    RETURN true;
END
$$
"""
OIDC_ACCOUNT_BEFORE = """
CREATE FUNCTION titik.oidc_account(subject text, called text) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found_id int;
BEGIN
    SELECT a.id INTO found_id FROM titik.account a WHERE a.oidc_subject = subject AND a.active;
    IF NOT FOUND THEN
        UPDATE titik.account a SET oidc_subject = subject
         WHERE a.name = called AND a.active AND a.oidc_subject IS NULL
           AND NOT EXISTS (SELECT FROM titik.account b WHERE b.oidc_subject = subject)
        RETURNING a.id INTO found_id;
    END IF;
    RETURN found_id;
END
$$
"""

# A worker that has taken up a job asks which import is next: of those that wait the one whose account was served longest ago, and none of
# an account that is being served. The job gets that import, and the job of that import gets the other: each import keeps one job. That may
# be a job which was taken up, too, and waits for its turn or was left by the dead. Null: nothing that waits may be served now; the worker asks again.
NEXT_IMPORT = """
CREATE FUNCTION titik.next_import(asking bigint, stale interval) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    own bytea;
    chosen record;
    held int;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('next import', 0));
    SELECT q.payload INTO own FROM queue.pgqueuer q WHERE q.id = asking AND q.status = 'picked';
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'no_data_found', MESSAGE = 'this job is not at work';
    END IF;
    UPDATE titik.import SET begun_by = NULL WHERE begun_by = asking;
    WITH job AS MATERIALIZED (
        SELECT q.id, q.payload, q.priority, i.id AS import_id, i.account_id,
               q.id = asking OR q.status = 'picked' OR q.execute_after <= now() AS is_ready,
               coalesce(i.begun_by = q.id AND q.status = 'picked' AND q.heartbeat > now() - stale, false) AS is_served
          FROM queue.pgqueuer q LEFT JOIN titik.import i ON i.id::text = convert_from(q.payload, 'UTF8')
         WHERE q.entrypoint = 'import' AND q.status IN ('queued', 'picked')
    )
    SELECT w.id, w.payload, w.import_id INTO chosen FROM job w
     WHERE w.is_ready AND NOT w.is_served AND NOT EXISTS (SELECT FROM job other WHERE other.is_served AND other.account_id = w.account_id)
     ORDER BY (w.import_id IS NULL) DESC, (SELECT max(i.begun_at) FROM titik.import i WHERE i.account_id = w.account_id) NULLS FIRST,
              w.priority DESC, w.id
     LIMIT 1;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF chosen.id <> asking THEN
        -- A worker may be taking that job up, or telling that it lives: this one asks again.
        PERFORM FROM queue.pgqueuer q WHERE q.id IN (asking, chosen.id) FOR UPDATE SKIP LOCKED;
        GET DIAGNOSTICS held = ROW_COUNT;
        IF held < 2 THEN
            RETURN NULL;
        END IF;
        UPDATE queue.pgqueuer SET payload = own WHERE id = chosen.id;
        UPDATE queue.pgqueuer SET payload = chosen.payload WHERE id = asking;
    END IF;
    UPDATE titik.import SET begun_at = clock_timestamp(), begun_by = asking WHERE id = chosen.import_id;
    RETURN convert_from(chosen.payload, 'UTF8');
END
$$
"""
FUNCTIONS = "titik.oidc_account(text), titik.ask_identity(text, text), titik.bind_identity(int, text), titik.next_import(bigint, interval)"
GRANTS = (
    f"REVOKE ALL ON FUNCTION {FUNCTIONS} FROM PUBLIC",
    f"GRANT EXECUTE ON FUNCTION {FUNCTIONS} TO titik_service",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON titik.sign_in_count, titik.sign_in_place TO titik_service",
    "GRANT SELECT ON titik.identity_request TO titik_service",
)
_SHOWN = """current_setting('titik.role', true) = 'admin' OR account_id::text = current_setting('titik.account', true)"""
KINDS = "kind IN ('returned', 'unpublished', 'handed-over', 'webhook-paused'{more})"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "sign_in_count",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tries_before", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_count")),
        schema="titik",
        prefixes=["UNLOGGED"],
    )
    op.create_index(op.f("ix_sign_in_count_expires_at"), "sign_in_count", ["expires_at"], schema="titik")
    op.create_table(
        "sign_in_place",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_place")),
        schema="titik",
    )
    op.create_index(op.f("ix_sign_in_place_last_at"), "sign_in_place", ["last_at"], schema="titik")
    op.create_table(
        "identity_request",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["titik.account.id"], name=op.f("fk_identity_request_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "subject", name=op.f("pk_identity_request")),
        schema="titik",
    )
    op.execute("ALTER TABLE titik.identity_request ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own_identity ON titik.identity_request USING ({_SHOWN})")
    op.add_column("notice", sa.Column("about_id", sa.Integer(), nullable=True), schema="titik")
    op.create_foreign_key(
        op.f("fk_notice_about_id"), "notice", "account", ["about_id"], ["id"],
        source_schema="titik", referent_schema="titik", ondelete="CASCADE",
    )  # fmt: skip
    op.create_index(op.f("ix_notice_about_id"), "notice", ["about_id"], schema="titik")
    op.drop_constraint(op.f("ck_notice_kind"), "notice", schema="titik")
    op.create_check_constraint(op.f("ck_notice_kind"), "notice", KINDS.format(more=", 'identity-asks', 'identity-bound'"), schema="titik")
    op.add_column("import", sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True), schema="titik")
    op.add_column("import", sa.Column("begun_by", sa.BigInteger(), nullable=True), schema="titik")
    op.execute("DROP FUNCTION titik.oidc_account(text, text)")
    for statement in (OIDC_ACCOUNT, ASK_IDENTITY, BIND_IDENTITY, NEXT_IMPORT, *GRANTS):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(f"DROP FUNCTION {FUNCTIONS}")
    op.execute(OIDC_ACCOUNT_BEFORE)
    op.execute("REVOKE ALL ON FUNCTION titik.oidc_account(text, text) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION titik.oidc_account(text, text) TO titik_service")
    for column in ("begun_by", "begun_at"):
        op.drop_column("import", column, schema="titik")
    op.execute("DELETE FROM titik.notice WHERE kind IN ('identity-asks', 'identity-bound')")
    op.drop_constraint(op.f("ck_notice_kind"), "notice", schema="titik")
    op.create_check_constraint(op.f("ck_notice_kind"), "notice", KINDS.format(more=""), schema="titik")
    op.drop_column("notice", "about_id", schema="titik")
    for table in ("identity_request", "sign_in_place", "sign_in_count"):
        op.drop_table(table, schema="titik")
