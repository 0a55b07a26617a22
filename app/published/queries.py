"""SQL of what the catalogue knows: how collections stand, and what categories, indicators and the edition in force say."""

from app.statement import Statement

STATE = Statement("""
    SELECT (SELECT coalesce(jsonb_agg(to_jsonb(c) || jsonb_build_object(
                       'begins_at', (SELECT min(i.captured_at) FROM published.item i WHERE i.category = c.category),
                       'ends_at', (SELECT max(i.captured_at) FROM published.item i WHERE i.category = c.category))
                       || CASE WHEN c.category = ANY (CAST(:profiles AS text[])) THEN jsonb_build_object(
                              'begins_at', (SELECT min(v.begins)::timestamp AT TIME ZONE 'UTC' FROM published.profile_value v),
                              'ends_at', (SELECT (max(v.ends) + 1)::timestamp AT TIME ZONE 'UTC' - interval '1 second' FROM published.profile_value v))
                          ELSE '{}' END), '[]')
              FROM published.collection c) AS published,
           (SELECT coalesce(jsonb_agg(to_jsonb(c) || jsonb_build_object(
                       'begins_at', (SELECT min(i.captured_at) FROM internal.item i WHERE i.category = c.category),
                       'ends_at', (SELECT max(i.captured_at) FROM internal.item i WHERE i.category = c.category))
                       || CASE WHEN c.category = ANY (CAST(:profiles AS text[])) THEN jsonb_build_object(
                              'begins_at', (SELECT min(v.begins)::timestamp AT TIME ZONE 'UTC' FROM internal.profile_value v),
                              'ends_at', (SELECT (max(v.ends) + 1)::timestamp AT TIME ZONE 'UTC' - interval '1 second' FROM internal.profile_value v))
                          ELSE '{}' END), '[]')
              FROM internal.collection c) AS internal,
           (SELECT coalesce(jsonb_agg(jsonb_build_object('id', c.id, 'version', c.version, 'created_at', c.created_at,
                                                             'is_stepping', s.category IS NOT NULL)), '[]')
              FROM titik.category c LEFT JOIN titik.category_steps s ON s.category = c.id) AS categories,
           (SELECT jsonb_build_object('id', e.id, 'name', e.name, 'accuracy_m', e.accuracy_m, 'approximate', e.approximate,
                                      'activated_at', e.activated_at)
              FROM titik.boundary_edition e WHERE e.active) AS edition,
           (SELECT coalesce(sum(c.changes), 0)::int FROM titik.city c) AS cities,
           (SELECT count(*)::int FROM titik.indicator) AS indicators,
           (SELECT jsonb_build_object('number', h.number, 'kept', h.identity, 'found', titik.identity(),
                                      'below', pg_snapshot_xmin(pg_current_snapshot())::text) FROM titik.history h) AS history
""")
CATEGORIES = Statement("""
    SELECT id, title, description, attribute_schema::text AS attribute_schema, field_visibility, audience, version, icon, colour
      FROM titik.category ORDER BY id
""")
# What each of them says now, where officers give figures of kelurahan for it.
INDICATORS = Statement("""
    SELECT i.id, i.definition -> 'name' AS title, i.definition -> 'unit' AS unit, i.definition ->> 'audience' AS audience
      FROM titik.indicator i
     WHERE NOT EXISTS (SELECT FROM titik.indicator later WHERE later.id = i.id AND later.version = i.version + 1)
       AND i.definition ->> 'kind' = 'entered' AND i.definition -> 'levels' ? 'kelurahan'
     ORDER BY i.id
""")
EXTENT = Statement("""
    SELECT ARRAY[ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box)] AS extent,
           (SELECT count(*) FROM published.area WHERE level = 'kelurahan') AS kelurahan,
           (SELECT count(*) FROM published.area WHERE level = 'kecamatan') AS kecamatan
      FROM (SELECT ST_Extent(b.geom) AS box FROM titik.boundary b JOIN titik.boundary_edition e ON e.id = b.edition_id AND e.active) all_of_it
""")

SRIDS = Statement("""
    SELECT array_agg(w.srid ORDER BY w.n)
      FROM unnest(CAST(:wanted AS int[])) WITH ORDINALITY AS w (srid, n)
      JOIN spatial_ref_sys s ON s.auth_name = 'EPSG' AND s.srid = w.srid AND s.auth_srid = w.srid
""")
