"""One order of pages for all of a collection, for a kelurahan and for a box: that of places. How many items each kelurahan has, without counting;
and names that are found whatever apostrophe they are written with.

Revision: 0023_one_order, after 0022_walidata
"""

import sqlalchemy as sa
from alembic import op

revision = "0023_one_order"
down_revision = "0022_walidata"
branch_labels = None
depends_on = None

HALVES = ("published", "internal")

# Written with any of these, or with none, it is the same word: Jum'at, Jumat.
APOSTROPHES = "''`\u00b4\u2018\u2019\u02bb\u02bc\u2032\uff07"
SEARCHED = f"""
CREATE FUNCTION titik.searched(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT titik.folded(translate(name, '{APOSTROPHES}', ''))
$$
"""
# By what the statements really changed, whoever ran them. In a fixed order, so that no two wait for each other in a circle.
TOTAL = """
CREATE FUNCTION {half}.totals_follow_{deed}() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO {half}.kelurahan_total AS t (kelurahan, category, number)
    SELECT kelurahan, category, sum(sign) FROM ({rows}) changed GROUP BY 1, 2 HAVING sum(sign) <> 0 ORDER BY 1, 2
    ON CONFLICT (kelurahan, category) DO UPDATE SET number = t.number + EXCLUDED.number;
    RETURN NULL;
END
$$
"""
ADDED = "SELECT kelurahan, category, 1 AS sign FROM after"
TAKEN = "SELECT kelurahan, category, -1 AS sign FROM before"
DEEDS = {
    "insert": ("NEW TABLE AS after", ADDED),
    "update": ("OLD TABLE AS before NEW TABLE AS after", f"{TAKEN} UNION ALL {ADDED}"),
    "delete": ("OLD TABLE AS before", TAKEN),
}
GRANTS = (
    "GRANT SELECT, INSERT, UPDATE, DELETE ON published.kelurahan_total, internal.kelurahan_total TO titik_service",
    "GRANT SELECT ON published.kelurahan_total TO titik_public",
    "GRANT SELECT ON internal.kelurahan_total TO titik_internal",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(SEARCHED)
    for half in HALVES:
        _search(half, "searched")
        _index(half, by="place")
        op.create_table(
            "kelurahan_total",
            sa.Column("kelurahan", sa.Text(), nullable=False),
            sa.Column("category", sa.Text(), nullable=False),
            sa.Column("number", sa.BigInteger(), nullable=False),
            sa.PrimaryKeyConstraint("kelurahan", "category", name=op.f("pk_kelurahan_total")),
            schema=half,
        )
        op.execute(f"""
            INSERT INTO {half}.kelurahan_total (kelurahan, category, number)
            SELECT kelurahan, category, count(*) FROM {half}.item GROUP BY kelurahan, category
        """)  # noqa: S608 - the name of a schema
        for deed, (tables, rows) in DEEDS.items():
            op.execute(TOTAL.format(half=half, deed=deed, rows=rows))
            # Triggers fire by name: after those that count, which hold the rows of the collections.
            op.execute(f"""
                CREATE TRIGGER total_{deed} AFTER {deed.upper()} ON {half}.item REFERENCING {tables}
                FOR EACH STATEMENT EXECUTE FUNCTION {half}.totals_follow_{deed}()
            """)
    for grant in GRANTS:
        op.execute(grant)


def _search(half: str, function: str) -> None:
    """What is searched is no content: no change is told of."""
    op.execute(f"ALTER TABLE {half}.item DISABLE TRIGGER USER")
    op.execute(f"""
        UPDATE {half}.item i SET words = searched.words
          FROM (SELECT id, titik.{function}(concat_ws(' ', properties ->> 'name', properties ->> 'address')) AS words FROM {half}.item) searched
         WHERE searched.id = i.id AND searched.words <> i.words
    """)  # noqa: S608 - names of a schema and a function
    op.execute(f"ALTER TABLE {half}.item ENABLE TRIGGER USER")


def _index(half: str, by: str) -> None:
    """Of kelurahan, in the order of places, or of ids alone."""
    for columns in (("category", "kelurahan"), ("kelurahan",)):
        old, new = (["place", "id"], ["id"]) if by == "id" else (["id"], ["place", "id"])
        op.drop_index(op.f(f"ix_item_{'_'.join([*columns, *old])}"), table_name="item", schema=half)
        op.create_index(op.f(f"ix_item_{'_'.join([*columns, *new])}"), "item", [*columns, *new], schema=half)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for half in HALVES:
        for deed in DEEDS:
            op.execute(f"DROP TRIGGER total_{deed} ON {half}.item")
            op.execute(f"DROP FUNCTION {half}.totals_follow_{deed}()")
        op.drop_table("kelurahan_total", schema=half)
        _index(half, by="id")
        _search(half, "folded")
    op.execute("DROP FUNCTION titik.searched(text)")
