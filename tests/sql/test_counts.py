"""Counts are those of a count of everything, and cost little of what a page costs."""

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.collections import items
from app.collections.items import PageQuery
from app.db import WriteSession
from app.geo import Bbox
from tests.factories import MOJOROTO
from tests.sql.test_plans import Connection, nodes, world

pytestmark = pytest.mark.anyio
__all__ = ["world"]

IN_BOX = """
    SELECT count(*) FROM published.item WHERE ST_Y(geom) BETWEEN $1 AND $2 AND category = ANY ($5)
       AND (ST_X(geom) BETWEEN $3 AND $4 OR ($3 > $4 AND (ST_X(geom) >= $3 OR ST_X(geom) <= $4)))
"""
TOTALS = "SELECT kelurahan, category, number FROM published.kelurahan_total WHERE number <> 0 ORDER BY 1, 2"
COUNTED = "SELECT kelurahan, category, count(*) AS number FROM published.item GROUP BY 1, 2 ORDER BY 1, 2"


def boxes() -> Iterator[Bbox]:
    """Of the world's grid: small and large ones, whose sides lie on points as often as between them, and some over the antimeridian."""
    chance = random.Random(7)
    for _ in range(60):
        west, south = 111.9 + chance.randrange(200) * 0.001, -7.9 + chance.randrange(100) * 0.002
        wide, high = chance.choice([0.0, 0.001, 0.0105, 0.05]), chance.choice([0.0, 0.002, 0.011, 0.05])
        yield Bbox(round(west, 4), round(south, 4), round(west + wide, 4), round(south + high, 4))
    yield Bbox(112.09, -90, -170, 90)
    yield Bbox(170, -90, 111.91, 90)


async def test_the_number_in_a_box_is_that_of_all_that_lie_in_it(world: Connection) -> None:
    session: Any = WriteSession(world)
    told = 0
    for box in boxes():
        for category, categories in (("posyandu", ["posyandu"]), (None, ["posyandu", "rt"])):
            query = PageQuery("published", category, 10, box)
            number = await world.fetchval(IN_BOX, box.south, box.north, box.west, box.east, categories)
            page = await items.page(session, query, 20_000)
            assert page.matched == (number if number <= items.COUNTED else None), box
            for limit in (1, 100):
                assert (await items.page(session, replace(query, limit=limit), 20_000)).matched == page.matched
            told += page.matched is not None and page.matched > 10
    assert told > 30


async def test_a_page_is_the_same_whoever_joins_it(world: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """By PostgreSQL or by Python: the bytes, and where the next page begins, to the last one."""
    session: Any = WriteSession(world)
    small = Bbox(111.95, -7.85, 111.96, -7.84)
    pages = 0
    for category in ("posyandu", None):
        # A box of fourteen or so, a kelurahan of hundreds, all, and what is empty.
        for asked in ({"bbox": small}, {"kelurahan": MOJOROTO}, {}, {"bbox": Bbox(0, 0, 1, 1)}, {"kelurahan": "35.71.09.1001"}):
            query = PageQuery("published", category, 4 if "bbox" in asked else 100, **asked)
            for _ in range(5):
                joined = await items.page(session, query, 20_000)
                monkeypatch.setattr(items, "JOINED", 0)
                apart = await items.page(session, query, 20_000)
                monkeypatch.undo()
                assert joined._replace(matched=None) == apart._replace(matched=None)
                # Rows of a box are so many that none beyond them is counted.
                if "bbox" not in asked:
                    assert joined.matched == apart.matched
                pages += 1
                if joined.following is None:
                    break
                query = replace(query, after=joined.following)
    assert pages > 20


async def test_the_totals_of_kelurahan_follow_the_items(world: Connection) -> None:
    async def check() -> None:
        assert await world.fetch(TOTALS) == await world.fetch(COUNTED)

    await check()
    await world.execute("UPDATE published.item SET kelurahan = '35.71.01.1001' WHERE feature_id % 7 = 0")
    await check()
    await world.execute("UPDATE published.item SET category = 'rt' WHERE feature_id % 5 = 0")
    await check()
    await world.execute("DELETE FROM published.item WHERE feature_id % 3 = 0")
    await check()
    session: Any = WriteSession(world)
    for category in ("posyandu", None):
        page = await items.page(session, PageQuery("published", category, 1, kelurahan=MOJOROTO), 0)
        assert page.matched == await items.number(session, "published", category, MOJOROTO)
        assert page.matched
        assert page.matched > 1


async def test_a_count_stops_where_it_would_cost_too_much(world: Connection) -> None:
    """It looks at the index alone, and at few entries however many points a box holds."""
    await world.execute("SET LOCAL enable_seqscan = on")
    recorded: dict[str, Any] = {}

    class Recording(WriteSession):
        async def one(self, statement: Any, **named: object) -> Any:
            recorded.update(statement=statement, named=named)
            return await super().one(statement, **named)

    session: Any = Recording(world)
    await items.page(session, PageQuery("published", "posyandu", 10, Bbox(111, -9, 113, -7)), 20_000)
    statement, named = recorded["statement"], recorded["named"]
    for mode in ("force_custom_plan", "force_generic_plan"):
        await world.execute(f"SET LOCAL plan_cache_mode = {mode}")
        (analysed,) = await world.fetchval("EXPLAIN (ANALYZE, FORMAT JSON) " + statement.sql, *statement.values(named))
        read = [node for node in nodes(analysed["Plan"]) if node.get("Relation Name") == "item"]
        rows = sum((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"] for node in read)
        assert items.COUNTED < rows < items.COUNTED + 100
