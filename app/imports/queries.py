"""SQL of imports."""

from app.audit.record import revision_sha256
from app.common_fields import CONTENT, columns
from app.points.queries import AS_WORKED_ON, KIND
from app.statement import Statement

ADD = Statement("""
    INSERT INTO titik.import (id, account_id, category, name, sha256, size, options)
    VALUES (CAST(:id AS uuid), CAST(:account_id AS int), :category, :name, CAST(:sha256 AS bytea), CAST(:size AS bigint), CAST(:options AS jsonb))
    ON CONFLICT (id) DO NOTHING
    RETURNING true
""")
ADD_PART = Statement("""
    INSERT INTO titik.import_file (import_id, part, account_id, content)
    VALUES (CAST(:import_id AS uuid), CAST(:part AS int), CAST(:account_id AS int), CAST(:content AS bytea))
""")
PART = Statement("SELECT content FROM titik.import_file WHERE import_id = :import_id AND part = CAST(:part AS int)")

# Two files that come at once must not both find the last place.
HOLD_QUOTA = Statement("SELECT pg_advisory_xact_lock(hashtextextended('imports of ' || CAST(CAST(:account_id AS int) AS text), 0))")
USED = Statement("""
    SELECT count(*) FILTER (WHERE state IN ('queued', 'judging', 'judged', 'committing')) AS open,
           CAST(coalesce(sum(size), 0) AS bigint) AS bytes,
           CAST(coalesce(sum(greatest(CAST(found ->> 'rows' AS int), done)), 0) AS bigint) AS rows
      FROM titik.import WHERE account_id = CAST(:account_id AS int)
""")

_SHOWN = """
    SELECT id, category, name, sha256, size, options, state, problem, found, edition_id, category_version, done, total, attempts, created_at,
           judged_at, committed_at
      FROM titik.import
"""
ONE = Statement(_SHOWN + " WHERE id = :id")
HOLD = Statement(_SHOWN + " WHERE id = :id FOR UPDATE")
LIST = Statement(
    _SHOWN + " WHERE account_id = CAST(:account_id AS int) AND id < CAST(:before AS uuid) ORDER BY id DESC LIMIT CAST(:limit AS int)"
)
REMOVE = Statement("DELETE FROM titik.import WHERE id = :id AND state IN ('queued', 'judged', 'failed', 'committed') RETURNING true")

# For whoever has looked already whether the import is the asker's.
AS_SYSTEM = Statement("SELECT set_config('titik.role', 'system', true)")

# What waits without a job, which cannot be: put back, if it is ever seen. The lock is that of `titik.next_import`, which moves jobs about.
TURNS_STAND = Statement("SELECT pg_advisory_xact_lock(hashtextextended('next import', 0))")
LOST = Statement("""
    SELECT i.id FROM titik.import i
     WHERE i.state IN ('queued', 'judging', 'committing')
       AND NOT EXISTS (SELECT FROM queue.pgqueuer q WHERE q.entrypoint = 'import' AND q.payload = convert_to(i.id::text, 'UTF8'))
""")

# Who acts in a job; no row: the account is gone, or may not any more.
ACT = Statement("SELECT account_id, name, role, kelurahan, categories FROM titik.act_for_import(CAST(:id AS uuid))")

