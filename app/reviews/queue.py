"""SQL of the walidata's queue: what waits for a decision, what boundaries have turned, and one revision with what there is to know of it.

A page and the number of all that match are one statement, of the index of what waits (or of what is unseen): each order has its own text, every
filter is a value that may be NULL.
"""

from datetime import timedelta
from itertools import product
from typing import Any, Literal, NamedTuple, get_args
from uuid import UUID

from app.db import Row, Session
from app.statement import Statement

Kind = Literal["new", "change", "move", "close"]
Sorting = Literal["submitted_at", "name", "category", "kelurahan", "submitted_by", "distance_m"]
SORTINGS: tuple[Sorting, ...] = get_args(Sorting)
REJUDGED = "rejudged"

# Of a decided revision that was superseded only the record tells whether it had been published or returned.
_WAS_PUBLIC = """(b.state IN ('published', 'unpublished')
              OR (b.state = 'superseded' AND b.decided_at IS NOT NULL
                  AND EXISTS (SELECT FROM titik.audit a WHERE a.subject = b.id::text AND a.action = 'revision.publish')))"""
# What the public saw, or last saw, of the point before `r`.
_BEFORE = f"""
    SELECT b.* FROM titik.revision b WHERE b.point_id = r.point_id AND b.number < r.number AND {_WAS_PUBLIC} ORDER BY b.number DESC LIMIT 1
"""  # noqa: S608 - constants, joined at import
# A place that changes is a move, and so is a point that takes over from one elsewhere.
KIND = f"""(
    SELECT CASE WHEN r.status = 'closed' THEN 'close'
                WHEN r.succession = 'move' OR (ST_X(b.geom), ST_Y(b.geom)) <> (ST_X(r.geom), ST_Y(r.geom)) THEN 'move'
                WHEN b.id IS NOT NULL THEN 'change' ELSE 'new' END
      FROM (SELECT) one LEFT JOIN LATERAL ({_BEFORE}) b ON true
)"""  # noqa: S608
# The revision that was returned and that `r` corrects: the last that was decided before it, unless that was published; or `r` itself, sent again.
_RETURNED = f"""
    SELECT b.* FROM (
        SELECT b.* FROM titik.revision b
         WHERE b.point_id = r.point_id AND b.decided_at IS NOT NULL
           AND (b.number < r.number OR (b.number = r.number AND r.state = 'submitted'))
         ORDER BY b.number DESC LIMIT 1
    ) b WHERE b.id = r.id OR (b.state = 'superseded' AND NOT {_WAS_PUBLIC})
"""  # noqa: S608


def _content(alias: str) -> str:
    """What `points.history.differences` compares, with times as answers write them."""
    plain = (
        "kelurahan",
        "name",
        "address",
        "rw",
        "rt",
        "status",
        "accuracy_m",
        "method",
        "override_reason",
        "succession",
        "predecessors",
        "attributes",
    )
    members = [f"'{name}', {alias}.{name}" for name in plain]
    members += [f"'lon', ST_X({alias}.geom)", f"'lat', ST_Y({alias}.geom)"]
    members += [f"'captured_at', to_char({alias}.captured_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"]
    return f"jsonb_build_object({', '.join(members)})"


_SHOWN = f"""
    SELECT r.id AS revision, r.point_id AS point, r.number AS version, r.state, {KIND} AS kind, p.category, r.kelurahan, k.name AS kelurahan_name, r.name,
           ST_X(r.geom) AS lon, ST_Y(r.geom) AS lat, r.address, r.rw, r.rt, r.accuracy_m, r.method, r.captured_at, r.status, r.attributes,
           r.predecessors, r.succession, r.reason, r.flags, r.repair, r.override_reason, r.submitted_at, a.name AS submitted_by,
           r.placement, d.name AS decided_by, r.decided_at, r.decision_reason, {_content("r")} AS content,
           (SELECT {_content("b")} FROM ({_BEFORE}) b) AS before,
           (SELECT jsonb_build_object('revision', b.id, 'reason', b.decision_reason, 'content', {_content("b")}, 'returned_by', w.name,
                                      'returned_at', to_char(b.decided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
              FROM ({_RETURNED}) b JOIN titik.account w ON w.id = b.decided_by) AS corrects,
           (SELECT jsonb_build_object('edition', (array_agg(e.name ORDER BY c.id DESC))[1], 'before', (array_agg(c.before ORDER BY c.id))[1],
                                      'after', (array_agg(c.after ORDER BY c.id DESC))[1])
              FROM titik.placement_change c JOIN titik.boundary_edition e ON e.id = c.edition_id
             WHERE c.revision_id = r.id AND c.seen_at IS NULL HAVING count(*) > 0) AS rejudged,
           (SELECT jsonb_build_object('number', count(DISTINCT f.id), 'flags', coalesce(jsonb_agg(DISTINCT flag) FILTER (WHERE flag IS NOT NULL), '[]'))
              FROM titik.photo f LEFT JOIN LATERAL unnest(f.flags) AS flag ON true
             WHERE f.point_id = r.point_id) AS photos
      FROM titik.revision r
      JOIN titik.point p ON p.id = r.point_id
      JOIN titik.region k ON k.code = r.kelurahan
      JOIN titik.account a ON a.id = r.created_by
      LEFT JOIN titik.account d ON d.id = r.decided_by
"""  # noqa: S608
ONE = Statement(_SHOWN + " WHERE r.id = :revision")

