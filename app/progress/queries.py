"""SQL of how far kelurahan have come. Every number of an area is the sum of those of its kelurahan, in the same statement."""

from collections.abc import Sequence
from datetime import datetime
from itertools import product
from typing import Literal, TypedDict
from uuid import UUID

from app.published.catalogue import HALVES, Half
from app.statement import Statement

ProgressLevel = Literal["kelurahan", "kecamatan", "city"]
LEVELS: tuple[ProgressLevel, ...] = ("kelurahan", "kecamatan", "city")


class MapRow(TypedDict):
    """Of an area and a category. `known`: of how many kelurahan it is known what is expected; `value` and `value_period`: the figure that says it."""

    area: str
    category: str
    kelurahan: int
    published: int
    verified_at: datetime | None
    expected: int | None
    known: int
    missing: int | None
    value: UUID | None
    value_period: str | None
    is_single: bool
    drafted: int
    submitted: int
    returned: int
    submitted_s: int
    reports: int


class FiguresRow(TypedDict):
    """Of an area and a period. `due`: published figures among those that are due."""

    area: str
    kelurahan: int
    published: int
    due: int
    drafted: int
    submitted: int
    returned: int
    submitted_s: int


class IsExpectedRow(TypedDict):
    """The indicator that says how many points of a category a kelurahan should have."""

    category: str
    indicator: str


_MEMBERS: dict[ProgressLevel, str] = {
    "kelurahan": "SELECT code, code AS area FROM unnest(CAST(:areas AS text[])) AS one (code)",
    "kecamatan": """
        SELECT k.code, k.parent_code AS area FROM titik.region k
         WHERE k.level = 'kelurahan' AND k.parent_code = ANY (CAST(:areas AS text[]))""",
    "city": """
        SELECT k.code, c.parent_code AS area FROM titik.region k JOIN titik.region c ON c.code = k.parent_code
         WHERE k.level = 'kelurahan' AND c.parent_code = ANY (CAST(:areas AS text[]))""",
}
_COUNTS = ("drafted", "submitted", "returned", "submitted_s", "reports")
_COLUMNS = f"kelurahan, category, period, {', '.join(_COUNTS)}"
# What was counted, and what has been added since. Each row of it passes row-level security: others than the walidata see their own kelurahan.
_WORK = f"""
    , work AS (
        SELECT m.area, w.category, w.period, {", ".join(f"CAST(sum(w.{name}) AS bigint) AS {name}" for name in _COUNTS)}
          FROM member m
          JOIN (SELECT {_COLUMNS} FROM titik.progress UNION ALL SELECT {_COLUMNS} FROM titik.progress_delta) w ON w.kelurahan = m.code
         WHERE {{of}} GROUP BY 1, 2, 3
    )
"""  # noqa: S608 - constants, joined at import


def _shown(names: Sequence[str], *, sees_work: bool) -> str:
    return ", ".join(f"coalesce(w.{name}, 0) AS {name}" if sees_work else f"CAST(0 AS bigint) AS {name}" for name in names)


def _map(half: Half, level: ProgressLevel, *, sees_work: bool) -> Statement[MapRow]:
    of_points = "w.period = '' AND w.category = ANY (CAST(:categories AS text[]))"
    # Of single kelurahan each row is looked up: a plan for few areas must not read the figures of all.
    fence = "OFFSET 0" if level == "kelurahan" else ""
    total = f"""
          LEFT JOIN LATERAL (SELECT t.number, t.verified_at FROM {half}.kelurahan_total t
                              WHERE t.kelurahan = m.code AND t.category = k.category {fence}) t ON true"""  # noqa: S608 - constants, joined at import
    figure = f"""
          LEFT JOIN LATERAL (SELECT v.id, v.value, v.period FROM {half}.profile_value v
                              WHERE v.kelurahan = m.code AND v.category = k.indicator AND v.begins = CAST(:{{begins}} AS date)
                                AND v.period = CAST(:{{period}} AS text) AND v.indicator_class = '' AND v.value IS NOT NULL {fence}) {{alias}} ON true"""  # noqa: S608
    return Statement[MapRow](f"""
        WITH member AS ({_MEMBERS[level]}
        ), kind AS (
            SELECT c.id AS category, c.indicator, k.cardinality = 'one_per_kelurahan' AS is_single
              FROM unnest(CAST(:categories AS text[]), CAST(:indicators AS text[])) AS c (id, indicator) JOIN titik.category k ON k.id = c.id
        ), each AS (
            SELECT m.area, k.category, k.is_single, coalesce(t.number, 0) AS published, t.verified_at,
                   CASE WHEN k.is_single THEN 1 ELSE coalesce(n.value, b.value) END AS expected,
                   CASE WHEN NOT k.is_single THEN coalesce(n.id, b.id) END AS value,
                   CASE WHEN NOT k.is_single THEN coalesce(n.period, b.period) END AS value_period
              FROM member m
             CROSS JOIN kind k
              {total.strip()}
              {figure.format(alias="n", begins="begins", period="period").strip()}
              {figure.format(alias="b", begins="begins_before", period="period_before").strip()}
        ){_WORK.format(of=of_points) if sees_work else ""}, total AS (
            SELECT area, category, count(*) AS kelurahan, CAST(sum(published) AS bigint) AS published, max(verified_at) AS verified_at,
                   CAST(sum(expected) AS bigint) AS expected, count(expected) AS known,
                   CAST(sum(greatest(expected - published, 0)) AS bigint) AS missing, (array_agg(value))[1] AS value,
                   max(value_period) AS value_period, bool_and(is_single) AS is_single
              FROM each GROUP BY area, category
        )
        SELECT t.area, t.category, t.kelurahan, t.published, t.verified_at, t.expected, t.known, t.missing, t.value, t.value_period, t.is_single,
               {_shown(_COUNTS, sees_work=sees_work)}
          FROM total t {"LEFT JOIN work w ON w.area = t.area AND w.category = t.category" if sees_work else ""}
         ORDER BY t.area, t.category
    """)  # noqa: S608 - constants, joined at import


