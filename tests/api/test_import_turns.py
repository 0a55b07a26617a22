"""Imports of many accounts: each has its turn, and each a quota."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.connections import open_once
from app.db import Database, WriteSession
from app.imports.service import put_back
from app.main import create_app
from app.settings import Settings
from app.statement import Statement
from tests.api.test_imports import OWN, finished, posyandu, table
from tests.conftest import AsRole, Client
from tests.factories import MOJOROTO, a_token, code_of, execute, running

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("grid")]

STALE = timedelta(seconds=10)
ADD = """
    INSERT INTO titik.account (name, role) SELECT 'akun-' || n, 'walidata' FROM generate_series(1, 3) n;
    INSERT INTO titik.import (id, account_id, category, name, sha256, size, options)
    SELECT titik.uuid7(), a.id, 'posyandu', a.name || '/' || n, '', 1, '{}'
      FROM titik.account a, generate_series(1, 3) n WHERE a.name LIKE 'akun-%' ORDER BY a.name, n;
    INSERT INTO queue.pgqueuer (priority, status, entrypoint, payload, created, updated, heartbeat, execute_after)
    SELECT 0, 'queued', 'import', convert_to(id::text, 'UTF8'), now(), now(), now(), now() FROM titik.import ORDER BY name
"""


class Queue:
    """The queue as workers use it, without workers."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database, self._settings = database, settings

    async def take_up(self) -> int:
        """A job in the order of the queue, as the library picks it."""
        return int(await self._value("UPDATE queue.pgqueuer SET status = 'picked', heartbeat = now() WHERE id = (SELECT id FROM queue.pgqueuer WHERE status = 'queued' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id"))  # fmt: skip

    async def next(self, job: int) -> str | None:
        async with self.database.open_write() as session:
            found = await session.value(
                Statement("SELECT titik.next_import(CAST(:job AS bigint), CAST(:stale AS interval))"), job=job, stale=STALE
            )
        return found and str(await self._value(f"SELECT name FROM titik.import WHERE id = '{found}'"))

    async def end(self, job: int) -> None:
        await self._value(f"DELETE FROM queue.pgqueuer WHERE id = {job} RETURNING id")

    async def change(self, sql: str) -> None:
        async with open_once(self._settings.owner_dsn) as session:
            await execute(session, sql)

    async def _value(self, sql: str) -> Any:
        async with open_once(self._settings.owner_dsn) as session:
            return await session.value(Statement(sql))


@pytest.fixture
async def queue(database: Settings) -> Any:
    opened = await Database.connect(database)
    one = Queue(opened, database)
    for statement in ADD.split(";"):
        await one.change(statement)
    yield one
    await opened.close()


async def test_accounts_take_turns_whoever_came_first(queue: Queue) -> None:
    order = []
    for _ in range(9):
        job = await queue.take_up()
        order.append(await queue.next(job))
        await queue.end(job)
    assert order == [f"akun-{account}/{number}" for number in (1, 2, 3) for account in (1, 2, 3)]


async def test_an_account_is_served_once_at_a_time_by_all_workers_together(queue: Queue) -> None:
    jobs = [await queue.take_up() for _ in range(5)]
    assert [await queue.next(job) for job in jobs] == ["akun-1/1", "akun-2/1", "akun-3/1", None, None]
    # Whoever waits asks again, gets what has become free, and keeps nobody else from it.
    await queue.end(jobs[1])
    assert [await queue.next(job) for job in jobs[3:]] == ["akun-2/2", None]
    await queue.end(jobs[0])
    assert await queue.next(jobs[4]) == "akun-1/2"


async def test_what_a_dead_worker_had_is_done_and_each_import_once(queue: Queue) -> None:
    first, second = await queue.take_up(), await queue.take_up()
    assert [await queue.next(first), await queue.next(second)] == ["akun-1/1", "akun-2/1"]
    await queue.change("UPDATE queue.pgqueuer SET heartbeat = now() - interval '1 minute' WHERE status = 'picked'")
    # They are given to others, as the library does, at the same time.
    await queue.change("UPDATE queue.pgqueuer SET heartbeat = now() WHERE status = 'picked'")
    order = [await queue.next(job) for job in (first, second)]
    for job in (first, second):
        await queue.end(job)
    for _ in range(7):
        job = await queue.take_up()
        order.append(await queue.next(job))
        await queue.end(job)
    assert sorted(filter(None, order)) == [f"akun-{account}/{number}" for account in (1, 2, 3) for number in (1, 2, 3)]


