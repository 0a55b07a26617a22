"""An edition of the boundaries that was never in use can be taken away again.

Revision: 0036_unused_editions, after 0035_indicators
"""

from alembic import op

revision = "0036_unused_editions"
down_revision = "0035_indicators"
branch_labels = None
depends_on = None

# Verdicts, histories and what an activation has changed tell of an edition that was in use, whatever asks for its end.
KEEP_USED = """
CREATE FUNCTION titik.keep_used_edition() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (OLD.active OR OLD.activated_at IS NOT NULL)
       AND NOT pg_has_role(current_user, (SELECT nspowner FROM pg_namespace WHERE nspname = 'titik'), 'MEMBER') THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_boundary_edition_used', MESSAGE = 'an edition that was in use';
    END IF;
    RETURN OLD;
END
$$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(KEEP_USED)
    op.execute("REVOKE ALL ON FUNCTION titik.keep_used_edition() FROM PUBLIC")
    op.execute("CREATE TRIGGER keep_used BEFORE DELETE ON titik.boundary_edition FOR EACH ROW EXECUTE FUNCTION titik.keep_used_edition()")
    op.execute("GRANT DELETE ON titik.boundary_edition TO titik_service")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("REVOKE DELETE ON titik.boundary_edition FROM titik_service")
    op.execute("DROP TRIGGER keep_used ON titik.boundary_edition")
    op.execute("DROP FUNCTION titik.keep_used_edition()")
