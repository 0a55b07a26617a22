"""SQL of the walidata's queue: what waits for a decision, what boundaries have turned, and one revision with what there is to know of it.

A page and the number of all that match are one statement over all nouns, of the index of what waits (or of what is unseen): each order has its
own text, every filter is a value that may be NULL.
"""

from datetime import timedelta
from itertools import product
from typing import Literal, NamedTuple, get_args
from uuid import UUID

from app.common_fields import CONTENT
from app.db import Row, Session
from app.nouns import NOUNS
from app.points.rules import REJUDGED
from app.statement import Statement
from app.workflow.noun import Noun, public_before, returned_before

ReviewKind = Literal["new", "change", "confirm", "move", "close"]
Sorting = Literal["submitted_at", "name", "category", "kelurahan", "submitted_by", "distance_m"]
SORTINGS: tuple[Sorting, ...] = get_args(Sorting)

# What a noun may tell of its revisions beside what all have (`QueueEntry.columns`), and as what.
OWN = {field.name: field.sql for field in CONTENT if field.name not in ("name", "kelurahan")} | {
    "point": "uuid", "lon": "float8", "lat": "float8", "attributes": "jsonb", "predecessors": "uuid[]", "succession": "text", "reason": "text",
    "flags": "text[]", "repair": "jsonb", "placement": "jsonb", "distance_m": "float8", "rejudged": "jsonb", "photos": "jsonb",
}  # fmt: skip


def column(noun: Noun, name: str) -> str:
    return f"CAST({noun.queue.columns.get(name, 'NULL')} AS {OWN[name]})"


def _shown(noun: Noun, condition: str) -> str:
    before, returned = public_before(noun.revisions, noun.subject), returned_before(noun.revisions, noun.subject)
    content = noun.queue.content
    own = ", ".join(f"{column(noun, name)} AS {name}" for name in OWN)
    return f"""
        SELECT '{noun.kind}' AS subject_kind, r.{noun.subject} AS subject, r.id AS revision, r.number AS version, r.state,
               {noun.queue.kind} AS kind, r.category, r.kelurahan, k.name AS kelurahan_name, {noun.queue.name} AS name, r.submitted_at,
               a.name AS submitted_by, d.name AS decided_by, r.decided_at, r.decision_reason, {content("r")} AS content,
               (SELECT {content("b")} FROM ({before}) b) AS before,
               (SELECT jsonb_build_object('revision', b.id, 'reason', b.decision_reason, 'content', {content("b")}, 'returned_by', w.name,
                                          'returned_at', to_char(b.decided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
                  FROM ({returned}) b JOIN titik.account w ON w.id = b.decided_by) AS corrects,
               {own}
          FROM {noun.revisions} r
          JOIN titik.region k ON k.code = r.kelurahan
          JOIN titik.account a ON a.id = r.created_by
          LEFT JOIN titik.account d ON d.id = r.decided_by
         WHERE {condition}
    """  # noqa: S608 - constants, joined at import


ONE = Statement(" UNION ALL ".join(_shown(noun, "r.id = :revision") for noun in NOUNS))

# What waits, by the partial index of its table; or what another edition has turned, also of what is public, until somebody has seen it.
_WAITING = "r.state = 'submitted' AND (CAST(:flag AS text) IS NULL OR CAST(:flag AS text) = ANY ({flags}))"
_TURNED = f"CAST(:flag AS text) = '{REJUDGED}' AND {{turned}}"


def source(noun: Noun, *, turned: bool) -> str:
    if turned:
        return _TURNED.format(turned=noun.queue.turned or "false")
    return _WAITING.format(flags=column(noun, "flags"))


def key_of(noun: Noun, sorting: Sorting) -> tuple[str, str]:
    """What the order goes by, and its type."""
    match sorting:
        case "submitted_at":
            return "r.submitted_at", "timestamptz"
        case "distance_m":
            return column(noun, "distance_m"), "float8"
        case "name":
            return noun.queue.name, "text"
        case "submitted_by":
            return "a.name", "text"
        case _:
            return f"r.{sorting}", "text"


def clean(noun: Noun) -> str:
    """What may be published together: no closing, not one's own, not returned before, and nothing of it to look at."""
    returned = returned_before(noun.revisions, noun.subject)
    return f"""({noun.queue.clean} AND r.created_by <> CAST(:account_id AS int) AND {noun.queue.kind} <> 'close' AND NOT EXISTS ({returned}))"""


