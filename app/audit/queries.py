"""SQL of whoever looks something up in the record."""

from typing import TypedDict

from app.audit.schemas import AuditEntry
from app.statement import Statement


class SubjectName(TypedDict):
    """The account of a token, the address of a webhook."""

    kind: str
    id: str
    name: str


# The newest first by id, which is the order of the primary key; a subject has an index of its own.
ENTRIES = Statement[AuditEntry]("""
    SELECT a.id, a.at, c.name AS account, a.action, a.subject, a.kind, a.kelurahan, a.category, a.detail, s.position
      FROM titik.audit a
      LEFT JOIN titik.account c ON c.id = a.account_id
      LEFT JOIN titik.audit_seal s ON s.audit_id = a.id
     WHERE a.id < CAST(:before AS bigint)
       AND (CAST(:account AS text) IS NULL OR a.account_id = (SELECT id FROM titik.account WHERE name = CAST(:account AS text)))
       AND (CAST(:action AS text) IS NULL OR a.action = CAST(:action AS text))
       AND (CAST(:subject AS text) IS NULL OR a.subject = CAST(:subject AS text))
       AND (CAST(:kind AS text) IS NULL OR a.kind = CAST(:kind AS text))
       AND (CAST(:kelurahan AS text) IS NULL OR a.kelurahan = CAST(:kelurahan AS text))
       AND (CAST(:category AS text) IS NULL OR a.category = CAST(:category AS text))
       AND (CAST(:begin AS timestamptz) IS NULL OR a.at >= CAST(:begin AS timestamptz))
       AND (CAST(:end AS timestamptz) IS NULL OR a.at <= CAST(:end AS timestamptz))
     ORDER BY a.id DESC LIMIT CAST(:limit AS int)
""")
IS_ACCOUNT = Statement[bool]("SELECT EXISTS (SELECT FROM titik.account WHERE name = :name)")
NAMES = Statement[SubjectName]("""
    SELECT 'point' AS kind, i.id::text AS id, i.name FROM published.shown_item i WHERE i.id = ANY (CAST(:points AS uuid[]))
    UNION ALL SELECT 'account', a.id::text, a.name FROM titik.account a WHERE a.id = ANY (CAST(:accounts AS int[]))
    UNION ALL SELECT 'token', t.id::text, a.name FROM titik.token t JOIN titik.account a ON a.id = t.account_id WHERE t.id = ANY (CAST(:tokens AS int[]))
    UNION ALL SELECT 'edition', e.id::text, e.name FROM titik.boundary_edition e WHERE e.id = ANY (CAST(:editions AS int[]))
    UNION ALL SELECT 'webhook', w.id::text, w.url FROM titik.webhook w WHERE w.id = ANY (CAST(:webhooks AS uuid[]))
""")