# What waits, by its partial index; or what another edition has turned, also of what is public, until somebody has seen it.
_WAITING = "r.state = 'submitted' AND (CAST(:flag AS text) IS NULL OR CAST(:flag AS text) = ANY (r.flags))"
_TURNED = f"""r.state IN ('submitted', 'published') AND CAST(:flag AS text) = '{REJUDGED}' AND r.id IN (
        SELECT c.revision_id FROM titik.placement_change c WHERE c.seen_at IS NULL
        UNION ALL
        SELECT s.id FROM titik.revision s
         WHERE s.state = 'submitted' AND '{REJUDGED}' = ANY (s.flags) AND NOT EXISTS (SELECT FROM titik.placement_change c WHERE c.revision_id = s.id))"""  # noqa: S608
_KEYS: dict[Sorting, tuple[str, str]] = {
    "submitted_at": ("r.submitted_at", "timestamptz"),
    "name": ("r.name", "text"),
    "category": ("p.category", "text"),
    "kelurahan": ("r.kelurahan", "text"),
    "submitted_by": ("a.name", "text"),
    "distance_m": ("r.distance_m", "float8"),
}


def _page(source: str, sorting: Sorting, *, descending: bool) -> Statement:
    key, kind = _KEYS[sorting]
    follows, order = ("<", "DESC") if descending else (">", "ASC")
    return Statement(f"""
        WITH matching AS MATERIALIZED (
            SELECT r.id, {key} AS key
              FROM titik.revision r
              JOIN titik.point p ON p.id = r.point_id
              JOIN titik.account a ON a.id = r.created_by
             WHERE {source}
               AND (CAST(:category AS text) IS NULL OR p.category = CAST(:category AS text))
               AND (CAST(:kelurahan AS text) IS NULL OR r.kelurahan = CAST(:kelurahan AS text))
               AND (CAST(:writer AS text) IS NULL OR a.name = CAST(:writer AS text))
               AND (CAST(:age AS interval) IS NULL OR r.submitted_at <= now() - CAST(:age AS interval))
               AND NOT EXISTS (SELECT FROM unnest(CAST(:words AS text[])) word
                                WHERE strpos(titik.folded(concat_ws(' ', r.name, r.address)), word) = 0)
               AND (CAST(:corrected AS bool) IS NULL OR EXISTS ({_RETURNED}) = CAST(:corrected AS bool))
               AND (CAST(:kind AS text) IS NULL OR {KIND} = CAST(:kind AS text))
        ), page AS (
            SELECT m.id, m.key FROM matching m
             WHERE CAST(:after AS uuid) IS NULL OR (m.key, m.id) {follows} (CAST(CAST(:after_key AS text) AS {kind}), CAST(:after AS uuid))
             ORDER BY m.key {order}, m.id {order} LIMIT CAST(:limit AS int) + 1
        )
        SELECT counted.matched, page.key::text AS key, shown.*
          FROM (SELECT count(*) AS matched FROM matching) counted
          LEFT JOIN page ON true
          LEFT JOIN LATERAL ({_SHOWN} WHERE r.id = page.id) shown ON true
         ORDER BY page.key {order}, page.id {order}
    """)  # noqa: S608 - constants, joined at import


_SOURCES = {False: _WAITING, True: _TURNED}
PAGES = {
    (turned, sorting, descending): _page(_SOURCES[turned], sorting, descending=descending)
    for turned, sorting, descending in product(_SOURCES, SORTINGS, (False, True))
}

# What there is, for whoever has asked for what there is not.
KNOWN = Statement("""
    SELECT EXISTS (SELECT FROM titik.account a WHERE a.name = :writer) AS writer,
           ARRAY(SELECT c.id FROM titik.category c ORDER BY c.id) AS categories,
           ARRAY(SELECT DISTINCT a.name FROM titik.revision r JOIN titik.account a ON a.id = r.created_by WHERE r.state = 'submitted'
                  ORDER BY a.name LIMIT 50) AS writers
""")


class Wanted(NamedTuple):
    """Which entries, in which order. None: whatever it is. `age`: waiting at least so long; `words`: each in the name or the address."""

    category: str | None = None
    kind: Kind | None = None
    flag: str | None = None
    kelurahan: str | None = None
    writer: str | None = None
    age: timedelta | None = None
    words: tuple[str, ...] = ()
    corrected: bool | None = None
    sorting: Sorting = "submitted_at"
    descending: bool = False

    def statement(self) -> Statement:
        return PAGES[self.flag == REJUDGED, self.sorting, self.descending]

    def values(self, after: tuple[str, UUID] | None, limit: int) -> dict[str, Any]:
        """The values of `statement`; `after`: the key and the id of the entry that the page begins behind."""
        filters = {name: value for name, value in self._asdict().items() if name not in ("sorting", "descending")}
        key, last = after or (None, None)
        return filters | {"words": list(self.words), "after_key": key, "after": last, "limit": limit}


async def page(
    session: Session, wanted: Wanted, after: tuple[str, UUID] | None, limit: int
) -> tuple[list[Row], int, tuple[str, UUID] | None]:
    """The rows of a page, how many match in all, and what the next page begins behind."""
    rows = await session.all(wanted.statement(), **wanted.values(after, limit))
    found = [row for row in rows if row["revision"] is not None]
    last = found[limit - 1] if len(found) > limit else None
    return found[:limit], rows[0]["matched"], (last["key"], last["revision"]) if last else None
