"""The point as a noun of the workflow: how its revisions stand in the queue, and what publishing one does."""

from collections.abc import Sequence
from uuid import UUID

from app.access.rights import Actor
from app.audit.record import REVISION, Action, record
from app.common_fields import CONTENT, json_value
from app.db import Row, WriteSession
from app.points import queries
from app.points.history import differences
from app.points.rules import REJUDGED
from app.published import projection
from app.published.projection import Publications
from app.statement import Statement
from app.workflow.noun import Noun, QueueEntry, public_before

_REVISIONS, _SUBJECT = "titik.revision", "point_id"

# A place that changes is a move, and so is a point that takes over from one elsewhere. What says nothing new says that the point is still as it is.
_KIND = f"""(
    SELECT CASE WHEN r.status = 'closed' THEN 'close'
                WHEN b.state <> 'unpublished' AND {queries.same_content("r", "b")} THEN 'confirm'
                WHEN r.succession = 'move' OR (ST_X(b.geom), ST_Y(b.geom)) <> (ST_X(r.geom), ST_Y(r.geom)) THEN 'move'
                WHEN b.id IS NOT NULL THEN 'change' ELSE 'new' END
      FROM (SELECT) one LEFT JOIN LATERAL ({public_before(_REVISIONS, _SUBJECT)}) b ON true
)"""  # noqa: S608 - constants, joined at import
_TURNED = f"""r.state IN ('submitted', 'published') AND r.id IN (
        SELECT c.revision_id FROM titik.placement_change c WHERE c.seen_at IS NULL
        UNION ALL
        SELECT s.id FROM titik.revision s
         WHERE s.state = 'submitted' AND '{REJUDGED}' = ANY (s.flags) AND NOT EXISTS (SELECT FROM titik.placement_change c WHERE c.revision_id = s.id))"""  # noqa: S608
# Whoever decides has seen what other boundaries have made of it.
_SEEN = """, seen AS (
        UPDATE titik.placement_change c SET seen_by = CAST(:account_id AS int), seen_at = now()
          FROM claimed WHERE c.revision_id = claimed.id AND c.seen_at IS NULL
    )"""
_REJUDGED = """(
    SELECT jsonb_build_object('edition', (array_agg(e.name ORDER BY c.id DESC))[1], 'before', (array_agg(c.before ORDER BY c.id))[1],
                              'after', (array_agg(c.after ORDER BY c.id DESC))[1])
      FROM titik.placement_change c JOIN titik.boundary_edition e ON e.id = c.edition_id
     WHERE c.revision_id = r.id AND c.seen_at IS NULL HAVING count(*) > 0)"""
_PHOTOS = """(
    SELECT jsonb_build_object('number', count(DISTINCT f.id), 'flags', coalesce(jsonb_agg(DISTINCT flag) FILTER (WHERE flag IS NOT NULL), '[]'))
      FROM titik.photo f LEFT JOIN LATERAL unnest(f.flags) AS flag ON true
     WHERE f.point_id = r.point_id)"""
# Within its kelurahan, read as it was written, noticed by nothing; photos that nobody has approved are to be looked at.
_CLEAN = """(r.verdict = 'inside' AND r.flags = '{}' AND r.repair IS NULL AND r.status <> 'closed'
        AND NOT EXISTS (SELECT FROM titik.photo f WHERE f.point_id = r.point_id AND NOT f.approved))"""
_SHOWN = (
    *(field.name for field in CONTENT if field.name not in ("name", "kelurahan")),
    "attributes", "predecessors", "succession", "reason", "flags", "repair", "placement", "distance_m",
)  # fmt: skip

# Those that the reviewer names, who has seen them and did not send them.
APPROVE_PHOTOS = Statement("""
    UPDATE titik.photo SET approved = true
     WHERE point_id = :point_id AND id = ANY (CAST(:photos AS uuid[])) AND created_by <> CAST(:account_id AS int) AND NOT approved
    RETURNING id
""")

# The point becomes what its published revision says.
SETTLE_POINT = Statement("""
    UPDATE titik.point SET kelurahan = :kelurahan, status = :status
     WHERE id = :point_id AND (kelurahan, status) IS DISTINCT FROM (CAST(:kelurahan AS text), CAST(:status AS text))
""")

