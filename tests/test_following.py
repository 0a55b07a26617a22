"""The feed under load: eight who publish, change, take back and close, others whose transactions stay open, and two who read along by cursor.

`TITIK_TEST_FOLLOW_S=60` is the long run.
"""

import asyncio
import os
import random
import re
from typing import Any

import pytest

from app.connections import open_once
from app.db import Database, WriteSession
from app.feed import changes
from app.feed.changes import FeedChange
from app.published.positions import BEGINNING, Position
from app.settings import Settings
from app.statement import Statement
from tests.conftest import AsRole, Client
from tests.factories import BUJEL, MOJOROTO, NGAMPEL, PUBLISH, a_feature, decision_of, published

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(600), pytest.mark.disruptive(15)]

SECONDS = float(os.environ.get("TITIK_TEST_FOLLOW_S", "6"))
WRITERS, READERS, DAWDLERS = 8, 2, 2
ANY = {"If-Match": "*"}

PRESENT = Statement("SELECT id::text AS id, feature FROM published.item")
LAST = Statement(
    "SELECT DISTINCT ON (id) history, transaction_id::text AS transaction_id, seq FROM published.change ORDER BY id, history DESC, published.change.transaction_id DESC, seq DESC"
)
TOUCH = Statement(
    "UPDATE published.item SET feature = replace(feature, '}}', ',\"n\"\\:' || CAST(:n AS text) || '}}') WHERE id = CAST(:id AS uuid)"
)
TAKE = Statement("DELETE FROM published.item WHERE id = CAST(:id AS uuid)")
FIRM = Statement("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
ABOVE = Statement("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
STEADY = Statement("SELECT set_config('lock_timeout', '30s', true), pg_current_xact_id()")


class World:
    def __init__(self, pic: Client, walidata: Client, database: Database) -> None:
        self.pic = pic
        self.walidata = walidata
        self.database = database
        self.writing = True
        self.done = False
        self.deeds = 0

    async def write(self, number: int) -> None:
        chance = random.Random(number)
        own: list[str] = []
        while self.writing:
            deed = chance.choice(("new", "change", "change", "unpublish", "close")) if own else "new"
            if deed == "new":
                lon, lat = 112.0 + chance.random() / 100, -7.8 - chance.random() / 100
                posted = await self.pic.post(
                    "/collections/posyandu/items", json=a_feature(lon, lat, override_reason="uji", kelurahan=MOJOROTO)
                )
                assert posted.status_code == 201, posted.text
                own.append(await self.publish(posted))
            elif deed == "change":
                change = {"properties": {"name": f"Posyandu {chance.random()}", "override_reason": "uji"}}
                await self.publish(await self.pic.patch(f"/collections/posyandu/items/{chance.choice(own)}", json=change, headers=ANY))
            else:
                point = own.pop(chance.randrange(len(own)))
                if deed == "close":
                    await self.publish(await self.pic.delete(f"/collections/posyandu/items/{point}", headers=ANY))
                else:
                    moved = await self.walidata.post(f"/points/{point}/revisions", json={"move": "unpublish", "reason": "uji"}, headers=ANY)
                    assert moved.status_code == 200, moved.text
            self.deeds += 1

    async def publish(self, answer: Any) -> str:
        assert answer.status_code in (200, 201, 202), answer.text
        feature = answer.json()
        decided = await self.walidata.post(decision_of(feature), json=PUBLISH)
        assert decided.status_code == 200, decided.text
        return str(feature["id"])

    async def dawdle(self, settings: Settings, points: list[str], number: int) -> None:
        """Has the id of its transaction long before it writes, and long after."""
        chance = random.Random(number)
        while self.writing:
            async with open_once(settings.owner_dsn) as session:
                await session.run(STEADY)
                await asyncio.sleep(chance.random() * 1.5)
                await self.touch(session, points, chance)
                await asyncio.sleep(chance.random() / 2)

    async def touch(self, session: WriteSession, points: list[str], chance: random.Random) -> None:
        await session.run(TOUCH, n=str(chance.randrange(1_000_000)), id=chance.choice(points))
        self.deeds += 1

    async def read(self, number: int) -> list[FeedChange]:
        chance, place, found = random.Random(number), BEGINNING, list[FeedChange]()
        while True:
            last = self.done
            page = await changes.page(self.database.public, "published", place, chance.randrange(1, 60))
            assert place <= page.following
            found += page.changes
            place = page.following
            if not page.more:
                if last:
                    return found
                await asyncio.sleep(chance.random() / 20)


async def test_nothing_is_skipped_nothing_repeated_and_all_ends_as_it_is(as_role: AsRole, database: Settings) -> None:
    pic, walidata, rt = await as_role("pic", MOJOROTO), await as_role("walidata"), await as_role("pic", BUJEL, NGAMPEL)
    opened = await Database.connect(database)
    try:
        world = World(pic, walidata, opened)
        slow = [
            (await published(rt, walidata, a_feature(111.9895, -7.8001 + n / 1e4, kelurahan=BUJEL, name=None, jenis=None, rt=str(n), rw="1"), "rt"))["id"]
            for n in range(1, 1 + 2 * DAWDLERS)
        ]  # fmt: skip
        readers = [asyncio.create_task(world.read(number)) for number in range(READERS)]
        writers = [asyncio.create_task(world.write(number)) for number in range(WRITERS)]
        writers += [asyncio.create_task(world.dawdle(database, slow[n * 2 : n * 2 + 2], n)) for n in range(DAWDLERS)]
        await asyncio.wait(writers, timeout=SECONDS, return_when=asyncio.FIRST_EXCEPTION)
        world.writing = False
        await asyncio.gather(*writers)
        above = await opened.public.value(ABOVE)
        async with asyncio.timeout(60):
            while await opened.public.value(FIRM) < above:  # noqa: ASYNC110 - what is waited for is in the database
                await asyncio.sleep(0.05)
        world.done = True
        seen = await asyncio.gather(*readers)
        present = {row["id"]: row["feature"] for row in await opened.public.all(PRESENT)}
        last = {Position(row["history"], int(row["transaction_id"]), row["seq"]) for row in await opened.public.all(LAST)}
    finally:
        await opened.close()
    for found in seen:
        positions = [change.position for change in found]
        assert positions == sorted(set(positions)), "each change once, in order"
        assert last <= set(positions), "the last of every point was told"
        state: dict[str, str] = {}
        for change in found:
            (point,) = re.findall(r'^{"kind":"point","id":"([0-9a-f-]{36})"', change.text)
            _, told, feature = change.text.partition('"feature":')
            state.pop(point, None)
            if told:
                state[point] = feature[:-1]
            else:
                assert '"deleted": true' in change.text
        assert state == present
    assert world.deeds > SECONDS * 5
    print(f"{world.deeds} deeds in {SECONDS:.0f} s; read {[len(found) for found in seen]} changes; {len(present)} points in the end")  # noqa: T201
