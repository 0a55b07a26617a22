"""What is published of figures enters the read halves; of counts of persons, what may be shown. In the transaction that decides."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from app.db import WriteSession
from app.disclosure.layers import Snapshot
from app.disclosure.tabulation import Count
from app.figures import definitions as indicators
from app.figures import disclosing, queries
from app.figures.disclosing import CountedValue, DecidedTable
from app.figures.rules import FigureKey, KeptDefinitions
from app.regions.codes import city_of
from app.statement import Statement


class _CityTable(NamedTuple):
    """A family of indicators of a city and a period; in the order in which they are held."""

    city: str
    root: str
    period: str
    begins: date


TOUCHED = Statement("""
    SELECT id, kelurahan, indicator, period, begins FROM titik.profile_value WHERE id = ANY (CAST(:ids AS uuid[])) ORDER BY id
""")


async def follow(session: WriteSession, changed: Sequence[UUID], ended: Sequence[UUID]) -> None:
    """Once, at the end of a transaction: what has ended leaves the read halves, what is public enters."""
    definitions = {name: row["definition"] for name, row in (await indicators.newest(session)).items()}
    rows = await session.all(TOUCHED, ids=[*changed, *ended])
    tables = set()
    for row in rows:
        if root := disclosing.root_of(row["indicator"], definitions):
            tables.add(_CityTable(city_of(row["kelurahan"]), root, row["period"], row["begins"]))
    shown, withheld = set(changed), set[UUID]()
    for table in sorted(tables):
        all_of, hidden = await _decide(session, definitions, table)
        shown |= all_of
        withheld |= hidden
    # Only now, when all tables are held: it takes the versions of the collections, for which others wait with a table in their hands.
    if ended:
        await session.run(queries.REMOVE, ids=list(ended))
    internal_only = [name for name, one in definitions.items() if one["audience"] != "public"]
    session.changes_public = True
    if shown:
        await session.run(queries.PROJECT, ids=sorted(shown), withheld=sorted(withheld), internal_only=internal_only)


async def withdraw_indicator(session: WriteSession, indicator: str) -> None:
    """Once an indicator is internal: its figures leave the public half. They come back, where it is public again, as each is published."""
    await session.run(queries.REMOVE_PUBLIC, indicator=indicator)


async def _decide(session: WriteSession, definitions: KeptDefinitions, table: _CityTable) -> tuple[set[UUID], set[UUID]]:
    """All published figures of a family, and those that the public does not get; what was decided is kept."""
    await session.run(queries.HOLD_TABLES, key=f"{table.city}/{table.root}/{table.period}")
    areas = await session.all(queries.AREAS, city=table.city)
    family = disclosing.family_of(table.root, definitions)
    rows = await session.all(
        queries.PUBLISHED_COUNTS, indicators=family, begins=table.begins, period=table.period, kelurahan=[area["code"] for area in areas]
    )
    values = [
        CountedValue(row["kelurahan"], FigureKey(row["indicator"], row["indicator_class"]), int(row["value"]), row["version"])
        for row in rows
        if row["value"] is not None
    ]
    parents: dict[str, str | None] = {table.city: None}
    for area in areas:
        parents |= {area["code"]: area["parent_code"], area["parent_code"]: table.city}
    past = await _past(session, table)
    tables = disclosing.decided(parents, table.root, definitions, values, past)
    for one in tables:
        await _keep(session, table, one, past.get(one.name, []))
    hidden = disclosing.withheld_of(table.root, definitions, values, tables)
    ids = {(row["kelurahan"], FigureKey(row["indicator"], row["indicator_class"])): row["id"] for row in rows}
    return set(ids.values()), {ids[one] for one in hidden}


async def _past(session: WriteSession, table: _CityTable) -> dict[str, list[Snapshot]]:
    found: dict[str, list[Snapshot]] = defaultdict(list)
    for row in await session.all(queries.SNAPSHOTS, city=table.city, period=table.period):
        counts = {(area, one): Count(value, version) for area, one, value, version in row["counts"]}
        found[row["tabulation"]].append(Snapshot(counts, frozenset((area, one) for area, one in row["public"])))
    return found


async def _keep(session: WriteSession, table: _CityTable, decided: DecidedTable, past: Sequence[Snapshot]) -> None:
    snapshot = Snapshot(decided.counts, decided.public)
    if (past and past[-1] == snapshot) or not decided.counts:
        return
    counts = [[area, one, count.value, count.version] for (area, one), count in sorted(decided.counts.items())]
    answer = decided.disclosure
    await session.run(
        queries.KEEP_SNAPSHOT, city=table.city, tabulation=decided.name, period=table.period, counts=counts, public=sorted(decided.public),
        withheld=sorted(answer.withheld), exposed=sorted(answer.exposed),
    )  # fmt: skip
