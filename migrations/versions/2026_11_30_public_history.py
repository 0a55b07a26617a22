"""What everybody may know of a point beside its item: by which edition its place was judged, when it was public, and what became of it.

It says which public fields have changed, and none of their former values: what was taken out of publication stays out of it.

Revision: 0031_public_history, after 0030_reports
"""

from alembic import op

revision = "0031_public_history"
down_revision = "0030_reports"
branch_labels = None
depends_on = None

# NULL for what was never public, and for categories that are not for everybody. Of superseded revisions only the record tells whether they had
# been published. A place counts as another one where its public coordinates are others.
PUBLIC_HISTORY = """
CREATE FUNCTION titik.public_history(wanted uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH subject AS MATERIALIZED (
        SELECT p.id, p.category, p.kelurahan, p.status, c.public_decimals,
               ARRAY(SELECT key FROM jsonb_each_text(c.field_visibility) WHERE value <> 'public') AS hidden
          FROM titik.point p JOIN titik.category c ON c.id = p.category AND c.audience = 'public'
         WHERE p.id = wanted
    ), public_revision AS MATERIALIZED (
        SELECT r.number, r.state, r.status, r.succession, r.decided_at, r.ended_at, r.edition_id,
               CASE WHEN s.public_decimals IS NULL THEN ST_AsText(r.geom)
                    ELSE concat_ws(' ', round(ST_X(r.geom)::numeric, s.public_decimals), round(ST_Y(r.geom)::numeric, s.public_decimals)) END AS place,
               (jsonb_build_object('name', r.name, 'kelurahan', r.kelurahan, 'status', r.status, 'address', r.address, 'rw', r.rw, 'rt', r.rt,
                                   'accuracy_m', r.accuracy_m, 'method', r.method) || r.attributes) - s.hidden AS content
          FROM titik.revision r JOIN subject s ON s.id = r.point_id
         WHERE r.decided_at IS NOT NULL
           AND (r.state IN ('published', 'unpublished')
                OR (r.state = 'superseded'
                    AND EXISTS (SELECT FROM titik.audit a WHERE a.subject = r.id::text AND a.action = 'revision.publish')))
    ), compared AS (
        SELECT r.*, lag(r.content) OVER upwards AS former, lag(r.place) OVER upwards AS former_place
          FROM public_revision r WINDOW upwards AS (ORDER BY r.number)
    ), event AS (
        SELECT c.decided_at AS at, c.number, 0 AS part,
               CASE WHEN c.status = 'closed' THEN 'closed' WHEN c.former IS NULL THEN coalesce(c.succession, 'new') ELSE 'changed' END AS deed,
               CASE WHEN c.former IS NULL OR c.status = 'closed' THEN '{}'
                    ELSE ARRAY(SELECT key FROM (SELECT jsonb_object_keys(c.content) UNION SELECT jsonb_object_keys(c.former)) AS named (key)
                                WHERE NULLIF(c.content -> key, 'null') IS DISTINCT FROM NULLIF(c.former -> key, 'null') ORDER BY key)
                         || CASE WHEN c.place <> c.former_place THEN ARRAY['geometry'] ELSE '{}' END END AS fields
          FROM compared c
        UNION ALL
        SELECT c.ended_at, c.number, 1, 'unpublished', '{}' FROM compared c WHERE c.state = 'unpublished'
    )
    SELECT jsonb_build_object(
               'category', s.category, 'kelurahan', s.kelurahan, 'status', s.status, 'decimals', s.public_decimals,
               'edition', (SELECT e.name FROM public_revision r JOIN titik.boundary_edition e ON e.id = r.edition_id WHERE r.state = 'published'),
               'successors', coalesce((SELECT jsonb_agg(DISTINCT i.id)
                                         FROM titik.revision r JOIN published.item i ON i.id = r.point_id
                                        WHERE r.predecessors @> ARRAY[s.id] AND r.succession IS NOT NULL AND r.state = 'published'), '[]'),
               'events', (SELECT jsonb_agg(jsonb_build_object('at', shown.at, 'deed', shown.deed, 'fields', shown.fields)
                                           ORDER BY shown.number DESC, shown.part DESC)
                            FROM (SELECT * FROM event ORDER BY number DESC, part DESC LIMIT 50) shown))
      FROM subject s WHERE EXISTS (SELECT FROM public_revision)
$$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(PUBLIC_HISTORY)
    op.execute("REVOKE ALL ON FUNCTION titik.public_history(uuid) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION titik.public_history(uuid) TO titik_public, titik_internal, titik_service")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP FUNCTION titik.public_history(uuid)")
