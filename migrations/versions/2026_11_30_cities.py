"""Cities as data: kabupaten beside kota, BPS codes that may be unknown, and what is set for each city.

Revision: 0028_cities, after 0027_editions
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028_cities"
down_revision = "0027_editions"
branch_labels = None
depends_on = None

LEVELS = "level IN ('kota', {more}'kecamatan', 'kelurahan')"
# Until now there was one city, and what is set here stood in the code.
FILL = """
INSERT INTO titik.city (code, extent)
SELECT r.code, (SELECT CASE WHEN count(*) > 0 THEN ARRAY[ST_XMin(ST_Extent(b.geom)), ST_YMin(ST_Extent(b.geom)), ST_XMax(ST_Extent(b.geom)), ST_YMax(ST_Extent(b.geom))] END
                  FROM titik.boundary b JOIN titik.boundary_edition e ON e.id = b.edition_id AND e.active
                  JOIN titik.region kelurahan ON kelurahan.code = b.region_code
                  JOIN titik.region kecamatan ON kecamatan.code = kelurahan.parent_code AND kecamatan.parent_code = r.code)
  FROM titik.region r WHERE r.level = 'kota'
"""
# A code for what had none: of no region, and as long as one.
NUMBERED = "UPDATE {table} SET bps_code = 'x' || replace(code, '.', '') WHERE bps_code IS NULL"


def _levels(more: str) -> None:
    op.drop_constraint(op.f("ck_region_level"), "region", schema="titik")
    op.create_check_constraint(op.f("ck_region_level"), "region", LEVELS.format(more=more), schema="titik")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _levels("'kabupaten', ")
    op.alter_column("region", "bps_code", nullable=True, schema="titik")
    op.alter_column("area", "bps_code", nullable=True, schema="published")
    op.create_table(
        "city",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("province", sa.Text(), nullable=True),
        sa.Column("attribution", sa.Text(), nullable=True),
        sa.Column("licence", sa.Text(), nullable=True),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("time_zone", sa.Text(), server_default=sa.text("'WIB'"), nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{id,en}'"), nullable=False),
        sa.Column("srids", postgresql.ARRAY(sa.Integer()), nullable=True),
        sa.Column("extent", postgresql.ARRAY(sa.Double()), nullable=True),
        sa.Column("changes", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("time_zone IN ('WIB', 'WITA', 'WIT')", name=op.f("ck_city_time_zone")),
        sa.CheckConstraint("languages <@ '{id,en}' AND cardinality(languages) > 0", name=op.f("ck_city_languages")),
        sa.ForeignKeyConstraint(["code"], ["titik.region.code"], name=op.f("fk_city_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_city")),
        schema="titik",
    )
    op.execute(FILL)
    op.execute(
        "CREATE TRIGGER tell AFTER INSERT OR UPDATE OR DELETE ON titik.city FOR EACH STATEMENT EXECUTE FUNCTION titik.tell('cities')"
    )
    op.execute("GRANT SELECT ON titik.city TO titik_service, titik_public, titik_internal")
    # An edition that is activated over HTTP measures the cities anew.
    op.execute("GRANT UPDATE (extent) ON titik.city TO titik_service")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("city", schema="titik")
    op.execute("UPDATE titik.region SET level = 'kota' WHERE level = 'kabupaten'")
    _levels("")
    for table in ("titik.region", "published.area"):
        op.execute(NUMBERED.format(table=table))
    op.alter_column("area", "bps_code", nullable=False, schema="published")
    op.alter_column("region", "bps_code", nullable=False, schema="titik")
