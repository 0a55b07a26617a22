"""SQL of figures of kelurahan in the write half, and of those that are public."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypedDict
from uuid import UUID

from app.audit.record import RECORDED_WITH_STORED, Hashed, hash_of
from app.published.catalogue import Half
from app.statement import Statement

HALVES: tuple[Half, ...] = ("published", "internal")
KIND = "value"
"""The word for figures where there are other nouns too."""


def value_sha256(revision: str) -> str:
    """SQL: the hash of a row of `titik.value_revision`, as that of points' (`audit/record.py`)."""
    plain = (
        "id", "value_id", "number", "kelurahan", "category", "meaning", "status", "source", "indicator_version", "note", "explanation", "warnings",
        "created_by", "decided_by", "decision_reason", "ended_by", "ended_reason",
    )  # fmt: skip
    columns = [f"{revision}.{name}" for name in plain]
    columns += [f"{revision}.value::text", f"encode({revision}.content_sha256, 'hex')"]
    columns += [f"extract(epoch FROM {revision}.{name})::text" for name in ("created_at", "submitted_at", "decided_at", "ended_at")]
    return hash_of(f"jsonb_build_array({', '.join(columns)})::text")


HASHED = Hashed("titik.value_revision", value_sha256)


class WorkRow(TypedDict):
    """The newest state of a figure that the actor may see."""

    id: UUID
    indicator: str
    indicator_class: str
    kelurahan: str
    period: str
    revision: UUID
    version: int
    state: str
    value: Decimal | None
    meaning: str
    status: str
    source: str | None
    note: str | None
    explanation: str | None
    warnings: list[dict[str, Any]]
    indicator_version: int
    decision_reason: str | None
    public_version: int | None


class BeforeRow(TypedDict):
    indicator: str
    indicator_class: str
    value: Decimal | None
    meaning: str


class NumberedRow(TypedDict):
    """What a figure said in one of its versions."""

    id: UUID
    version: int
    value: Decimal | None
    meaning: str
    status: str
    source: str | None
    note: str | None
    explanation: str | None


class HistoryRow(TypedDict):
    """A revision of a figure, with the one before it in `before`."""

    revision: UUID
    version: int
    state: str
    content: dict[str, Any]
    before: dict[str, Any] | None
    warnings: list[dict[str, Any]]
    indicator_version: int
    written_by: str
    created_at: datetime
    submitted_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    decision_reason: str | None
    ended_by: str | None
    ended_at: datetime | None
    ended_reason: str | None


class ItemRow(TypedDict):
    """A published value of a half; `meaning` is `withheld` too."""

    id: UUID
    category: str
    kelurahan: str
    indicator_class: str
    period: str
    begins: date
    ends: date
    value: Decimal | None
    meaning: str
    status: str
    version: int
    verified_at: datetime
    feature: str


class ProfileRow(TypedDict):
    """How many values of a kelurahan and a period are published."""

    kelurahan: str
    period: str
    begins: date
    ends: date
    number: int
    verified_at: datetime


class PublishedRow(TypedDict):
    """A published value of one that counts persons."""

    id: UUID
    kelurahan: str
    indicator: str
    indicator_class: str
    value: Decimal | None
    version: int


class SnapshotRow(TypedDict):
    tabulation: str
    counts: list[Any]
    public: list[Any]


def content(alias: str) -> str:
    """SQL: what of a revision is compared, as a jsonb object."""
    return f"""jsonb_build_object('value', {alias}.value, 'meaning', {alias}.meaning, 'status', {alias}.status, 'source', {alias}.source,
                                  'note', {alias}.note, 'explanation', {alias}.explanation)"""


# Those that are missing are made; whoever changes the same figures waits for whoever is changing them, all in one order.
ADD = Statement("""
    INSERT INTO titik.profile_value (id, kelurahan, indicator, indicator_class, period, begins, ends)
    SELECT unnest(CAST(:ids AS uuid[])), CAST(:kelurahan AS text), unnest(CAST(:indicators AS text[])), unnest(CAST(:classes AS text[])),
           CAST(:period AS text), CAST(:begins AS date), CAST(:ends AS date)
     ORDER BY 1
    ON CONFLICT DO NOTHING
""")
HOLD = Statement("SELECT id FROM titik.profile_value WHERE id = ANY (CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE")