# One job of an import at a time, as long as its connection lives: another worker may think that the first is dead.
ALONE = Statement("SELECT pg_try_advisory_lock(hashtextextended('import ' || CAST(CAST(:id AS uuid) AS text), 0))")
# A job that begins. What an earlier try has left of it goes; why a file is judged again stays to be seen until somebody commits.
BEGIN = Statement("""
    UPDATE titik.import SET state = :state, attempts = attempts + 1, done = 0, problem = CASE problem ->> 'code' WHEN 'import-outdated' THEN problem END,
           judged_at = CASE CAST(:state AS text) WHEN 'judging' THEN NULL ELSE judged_at END
     WHERE id = :id
    RETURNING attempts
""")
NOT_TRIED = Statement("UPDATE titik.import SET attempts = greatest(attempts - 1, 0) WHERE id = :id")
EMPTY = Statement("DELETE FROM titik.import_row WHERE import_id = :id")
# What the columns were taken for, before any row is judged: also to be seen where nothing comes of the rows.
LAID_OUT = Statement("UPDATE titik.import SET found = CAST(:found AS jsonb) WHERE id = :id")
# Rows whose place turned out to be that of several; how many they are, and how many of them were good until then.
SHARED = Statement("""
    WITH told AS (
        UPDATE titik.import_row row
           SET level = CASE before.level WHEN 'good' THEN 'warned' ELSE before.level END,
               findings = coalesce(row.findings, '[]') || CAST(:finding AS jsonb)
          FROM titik.import_row before
         WHERE row.import_id = CAST(:id AS uuid) AND row.number = ANY (CAST(:numbers AS int[])) AND row.level <> 'fault'
           AND before.import_id = row.import_id AND before.number = row.number
        RETURNING before.level
    )
    SELECT count(*) AS rows, count(*) FILTER (WHERE level = 'good') AS good FROM told
""")
# What was judged can be judged again: nobody waits for the disk after each batch. The last one, which says that all is done, waits for all.
LIGHTLY = Statement("SELECT set_config('synchronous_commit', 'off', true)")
PROGRESS = Statement("UPDATE titik.import SET done = done + CAST(:done AS int) WHERE id = :id")
JUDGED = Statement("""
    UPDATE titik.import SET state = 'judged', judged_at = now(), attempts = 0, found = CAST(:found AS jsonb), edition_id = CAST(:edition_id AS int),
           category_version = CAST(:category_version AS int), done = CAST(:done AS int), total = CAST(:done AS int)
     WHERE id = :id
""")
FAILED = Statement("UPDATE titik.import SET state = 'failed', problem = CAST(:problem AS jsonb) WHERE id = :id AND state <> 'committed'")
ASK = Statement("""
    UPDATE titik.import SET state = 'committing', options = options || CAST(:options AS jsonb), problem = NULL, attempts = 0, done = 0, total = NULL
     WHERE id = :id
""")
# With the rows the samples of the columns go, in which anything may stand that somebody has typed.
COMMITTED = Statement("""
    UPDATE titik.import SET state = 'committed', committed_at = now(), done = CAST(:done AS int), total = CAST(:done AS int),
           found = found || CAST(:found AS jsonb)
                   || jsonb_build_object('columns', (SELECT coalesce(jsonb_agg(c.one - 'samples' ORDER BY c.at), '[]')
                                                       FROM jsonb_array_elements(found -> 'columns') WITH ORDINALITY AS c (one, at)))
     WHERE id = :id
""")
AGAIN = Statement("""
    UPDATE titik.import SET state = 'queued', problem = CAST(:problem AS jsonb), attempts = 0, done = 0, total = NULL, options = options - 'answers'
     WHERE id = :id
""")
# The same because its owner says otherwise what the columns are. Answers were about what was found before.
REJUDGE = Statement("""
    UPDATE titik.import SET state = 'queued', problem = NULL, attempts = 0, done = 0, total = NULL, judged_at = NULL,
           options = (options - 'answers') || CAST(:options AS jsonb)
     WHERE id = :id
""")
ANSWER = Statement("""
    UPDATE titik.import SET options = options || jsonb_build_object('answers', CAST(:answers AS jsonb)) WHERE id = :id
""")

# As one JSON text: COPY is not to be had under row-level security, and arrays cost the driver a look at every element.
_COLUMNS = {
    "number": "int", "level": "text", "act": "text", "asks": "text", "findings": "jsonb", "point_id": "uuid", "based_on": "int",
    "lon": "float8", "lat": "float8", **{field.name: str(field.sql) for field in CONTENT}, "attributes": "jsonb",
    "verdict": "text", "found_in": "text", "distance_m": "float8", "placement": "jsonb", "flags": "text", "key": "jsonb",
    "repair": "jsonb", "people": "jsonb",
}  # fmt: skip
ADD_ROWS = Statement(
    f"""
    INSERT INTO titik.import_row (import_id, account_id, content_sha256, {", ".join(_COLUMNS)})
    SELECT CAST(:import_id AS uuid), CAST(:account_id AS int), decode(content_sha256, 'hex'), {", ".join(_COLUMNS)}
      FROM json_to_recordset(CAST(:rows AS json))
           AS row (content_sha256 text, {", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())})
    """  # noqa: S608 - constants, joined at import
)

