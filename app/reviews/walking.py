"""SQL of a reviewer's way through the queue: what waits, counted by what it is, and which entries come before and after one.

The counts are those of the lists: both rest on the same conditions (`queue.matching`), and a test follows each of them.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import product
from typing import NamedTuple
from uuid import UUID

from app.access.rights import Actor
from app.db import Row, Session
from app.nouns import NOUNS
from app.points.rules import REJUDGED
from app.reviews import queue
from app.reviews.queue import SORTINGS, Sorting, Wanted, key_of, matching
from app.statement import Statement
from app.workflow.noun import Noun, returned_before


def _waiting(noun: Noun) -> str:
    returned = returned_before(noun.revisions, noun.subject)
    return f"""
        SELECT {noun.queue.kind} AS kind, r.category, r.kelurahan, {queue.column(noun, "flags")} AS flags, {queue.clean(noun)} AS clean,
               EXISTS ({returned}) AS corrected
          FROM {noun.revisions} r WHERE r.state = 'submitted'
    """  # noqa: S608 - constants, joined at import


def _turned(noun: Noun) -> str:
    return f"SELECT count(*) AS number FROM {noun.revisions} r WHERE {noun.queue.turned or 'false'}"  # noqa: S608


# What boundaries have turned has a list of its own, with what is public.
COUNTS = Statement(f"""
    WITH waiting AS MATERIALIZED ({" UNION ALL ".join(map(_waiting, NOUNS))})
    SELECT 'all' AS property, '' AS value, count(*) AS number FROM waiting
    UNION ALL SELECT 'kind', kind, count(*) FROM waiting GROUP BY kind
    UNION ALL SELECT 'category', category, count(*) FROM waiting GROUP BY category
    UNION ALL SELECT 'kelurahan', kelurahan, count(*) FROM waiting GROUP BY kelurahan
    UNION ALL SELECT 'clean', 'true', count(*) FROM waiting WHERE clean
    UNION ALL SELECT 'corrected', 'true', count(*) FROM waiting WHERE corrected
    UNION ALL SELECT 'flag', flag, count(*) FROM waiting CROSS JOIN unnest(flags) AS flag WHERE flag <> '{REJUDGED}' GROUP BY flag
    UNION ALL SELECT 'flag', '{REJUDGED}', sum(number)::bigint FROM ({" UNION ALL ".join(map(_turned, NOUNS))}) turned
""")  # noqa: S608

_TURNED_ONES = " UNION ALL ".join(
    f"SELECT r.category, r.kelurahan FROM {noun.revisions} r WHERE {noun.queue.turned or 'false'}"  # noqa: S608
    for noun in NOUNS
)
TURNED_COUNTS = Statement(f"""
    WITH turned AS MATERIALIZED ({_TURNED_ONES})
    SELECT 'category' AS property, category AS value, count(*) AS number FROM turned GROUP BY category
    UNION ALL SELECT 'kelurahan', kelurahan, count(*) FROM turned GROUP BY kelurahan
""")  # noqa: S608


def _steps(sorting: Sorting, *, turned: bool, descending: bool) -> Statement:
    follows, order = ("<", "DESC") if descending else (">", "ASC")
    precedes, backwards = (">", "ASC") if descending else ("<", "DESC")
    here = " UNION ALL ".join(
        f"""SELECT {key_of(noun, sorting)[0]} AS key, r.id
              FROM {noun.revisions} r JOIN titik.account a ON a.id = r.created_by WHERE r.id = CAST(:revision AS uuid)"""  # noqa: S608
        for noun in NOUNS
    )
    return Statement(f"""
        WITH matching AS MATERIALIZED (
            {" UNION ALL ".join(matching(noun, sorting, turned=turned) for noun in NOUNS)}
        ), here AS ({here})
        SELECT (SELECT count(*) FROM matching) AS matched,
               (SELECT count(*) FROM matching m, here WHERE (m.key, m.id) {precedes} (here.key, here.id)) AS ahead,
               (SELECT m.id FROM matching m, here WHERE (m.key, m.id) {precedes} (here.key, here.id)
                 ORDER BY m.key {backwards}, m.id {backwards} LIMIT 1) AS previous,
               (SELECT m.id FROM matching m, here WHERE (m.key, m.id) {follows} (here.key, here.id)
                 ORDER BY m.key {order}, m.id {order} LIMIT 1) AS next
    """)  # noqa: S608


STEPS = {
    (turned, sorting, descending): _steps(sorting, turned=turned, descending=descending)
    for turned, sorting, descending in product((False, True), SORTINGS, (False, True))
}


class QueueSteps(NamedTuple):
    """The entries before and after one that match the same filters; `matched`: how many do, `ahead` of which come before it."""

    matched: int
    ahead: int
    previous: UUID | None
    next: UUID | None


WaitingCounts = dict[str, dict[str, int]]
"""By property of an entry and its value how many wait."""


async def count_waiting(session: Session, actor: Actor) -> WaitingCounts:
    return _counted(await session.all(COUNTS, account_id=actor.id))


async def count_turned(session: Session) -> WaitingCounts:
    """Of what boundaries have turned, by category and kelurahan."""
    return _counted(await session.all(TURNED_COUNTS))


def _counted(rows: Iterable[Row]) -> WaitingCounts:
    found: WaitingCounts = {}
    for row in rows:
        if row["number"]:
            found.setdefault(row["property"], {})[row["value"]] = row["number"]
    return found


async def steps_around(session: Session, actor: Actor, wanted: Wanted, revision: UUID) -> QueueSteps:
    """Around a revision that waits, or did until now: whoever has decided on it goes on from where it was."""
    statement = STEPS[wanted.flag == REJUDGED, wanted.sorting, wanted.descending]
    row = await session.one(statement, revision=revision, **wanted.filters(actor.id))
    return QueueSteps(row["matched"], row["ahead"], row["previous"], row["next"])


class Outcome(NamedTuple):
    """How a revision stands now, and who has decided so."""

    revision: UUID
    name: str
    kind: str
    state: str
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None


def _outcome(noun: Noun) -> str:
    return f"""
        SELECT r.id AS revision, {noun.queue.name} AS name, {noun.queue.kind} AS kind, r.state, d.name AS decided_by, r.decided_at,
               r.decision_reason AS reason
          FROM {noun.revisions} r LEFT JOIN titik.account d ON d.id = r.decided_by WHERE r.id = ANY (CAST(:revisions AS uuid[]))
    """  # noqa: S608 - constants, joined at import


OUTCOMES = Statement(" UNION ALL ".join(map(_outcome, NOUNS)))


async def outcomes_of(session: Session, revisions: Sequence[UUID]) -> dict[UUID, Outcome]:
    """By its id; whatever the actor may not see is missing."""
    return {row["revision"]: Outcome(*row.values()) for row in await session.all(OUTCOMES, revisions=list(revisions))}
