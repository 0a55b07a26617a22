"""Points that are the same, or look it, are found by indexes, and shown to nobody who may not see them.

Revision: 0003_likeness, after 0002_audit_chain
"""

import sqlalchemy as sa
from alembic import op

revision = "0003_likeness"
down_revision = "0002_audit_chain"
branch_labels = None
depends_on = None

LIVE = sa.text("state IN ('draft', 'submitted', 'returned', 'published')")

# Why a function of the owner: `&&` and `@>` are not leakproof, so that under row-level security no index would serve them; and a
# registration number may be taken in a kelurahan that the writer cannot see. What such a writer is shown of a foreign point is what
# everybody sees of it: its published name and its published place, which for an RT is rounded. Distances from the true place would
# let a neighbour find a home by posting around it. A foreign point that is not public is told as a row without an id: taken, no more.
#
# Why plpgsql: each statement within sees what was committed before it began. The second of two writers with the same key waits for
# the lock, then looks; a lock taken in the same plain statement would look with the eyes of before the wait.
ALIKE = """
CREATE FUNCTION titik.alike(
    asked_category text, key_common jsonb, key_attributes jsonb, asked_point uuid, asked_name text, lon float8, lat float8,
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
                   AND p.category = asked_category AND p.status = 'active' AND p.id <> asked_point
                   AND titik.common_key(r.kelurahan, r.rw, r.rt, r.name) @> key_common);
        ELSIF key_common ?& ARRAY['kelurahan', 'rw', 'rt'] THEN
            taken := ARRAY(
                SELECT r.id FROM titik.revision r JOIN titik.point p ON p.id = r.point_id
                 WHERE r.state IN ('draft', 'submitted', 'returned', 'published')
                   AND r.kelurahan = key_common ->> 'kelurahan' AND r.rw = key_common ->> 'rw' AND r.rt = key_common ->> 'rt'
                   AND p.category = asked_category AND p.status = 'active' AND p.id <> asked_point
                   AND titik.common_key(r.kelurahan, r.rw, r.rt, r.name) @> key_common);
        ELSE
            -- One in each kelurahan, or keys of names. OFFSET 0: from the few points to their revisions, never the other way round.
            taken := ARRAY(
                SELECT r.id
                  FROM titik.point p
                  CROSS JOIN LATERAL (SELECT * FROM titik.revision r
                                       WHERE r.point_id = p.id AND r.state IN ('draft', 'submitted', 'returned', 'published')
                                      OFFSET 0) r
                 WHERE p.category = asked_category AND p.status = 'active' AND p.id <> asked_point
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
                           AND p.category = asked_category AND p.status = 'active' AND p.id <> asked_point AND titik.may_see(r.kelurahan)
                        UNION ALL
                        SELECT i.id, i.name, i.kelurahan, 'published', i.geom, i.version
                          FROM published.item i
                         WHERE i.geom && around AND i.category = asked_category AND i.id <> asked_point
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
                      AND p.status = 'active' AND p.id <> asked_point);
END
$$
"""

# Names are compared in small letters, with blanks folded.
FOLDED = r"""
CREATE FUNCTION titik.folded(name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT lower(btrim(regexp_replace(name, '\s+', ' ', 'g')))
$$
"""

# The common properties that a natural key may name.
COMMON_KEY = """
CREATE FUNCTION titik.common_key(kelurahan text, rw text, rt text, name text) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT jsonb_build_object('kelurahan', kelurahan, 'rw', rw, 'rt', rt, 'name', titik.folded(name))
$$
"""

OF_ALIKE = "titik.alike(text, jsonb, jsonb, uuid, text, float8, float8, float8, float8, int)"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.create_index("ix_revision_number", "revision", ["kelurahan", "rw", "rt"], schema="titik", postgresql_where=LIVE)
    op.create_index(op.f("ix_point_category_kelurahan"), "point", ["category", "kelurahan"], schema="titik")
    # Without fastupdate: what waits in its pending list would be read from end to end by every look.
    op.create_index(
        "ix_revision_attributes",
        "revision",
        ["attributes"],
        schema="titik",
        postgresql_using="gin",
        postgresql_ops={"attributes": "jsonb_path_ops"},
        postgresql_where=LIVE,
        postgresql_with={"fastupdate": "off"},
    )
    op.execute(FOLDED)
    op.execute(COMMON_KEY)
    op.execute(ALIKE)
    op.execute(f"REVOKE ALL ON FUNCTION {OF_ALIKE} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {OF_ALIKE} TO titik_service")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(f"DROP FUNCTION {OF_ALIKE}")
    op.execute("DROP FUNCTION titik.common_key(text, text, text, text)")
    op.execute("DROP FUNCTION titik.folded(text)")
    op.drop_index(op.f("ix_point_category_kelurahan"), table_name="point", schema="titik")
    op.drop_index("ix_revision_attributes", table_name="revision", schema="titik")
    op.drop_index("ix_revision_number", table_name="revision", schema="titik")
