"""A token may be issued for programs that change what they read without saying in which version they read it.

Revision: 0020_without_if_match, after 0019_turns
"""

import sqlalchemy as sa
from alembic import op

revision = "0020_without_if_match"
down_revision = "0019_turns"
branch_labels = None
depends_on = None

SIGN_IN = """
CREATE FUNCTION titik.sign_in(token_hash bytea) RETURNS TABLE (
    account_id int, name text, role text, kelurahan text[], categories bigint, token_id int, scopes text[], expires_at timestamptz{NEW_COLUMN}
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    noted timestamptz;
BEGIN
    SELECT a.id, a.name, a.role,
           ARRAY(SELECT k.kelurahan FROM titik.account_kelurahan k WHERE k.account_id = a.id ORDER BY 1),
           (SELECT sum(c.version) FROM titik.category c), t.id, t.scopes, t.expires_at, t.last_used_at{NEW_VALUE}
      INTO account_id, name, role, kelurahan, categories, token_id, scopes, expires_at, noted{NEW_TARGET}
      FROM titik.token t
      JOIN titik.account a ON a.id = t.account_id
     WHERE t.hash = token_hash AND t.revoked_at IS NULL AND t.expires_at > now() AND a.active;
    IF FOUND THEN
        PERFORM set_config('titik.account', account_id::text, true),
                set_config('titik.role', role, true),
                set_config('titik.kelurahan', array_to_string(kelurahan, ','), true);
        IF noted IS NULL OR noted < now() - interval '5 minutes' THEN
            IF current_setting('transaction_read_only') = 'off' THEN
                BEGIN
                    UPDATE titik.token SET last_used_at = now()
                     WHERE id = (SELECT t.id FROM titik.token t WHERE t.hash = token_hash FOR UPDATE SKIP LOCKED);
                EXCEPTION WHEN insufficient_resources THEN
                    NULL;
                END;
            END IF;
        END IF;
        RETURN NEXT;
    END IF;
END
$$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("token", sa.Column("without_if_match", sa.Boolean(), server_default=sa.text("false"), nullable=False), schema="titik")
    op.execute("GRANT SELECT (without_if_match), INSERT (without_if_match) ON titik.token TO titik_service")
    _replace(", without_if_match boolean", ", t.without_if_match", ", without_if_match")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _replace("", "", "")
    op.drop_column("token", "without_if_match", schema="titik")


def _replace(column: str, value: str, target: str) -> None:
    """Another column of its answer makes it another function."""
    op.execute("DROP FUNCTION titik.sign_in(bytea)")
    op.execute(SIGN_IN.replace("{NEW_COLUMN}", column).replace("{NEW_VALUE}", value).replace("{NEW_TARGET}", target))
    op.execute("REVOKE ALL ON FUNCTION titik.sign_in(bytea) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION titik.sign_in(bytea) TO titik_service")
