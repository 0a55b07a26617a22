"""What those who work on points have before them: of each point the newest revision that they may see, by its state."""

import sys
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple
from uuid import UUID

from app.access.rights import Actor
from app.db import Row, WriteSession
from app.errors import BadRequest, Fault
from app.points.queries import SHOWN
from app.regions import queries as regions
from app.statement import Statement

OPEN = ("draft", "submitted", "returned")
STATES = (*OPEN, "published", "unpublished")
COUNTED = 100_000
"""Up to here the number of points is exact; beyond it nobody is told one."""
BATCH = 1_000
FIRST = UUID(int=0)

_FROM = "FROM titik.revision r JOIN titik.point p ON p.id = r.point_id"
# What is open is the newest there is, and has an index of its own; else the newest of each point is looked for.
_NEWEST = {
    True: "r.state IN ('draft', 'submitted', 'returned')",
    False: """r.number = (SELECT max(n.number) FROM titik.revision n
                         WHERE n.point_id = p.id AND n.state IN ('draft', 'submitted', 'returned', 'published', 'unpublished'))""",
}
# Each its own text, so that each has an index: whoever writes for a few kelurahan; whoever asks for one.
_OWN = {True: "AND p.kelurahan = ANY (CAST(:own AS text[]))", False: ""}
_KELURAHAN = {True: "AND r.kelurahan = :kelurahan", False: ""}


_CONDITIONS = {
    (is_open, is_own, is_of_one): f"""
        WHERE p.category = :category AND r.state = ANY (CAST(:states AS text[])) AND {_NEWEST[is_open]} {_OWN[is_own]} {_KELURAHAN[is_of_one]}
    """
    for is_open, is_own, is_of_one in product((True, False), repeat=3)
}
_ROWS = "{shown} {condition} AND p.id > :after ORDER BY p.id LIMIT CAST(:limit AS int) + 1"
_BATCHES = {case: Statement(_ROWS.format(shown=SHOWN, condition=condition)) for case, condition in _CONDITIONS.items()}
_PAGES = {
    case: Statement(f"""
        SELECT counted.number AS matched, shown.*
          FROM (SELECT count(*) AS number FROM (SELECT {_FROM} {condition} LIMIT {COUNTED + 1}) every) counted
          LEFT JOIN LATERAL ({_ROWS.format(shown=SHOWN, condition=condition)}) shown ON true
         ORDER BY shown.point_id
    """)  # noqa: S608 - constants, joined at import
    for case, condition in _CONDITIONS.items()
}


@dataclass(frozen=True, slots=True)
class WorkQuery:
    """`own`: the kelurahan of whoever writes for some only; `kelurahan`: the one asked for."""

    category: str
    states: tuple[str, ...]
    kelurahan: str | None
    own: tuple[str, ...] | None

    @property
    def case(self) -> tuple[bool, bool, bool]:
        return set(self.states) <= set(OPEN), self.own is not None, self.kelurahan is not None

    def values(self, after: UUID, limit: int) -> dict[str, object]:
        values: dict[str, object] = {"category": self.category, "states": list(self.states), "after": after, "limit": limit}
        values |= {"own": list(self.own)} if self.own is not None else {}
        return values | ({"kelurahan": self.kelurahan} if self.kelurahan is not None else {})


class WorkPage(NamedTuple):
    """`matched`: of all pages, None beyond `COUNTED`; `last`: the id that the next page begins after."""

    rows: Sequence[Row]
    matched: int | None
    last: UUID | None


def read_states(text: str | None) -> tuple[str, ...]:
    """Of `draft,returned` both; all where nothing is said. `BadRequest` for what is no state."""
    if text is None:
        return STATES
    states = tuple(dict.fromkeys(text.split(",")))
    if not set(states) <= set(STATES):
        raise BadRequest(faults=[Fault("state", "not-one-of", {"expected": ", ".join(STATES)})])
    return states


async def query_of(session: WriteSession, actor: Actor, category: str, states: tuple[str, ...], kelurahan: str | None) -> WorkQuery:
    """`BadRequest` for a kelurahan that there is not, `Forbidden` where somebody who writes for some asks for another."""
    code = await regions.code_of_parameter(session, kelurahan)
    if code is not None:
        actor.demand_kelurahan(code)
    return WorkQuery(category, states, code, actor.kelurahan if actor.role == "pic" else None)


async def page(session: WriteSession, query: WorkQuery, after: UUID, limit: int) -> WorkPage:
    rows = await session.all(_PAGES[query.case], **query.values(after, limit))
    found, matched = [row for row in rows if row["point_id"] is not None], rows[0]["matched"]
    last = found[limit - 1]["point_id"] if len(found) > limit else None
    return WorkPage(found[:limit], matched if matched <= COUNTED else None, last)


async def batches(session: WriteSession, query: WorkQuery, most: int | None) -> AsyncGenerator[Sequence[Row], None]:
    """All of it, or the first `most`, for a file."""
    after, left = FIRST, sys.maxsize if most is None else most
    while left > 0:
        at_once = min(BATCH, left)
        rows = await session.all(_BATCHES[query.case], **query.values(after, at_once))
        if rows:
            yield rows[:at_once]
        if len(rows) <= at_once:
            return
        after, left = rows[at_once - 1]["point_id"], left - at_once
