"""What indicators say now: by these definitions figures are looked at."""

from datetime import datetime
from typing import Any, TypedDict

from app.db import Session
from app.statement import Statement


class IndicatorRow(TypedDict):
    """A version of an indicator."""

    id: str
    version: int
    at: datetime
    definition: dict[str, Any]


# Versions are numbered without a gap: the newest is the one without a next.
NEWEST = Statement[IndicatorRow]("""
    SELECT i.id, i.version, i.at, i.definition
      FROM titik.indicator i
     WHERE NOT EXISTS (SELECT FROM titik.indicator later WHERE later.id = i.id AND later.version = i.version + 1)
     ORDER BY i.id
""")


async def newest(session: Session) -> dict[str, IndicatorRow]:
    """What each of them says now, by id."""
    return {row["id"]: row for row in await session.all(NEWEST)}
