"""From the published revisions to the read half: both schemas in one statement, used by publishing and by rebuilding alike."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypedDict
from uuid import UUID

from app.common_fields import PUBLIC, json_value
from app.db import WriteSession
from app.statement import Statement


class BatchRow(TypedDict):
    point_id: UUID


class HeldCategory(TypedDict):
    category: str


REBUILT_AT_ONCE = 2_000
# Of those public fields that are no plain column of the revision. Whether a point is active is said by the point: a closing may be proposed.
_DERIVED = {
    "category": "p.category",
    "kelurahan_name": "k.name",
    "kecamatan": "kc.name",
    "status": "p.status",
    "verified_at": """to_char(r.decided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')""",
    "predecessors": "CASE WHEN r.predecessors <> '{}' THEN to_jsonb(r.predecessors) END",
}
_PROPERTIES = ", ".join(f"'{field.name}', {_DERIVED.get(field.name) or json_value(field, 'r')}" for field in PUBLIC)

# `published` gets public fields and the precision of the category, `internal` all fields that are not restricted, exactly. That holds
# for the columns too that repeat a field: tiles are made from them. A fragment has all fields that its half shows, null where nothing is known.
# A rounded place is the grid node nearest to the true one that its kelurahan covers: always the same, and never next door.
# A point that lies elsewhere by its own account is only rounded, because no node of its kelurahan would be near it.
# Said within the search too whether there is anything to round: PostgreSQL would look for the nodes first, and then not want them.
ITEMS = f"""
    WITH shape AS MATERIALIZED (
        SELECT c.id, ARRAY(SELECT jsonb_object_keys(CAST(c.attribute_schema AS jsonb) -> 'properties')) AS own,
               ARRAY(SELECT key FROM jsonb_each_text(c.field_visibility)) AS not_public,
               ARRAY(SELECT key FROM jsonb_each_text(c.field_visibility) WHERE value = 'restricted') AS restricted
          FROM titik.category c
    ), source AS MATERIALIZED (
        SELECT p.id, p.feature_id, p.category, r.kelurahan, k.parent_code AS kecamatan, r.name, r.geom, r.captured_at,
               r.decided_at AS verified_at, r.number AS version, c.audience,
               CASE WHEN c.public_decimals IS NULL THEN r.geom ELSE rounded.geom END AS public_geom,
               jsonb_strip_nulls(jsonb_build_object({_PROPERTIES})) || r.attributes AS properties,
               shape.own, shape.not_public, shape.restricted
          FROM titik.revision r
          JOIN titik.point p ON p.id = r.point_id
          JOIN titik.category c ON c.id = p.category
          JOIN shape ON shape.id = c.id
          JOIN titik.region k ON k.code = r.kelurahan
          JOIN titik.region kc ON kc.code = k.parent_code
          LEFT JOIN titik.boundary b ON b.region_code = r.kelurahan
               AND b.edition_id = (SELECT id FROM titik.boundary_edition WHERE active)
          LEFT JOIN LATERAL (
            SELECT coalesce(
                (SELECT node.geom
                   FROM generate_series(-4, 4) AS dx, generate_series(-4, 4) AS dy,
                        LATERAL (SELECT ST_SetSRID(ST_MakePoint(
                            round(ST_X(r.geom)::numeric + dx * 10 ^ -c.public_decimals::numeric, c.public_decimals)::float8,
                            round(ST_Y(r.geom)::numeric + dy * 10 ^ -c.public_decimals::numeric, c.public_decimals)::float8
                        ), 4326) AS geom) node
                  WHERE c.public_decimals IS NOT NULL AND r.verdict IN ('inside', 'near') AND ST_Covers(b.geom, node.geom)
                  ORDER BY ST_Distance(node.geom, r.geom), ST_X(node.geom), ST_Y(node.geom) LIMIT 1),
                CASE WHEN r.verdict IN ('inside', 'near') THEN b.label END,
                ST_SetSRID(ST_MakePoint(round(ST_X(r.geom)::numeric, c.public_decimals)::float8,
                                        round(ST_Y(r.geom)::numeric, c.public_decimals)::float8), 4326)) AS geom
          ) rounded ON c.public_decimals IS NOT NULL
         WHERE r.state = 'published' AND p.status IN ('active', 'inactive') AND r.point_id = ANY (CAST(:points AS uuid[]))
    ), half AS (
        SELECT 'published' AS half, s.*, s.public_geom AS shown, s.properties - s.not_public AS visible, s.not_public AS hidden FROM source s WHERE audience = 'public'
        UNION ALL
        SELECT 'internal', s.*, s.geom, s.properties - s.restricted, s.restricted FROM source s
    ), item AS MATERIALIZED (
        SELECT half, id, feature_id, category, kelurahan, kecamatan, coalesce(visible ->> 'name', '') AS name, shown AS geom,
               ST_Transform(shown, 3857) AS geom_mercator, CASE WHEN visible ? 'captured_at' THEN captured_at END AS captured_at,
               verified_at, version, visible AS properties, fragment.feature, fragment.common_length, fragment.common_tail,
               titik.place(ST_X(shown), ST_Y(shown)) AS place,
               titik.searched(concat_ws(' ', visible ->> 'name', visible ->> 'address')) AS words
          FROM half, titik.fragment(half.id, half.shown, half.visible, half.own, half.hidden) fragment
    )
"""  # noqa: S608 - constants, joined at import
_COLUMNS = (
    "id", "feature_id", "category", "kelurahan", "kecamatan", "name", "geom", "geom_mercator", "captured_at", "verified_at", "version", "properties",
    "feature", "common_length", "common_tail", "place", "words",
)  # fmt: skip
_WRITE_HALF = f"""
        INSERT INTO {{half}}.item ({", ".join(_COLUMNS)})
        SELECT {", ".join(_COLUMNS)} FROM item WHERE half = '{{half}}'
        ON CONFLICT (id) DO UPDATE SET ({", ".join(_COLUMNS[1:])}) = ({", ".join(f"EXCLUDED.{name}" for name in _COLUMNS[1:])})
        RETURNING category
"""  # noqa: S608 - constants, joined at import
_WRITE_ITEMS = f"""
    , public_item AS ({_WRITE_HALF.format(half="published")}), internal_item AS ({_WRITE_HALF.format(half="internal")}), public_version AS (
        INSERT INTO published.collection (category) SELECT DISTINCT category FROM public_item ORDER BY category
        ON CONFLICT (category) DO UPDATE SET version = collection.version + 1, updated_at = now()
    )
    INSERT INTO internal.collection (category) SELECT DISTINCT category FROM internal_item ORDER BY category
    ON CONFLICT (category) DO UPDATE SET version = collection.version + 1, updated_at = now()
"""  # noqa: S608 - constants, joined at import
PROJECT = Statement(ITEMS + _WRITE_ITEMS)

