"""The foundation: both halves, the roles, row-level security, the one way to sign in.

Revision: 0001_foundation, after nothing
"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0001_foundation"
down_revision = None
branch_labels = None
depends_on = None


class TransactionId(sa.types.UserDefinedType[int]):
    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "xid8"


# Roles belong to the whole cluster, so they may be there already; making them needs CREATEROLE, which an owner need not have.
ROLES = """
DO $$
DECLARE
    missing text;
BEGIN
    SELECT string_agg(name, ', ') INTO missing
      FROM unnest(ARRAY['titik_service', 'titik_public', 'titik_internal']) AS name
     WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name);
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'Roles are missing: %. Run scripts/roles.sql as a superuser of this server first.', missing;
    END IF;
END
$$
"""

# Who acts is told by three settings of the transaction; where they are missing, no row is seen and none is written.
MAY_SEE = """
CREATE FUNCTION titik.may_see(kelurahan text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE current_setting('titik.role', true)
        WHEN 'pic' THEN kelurahan = ANY (string_to_array(current_setting('titik.kelurahan', true), ','))
        WHEN 'walidata' THEN true
        WHEN 'system' THEN true
        ELSE false
    END
$$
"""

SIGN_IN = """
CREATE FUNCTION titik.sign_in(token_hash bytea) RETURNS TABLE (account_id int, name text, role text, kelurahan text[], categories bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    SELECT a.id, a.name, a.role,
           ARRAY(SELECT k.kelurahan FROM titik.account_kelurahan k WHERE k.account_id = a.id ORDER BY 1),
           (SELECT sum(c.version) FROM titik.category c)
      INTO account_id, name, role, kelurahan, categories
      FROM titik.token t
      JOIN titik.account a ON a.id = t.account_id
     WHERE t.hash = token_hash AND t.revoked_at IS NULL AND t.expires_at > now() AND a.active;
    IF FOUND THEN
        PERFORM set_config('titik.account', account_id::text, true),
                set_config('titik.role', role, true),
                set_config('titik.kelurahan', array_to_string(kelurahan, ','), true);
        RETURN NEXT;
    END IF;
END
$$
"""

GRANTS = (
    "REVOKE ALL ON FUNCTION titik.sign_in(bytea) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION titik.sign_in(bytea) TO titik_service",
    "GRANT USAGE ON SCHEMA titik, published, internal TO titik_service",
    "GRANT USAGE ON SCHEMA titik, published TO titik_public",
    "GRANT USAGE ON SCHEMA titik, internal TO titik_internal",
    """GRANT SELECT ON titik.region, titik.region_alias, titik.boundary_edition, titik.boundary, titik.category
       TO titik_service, titik_public, titik_internal""",
    "GRANT SELECT, INSERT, UPDATE ON titik.point, titik.revision TO titik_service",
    "GRANT SELECT ON titik.account, titik.account_kelurahan, titik.alembic_version TO titik_service",
    "GRANT INSERT ON titik.audit, titik.outbox TO titik_service",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON published.item, internal.item, published.collection, internal.collection TO titik_service",
    "GRANT SELECT ON published.item, published.collection TO titik_public",
    "GRANT SELECT ON internal.item, internal.collection TO titik_internal",
)

ROW_LEVEL_SECURITY = (
    "ALTER TABLE titik.point ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE titik.revision ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY own_kelurahan ON titik.point USING (titik.may_see(kelurahan)) WITH CHECK (titik.may_see(kelurahan))",
    "CREATE POLICY own_kelurahan ON titik.revision USING (titik.may_see(kelurahan)) WITH CHECK (titik.may_see(kelurahan))",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(ROLES)
    op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    op.execute("CREATE SCHEMA IF NOT EXISTS published")
    op.execute("CREATE SCHEMA IF NOT EXISTS internal")
    op.create_table(
        "collection",
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("category", name=op.f("pk_collection")),
        schema="internal",
    )
    op.create_geospatial_table(
        "item",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("feature_id", sa.BigInteger(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("kelurahan", sa.Text(), nullable=False),
        sa.Column("kecamatan", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column(
            "geom_mercator",
            Geometry(
                geometry_type="POINT",
                srid=3857,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("properties", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("feature", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
        schema="internal",
    )
    op.create_geospatial_index(
        "idx_item_geom", "item", ["geom"], unique=False, schema="internal", postgresql_using="gist", postgresql_ops={}
    )
    op.create_geospatial_index(
        "idx_item_geom_mercator", "item", ["geom_mercator"], unique=False, schema="internal", postgresql_using="gist", postgresql_ops={}
    )
    op.create_index(op.f("ix_item_category_id"), "item", ["category", "id"], unique=False, schema="internal")
    op.create_index(op.f("ix_item_category_kelurahan_id"), "item", ["category", "kelurahan", "id"], unique=False, schema="internal")
    op.create_table(
        "collection",
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("category", name=op.f("pk_collection")),
        schema="published",
    )
    op.create_geospatial_table(
        "item",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("feature_id", sa.BigInteger(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("kelurahan", sa.Text(), nullable=False),
        sa.Column("kecamatan", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column(
            "geom_mercator",
            Geometry(
                geometry_type="POINT",
                srid=3857,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("properties", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("feature", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
        schema="published",
    )
    op.create_geospatial_index(
        "idx_item_geom", "item", ["geom"], unique=False, schema="published", postgresql_using="gist", postgresql_ops={}
    )
    op.create_geospatial_index(
        "idx_item_geom_mercator", "item", ["geom_mercator"], unique=False, schema="published", postgresql_using="gist", postgresql_ops={}
    )
    op.create_index(op.f("ix_item_category_id"), "item", ["category", "id"], unique=False, schema="published")
    op.create_index(op.f("ix_item_category_kelurahan_id"), "item", ["category", "kelurahan", "id"], unique=False, schema="published")
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("role IN ('admin', 'walidata', 'pembina', 'opd', 'pic')", name=op.f("ck_account_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("name", name=op.f("uq_account_name")),
        schema="titik",
    )
    op.create_table(
        "boundary_edition",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=True),
        sa.Column("accuracy_m", sa.Double(), nullable=False),
        sa.Column("approximate", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=True),
        sa.Column("report", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("accuracy_m > 0 AND accuracy_m <= 10000", name=op.f("ck_boundary_edition_accuracy")),
        sa.CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_boundary_edition_validity")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_boundary_edition")),
        sa.UniqueConstraint("name", name=op.f("uq_boundary_edition_name")),
        schema="titik",
    )
    op.create_index(
        "uq_boundary_edition_active", "boundary_edition", ["active"], unique=True, schema="titik", postgresql_where=sa.text("active")
    )
    op.create_table(
        "category",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("title", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("description", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("attribute_schema", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("required", postgresql.ARRAY(sa.TEXT()), nullable=False),
        sa.Column("name_template", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("natural_key", postgresql.ARRAY(sa.TEXT()), nullable=False),
        sa.Column("cardinality", sa.Text(), nullable=False),
        sa.Column("field_visibility", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("audience", sa.Text(), server_default=sa.text("'public'"), nullable=False),
        sa.Column("public_decimals", sa.SmallInteger(), nullable=True),
        sa.Column("expected_count", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("audience IN ('public', 'internal')", name=op.f("ck_category_audience")),
        sa.CheckConstraint("cardinality IN ('one_per_kelurahan', 'many')", name=op.f("ck_category_cardinality")),
        sa.CheckConstraint("id ~ '^[a-z][a-z0-9_]{1,40}$'", name=op.f("ck_category_id")),
        sa.CheckConstraint("public_decimals BETWEEN 0 AND 7", name=op.f("ck_category_public_decimals")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category")),
        schema="titik",
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("transaction_id", TransactionId(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        schema="titik",
    )
    op.create_table(
        "region",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_code", sa.Text(), nullable=True),
        sa.Column("bps_code", sa.Text(), nullable=False),
        sa.Column("official_area_km2", sa.Double(), nullable=True),
        sa.Column("label_lon", sa.Double(), nullable=True),
        sa.Column("label_lat", sa.Double(), nullable=True),
        sa.CheckConstraint("level IN ('kota', 'kecamatan', 'kelurahan')", name=op.f("ck_region_level")),
        sa.ForeignKeyConstraint(["parent_code"], ["titik.region.code"], name=op.f("fk_region_parent_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_region")),
        sa.UniqueConstraint("bps_code", name=op.f("uq_region_bps_code")),
        schema="titik",
    )
    op.create_index(op.f("ix_region_parent_code"), "region", ["parent_code"], unique=False, schema="titik")
    op.create_table(
        "account_kelurahan",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("kelurahan", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["titik.account.id"], name=op.f("fk_account_kelurahan_account_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["kelurahan"], ["titik.region.code"], name=op.f("fk_account_kelurahan_kelurahan")),
        sa.PrimaryKeyConstraint("account_id", "kelurahan", name=op.f("pk_account_kelurahan")),
        schema="titik",
    )
    op.create_index(op.f("ix_account_kelurahan_kelurahan"), "account_kelurahan", ["kelurahan"], unique=False, schema="titik")
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("kelurahan", sa.Text(), nullable=True),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["titik.account.id"], name=op.f("fk_audit_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        schema="titik",
    )
    op.create_index(op.f("ix_audit_account_id"), "audit", ["account_id"], unique=False, schema="titik")
    op.create_index("ix_audit_subject", "audit", ["subject"], unique=False, schema="titik")
    op.create_geospatial_table(
        "boundary",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("area_km2", sa.Double(), nullable=False),
        sa.Column(
            "label",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["edition_id"], ["titik.boundary_edition.id"], name=op.f("fk_boundary_edition_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["region_code"], ["titik.region.code"], name=op.f("fk_boundary_region_code")),
        sa.PrimaryKeyConstraint("edition_id", "region_code", name=op.f("pk_boundary")),
        schema="titik",
    )
    op.create_geospatial_index(
        "idx_boundary_geom", "boundary", ["geom"], unique=False, schema="titik", postgresql_using="gist", postgresql_ops={}
    )
    op.create_index(op.f("ix_boundary_region_code"), "boundary", ["region_code"], unique=False, schema="titik")
    op.create_table(
        "point",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("feature_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("kelurahan", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'active'"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("status IN ('active', 'inactive', 'moved', 'closed')", name=op.f("ck_point_status")),
        sa.ForeignKeyConstraint(["category"], ["titik.category.id"], name=op.f("fk_point_category")),
        sa.ForeignKeyConstraint(["kelurahan"], ["titik.region.code"], name=op.f("fk_point_kelurahan")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point")),
        sa.UniqueConstraint("feature_id", name=op.f("uq_point_feature_id")),
        schema="titik",
        comment="One facility, for good; its id is the item id everywhere",
    )
    op.create_index(op.f("ix_point_category"), "point", ["category"], unique=False, schema="titik")
    op.create_index(op.f("ix_point_kelurahan"), "point", ["kelurahan"], unique=False, schema="titik")
    op.create_table(
        "region_alias",
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["region_code"], ["titik.region.code"], name=op.f("fk_region_alias_region_code")),
        sa.PrimaryKeyConstraint("region_code", "alias", name=op.f("pk_region_alias")),
        schema="titik",
    )
    op.create_table(
        "token",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["titik.account.id"], name=op.f("fk_token_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token")),
        sa.UniqueConstraint("hash", name=op.f("uq_token_hash")),
        schema="titik",
    )
    op.create_index(op.f("ix_token_account_id"), "token", ["account_id"], unique=False, schema="titik")
    op.create_geospatial_table(
        "revision",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("point_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("kelurahan", sa.Text(), nullable=False),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("rw", sa.Text(), nullable=True),
        sa.Column("rt", sa.Text(), nullable=True),
        sa.Column("attributes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("override_reason", sa.Text(), nullable=True),
        sa.Column("content_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("found_in", sa.Text(), nullable=True),
        sa.Column("distance_m", sa.Double(), nullable=False),
        sa.Column("placement", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("flags", postgresql.ARRAY(sa.TEXT()), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("method IN ('gps', 'map', 'import', 'geocoded')", name=op.f("ck_revision_method")),
        sa.CheckConstraint("state <> 'published' OR decided_by IS NOT NULL", name=op.f("ck_revision_published_by")),
        sa.CheckConstraint("state <> 'returned' OR decision_reason IS NOT NULL", name=op.f("ck_revision_return_reason")),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'returned', 'published', 'withdrawn', 'superseded')", name=op.f("ck_revision_state")
        ),
        sa.CheckConstraint(
            "verdict IN ('inside', 'near') OR override_reason IS NOT NULL OR 'rejudged' = ANY (flags)", name=op.f("ck_revision_override")
        ),
        sa.CheckConstraint("verdict IN ('inside', 'near', 'elsewhere', 'outside')", name=op.f("ck_revision_verdict")),
        sa.CheckConstraint("NOT ST_IsEmpty(geom)", name=op.f("ck_revision_geom")),
        sa.CheckConstraint("accuracy_m > 0", name=op.f("ck_revision_accuracy")),
        sa.CheckConstraint("decided_by <> created_by", name=op.f("ck_revision_four_eyes")),
        sa.ForeignKeyConstraint(["created_by"], ["titik.account.id"], name=op.f("fk_revision_created_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["titik.account.id"], name=op.f("fk_revision_decided_by")),
        sa.ForeignKeyConstraint(["edition_id"], ["titik.boundary_edition.id"], name=op.f("fk_revision_edition_id")),
        sa.ForeignKeyConstraint(["found_in"], ["titik.region.code"], name=op.f("fk_revision_found_in")),
        sa.ForeignKeyConstraint(["kelurahan"], ["titik.region.code"], name=op.f("fk_revision_kelurahan")),
        sa.ForeignKeyConstraint(["point_id"], ["titik.point.id"], name=op.f("fk_revision_point_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
        sa.UniqueConstraint("point_id", "number", name=op.f("uq_revision_point_id_number")),
        schema="titik",
    )
    op.create_geospatial_index(
        "idx_revision_geom", "revision", ["geom"], unique=False, schema="titik", postgresql_using="gist", postgresql_ops={}
    )
    op.create_index(op.f("ix_revision_created_by"), "revision", ["created_by"], unique=False, schema="titik")
    op.create_index(op.f("ix_revision_kelurahan"), "revision", ["kelurahan"], unique=False, schema="titik")
    op.create_index(
        "ix_revision_queue",
        "revision",
        ["id"],
        unique=False,
        schema="titik",
        postgresql_where=sa.text("state = 'submitted'"),
    )
    op.create_index(
        "uq_revision_open",
        "revision",
        ["point_id"],
        unique=True,
        schema="titik",
        postgresql_where=sa.text("state IN ('draft', 'submitted', 'returned')"),
    )
    op.create_index(
        "uq_revision_published", "revision", ["point_id"], unique=True, schema="titik", postgresql_where=sa.text("state = 'published'")
    )
    op.create_table(
        "placement_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("revision_id", sa.UUID(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["titik.boundary_edition.id"], name=op.f("fk_placement_change_edition_id")),
        sa.ForeignKeyConstraint(["revision_id"], ["titik.revision.id"], name=op.f("fk_placement_change_revision_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement_change")),
        schema="titik",
    )
    op.create_index(op.f("ix_placement_change_edition_id"), "placement_change", ["edition_id"], unique=False, schema="titik")
    op.create_index(op.f("ix_placement_change_revision_id"), "placement_change", ["revision_id"], unique=False, schema="titik")
    for statement in (MAY_SEE, SIGN_IN, *GRANTS, *ROW_LEVEL_SECURITY):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index(op.f("ix_placement_change_revision_id"), table_name="placement_change", schema="titik")
    op.drop_index(op.f("ix_placement_change_edition_id"), table_name="placement_change", schema="titik")
    op.drop_table("placement_change", schema="titik")
    op.drop_index("uq_revision_published", table_name="revision", schema="titik", postgresql_where=sa.text("state = 'published'"))
    op.drop_index(
        "uq_revision_open", table_name="revision", schema="titik", postgresql_where=sa.text("state IN ('draft', 'submitted', 'returned')")
    )
    op.drop_index("ix_revision_queue", table_name="revision", schema="titik", postgresql_where=sa.text("state = 'submitted'"))
    op.drop_index(op.f("ix_revision_kelurahan"), table_name="revision", schema="titik")
    op.drop_index(op.f("ix_revision_created_by"), table_name="revision", schema="titik")
    op.drop_geospatial_index("idx_revision_geom", table_name="revision", schema="titik", postgresql_using="gist", column_name="geom")
    op.drop_geospatial_table("revision", schema="titik")
    op.drop_index(op.f("ix_token_account_id"), table_name="token", schema="titik")
    op.drop_table("token", schema="titik")
    op.drop_table("region_alias", schema="titik")
    op.drop_index(op.f("ix_point_kelurahan"), table_name="point", schema="titik")
    op.drop_index(op.f("ix_point_category"), table_name="point", schema="titik")
    op.drop_table("point", schema="titik")
    op.drop_index(op.f("ix_boundary_region_code"), table_name="boundary", schema="titik")
    op.drop_geospatial_index("idx_boundary_geom", table_name="boundary", schema="titik", postgresql_using="gist", column_name="geom")
    op.drop_geospatial_table("boundary", schema="titik")
    op.drop_index("ix_audit_subject", table_name="audit", schema="titik")
    op.drop_index(op.f("ix_audit_account_id"), table_name="audit", schema="titik")
    op.drop_table("audit", schema="titik")
    op.drop_index(op.f("ix_account_kelurahan_kelurahan"), table_name="account_kelurahan", schema="titik")
    op.drop_table("account_kelurahan", schema="titik")
    op.drop_index(op.f("ix_region_parent_code"), table_name="region", schema="titik")
    op.drop_table("region", schema="titik")
    op.drop_table("outbox", schema="titik")
    op.drop_table("category", schema="titik")
    op.drop_index("uq_boundary_edition_active", table_name="boundary_edition", schema="titik", postgresql_where=sa.text("active"))
    op.drop_table("boundary_edition", schema="titik")
    op.drop_table("account", schema="titik")
    op.drop_index(op.f("ix_item_category_kelurahan_id"), table_name="item", schema="published")
    op.drop_index(op.f("ix_item_category_id"), table_name="item", schema="published")
    op.drop_geospatial_index(
        "idx_item_geom_mercator", table_name="item", schema="published", postgresql_using="gist", column_name="geom_mercator"
    )
    op.drop_geospatial_index("idx_item_geom", table_name="item", schema="published", postgresql_using="gist", column_name="geom")
    op.drop_geospatial_table("item", schema="published")
    op.drop_table("collection", schema="published")
    op.drop_index(op.f("ix_item_category_kelurahan_id"), table_name="item", schema="internal")
    op.drop_index(op.f("ix_item_category_id"), table_name="item", schema="internal")
    op.drop_geospatial_index(
        "idx_item_geom_mercator", table_name="item", schema="internal", postgresql_using="gist", column_name="geom_mercator"
    )
    op.drop_geospatial_index("idx_item_geom", table_name="item", schema="internal", postgresql_using="gist", column_name="geom")
    op.drop_geospatial_table("item", schema="internal")
    op.drop_table("collection", schema="internal")
    op.execute("DROP FUNCTION titik.sign_in(bytea)")
    op.execute("DROP FUNCTION titik.may_see(text)")
    op.execute("DROP SCHEMA internal")
    op.execute("DROP SCHEMA published")
