"""Every item has every property of its schema, null where nothing is known; the times of a collection are found in its index.

Revision: 0021_nulls, after 0020_without_if_match
"""

import sqlalchemy as sa
from alembic import op

revision = "0021_nulls"
down_revision = "0020_without_if_match"
branch_labels = None
depends_on = None

HALVES = ("published", "internal")

# The Feature as it leaves the service: the properties of all categories first, then those of its own, each by its name, null where `visible`
# has none. Cut off behind the first and closed with `common_tail` it is the Feature of the collection `points`, which also has those of all
# that this category hides. Put together property by property, for jsonb would be written with blanks.
FRAGMENT = """
CREATE FUNCTION titik.fragment(id uuid, geom public.geometry, visible jsonb, own text[] DEFAULT '{}', hidden text[] DEFAULT '{}',
                               OUT feature text, OUT common_length int, OUT common_tail text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT head || coalesce(',' || tail, '') || '}}', length(head), coalesce(',' || missing, '') || '}}'
      FROM (SELECT '{"type":"Feature","id":"' || id || '","geometry":' || public.ST_AsGeoJSON(geom, 7) || ',"properties":{' ||
                   string_agg(text, ',' ORDER BY n) FILTER (WHERE is_common AND name <> ALL (hidden)) AS head,
                   string_agg(text, ',' ORDER BY n) FILTER (WHERE is_common AND name = ANY (hidden)) AS missing,
                   string_agg(text, ',' ORDER BY n) FILTER (WHERE NOT is_common AND name <> ALL (hidden)) AS tail
              FROM (SELECT name, n, n <= 14 AS is_common, to_json(name)::text || ':' || coalesce((visible -> name)::text, 'null') AS text
                      FROM unnest(ARRAY['category', 'name', 'kelurahan', 'kelurahan_name', 'kecamatan', 'status', 'address', 'rw', 'rt', 'accuracy_m',
                                        'method', 'captured_at', 'verified_at', 'predecessors'] || own) WITH ORDINALITY AS known (name, n)
                   ) property) parts
$$
"""
FRAGMENT_BEFORE = """
CREATE FUNCTION titik.fragment(id uuid, geom public.geometry, visible jsonb, OUT feature text, OUT common_length int)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT head || CASE tail WHEN '{}' THEN '}}' ELSE ',' || substr(tail, 2) || '}' END, length(head)
      FROM (SELECT '{"type":"Feature","id":"' || id || '","geometry":' || public.ST_AsGeoJSON(geom, 7) || ',"properties":' || rtrim(
                       json_strip_nulls(json_build_object(
                           'category', visible -> 'category', 'name', visible -> 'name', 'kelurahan', visible -> 'kelurahan',
                           'kelurahan_name', visible -> 'kelurahan_name', 'kecamatan', visible -> 'kecamatan', 'status', visible -> 'status',
                           'address', visible -> 'address', 'rw', visible -> 'rw', 'rt', visible -> 'rt',
                           'accuracy_m', visible -> 'accuracy_m', 'method', visible -> 'method', 'captured_at', visible -> 'captured_at',
                           'verified_at', visible -> 'verified_at', 'predecessors', visible -> 'predecessors'))::text, '}') AS head,
                   json_strip_nulls((visible - ARRAY['category', 'name', 'kelurahan', 'kelurahan_name', 'kecamatan', 'status', 'address',
                       'rw', 'rt', 'accuracy_m', 'method', 'captured_at', 'verified_at', 'predecessors'])::json)::text AS tail) parts
$$
"""
# As publishing does it. Collections get a new version, so that nobody keeps a page of before.
REWRITE = """
    WITH shape AS MATERIALIZED (
        SELECT c.id AS category, ARRAY(SELECT jsonb_object_keys(CAST(c.attribute_schema AS jsonb) -> 'properties')) AS own,
               ARRAY(SELECT key FROM jsonb_each_text(c.field_visibility) WHERE {hidden}) AS hidden
          FROM titik.category c
    ), made AS (
        SELECT i.id, fragment.* FROM {half}.item i JOIN shape s ON s.category = i.category,
               titik.fragment(i.id, i.geom, i.properties, s.own, s.hidden) fragment
    )
    UPDATE {half}.item i SET feature = made.feature, common_length = made.common_length, common_tail = made.common_tail FROM made WHERE made.id = i.id
"""
REWRITE_BEFORE = """
    UPDATE {half}.item i SET feature = made.feature, common_length = made.common_length
      FROM {half}.item source, titik.fragment(source.id, source.geom, source.properties) made WHERE source.id = i.id
"""
HIDDEN = {"published": "true", "internal": "value = 'restricted'"}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(FRAGMENT)
    op.execute("DROP FUNCTION titik.fragment(uuid, public.geometry, jsonb)")
    for half in HALVES:
        op.add_column("item", sa.Column("common_tail", sa.Text(), server_default=sa.text("'}}'"), nullable=False), schema=half)
        op.execute(REWRITE.format(half=half, hidden=HIDDEN[half]))
        op.execute(f"UPDATE {half}.collection SET version = version + 1")  # noqa: S608 - the name of a schema
        op.create_index(op.f("ix_item_category_captured_at"), "item", ["category", "captured_at"], schema=half)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(FRAGMENT_BEFORE)
    op.execute("DROP FUNCTION titik.fragment(uuid, public.geometry, jsonb, text[], text[])")
    for half in HALVES:
        op.drop_index(op.f("ix_item_category_captured_at"), table_name="item", schema=half)
        op.execute(REWRITE_BEFORE.format(half=half))
        op.execute(f"UPDATE {half}.collection SET version = version + 1")  # noqa: S608
        op.drop_column("item", "common_tail", schema=half)