# What is already there, for many rows at once: see the migration.
ALIKE_MANY = Statement("""
    SELECT asked_at, kind, point_id, own, name, kelurahan, distance_m
      FROM titik.alike_many(:category, CAST(:asked AS jsonb), CAST(:within_m AS float8), CAST(:at_least AS float8))
     UNION ALL
    SELECT asked_at, 'close', point_id, own, name, kelurahan, distance_m
      FROM titik.alike_many(:category, CAST(:asked_close AS jsonb), CAST(:close_m AS float8), 0)
     WHERE kind = 'near'
""")
# The newest revision of each of these points as its holder reads it, and where the public sees it: an export of the public half must
# not move what is rounded there.
NEWEST_OF_MANY = Statement(f"""
    SELECT DISTINCT ON (r.point_id) {AS_WORKED_ON}, ST_X(i.geom) AS public_lon, ST_Y(i.geom) AS public_lat
      FROM titik.revision r
      JOIN titik.point p ON p.id = r.point_id
      JOIN titik.region k ON k.code = r.kelurahan
      JOIN titik.region c ON c.code = k.parent_code
      LEFT JOIN published.item i ON i.id = r.point_id
     WHERE r.point_id = ANY (CAST(:points AS uuid[])) AND r.state IN ('draft', 'submitted', 'returned', 'published', 'unpublished')
     ORDER BY r.point_id, r.number DESC
""")  # noqa: S608 - constants, joined at import

# Which of these ids points have, whoever may see them.
TAKEN_IDS = Statement("SELECT id FROM titik.taken_ids(CAST(:points AS uuid[])) AS id")

# Which rows a commit takes: `numbers` NULL means all that are good; of the others those whose question is answered with yes, by its kind or
# for the row alone. A row alone that was answered with no stays out.
_ANSWERED = """
    number <> ALL (CAST(:refused AS int[])) AND (string_to_array(asks, ' ') <@ CAST(:accept AS text[]) OR number = ANY (CAST(:accepted AS int[])))
"""
_FIT = f"""
    (CAST(:numbers AS int[]) IS NULL OR number = ANY (CAST(:numbers AS int[])))
    AND (level IN ('good', 'warned') OR (level = 'question' AND (CAST(:numbers AS int[]) IS NOT NULL OR ({_ANSWERED}))))
"""
_CHOSEN = f"import_id = CAST(:id AS uuid) AND {_FIT}"
# What a commit would do now.
PLAN = Statement(f"""
    SELECT count(*) FILTER (WHERE is_fit AND act = 'create') AS create, count(*) FILTER (WHERE is_fit AND act = 'update') AS update,
           count(*) FILTER (WHERE is_fit AND act = 'same') AS same, count(*) FILTER (WHERE NOT is_fit AND level = 'question') AS unanswered,
           count(*) FILTER (WHERE level = 'fault') AS fault
      FROM (SELECT act, level, ({_FIT}) AS is_fit FROM titik.import_row WHERE import_id = CAST(:id AS uuid)) row
""")  # noqa: S608 - constants
BLOCKED = Statement(f"SELECT count(*) FROM titik.import_row WHERE import_id = CAST(:id AS uuid) AND NOT ({_FIT})")  # noqa: S608
QUESTIONS_AMONG = Statement("""
    SELECT number FROM titik.import_row WHERE import_id = CAST(:id AS uuid) AND number = ANY (CAST(:numbers AS int[])) AND level = 'question'
""")
COUNT_CHOSEN = Statement(
    f"SELECT act, count(*) AS number FROM titik.import_row WHERE {_CHOSEN} AND act <> 'same' GROUP BY act"  # noqa: S608 - constants
)
NOT_CHOSEN = Statement("""
    SELECT number FROM titik.import_row WHERE import_id = CAST(:id AS uuid) AND number = ANY (CAST(:numbers AS int[])) AND level <> 'fault'
""")