# Photos that the walidata has published go with their items: internal ones all, public ones where the category says so.
PHOTOS = Statement("""
    WITH shown AS (
        SELECT f.id, f.point_id, f.sha256, f.width, f.height, f.bytes,
               c.audience = 'public' AND c.field_visibility ->> 'photos' = 'public' AS is_public
          FROM titik.photo f
          JOIN titik.point p ON p.id = f.point_id
          JOIN titik.category c ON c.id = p.category
         WHERE f.approved AND f.point_id = ANY (CAST(:points AS uuid[]))
    ), public_photo AS (
        INSERT INTO published.photo (id, point_id, sha256, width, height, bytes)
        SELECT s.id, s.point_id, s.sha256, s.width, s.height, s.bytes FROM shown s JOIN published.item i ON i.id = s.point_id WHERE s.is_public
        ON CONFLICT (id) DO NOTHING
    )
    INSERT INTO internal.photo (id, point_id, sha256, width, height, bytes)
    SELECT s.id, s.point_id, s.sha256, s.width, s.height, s.bytes FROM shown s JOIN internal.item i ON i.id = s.point_id
    ON CONFLICT (id) DO NOTHING
""")

# What ended, or was taken out of publication, leaves both halves, and their collections know it. The rows of the collections are taken in
# the order in which publishing takes them (internal first, each by category): an UPDATE alone takes them as they happen to lie.
REMOVE = Statement("""
    WITH public_item AS (
        DELETE FROM published.item WHERE id = ANY (CAST(:points AS uuid[])) RETURNING category
    ), internal_item AS (
        DELETE FROM internal.item WHERE id = ANY (CAST(:points AS uuid[])) RETURNING category
    ), internal_held AS MATERIALIZED (
        SELECT category FROM internal.collection WHERE category IN (SELECT category FROM internal_item) ORDER BY category FOR UPDATE
    ), internal_version AS MATERIALIZED (
        UPDATE internal.collection SET version = version + 1, updated_at = now() WHERE category IN (SELECT category FROM internal_held)
        RETURNING category
    ), public_held AS MATERIALIZED (
        SELECT category FROM published.collection
         WHERE category IN (SELECT category FROM public_item) AND (SELECT count(*) FROM internal_version) >= 0 ORDER BY category FOR UPDATE
    )
    UPDATE published.collection SET version = version + 1, updated_at = now() WHERE category IN (SELECT category FROM public_held)
""")

# The collections of these points, in the same order, for a transaction that goes on with more than one statement on them.
HOLD = Statement[HeldCategory]("""
    WITH touched AS (
        SELECT DISTINCT category FROM titik.point WHERE id = ANY (CAST(:points AS uuid[]))
    ), internal_held AS MATERIALIZED (
        SELECT category FROM internal.collection WHERE category IN (SELECT category FROM touched) ORDER BY category FOR UPDATE
    )
    SELECT category FROM published.collection
     WHERE category IN (SELECT category FROM touched) AND (SELECT count(*) FROM internal_held) >= 0 ORDER BY category FOR UPDATE
""")

