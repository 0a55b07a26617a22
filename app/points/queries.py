"""SQL of points and their revisions in the write half."""

from uuid import UUID

from app.audit import RECORDED_WITH_STORED, revision_sha256
from app.db import Row, WriteSession
from app.statement import Statement

_REVISION = f"""
    INSERT INTO titik.revision AS written (id, point_id, number, state, kelurahan, geom, accuracy_m, method, captured_at, name, address, rw, rt,
                                attributes, override_reason, status, predecessors, succession, reason, content_sha256, edition_id,
                                verdict, found_in, distance_m, placement, flags, created_by, held_by, submitted_at)
    SELECT CAST(:revision AS uuid), point.id, point.number, CAST(:state AS text), CAST(:kelurahan AS text),
           ST_SetSRID(ST_MakePoint(CAST(:lon AS float8), CAST(:lat AS float8)), 4326),
           CAST(:accuracy_m AS float8), :method, CAST(:captured_at AS timestamptz), :name, :address, :rw, :rt,
           CAST(:attributes AS jsonb), :override_reason, :status, CAST(:predecessors AS uuid[]), :succession, :reason,
           CAST(:content_sha256 AS bytea), CAST(:edition_id AS int), :verdict, :found_in, CAST(:distance_m AS float8),
           CAST(:placement AS jsonb), CAST(:flags AS text[]), CAST(:account_id AS int), CAST(:account_id AS int),
           CASE WHEN CAST(:state AS text) = 'submitted' THEN now() END
      FROM point
    RETURNING id, point_id, kelurahan, number, {revision_sha256("written")} AS sha256
"""  # noqa: S608 - constants, joined at import

# A point and its first revision, or nothing at all where the id is taken, by whomever.
STORE_NEW = Statement(
    f"""
    WITH point AS (
        INSERT INTO titik.point (id, category, kelurahan)
        VALUES (CAST(:point_id AS uuid), CAST(:category AS text), CAST(:kelurahan AS text))
        ON CONFLICT (id) DO NOTHING
        RETURNING id, 1 AS number
    ), stored AS ({_REVISION}), {RECORDED_WITH_STORED}
    SELECT number FROM stored
    """  # noqa: S608 - constants, joined at import
)

# The next revision of a point that `LOCK` holds.
STORE_NEXT = Statement(
    f"""
    WITH point AS (
        SELECT p.id, (SELECT max(r.number) + 1 FROM titik.revision r WHERE r.point_id = p.id) AS number
          FROM titik.point p WHERE p.id = CAST(:point_id AS uuid)
    ), stored AS ({_REVISION}), {RECORDED_WITH_STORED}
    SELECT number FROM stored
    """  # noqa: S608 - constants, joined at import
)

SUPERSEDE_OPEN = Statement("""
    UPDATE titik.revision SET state = 'superseded'
     WHERE point_id = ANY (CAST(:points AS uuid[])) AND state IN ('draft', 'submitted', 'returned')
""")

# Whoever changes a point waits here for whoever is changing it; what is read after that is what the change rests on.
LOCK = Statement("""
    SELECT category FROM titik.point WHERE id = :point_id AND (CAST(:category AS text) IS NULL OR category = :category) FOR UPDATE
""")

SHOWN = """
    SELECT r.point_id, r.id AS revision, r.number AS version, r.state, p.category, r.kelurahan, k.name AS kelurahan_name,
           c.name AS kecamatan, r.status, ST_X(r.geom) AS lon, ST_Y(r.geom) AS lat, r.accuracy_m, r.method, r.captured_at,
           r.name, r.address, r.rw, r.rt, r.attributes, r.override_reason, r.predecessors, r.succession, r.placement, r.content_sha256,
           CASE WHEN r.state = 'published' THEN r.decided_at END AS verified_at, p.status AS point_status,
           CASE WHEN r.submitted_at = r.created_at THEN 'submitted' ELSE 'draft' END AS first_state
      FROM titik.revision r
      JOIN titik.point p ON p.id = r.point_id
      JOIN titik.region k ON k.code = r.kelurahan
      JOIN titik.region c ON c.code = k.parent_code
"""

# The columns that `points.schemas.work_feature` shows. What was withdrawn is gone, but for the history.
NEWEST = Statement(
    SHOWN
    + """
     WHERE r.point_id = :point_id AND (CAST(:category AS text) IS NULL OR p.category = :category)
       AND r.state IN ('draft', 'submitted', 'returned', 'published', 'unpublished')
     ORDER BY r.number DESC LIMIT 1
    """
)

# What a retry is answered from: a revision, whatever became of it since.
NUMBERED = Statement(SHOWN + " WHERE r.point_id = :point_id AND r.number = CAST(:number AS int)")

