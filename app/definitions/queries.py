"""SQL of definitions: what is written when a category is added or changed, what its points have stored, how far its steps are."""

from app.statement import Statement

# Without an actor nobody sees points; an administrator changes what all of them must be, and so their number and ids are looked at as the system.
ACT_AS_SYSTEM = Statement("SELECT set_config('titik.role', 'system', true)")
# A narrowing looks at all values, and small categories are made anew within the transaction: that takes longer than a page may. What hides is
# not to fail because a step of an earlier change is at work: it stands before the next step, and waits for this one.
TAKE_TIME = Statement("""
    SELECT set_config('statement_timeout', '120s', true), set_config('idle_in_transaction_session_timeout', '120s', true),
           set_config('lock_timeout', '30s', true)
""")
# Writers of points share it (the trigger `check_categories`): whoever has it alone has seen all that were before.
HOLD_WRITERS = Statement("SELECT pg_advisory_xact_lock(hashtextextended('titik.category', 0))")

_COLUMNS = """id, title, description, attribute_schema, required, name_template, natural_key, cardinality, field_visibility, audience,
              public_decimals, expected_count, icon, colour, version"""
ALL = Statement(f"SELECT {_COLUMNS} FROM titik.category ORDER BY id")  # noqa: S608 - constants, joined at import
ONE = Statement(f"SELECT {_COLUMNS} FROM titik.category WHERE id = :category")  # noqa: S608
ONE_HELD = Statement(f"SELECT {_COLUMNS} FROM titik.category WHERE id = :category FOR UPDATE")  # noqa: S608
VERSIONS = Statement("""
    SELECT v.version, v.at, a.name AS account, v.definition
      FROM titik.category_version v LEFT JOIN titik.account a ON a.id = v.account_id
     WHERE v.category = :category AND v.version < CAST(:before AS int) ORDER BY v.version DESC LIMIT CAST(:limit AS int)
""")

_SENT = """jsonb_to_record(CAST(:definition AS jsonb)) AS sent (
           id text, title jsonb, description jsonb, attribute_schema jsonb, required text[], name_template jsonb, natural_key text[],
           cardinality text, field_visibility jsonb, audience text, public_decimals smallint, expected_count int, icon text, colour text)"""
ADD = Statement(f"""
    INSERT INTO titik.category (id, title, description, attribute_schema, required, name_template, natural_key, cardinality, field_visibility,
                                audience, public_decimals, expected_count, icon, colour)
    SELECT id, title, description, attribute_schema, required, CASE WHEN name_template <> 'null' THEN name_template END, natural_key, cardinality,
           field_visibility, audience, public_decimals, expected_count, icon, colour
      FROM {_SENT}
    ON CONFLICT (id) DO NOTHING
    RETURNING version
""")  # noqa: S608
SET = Statement(f"""
    UPDATE titik.category c
       SET title = sent.title, description = sent.description, attribute_schema = sent.attribute_schema, required = sent.required,
           name_template = CASE WHEN sent.name_template <> 'null' THEN sent.name_template END, natural_key = sent.natural_key, cardinality = sent.cardinality,
           field_visibility = sent.field_visibility, audience = sent.audience, public_decimals = sent.public_decimals,
           expected_count = sent.expected_count, icon = sent.icon, colour = sent.colour, version = c.version + 1
      FROM {_SENT}
     WHERE c.id = sent.id
    RETURNING c.version
""")  # noqa: S608

# What lives: published and not ended, or on its way.
_LIVE = """(r.state IN ('draft', 'submitted', 'returned') OR r.state = 'published' AND p.status IN ('active', 'inactive'))"""
VALUES = Statement(f"""
    SELECT p.id AS point, r.kelurahan, r.attributes,
           jsonb_build_object('name', r.name, 'address', r.address, 'rw', r.rw, 'rt', r.rt, 'captured_at', r.captured_at, 'accuracy_m', r.accuracy_m) AS common
      FROM titik.point p JOIN titik.revision r ON r.point_id = p.id
     WHERE p.category = :category AND {_LIVE} ORDER BY p.id
""")  # noqa: S608
# Points that a natural key takes for one. A key of which a part is missing is none.
TWINS = Statement(f"""
    WITH keyed AS (
        SELECT p.id, r.kelurahan, key.parts
          FROM titik.point p JOIN titik.revision r ON r.point_id = p.id
         CROSS JOIN LATERAL (
            SELECT array_agg(value) AS parts, bool_or(value IS NULL OR value = '') AS lacks
              FROM (SELECT lower(btrim(CASE field WHEN 'kelurahan' THEN r.kelurahan WHEN 'rw' THEN r.rw WHEN 'rt' THEN r.rt WHEN 'name' THEN r.name
                                                  ELSE r.attributes ->> field END)) AS value
                      FROM unnest(CAST(:fields AS text[])) AS named (field)) part) key
         WHERE p.category = :category AND {_LIVE} AND NOT key.lacks
    ), twin AS (
        SELECT parts FROM keyed GROUP BY parts HAVING count(DISTINCT id) > 1
    )
    SELECT found.point, found.kelurahan, count(*) OVER () AS number
      FROM (SELECT DISTINCT ON (k.id) k.id AS point, k.kelurahan FROM keyed k JOIN twin USING (parts) ORDER BY k.id) found
     ORDER BY found.point LIMIT CAST(:most AS int)
""")  # noqa: S608