def matching(noun: Noun, sorting: Sorting, *, turned: bool) -> str:
    return f"""
        SELECT '{noun.kind}' AS subject_kind, r.id, {key_of(noun, sorting)[0]} AS key
          FROM {noun.revisions} r
          JOIN titik.account a ON a.id = r.created_by
         WHERE {source(noun, turned=turned)}
           AND (CAST(:subject_kind AS text) IS NULL OR CAST(:subject_kind AS text) = '{noun.kind}')
           AND (CAST(:category AS text) IS NULL OR r.category = CAST(:category AS text))
           AND (CAST(:kelurahan AS text) IS NULL OR r.kelurahan = CAST(:kelurahan AS text))
           AND (CAST(:writer AS text) IS NULL OR a.name = CAST(:writer AS text))
           AND (CAST(:age AS interval) IS NULL OR r.submitted_at <= now() - CAST(:age AS interval))
           AND NOT EXISTS (SELECT FROM unnest(CAST(:words AS text[])) word WHERE strpos(titik.folded({noun.queue.searched}), word) = 0)
           AND (CAST(:corrected AS bool) IS NULL
                OR EXISTS ({returned_before(noun.revisions, noun.subject)}) = CAST(:corrected AS bool))
           AND (CAST(:kind AS text) IS NULL OR {noun.queue.kind} = CAST(:kind AS text))
           AND (CAST(:clean AS bool) IS NULL OR {clean(noun)} = CAST(:clean AS bool))
    """  # noqa: S608


def _page(sorting: Sorting, *, turned: bool, descending: bool) -> Statement:
    kind = key_of(NOUNS[0], sorting)[1]
    follows, order = ("<", "DESC") if descending else (">", "ASC")
    return Statement(f"""
        WITH matching AS MATERIALIZED (
            {" UNION ALL ".join(matching(noun, sorting, turned=turned) for noun in NOUNS)}
        ), page AS (
            SELECT m.subject_kind, m.id, m.key FROM matching m
             WHERE CAST(:after AS uuid) IS NULL OR (m.key, m.id) {follows} (CAST(CAST(:after_key AS text) AS {kind}), CAST(:after AS uuid))
             ORDER BY m.key {order}, m.id {order} LIMIT CAST(:limit AS int) + 1
        )
        SELECT counted.matched, page.key::text AS key, shown.*
          FROM (SELECT count(*) AS matched FROM matching) counted
          LEFT JOIN page ON true
          LEFT JOIN LATERAL (
            {" UNION ALL ".join(_shown(noun, f"page.subject_kind = '{noun.kind}' AND r.id = page.id") for noun in NOUNS)}
          ) shown ON true
         ORDER BY page.key {order}, page.id {order}
    """)  # noqa: S608 - constants, joined at import


PAGES = {
    (turned, sorting, descending): _page(sorting, turned=turned, descending=descending)
    for turned, sorting, descending in product((False, True), SORTINGS, (False, True))
}

# What there is, for whoever has asked for what there is not.
_WRITERS = " UNION ".join(
    f"SELECT DISTINCT a.name FROM {noun.revisions} r JOIN titik.account a ON a.id = r.created_by WHERE r.state = 'submitted'"  # noqa: S608
    for noun in NOUNS
)
KNOWN = Statement(f"""
    SELECT EXISTS (SELECT FROM titik.account a WHERE a.name = :writer) AS writer,
           ARRAY({" UNION ".join(noun.categories for noun in NOUNS)} ORDER BY 1) AS categories,
           ARRAY({_WRITERS} ORDER BY 1 LIMIT 50) AS writers
""")  # noqa: S608


class Wanted(NamedTuple):
    """Which entries, in which order. None: whatever it is. `age`: waiting at least so long; `words`: each in the name or the address; `clean`:
    whether there is nothing to look at (the function `clean`).
    """

    category: str | None = None
    kind: ReviewKind | None = None
    flag: str | None = None
    kelurahan: str | None = None
    writer: str | None = None
    age: timedelta | None = None
    words: tuple[str, ...] = ()
    corrected: bool | None = None
    sorting: Sorting = "submitted_at"
    descending: bool = False
    subject_kind: str | None = None
    clean: bool | None = None

    def statement(self) -> Statement:
        return PAGES[self.flag == REJUDGED, self.sorting, self.descending]

    def filters(self, account_id: int) -> dict[str, object]:
        """The values of `matching`; `account_id`: who asks."""
        filters = {name: value for name, value in self._asdict().items() if name not in ("sorting", "descending")}
        return filters | {"words": list(self.words), "account_id": account_id}

    def values(self, account_id: int, after: tuple[str, UUID] | None, limit: int) -> dict[str, object]:
        """The values of `statement`; `after`: the key and the id of the entry that the page begins behind."""
        key, last = after or (None, None)
        return self.filters(account_id) | {"after_key": key, "after": last, "limit": limit}


async def page(
    session: Session, account_id: int, wanted: Wanted, after: tuple[str, UUID] | None, limit: int
) -> tuple[list[Row], int, tuple[str, UUID] | None]:
    """The rows of a page, how many match in all, and what the next page begins behind."""
    rows = await session.all(wanted.statement(), **wanted.values(account_id, after, limit))
    found = [row for row in rows if row["revision"] is not None]
    last = found[limit - 1] if len(found) > limit else None
    return found[:limit], rows[0]["matched"], (last["key"], last["revision"]) if last else None
