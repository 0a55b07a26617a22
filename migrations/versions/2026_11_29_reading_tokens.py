"""Who has a token goes on reading while nothing can be written.

Revision: 0017_reading_tokens, after 0016_people
"""

from alembic import op

revision = "0017_reading_tokens"
down_revision = "0016_people"
branch_labels = None
depends_on = None

SIGN_IN = """
CREATE OR REPLACE FUNCTION titik.sign_in(token_hash bytea) RETURNS TABLE (
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
            {NOTE}
        END IF;
        RETURN NEXT;
    END IF;
END
$$
"""
NOTE = """UPDATE titik.token SET last_used_at = now()
             WHERE id = (SELECT t.id FROM titik.token t WHERE t.hash = token_hash FOR UPDATE SKIP LOCKED);"""
# Nobody is kept from reading because that cannot be noted: on a standby, in a database that is read-only, on a disk that is full.
NOTE_IF_POSSIBLE = f"""
            IF current_setting('transaction_read_only') = 'off' THEN
                BEGIN
                    {NOTE}
                EXCEPTION WHEN insufficient_resources THEN
                    NULL;
                END;
            END IF;"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(SIGN_IN.replace("{NOTE}", NOTE_IF_POSSIBLE))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(SIGN_IN.replace("{NOTE}", NOTE))
