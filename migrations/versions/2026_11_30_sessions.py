"""People sign in with a browser: sessions, whose secrets rotate, and a second factor.

Revision: 0029_sessions, after 0028_cities
"""

import sqlalchemy as sa
from alembic import op

revision = "0029_sessions"
down_revision = "0028_cities"
branch_labels = None
depends_on = None

# One statement for each request. A secret that is due for rotation has its successor offered, in one answer at a time; the successor takes over
# when it is presented a minute later or more, so that a browser that was killed before it wrote its cookies down comes back with a secret that
# still is the present one. An offer that nobody took up is made again after five minutes: the answer may have been lost on the way.
# The predecessor is good for three minutes more, for what is under way; after that it is a copy in other hands.
SIGN_IN_SESSION = """
CREATE FUNCTION titik.sign_in_session(secret_hash bytea, successor_hash bytea) RETURNS TABLE (
    account_id int, name text, role text, kelurahan text[], categories bigint, session_id int, awaiting text, is_fresh boolean, is_reused boolean,
    is_offered boolean, expires_at timestamptz
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    present titik.session;
    is_successor boolean;
    is_predecessor boolean;
    is_promoted boolean;
BEGIN
    SELECT s.* INTO present FROM titik.session s
     WHERE (s.hash = secret_hash OR s.next_hash = secret_hash OR s.earlier_hash = secret_hash)
       AND s.ended_at IS NULL AND s.expires_at > now() AND s.last_used_at > now() - make_interval(secs => s.idle_s);
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT a.id, a.name, a.role,
           ARRAY(SELECT k.kelurahan FROM titik.account_kelurahan k WHERE k.account_id = a.id ORDER BY 1),
           (SELECT sum(c.version) FROM titik.category c)
      INTO account_id, name, role, kelurahan, categories
      FROM titik.account a WHERE a.id = present.account_id AND a.active;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    is_successor := present.next_hash IS NOT DISTINCT FROM secret_hash;
    is_predecessor := NOT is_successor AND present.hash <> secret_hash;
    session_id := present.id;
    awaiting := present.awaiting;
    expires_at := present.expires_at;
    is_fresh := NOT is_predecessor AND present.authenticated_at > now() - interval '15 minutes';
    is_reused := is_predecessor AND present.rotated_at < now() - interval '3 minutes';
    is_promoted := is_successor AND present.offered_at < now() - interval '1 minute';
    is_offered := NOT is_successor AND NOT is_predecessor AND awaiting IS NULL AND present.rotated_at < now() - interval '1 hour'
                  AND (present.offered_at IS NULL OR present.offered_at < now() - interval '5 minutes');
    IF is_reused THEN
        RETURN NEXT;
        RETURN;
    END IF;
    IF awaiting IS NULL THEN
        PERFORM set_config('titik.account', account_id::text, true),
                set_config('titik.role', role, true),
                set_config('titik.kelurahan', array_to_string(kelurahan, ','), true);
    END IF;
    IF (is_promoted OR is_offered OR present.last_used_at < now() - interval '1 minute') AND current_setting('transaction_read_only') = 'off' THEN
        BEGIN
            UPDATE titik.session s
               SET last_used_at = now(),
                   hash = CASE WHEN is_promoted THEN s.next_hash ELSE s.hash END,
                   earlier_hash = CASE WHEN is_promoted THEN s.hash ELSE s.earlier_hash END,
                   next_hash = CASE WHEN is_promoted THEN NULL WHEN is_offered THEN successor_hash ELSE s.next_hash END,
                   rotated_at = CASE WHEN is_promoted THEN now() ELSE s.rotated_at END,
                   offered_at = CASE WHEN is_promoted THEN NULL WHEN is_offered THEN now() ELSE s.offered_at END
             WHERE s.id = (SELECT t.id FROM titik.session t
                            WHERE t.id = present.id AND t.hash = present.hash AND t.offered_at IS NOT DISTINCT FROM present.offered_at
                              FOR UPDATE SKIP LOCKED);
            is_offered := is_offered AND FOUND;
        EXCEPTION WHEN insufficient_resources THEN
            is_offered := false;
        END;
    ELSE
        is_offered := false;
    END IF;
    RETURN NEXT;
END
$$
"""
# By its holder or an administrator: the service itself can take nobody's away.
REMOVE_FACTOR = """
CREATE FUNCTION titik.remove_second_factor(removed_from int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    removed int;
BEGIN
    IF current_setting('titik.role', true) IS DISTINCT FROM 'admin' AND current_setting('titik.account', true) IS DISTINCT FROM removed_from::text THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_account_admin', MESSAGE = 'only for oneself or an administrator';
    END IF;
    DELETE FROM titik.recovery_code WHERE account_id = removed_from;
    DELETE FROM titik.second_factor WHERE account_id = removed_from;
    GET DIAGNOSTICS removed = ROW_COUNT;
    RETURN removed;
END
$$
"""
COLUMNS = "account_id, origin, awaiting, address, browser, system, authenticated_at, idle_s, expires_at"