def _figures(half: Half, level: ProgressLevel, *, sees_work: bool) -> Statement[FiguresRow]:
    of_figures = "w.category = '' AND w.period = CAST(:period AS text)"
    return Statement[FiguresRow](f"""
        WITH member AS ({_MEMBERS[level]}
        ), shown AS (
            SELECT m.area, count(*) AS published, count(d.indicator) AS due
              FROM member m
              JOIN {half}.profile_value v ON v.kelurahan = m.code AND v.period = CAST(:period AS text)
              LEFT JOIN unnest(CAST(:indicators AS text[]), CAST(:classes AS text[])) AS d (indicator, class)
                     ON d.indicator = v.category AND d.class = v.indicator_class
             GROUP BY m.area
        ){_WORK.format(of=of_figures) if sees_work else ""}, total AS (SELECT area, count(*) AS kelurahan FROM member GROUP BY area)
        SELECT t.area, t.kelurahan, coalesce(s.published, 0) AS published, coalesce(s.due, 0) AS due,
               {_shown(_COUNTS[:-1], sees_work=sees_work)}
          FROM total t LEFT JOIN shown s ON s.area = t.area {"LEFT JOIN work w ON w.area = t.area" if sees_work else ""}
         ORDER BY t.area
    """)  # noqa: S608 - constants, joined at import


MAP = {
    (half, level, sees_work): _map(half, level, sees_work=sees_work) for half, level, sees_work in product(HALVES, LEVELS, (False, True))
}
FIGURES = {
    (half, level, sees_work): _figures(half, level, sees_work=sees_work)
    for half, level, sees_work in product(HALVES, LEVELS, (False, True))
}

# A figure that people enter and that is checked against the number of points of a category says how many there should be.
EXPECTED_BY = Statement[IsExpectedRow]("""
    WITH newest AS (
        SELECT i.id, i.definition FROM titik.indicator i
         WHERE NOT EXISTS (SELECT FROM titik.indicator later WHERE later.id = i.id AND later.version = i.version + 1)
    )
    SELECT DISTINCT ON (1) counted.definition #>> '{count,category}' AS category, entered.id AS indicator
      FROM newest entered
     CROSS JOIN jsonb_array_elements(entered.definition -> 'checks') AS held (held)
      JOIN newest counted ON held ->> 'kind' = 'map' AND counted.id = held #>> '{indicators,0}'
     WHERE entered.definition ->> 'kind' = 'entered' AND entered.definition -> 'levels' ? 'kelurahan'
       AND counted.definition #>> '{count,filter}' IS NULL AND NOT CAST(counted.definition #>> '{count,share}' AS bool)
     ORDER BY 1, 2
""")

# -- keeping

FOLD = Statement[int]("SELECT titik.fold_progress(CAST(:batch AS int))")

_STATES = """
    SELECT kelurahan, category, '' AS period, state, submitted_at FROM titik.revision
    UNION ALL
    SELECT r.kelurahan, '', v.period, r.state, r.submitted_at FROM titik.value_revision r JOIN titik.profile_value v ON v.id = r.value_id
    UNION ALL
    SELECT kelurahan, category, '', state, NULL FROM titik.report
"""
# What is missing or too much in the counts is added like any other change: nobody has to wait meanwhile. For the owner of the tables.
MEND = Statement[int](f"""
    WITH truth AS (
        SELECT kelurahan, category, period, count(*) FILTER (WHERE state = 'draft') AS drafted, count(*) FILTER (WHERE state = 'submitted') AS submitted,
               count(*) FILTER (WHERE state = 'returned') AS returned,
               coalesce(sum(CAST(floor(extract(epoch FROM submitted_at)) AS bigint)) FILTER (WHERE state = 'submitted'), 0) AS submitted_s,
               count(*) FILTER (WHERE state = 'received') AS reports
          FROM ({_STATES}) every WHERE state IN ('draft', 'submitted', 'returned', 'received') GROUP BY 1, 2, 3
    ), differing AS (
        SELECT kelurahan, category, period, {", ".join(f"CAST(sum({name}) AS bigint) AS {name}" for name in _COUNTS)}
          FROM (SELECT {_COLUMNS} FROM truth
                UNION ALL
                SELECT kelurahan, category, period, {", ".join(f"-{name}" for name in _COUNTS)}
                  FROM (SELECT {_COLUMNS} FROM titik.progress UNION ALL SELECT {_COLUMNS} FROM titik.progress_delta) kept) both_sides
         GROUP BY 1, 2, 3
        HAVING {" OR ".join(f"sum({name}) <> 0" for name in _COUNTS)}
    ), mended AS (
        INSERT INTO titik.progress_delta ({_COLUMNS}) SELECT {_COLUMNS} FROM differing RETURNING 1
    )
    SELECT count(*) FROM mended
""")  # noqa: S608
