"""The read half at any size: the place of an item as one number, fragments with the common properties first, words to search, the number
of items, and word of every new version to all workers.

Revision: 0007_read_half, after 0006_accounts
"""

import sqlalchemy as sa
from alembic import op

revision = "0007_read_half"
down_revision = "0006_accounts"
branch_labels = None
depends_on = None

HALVES = ("published", "internal")

# Every second bit: 31 bits of a longitude and 31 of a latitude together are one number, near for what lies near (a Z-order curve).
SPREAD = """
CREATE FUNCTION titik.spread(bits bigint) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT (e | (e << 1)) & 6148914691236517205 FROM (
    SELECT (d | (d << 2)) & 3689348814741910323 AS e FROM (
    SELECT (c | (c << 4)) & 1085102592571150095 AS d FROM (
    SELECT (b | (b << 8)) & 71777214294589695 AS c FROM (
    SELECT (bits | (bits << 16)) & 281470681808895 AS b) b) c) d) e
$$
"""
PLACE = """
CREATE FUNCTION titik.place(lon float8, lat float8) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT titik.spread(least(floor((lon + 180) / 360 * 2147483648), 2147483647)::bigint)
         | (titik.spread(least(floor((lat + 90) / 180 * 2147483648), 2147483647)::bigint) << 1)
$$
"""

# The Feature as it leaves the service. The properties that all categories have come first: cut off behind them and closed again it is the
# Feature of the collection `points`.
FRAGMENT = """
CREATE FUNCTION titik.fragment(id uuid, geom public.geometry, visible jsonb, OUT feature text, OUT common_length int)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT head || CASE tail WHEN '{}' THEN '}}' ELSE ',' || substr(tail, 2) || '}' END, length(head)
      FROM (SELECT '{"type":"Feature","id":"' || id || '","geometry":' || public.ST_AsGeoJSON(geom, 7) || ',"properties":' || rtrim(
                       json_strip_nulls(json_build_object(
                           'category', visible -> 'category', 'name', visible -> 'name', 'kelurahan', visible -> 'kelurahan',
                           'kelurahan_name', visible -> 'kelurahan_name', 'kecamatan', visible -> 'kecamatan', 'status', visible -> 'status',
                           'address', visible -> 'address', 'rw', visible -> 'rw', 'rt', visible -> 'rt',
                           'accuracy_m', visible -> 'accuracy_m', 'method', visible -> 'method', 'captured_at', visible -> 'captured_at',
                           'verified_at', visible -> 'verified_at', 'predecessors', visible -> 'predecessors'))::text, '}') AS head,
                   json_strip_nulls((visible - ARRAY['category', 'name', 'kelurahan', 'kelurahan_name', 'kecamatan', 'status', 'address',
                       'rw', 'rt', 'accuracy_m', 'method', 'captured_at', 'verified_at', 'predecessors'])::json)::text AS tail) parts
$$
"""

# How many there are is known without counting. By what the statements really inserted and deleted, whoever ran them.
COUNT = """
CREATE FUNCTION {half}.count_items() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO {half}.collection AS c (category, number)
    SELECT category, CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END * count(*) FROM changed GROUP BY category ORDER BY category
    ON CONFLICT (category) DO UPDATE SET number = c.number + EXCLUDED.number;
    RETURN NULL;
END
$$
"""
# Heard by every worker once the transaction has committed.
TELL = """
CREATE FUNCTION titik.tell() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_notify('titik', TG_ARGV[0]);
    RETURN NULL;
END
$$
"""
TOLD = (
    ("published.collection", "published"),
    ("internal.collection", "internal"),
    ("titik.category", "categories"),
    ("titik.boundary_edition", "boundaries"),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in (SPREAD, PLACE, FRAGMENT, TELL):
        op.execute(statement)
    for half in HALVES:
        op.add_column("collection", sa.Column("number", sa.BigInteger(), server_default=sa.text("0"), nullable=False), schema=half)
        for column in (
            sa.Column("place", sa.BigInteger(), nullable=True),
            sa.Column("words", sa.Text(), nullable=True),
            sa.Column("common_length", sa.Integer(), nullable=True),
        ):
            op.add_column("item", column, schema=half)
        op.execute(f"""
            UPDATE {half}.item i
               SET place = titik.place(ST_X(i.geom), ST_Y(i.geom)),
                   words = titik.folded(concat_ws(' ', i.properties ->> 'name', i.properties ->> 'address')),
                   feature = fragment.feature, common_length = fragment.common_length
              FROM {half}.item source, titik.fragment(source.id, source.geom, source.properties) fragment
             WHERE source.id = i.id
        """)  # noqa: S608 - the name of a schema
        op.execute(f"""
            INSERT INTO {half}.collection AS c (category, number) SELECT category, count(*) FROM {half}.item GROUP BY category
            ON CONFLICT (category) DO UPDATE SET number = EXCLUDED.number
        """)  # noqa: S608
        for name in ("place", "words", "common_length"):
            op.alter_column("item", name, nullable=False, schema=half)
        op.create_index(op.f("ix_item_kelurahan_id"), "item", ["kelurahan", "id"], schema=half)
        op.create_index(op.f("ix_item_category_place_id"), "item", ["category", "place", "id"], schema=half)
        op.create_index(op.f("ix_item_place_id"), "item", ["place", "id"], schema=half)
        op.create_index("ix_item_words", "item", ["words"], schema=half, postgresql_using="gin", postgresql_ops={"words": "gin_trgm_ops"})
        op.execute(COUNT.format(half=half))
        for deed, rows in (("INSERT", "NEW"), ("DELETE", "OLD")):
            op.execute(f"""
                CREATE TRIGGER count_{deed.lower()} AFTER {deed} ON {half}.item REFERENCING {rows} TABLE AS changed
                FOR EACH STATEMENT EXECUTE FUNCTION {half}.count_items()
            """)
    for table, word in TOLD:
        op.execute(f"""
            CREATE TRIGGER tell AFTER INSERT OR UPDATE OR DELETE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION titik.tell('{word}')
        """)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, _ in TOLD:
        op.execute(f"DROP TRIGGER tell ON {table}")
    for half in HALVES:
        op.execute(f"DROP TRIGGER count_insert ON {half}.item")
        op.execute(f"DROP TRIGGER count_delete ON {half}.item")
        op.execute(f"DROP FUNCTION {half}.count_items()")
        op.drop_column("collection", "number", schema=half)
        for index in ("ix_item_words", "ix_item_place_id", "ix_item_category_place_id", "ix_item_kelurahan_id"):
            op.drop_index(index, table_name="item", schema=half)
        for name in ("common_length", "words", "place"):
            op.drop_column("item", name, schema=half)
    op.execute("DROP FUNCTION titik.tell()")
    op.execute("DROP FUNCTION titik.fragment(uuid, public.geometry, jsonb)")
    op.execute("DROP FUNCTION titik.place(float8, float8)")
    op.execute("DROP FUNCTION titik.spread(bigint)")
