"""Which fields all points have is said in one place of the database too.

Revision: 0024_common_fields, after 0023_one_order
"""

from alembic import op

revision = "0024_common_fields"
down_revision = "0023_one_order"
branch_labels = None
depends_on = None

# The public ones of `app/common_fields.py`, in their order; a test holds them to it. A new field replaces this function.
COMMON_FIELDS = """
CREATE FUNCTION titik.common_fields() RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ARRAY['category', 'name', 'kelurahan', 'kelurahan_name', 'kecamatan', 'status', 'address', 'rw', 'rt', 'accuracy_m', 'method',
                 'captured_at', 'verified_at', 'predecessors']
$$
"""
# As before (0021_nulls), but for the names.
FRAGMENT = """
CREATE OR REPLACE FUNCTION titik.fragment(id uuid, geom public.geometry, visible jsonb, own text[] DEFAULT '{{}}', hidden text[] DEFAULT '{{}}',
                                          OUT feature text, OUT common_length int, OUT common_tail text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT head || coalesce(',' || tail, '') || '}}}}', length(head), coalesce(',' || missing, '') || '}}}}'
      FROM (SELECT '{{"type":"Feature","id":"' || id || '","geometry":' || public.ST_AsGeoJSON(geom, 7) || ',"properties":{{' ||
                   string_agg(text, ',' ORDER BY n) FILTER (WHERE is_common AND name <> ALL (hidden)) AS head,
                   string_agg(text, ',' ORDER BY n) FILTER (WHERE is_common AND name = ANY (hidden)) AS missing,
                   string_agg(text, ',' ORDER BY n) FILTER (WHERE NOT is_common AND name <> ALL (hidden)) AS tail
              FROM (SELECT name, n, n <= {number} AS is_common, to_json(name)::text || ':' || coalesce((visible -> name)::text, 'null') AS text
                      FROM unnest({names} || own) WITH ORDINALITY AS known (name, n)
                   ) property) parts
$$
"""
NAMES_BEFORE = """ARRAY['category', 'name', 'kelurahan', 'kelurahan_name', 'kecamatan', 'status', 'address', 'rw', 'rt', 'accuracy_m',
                                        'method', 'captured_at', 'verified_at', 'predecessors']"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(COMMON_FIELDS)
    op.execute(FRAGMENT.format(names="titik.common_fields()", number="cardinality(titik.common_fields())"))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(FRAGMENT.format(names=NAMES_BEFORE, number="14"))
    op.execute("DROP FUNCTION titik.common_fields()")
