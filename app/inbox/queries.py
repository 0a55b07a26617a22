"""SQL of notices."""

from collections.abc import Mapping

from app.inbox.kinds import Recipients
from app.nouns import NOUNS
from app.statement import Statement

# Whom it concerns: who looks after the revision; where that account is active no longer, every PIC of its kelurahan. Not whoever did it.
TELL_OF_REVISION = Statement("""
    INSERT INTO titik.notice (account_id, kind, subject_kind, revision_id, kelurahan, category)
    SELECT a.id, :kind, CAST(:subject_kind AS text), CAST(:revision AS uuid), :kelurahan, CAST(:category AS text)
      FROM titik.account a
     WHERE a.active AND a.id <> CAST(:account_id AS int)
       AND (a.id = CAST(:held_by AS int)
            OR (NOT EXISTS (SELECT FROM titik.account h WHERE h.id = CAST(:held_by AS int) AND h.active)
                AND a.role = 'pic'
                AND EXISTS (SELECT FROM titik.account_kelurahan k WHERE k.account_id = a.id AND k.kelurahan = :kelurahan)))
""")
TELL_SUCCESSOR = Statement("""
    INSERT INTO titik.notice (account_id, kind) VALUES (CAST(:account_id AS int), :kind)
""")
# Whom an account concerns: itself, and every administrator but the one who did it.
TELL_OF_ACCOUNT = Statement("""
    INSERT INTO titik.notice (account_id, kind, about_id)
    SELECT a.id, :kind, CAST(:about_id AS int) FROM titik.account a
     WHERE a.active AND (a.id = CAST(:about_id AS int) OR (a.role = 'admin' AND a.id IS DISTINCT FROM CAST(:account_id AS int)))
""")

# What somebody reports concerns the PIC of its kelurahan; where there is none, every walidata.
TELL_OF_REPORT = Statement("""
    WITH officer AS (
        SELECT a.id FROM titik.account a JOIN titik.account_kelurahan k ON k.account_id = a.id AND k.kelurahan = :kelurahan
         WHERE a.active AND a.role = 'pic'
    )
    INSERT INTO titik.notice (account_id, kind, report_id, kelurahan, category)
    SELECT a.id, :kind, CAST(:report_id AS uuid), :kelurahan, :category FROM titik.account a
     WHERE a.id IN (SELECT id FROM officer) OR (a.active AND a.role = 'walidata' AND NOT EXISTS (SELECT FROM officer))
""")
# Webhooks are paused by the statement that notes the last failure (`webhooks/queries.py`), which tells the administrators itself.
TELL: Mapping[Recipients, Statement] = {
    "keeper": TELL_OF_REVISION, "successor": TELL_SUCCESSOR, "account": TELL_OF_ACCOUNT, "officers": TELL_OF_REPORT,
}  # fmt: skip

# What a revision is called and where it stands is read where it is; a noun's table is looked into only for what is of that noun.
_REVISIONS = " UNION ALL ".join(
    f"""SELECT r.{noun.subject} AS subject, {noun.queue.name} AS name, r.state, r.decision_reason, r.ended_reason
                FROM {noun.revisions} r WHERE n.subject_kind = '{noun.kind}' AND r.id = n.revision_id"""  # noqa: S608 - constants, joined at import
    for noun in NOUNS
)
NOTICES = Statement(f"""
    SELECT n.id, n.kind, n.created_at, n.read_at, n.subject_kind, n.kelurahan, k.name AS kelurahan_name, n.category, n.revision_id AS revision,
           r.subject, r.name, coalesce(r.state, report.state) AS state, report.number AS report, about.name AS account, about.role,
           coalesce(CASE n.kind WHEN 'unpublished' THEN r.ended_reason END, r.decision_reason) AS reason
      FROM titik.notice n
      LEFT JOIN titik.region k ON k.code = n.kelurahan
      LEFT JOIN LATERAL ({_REVISIONS}) r ON true
      LEFT JOIN titik.account about ON about.id = n.about_id
      LEFT JOIN titik.report report ON report.id = n.report_id
     WHERE n.account_id = CAST(:account_id AS int) AND n.id < CAST(:before AS bigint)
     ORDER BY n.id DESC LIMIT CAST(:limit AS int)
""")  # noqa: S608
UNREAD = Statement("SELECT count(*) FROM titik.notice WHERE account_id = CAST(:account_id AS int) AND read_at IS NULL")
MARK_READ = Statement("""
    UPDATE titik.notice SET read_at = now()
     WHERE account_id = CAST(:account_id AS int) AND id = ANY (CAST(:ids AS bigint[])) AND read_at IS NULL
""")

# Taken by one worker, and tried again later unless it says that they went out. What is a week old nobody needs by mail any more.
ACT_AS_SYSTEM = Statement("SELECT set_config('titik.role', 'system', true)")
CLAIM = Statement("""
    WITH due AS MATERIALIZED (
        SELECT id FROM titik.notice WHERE mailed_at IS NULL AND mail_after <= now() AND created_at > now() - interval '7 days'
         ORDER BY mail_after LIMIT 100 FOR UPDATE SKIP LOCKED
    )
    UPDATE titik.notice n
       SET mail_tries = n.mail_tries + 1,
           mail_after = CASE WHEN n.mail_tries < 7 THEN now() + interval '1 minute' * power(3, n.mail_tries) END
      FROM due, titik.account a, titik.private_of(a.id) private
     WHERE n.id = due.id AND a.id = n.account_id AND a.active AND private.email IS NOT NULL
    RETURNING n.id, n.account_id, n.kind, private.email
""")
MAILED = Statement("UPDATE titik.notice SET mailed_at = now() WHERE id = ANY (CAST(:ids AS bigint[]))")
