"""What tiles are made from: each item's place in the quadtree of WebMercatorQuad, a pyramid of counts above it that every statement on items
keeps up to date, and the areas of the active edition, simplified for each band of zooms.

Revision: 0008_tiles, after 0007_read_half
"""

import geoalchemy2
import sqlalchemy as sa
from alembic import op

revision = "0008_tiles"
down_revision = "0007_read_half"
branch_labels = None
depends_on = None

HALVES = ("published", "internal")
LEVELS = "4, 6, 8, 10, 12, 14, 16, 18"

# The same numbers as before, sixty times as fast: PostgreSQL runs a query inside a query through its executor each time. Downgrading leaves it.
SPREAD = """
CREATE OR REPLACE FUNCTION titik.spread(bits bigint) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    bits := (bits | (bits << 16)) & 281470681808895;
    bits := (bits | (bits << 8)) & 71777214294589695;
    bits := (bits | (bits << 4)) & 1085102592571150095;
    bits := (bits | (bits << 2)) & 3689348814741910323;
    RETURN (bits | (bits << 1)) & 6148914691236517205;
END
$$
"""

# Not STRICT: that would keep them from being written into the expression that uses them.
# Positions in whole units of 2⁻³¹ of the world's width, from its north-western corner: what is added is taken away again exactly.
UNIT_X = """
CREATE FUNCTION titik.unit_x(geom public.geometry) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT greatest(0, least(2147483647, floor((public.ST_X(geom) + 20037508.342789244) / 40075016.685578488 * 2147483648)))::bigint
$$
"""
UNIT_Y = """
CREATE FUNCTION titik.unit_y(geom public.geometry) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT greatest(0, least(2147483647, floor((20037508.342789244 - public.ST_Y(geom)) / 40075016.685578488 * 2147483648)))::bigint
$$
"""
QUAD = """
CREATE FUNCTION titik.quad(geom public.geometry) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT titik.spread(titik.unit_x(geom)) | (titik.spread(titik.unit_y(geom)) << 1)
$$
"""

# One statement for all that a statement on items has changed. In a fixed order, so that no two wait for each other in a circle; those
# who publish hold the row of their collection already. What does not change a cell, as a new name does not, writes nothing.
CHANGE = """
    INSERT INTO {half}.cluster AS c (category, level, y, x, number, sum_x, sum_y)
    SELECT category, level, (unit_y >> (31 - level))::int, (unit_x >> (31 - level))::int, sum(sign), sum(sign * unit_x), sum(sign * unit_y)
      FROM (SELECT category, sign, titik.unit_x(geom_mercator) AS unit_x, titik.unit_y(geom_mercator) AS unit_y FROM ({rows}) moved OFFSET 0) moved,
           unnest(ARRAY[{levels}]) AS level
     GROUP BY 1, 2, 3, 4
    HAVING sum(sign) <> 0 OR sum(sign * unit_x) <> 0 OR sum(sign * unit_y) <> 0
     ORDER BY 1, 2, 3, 4
    ON CONFLICT (category, level, y, x) DO UPDATE
       SET number = c.number + EXCLUDED.number, sum_x = c.sum_x + EXCLUDED.sum_x, sum_y = c.sum_y + EXCLUDED.sum_y;
"""
# This transaction holds these rows already, so nobody can have added to them meanwhile.
CLEAR = """
    DELETE FROM {half}.cluster c
     USING (SELECT DISTINCT category, level, (titik.unit_y(geom_mercator) >> (31 - level))::int AS y,
                   (titik.unit_x(geom_mercator) >> (31 - level))::int AS x
              FROM before, unnest(ARRAY[{levels}]) AS level) left_behind
     WHERE (c.category, c.level, c.y, c.x) = (left_behind.category, left_behind.level, left_behind.y, left_behind.x) AND c.number = 0;
"""
ADDED = "SELECT category, 1 AS sign, geom_mercator FROM after"
TAKEN = "SELECT category, -1 AS sign, geom_mercator FROM before"
DEEDS = {
    "insert": ("NEW TABLE AS after", ADDED, ""),
    "update": ("OLD TABLE AS before NEW TABLE AS after", f"{TAKEN} UNION ALL {ADDED}", CLEAR),
    "delete": ("OLD TABLE AS before", TAKEN, CLEAR),
}
FOLLOW = """
CREATE FUNCTION {half}.clusters_follow_{deed}() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
{change}{clear}    RETURN NULL;
END
$$
"""
# The same rows from the items alone: each level from the one below it.
REBUILD = """
CREATE FUNCTION {half}.rebuild_clusters() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM {half}.cluster;
    INSERT INTO {half}.cluster (category, level, y, x, number, sum_x, sum_y)
    SELECT category, 18, (unit_y >> 13)::int, (unit_x >> 13)::int, count(*), sum(unit_x), sum(unit_y)
      FROM (SELECT category, titik.unit_x(geom_mercator) AS unit_x, titik.unit_y(geom_mercator) AS unit_y FROM {half}.item OFFSET 0) placed
     GROUP BY 1, 3, 4;
    FOR above IN REVERSE 16..4 BY 2 LOOP
        INSERT INTO {half}.cluster (category, level, y, x, number, sum_x, sum_y)
        SELECT category, above, y >> 2, x >> 2, sum(number), sum(sum_x), sum(sum_y)
          FROM {half}.cluster WHERE level = above + 2 GROUP BY 1, 3, 4;
    END LOOP;
END
$$
"""

