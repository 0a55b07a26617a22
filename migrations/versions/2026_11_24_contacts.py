"""Names and telephones of people, apart from everything else.

Revision: 0005_contacts, after 0004_workflow
"""

import sqlalchemy as sa
from alembic import op

revision = "0005_contacts"
down_revision = "0004_workflow"
branch_labels = None
depends_on = None

# A point that comes to another kelurahan takes its contacts along: whoever looks after it then, sees them.
FOLLOW = """
CREATE FUNCTION titik.contacts_follow() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE titik.contact SET kelurahan = NEW.kelurahan WHERE point_id = NEW.id;
    RETURN NULL;
END
$$
"""
AFTER = """
CREATE TRIGGER contacts_follow AFTER UPDATE OF kelurahan ON titik.point
FOR EACH ROW WHEN (OLD.kelurahan IS DISTINCT FROM NEW.kelurahan) EXECUTE FUNCTION titik.contacts_follow()
"""
GRANTS = (
    "REVOKE ALL ON FUNCTION titik.contacts_follow() FROM PUBLIC",
    "GRANT SELECT, INSERT, DELETE ON titik.contact TO titik_service",
    "GRANT UPDATE (role, name, phone, legal_basis, term_ends_on, updated_at) ON titik.contact TO titik_service",
    "ALTER TABLE titik.contact ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY own_kelurahan ON titik.contact USING (titik.may_see(kelurahan)) WITH CHECK (titik.may_see(kelurahan))",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "contact",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("point_id", sa.UUID(), nullable=False),
        sa.Column("kelurahan", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("term_ends_on", sa.Date(), nullable=False),
        sa.Column("content_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("role IN ('ketua', 'sekretaris', 'bendahara', 'kader', 'petugas', 'lainnya')", name=op.f("ck_contact_role")),
        sa.ForeignKeyConstraint(["created_by"], ["titik.account.id"], name=op.f("fk_contact_created_by")),
        sa.ForeignKeyConstraint(["kelurahan"], ["titik.region.code"], name=op.f("fk_contact_kelurahan")),
        sa.ForeignKeyConstraint(["point_id"], ["titik.point.id"], name=op.f("fk_contact_point_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        schema="titik",
    )
    for column in ("point_id", "kelurahan", "term_ends_on", "created_by"):
        op.create_index(op.f(f"ix_contact_{column}"), "contact", [column], schema="titik")
    for statement in (FOLLOW, AFTER, *GRANTS):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TRIGGER contacts_follow ON titik.point")
    op.execute("DROP FUNCTION titik.contacts_follow()")
    op.drop_table("contact", schema="titik")
