"""Whether what is stored is what was written: revisions, photos and editions by the hashes in their audit rows, points and both read halves by
the revisions that they follow from. `audit/sealing.py` says whether those audit rows are still what they were.

What may change by itself is no finding: verdicts with an edition, names of regions and rounded places with a rebuild, what ended. Not looked
at: accounts, categories, contacts, the feed, what is drawn of areas. Reads in batches, each of one moment, beside a service that goes on.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypedDict, TypeVar
from uuid import UUID

from app.audit.findings import ChainFinding
from app.audit.record import edition_sha256, photo_sha256, revision_sha256
from app.db import Session
from app.nouns import NOUNS
from app.points.noun import POINT
from app.published.projection import AUDIENCES, BATCH, ITEMS, SHOWS_PHOTOS, STRAY
from app.statement import Statement


class StrayRow(TypedDict):
    subject: object


class FoundRow(StrayRow):
    """With the deed that it is not as."""

    audit_id: int


class DifferingItem(TypedDict):
    subject: UUID
    is_missing: bool


class PointRow(TypedDict):
    id: UUID
    is_right: bool


class RevisionRow(TypedDict):
    """`audit_id`: the deed that recorded its hash. `is_of_deed` is None where no deed decided."""

    id: UUID
    audit_id: int | None
    is_hashed: bool
    is_same: bool
    is_late: bool
    is_of_deed: bool | None


Examined = TypeVar("Examined", PointRow, RevisionRow)


AT_ONCE = 2_000
MOST = 1_000
"""More of one kind than that are not named one by one."""
# What a release that records no hashes may still write beside one that does, while a new one is brought in.
OVERLAP = "1 day"

# The last deed on a revision, and the last that recorded a hash: a row without one that somebody adds does not take the proof away. Who decided
# is in the hash; of rows without one it is compared with the account. A draft that was sent, a decision, an end: the state that each leaves.
_REVISIONS = f"""
    WITH batch AS MATERIALIZED (
        SELECT * FROM titik.revision WHERE id > :after ORDER BY id LIMIT CAST(:size AS int)
    )
    SELECT r.id, last.id AS audit_id, hashed.id IS NOT NULL AS is_hashed, hashed.sha256 = {revision_sha256("r")} AS is_same,
           last.at > CAST(:hashing_since AS timestamptz) + interval '{OVERLAP}' AS is_late,
           r.state IN (last.state, 'superseded')
               AND (last.action NOT IN ('revision.publish', 'revision.return') OR r.decided_by = last.account_id)
               AND (last.action NOT IN ('revision.withdraw', 'revision.unpublish') OR r.ended_by = last.account_id)
               AND (r.state <> 'superseded' OR p.status IN ('moved', 'closed')
                    OR EXISTS (SELECT FROM titik.revision n WHERE n.point_id = r.point_id AND n.number > r.number)) AS is_of_deed
      FROM batch r
      JOIN titik.point p ON p.id = r.point_id
      LEFT JOIN LATERAL (
        SELECT a.id, a.at, a.action, a.account_id,
               CASE a.action WHEN 'revision.submit' THEN 'submitted' WHEN 'revision.publish' THEN 'published' WHEN 'revision.return' THEN 'returned'
                             WHEN 'revision.withdraw' THEN 'withdrawn' WHEN 'revision.unpublish' THEN 'unpublished' ELSE a.detail ->> 'state'
               END AS state
          FROM titik.audit a WHERE a.subject = r.id::text ORDER BY a.id DESC LIMIT 1
      ) last ON true
      LEFT JOIN LATERAL (
        SELECT a.id, a.detail ->> 'sha256' AS sha256
          FROM titik.audit a WHERE a.subject = r.id::text AND a.detail ? 'sha256' ORDER BY a.id DESC LIMIT 1
      ) hashed ON true
     ORDER BY r.id
"""  # noqa: S608 - constants, joined at import
REVISIONS = Statement[RevisionRow](_REVISIONS)
HASHING_SINCE = Statement[datetime]("SELECT coalesce(min(at), 'infinity') FROM titik.audit WHERE detail ? 'sha256'")

# Of deeds with a hash only: of those before, samples may have been cleared without a word.
REVISIONS_MISSING = Statement[FoundRow]("""
    WITH cleared AS MATERIALIZED (
        SELECT jsonb_array_elements_text(detail -> 'revisions') AS id FROM titik.audit WHERE action = 'demo.clear'
    )
    SELECT min(a.id) AS audit_id, a.subject
      FROM titik.audit a
     WHERE a.detail ? 'sha256' AND (a.action LIKE 'point.%' OR a.action LIKE 'revision.%') AND coalesce(a.kind, 'point') = 'point'
       AND NOT EXISTS (SELECT FROM titik.revision r WHERE r.id::text = a.subject)
       AND NOT EXISTS (SELECT FROM cleared c WHERE c.id = a.subject)
     GROUP BY a.subject ORDER BY 1 LIMIT CAST(:most AS int)
