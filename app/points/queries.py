"""SQL of points and their revisions in the write half."""

from typing import TypedDict
from uuid import UUID

from app.audit.record import RECORDED_WITH_STORED, revision_sha256
from app.common_fields import columns, parameters
from app.db import Row, WriteSession
from app.statement import Statement

KIND = "point"
"""The word for points where there are others too: `points/noun.py`."""

_REVISION = f"""
    INSERT INTO titik.revision AS written (id, point_id, number, state, category, geom, {columns()}, attributes, predecessors, succession, reason,
                                content_sha256, edition_id, verdict, found_in, distance_m, placement, flags, created_by, held_by, submitted_at)
    SELECT CAST(:revision AS uuid), point.id, point.number, CAST(:state AS text), point.category,
           ST_SetSRID(ST_MakePoint(CAST(:lon AS float8), CAST(:lat AS float8)), 4326), {parameters()},
           CAST(:attributes AS jsonb), CAST(:predecessors AS uuid[]), :succession, :reason,
           CAST(:content_sha256 AS bytea), CAST(:edition_id AS int), :verdict, :found_in, CAST(:distance_m AS float8),
           CAST(:placement AS jsonb), CAST(:flags AS text[]), CAST(:account_id AS int), CAST(:account_id AS int),
           CASE WHEN CAST(:state AS text) = 'submitted' THEN now() END
      FROM point
    RETURNING id, point_id, kelurahan, category, number, {revision_sha256("written")} AS sha256
"""  # noqa: S608 - constants, joined at import

# A point and its first revision, or nothing at all where the id is taken, by whomever.
STORE_NEW = Statement(
    f"""
    WITH point AS (
        INSERT INTO titik.point (id, category, kelurahan)
        VALUES (CAST(:point_id AS uuid), CAST(:category AS text), CAST(:kelurahan AS text))
        ON CONFLICT (id) DO NOTHING
        RETURNING id, category, 1 AS number
    ), stored AS ({_REVISION}), {RECORDED_WITH_STORED}
    SELECT number FROM stored
    """  # noqa: S608 - constants, joined at import
)

# The next revision of a point that `LOCK` holds.
STORE_NEXT = Statement(
    f"""
    WITH point AS (
        SELECT p.id, p.category, (SELECT max(r.number) + 1 FROM titik.revision r WHERE r.point_id = p.id) AS number
          FROM titik.point p WHERE p.id = CAST(:point_id AS uuid)
    ), stored AS ({_REVISION}), {RECORDED_WITH_STORED}
    SELECT number FROM stored
    """  # noqa: S608 - constants, joined at import
)


def same_content(one: str, other: str) -> str:
    """SQL: whether two revisions, by their aliases, say the same of the point; as `history.differences` compares them."""

    def content_of(alias: str) -> str:
        structure = ", ".join(f"{alias}.{name}" for name in ("attributes", "predecessors", "succession"))
        return f"(ST_X({alias}.geom), ST_Y({alias}.geom), {structure}, {columns(alias)})"

    return f"({content_of(one)} IS NOT DISTINCT FROM {content_of(other)})"


# Whether an open revision says of the point what is public of it.
CONFIRMS = Statement(f"""
    SELECT {same_content("r", "public")}
      FROM titik.revision r JOIN titik.revision public ON public.point_id = r.point_id AND public.state = 'published'
     WHERE r.id = :revision AND r.state = 'submitted'
""")  # noqa: S608 - constants, joined at import

SUPERSEDE_OPEN = Statement("""
    UPDATE titik.revision SET state = 'superseded'
     WHERE point_id = ANY (CAST(:points AS uuid[])) AND state IN ('draft', 'submitted', 'returned')
""")

# Whoever changes a point waits here for whoever is changing it; what is read after that is what the change rests on.
LOCK = Statement("""
    SELECT category FROM titik.point WHERE id = :point_id AND (CAST(:category AS text) IS NULL OR category = :category) FOR UPDATE
""")

AS_WORKED_ON = f"""
    r.point_id, r.id AS revision, r.number AS version, r.state, p.category, {columns("r")}, k.name AS kelurahan_name,
    c.name AS kecamatan, ST_X(r.geom) AS lon, ST_Y(r.geom) AS lat, r.attributes, r.predecessors, r.succession, r.placement, r.content_sha256,
    CASE WHEN r.state = 'published' THEN r.decided_at END AS verified_at, p.status AS point_status
"""
"""The columns of a revision that `points.schemas.work_feature` shows, and what else those who change a point need to know of it."""
SHOWN = f"""
    SELECT {AS_WORKED_ON},
           CASE WHEN r.submitted_at = r.created_at THEN 'submitted' ELSE 'draft' END AS first_state
      FROM titik.revision r
      JOIN titik.point p ON p.id = r.point_id
      JOIN titik.region k ON k.code = r.kelurahan
      JOIN titik.region c ON c.code = k.parent_code
"""  # noqa: S608 - constants, joined at import

