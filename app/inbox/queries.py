"""SQL of notices."""

from app.accounts.rights import Actor
from app.db import WriteSession
from app.inbox.schemas import AccountNotice
from app.statement import Statement

# Whom it concerns: who looks after the revision; where that account is active no longer, every PIC of its kelurahan. Not whoever did it.
_CONCERNED = """
    SELECT a.id
      FROM titik.revision r
      JOIN titik.point p ON p.id = r.point_id
      JOIN titik.account a
        ON a.active AND a.id <> CAST(:account_id AS int)
       AND (a.id = r.held_by
            OR (NOT EXISTS (SELECT FROM titik.account h WHERE h.id = r.held_by AND h.active)
                AND a.role = 'pic'
                AND EXISTS (SELECT FROM titik.account_kelurahan k WHERE k.account_id = a.id AND k.kelurahan = r.kelurahan)))
     WHERE r.id = :revision
"""
TELL = Statement(f"""
    INSERT INTO titik.notice (account_id, kind, revision_id, kelurahan, category)
    SELECT told.id, :kind, CAST(:revision AS uuid), r.kelurahan, p.category
      FROM ({_CONCERNED}) told, titik.revision r JOIN titik.point p ON p.id = r.point_id
     WHERE r.id = :revision
""")  # noqa: S608 - constants, joined at import
TELL_SUCCESSOR = Statement("""
    INSERT INTO titik.notice (account_id, kind) VALUES (CAST(:account_id AS int), 'handed-over')
""")
# Whom an account concerns: itself, and every administrator but the one who did it.
TELL_OF_ACCOUNT = Statement("""
    INSERT INTO titik.notice (account_id, kind, about_id)
    SELECT a.id, :kind, CAST(:about_id AS int) FROM titik.account a
     WHERE a.active AND (a.id = CAST(:about_id AS int) OR (a.role = 'admin' AND a.id IS DISTINCT FROM CAST(:account_id AS int)))
""")

NOTICES = Statement("""
    SELECT n.id, n.kind, n.created_at, n.read_at, n.kelurahan, k.name AS kelurahan_name, n.category, n.revision_id AS revision,
           r.point_id AS point, r.name, r.state, about.name AS account, about.role,
           coalesce(CASE n.kind WHEN 'unpublished' THEN r.ended_reason END, r.decision_reason) AS reason
      FROM titik.notice n
      LEFT JOIN titik.region k ON k.code = n.kelurahan
      LEFT JOIN titik.revision r ON r.id = n.revision_id
      LEFT JOIN titik.account about ON about.id = n.about_id
     WHERE n.account_id = CAST(:account_id AS int) AND n.id < CAST(:before AS bigint)
     ORDER BY n.id DESC LIMIT CAST(:limit AS int)
""")
UNREAD = Statement("SELECT count(*) FROM titik.notice WHERE account_id = CAST(:account_id AS int) AND read_at IS NULL")
MARK_READ = Statement("""
    UPDATE titik.notice SET read_at = now()
     WHERE account_id = CAST(:account_id AS int) AND id = ANY (CAST(:ids AS bigint[])) AND read_at IS NULL
""")

# Taken by one worker, and tried again later unless it says that they went out. What is a week old nobody needs by mail any more.
ACT_AS_SYSTEM = Statement("SELECT set_config('titik.role', 'system', true)")
CLAIM = Statement("""
    UPDATE titik.notice n
       SET mail_tries = n.mail_tries + 1,
           mail_after = CASE WHEN n.mail_tries < 7 THEN now() + interval '1 minute' * power(3, n.mail_tries) END
      FROM titik.account a, titik.private_of(a.id) private
     WHERE a.id = n.account_id AND a.active AND private.email IS NOT NULL
       AND n.id IN (SELECT id FROM titik.notice
                     WHERE mailed_at IS NULL AND mail_after <= now() AND created_at > now() - interval '7 days'
                     ORDER BY mail_after LIMIT 100 FOR UPDATE SKIP LOCKED)
    RETURNING n.id, n.account_id, n.kind, private.email
""")
MAILED = Statement("UPDATE titik.notice SET mailed_at = now() WHERE id = ANY (CAST(:ids AS bigint[]))")


async def tell_of_account(session: WriteSession, actor: Actor | None, kind: AccountNotice, about_id: int) -> None:
    """Tells an account, and every administrator but the actor (None: an operator at the command line), what was done to it: power that
    somebody gets unseen is power that somebody may have stolen.
    """
    await session.run(TELL_OF_ACCOUNT, kind=kind, about_id=about_id, account_id=actor.id if actor else None)