""")

# A point is what its published revision says, until another takes over from it: that stands in the audit. One that was never published is
# active, where its first revision put it. Its category is in the row of each revision that was sent.
POINTS = Statement[PointRow]("""
    WITH batch AS MATERIALIZED (
        SELECT * FROM titik.point WHERE id > :after ORDER BY id LIMIT CAST(:size AS int)
    )
    SELECT p.id,
           (public.point_id IS NULL OR (p.status, p.kelurahan) = (public.status, public.kelurahan) OR ended.is_so)
           AND (public.point_id IS NOT NULL OR p.status IN ('active', 'inactive') OR ended.is_so
                OR EXISTS (SELECT FROM titik.revision o WHERE o.point_id = p.id AND o.state IN ('unpublished', 'superseded') AND o.status = p.status))
           AND NOT EXISTS (SELECT FROM titik.revision r LEFT JOIN titik.audit a ON a.subject = r.id::text
                            WHERE r.point_id = p.id AND (r.category <> p.category OR a.category <> p.category)) AS is_right
      FROM batch p
      LEFT JOIN titik.revision public ON public.point_id = p.id AND public.state = 'published'
      CROSS JOIN LATERAL (
        SELECT EXISTS (SELECT FROM titik.audit a WHERE a.subject = p.id::text AND a.action = 'revision.publish'
                                                   AND a.detail ->> 'status' = p.status) AS is_so
      ) ended
     ORDER BY p.id
""")

PHOTOS = Statement[FoundRow](f"""
    SELECT f.id AS subject, hashed.id AS audit_id FROM titik.photo f
      CROSS JOIN LATERAL (
        SELECT a.id, a.detail ->> 'sha256' AS sha256
          FROM titik.audit a WHERE a.subject = f.id::text AND a.detail ? 'sha256' ORDER BY a.id DESC LIMIT 1
      ) hashed
     WHERE hashed.sha256 <> {photo_sha256("f")} ORDER BY f.id LIMIT CAST(:most AS int)
""")  # noqa: S608 - constants, joined at import
# Shown are photos that a reviewer has published, as they are, and to everybody only those of a category whose photos everybody may see.
_SHOWN = """
    SELECT s.id AS subject FROM {half}.photo s
     WHERE NOT EXISTS (SELECT FROM titik.photo f JOIN titik.point p ON p.id = f.point_id JOIN titik.category c ON c.id = p.category AND {shows}
                        WHERE (f.id, f.point_id, f.sha256, f.width, f.height, f.bytes) = (s.id, s.point_id, s.sha256, s.width, s.height, s.bytes)
                          AND EXISTS (SELECT FROM titik.audit a WHERE a.subject = f.point_id::text AND a.action = 'photo.publish'
                                                                  AND a.detail -> 'photos' ? f.id::text))
     ORDER BY s.id LIMIT CAST(:most AS int)
"""
EDITIONS = Statement[FoundRow](f"""
    SELECT e.id AS subject, hashed.id AS audit_id FROM titik.boundary_edition e
      CROSS JOIN LATERAL (
        SELECT a.id, a.detail ->> 'sha256' AS sha256
          FROM titik.audit a WHERE a.subject = e.id::text AND a.action = 'edition.load' AND a.detail ? 'sha256' ORDER BY a.id DESC LIMIT 1
      ) hashed
     WHERE hashed.sha256 <> {edition_sha256("e")} ORDER BY e.id LIMIT CAST(:most AS int)
""")  # noqa: S608 - constants, joined at import

# Both halves as publishing would write them now. A newer PROJ may move `geom_mercator` by less than anybody can see.
_DIFFERING = """
    , stored AS (
        SELECT 'published' AS half, i.* FROM published.item i WHERE i.id = ANY (CAST(:points AS uuid[]))
         UNION ALL
        SELECT 'internal', i.* FROM internal.item i WHERE i.id = ANY (CAST(:points AS uuid[]))
    )
    SELECT item.id AS subject, bool_or(stored.id IS NULL) AS is_missing
      FROM item LEFT JOIN stored ON (stored.half, stored.id) = (item.half, item.id)
     WHERE stored.id IS NULL
        OR (item.feature_id, item.category, item.kelurahan, item.kecamatan, item.name, item.captured_at, item.verified_at, item.version,
            item.properties, item.feature, item.common_length, item.common_tail, item.place, item.words, ST_AsEWKB(item.geom))
           IS DISTINCT FROM
           (stored.feature_id, stored.category, stored.kelurahan, stored.kecamatan, stored.name, stored.captured_at, stored.verified_at,
            stored.version, stored.properties, stored.feature, stored.common_length, stored.common_tail, stored.place, stored.words, ST_AsEWKB(stored.geom))
        OR ST_Distance(item.geom_mercator, stored.geom_mercator) > 1e-6
     GROUP BY item.id ORDER BY item.id