# What a point takes over from ends with its publication; of a split, when none of its parts waits any longer.
END_PREDECESSORS = Statement("""
    UPDATE titik.point p SET status = CASE CAST(:succession AS text) WHEN 'move' THEN 'moved' ELSE 'closed' END
     WHERE p.id = ANY (CAST(:predecessors AS uuid[])) AND p.status IN ('active', 'inactive')
       AND (CAST(:succession AS text) <> 'split' OR NOT EXISTS (
            SELECT FROM titik.revision part
             WHERE part.predecessors @> ARRAY[p.id] AND part.succession IS NOT NULL AND part.state IN ('draft', 'submitted', 'returned')))
    RETURNING p.id, p.kelurahan, p.category, p.status
""")


def _content(alias: str) -> str:
    """What `history.differences` compares, with times as answers write them."""
    members = [f"'{field.name}', {json_value(field, alias)}" for field in CONTENT]
    members += [f"'{name}', {alias}.{name}" for name in ("succession", "predecessors", "attributes")]
    members += [f"'lon', ST_X({alias}.geom)", f"'lat', ST_Y({alias}.geom)"]
    return f"jsonb_build_object({', '.join(members)})"


class PublishedPoints:
    """Points that a transaction of the walidata publishes: their places, photos, and those that they take over from."""

    def __init__(self, session: WriteSession, actor: Actor) -> None:
        self._session, self._actor = session, actor
        self._changes = Publications()

    async def add(self, claimed: Row, photos: Sequence[UUID]) -> None:
        ended = claimed["status"] in ("moved", "closed")
        (self._changes.ended if ended else self._changes.public).append(claimed["subject"])
        await self._settle(claimed)
        if photos:
            await self._approve(claimed, photos)

    async def remove(self, claimed: Row) -> None:
        self._changes.ended.append(claimed["subject"])

    async def finish(self) -> None:
        await projection.follow(self._session, self._changes)

    async def _settle(self, claimed: Row) -> None:
        """What publishing makes of the point and of those that it takes over from."""
        session, point = self._session, claimed["subject"]
        await session.run(SETTLE_POINT, point_id=point, kelurahan=claimed["kelurahan"], status=claimed["status"])
        if not claimed["predecessors"]:
            return
        rows = await session.all(END_PREDECESSORS, predecessors=claimed["predecessors"], succession=claimed["succession"])
        ended: list[UUID] = [row["id"] for row in rows]
        if ended:
            await session.run(queries.SUPERSEDE_OPEN, points=ended)
        for row in rows:
            await record(
                session, Action.REVISION_PUBLISH, row["id"], account_id=self._actor.id, kind=POINT.kind, kelurahan=row["kelurahan"],
                category=row["category"], detail={"point": str(row["id"]), "status": row["status"], "successor": str(point)},
            )  # fmt: skip
        self._changes.ended += ended

    async def _approve(self, claimed: Row, photos: Sequence[UUID]) -> None:
        """Of these photos those of the point; which they were is in the record alone."""
        actor = self._actor
        actor.demand(Action.PHOTO_PUBLISH)
        rows = await self._session.all(APPROVE_PHOTOS, point_id=claimed["subject"], photos=list(photos), account_id=actor.id)
        if rows:
            await record(
                self._session, Action.PHOTO_PUBLISH, claimed["subject"], account_id=actor.id, kind=POINT.kind, kelurahan=claimed["kelurahan"],
                category=claimed["category"], detail={"photos": [str(row["id"]) for row in rows]}, notify=False,
            )  # fmt: skip


POINT = Noun(
    kind=queries.KIND,
    revisions=_REVISIONS,
    subjects="titik.point",
    subject=_SUBJECT,
    items="item",
    path="collections/{category}/items/{subject}",
    categories="SELECT id FROM titik.category",
    submitting=(Action.POINT_SUBMIT, Action.POINT_CHANGE, Action.POINT_CONFIRM, Action.POINT_CLOSE),
    claimed=("status", "predecessors", "succession"),
    with_claim=_SEEN,
    hashed=REVISION,
    differences=differences,
    queue=QueueEntry(
        kind=_KIND,
        name="r.name",
        searched="concat_ws(' ', r.name, r.address)",
        content=_content,
        columns={name: f"r.{name}" for name in _SHOWN}
        | {"point": "r.point_id", "lon": "ST_X(r.geom)", "lat": "ST_Y(r.geom)", "rejudged": _REJUDGED, "photos": _PHOTOS},
        clean=_CLEAN,
        turned=_TURNED,
    ),
    publication=PublishedPoints,
)