_WORK = """
    SELECT v.id, v.indicator, v.indicator_class, v.kelurahan, v.period, r.id AS revision, r.number AS version, r.state, r.value, r.meaning, r.status,
           r.source, r.note, r.explanation, r.warnings, r.indicator_version,
           CASE WHEN r.state = 'returned' THEN r.decision_reason END AS decision_reason,
           (SELECT p.number FROM titik.value_revision p WHERE p.value_id = v.id AND p.state = 'published') AS public_version
      FROM titik.profile_value v
      JOIN LATERAL (SELECT n.* FROM titik.value_revision n
                     WHERE n.value_id = v.id AND n.state IN ('draft', 'submitted', 'returned', 'published', 'unpublished')
                     ORDER BY n.number DESC LIMIT 1) r ON true
"""
# What was withdrawn is gone, but for the history.
OF_PROFILE = Statement[WorkRow](f"""
    {_WORK} WHERE v.kelurahan = :kelurahan AND v.period = :period ORDER BY v.indicator, v.indicator_class
""")
ONE = Statement[WorkRow](f"{_WORK} WHERE v.id = :id")
BEFORE = Statement[BeforeRow]("""
    SELECT v.indicator, v.indicator_class, r.value, r.meaning
      FROM titik.profile_value v JOIN titik.value_revision r ON r.value_id = v.id AND r.state = 'published'
     WHERE v.kelurahan = :kelurahan AND v.period = :period
""")
SUPERSEDE_OPEN = Statement("""
    UPDATE titik.value_revision SET state = 'superseded'
     WHERE value_id = ANY (CAST(:ids AS uuid[])) AND state IN ('draft', 'submitted', 'returned')
""")
# The next state of a figure that `HOLD` holds.
STORE = Statement[int](
    f"""
    WITH stored AS (
        INSERT INTO titik.value_revision AS written (id, value_id, number, state, kelurahan, category, value, meaning, status, source, indicator_version,
                                                     note, explanation, warnings, content_sha256, created_by, held_by, submitted_at)
        SELECT CAST(:revision AS uuid), v.id, (SELECT coalesce(max(r.number), 0) + 1 FROM titik.value_revision r WHERE r.value_id = v.id),
               CAST(:state AS text), v.kelurahan, v.indicator, CAST(:value AS numeric), :meaning, :status, :source, CAST(:indicator_version AS int),
               :note, :explanation, CAST(:warnings AS jsonb), CAST(:content_sha256 AS bytea), CAST(:account_id AS int), CAST(:account_id AS int),
               CASE WHEN CAST(:state AS text) = 'submitted' THEN now() END
          FROM titik.profile_value v WHERE v.id = CAST(:id AS uuid)
        RETURNING id, value_id, kelurahan, category, number, {value_sha256("written")} AS sha256
    ), {RECORDED_WITH_STORED}
    SELECT number FROM stored
    """  # noqa: S608
)
# What figures said in these versions.
NUMBERED = Statement[NumberedRow]("""
    SELECT r.value_id AS id, r.number AS version, r.value, r.meaning, r.status, r.source, r.note, r.explanation
      FROM unnest(CAST(:ids AS uuid[]), CAST(:numbers AS int[])) AS wanted (id, number)
      JOIN titik.value_revision r ON r.value_id = wanted.id AND r.number = wanted.number
""")
PUBLISHED = Statement[UUID | None]("SELECT id FROM titik.value_revision WHERE value_id = :id AND state = 'published'")
HISTORY = Statement[HistoryRow](f"""
    SELECT r.id AS revision, r.number AS version, r.state, {content("r")} AS content,
           (SELECT {content("b")} FROM titik.value_revision b WHERE b.value_id = r.value_id AND b.number = r.number - 1) AS before,
           r.warnings, r.indicator_version, w.name AS written_by, r.created_at, r.submitted_at, d.name AS decided_by, r.decided_at, r.decision_reason,
           e.name AS ended_by, r.ended_at, r.ended_reason
      FROM titik.value_revision r
      JOIN titik.account w ON w.id = r.created_by
      LEFT JOIN titik.account d ON d.id = r.decided_by
      LEFT JOIN titik.account e ON e.id = r.ended_by
     WHERE r.value_id = :id AND r.number < CAST(:before AS int) ORDER BY r.number DESC LIMIT CAST(:limit AS int)
""")  # noqa: S608

# -- the read halves

