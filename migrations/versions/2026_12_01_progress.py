"""How far each kelurahan has come: what of points and figures is drafted, waits, was returned, and which reports wait, counted by triggers; since when
the newest point of a kelurahan is public.

Revision: 0038_progress, after 0037_values
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0038_progress"
down_revision = "0037_values"
branch_labels = None
depends_on = None

HALVES = ("published", "internal")

# -- what is published: since when the newest of a kelurahan is

TOTAL = """
CREATE OR REPLACE FUNCTION {half}.totals_follow_{deed}() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO {half}.kelurahan_total AS t (kelurahan, category, number, verified_at)
    SELECT kelurahan, category, sum(sign), max(verified_at) FILTER (WHERE sign > 0) FROM ({rows}) changed GROUP BY 1, 2
    HAVING sum(sign) <> 0 OR max(verified_at) FILTER (WHERE sign > 0) IS DISTINCT FROM max(verified_at) FILTER (WHERE sign < 0) ORDER BY 1, 2
    ON CONFLICT (kelurahan, category) DO UPDATE
        SET number = t.number + EXCLUDED.number, verified_at = greatest(t.verified_at, EXCLUDED.verified_at);
    {gone}
    RETURN NULL;
END
$$
"""
# Where the newest has left, the newest of those that stay: its row is held since the count above.
GONE = """
    UPDATE {half}.kelurahan_total t
       SET verified_at = (SELECT max(i.verified_at) FROM {half}.item i WHERE i.category = t.category AND i.kelurahan = t.kelurahan)
      FROM (SELECT kelurahan, category, max(verified_at) FILTER (WHERE sign < 0) AS was, max(verified_at) FILTER (WHERE sign > 0) AS now
              FROM ({rows}) changed GROUP BY 1, 2) left_by
     WHERE t.kelurahan = left_by.kelurahan AND t.category = left_by.category
       AND left_by.was >= t.verified_at AND (left_by.now IS NULL OR left_by.now < t.verified_at);
"""
ADDED = "SELECT kelurahan, category, verified_at, 1 AS sign FROM after"
TAKEN = "SELECT kelurahan, category, verified_at, -1 AS sign FROM before"
DEEDS = {"insert": ADDED, "update": f"{TAKEN} UNION ALL {ADDED}", "delete": TAKEN}

# As they were.
FORMER = """
CREATE OR REPLACE FUNCTION {half}.totals_follow_{deed}() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO {half}.kelurahan_total AS t (kelurahan, category, number)
    SELECT kelurahan, category, sum(sign) FROM ({rows}) changed GROUP BY 1, 2 HAVING sum(sign) <> 0 ORDER BY 1, 2
    ON CONFLICT (kelurahan, category) DO UPDATE SET number = t.number + EXCLUDED.number;
    RETURN NULL;
END
$$
"""
FORMER_ADDED = "SELECT kelurahan, category, 1 AS sign FROM after"
FORMER_TAKEN = "SELECT kelurahan, category, -1 AS sign FROM before"
FORMER_DEEDS = {"insert": FORMER_ADDED, "update": f"{FORMER_TAKEN} UNION ALL {FORMER_ADDED}", "delete": FORMER_TAKEN}

# -- what is worked on

COUNTS = ("drafted", "submitted", "returned", "submitted_s", "reports")
COLUMNS = f"kelurahan, category, period, {', '.join(COUNTS)}"
# Of each state, of what it is: figures by kelurahan and period, points and reports by kelurahan and category.
STATES = {
    "revision": "SELECT r.kelurahan, r.category, '' AS period, r.state, r.submitted_at, {sign} AS sign FROM {rows} r",
    "value_revision": """
        SELECT r.kelurahan, '' AS category, v.period, r.state, r.submitted_at, {sign} AS sign
          FROM {rows} r JOIN titik.profile_value v ON v.id = r.value_id""",
    "report": "SELECT r.kelurahan, r.category, '' AS period, r.state, CAST(NULL AS timestamptz) AS submitted_at, {sign} AS sign FROM {rows} r",
}
COUNTED = """
    SELECT kelurahan, category, period, coalesce(sum(sign) FILTER (WHERE state = 'draft'), 0),
           coalesce(sum(sign) FILTER (WHERE state = 'submitted'), 0), coalesce(sum(sign) FILTER (WHERE state = 'returned'), 0),
           coalesce(sum(sign * CAST(floor(extract(epoch FROM submitted_at)) AS bigint)) FILTER (WHERE state = 'submitted'), 0),
           coalesce(sum(sign) FILTER (WHERE state = 'received'), 0)
      FROM ({states}) counted WHERE state IN ('draft', 'submitted', 'returned', 'received') GROUP BY 1, 2, 3
"""
FOLLOW = f"""
CREATE FUNCTION titik.progress_of_{{table}}_{{deed}}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO titik.progress_delta ({COLUMNS})
    SELECT * FROM ({{counted}}) AS changed ({COLUMNS})
     WHERE (drafted, submitted, returned, submitted_s, reports) IS DISTINCT FROM (0, 0, 0, 0, 0);
    RETURN NULL;
