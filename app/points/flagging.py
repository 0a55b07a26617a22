"""Flags what older versions have let in: texts that tell of a person, in what waits for a decision and in what is public."""

from uuid import UUID

from app.categories import queries as categories
from app.categories.rules import Category
from app.common_fields import columns
from app.db import WriteSession
from app.points.personal import PERSONAL, personal_fields
from app.statement import Statement

AT_ONCE = 5_000

_BATCH = Statement(f"""
    SELECT r.id, p.category, {columns("r")}, r.attributes, r.flags
      FROM titik.revision r JOIN titik.point p ON p.id = r.point_id
     WHERE r.id > :after AND r.state IN ('draft', 'submitted', 'returned', 'published')
     ORDER BY r.id LIMIT CAST(:limit AS int)
""")  # noqa: S608 - constants, joined at import
_FLAG = Statement("""
    UPDATE titik.revision
       SET flags = array_append(flags, CAST(:flag AS text)),
           placement = jsonb_set(placement, '{flags}', coalesce(placement -> 'flags', '[]') || to_jsonb(CAST(:flag AS text)))
     WHERE id = ANY (CAST(:ids AS uuid[]))
""")
LIST = Statement("""
    SELECT p.category, r.kelurahan, k.name AS kelurahan_name, p.id AS point, r.state
      FROM titik.revision r JOIN titik.point p ON p.id = r.point_id JOIN titik.region k ON k.code = r.kelurahan
     WHERE CAST(:flag AS text) = ANY (r.flags) AND r.state IN ('draft', 'submitted', 'returned', 'published')
     ORDER BY r.state = 'published' DESC, p.category, r.kelurahan, p.id
""")


async def flag_personal(session: WriteSession) -> int:
    """How many revisions were flagged that were not before. As the owner: the service may change no flags."""
    known: dict[str, Category] = {}
    total, after = 0, UUID(int=0)
    while rows := await session.all(_BATCH, after=after, limit=AT_ONCE):
        for name in {row["category"] for row in rows} - known.keys():
            known[name] = await categories.fresh(session, name)
        found = [row["id"] for row in rows if PERSONAL not in row["flags"] and personal_fields(known[row["category"]], row)]
        if found:
            await session.run(_FLAG, flag=PERSONAL, ids=found)
        total, after = total + len(found), rows[-1]["id"]
    return total
