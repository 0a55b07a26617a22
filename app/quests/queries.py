"""SQL of quests."""

from datetime import datetime
from decimal import Decimal
from typing import TypedDict
from uuid import UUID

from app.points.mine import NEWEST, SINCE, STANDING
from app.statement import Statement


class StandingPoint(TypedDict):
    """A point of a kelurahan by its newest revision; `since`: when it came to stand like that; `is_due`: verified too long ago."""

    point: UUID
    category: str
    standing: str
    since: datetime
    is_due: bool
    name: str
    rw: str | None
    rt: str | None
    lon: float
    lat: float
    decision_reason: str | None
    held_by: str


class FigureRow(TypedDict):
    indicator: str
    indicator_class: str
    period: str
    value: Decimal


class AnsweredRow(TypedDict):
    """An RT of which somebody has proposed that it is no more."""

    indicator_class: str
    state: str
    explanation: str | None


class OpenReport(TypedDict):
    number: str
    kind: str
    category: str
    point_id: UUID | None
    lon: float
    lat: float
    text: str | None
    created_at: datetime


POINTS = Statement[StandingPoint](f"""
    SELECT p.id AS point, p.category, {STANDING} AS standing, {SINCE} AS since,
           r.state = 'published' AND r.decided_at < now() - CAST(:due_after AS interval) AS is_due,
           r.name, r.rw, r.rt, ST_X(r.geom) AS lon, ST_Y(r.geom) AS lat, r.decision_reason, h.name AS held_by
    {NEWEST}
      JOIN titik.account h ON h.id = r.held_by
     WHERE p.kelurahan = :kelurahan
     ORDER BY p.category, r.decided_at, p.id
""")
# Of each figure the newest period that has begun.
LATEST = Statement[FigureRow]("""
    SELECT DISTINCT ON (v.category, v.indicator_class) v.category AS indicator, v.indicator_class, v.period, v.value
      FROM internal.profile_value v
     WHERE v.kelurahan = :kelurahan AND v.category = ANY (CAST(:indicators AS text[])) AND v.meaning = 'value'
       AND v.begins <= CAST(:today AS date)
     ORDER BY v.category, v.indicator_class, v.begins DESC, v.ends
""")
ANSWERED = Statement[AnsweredRow]("""
    SELECT v.indicator_class, r.state, r.explanation
      FROM titik.profile_value v
      JOIN titik.value_revision r ON r.value_id = v.id AND r.state IN ('draft', 'submitted')
     WHERE v.kelurahan = :kelurahan AND v.indicator = :indicator AND v.begins <= CAST(:today AS date) AND r.value = 0
""")
REPORTS = Statement[OpenReport]("""
    SELECT r.number, r.kind, r.category, r.point_id, r.lon, r.lat, r.text, r.created_at
      FROM titik.report r
     WHERE r.kelurahan = :kelurahan AND r.state <> 'closed' ORDER BY r.id LIMIT CAST(:most AS int)
""")
