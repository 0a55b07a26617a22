"""SQL of reports."""

from datetime import datetime
from typing import TypedDict
from uuid import UUID

from app.reports.schemas import ReportKind, ReportOutcome, ReportState
from app.statement import Statement


class PublicReportRow(TypedDict):
    """What whoever has the number may see."""

    id: UUID
    number: str
    kind: ReportKind
    kelurahan: str
    category: str
    point_id: UUID | None
    text: str | None
    photo_sha256: bytes | None
    state: ReportState
    outcome: ReportOutcome | None
    answer: str | None
    answered_at: datetime | None
    closed_at: datetime | None
    created_at: datetime


class FullReportRow(PublicReportRow):
    kelurahan_name: str
    name: str | None
    lon: float | None
    lat: float | None
    text_shown: bool
    photo_shown: bool


class ClaimedReport(TypedDict):
    id: UUID
    kelurahan: str
    category: str


class KnownReport(TypedDict):
    number: str
    content_sha256: bytes


class PublishedPoint(TypedDict):
    kelurahan: str
    category: str
    name: str


# What is reported of a point, anybody can see: through the public role.
PUBLISHED_POINT = Statement[PublishedPoint]("SELECT kelurahan, category, name FROM published.item WHERE id = :id")

# -- by anybody: who acts is not set, so row-level security lets in what is new, and gives nothing back

ADD = Statement("""
    INSERT INTO titik.report (id, number, kind, kelurahan, category, point_id, lon, lat, text, photo_sha256, key_sha256, content_sha256)
    VALUES (CAST(:id AS uuid), :number, :kind, :kelurahan, :category, CAST(:point_id AS uuid), CAST(:lon AS float8), CAST(:lat AS float8),
            CAST(:text AS text), CAST(:photo_sha256 AS bytea), CAST(:key_sha256 AS bytea), CAST(:content_sha256 AS bytea))
""")
OF_KEY = Statement[KnownReport]("SELECT number, content_sha256 FROM titik.report_of_key(CAST(:key_sha256 AS bytea))")
FIND_PUBLIC = Statement[PublicReportRow]("""
    SELECT id, number, kind, kelurahan, category, point_id, text, photo_sha256, state, outcome, answer, answered_at, closed_at, created_at
      FROM titik.find_report(:number)
""")

# -- how often, by a keyed hash of the address and the hour

# One after the other, so that no two take the last one that is left.
HOLD_SENDER = Statement("SELECT pg_advisory_xact_lock(hashtextextended('report ' || encode(CAST(:key AS bytea), 'hex'), 0))")
TIMES = Statement[int]("""
    SELECT coalesce(sum(times), 0)::int FROM titik.report_sender
     WHERE key = CAST(:key AS bytea) AND hour > now() - make_interval(hours => CAST(:hours AS int))
""")
COUNT = Statement("""
    INSERT INTO titik.report_sender AS s (key, hour, times) VALUES (CAST(:key AS bytea), date_trunc('hour', clock_timestamp()), 1)
    ON CONFLICT (key, hour) DO UPDATE SET times = s.times + 1
""")
# Whole hours: the last one that counts has begun less than so many hours ago.
WAIT_S = Statement[int]("""
    SELECT ceil(extract(epoch FROM min(hour) + make_interval(hours => CAST(:hours AS int)) - now()))::int FROM titik.report_sender
     WHERE key = CAST(:key AS bytea) AND hour > now() - make_interval(hours => CAST(:hours AS int))
""")

# -- by those who answer: row-level security shows those of their kelurahan

_REPORTS = """
    SELECT r.id, r.number, r.kind, r.kelurahan, k.name AS kelurahan_name, r.category, r.point_id, i.name, r.lon, r.lat, r.text, r.photo_sha256,
           r.text_shown, r.photo_shown, r.state, r.outcome, r.answer, r.answered_at, r.closed_at, r.created_at
      FROM titik.report r
      JOIN titik.region k ON k.code = r.kelurahan
      LEFT JOIN published.item i ON i.id = r.point_id
"""
FIND = Statement[FullReportRow](f"{_REPORTS} WHERE r.number = :number")
LIST = Statement[FullReportRow](f"""
    {_REPORTS}
     WHERE r.id < CAST(:before AS uuid)
       AND (CAST(:state AS text) IS NULL OR r.state = :state)
       AND (CAST(:kind AS text) IS NULL OR r.kind = :kind)
       AND (CAST(:kelurahan AS text) IS NULL OR r.kelurahan = :kelurahan)
       AND (CAST(:category AS text) IS NULL OR r.category = :category)
     ORDER BY r.id DESC LIMIT CAST(:limit AS int)
""")
ANSWER = Statement[ClaimedReport]("""
    UPDATE titik.report
       SET state = :state, outcome = CAST(:outcome AS text), answer = CAST(:answer AS text), answered_by = CAST(:account_id AS int), answered_at = now(),
           closed_at = CASE WHEN :state = 'closed' THEN now() END
     WHERE number = :number AND state = ANY (CAST(:reached_from AS text[]))
    RETURNING id, kelurahan, category
""")
SHOW = Statement[ClaimedReport]("""
    UPDATE titik.report SET text_shown = CAST(:text AS bool), photo_shown = CAST(:photo AS bool) WHERE number = :number
    RETURNING id, kelurahan, category
""")

# -- what goes

FORGET = Statement[int]("SELECT titik.forget_reports(CAST(:batch AS int))")
FORGET_SENDERS = Statement[int]("""
    WITH old AS MATERIALIZED (
        SELECT key, hour FROM titik.report_sender WHERE hour <= now() - make_interval(hours => CAST(:hours AS int))
         ORDER BY hour LIMIT CAST(:batch AS int) FOR UPDATE SKIP LOCKED
    ), gone AS (
        DELETE FROM titik.report_sender s USING old WHERE (s.key, s.hour) = (old.key, old.hour) RETURNING 1
    )
    SELECT count(*) FROM gone
""")
