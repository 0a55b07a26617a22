"""Categories are data: an administrator adds and changes them. Every version is kept; a narrower visibility of a large category holds at once,
through views that cut what its items still have, while these are made anew in steps (docs/adr/0048).

Revision: 0026_categories, after 0025_nouns
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026_categories"
down_revision = "0025_nouns"
branch_labels = None
depends_on = None

# The second line behind the application's checks: the service changes categories and boundaries only while an administrator, or a
# job of one, acts.
GUARDED = """
CREATE FUNCTION titik.only_administrators() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF coalesce(current_setting('titik.role', true), '') NOT IN ('admin', 'system')
       AND NOT pg_has_role(current_user, (SELECT nspowner FROM pg_namespace WHERE nspname = 'titik'), 'MEMBER') THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_account_admin', MESSAGE = 'only for an administrator';
    END IF;
    RETURN NULL;
END
$$
"""
# Whoever changes the definition, by whatever door: what it says from now on is kept in the same transaction.
KEEP = """
CREATE FUNCTION titik.keep_category() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO titik.category_version (category, version, account_id, definition)
    VALUES (NEW.id, NEW.version, nullif(current_setting('titik.account', true), '')::int, to_jsonb(NEW) - 'created_at')
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$
"""
# A point that was checked by a definition which has changed meanwhile is not stored: the one who sends it again is checked by the new one.
# A change takes the lock alone, and so sees the points of all who were before it.
CHECK = """
CREATE FUNCTION titik.check_categories() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    known text := current_setting('titik.categories', true);
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('titik.category', 0));
    IF known <> '' AND known::bigint <> (SELECT sum(c.version) FROM titik.category c) THEN
        RAISE EXCEPTION 'categories have changed' USING ERRCODE = 'check_violation', CONSTRAINT = 'category_changing';
    END IF;
    RETURN NULL;
END
$$
"""
_SET = "set_config('titik.account', account_id::text, true),"
_SET_TOO = f"{_SET} set_config('titik.categories', categories::text, true),"

# The items as readers may see them while the steps of a category are not all done. Those behind `after` have not been made anew.
_HIDDEN = {"published": "public", "internal": "internal"}
SHOWN_ITEM = """
CREATE VIEW {half}.shown_item AS
SELECT i.id, i.feature_id, i.category, i.kelurahan, i.kecamatan,
       CASE WHEN 'name' = ANY (s.{kind}_cut) THEN '' ELSE i.name END AS name, i.geom, i.geom_mercator,
       CASE WHEN 'captured_at' = ANY (s.{kind}_cut) THEN NULL ELSE i.captured_at END AS captured_at, i.verified_at, i.version,
       i.properties - coalesce(s.{kind}_cut, '{{}}') AS properties,
       coalesce(made.feature, i.feature) AS feature, coalesce(made.common_length, i.common_length) AS common_length,
       coalesce(made.common_tail, i.common_tail) AS common_tail, i.place, i.quad,
       CASE WHEN s.{kind}_cut && '{{name,address}}' THEN titik.searched(concat_ws(' ',
                CASE WHEN NOT 'name' = ANY (s.{kind}_cut) THEN i.properties ->> 'name' END,
                CASE WHEN NOT 'address' = ANY (s.{kind}_cut) THEN i.properties ->> 'address' END)) ELSE i.words END AS words
  FROM {half}.item i
  LEFT JOIN titik.category_steps s ON s.category = i.category AND i.id > s.after
  LEFT JOIN LATERAL titik.fragment(i.id, i.geom, i.properties - s.{kind}_cut, s.attributes, s.{kind}_hidden) made ON s.category IS NOT NULL
 WHERE {shown}