# Rebuilding meets all collections, in no order of its own: publishing waits for it. One table, which whoever publishes or holds takes before it
# has a row of any; two would be taken one after the other.
HOLD_ALL = Statement("LOCK TABLE internal.collection IN EXCLUSIVE MODE")

# What is in a half and should not be.
STRAY = """NOT EXISTS (SELECT FROM titik.revision r
                             JOIN titik.point p ON p.id = r.point_id AND p.status IN ('active', 'inactive')
                             JOIN titik.category c ON c.id = p.category AND c.audience IN ({audiences})
                            WHERE r.point_id = i.id AND r.state = 'published')"""
AUDIENCES = {"published": "'public'", "internal": "'public', 'internal'"}

# All else is written over, so that the feed of changes hears of what differs, and of that only.
_STRAYS = """
    WITH stray AS (
        DELETE FROM {half}.item i WHERE {stray} RETURNING category
    )
    UPDATE {half}.collection SET version = version + 1, updated_at = now() WHERE category IN (SELECT category FROM stray)
"""
# Photos are shown to everybody where the category says so, and no longer than that.
SHOWS_PHOTOS = "c.audience = 'public' AND c.field_visibility ->> 'photos' = 'public'"
REMOVE_STRAYS = (
    *(Statement(_STRAYS.format(half=half, stray=STRAY.format(audiences=who))) for half, who in AUDIENCES.items()),
    Statement(f"""
        DELETE FROM published.photo s USING titik.point p, titik.category c
         WHERE p.id = s.point_id AND c.id = p.category AND NOT coalesce({SHOWS_PHOTOS}, false)
    """),  # noqa: S608 - constants, joined at import
)

REBUILD_CLUSTERS = (
    Statement("SELECT published.rebuild_clusters()"),
    Statement("SELECT internal.rebuild_clusters()"),
)

BATCH = Statement[BatchRow]("""
    SELECT point_id FROM titik.revision WHERE state = 'published' AND point_id > :after ORDER BY point_id LIMIT :size
""")


BATCH_ROUNDED = Statement[BatchRow]("""
    SELECT r.point_id FROM titik.revision r
      JOIN titik.point p ON p.id = r.point_id
      JOIN titik.category c ON c.id = p.category AND c.public_decimals IS NOT NULL
     WHERE r.state = 'published' AND r.point_id > :after ORDER BY r.point_id LIMIT :size
""")

BATCH_OF_REGIONS = Statement[BatchRow]("""
    SELECT r.point_id FROM titik.revision r JOIN titik.region k ON k.code = r.kelurahan
     WHERE r.state = 'published' AND (k.code = ANY (CAST(:regions AS text[])) OR k.parent_code = ANY (CAST(:regions AS text[])))
       AND r.point_id > :after
     ORDER BY r.point_id LIMIT :size
""")


async def publish(session: WriteSession, points: Sequence[UUID]) -> None:
    """Writes the published state of these points to both read halves and raises the version of their collections."""
    session.changes_public = True
    await session.run(PROJECT, points=list(points))
    await session.run(PHOTOS, points=list(points))


async def remove(session: WriteSession, points: Sequence[UUID]) -> None:
    """Takes these points out of both read halves and raises the version of their collections."""
    session.changes_public = True
    await session.run(REMOVE, points=list(points))


@dataclass(slots=True)
class Publications:
    """What a transaction has decided of points so far: those that become public, and those that have ended."""

    public: list[UUID] = field(default_factory=list)
    ended: list[UUID] = field(default_factory=list)


async def follow(session: WriteSession, changes: Publications) -> None:
    """Once, at the end of a transaction: what has ended leaves the read halves, what is public enters."""
    if changes.public and changes.ended:
        await session.run(HOLD, points=[*changes.public, *changes.ended])
    if changes.ended:
        await remove(session, changes.ended)
    if changes.public:
        await publish(session, changes.public)


async def rebuild(session: WriteSession) -> int:
    """Makes both read halves anew from the published revisions, in the transaction of `session`; gives their number."""
    for statement in (HOLD_ALL, *REMOVE_STRAYS):
        await session.run(statement)
    number = await _publish_all(session, BATCH)
    for statement in REBUILD_CLUSTERS:
        await session.run(statement)
    return number


async def refresh_rounded(session: WriteSession) -> int:
    """Makes anew what depends on the boundaries: the points whose public place is rounded within their kelurahan."""
    await session.run(HOLD_ALL)
    return await _publish_all(session, BATCH_ROUNDED)


async def refresh_names(session: WriteSession, regions: Sequence[str]) -> int:
    """Makes anew the points of these kelurahan and kecamatan, whose names they carry."""
    await session.run(HOLD_ALL)
    return await _publish_all(session, BATCH_OF_REGIONS, regions=list(regions))


async def _publish_all(session: WriteSession, batches: Statement[BatchRow], **limits: object) -> int:
    number, after = 0, UUID(int=0)
    while batch := [row["point_id"] for row in await session.all(batches, after=after, size=REBUILT_AT_ONCE, **limits)]:
        await publish(session, batch)
        number, after = number + len(batch), batch[-1]
    return number
