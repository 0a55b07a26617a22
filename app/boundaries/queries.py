"""SQL of boundary editions. Which of them judges, and how: `placement/`."""

import shapely

from app.boundaries.checking import Boundary
from app.db import Session, WriteSession
from app.placement.edition import ACTIVE_BOUNDARIES
from app.statement import Statement

_EDITION = """
    SELECT e.id, e.name, e.source, e.legal_basis, e.accuracy_m, e.approximate, e.valid_from, e.valid_to, e.active, e.complete AND NOT EXISTS (
               SELECT FROM titik.region r WHERE r.level = 'kelurahan'
                  AND NOT EXISTS (SELECT FROM titik.boundary b WHERE b.edition_id = e.id AND b.region_code = r.code)) AS complete, e.loaded_at,
           e.activated_at, (SELECT count(*) FROM titik.boundary b WHERE b.edition_id = e.id) AS kelurahan
      FROM titik.boundary_edition e
"""
LIST = Statement(_EDITION + " ORDER BY e.id")
PAGE = Statement(_EDITION + " WHERE e.id < CAST(:before AS int) ORDER BY e.id DESC LIMIT CAST(:limit AS int)")
ONE = Statement(_EDITION + " WHERE e.id = CAST(:edition_id AS int)")
REPORT = Statement("SELECT report FROM titik.boundary_edition WHERE id = CAST(:edition_id AS int)")

ADD_EDITION = Statement("""
    INSERT INTO titik.boundary_edition (name, source, legal_basis, accuracy_m, approximate, valid_from, complete, file_sha256, report)
    VALUES (:name, :source, :legal_basis, :accuracy_m, :approximate, CAST(:valid_from AS date), :complete, :file_sha256, CAST(:report AS jsonb))
    ON CONFLICT (name) DO NOTHING
    RETURNING id
""")

ADD_BOUNDARY = Statement("""
    INSERT INTO titik.boundary (edition_id, region_code, geom, area_km2, label)
    VALUES (:edition_id, :region_code, ST_Multi(ST_GeomFromWKB(:geom, 4326)), :area_km2, ST_GeomFromWKB(:label, 4326))
""")

# The planner must know at once how many polygons there are.
ANALYZE = Statement("SELECT titik.analyze_boundaries()")

# One edition after the other, whoever activates it: each finds what the one before has done.
HOLD_ACTIVATION = Statement("SELECT pg_advisory_xact_lock(hashtextextended('activating an edition', 0))")
# Two statements, because the unique index allows one active edition at every moment.
END_ACTIVE = Statement("UPDATE titik.boundary_edition SET active = false WHERE active AND id <> :edition_id")

SET_ACTIVE = Statement("""
    UPDATE titik.boundary_edition SET active = true, activated_at = now() WHERE id = :edition_id AND NOT active
""")

FIND = Statement("SELECT id, complete FROM titik.boundary_edition WHERE name = :name")
# By its name; one whose name no address can hold, by its number too.
FIND_ADDRESSED = Statement("""
    SELECT id, name FROM titik.boundary_edition WHERE name = :name OR CAST(id AS text) = :name ORDER BY name = :name DESC LIMIT 1
""")

# Held until the end, so that nobody asks for it to be compared meanwhile.
HOLD = Statement(
    "SELECT name, active OR activated_at IS NOT NULL AS is_used FROM titik.boundary_edition WHERE id = CAST(:edition_id AS int) FOR UPDATE"
)
# With its polygons, its areas and what was found out of it.
REMOVE = Statement("DELETE FROM titik.boundary_edition WHERE id = CAST(:edition_id AS int)")

# What is committed now. The outbox tells of every deed on points, with the transaction that did it. A draft counts for nothing until it is sent:
# nobody but its writer sees it, and whoever keeps one would make void what an administrator has looked at.
STATE_OF_POINTS = Statement("""
    SELECT titik.present_history() AS history, CAST(pg_current_snapshot() AS text) AS snapshot, now() AS computed_at,
           (SELECT id FROM titik.boundary_edition WHERE active) AS active
""")
HAVE_POINTS_CHANGED = Statement("""
    SELECT titik.present_history() <> CAST(:history AS int) OR EXISTS (
        SELECT FROM titik.outbox o
         WHERE o.history = titik.present_history() AND o.transaction_id >= pg_snapshot_xmin(CAST(CAST(:snapshot AS text) AS pg_snapshot))
           AND NOT pg_visible_in_snapshot(o.transaction_id, CAST(CAST(:snapshot AS text) AS pg_snapshot))
           AND (o.type LIKE 'point.%' OR o.type LIKE 'revision.%') AND o.type <> 'point.draft')
""")
# Whether every transaction that was writing when this edition became active has ended: what they judged by the former one is then committed.
ACTIVATED_BY = Statement("SELECT CAST(pg_current_xact_id() AS text)")
ARE_ALL_AFTER = Statement("SELECT pg_snapshot_xmin(pg_current_snapshot()) > CAST(CAST(:transaction AS text) AS xid8)")