"""
SHOWN_CLUSTER = """
CREATE VIEW published.shown_cluster AS
SELECT c.* FROM published.cluster c WHERE NOT EXISTS (SELECT FROM titik.category_steps s WHERE s.category = c.category AND s.withheld)
"""
SHOWN_PHOTO = """
CREATE VIEW {half}.shown_photo AS
SELECT f.* FROM {half}.photo f JOIN {half}.shown_item i ON i.id = f.point_id
"""
_NOT_WITHHELD = {"published": "NOT coalesce(s.withheld, false)", "internal": "true"}

GRANTS = (
    "GRANT INSERT, UPDATE ON titik.category TO titik_service",
    "GRANT SELECT ON titik.category_version TO titik_service",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON titik.category_steps TO titik_service",
    "GRANT SELECT ON titik.category_steps TO titik_public, titik_internal",
    "GRANT SELECT ON published.shown_item, published.shown_cluster, published.shown_photo TO titik_public, titik_service",
    "GRANT SELECT ON internal.shown_item, internal.shown_photo TO titik_internal, titik_service",
    # Events that were announced say no more than may be said now; photos leave the public half when a category no longer shows them.
    "GRANT UPDATE (feature) ON titik.outbox TO titik_service",
    "GRANT DELETE ON published.photo TO titik_service",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("category", sa.Column("icon", sa.Text(), nullable=True), schema="titik")
    op.add_column("category", sa.Column("colour", sa.Text(), nullable=True), schema="titik")
    op.create_check_constraint(op.f("ck_category_colour"), "category", "colour ~ '^#[0-9A-Fa-f]{6}$'", schema="titik")
    op.create_table(
        "category_version",
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("definition", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["category"], ["titik.category.id"], name=op.f("fk_category_version_category"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["account_id"], ["titik.account.id"], name=op.f("fk_category_version_account_id")),
        sa.PrimaryKeyConstraint("category", "version", name=op.f("pk_category_version")),
        schema="titik",
    )
    op.create_index(op.f("ix_category_version_account_id"), "category_version", ["account_id"], schema="titik")
    op.create_table(
        "category_steps",
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("attributes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("public_hidden", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("internal_hidden", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("public_cut", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("internal_cut", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("withheld", sa.Boolean(), nullable=False),
        sa.Column("after", sa.Uuid(), server_default=sa.text("'00000000-0000-0000-0000-000000000000'"), nullable=False),
        sa.Column("done", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["category"], ["titik.category.id"], name=op.f("fk_category_steps_category"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("category", name=op.f("pk_category_steps")),
        schema="titik",
    )
    for statement in (GUARDED, KEEP, CHECK):
        op.execute(statement)
    op.execute("REVOKE ALL ON FUNCTION titik.keep_category(), titik.only_administrators() FROM PUBLIC")
    op.execute(
        "CREATE TRIGGER only_administrators AFTER INSERT OR UPDATE ON titik.category"
        " FOR EACH STATEMENT EXECUTE FUNCTION titik.only_administrators()"
    )
    op.execute("CREATE TRIGGER keep AFTER INSERT OR UPDATE ON titik.category FOR EACH ROW EXECUTE FUNCTION titik.keep_category()")
    op.execute(
        "INSERT INTO titik.category_version (category, version, at, definition) SELECT id, version, created_at, to_jsonb(c) - 'created_at' FROM titik.category c"
    )
    op.execute(
        "CREATE TRIGGER check_categories BEFORE INSERT ON titik.revision FOR EACH STATEMENT EXECUTE FUNCTION titik.check_categories()"
    )
    op.execute(
        "CREATE TRIGGER tell AFTER INSERT OR DELETE ON titik.category_steps FOR EACH STATEMENT EXECUTE FUNCTION titik.tell('categories')"
    )
    _edit(_SET, _SET_TOO)
    for half, kind in _HIDDEN.items():
        op.execute(SHOWN_ITEM.format(half=half, kind=kind, shown=_NOT_WITHHELD[half]))
        op.execute(SHOWN_PHOTO.format(half=half))
    op.execute(SHOWN_CLUSTER)
    for grant in GRANTS:
        op.execute(grant)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for half in _HIDDEN:
        op.execute(f"DROP VIEW {half}.shown_photo")
        op.execute(f"DROP VIEW {half}.shown_item")
    op.execute("DROP VIEW published.shown_cluster")
    _edit(_SET_TOO, _SET)
    op.execute("DROP TRIGGER check_categories ON titik.revision")
    op.execute("DROP TRIGGER keep ON titik.category")
    op.execute("DROP TRIGGER only_administrators ON titik.category")
    op.execute("DROP FUNCTION titik.check_categories()")
    op.execute("DROP FUNCTION titik.keep_category(), titik.only_administrators()")
    op.execute("REVOKE INSERT, UPDATE ON titik.category FROM titik_service")
    op.execute("REVOKE UPDATE (feature) ON titik.outbox FROM titik_service")
    op.execute("REVOKE DELETE ON published.photo FROM titik_service")
    op.drop_table("category_steps", schema="titik")
    op.drop_table("category_version", schema="titik")
    op.drop_constraint(op.f("ck_category_colour"), "category", schema="titik")
    op.drop_column("category", "colour", schema="titik")
    op.drop_column("category", "icon", schema="titik")


def _edit(before: str, after: str) -> None:
    """The functions that say who acts, as they stand, with this alone otherwise."""
    for function in ("titik.sign_in(bytea)", "titik.act_for_import(uuid)"):
        written: str = op.get_bind().execute(sa.text(f"SELECT pg_get_functiondef('{function}'::regprocedure)")).scalar_one()
        if written.count(before) != 1:
            raise RuntimeError(f"{function} is another function than this migration knows")
        op.execute(sa.text(written.replace(before, after).replace(":", "\\:")))
