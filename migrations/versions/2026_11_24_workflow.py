"""Drafts, changes, closings and successions of points; requests that are known by a key.

Revision: 0004_workflow, after 0003_likeness
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004_workflow"
down_revision = "0003_likeness"
branch_labels = None
depends_on = None

STATES = "state IN ('draft', 'submitted', 'returned', 'published', 'withdrawn', 'superseded'{more})"
OVERRIDE = "verdict IN ('inside', 'near') OR override_reason IS NOT NULL OR 'rejudged' = ANY (flags)"

# What was written stays as it was written: the service changes states and who decided, never content.
MUTABLE = "state, held_by, submitted_at, decided_by, decided_at, decision_reason, ended_by, ended_at, ended_reason, flags, edition_id, verdict, found_in, distance_m, placement"

GRANTS = (
    "REVOKE UPDATE ON titik.revision FROM titik_service",
    f"GRANT UPDATE ({MUTABLE}) ON titik.revision TO titik_service",
    "REVOKE UPDATE ON titik.point FROM titik_service",
    "GRANT UPDATE (kelurahan, status) ON titik.point TO titik_service",
    "GRANT SELECT, INSERT, DELETE ON titik.retry TO titik_service",
    "GRANT UPDATE (number) ON titik.retry TO titik_service",
)

# As in 0003, but for any number of points that do not count: the point itself, first, those that it takes over from, and those that
# take over from it. A point that is
# inactive keeps its number.
ALIKE = """
CREATE FUNCTION titik.alike(
    asked_category text, key_common jsonb, key_attributes jsonb, but_not uuid[], asked_name text, lon float8, lat float8,
    within_m float8, at_least float8, at_most int
) RETURNS TABLE (kind text, id uuid, name text, kelurahan text, distance_m float8, state text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    place constant geometry := ST_SetSRID(ST_MakePoint(lon, lat), 4326);
    -- A degree of latitude is never less than 110,574 m; of longitude it is that and a little more, times the cosine.
    around constant geometry := ST_Expand(place, within_m / (110500 * greatest(cos(radians(lat)), 0.001)), within_m / 110500);
    taken uuid[];
BEGIN
    IF key_common IS NOT NULL THEN
        IF key_common ? 'name' THEN
            key_common := key_common || jsonb_build_object('name', titik.folded(key_common ->> 'name'));
        END IF;
        PERFORM pg_advisory_xact_lock(hashtextextended(concat(asked_category, ' ', key_common, key_attributes), 0));
        IF key_attributes <> '{}' THEN
            taken := ARRAY(
                SELECT r.id FROM titik.revision r JOIN titik.point p ON p.id = r.point_id
                 WHERE r.state IN ('draft', 'submitted', 'returned', 'published') AND r.attributes @> key_attributes
                   AND p.category = asked_category AND p.status IN ('active', 'inactive') AND p.id <> ALL (but_not) AND NOT but_not[1] = ANY (r.predecessors)
                   AND titik.common_key(r.kelurahan, r.rw, r.rt, r.name) @> key_common);
        ELSIF key_common ?& ARRAY['kelurahan', 'rw', 'rt'] THEN
            taken := ARRAY(
                SELECT r.id FROM titik.revision r JOIN titik.point p ON p.id = r.point_id
                 WHERE r.state IN ('draft', 'submitted', 'returned', 'published')
                   AND r.kelurahan = key_common ->> 'kelurahan' AND r.rw = key_common ->> 'rw' AND r.rt = key_common ->> 'rt'
                   AND p.category = asked_category AND p.status IN ('active', 'inactive') AND p.id <> ALL (but_not) AND NOT but_not[1] = ANY (r.predecessors)
                   AND titik.common_key(r.kelurahan, r.rw, r.rt, r.name) @> key_common);
        ELSE
            -- One in each kelurahan, or keys of names. OFFSET 0: from the few points to their revisions, never the other way round.
            taken := ARRAY(
                SELECT r.id
                  FROM titik.point p
                  CROSS JOIN LATERAL (SELECT * FROM titik.revision r
                                       WHERE r.point_id = p.id AND r.state IN ('draft', 'submitted', 'returned', 'published')
                                      OFFSET 0) r
                 WHERE p.category = asked_category AND p.status IN ('active', 'inactive') AND p.id <> ALL (but_not) AND NOT but_not[1] = ANY (r.predecessors)
                   AND p.kelurahan = ANY (CASE WHEN key_common ? 'kelurahan' THEN ARRAY[key_common ->> 'kelurahan']
                                               ELSE ARRAY(SELECT k.code FROM titik.region k) END)
                   AND titik.common_key(r.kelurahan, r.rw, r.rt, r.name) @> key_common);
        END IF;
        IF cardinality(taken) > 0 THEN
            RETURN QUERY
            SELECT 'key', shown.id, shown.name, shown.kelurahan, ST_Distance(shown.geom::geography, place::geography), shown.state
              FROM (SELECT DISTINCT ON (r.point_id)
                           CASE WHEN own THEN r.point_id ELSE i.id END AS id,
                           CASE WHEN own THEN r.name ELSE i.name END AS name,
                           CASE WHEN own THEN r.kelurahan ELSE i.kelurahan END AS kelurahan,
                           CASE WHEN own THEN r.geom ELSE i.geom END AS geom,
                           CASE WHEN own THEN r.state WHEN i.id IS NOT NULL THEN 'published' END AS state
                      FROM titik.revision r
                      CROSS JOIN LATERAL titik.may_see(r.kelurahan) AS own
                      LEFT JOIN published.item i ON i.id = r.point_id
                     WHERE r.id = ANY (taken)
                     ORDER BY r.point_id, r.number DESC) shown
             ORDER BY 5, 2 LIMIT at_most;
            RETURN;
        END IF;
    END IF;
    IF asked_name IS NOT NULL THEN
        RETURN QUERY
        SELECT 'near', near.id, near.name, near.kelurahan, near.distance_m, near.state
          FROM (SELECT DISTINCT ON (seen.id) seen.id, seen.name, seen.kelurahan, seen.state,
                       ST_Distance(seen.geom::geography, place::geography) AS distance_m
                  FROM (SELECT p.id, r.name, r.kelurahan, r.state, r.geom, r.number
                          FROM titik.revision r JOIN titik.point p ON p.id = r.point_id
                         WHERE r.geom && around AND r.state IN ('draft', 'submitted', 'returned', 'published')
                           AND p.category = asked_category AND p.status IN ('active', 'inactive') AND p.id <> ALL (but_not) AND NOT but_not[1] = ANY (r.predecessors) AND titik.may_see(r.kelurahan)
                        UNION ALL
                        SELECT i.id, i.name, i.kelurahan, 'published', i.geom, i.version
                          FROM published.item i
                         WHERE i.geom && around AND i.category = asked_category AND i.id <> ALL (but_not)
                           AND NOT titik.may_see(i.kelurahan)) seen
                 WHERE ST_Distance(seen.geom::geography, place::geography) <= within_m
                   AND similarity(lower(seen.name), lower(asked_name)) >= at_least
                 ORDER BY seen.id, seen.number DESC) near
         ORDER BY near.distance_m, near.id LIMIT at_most;
    END IF;
    -- The very same coordinates, in any category: a bare fact for the reviewer.
    RETURN QUERY
    SELECT 'place', NULL::uuid, NULL, NULL, 0::float8, NULL
     WHERE EXISTS (SELECT FROM titik.revision r JOIN titik.point p ON p.id = r.point_id
                    WHERE r.geom && place AND ST_X(r.geom) = lon AND ST_Y(r.geom) = lat
                      AND r.state IN ('draft', 'submitted', 'returned', 'published')
                      AND p.status IN ('active', 'inactive') AND p.id <> ALL (but_not) AND NOT but_not[1] = ANY (r.predecessors));
END
$$
"""
OF_ALIKE = "titik.alike(text, jsonb, jsonb, uuid[], text, float8, float8, float8, float8, int)"
OF_ALIKE_BEFORE = "titik.alike(text, jsonb, jsonb, uuid, text, float8, float8, float8, float8, int)"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("revision", sa.Column("status", sa.Text(), server_default=sa.text("'active'"), nullable=False), schema="titik")
    op.add_column(
        "revision", sa.Column("predecessors", postgresql.ARRAY(sa.UUID()), server_default=sa.text("'{}'"), nullable=False), schema="titik"
    )
    for name, kind in (("succession", sa.Text()), ("reason", sa.Text()), ("held_by", sa.Integer()), ("ended_by", sa.Integer()),
                       ("ended_at", sa.DateTime(timezone=True)), ("ended_reason", sa.Text())):  # fmt: skip
        op.add_column("revision", sa.Column(name, kind, nullable=True), schema="titik")
    op.execute("UPDATE titik.revision SET held_by = created_by")
    op.alter_column("revision", "held_by", nullable=False, schema="titik")
    for column in ("held_by", "ended_by"):
        op.create_foreign_key(
            op.f(f"fk_revision_{column}"), "revision", "account", [column], ["id"], source_schema="titik", referent_schema="titik"
        )
    op.create_index(op.f("ix_revision_held_by"), "revision", ["held_by"], schema="titik")
    op.create_index(
        "ix_revision_split", "revision", ["predecessors"], schema="titik", postgresql_using="gin",
        postgresql_where=sa.text("succession IS NOT NULL"),
    )  # fmt: skip
    for name in ("state", "override"):
        op.drop_constraint(op.f(f"ck_revision_{name}"), "revision", schema="titik")
    for name, condition in (
        ("state", STATES.format(more=", 'unpublished'")),
        ("override", f"{OVERRIDE} OR state IN ('draft', 'withdrawn', 'superseded')"),
        ("status", "status IN ('active', 'inactive', 'moved', 'closed')"),
        ("succession", "succession IN ('move', 'merge', 'split')"),
        ("predecessors", "(succession IS NULL) = (cardinality(predecessors) = 0)"),
        ("unpublish_reason", "state <> 'unpublished' OR ended_reason IS NOT NULL"),
    ):
        op.create_check_constraint(op.f(f"ck_revision_{name}"), "revision", condition, schema="titik")
    op.create_table(
        "retry",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("key_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("content_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("point_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["titik.account.id"], name=op.f("fk_retry_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "key_sha256", name=op.f("pk_retry")),
        schema="titik",
    )
    op.create_index(op.f("ix_retry_created_at"), "retry", ["created_at"], schema="titik")
    op.execute(ALIKE)
    op.execute(f"REVOKE ALL ON FUNCTION {OF_ALIKE} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {OF_ALIKE} TO titik_service")
    op.execute(f"DROP FUNCTION {OF_ALIKE_BEFORE}")
    for grant in GRANTS:
        op.execute(grant)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(f"REVOKE UPDATE ({MUTABLE}) ON titik.revision FROM titik_service")
    op.execute("GRANT UPDATE ON titik.revision TO titik_service")
    op.execute("REVOKE UPDATE (kelurahan, status) ON titik.point FROM titik_service")
    op.execute("GRANT UPDATE ON titik.point TO titik_service")
    before = ALIKE.replace("but_not uuid[]", "asked_point uuid").replace("<> ALL (but_not)", "<> asked_point")
    before = before.replace(" AND NOT but_not[1] = ANY (r.predecessors)", "")
    op.execute(before.replace("p.status IN ('active', 'inactive')", "p.status = 'active'"))
    op.execute(f"REVOKE ALL ON FUNCTION {OF_ALIKE_BEFORE} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {OF_ALIKE_BEFORE} TO titik_service")
    op.execute(f"DROP FUNCTION {OF_ALIKE}")
    op.drop_table("retry", schema="titik")
    for name in ("state", "override", "status", "succession", "predecessors", "unpublish_reason"):
        op.drop_constraint(op.f(f"ck_revision_{name}"), "revision", schema="titik")
    op.execute("UPDATE titik.revision SET state = 'withdrawn' WHERE state = 'unpublished'")
    op.create_check_constraint(op.f("ck_revision_state"), "revision", STATES.format(more=""), schema="titik")
    # What was a draft without an explanation when this went down keeps its place; only new rows are held to the old rule.
    op.execute(f"ALTER TABLE titik.revision ADD CONSTRAINT ck_revision_override CHECK ({OVERRIDE}) NOT VALID")
    op.drop_index("ix_revision_split", table_name="revision", schema="titik")
    op.drop_index(op.f("ix_revision_held_by"), table_name="revision", schema="titik")
    for column in ("held_by", "ended_by"):
        op.drop_constraint(op.f(f"fk_revision_{column}"), "revision", schema="titik")
    for column in ("status", "predecessors", "succession", "reason", "held_by", "ended_by", "ended_at", "ended_reason"):
        op.drop_column("revision", column, schema="titik")
