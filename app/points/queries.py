"""SQL of points and their revisions in the write half."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.audit import RECORDED_WITH_STORED
from app.db import Row, Statement, WriteSession

# A point and its first revision, or nothing at all where the id is taken, by whomever.
STORE_NEW = Statement(
    """
    WITH point AS (
        INSERT INTO titik.point (id, category, kelurahan)
        VALUES (CAST(:point_id AS uuid), CAST(:category AS text), CAST(:kelurahan AS text))
        ON CONFLICT (id) DO NOTHING
        RETURNING id
    ), stored AS (
    INSERT INTO titik.revision (id, point_id, number, state, kelurahan, geom, accuracy_m, method, captured_at, name, address, rw, rt,
                                attributes, override_reason, content_sha256, edition_id, verdict, found_in, distance_m, placement,
                                flags, created_by, submitted_at)
    SELECT CAST(:revision AS uuid), point.id, 1, 'submitted', CAST(:kelurahan AS text),
           ST_SetSRID(ST_MakePoint(CAST(:lon AS float8), CAST(:lat AS float8)), 4326),
           CAST(:accuracy_m AS float8), :method, CAST(:captured_at AS timestamptz), :name, :address, :rw, :rt,
           CAST(:attributes AS jsonb), :override_reason, CAST(:content_sha256 AS bytea), CAST(:edition_id AS int), :verdict, :found_in,
           CAST(:distance_m AS float8), CAST(:placement AS jsonb), CAST(:flags AS text[]), CAST(:account_id AS int), now()
      FROM point
    RETURNING id, point_id, kelurahan
    ), """  # noqa: S608 - two constants, joined at import
    + RECORDED_WITH_STORED
    + "SELECT point_id FROM stored"
)

# The columns that `points.schemas.work_feature` shows.
NEWEST = Statement("""
    SELECT r.point_id, r.id AS revision, r.number AS version, r.state, p.category, r.kelurahan, k.name AS kelurahan_name,
           c.name AS kecamatan, p.status, ST_X(r.geom) AS lon, ST_Y(r.geom) AS lat, r.accuracy_m, r.method, r.captured_at,
           r.name, r.address, r.rw, r.rt, r.attributes, r.override_reason, r.placement,
           CASE WHEN r.state = 'published' THEN r.decided_at END AS verified_at
      FROM titik.revision r
      JOIN titik.point p ON p.id = r.point_id
      JOIN titik.region k ON k.code = r.kelurahan
      JOIN titik.region c ON c.code = k.parent_code
     WHERE r.point_id = :point_id AND p.category = :category
     ORDER BY r.number DESC LIMIT 1
""")

# What a retry is compared with, and answered from: the first revision as it was answered when it was new.
FIRST = Statement("""
    SELECT r.point_id, r.id AS revision, r.number AS version, 'submitted' AS state, p.category, r.kelurahan, k.name AS kelurahan_name,
           c.name AS kecamatan, 'active' AS status, ST_X(r.geom) AS lon, ST_Y(r.geom) AS lat, r.accuracy_m, r.method, r.captured_at,
           r.name, r.address, r.rw, r.rt, r.attributes, r.override_reason, r.placement, NULL AS verified_at, r.content_sha256
      FROM titik.revision r
      JOIN titik.point p ON p.id = r.point_id
      JOIN titik.region k ON k.code = r.kelurahan
      JOIN titik.region c ON c.code = k.parent_code
     WHERE r.point_id = :point_id AND r.number = 1
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


async def newest(session: WriteSession, category: str, point_id: UUID) -> Row | None:
    """The newest revision that the actor of this transaction may see."""
    return await session.first(NEWEST, point_id=point_id, category=category)


async def store_new(session: WriteSession, revision: Mapping[str, Any]) -> bool:
    """Stores a new point with its audit row; False, and nothing stored, where its id is taken."""
    return await session.value(STORE_NEW, **revision) is not None
