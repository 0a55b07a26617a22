"""Passwords, scopes and last use of tokens, one-time links, hand-over, notices.

Revision: 0006_accounts, after 0005_contacts
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006_accounts"
down_revision = "0005_contacts"
branch_labels = None
depends_on = None

# That a token was used is noted every five minutes at most, and never waited for: requests of one token come many at a time.
SIGN_IN = """
CREATE FUNCTION titik.sign_in(token_hash bytea) RETURNS TABLE (
    account_id int, name text, role text, kelurahan text[], categories bigint, token_id int, scopes text[], expires_at timestamptz
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    noted timestamptz;
BEGIN
    SELECT a.id, a.name, a.role,
           ARRAY(SELECT k.kelurahan FROM titik.account_kelurahan k WHERE k.account_id = a.id ORDER BY 1),
           (SELECT sum(c.version) FROM titik.category c), t.id, t.scopes, t.expires_at, t.last_used_at
      INTO account_id, name, role, kelurahan, categories, token_id, scopes, expires_at, noted
      FROM titik.token t
      JOIN titik.account a ON a.id = t.account_id
     WHERE t.hash = token_hash AND t.revoked_at IS NULL AND t.expires_at > now() AND a.active;
    IF FOUND THEN
        PERFORM set_config('titik.account', account_id::text, true),
                set_config('titik.role', role, true),
                set_config('titik.kelurahan', array_to_string(kelurahan, ','), true);
        IF noted IS NULL OR noted < now() - interval '5 minutes' THEN
            UPDATE titik.token SET last_used_at = now()
             WHERE id = (SELECT t.id FROM titik.token t WHERE t.hash = token_hash FOR UPDATE SKIP LOCKED);
        END IF;
        RETURN NEXT;
    END IF;
END
$$
"""
SIGN_IN_BEFORE = """
CREATE FUNCTION titik.sign_in(token_hash bytea) RETURNS TABLE (account_id int, name text, role text, kelurahan text[], categories bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    SELECT a.id, a.name, a.role,
           ARRAY(SELECT k.kelurahan FROM titik.account_kelurahan k WHERE k.account_id = a.id ORDER BY 1),
           (SELECT sum(c.version) FROM titik.category c)
      INTO account_id, name, role, kelurahan, categories
      FROM titik.token t
      JOIN titik.account a ON a.id = t.account_id
     WHERE t.hash = token_hash AND t.revoked_at IS NULL AND t.expires_at > now() AND a.active;
    IF FOUND THEN
        PERFORM set_config('titik.account', account_id::text, true),
                set_config('titik.role', role, true),
                set_config('titik.kelurahan', array_to_string(kelurahan, ','), true);
        RETURN NEXT;
    END IF;
END
$$
"""

# The hash leaves the table for one account at a time, and for those that may sign in only.
READ_HASH = """
CREATE FUNCTION titik.password_of(asked text) RETURNS TABLE (account_id int, hash text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT a.id, p.hash FROM titik.account a JOIN titik.password p ON p.account_id = a.id WHERE a.name = asked AND a.active
$$
"""

# Whoever signs in at the identity server is known by its subject there, which never changes; the first time by the name, which the
# server may give to somebody else later.
OIDC_ACCOUNT = """
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

# What waits for its writer goes over to the successor, with what was told of it. Revisions are not an administrator's to see, so this is
# the owner's to do.
HAND_OVER = """
CREATE FUNCTION titik.hand_over(predecessor int, successor int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    moved int;
BEGIN
    IF current_setting('titik.role', true) IS DISTINCT FROM 'admin' THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_account_admin', MESSAGE = 'only for an administrator';
    END IF;
    UPDATE titik.revision SET held_by = successor WHERE held_by = predecessor AND state IN ('draft', 'submitted', 'returned');
    GET DIAGNOSTICS moved = ROW_COUNT;
    UPDATE titik.notice SET account_id = successor WHERE account_id = predecessor AND read_at IS NULL;
    RETURN moved;
END
$$
"""

# Everybody has a say about the address of their own mail, and about nothing else of an account.
SET_OWN_EMAIL = """
CREATE FUNCTION titik.set_own_email(address text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE titik.account SET email = address WHERE id = nullif(current_setting('titik.account', true), '')::int
$$
"""

# The second line behind the application's checks: the service can change accounts only while an administrator acts.
ADMIN_ONLY = """
CREATE FUNCTION titik.admin_only() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('titik.role', true) IS DISTINCT FROM 'admin'
       AND NOT pg_has_role(current_user, (SELECT nspowner FROM pg_namespace WHERE nspname = 'titik'), 'MEMBER') THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_account_admin', MESSAGE = 'only for an administrator';
    END IF;
    RETURN NULL;
END
$$
"""
# And what lets somebody in can be made and ended for oneself only, or by an administrator.
OWN_ONLY = """
CREATE FUNCTION titik.own_only() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('titik.role', true) IS DISTINCT FROM 'admin'
       AND current_setting('titik.account', true) IS DISTINCT FROM NEW.account_id::text
       AND NOT pg_has_role(current_user, (SELECT nspowner FROM pg_namespace WHERE nspname = 'titik'), 'MEMBER') THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_account_admin', MESSAGE = 'only for oneself or an administrator';
    END IF;
    RETURN NEW;
END
$$
"""

# Where mail goes and who one is elsewhere is shown to oneself, to administrators, and to the part of the service that sends mail.
PRIVATE_OF = """
CREATE FUNCTION titik.private_of(asked int) RETURNS TABLE (email text, oidc_subject text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT a.email, a.oidc_subject FROM titik.account a
     WHERE a.id = asked
       AND (current_setting('titik.role', true) IN ('admin', 'system') OR current_setting('titik.account', true) = asked::text)
$$
"""
GUARD = (
    """CREATE TRIGGER admin_only AFTER INSERT ON titik.reset_link
       FOR EACH STATEMENT EXECUTE FUNCTION titik.admin_only()""",
    """CREATE TRIGGER own_only BEFORE INSERT OR UPDATE ON titik.password FOR EACH ROW EXECUTE FUNCTION titik.own_only()""",
    """CREATE TRIGGER own_only BEFORE INSERT OR UPDATE ON titik.token FOR EACH ROW EXECUTE FUNCTION titik.own_only()""",
    """CREATE TRIGGER admin_only AFTER INSERT OR UPDATE OR DELETE ON titik.account
       FOR EACH STATEMENT EXECUTE FUNCTION titik.admin_only()""",
    """CREATE TRIGGER admin_only AFTER INSERT OR UPDATE OR DELETE ON titik.account_kelurahan
       FOR EACH STATEMENT EXECUTE FUNCTION titik.admin_only()""",
)
GRANTS = (
    (
        "REVOKE ALL ON FUNCTION titik.sign_in(bytea), titik.password_of(text), titik.oidc_account(text, text), titik.hand_over(int, int), "
        "titik.set_own_email(text), titik.admin_only(), titik.own_only(), titik.private_of(int) FROM PUBLIC"
    ),
    (
        "GRANT EXECUTE ON FUNCTION titik.sign_in(bytea), titik.password_of(text), titik.oidc_account(text, text), titik.hand_over(int, int), "
        "titik.set_own_email(text), titik.private_of(int) TO titik_service"
    ),
    "REVOKE SELECT ON titik.account FROM titik_service",
    "GRANT SELECT (id, name, role, active, created_at) ON titik.account TO titik_service",
    "GRANT INSERT (name, role, email), UPDATE (active, email, oidc_subject) ON titik.account TO titik_service",
    "GRANT INSERT, DELETE ON titik.account_kelurahan TO titik_service",
    "GRANT SELECT (account_id, changed_at), INSERT, UPDATE ON titik.password TO titik_service",
    "GRANT SELECT, INSERT, UPDATE (used_at) ON titik.reset_link TO titik_service",
    (
        "GRANT SELECT (id, account_id, prefix, label, scopes, origin, created_at, expires_at, revoked_at, last_used_at), "
        "INSERT (account_id, prefix, hash, label, scopes, origin, expires_at), UPDATE (revoked_at) ON titik.token TO titik_service"
    ),
    "GRANT SELECT, INSERT, UPDATE (account_id, read_at, mail_after, mail_tries, mailed_at) ON titik.notice TO titik_service",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("account", sa.Column("email", sa.Text(), nullable=True), schema="titik")
    op.add_column("account", sa.Column("oidc_subject", sa.Text(), nullable=True), schema="titik")
    op.create_unique_constraint(op.f("uq_account_oidc_subject"), "account", ["oidc_subject"], schema="titik")
    for column in (
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("scopes", postgresql.ARRAY(sa.TEXT()), nullable=True),
        sa.Column("origin", sa.Text(), server_default=sa.text("'issued'"), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column("token", column, schema="titik")
    op.create_check_constraint(op.f("ck_token_origin"), "token", "origin IN ('issued', 'password', 'oidc')", schema="titik")
    op.create_table(
        "password",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["titik.account.id"], name=op.f("fk_password_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_password")),
        schema="titik",
    )
    op.create_table(
        "reset_link",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["titik.account.id"], name=op.f("fk_reset_link_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_reset_link")),
        schema="titik",
    )
    op.create_index(op.f("ix_reset_link_account_id"), "reset_link", ["account_id"], schema="titik")
    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("revision_id", sa.UUID(), nullable=True),
        sa.Column("kelurahan", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mail_after", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=True),
        sa.Column("mail_tries", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('returned', 'unpublished', 'handed-over')", name=op.f("ck_notice_kind")),
        sa.ForeignKeyConstraint(["account_id"], ["titik.account.id"], name=op.f("fk_notice_account_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["revision_id"], ["titik.revision.id"], name=op.f("fk_notice_revision_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        schema="titik",
    )
    op.create_index(op.f("ix_notice_account_id_id"), "notice", ["account_id", "id"], schema="titik")
    op.create_index(op.f("ix_notice_revision_id"), "notice", ["revision_id"], schema="titik")
    op.create_index(
        "ix_notice_to_mail", "notice", ["mail_after"], schema="titik",
        postgresql_where=sa.text("mailed_at IS NULL AND mail_after IS NOT NULL"),
    )  # fmt: skip
    op.execute("DROP FUNCTION titik.sign_in(bytea)")
    for statement in (SIGN_IN, READ_HASH, OIDC_ACCOUNT, HAND_OVER, SET_OWN_EMAIL, ADMIN_ONLY, OWN_ONLY, PRIVATE_OF, *GUARD, *GRANTS):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TRIGGER admin_only ON titik.account")
    op.execute("DROP TRIGGER admin_only ON titik.account_kelurahan")
    op.execute("DROP TRIGGER own_only ON titik.token")
    for table in ("notice", "reset_link", "password"):
        op.drop_table(table, schema="titik")
    op.execute(
        "DROP FUNCTION titik.sign_in(bytea), titik.password_of(text), titik.oidc_account(text, text), titik.hand_over(int, int), "
        "titik.set_own_email(text), titik.admin_only(), titik.own_only(), titik.private_of(int)"
    )
    op.execute(SIGN_IN_BEFORE)
    op.execute("REVOKE ALL ON FUNCTION titik.sign_in(bytea) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION titik.sign_in(bytea) TO titik_service")
    op.execute("REVOKE SELECT (id, name, role, active, created_at) ON titik.account FROM titik_service")
    op.execute("GRANT SELECT ON titik.account TO titik_service")
    op.execute("REVOKE INSERT (name, role, email), UPDATE (active, email, oidc_subject) ON titik.account FROM titik_service")
    op.execute("REVOKE INSERT, DELETE ON titik.account_kelurahan FROM titik_service")
    op.execute("REVOKE ALL ON titik.token FROM titik_service")
    op.drop_constraint(op.f("ck_token_origin"), "token", schema="titik")
    for column in ("label", "scopes", "origin", "last_used_at"):
        op.drop_column("token", column, schema="titik")
    op.drop_constraint(op.f("uq_account_oidc_subject"), "account", schema="titik")
    for column in ("email", "oidc_subject"):
        op.drop_column("account", column, schema="titik")