FUNCTIONS = "titik.sign_in_session(bytea, bytea), titik.remove_second_factor(int)"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "session",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("next_hash", sa.LargeBinary(), nullable=True),
        sa.Column("earlier_hash", sa.LargeBinary(), nullable=True),
        sa.Column("offered_at", instant, nullable=True),
        sa.Column("rotated_at", instant, server_default=sa.text("now()"), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("awaiting", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("browser", sa.Text(), nullable=True),
        sa.Column("system", sa.Text(), nullable=True),
        sa.Column("created_at", instant, server_default=sa.text("now()"), nullable=False),
        sa.Column("authenticated_at", instant, server_default=sa.text("now()"), nullable=False),
        sa.Column("last_used_at", instant, server_default=sa.text("now()"), nullable=False),
        sa.Column("idle_s", sa.Integer(), nullable=False),
        sa.Column("expires_at", instant, nullable=False),
        sa.Column("ended_at", instant, nullable=True),
        sa.CheckConstraint("origin IN ('password', 'oidc', 'link')", name=op.f("ck_session_origin")),
        sa.CheckConstraint("awaiting IN ('code', 'enrolment')", name=op.f("ck_session_awaiting")),
        sa.ForeignKeyConstraint(["account_id"], ["titik.account.id"], name=op.f("fk_session_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("hash", name=op.f("uq_session_hash")),
        sa.UniqueConstraint("next_hash", name=op.f("uq_session_next_hash")),
        sa.UniqueConstraint("earlier_hash", name=op.f("uq_session_earlier_hash")),
        schema="titik",
    )
    op.create_index(op.f("ix_session_account_id"), "session", ["account_id"], schema="titik")
    op.create_table(
        "second_factor",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", instant, server_default=sa.text("now()"), nullable=False),
        sa.Column("confirmed_at", instant, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["titik.account.id"], name=op.f("fk_second_factor_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_second_factor")),
        schema="titik",
    )
    op.create_table(
        "recovery_code",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("used_at", instant, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["titik.account.id"], name=op.f("fk_recovery_code_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_recovery_code")),
        schema="titik",
    )
    op.create_index(op.f("ix_recovery_code_account_id"), "recovery_code", ["account_id"], schema="titik")
    op.add_column("reset_link", sa.Column("purpose", sa.Text(), server_default=sa.text("'password'"), nullable=False), schema="titik")
    op.create_check_constraint(op.f("ck_reset_link_purpose"), "reset_link", "purpose IN ('password', 'sign-in')", schema="titik")
    op.execute(SIGN_IN_SESSION)
    op.execute(REMOVE_FACTOR)
    op.execute(f"REVOKE ALL ON FUNCTION {FUNCTIONS} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {FUNCTIONS} TO titik_service")
    # The hashes are written and compared with by the function alone.
    op.execute(
        f"GRANT SELECT (id, created_at, last_used_at, ended_at, {COLUMNS}), INSERT (hash, {COLUMNS}), "
        "UPDATE (hash, next_hash, earlier_hash, offered_at, rotated_at, awaiting, authenticated_at, last_used_at, idle_s, expires_at, ended_at), "
        "DELETE ON titik.session TO titik_service"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON titik.second_factor TO titik_service")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON titik.recovery_code TO titik_service")
    for table in ("session", "second_factor", "recovery_code"):
        op.execute(f"CREATE TRIGGER own_only BEFORE INSERT OR UPDATE ON titik.{table} FOR EACH ROW EXECUTE FUNCTION titik.own_only()")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(f"DROP FUNCTION {FUNCTIONS}")
    for table in ("recovery_code", "second_factor", "session"):
        op.drop_table(table, schema="titik")
    op.execute("DELETE FROM titik.reset_link WHERE purpose <> 'password'")
    op.drop_constraint(op.f("ck_reset_link_purpose"), "reset_link", schema="titik")
    op.drop_column("reset_link", "purpose", schema="titik")
