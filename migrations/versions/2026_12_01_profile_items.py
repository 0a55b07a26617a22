"""Figures of kelurahan as collections: the columns that filters name, whole profiles beside single values, and versions that every worker hears of.

Revision: 0039_profile_items, after 0038_progress
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Integer, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0039_profile_items"
down_revision = "0038_progress"
branch_labels = None
depends_on = None

HALVES = {"published": "titik_public", "internal": "titik_internal"}
# They are in the Feature already, which follows the definition of the half (figures/queries.py): so none has what its half hides.
COMPUTED: dict[str, tuple[Text | Integer, str]] = {
    "kelurahan_name": (Text(), "feature::jsonb #>> '{properties,kelurahan_name}'"),
    "source": (Text(), "feature::jsonb #>> '{properties,source}'"),
    "note": (Text(), "feature::jsonb #>> '{properties,note}'"),
    "indicator_version": (Integer(), "(feature::jsonb #>> '{properties,indicator_version}')::int"),
}
DEEDS = {
    "insert": ("NEW TABLE AS changed", 1),
    "update": ("NEW TABLE AS changed", 0),
    "delete": ("OLD TABLE AS changed", -1),
}
_MISSING = "coalesce(array_agg(v.category ORDER BY v.category) FILTER (WHERE v.meaning = '{}' AND v.indicator_class = ''), ARRAY[]::text[])"
WITHHELD, EMPTY, NOT_APPLICABLE = (_MISSING.format(one) for one in ("withheld", "empty", "not-applicable"))
PROFILES = f"""
    INSERT INTO {{half}}.profile AS p (id, kelurahan, period, begins, ends, figures, withheld, empty, not_applicable, verified_at)
    SELECT v.kelurahan || '-' || v.period, v.kelurahan, v.period, v.begins, v.ends,
           coalesce(jsonb_object_agg(v.category, v.value) FILTER (WHERE v.value IS NOT NULL AND v.indicator_class = ''), jsonb_build_object()),
           {WITHHELD}, {EMPTY}, {NOT_APPLICABLE}, max(v.verified_at)
      FROM {{half}}.profile_value v {{touched}}
     GROUP BY v.kelurahan, v.period, v.begins, v.ends
"""  # noqa: S608 - constants
TOUCHED = """
      JOIN (SELECT DISTINCT kelurahan, begins, period FROM changed) t
        ON t.kelurahan = v.kelurahan AND t.begins = v.begins AND t.period = v.period
"""
# The rows of the collections first, held until the transaction ends: whoever publishes figures at the same time waits here, and then sees these
# too when they put together the same profile.
FOLLOW = """
CREATE FUNCTION {half}.profiles_follow_{deed}() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    added bigint;
    gone bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM changed) THEN
        RETURN NULL;
    END IF;
    INSERT INTO {half}.collection AS c (category, number)
    SELECT 'profile_values', {sign} * count(*) FROM changed UNION ALL SELECT 'profiles', 0
    ON CONFLICT (category) DO UPDATE SET version = c.version + 1, updated_at = now(), number = c.number + EXCLUDED.number;
    DELETE FROM {half}.profile p USING changed
     WHERE p.id = changed.kelurahan || '-' || changed.period
       AND NOT EXISTS (SELECT FROM {half}.profile_value v WHERE v.kelurahan = p.kelurahan AND v.begins = p.begins AND v.period = p.period);
    GET DIAGNOSTICS gone = ROW_COUNT;
    WITH made AS ({profiles}
        ON CONFLICT (id) DO UPDATE SET figures = EXCLUDED.figures, withheld = EXCLUDED.withheld, empty = EXCLUDED.empty,
                                       not_applicable = EXCLUDED.not_applicable, verified_at = EXCLUDED.verified_at
        RETURNING p.xmax = 0 AS is_new
    ) SELECT count(*) FILTER (WHERE is_new) INTO added FROM made;
    IF added <> gone THEN
        UPDATE {half}.collection SET number = number + added - gone WHERE category = 'profiles';
    END IF;
    RETURN NULL;
END
$$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for half, reader in HALVES.items():
        for name, (kind, expression) in COMPUTED.items():
            op.add_column("profile_value", sa.Column(name, kind, sa.Computed(expression, persisted=True), nullable=True), schema=half)
        op.create_index(op.f("ix_profile_value_begins_ends"), "profile_value", ["begins", "ends"], schema=half)
        op.create_index(op.f("ix_profile_value_ends"), "profile_value", ["ends"], schema=half)
        op.create_table(
            "profile",
            sa.Column("id", sa.Text(), nullable=False),
            sa.Column("kelurahan", sa.Text(), nullable=False),
            sa.Column("period", sa.Text(), nullable=False),
            sa.Column("begins", sa.Date(), nullable=False),
            sa.Column("ends", sa.Date(), nullable=False),
            sa.Column("figures", JSONB(astext_type=sa.Text()), nullable=False),
            *(sa.Column(name, ARRAY(sa.Text()), nullable=False) for name in ("withheld", "empty", "not_applicable")),
            sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False),
            sa.PrimaryKeyConstraint("id", name=op.f("pk_profile")),
            schema=half,
        )
        op.create_index(op.f("ix_profile_kelurahan_begins"), "profile", ["kelurahan", "begins"], schema=half)
        op.create_index(op.f("ix_profile_begins_ends"), "profile", ["begins", "ends"], schema=half)
        op.create_index(op.f("ix_profile_ends"), "profile", ["ends"], schema=half)
        op.create_index(op.f("ix_profile_period_kelurahan"), "profile", ["period", "kelurahan"], schema=half)
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {half}.profile TO titik_service")
        op.execute(f"GRANT SELECT ON {half}.profile TO {reader}")
        op.execute(PROFILES.format(half=half, touched=""))
        op.execute(f"""
            INSERT INTO {half}.collection (category, number)
            SELECT 'profile_values', (SELECT count(*) FROM {half}.profile_value) UNION ALL SELECT 'profiles', (SELECT count(*) FROM {half}.profile)
        """)  # noqa: S608 - the name of a schema
        for deed, (tables, sign) in DEEDS.items():
            profiles = PROFILES.format(half=half, touched=TOUCHED)
            op.execute(FOLLOW.format(half=half, deed=deed, sign=sign, profiles=profiles))
            op.execute(f"""
                CREATE TRIGGER profiles_{deed} AFTER {deed.upper()} ON {half}.profile_value REFERENCING {tables}
                FOR EACH STATEMENT EXECUTE FUNCTION {half}.profiles_follow_{deed}()
            """)
    # What an indicator is called, and whether the public may know of it, is known to every worker.
    op.execute("CREATE TRIGGER tell AFTER INSERT ON titik.indicator FOR EACH STATEMENT EXECUTE FUNCTION titik.tell('indicators')")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TRIGGER tell ON titik.indicator")
    for half in HALVES:
        for deed in DEEDS:
            op.execute(f"DROP FUNCTION {half}.profiles_follow_{deed}() CASCADE")
        op.drop_table("profile", schema=half)
        op.execute(f"DELETE FROM {half}.collection WHERE category IN ('profile_values', 'profiles')")  # noqa: S608
        op.drop_index(op.f("ix_profile_value_ends"), table_name="profile_value", schema=half)
        op.drop_index(op.f("ix_profile_value_begins_ends"), table_name="profile_value", schema=half)
        for name in reversed(COMPUTED):
            op.drop_column("profile_value", name, schema=half)
