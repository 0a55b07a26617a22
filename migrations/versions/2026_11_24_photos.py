"""Photos of points, and those of them that are shown with published items.

Revision: 0011_photos, after 0010_sync
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011_photos"
down_revision = "0010_sync"
branch_labels = None
depends_on = None

# As contacts do: a point that comes to another kelurahan takes its photos along.
FOLLOW = """
CREATE FUNCTION titik.photos_follow() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE titik.photo SET kelurahan = NEW.kelurahan WHERE point_id = NEW.id;
    RETURN NULL;
END
$$
"""
AFTER = """
CREATE TRIGGER photos_follow AFTER UPDATE OF kelurahan ON titik.point
FOR EACH ROW WHEN (OLD.kelurahan IS DISTINCT FROM NEW.kelurahan) EXECUTE FUNCTION titik.photos_follow()
"""
GRANTS = (
    "REVOKE ALL ON FUNCTION titik.photos_follow() FROM PUBLIC",
    "GRANT SELECT, INSERT, DELETE ON titik.photo TO titik_service",
    "GRANT UPDATE (approved) ON titik.photo TO titik_service",
    "GRANT SELECT, INSERT ON published.photo, internal.photo TO titik_service",
    "GRANT SELECT ON published.photo TO titik_public",
    "GRANT SELECT ON internal.photo TO titik_internal",
    "ALTER TABLE titik.photo ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY own_kelurahan ON titik.photo USING (titik.may_see(kelurahan)) WITH CHECK (titik.may_see(kelurahan))",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "photo",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("point_id", sa.UUID(), nullable=False),
        sa.Column("kelurahan", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("source_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("distance_m", sa.Double(), nullable=True),
        sa.Column("flags", postgresql.ARRAY(sa.TEXT()), nullable=False),
        sa.Column("approved", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["titik.account.id"], name=op.f("fk_photo_created_by")),
        sa.ForeignKeyConstraint(["kelurahan"], ["titik.region.code"], name=op.f("fk_photo_kelurahan")),
        sa.ForeignKeyConstraint(["point_id"], ["titik.point.id"], name=op.f("fk_photo_point_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo")),
        schema="titik",
    )
    for column in ("point_id", "kelurahan", "sha256", "created_by"):
        op.create_index(op.f(f"ix_photo_{column}"), "photo", [column], schema="titik")
    for half in ("published", "internal"):
        op.create_table(
            "photo",
            sa.Column("id", sa.UUID(), nullable=False),
            sa.Column("point_id", sa.UUID(), nullable=False),
            sa.Column("sha256", sa.LargeBinary(), nullable=False),
            sa.Column("width", sa.Integer(), nullable=False),
            sa.Column("height", sa.Integer(), nullable=False),
            sa.Column("bytes", sa.Integer(), nullable=False),
            sa.ForeignKeyConstraint(["id"], ["titik.photo.id"], name=op.f("fk_photo_id"), ondelete="CASCADE"),
            sa.ForeignKeyConstraint(["point_id"], [f"{half}.item.id"], name=op.f("fk_photo_point_id"), ondelete="CASCADE"),
            sa.PrimaryKeyConstraint("id", name=op.f("pk_photo")),
            schema=half,
        )
        op.create_index(op.f("ix_photo_point_id"), "photo", ["point_id"], schema=half)
    for statement in (FOLLOW, AFTER, *GRANTS):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TRIGGER photos_follow ON titik.point")
    op.execute("DROP FUNCTION titik.photos_follow()")
    for schema in ("internal", "published", "titik"):
        op.drop_table("photo", schema=schema)