_ITEM = (
    "id, category, kelurahan, kecamatan, city, indicator_class, period, begins, ends, value, meaning, status, version, verified_at, feature"
)
_ITEM_COLUMNS = "id, category, kelurahan, indicator_class, period, begins, ends, value, meaning, status, version, verified_at, feature"
_WRITE = f"""
        INSERT INTO {{half}}.profile_value ({_ITEM}) SELECT {_ITEM} FROM made WHERE half = '{{half}}'
        ON CONFLICT (id) DO UPDATE SET ({_ITEM.removeprefix("id, ")}) = ({", ".join(f"EXCLUDED.{name}" for name in _ITEM.split(", ")[1:])})
"""  # noqa: S608
# Of these figures what is published enters the halves of whoever may read it. `internal_only`: indicators that the public knows nothing of;
# `withheld`: figures whose number it does not get.
PROJECT = Statement(f"""
    WITH source AS (
        SELECT v.id, v.indicator AS category, v.kelurahan, k.parent_code AS kecamatan, c.parent_code AS city, v.indicator_class, v.period, v.begins,
               v.ends, r.value, r.meaning, r.status, r.number AS version, r.decided_at AS verified_at, r.source, r.note, r.indicator_version, k.name
          FROM titik.profile_value v
          JOIN titik.value_revision r ON r.value_id = v.id AND r.state = 'published'
          JOIN titik.region k ON k.code = v.kelurahan
          JOIN titik.region c ON c.code = k.parent_code
         WHERE v.id = ANY (CAST(:ids AS uuid[]))
    ), half AS (
        SELECT 'internal' AS half, s.* FROM source s
        UNION ALL
        SELECT 'published', s.id, s.category, s.kelurahan, s.kecamatan, s.city, s.indicator_class, s.period, s.begins, s.ends,
               CASE WHEN NOT w.withheld THEN s.value END, CASE WHEN w.withheld THEN 'withheld' ELSE s.meaning END, s.status, s.version, s.verified_at,
               s.source, CASE WHEN NOT w.withheld THEN s.note END, s.indicator_version, s.name
          FROM source s, LATERAL (SELECT s.id = ANY (CAST(:withheld AS uuid[])) AS withheld) w
         WHERE s.category <> ALL (CAST(:internal_only AS text[]))
    ), made AS (
        SELECT h.*, jsonb_build_object('type', 'Feature', 'id', h.id, 'geometry', NULL, 'properties', jsonb_strip_nulls(jsonb_build_object(
                   'indicator', h.category, 'class', nullif(h.indicator_class, ''), 'kelurahan', h.kelurahan, 'kelurahan_name', h.name,
                   'period', h.period, 'meaning', h.meaning, 'status', h.status, 'source', h.source, 'note', h.note,
                   'indicator_version', h.indicator_version, 'version', h.version,
                   'verified_at', to_char(h.verified_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')))
                   || jsonb_build_object('value', h.value))::text AS feature
          FROM half h
    ), public_item AS ({_WRITE.format(half="published")})
    {_WRITE.format(half="internal")}
""")  # noqa: S608
REMOVE = Statement("""
    WITH public_item AS (DELETE FROM published.profile_value WHERE id = ANY (CAST(:ids AS uuid[])))
    DELETE FROM internal.profile_value WHERE id = ANY (CAST(:ids AS uuid[]))
""")
REMOVE_PUBLIC = Statement("DELETE FROM published.profile_value WHERE category = :indicator")
ITEMS = {
    half: Statement[ItemRow](f"""
        SELECT {_ITEM_COLUMNS} FROM {half}.profile_value WHERE kelurahan = :kelurahan AND period = :period ORDER BY category, indicator_class
    """)  # noqa: S608
    for half in HALVES
}
ITEM = {half: Statement[ItemRow](f"SELECT {_ITEM_COLUMNS} FROM {half}.profile_value WHERE id = :id") for half in HALVES}  # noqa: S608
PROFILES = {
    half: Statement[ProfileRow](f"""
        SELECT v.kelurahan, v.period, v.begins, v.ends, count(*) AS number, max(v.verified_at) AS verified_at
          FROM {half}.profile_value v
         WHERE (CAST(:kelurahan AS text) IS NULL OR v.kelurahan = CAST(:kelurahan AS text))
           AND (CAST(:period AS text) IS NULL OR v.period = CAST(:period AS text))
           AND (CAST(:after AS text) IS NULL
                OR (v.kelurahan, v.begins, v.period) > (CAST(:after AS text), CAST(:after_begins AS date), CAST(:after_period AS text)))
         GROUP BY v.kelurahan, v.begins, v.ends, v.period ORDER BY v.kelurahan, v.begins, v.period LIMIT CAST(:limit AS int)
    """)  # noqa: S608
    for half in HALVES
}

# -- what of counts of persons may be shown

AREAS = Statement("""
    SELECT k.code, k.parent_code FROM titik.region k JOIN titik.region c ON c.code = k.parent_code
     WHERE k.level = 'kelurahan' AND c.parent_code = :city
""")
# Whoever decides about the same table waits: it rests on all that was decided before.
HOLD_TABLES = Statement("SELECT pg_advisory_xact_lock(hashtextextended('titik.disclosure/' || CAST(:key AS text), 0))")
PUBLISHED_COUNTS = Statement[PublishedRow]("""
    SELECT v.id, v.kelurahan, v.indicator, v.indicator_class, CASE WHEN r.meaning = 'value' THEN r.value END AS value, r.number AS version
      FROM titik.profile_value v
      JOIN titik.value_revision r ON r.value_id = v.id AND r.state = 'published'
     WHERE v.indicator = ANY (CAST(:indicators AS text[])) AND v.begins = CAST(:begins AS date) AND v.period = :period
       AND v.kelurahan = ANY (CAST(:kelurahan AS text[]))
""")
SNAPSHOTS = Statement[SnapshotRow]("""
    SELECT tabulation, counts, public FROM titik.disclosure WHERE city = :city AND period = :period ORDER BY id
""")
KEEP_SNAPSHOT = Statement("""
    INSERT INTO titik.disclosure (city, tabulation, period, counts, public, withheld, exposed)
    VALUES (:city, :tabulation, :period, CAST(:counts AS jsonb), CAST(:public AS jsonb), CAST(:withheld AS jsonb), CAST(:exposed AS jsonb))
""")