# Which of these can be succeeded: published, of the category, and in sight of the actor.
LIVING = Statement("""
    SELECT p.id FROM titik.point p JOIN titik.revision r ON r.point_id = p.id AND r.state = 'published'
     WHERE p.id = ANY (CAST(:points AS uuid[])) AND p.category = :category AND p.status IN ('active', 'inactive')
""")

CLAIM_KEY = Statement("""
    INSERT INTO titik.retry (account_id, key_sha256, content_sha256, point_id)
    VALUES (CAST(:account_id AS int), CAST(:key_sha256 AS bytea), CAST(:content_sha256 AS bytea), CAST(:point_id AS uuid))
    ON CONFLICT (account_id, key_sha256) DO NOTHING
    RETURNING true
""")
FIND_KEY = Statement("""
    SELECT content_sha256, point_id, number, outcome FROM titik.retry
     WHERE account_id = CAST(:account_id AS int) AND key_sha256 = CAST(:key_sha256 AS bytea)
""")
SETTLE_KEY = Statement("""
    UPDATE titik.retry SET number = CAST(:number AS int), outcome = :outcome
     WHERE account_id = CAST(:account_id AS int) AND key_sha256 = CAST(:key_sha256 AS bytea)
""")

HISTORY = Statement("""
    SELECT r.id AS revision, r.number AS version, r.state, r.status, r.kelurahan, ST_X(r.geom) AS lon, ST_Y(r.geom) AS lat, r.accuracy_m,
           r.method, r.captured_at, r.name, r.address, r.rw, r.rt, r.attributes, r.override_reason, r.predecessors, r.succession,
           r.reason, r.placement, r.flags, r.repair, w.name AS written_by, r.created_at, r.submitted_at,
           d.name AS decided_by, r.decided_at, r.decision_reason, e.name AS ended_by, r.ended_at, r.ended_reason
      FROM titik.revision r
      JOIN titik.account w ON w.id = r.created_by
      LEFT JOIN titik.account d ON d.id = r.decided_by
      LEFT JOIN titik.account e ON e.id = r.ended_by
     WHERE r.point_id = :point_id AND r.number < CAST(:before AS int)
     ORDER BY r.number DESC LIMIT CAST(:limit AS int)
""")
POINT = Statement("""
    SELECT p.category, p.status, p.kelurahan, k.name AS kelurahan_name,
           (SELECT jsonb_build_object('revision', r.id, 'version', r.number,
                                      'decided_at', to_char(r.decided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
              FROM titik.revision r WHERE r.point_id = p.id AND r.state = 'published') AS public,
           (SELECT jsonb_build_object('revision', r.id, 'version', r.number, 'state', r.state)
              FROM titik.revision r WHERE r.point_id = p.id AND r.state IN ('draft', 'submitted', 'returned')) AS open,
           ARRAY(SELECT DISTINCT s.point_id FROM titik.revision s
                  WHERE s.predecessors @> ARRAY[p.id] AND s.succession IS NOT NULL AND s.state = 'published') AS successors
      FROM titik.point p JOIN titik.region k ON k.code = p.kelurahan WHERE p.id = :point_id
""")

# Whether this is the place that was judged when the point last went to review, and was taken as it is: without a reason that is missing now.
UNMOVED = Statement("""
    SELECT kelurahan = :kelurahan AND override_reason IS NULL
           AND greatest(abs(ST_X(geom) - CAST(:lon AS float8)), abs(ST_Y(geom) - CAST(:lat AS float8))) <= CAST(:within AS float8)
      FROM titik.revision WHERE point_id = :point_id AND submitted_at IS NOT NULL
     ORDER BY number DESC LIMIT 1
""")

# Points are judged again in batches when another edition becomes active; only what is, or may become, published.
BATCH_TO_JUDGE = Statement("""
    SELECT id, kelurahan, ST_X(geom) AS lon, ST_Y(geom) AS lat, accuracy_m, verdict, found_in, distance_m,
           override_reason IS NOT NULL AS overridden, flags
      FROM titik.revision
     WHERE id > :after AND state IN ('draft', 'submitted', 'returned', 'published')
       AND edition_id <> (SELECT id FROM titik.boundary_edition WHERE active)
     ORDER BY id LIMIT :size
""")

JUDGE_AGAIN = Statement("""
    UPDATE titik.revision
       SET edition_id = :edition_id, verdict = :verdict, found_in = :found_in, distance_m = :distance_m,
           placement = CAST(:placement AS jsonb), flags = CAST(:flags AS text[])
     WHERE id = :revision
""")

NOTE_CHANGE = Statement("""
    INSERT INTO titik.placement_change (revision_id, edition_id, before, after)
    VALUES (:revision, :edition_id, CAST(:before AS jsonb), CAST(:after AS jsonb))
""")


async def newest(session: WriteSession, category: str | None, point_id: UUID) -> Row | None:
    """The newest revision that the actor of this transaction may see; None too where the last one was withdrawn."""
    return await session.first(NEWEST, point_id=point_id, category=category)