COUNT_PUBLISHED = Statement("""
    SELECT count(*) FROM titik.point p JOIN titik.revision r ON r.point_id = p.id AND r.state = 'published'
     WHERE p.category = :category AND p.status IN ('active', 'inactive')
""")
BATCH = Statement("""
    SELECT p.id FROM titik.point p JOIN titik.revision r ON r.point_id = p.id AND r.state = 'published'
     WHERE p.category = :category AND p.status IN ('active', 'inactive') AND p.id > CAST(:after AS uuid) ORDER BY p.id LIMIT CAST(:size AS int)
""")
BUMP = tuple(
    Statement(f"UPDATE {half}.collection SET version = version + 1, updated_at = now() WHERE category = :category")  # noqa: S608 - one of two constants
    for half in ("internal", "published")
)

# Before a step has its row: whoever changes a category has the collections alone, and only then looks at the row.
JOIN_PUBLISHERS = Statement("LOCK TABLE internal.collection IN ROW EXCLUSIVE MODE")
STEPS = Statement("SELECT category, after, done, total, withheld FROM titik.category_steps WHERE category = :category")
ALL_STEPS = Statement("SELECT category, done, total FROM titik.category_steps")
STEPS_HELD = Statement("SELECT after, done, total, withheld FROM titik.category_steps WHERE category = :category FOR UPDATE")
# A change while another is still on its way: what either hides stays hidden, and the steps begin anew.
BEGIN_STEPS = Statement("""
    INSERT INTO titik.category_steps AS s (category, attributes, public_hidden, internal_hidden, public_cut, internal_cut, withheld, total)
    VALUES (:category, CAST(:attributes AS text[]), CAST(:public_hidden AS text[]), CAST(:internal_hidden AS text[]), CAST(:public_cut AS text[]),
            CAST(:internal_cut AS text[]), :withheld, CAST(:total AS bigint))
    ON CONFLICT (category) DO UPDATE SET
        attributes = EXCLUDED.attributes, public_hidden = EXCLUDED.public_hidden, internal_hidden = EXCLUDED.internal_hidden,
        public_cut = ARRAY(SELECT DISTINCT unnest(s.public_cut || EXCLUDED.public_cut)),
        internal_cut = ARRAY(SELECT DISTINCT unnest(s.internal_cut || EXCLUDED.internal_cut)),
        withheld = s.withheld OR EXCLUDED.withheld, total = EXCLUDED.total, after = DEFAULT, done = 0, begun_at = now()
""")
MOVE_ON = Statement(
    "UPDATE titik.category_steps SET after = CAST(:after AS uuid), done = done + CAST(:number AS int) WHERE category = :category"
)
END_STEPS = Statement("DELETE FROM titik.category_steps WHERE category = :category")

# Public items of a category that is no longer public.
WITHDRAW = Statement("""
    DELETE FROM published.item i USING titik.category c WHERE c.id = i.category AND c.audience <> 'public' AND i.id = ANY (CAST(:points AS uuid[]))
""")
HIDE_PHOTOS = Statement("""
    DELETE FROM published.photo f USING titik.point p, titik.category c
     WHERE p.id = f.point_id AND c.id = p.category AND p.category = :category
       AND NOT (c.audience = 'public' AND coalesce(c.field_visibility ->> 'photos', '') = 'public')
""")
# Events of the last month that can be sent again: they say what may be said now.
CUT_EVENTS = Statement("""
    UPDATE titik.outbox o
       SET feature = (SELECT i.feature FROM published.shown_item i WHERE i.id = CAST(o.subject AS uuid))
     WHERE o.category = :category AND o.feature IS NOT NULL
""")