GRANTS = (
    "GRANT SELECT, INSERT, UPDATE, DELETE ON published.cluster, internal.cluster TO titik_service",
    "GRANT SELECT ON published.cluster TO titik_public",
    "GRANT SELECT ON internal.cluster TO titik_internal",
    "GRANT USAGE ON SCHEMA published TO titik_internal",
    "GRANT SELECT ON published.area, published.area_shape TO titik_public, titik_internal, titik_service",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in (SPREAD, UNIT_X, UNIT_Y, QUAD):
        op.execute(statement)
    for half in HALVES:
        op.drop_index("idx_item_geom_mercator", table_name="item", schema=half)
        op.add_column(
            "item",
            sa.Column("quad", sa.BigInteger(), sa.Computed("titik.quad(geom_mercator)", persisted=True), nullable=False),
            schema=half,
        )
        op.create_index(op.f("ix_item_category_quad_id"), "item", ["category", "quad", "id"], schema=half)
        _make_clusters(half)
    _make_areas()
    for grant in GRANTS:
        op.execute(grant)


def _make_clusters(half: str) -> None:
    op.create_table(
        "cluster",
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("y", sa.Integer(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sum_x", sa.BigInteger(), nullable=False),
        sa.Column("sum_y", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("category", "level", "y", "x", name=op.f("pk_cluster")),
        schema=half,
    )
    for deed, (tables, rows, clear) in DEEDS.items():
        change = CHANGE.format(half=half, rows=rows, levels=LEVELS)
        op.execute(FOLLOW.format(half=half, deed=deed, change=change, clear=clear.format(half=half, levels=LEVELS)))
        # Triggers fire by name: after those that count, which hold the rows of the collections.
        op.execute(f"""
            CREATE TRIGGER follow_{deed} AFTER {deed.upper()} ON {half}.item REFERENCING {tables}
            FOR EACH STATEMENT EXECUTE FUNCTION {half}.clusters_follow_{deed}()
        """)
    op.execute(REBUILD.format(half=half))
    op.execute(f"SELECT {half}.rebuild_clusters()")


def _make_areas() -> None:
    geometry = geoalchemy2.Geometry
    op.create_geospatial_table(
        "area",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("bps_code", sa.Text(), nullable=False),
        sa.Column("parent_code", sa.Text(), nullable=True),
        sa.Column("kecamatan", sa.Text(), nullable=False),
        sa.Column("area_km2", sa.Double(), nullable=False),
        sa.Column("geom", geometry("MULTIPOLYGON", srid=4326, spatial_index=False), nullable=False),
        sa.Column("label", geometry("POINT", srid=4326, spatial_index=False), nullable=False),
        sa.Column("label_mercator", geometry("POINT", srid=3857, spatial_index=False), nullable=False),
        sa.Column("feature", sa.Text(), nullable=False),
        sa.CheckConstraint("level IN ('kecamatan', 'kelurahan')", name=op.f("ck_area_level")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_area")),
        schema="published",
    )
    op.create_geospatial_table(
        "area_shape",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("min_zoom", sa.SmallInteger(), nullable=False),
        sa.Column("max_zoom", sa.SmallInteger(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("geom_mercator", geometry("MULTIPOLYGON", srid=3857, spatial_index=False), nullable=False),
        sa.ForeignKeyConstraint(["code"], ["published.area.code"], name=op.f("fk_area_shape_code"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("code", "min_zoom", name=op.f("pk_area_shape")),
        schema="published",
    )
    for table, column in (("area", "geom"), ("area", "label_mercator"), ("area_shape", "geom_mercator")):
        op.create_geospatial_index(
            f"idx_{table}_{column}", table, [column], schema="published", unique=False, postgresql_using="gist", postgresql_ops={}
        )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_geospatial_table("area_shape", schema="published")
    op.drop_geospatial_table("area", schema="published")
    op.execute("REVOKE USAGE ON SCHEMA published FROM titik_internal")
    for half in HALVES:
        op.execute(f"DROP FUNCTION {half}.rebuild_clusters()")
        for deed in DEEDS:
            op.execute(f"DROP TRIGGER follow_{deed} ON {half}.item")
            op.execute(f"DROP FUNCTION {half}.clusters_follow_{deed}()")
        op.drop_table("cluster", schema=half)
        op.drop_index(op.f("ix_item_category_quad_id"), table_name="item", schema=half)
        op.drop_column("item", "quad", schema=half)
        op.create_index("idx_item_geom_mercator", "item", ["geom_mercator"], schema=half, postgresql_using="gist")
    op.execute("DROP FUNCTION titik.quad(geometry)")
    op.execute("DROP FUNCTION titik.unit_y(geometry)")
    op.execute("DROP FUNCTION titik.unit_x(geometry)")