# What was withdrawn is gone, but for the history.
NEWEST = Statement(
    SHOWN
    + """
     WHERE r.point_id = :point_id AND (CAST(:category AS text) IS NULL OR p.category = :category)
       AND r.state IN ('draft', 'submitted', 'returned', 'published', 'unpublished')
     ORDER BY r.number DESC LIMIT 1
    """
)


class PointStateRow(TypedDict):
    """How the newest revision of a point stands; `reason`: why it was returned."""

    point: UUID
    version: int
    state: str
    reason: str | None


STATES = Statement[PointStateRow]("""
    SELECT p.id AS point, r.number AS version, r.state, CASE WHEN r.state = 'returned' THEN r.decision_reason END AS reason
      FROM titik.point p
      JOIN LATERAL (SELECT n.number, n.state, n.decision_reason FROM titik.revision n
                     WHERE n.point_id = p.id AND n.state IN ('draft', 'submitted', 'returned', 'published', 'unpublished')
                     ORDER BY n.number DESC LIMIT 1) r ON true
     WHERE p.id = ANY (CAST(:points AS uuid[]))
     ORDER BY p.id
""")

# What a retry is answered from: a revision, whatever became of it since.
NUMBERED = Statement(SHOWN + " WHERE r.point_id = :point_id AND r.number = CAST(:number AS int)")

# Which of these can be succeeded: published, of the category, and in sight of the actor; or this point has taken over from them already.
LIVING = Statement("""
    SELECT p.id FROM titik.point p JOIN titik.revision r ON r.point_id = p.id AND r.state = 'published'
     WHERE p.id = ANY (CAST(:points AS uuid[])) AND p.category = :category AND p.status IN ('active', 'inactive')
     UNION
    SELECT unnest(own.predecessors) FROM titik.revision own WHERE own.point_id = CAST(:point_id AS uuid) AND own.state = 'published'
""")

HISTORY = Statement(f"""
    SELECT r.id AS revision, r.number AS version, r.state, {columns("r")}, ST_X(r.geom) AS lon, ST_Y(r.geom) AS lat,
           r.attributes, r.predecessors, r.succession, r.reason, r.placement, r.flags, r.repair, w.name AS written_by, r.created_at, r.submitted_at,
           d.name AS decided_by, r.decided_at, r.decision_reason, e.name AS ended_by, r.ended_at, r.ended_reason
      FROM titik.revision r
      JOIN titik.account w ON w.id = r.created_by
      LEFT JOIN titik.account d ON d.id = r.decided_by
      LEFT JOIN titik.account e ON e.id = r.ended_by
     WHERE r.point_id = :point_id AND r.number < CAST(:before AS int)
     ORDER BY r.number DESC LIMIT CAST(:limit AS int)
""")  # noqa: S608 - constants, joined at import
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
_TO_JUDGE = "r.state IN ('draft', 'submitted', 'returned', 'published') AND r.edition_id <> CAST(:edition_id AS int)"
BATCH_TO_JUDGE = Statement(f"""
    SELECT r.id, r.point_id, p.category, r.state, r.kelurahan, ST_X(r.geom) AS lon, ST_Y(r.geom) AS lat, r.accuracy_m, r.verdict, r.found_in,
           r.distance_m, r.placement -> 'neighbours' -> 0 AS neighbour, r.override_reason IS NOT NULL AS overridden, r.flags
      FROM titik.revision r JOIN titik.point p ON p.id = r.point_id
     WHERE r.id > :after AND {_TO_JUDGE}
     ORDER BY r.id LIMIT :size
""")  # noqa: S608 - constants, joined at import
NUMBER_TO_JUDGE = Statement(f"SELECT count(*) FROM titik.revision r WHERE {_TO_JUDGE}")  # noqa: S608
# Kelurahan of points that the edition has no polygon of: nothing could be said of where those lie.
UNBOUNDED = Statement(f"""
    SELECT DISTINCT r.kelurahan FROM titik.revision r
     WHERE {_TO_JUDGE} AND NOT EXISTS (SELECT FROM titik.boundary b WHERE b.edition_id = CAST(:edition_id AS int) AND b.region_code = r.kelurahan)
     ORDER BY 1
""")  # noqa: S608

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

# Verdicts that other boundaries have turned, and these have turned back, before a walidata has seen it: nothing is left to be seen.
SETTLE_TURNED_BACK = Statement("""
    UPDATE titik.placement_change c SET seen_at = now()
      FROM (SELECT revision_id, (array_agg(before ORDER BY id))[1] AS first, (array_agg(after ORDER BY id DESC))[1] AS last
              FROM titik.placement_change WHERE seen_at IS NULL GROUP BY revision_id HAVING count(*) > 1) turned
     WHERE c.revision_id = turned.revision_id AND c.seen_at IS NULL
       AND turned.first ->> 'verdict' = turned.last ->> 'verdict' AND turned.first -> 'kelurahan' = turned.last -> 'kelurahan'
""")


async def newest(session: WriteSession, category: str | None, point_id: UUID) -> Row | None:
    """The newest revision that the actor of this transaction may see; None too where the last one was withdrawn."""
    return await session.first(NEWEST, point_id=point_id, category=category)