END
$$
"""  # noqa: S608 - constants
TABLES_OF = {
    "insert": "NEW TABLE AS after",
    "update": "OLD TABLE AS before NEW TABLE AS after",
    "delete": "OLD TABLE AS before",
}
SIDES = {"insert": (("after", 1),), "update": (("before", -1), ("after", 1)), "delete": (("before", -1),)}
FOLD = f"""
CREATE FUNCTION titik.fold_progress(batch int) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    number bigint;
BEGIN
    -- One at a time: two would take each other's rows in another order.
    IF NOT pg_try_advisory_xact_lock(hashtextextended('titik.progress', 0)) THEN
        RETURN 0;
    END IF;
    WITH old AS MATERIALIZED (
        SELECT id FROM titik.progress_delta ORDER BY id LIMIT batch
    ), taken AS (
        DELETE FROM titik.progress_delta d USING old WHERE d.id = old.id RETURNING d.*
    ), folded AS (
        INSERT INTO titik.progress AS p ({COLUMNS})
        SELECT kelurahan, category, period, {", ".join(f"sum({name})" for name in COUNTS)} FROM taken GROUP BY 1, 2, 3
        ON CONFLICT (kelurahan, category, period) DO UPDATE SET {", ".join(f"{name} = p.{name} + EXCLUDED.{name}" for name in COUNTS)}
    )
    SELECT count(*) INTO number FROM taken;
    RETURN number;
END
$$
"""  # noqa: S608
GRANTS = (
    # Nobody but the triggers counts, and nobody but `fold_progress` folds.
    "GRANT SELECT ON titik.progress, titik.progress_delta TO titik_service",
    "ALTER TABLE titik.progress ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE titik.progress_delta ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY own_kelurahan ON titik.progress USING (titik.may_see(kelurahan))",
    "CREATE POLICY own_kelurahan ON titik.progress_delta USING (titik.may_see(kelurahan))",
    "REVOKE ALL ON FUNCTION titik.fold_progress(int) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION titik.fold_progress(int) TO titik_service",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for half in HALVES:
        op.add_column("kelurahan_total", sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True), schema=half)
        op.execute(f"""
            UPDATE {half}.kelurahan_total t SET verified_at = newest.at
              FROM (SELECT kelurahan, category, max(verified_at) AS at FROM {half}.item GROUP BY 1, 2) newest
             WHERE t.kelurahan = newest.kelurahan AND t.category = newest.category
        """)  # noqa: S608 - the name of a schema
        for deed, rows in DEEDS.items():
            gone = "" if deed == "insert" else GONE.format(half=half, rows=rows).strip()
            op.execute(TOTAL.format(half=half, deed=deed, rows=rows, gone=gone))
        op.create_index("ix_profile_value_progress", "profile_value", ["kelurahan", "period", "category", "indicator_class"], schema=half)
    _add_tables()
    for table, states in STATES.items():
        for deed, sides in SIDES.items():
            rows = " UNION ALL ".join(states.format(rows=side, sign=sign) for side, sign in sides)
            op.execute(FOLLOW.format(table=table, deed=deed, counted=COUNTED.format(states=rows)))
            op.execute(f"REVOKE ALL ON FUNCTION titik.progress_of_{table}_{deed}() FROM PUBLIC")
            op.execute(f"""
                CREATE TRIGGER progress_{deed} AFTER {deed.upper()} ON titik.{table} REFERENCING {TABLES_OF[deed]}
                FOR EACH STATEMENT EXECUTE FUNCTION titik.progress_of_{table}_{deed}()
            """)
    every = " UNION ALL ".join(states.format(rows=f"titik.{table}", sign=1) for table, states in STATES.items())
    op.execute(f"INSERT INTO titik.progress ({COLUMNS}) {COUNTED.format(states=every)}")
    op.execute(FOLD)
    for grant in GRANTS:
        op.execute(grant)


def _add_tables() -> None:
    def columns() -> list[sa.Column[Any]]:
        return [
            *(sa.Column(name, sa.Text(), nullable=False) for name in ("kelurahan", "category", "period")),
            *(sa.Column(name, sa.BigInteger(), nullable=False) for name in COUNTS),
        ]

    op.create_table(
        "progress",
        *columns(),
        sa.PrimaryKeyConstraint("kelurahan", "category", "period", name=op.f("pk_progress")),
        schema="titik",
        comment="What is worked on, up to the deltas: their sum is the number",
    )
    op.create_table(
        "progress_delta",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        *columns(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_progress_delta")),
        schema="titik",
    )
    op.create_index(op.f("ix_progress_delta_kelurahan"), "progress_delta", ["kelurahan"], schema="titik")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in STATES:
        for deed in SIDES:
            op.execute(f"DROP TRIGGER progress_{deed} ON titik.{table}")
            op.execute(f"DROP FUNCTION titik.progress_of_{table}_{deed}()")
    op.execute("DROP FUNCTION titik.fold_progress(int)")
    op.drop_table("progress_delta", schema="titik")
    op.drop_table("progress", schema="titik")
    for half in HALVES:
        op.drop_index("ix_profile_value_progress", "profile_value", schema=half)
        for deed, rows in FORMER_DEEDS.items():
            op.execute(FORMER.format(half=half, deed=deed, rows=rows))
        op.drop_column("kelurahan_total", "verified_at", schema=half)