HOLD_POINTS = Statement(f"""
    SELECT id FROM titik.point
     WHERE id IN (SELECT point_id FROM titik.import_row WHERE {_CHOSEN} AND act = ANY (CAST(:acts AS text[]))) ORDER BY id FOR UPDATE
""")  # noqa: S608
# Points that somebody has changed since the file was judged: their rows are left out, and say why.
OVERTAKEN = Statement(
    f"""
    UPDATE titik.import_row row SET level = 'fault', findings = coalesce(findings, '[]') || CAST(:finding AS jsonb)
     WHERE {_CHOSEN} AND act = 'update'
       AND (based_on IS DISTINCT FROM (SELECT max(r.number) FROM titik.revision r
                                        WHERE r.point_id = row.point_id
                                          AND r.state IN ('draft', 'submitted', 'returned', 'published', 'unpublished'))
            OR NOT EXISTS (SELECT FROM titik.point p WHERE p.id = row.point_id AND p.status IN ('active', 'inactive')))
    RETURNING number
    """  # noqa: S608
)
# Ids of new points that others have taken since: such a row is left out too. Materialized, because what looks like one row to the planner
# may be 200,000: it would ask for each.
ID_TAKEN = Statement(
    f"""
    WITH taken AS MATERIALIZED (
        SELECT id FROM titik.taken_ids(ARRAY(SELECT point_id FROM titik.import_row WHERE {_CHOSEN} AND act = 'create')) AS id
    )
    UPDATE titik.import_row SET level = 'fault', findings = coalesce(findings, '[]') || CAST(:finding AS jsonb)
     WHERE {_CHOSEN} AND act = 'create' AND point_id IN (SELECT id FROM taken)
    RETURNING number
    """  # noqa: S608
)
TAKEN = Statement("""
    UPDATE titik.import_row SET level = 'fault', findings = coalesce(findings, '[]') || CAST(:finding AS jsonb)
     WHERE import_id = CAST(:id AS uuid) AND number = ANY (CAST(:numbers AS int[]))
""")
TAKEN_SINCE = Statement(
    f"""
    SELECT number FROM titik.taken_since(CAST(:id AS uuid), :category, CAST(:since AS uuid), CAST(:commons AS text[]), CAST(:attributes AS text[]),
                                          CAST(:is_last AS boolean))
     WHERE number IN (SELECT number FROM titik.import_row WHERE {_CHOSEN} AND act <> 'same')
    """  # noqa: S608
)
SUPERSEDE = Statement(f"""
    UPDATE titik.revision SET state = 'superseded'
     WHERE point_id IN (SELECT point_id FROM titik.import_row WHERE {_CHOSEN} AND act = 'update') AND state IN ('draft', 'submitted', 'returned')
""")  # noqa: S608