"""
ITEMS_DIFFERING = Statement[DifferingItem](ITEMS + _DIFFERING)
_STRAYS = "SELECT i.id AS subject FROM {half}.item i WHERE {stray} ORDER BY i.id LIMIT CAST(:most AS int)"

# Of what is no point: what was proposed, by the hash in the row of the last deed on it.
_REWRITTEN = """
    SELECT r.id AS subject, hashed.id AS audit_id FROM {revisions} r
      CROSS JOIN LATERAL (
        SELECT a.id, a.detail ->> 'sha256' AS sha256
          FROM titik.audit a WHERE a.subject = r.id::text AND a.detail ? 'sha256' ORDER BY a.id DESC LIMIT 1
      ) hashed
     WHERE hashed.sha256 <> {sha256} ORDER BY r.id LIMIT CAST(:most AS int)
"""
_GONE = """
    SELECT min(a.id) AS audit_id, a.subject FROM titik.audit a
     WHERE a.kind = '{kind}' AND a.detail ? 'sha256' AND NOT EXISTS (SELECT FROM {revisions} r WHERE r.id::text = a.subject)
     GROUP BY a.subject ORDER BY 1 LIMIT CAST(:most AS int)
"""
_OF_NOUNS = tuple(
    (code, Statement[FoundRow](text.format(kind=noun.kind, revisions=noun.revisions, sha256=noun.hashed.sha256("r"))))
    for noun in NOUNS
    if noun is not POINT and noun.hashed.sha256 is not None
    for code, text in (("revision-rewritten", _REWRITTEN), ("revision-missing", _GONE))
)

# Each gives the rows that are wrong.
_DIFFERING_FROM_DEEDS = (
    ("revision-missing", REVISIONS_MISSING),
    ("photo-rewritten", PHOTOS),
    ("edition-rewritten", EDITIONS),
    *_OF_NOUNS,
)
_LISTS: tuple[tuple[str, Statement[StrayRow]], ...] = (
    *(
        ("photo-unfounded", Statement[StrayRow](_SHOWN.format(half=half, shows=shows)))
        for half, shows in (("published", SHOWS_PHOTOS), ("internal", "true"))
    ),
    *(
        ("item-unfounded", Statement[StrayRow](_STRAYS.format(half=half, stray=STRAY.format(audiences=who))))
        for half, who in AUDIENCES.items()
    ),
)


async def examine(session: Session) -> list[ChainFinding]:
    """What is not as it was written, of each kind `MOST` at the most; and, as a note, how many revisions are older than the hashes."""
    findings = await _revisions(session)
    findings += await _in_batches(session, POINTS, lambda row: [] if row["is_right"] else [_finding("point-changed", row["id"])])
    for code, recorded in _DIFFERING_FROM_DEEDS:
        findings += [_finding(code, row["subject"], row["audit_id"]) for row in await session.all(recorded, most=MOST)]
    for code, statement in _LISTS:
        findings += [_finding(code, row["subject"]) for row in await session.all(statement, most=MOST)]
    return list(dict.fromkeys(findings + await _items(session)))


def _finding(code: str, subject: object, audit_id: int | None = None) -> ChainFinding:
    return ChainFinding(code, None, audit_id, subject=str(subject))


async def _revisions(session: Session) -> list[ChainFinding]:
    unproven = 0

    def look(row: RevisionRow) -> list[ChainFinding]:
        nonlocal unproven
        unproven += row["audit_id"] is not None and not row["is_hashed"] and not row["is_late"]
        return _of_revision(row)

    since = await session.value(HASHING_SINCE)
    findings = await _in_batches(session, REVISIONS, look, hashing_since=since)
    return findings + ([_finding("revision-unproven", unproven)] if unproven else [])


def _of_revision(row: RevisionRow) -> list[ChainFinding]:
    if row["audit_id"] is None or (not row["is_hashed"] and row["is_late"]):
        return [_finding("revision-unrecorded", row["id"], row["audit_id"])]
    codes = []
    if row["is_hashed"] and not row["is_same"]:
        codes.append("revision-rewritten")
    if row["is_of_deed"] is False:
        codes.append("revision-state")
    return [_finding(code, row["id"], row["audit_id"]) for code in codes]


async def _in_batches(
    session: Session, statement: Statement[Examined], look: Callable[[Examined], list[ChainFinding]], **named: object
) -> list[ChainFinding]:
    findings: list[ChainFinding] = []
    after = UUID(int=0)
    while len(findings) < MOST and (rows := await session.all(statement, after=after, size=AT_ONCE, **named)):
        for row in rows:
            findings += look(row)
        after = rows[-1]["id"]
    return findings


async def _items(session: Session) -> list[ChainFinding]:
    findings: list[ChainFinding] = []
    after = UUID(int=0)
    while len(findings) < MOST and (rows := await session.all(BATCH, after=after, size=AT_ONCE)):
        points: Sequence[UUID] = [row["point_id"] for row in rows]
        found = await session.all(ITEMS_DIFFERING, points=points)
        findings += [_finding("item-missing" if row["is_missing"] else "item-rewritten", row["subject"]) for row in found]
        after = points[-1]
    return findings
