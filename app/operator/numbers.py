"""What waits and what fails, in numbers, for whoever runs the service: how many, and since when the oldest. Nothing of what it is about."""

from datetime import datetime
from typing import TypedDict

from app.db import WriteSession
from app.inbox.queries import ACT_AS_SYSTEM
from app.nouns import NOUNS
from app.statement import Statement
from app.webhooks.service import backlog


class StateNumbers(TypedDict):
    submitted: int
    imports: int
    jobs: int
    webhooks: int
    accounts: int
    identities: int


class Queue(TypedDict):
    """`oldest_at` is there where something waits. `failed`: so many were tried before; of deliveries: so many receivers fail or are paused."""

    kind: str
    number: int
    oldest_at: datetime | None
    failed: int


_SUBMITTED = " UNION ALL ".join(f"SELECT submitted_at FROM {noun.revisions} WHERE state = 'submitted'" for noun in NOUNS)  # noqa: S608 - constants, joined at import
_NUMBERS = Statement[StateNumbers](f"""
    SELECT (SELECT count(*) FROM ({_SUBMITTED}) submitted) AS submitted,
           (SELECT count(*) FROM titik.import WHERE state IN ('queued', 'judging', 'committing')) AS imports,
           (SELECT count(*) FROM titik.boundary_job WHERE state IN ('queued', 'working')) + (SELECT count(*) FROM titik.category_steps) AS jobs,
           (SELECT count(*) FROM titik.webhook WHERE state = 'paused' OR failures > 0) AS webhooks,
           (SELECT count(*) FROM titik.account WHERE active) AS accounts,
           (SELECT count(*) FROM titik.identity_request) AS identities
""")  # noqa: S608
# Rows of the record are sealed within seconds of their commit. Not looked for further back than the sealer looks itself.
_QUEUES = Statement[Queue](f"""
    SELECT 'review' AS kind, count(*)::int AS number, min(submitted_at) AS oldest_at, 0 AS failed FROM ({_SUBMITTED}) submitted
     UNION ALL
    SELECT 'report', count(*)::int, min(created_at), 0 FROM titik.report WHERE state <> 'closed'
     UNION ALL
    SELECT 'import', count(*)::int, min(coalesce(begun_at, created_at)), 0 FROM titik.import WHERE state IN ('queued', 'judging', 'committing')
     UNION ALL
    SELECT 'boundary', count(*)::int, min(created_at), 0 FROM titik.boundary_job WHERE state IN ('queued', 'working')
     UNION ALL
    SELECT 'retry', count(*)::int, min(created), count(*)::int FROM queue.pgqueuer WHERE attempts > 0
     UNION ALL
    SELECT 'mail', count(*)::int, min(created_at), count(*) FILTER (WHERE mail_tries > 0)::int
      FROM titik.notice n WHERE mailed_at IS NULL AND mail_after IS NOT NULL AND created_at > now() - interval '7 days'
       AND CAST(:has_mail AS bool) AND EXISTS (SELECT FROM titik.private_of(n.account_id) private WHERE private.email IS NOT NULL)
     UNION ALL
    SELECT 'identity', count(*)::int, min(asked_at), 0 FROM titik.identity_request
     UNION ALL
    SELECT 'seal', count(*)::int, min(a.at), 0 FROM titik.audit a
     WHERE a.id > (SELECT coalesce(max(s.audit_id), 0) - 10000 FROM titik.audit_seal s)
       AND NOT EXISTS (SELECT FROM titik.audit_seal s WHERE s.audit_id = a.id)
""")  # noqa: S608


async def state_of_things(session: WriteSession) -> StateNumbers:
    """Counts all there is, whatever the role of the session may see: row-level security shows an administrator none of it."""
    await session.value(ACT_AS_SYSTEM)
    return await session.one(_NUMBERS)


async def queues(session: WriteSession, *, has_mail: bool) -> list[Queue]:
    """Each kind of work that can wait, with how much of it does."""
    await session.value(ACT_AS_SYSTEM)
    return [*await session.all(_QUEUES, has_mail=has_mail), {"kind": "delivery", **await backlog(session)}]