# -- jobs: what somebody asked of editions, and what came of it

ADD_JOB = Statement("""
    INSERT INTO titik.boundary_job (id, account_id, kind, edition_id, options, content_sha256, key_sha256)
    VALUES (CAST(:id AS uuid), CAST(:account_id AS int), :kind, CAST(:edition_id AS int), CAST(:options AS jsonb), CAST(:content_sha256 AS bytea),
            CAST(:key_sha256 AS bytea))
    ON CONFLICT DO NOTHING
    RETURNING true
""")
ADD_PART = Statement("""
    INSERT INTO titik.boundary_job_file (job_id, part, content) VALUES (CAST(:job_id AS uuid), CAST(:part AS int), CAST(:content AS bytea))
""")
PART = Statement("SELECT content FROM titik.boundary_job_file WHERE job_id = CAST(:job_id AS uuid) AND part = CAST(:part AS int)")
FORGET_FILE = Statement("DELETE FROM titik.boundary_job_file WHERE job_id = CAST(:job_id AS uuid)")
_JOB = """
    SELECT j.id, j.account_id, j.kind, j.edition_id, e.name AS edition, j.options, j.content_sha256, j.state, j.step, j.done, j.total,
           j.attempts, j.problem, j.found, j.created_at, j.ended_at
      FROM titik.boundary_job j LEFT JOIN titik.boundary_edition e ON e.id = j.edition_id
"""
JOB = Statement(_JOB + " WHERE j.id = CAST(:id AS uuid)")
JOB_OF_KEY = Statement(_JOB + " WHERE j.account_id = CAST(:account_id AS int) AND j.key_sha256 = CAST(:key_sha256 AS bytea)")
JOB_UNDER_WAY = Statement(
    _JOB
    + " WHERE j.edition_id = CAST(:edition_id AS int) AND j.kind = :kind AND j.state IN ('queued', 'working') ORDER BY j.id DESC LIMIT 1"
)
AT_WORK = Statement("""
    SELECT EXISTS (SELECT FROM titik.boundary_job WHERE edition_id = CAST(:edition_id AS int) AND state IN ('queued', 'working'))
""")
ACTIVATING = Statement(_JOB + " WHERE j.kind = 'activate' AND j.state IN ('queued', 'working')")
NEWEST_JOB = Statement(
    _JOB + " WHERE j.edition_id = CAST(:edition_id AS int) AND j.kind = :kind AND j.state = 'done' ORDER BY j.id DESC LIMIT 1"
)
JOBS_UNDER_WAY = Statement(_JOB + " WHERE j.state IN ('queued', 'working') ORDER BY j.id DESC LIMIT 20")
LOADING = Statement("SELECT count(*) FROM titik.boundary_job WHERE kind = 'load' AND state IN ('queued', 'working')")
# A part of one of the lists of a job, behind the number `after`.
_LISTED = """
    SELECT one.value, one.number FROM titik.boundary_job j, jsonb_array_elements(j.{list}) WITH ORDINALITY AS one (value, number)
     WHERE j.id = CAST(:id AS uuid) AND one.number > CAST(:after AS bigint) ORDER BY one.number LIMIT CAST(:limit AS int)
"""
LISTED = {name: Statement(_LISTED.replace("{list}", name)) for name in ("points", "areas")}

# The same of points alone, of those that are looked for; and how many there are of each kind.
CHANGED_POINTS = Statement("""
    SELECT one.value, one.number FROM titik.boundary_job j, jsonb_array_elements(j.points) WITH ORDINALITY AS one (value, number)
     WHERE j.id = CAST(:id AS uuid) AND one.number > CAST(:after AS bigint)
       AND (CAST(:move AS text) = '' OR concat_ws('-', one.value #>> '{before,verdict}', one.value #>> '{after,verdict}') = CAST(:move AS text))
       AND (CAST(:kelurahan AS text) = '' OR one.value ->> 'kelurahan' = CAST(:kelurahan AS text))
     ORDER BY one.number LIMIT CAST(:limit AS int)
""")
TALLIES = Statement("""
    SELECT one.value #>> '{before,verdict}' AS before, one.value #>> '{after,verdict}' AS after, one.value ->> 'kelurahan' AS kelurahan, count(*) AS number
      FROM titik.boundary_job j, jsonb_array_elements(j.points) AS one (value)
     WHERE j.id = CAST(:id AS uuid) GROUP BY 1, 2, 3
""")

