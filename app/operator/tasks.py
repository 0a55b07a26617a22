"""What waits for whoever has signed in, in one statement of their role. Row-level security sees to whose it is."""

from datetime import datetime
from typing import TypedDict

from app.access.rights import Actor
from app.db import WriteSession
from app.nouns import NOUNS
from app.statement import Statement


class OfficerTasks(TypedDict):
    """Of what one looks after oneself the newest state counts; reports, and points that other boundaries have turned, are those of one's kelurahan."""

    returned: int
    drafts: int
    submitted: int
    moved_mine: int
    reports: int


class ReviewTasks(TypedDict):
    """`oldest_at`: since when the first of them waits; `moved`: what other boundaries have turned, and nobody has seen."""

    new: int
    change: int
    move: int
    close: int
    confirm: int
    moved: int
    oldest_at: datetime | None
    reports: int


class ManagerTasks(TypedDict):
    """`unsealed`: rows of the record that should have been sealed minutes ago."""

    without_password: int
    identities: int
    webhooks: int
    unsealed: int


Tasks = OfficerTasks | ReviewTasks | ManagerTasks

_REPORTS = "(SELECT count(*) FROM titik.report WHERE state <> 'closed')"
_TURNED = " + ".join(
    f"(SELECT count(DISTINCT r.{noun.subject}) FROM {noun.revisions} r WHERE {noun.queue.turned})"  # noqa: S608 - constants, joined at import
    for noun in NOUNS
    if noun.queue.turned
)
_OWN = " UNION ALL ".join(
    f"""SELECT r.state FROM {noun.revisions} r
         WHERE r.held_by = CAST(:account_id AS int) AND r.state IN ('draft', 'submitted', 'returned')
           AND NOT EXISTS (SELECT FROM {noun.revisions} later WHERE later.{noun.subject} = r.{noun.subject} AND later.number > r.number)"""  # noqa: S608 - constants, joined at import
    for noun in NOUNS
)
_KINDS = " UNION ALL ".join(
    f"SELECT {noun.queue.kind} AS kind, r.submitted_at FROM {noun.revisions} r WHERE r.state = 'submitted'"  # noqa: S608
    for noun in NOUNS
)
OF_OFFICER = Statement[OfficerTasks](f"""
    SELECT count(*) FILTER (WHERE state = 'returned') AS returned, count(*) FILTER (WHERE state = 'draft') AS drafts,
           count(*) FILTER (WHERE state = 'submitted') AS submitted, {_TURNED} AS moved_mine, {_REPORTS} AS reports
      FROM ({_OWN}) own
""")  # noqa: S608
OF_REVIEWER = Statement[ReviewTasks](f"""
    SELECT count(*) FILTER (WHERE kind = 'new') AS new, count(*) FILTER (WHERE kind = 'change') AS change, count(*) FILTER (WHERE kind = 'move') AS move,
           count(*) FILTER (WHERE kind = 'close') AS close, count(*) FILTER (WHERE kind = 'confirm') AS confirm, {_TURNED} AS moved, min(submitted_at) AS oldest_at, {_REPORTS} AS reports
      FROM ({_KINDS}) waiting
""")  # noqa: S608
OF_MANAGER = Statement[ManagerTasks]("""
    SELECT (SELECT count(*) FROM titik.account a WHERE a.active AND NOT EXISTS (SELECT FROM titik.password p WHERE p.account_id = a.id)
               AND NOT (SELECT private.oidc_subject IS NOT NULL FROM titik.private_of(a.id) private)) AS without_password,
           (SELECT count(*) FROM titik.identity_request) AS identities,
           (SELECT count(*) FROM titik.webhook WHERE state = 'paused' OR failures > 0) AS webhooks,
           (SELECT count(*) FROM titik.audit a
             WHERE a.id > (SELECT coalesce(max(s.audit_id), 0) - 10000 FROM titik.audit_seal s) AND a.at < now() - interval '5 minutes'
               AND NOT EXISTS (SELECT FROM titik.audit_seal s WHERE s.audit_id = a.id)) AS unsealed
""")


async def tasks_of(session: WriteSession, actor: Actor) -> Tasks | None:
    """None for a role that only reads."""
    match actor.role:
        case "pic":
            return await session.one(OF_OFFICER, account_id=actor.id)
        case "walidata":
            return await session.one(OF_REVIEWER)
        case "admin":
            return await session.one(OF_MANAGER)
        case _:
            return None
