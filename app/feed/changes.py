"""The feed of changes: for every item that entered, changed or left a half, in the order of commit, what it is now, or that it is gone.

Never what it was: who was told to forget something cannot read it here. Why nothing is ever skipped: docs/adr/0020.
"""

from datetime import datetime
from typing import Literal, NamedTuple, NotRequired

from app.db import Database, ReadSession
from app.errors import Gone
from app.nouns import NOUNS
from app.published.catalogue import Half
from app.published.positions import Position
from app.statement import Statement
from app.wire import Answer, Id
from app.wire import Page as Part

MAX_LIMIT = 1_000
DEFAULT_LIMIT = 100

# Transactions end in another order than they begin in. Below the oldest one that still runs all have ended, so nothing appears there any more.
# A change that a later one of the same point follows is left out: both would say the same. The look for that is one step along an index, as a
# subquery that is asked of each row: PostgreSQL would join the two tables from end to end.
_PAGE = """
    WITH edge AS MATERIALIZED (
        SELECT number, pg_snapshot_xmin(pg_current_snapshot()) AS below, pg_snapshot_xmax(pg_current_snapshot()) AS above FROM titik.history
    ), page AS MATERIALIZED (
        SELECT c.history, c.transaction_id, c.seq, c.id, c.kind, c.category, c.at
          FROM {half}.change c
         WHERE (c.history, c.transaction_id, c.seq)
                 > (CAST(:history AS int), CAST(CAST(:transaction AS text) AS xid8), CAST(:seq AS bigint))
           AND (c.history, c.transaction_id, c.seq) < ((SELECT number FROM edge), (SELECT below FROM edge), CAST(0 AS bigint))
           AND (SELECT true FROM {half}.change later
                 WHERE later.id = c.id AND (later.id, later.history, later.transaction_id, later.seq) > (c.id, c.history, c.transaction_id, c.seq)
                   AND (later.history, later.transaction_id, later.seq) < ((SELECT number FROM edge), (SELECT below FROM edge), CAST(0 AS bigint))
                 LIMIT 1) IS NULL
         ORDER BY c.history, c.transaction_id, c.seq LIMIT CAST(:limit AS int)
    )
    SELECT edge.number, edge.below::text AS below, NOT pg_is_in_recovery() AND CAST(CAST(:transaction AS text) AS xid8) > edge.above AS is_ahead,
           p.history, p.transaction_id::text AS transaction_id, p.seq,
           '{{"kind":"' || p.kind || '","id":"' || p.id || '","category":"' || p.category || '","at":"' || to_char(p.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
           || coalesce('","feature":' || i.feature || '}}', '","deleted": true}}') AS text
      FROM edge LEFT JOIN (page p LEFT JOIN LATERAL ({items}) i ON true) ON true
     ORDER BY p.history, p.transaction_id, p.seq
"""
# What an item says now, where the items of its noun are.
_ITEM = "SELECT feature FROM {half}.{items} WHERE p.kind = '{kind}' AND id = p.id"


def _page(half: Half) -> Statement:
    items = " UNION ALL ".join(_ITEM.format(half=half, items=noun.items, kind=noun.kind) for noun in NOUNS)
    return Statement(_PAGE.format(half=half, items=items))


PAGE: dict[Half, Statement] = {"published": _page("published"), "internal": _page("internal")}

NOW = Statement("SELECT number, pg_snapshot_xmin(pg_current_snapshot())::text AS below FROM titik.history")

IS_SETTLED = Statement("SELECT pg_is_in_recovery() OR identity = titik.identity() FROM titik.history")
SETTLE = Statement("UPDATE titik.history SET number = number + 1, identity = titik.identity() WHERE identity <> titik.identity()")


class Changed(Answer):
    """A point, or something else, that was published, changed or removed."""

    kind: str
    """What it is: `point`. Others will come; who knows only points passes over them, and keeps the cursor all the same."""
    id: Id
    category: str
    at: datetime
    deleted: NotRequired[Literal[True]]
    feature: NotRequired[dict[str, object]]
    """It as it is now."""


class Feed(Part):
    changes: list[Changed]
    next: str
    """The cursor to go on from."""
    more: bool
    """Whether there is more by now."""


class FeedChange(NamedTuple):
    """One point, where it stands in the feed, and what is told of it as JSON."""

    position: Position
    text: str


class FeedPage(NamedTuple):
    """Changes, the position behind them, and whether there are more by now."""

    changes: list[FeedChange]
    following: Position
    more: bool


async def page(session: ReadSession, half: Half, after: Position, limit: int) -> FeedPage:
    """What has changed behind a position, in one statement, so all of it of one moment.

    `Gone` for a position that the database has not come to: it was set back to what it was before.
    """
    rows = await session.all(
        PAGE[half], history=after.history, transaction=str(after.transaction), seq=after.seq, limit=limit + 1
    )  # fmt: skip
    edge = rows[0]
    if edge["is_ahead"] and after.history == edge["number"]:
        raise Gone("changes-restarted")
    changes = [
        FeedChange(Position(row["history"], int(row["transaction_id"]), row["seq"]), row["text"])
        for row in rows[:limit]
        if row["seq"] is not None
    ]
    if len(rows) > limit:
        return FeedPage(changes, changes[-1].position, more=True)
    return FeedPage(changes, max(after, Position(edge["number"], int(edge["below"]), 0)), more=False)


async def now(session: ReadSession) -> Position:
    """Behind all that is firm."""
    row = await session.one(NOW)
    return Position(row["number"], int(row["below"]), 0)


async def settle(database: Database) -> None:
    """Begins the next history where the database is no longer the one that the present began in, as after a restore."""
    async with database.open_write() as session:
        if not await session.value(IS_SETTLED):
            await session.run(SETTLE)