# Of points that changes list: what everybody may see of them.
PUBLIC_PLACES = Statement("""
    SELECT i.id, i.name, ST_X(i.geom) AS lon, ST_Y(i.geom) AS lat FROM published.shown_item i WHERE i.id = ANY (CAST(:points AS uuid[]))
""")

# For a part of the service that acts for nobody.
AS_SYSTEM = Statement("SELECT set_config('titik.role', 'system', true)")
# Who acts in a job; no row: the account is gone, or may not any more.
ACT = Statement("SELECT account_id, role FROM titik.act_for_boundary_job(CAST(:id AS uuid))")
# One process at a job, as long as its connection lives: another worker may think that the first is dead.
ALONE = Statement("SELECT pg_try_advisory_lock(hashtextextended('boundary job ' || CAST(CAST(:id AS uuid) AS text), 0))")
# All that it reads is of one moment, and the database itself sees to it that nothing is written.
ONLY_READ = Statement("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
BEGIN_JOB = Statement("""
    UPDATE titik.boundary_job SET state = 'working', attempts = attempts + 1, done = 0, total = NULL
     WHERE id = CAST(:id AS uuid) AND state IN ('queued', 'working')
    RETURNING attempts
""")
STEP = Statement(
    "UPDATE titik.boundary_job SET step = :step, done = CAST(:done AS int), total = CAST(:total AS int) WHERE id = CAST(:id AS uuid)"
)
FOUND = Statement("""
    UPDATE titik.boundary_job SET step = :step, found = CAST(:found AS jsonb), points = CAST(:points AS jsonb), areas = CAST(:areas AS jsonb)
     WHERE id = CAST(:id AS uuid)
""")
# What was judged late comes behind the rest.
ADD_LATE = Statement("""
    UPDATE titik.boundary_job SET found = found || CAST(:found AS jsonb), points = coalesce(points, '[]') || CAST(:points AS jsonb)
     WHERE id = CAST(:id AS uuid)
""")
LOADED = Statement("UPDATE titik.boundary_job SET edition_id = CAST(:edition_id AS int) WHERE id = CAST(:id AS uuid)")
DONE = Statement("UPDATE titik.boundary_job SET state = 'done', step = NULL, ended_at = now() WHERE id = CAST(:id AS uuid)")
FAILED = Statement("""
    UPDATE titik.boundary_job SET state = 'failed', step = NULL, problem = CAST(:problem AS jsonb), ended_at = now()
     WHERE id = CAST(:id AS uuid) AND state IN ('queued', 'working')
""")
NOT_TRIED = Statement("UPDATE titik.boundary_job SET attempts = greatest(attempts - 1, 0) WHERE id = CAST(:id AS uuid)")
OLD_JOBS = Statement("""
    WITH old AS MATERIALIZED (
        SELECT id FROM titik.boundary_job WHERE created_at < now() - interval '30 days' AND state IN ('done', 'failed')
         ORDER BY created_at LIMIT 100 FOR UPDATE SKIP LOCKED
    ), gone AS (
        DELETE FROM titik.boundary_job j USING old WHERE j.id = old.id RETURNING 1
    )
    SELECT count(*) FROM gone
""")
# What waits without a job of the queue, which cannot be: put back, if it is ever seen.
LOST_JOBS = Statement("""
    SELECT j.id FROM titik.boundary_job j
     WHERE j.state IN ('queued', 'working')
       AND NOT EXISTS (SELECT FROM queue.pgqueuer q WHERE q.entrypoint = 'boundaries' AND q.payload = convert_to(j.id::text, 'UTF8'))
       FOR UPDATE OF j SKIP LOCKED
""")


OUTLINES = Statement("""
    SELECT b.region_code AS code, r.name, k.name AS kecamatan, ST_AsBinary(b.geom) AS geom, ST_X(b.label) AS lon, ST_Y(b.label) AS lat
      FROM titik.boundary b
      JOIN titik.region r ON r.code = b.region_code
      JOIN titik.region k ON k.code = r.parent_code
     WHERE b.edition_id = :edition_id ORDER BY b.region_code
""")


OUTLINES_OF_KECAMATAN = Statement("""
    SELECT code, name, kecamatan, ST_AsBinary(geom) AS geom, ST_X(label) AS lon, ST_Y(label) AS lat
      FROM published.edition_area WHERE edition_id = CAST(:edition_id AS int) AND level = 'kecamatan' ORDER BY code
""")


async def active_boundaries(session: Session) -> tuple[Boundary, ...]:
    """The polygons of the active edition; empty while there is none."""
    rows = await session.all(ACTIVE_BOUNDARIES)
    return tuple(Boundary(row["region_code"], shapely.from_wkb(row["geom"])) for row in rows)


async def activate(session: WriteSession, edition_id: int) -> None:
    await session.run(END_ACTIVE, edition_id=edition_id)
    await session.run(SET_ACTIVE, edition_id=edition_id)
