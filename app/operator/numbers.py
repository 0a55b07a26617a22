"""What waits and what fails, in numbers, for whoever runs the service."""

from typing import TypedDict

from app.db import Session
from app.statement import Statement


class StateNumbers(TypedDict):
    submitted: int
    imports: int
    jobs: int
    webhooks: int
    accounts: int
    identities: int


_NUMBERS = Statement[StateNumbers]("""
    SELECT (SELECT count(*) FROM titik.revision WHERE state = 'submitted') AS submitted,
           (SELECT count(*) FROM titik.import WHERE state IN ('queued', 'judging', 'committing')) AS imports,
           (SELECT count(*) FROM titik.boundary_job WHERE state IN ('queued', 'working')) + (SELECT count(*) FROM titik.category_steps) AS jobs,
           (SELECT count(*) FROM titik.webhook WHERE state = 'paused' OR failures > 0) AS webhooks,
           (SELECT count(*) FROM titik.account WHERE active) AS accounts,
           (SELECT count(*) FROM titik.identity_request) AS identities
""")


async def state_of_things(session: Session) -> StateNumbers:
    return await session.one(_NUMBERS)