async def test_a_job_whose_import_was_deleted_takes_no_other_with_it(queue: Queue) -> None:
    """It is about to end: its import is there no more, as when somebody deletes it in the moment when it is judged."""
    ending = await queue.take_up()
    assert await queue.next(ending) == "akun-1/1"
    await queue.change("DELETE FROM titik.import WHERE name = 'akun-1/1'")
    job = await queue.take_up()
    assert await queue.next(job) == "akun-1/2"
    await queue.end(ending)
    await queue.end(job)
    order = []
    for _ in range(7):
        job = await queue.take_up()
        order.append(await queue.next(job))
        await queue.end(job)
    assert sorted(filter(None, order)) == ["akun-1/3", *(f"akun-{account}/{number}" for account in (2, 3) for number in (1, 2, 3))]


async def test_an_import_without_a_job_gets_one(queue: Queue) -> None:
    await queue.change("DELETE FROM queue.pgqueuer WHERE id IN (SELECT id FROM queue.pgqueuer ORDER BY id LIMIT 2)")
    assert [await put_back(queue.database), await put_back(queue.database)] == [2, 0]
    order = []
    for _ in range(9):
        job = await queue.take_up()
        order.append(await queue.next(job))
        await queue.end(job)
    assert sorted(filter(None, order)) == [f"akun-{account}/{number}" for account in (1, 2, 3) for number in (1, 2, 3)]


async def test_many_at_once_swap_nothing_away(queue: Queue) -> None:
    done: list[str] = []

    async def work() -> None:
        while len(done) < 9:
            try:
                job = await queue.take_up()
            except TypeError:
                return
            while (name := await queue.next(job)) is None:  # noqa: ASYNC110 - it is asked, not told
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.02)
            done.append(name)
            await queue.end(job)

    await asyncio.wait_for(asyncio.gather(*(work() for _ in range(4))), 60)
    assert sorted(done) == [f"akun-{account}/{number}" for account in (1, 2, 3) for number in (1, 2, 3)]


async def test_one_file_of_one_account_does_not_wait_for_all_of_another(as_role: AsRole, owner: WriteSession) -> None:
    many, one = await as_role("pic", OWN), await as_role("pic", OWN)
    asked = {"category": "posyandu", "name": "titik.csv"}
    sent = [(await many.post("/imports", params=asked, content=table(posyandu(n)))).json()["id"] for n in range(4)]
    alone = (await one.post("/imports", params=asked, content=table(posyandu(9)))).json()["id"]
    for client, each in ((one, alone), *((many, each) for each in sent)):
        assert (await finished(client, each))["state"] == "judged"
    # An answer tells whole seconds, in which several are judged.
    rows = await owner.all(Statement("SELECT id FROM titik.import WHERE judged_at IS NOT NULL ORDER BY judged_at"))
    assert [str(row["id"]) for row in rows if str(row["id"]) in (alone, *sent)].index(alone) <= 2


async def test_what_an_account_may_keep(database: Settings) -> None:
    quota = {"imports_open": 2, "imports_rows": 3}
    asked = {"category": "posyandu", "name": "titik.csv"}
    app = create_app(database.model_copy(update=quota))
    token, other = [await a_token(database, "pic", [MOJOROTO], name) for name in ("satu", "dua")]
    async with running(app), _client(app, token) as pic, _client(app, other) as neighbour:
        answers = await asyncio.gather(*(pic.post("/imports", params=asked, content=table(posyandu(n))) for n in range(4)))
        assert sorted(answer.status_code for answer in answers) == [202, 202, 409, 409]
        refused = next(answer for answer in answers if answer.status_code == 409)
        assert code_of(refused) == (409, "imports-open-full")
        assert "DELETE /imports/…" in refused.json()["hint"]
        first, second = [answer.json()["id"] for answer in answers if answer.status_code == 202]
        for each in (first, second):
            await finished(pic, each)
        assert (await neighbour.post("/imports", params=asked, content=table(posyandu(0)))).status_code == 202
        assert (await pic.delete(f"/imports/{first}")).status_code == 204
        third = await pic.post("/imports", params=asked, content=table(posyandu(1), posyandu(2)))
        assert third.status_code == 202
        await finished(pic, third.json()["id"])
        await pic.post(f"/imports/{third.json()['id']}/commit", json={"rows": "good"})
        assert (await finished(pic, third.json()["id"]))["state"] == "committed"
        assert code_of(await pic.post("/imports", params=asked, content=table(posyandu(5)))) == (409, "imports-rows-full")
        async with open_once(database.owner_dsn) as session:
            await execute(session, "UPDATE titik.import SET found = '{}', done = 0, size = (256 << 20) - 5")
        full = await pic.post("/imports", params=asked, content=table(posyandu(5)))
        assert code_of(full) == (409, "imports-bytes-full")
        assert re.search(r"\b(256|512) MB", full.json()["detail"])


def _client(app: Any, token: str) -> Client:
    return Client(transport=httpx.ASGITransport(app=app), base_url="http://titik.test", headers={"Authorization": f"Bearer {token}"})