ADD_POINTS = Statement(f"""
    INSERT INTO titik.point (id, category, kelurahan)
    SELECT point_id, :category, kelurahan FROM titik.import_row WHERE {_CHOSEN} AND act = 'create' ORDER BY number
""")  # noqa: S608
# Rows of a whole file are sorted, and handed from one table to the next, in memory rather than on the disk.
ROOMY = Statement("SELECT set_config('work_mem', '64MB', true)")
# All revisions with their audit and outbox rows, as `points.queries` stores one.
ADD_REVISIONS = Statement(
    f"""
    WITH stored AS (
        INSERT INTO titik.revision AS written (id, point_id, number, state, category, geom, {columns()}, attributes, predecessors, succession, content_sha256,
                                    edition_id, verdict, found_in, distance_m, placement, flags, repair, created_by, held_by, submitted_at)
        SELECT titik.uuid7(), row.point_id,
               CASE WHEN act = 'create' THEN 1
                    ELSE (SELECT max(r.number) + 1 FROM titik.revision r WHERE r.point_id = row.point_id) END,
               'submitted', CAST(:category AS text), ST_SetSRID(ST_MakePoint(lon, lat), 4326), {columns("row")}, attributes,
               coalesce(before.predecessors, '{{}}'), before.succession, content_sha256, CAST(:edition_id AS int), verdict, found_in, distance_m, placement,
               string_to_array(flags, ' '), repair, CAST(:account_id AS int), CAST(:account_id AS int), now()
          FROM titik.import_row row
          LEFT JOIN LATERAL (SELECT r.predecessors, r.succession FROM titik.revision r
                              WHERE row.act = 'update' AND r.point_id = row.point_id AND r.number = row.based_on OFFSET 0) before ON true
         WHERE {_CHOSEN} AND act <> 'same' ORDER BY number
        RETURNING id, point_id, kelurahan, number, verdict, repair, {revision_sha256("written")} AS sha256
    ), entry AS (
        INSERT INTO titik.audit (account_id, action, subject, kelurahan, detail)
        SELECT CAST(:account_id AS int), CASE WHEN number = 1 THEN 'point.submit' ELSE 'point.change' END, id::text, kelurahan,
               jsonb_build_object('kind', '{KIND}', 'point', point_id, 'category', CAST(:category AS text), 'verdict', verdict, 'state', 'submitted', 'import', CAST(:id AS uuid),
                                  'sha256', sha256)
                   || CASE WHEN repair IS NULL THEN '{{}}' ELSE jsonb_build_object('repairs', repair -> 'repairs') END
          FROM stored
    ), event AS (
        INSERT INTO titik.outbox (type, subject, kind, kelurahan, category, payload)
        SELECT CASE WHEN number = 1 THEN 'point.submit' ELSE 'point.change' END, id::text, '{KIND}', kelurahan, CAST(:category AS text),
               jsonb_build_object('kind', '{KIND}', 'point', point_id, 'category', CAST(:category AS text), 'verdict', verdict, 'state', 'submitted')
          FROM stored
    )
    SELECT count(*) FROM stored
    """  # noqa: S608
)

# The people of the chosen rows, also of those that change nothing of their points; and after the commit of none any more.
PEOPLE = Statement(
    f"SELECT point_id, people FROM titik.import_row WHERE {_CHOSEN} AND people IS NOT NULL ORDER BY number"  # noqa: S608 - constants
)
FORGET_PEOPLE = Statement("UPDATE titik.import_row SET people = NULL WHERE import_id = CAST(:id AS uuid) AND people IS NOT NULL")

# Rows of a level (none: all that are not simply good) with one of these findings (NULL: whichever).
_REPORTED = """
    import_id = CAST(:id AS uuid) AND number > CAST(:after AS int)
    AND (CAST(:level AS text) IS NULL AND level <> 'good' OR level = :level OR :level = 'all')
    AND (CAST(:codes AS text[]) IS NULL
         OR EXISTS (SELECT FROM jsonb_array_elements(findings) finding WHERE finding ->> 'code' = ANY (CAST(:codes AS text[]))))
"""
REPORT = Statement(f"""
    SELECT number, level, act, asks, findings, point_id, name, kelurahan, lon, lat, verdict, repair
      FROM titik.import_row WHERE {_REPORTED} ORDER BY number LIMIT CAST(:limit AS int)
""")  # noqa: S608 - constants
LEFT_OUT = Statement("""
    SELECT finding ->> 'code' AS code, count(DISTINCT number) AS rows
      FROM titik.import_row, jsonb_array_elements(findings) finding
     WHERE import_id = CAST(:id AS uuid) AND level = 'fault' AND finding ->> 'code' = ANY (CAST(:codes AS text[]))
     GROUP BY 1
""")
PLACES = Statement(f"""
    SELECT number, level, name, lon, lat FROM titik.import_row WHERE {_REPORTED} AND lon IS NOT NULL ORDER BY number LIMIT CAST(:limit AS int)
""")  # noqa: S608

OLD = Statement("""
    WITH old AS MATERIALIZED (
        SELECT id FROM titik.import WHERE created_at < now() - interval '30 days'
         ORDER BY created_at LIMIT CAST(:batch AS int) FOR UPDATE SKIP LOCKED
    ), gone AS (
        DELETE FROM titik.import i USING old WHERE i.id = old.id RETURNING 1
    )
    SELECT count(*) FROM gone
""")
