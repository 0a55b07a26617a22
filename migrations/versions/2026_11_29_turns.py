"""A job at work whose import has been deleted keeps its own payload: it is none to be taken up again.

Revision: 0019_turns, after 0018_fair_shares
"""

from alembic import op

revision = "0019_turns"
down_revision = "0018_fair_shares"
branch_labels = None
depends_on = None

# Whose import is gone is at work too, or about to end: given to another it would take that one's import with it into nothing.
SERVED = "(i.begun_by = q.id OR (i.id IS NULL AND q.id <> asking)) AND q.status = 'picked' AND q.heartbeat > now() - stale"
SERVED_BEFORE = "i.begun_by = q.id AND q.status = 'picked' AND q.heartbeat > now() - stale"
NEXT_IMPORT = """
DO $do$
DECLARE
    before constant text := pg_get_functiondef('titik.next_import'::regproc);
    made constant text := replace(before, $a${BEFORE}$a$, $b${AFTER}$b$);
BEGIN
    ASSERT made <> before;
    EXECUTE made;
END
$do$
"""


def _replace(before: str, after: str) -> None:
    op.execute(NEXT_IMPORT.replace("{BEFORE}", before).replace("{AFTER}", after))


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _replace(SERVED_BEFORE, SERVED)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _replace(SERVED, SERVED_BEFORE)
