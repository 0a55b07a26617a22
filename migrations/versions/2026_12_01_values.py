"""Figures of kelurahan, for a period: proposed, reviewed and public as points are; and what of counts of persons ever was public.

Revision: 0037_values, after 0036_unused_editions
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0037_values"
down_revision = "0036_unused_editions"
branch_labels = None
depends_on = None

CONSTRAINTS = {
    "state": "state IN ('draft', 'submitted', 'returned', 'published', 'withdrawn', 'superseded', 'unpublished')",
    "unpublish_reason": "state <> 'unpublished' OR ended_reason IS NOT NULL",
    "return_reason": "state <> 'returned' OR decision_reason IS NOT NULL",
    "published_by": "state <> 'published' OR decided_by IS NOT NULL",
    "four_eyes": "decided_by <> created_by",
    "not_by_bringer": "decided_by <> brought_by",
    "meaning": "meaning IN ('value', 'empty', 'not-applicable')",
    "value": "(meaning = 'value') = (value IS NOT NULL)",
    "status": "status IN ('sementara', 'tetap', 'revisi')",
}
OPEN = sa.text("state IN ('draft', 'submitted', 'returned')")
PUBLIC = sa.text("state = 'published'")
# All else of a proposal stays as it was made.
MUTABLE = "state, held_by, submitted_at, decided_by, decided_at, decision_reason, ended_by, ended_at, ended_reason"
GRANTS = (
    "GRANT SELECT, INSERT ON titik.profile_value, titik.value_revision, titik.disclosure TO titik_service",
    # Whoever changes a figure locks its row.
    "GRANT UPDATE (created_at) ON titik.profile_value TO titik_service",
    f"GRANT UPDATE ({MUTABLE}) ON titik.value_revision TO titik_service",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON published.profile_value, internal.profile_value TO titik_service",
    "GRANT SELECT ON published.profile_value TO titik_public",
    "GRANT SELECT ON internal.profile_value TO titik_internal",
    "ALTER TABLE titik.profile_value ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE titik.value_revision ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY own_kelurahan ON titik.profile_value USING (titik.may_see(kelurahan)) WITH CHECK (titik.may_see(kelurahan))",
    "CREATE POLICY own_kelurahan ON titik.value_revision USING (titik.may_see(kelurahan)) WITH CHECK (titik.may_see(kelurahan))",
)


def _of_period() -> list[sa.Column[object]]:
    return [
        sa.Column("indicator_class", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("begins", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
    ]


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "profile_value",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("kelurahan", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        *_of_period(),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("indicator_class ~ '^[A-Za-z0-9_.-]{0,41}$'", name=op.f("ck_profile_value_indicator_class")),
        sa.CheckConstraint("begins <= ends", name=op.f("ck_profile_value_period")),
        sa.ForeignKeyConstraint(["kelurahan"], ["titik.region.code"], name=op.f("fk_profile_value_kelurahan")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profile_value")),
        sa.UniqueConstraint(
            "kelurahan", "indicator", "indicator_class", "period", name=op.f("uq_profile_value_kelurahan_indicator_indicator_class_period")
        ),
        schema="titik",
        comment="A figure of a kelurahan and a period, for good; its id is made of these (figures/rules.py)",
    )
    op.create_index(
        op.f("ix_profile_value_indicator_begins_kelurahan"), "profile_value", ["indicator", "begins", "kelurahan"], schema="titik"
    )
    _add_revisions()
    for half in ("published", "internal"):
        _add_items(half)
    op.create_table(
        "disclosure",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("tabulation", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        *(sa.Column(name, JSONB(astext_type=sa.Text()), nullable=False) for name in ("counts", "public", "withheld", "exposed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure")),
        schema="titik",
    )
    op.create_index(op.f("ix_disclosure_city_tabulation_period_id"), "disclosure", ["city", "tabulation", "period", "id"], schema="titik")
    for statement in GRANTS:
        op.execute(statement)
    for half in ("published", "internal"):
        op.execute(f"SELECT titik.follow_items('{half}', 'profile_value', 'value')")


def _add_revisions() -> None:
    op.create_table(
        "value_revision",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("value_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("kelurahan", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("value", sa.Numeric(), nullable=True),
        sa.Column("meaning", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("indicator_version", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("explanation", sa.Text(), nullable=True),
        sa.Column("warnings", JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("content_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("held_by", sa.Integer(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("brought_by", sa.Integer(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=True),
        *(sa.CheckConstraint(condition, name=op.f(f"ck_value_revision_{name}")) for name, condition in CONSTRAINTS.items()),
        *(
            sa.ForeignKeyConstraint([name], ["titik.account.id"], name=op.f(f"fk_value_revision_{name}"))
            for name in ("brought_by", "created_by", "decided_by", "ended_by", "held_by")
        ),
        sa.ForeignKeyConstraint(["kelurahan"], ["titik.region.code"], name=op.f("fk_value_revision_kelurahan")),
        sa.ForeignKeyConstraint(["value_id"], ["titik.profile_value.id"], name=op.f("fk_value_revision_value_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_value_revision")),
        sa.UniqueConstraint("value_id", "number", name=op.f("uq_value_revision_value_id_number")),
        schema="titik",
    )
    for name in ("created_by", "held_by"):
        op.create_index(op.f(f"ix_value_revision_{name}"), "value_revision", [name], schema="titik")
    op.create_index("uq_value_revision_open", "value_revision", ["value_id"], unique=True, schema="titik", postgresql_where=OPEN)
    op.create_index("uq_value_revision_published", "value_revision", ["value_id"], unique=True, schema="titik", postgresql_where=PUBLIC)
    op.create_index("ix_value_revision_queue", "value_revision", ["id"], schema="titik", postgresql_where=sa.text("state = 'submitted'"))


def _add_items(half: str) -> None:
    op.create_table(
        "profile_value",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("kelurahan", sa.Text(), nullable=False),
        sa.Column("kecamatan", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        *_of_period(),
        sa.Column("value", sa.Numeric(), nullable=True),
        sa.Column("meaning", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("feature", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profile_value")),
        schema=half,
    )
    op.create_index(op.f("ix_profile_value_kelurahan_begins_category"), "profile_value", ["kelurahan", "begins", "category"], schema=half)
    op.create_index(
        op.f("ix_profile_value_category_begins_city_kelurahan"), "profile_value", ["category", "begins", "city", "kelurahan"], schema=half
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for half in ("internal", "published"):
        op.execute(f"SELECT titik.unfollow_items('{half}', 'profile_value')")
        op.execute(f"DELETE FROM {half}.change WHERE kind = 'value'")  # noqa: S608 - the name of a schema
        op.drop_table("profile_value", schema=half)
    op.execute("DELETE FROM titik.outbox WHERE kind = 'value'")
    op.execute("DELETE FROM titik.notice WHERE subject_kind = 'value'")
    op.drop_table("disclosure", schema="titik")
    op.drop_table("value_revision", schema="titik")
    op.drop_table("profile_value", schema="titik")
