"""Workers that deliver are killed at any moment, while transactions overlap and the receiver fails: no event is lost, none overtakes another.

`TITIK_TEST_KILLS=500` is the long run.
"""

import asyncio
import multiprocessing
import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from multiprocessing.context import ForkServerContext, ForkServerProcess
from uuid import UUID

import pytest

from app.access.rights import Actor
from app.audit.record import Action, record
from app.connections import open_once
from app.db import Database
from app.settings import Settings
from app.statement import Statement
from app.webhooks import event_types, service
from app.webhooks.schemas import NewWebhook
from tests.conftest import SECRET
from tests.factories import a_token
from tests.receiver import OK, Got, receiving, status
from tests.webhook_worker import work

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(1_800), pytest.mark.disruptive(20)]

KILLS = int(os.environ.get("TITIK_TEST_KILLS", "25"))
WORKERS, WRITERS = 2, 4
RETURNED, WITHDRAWN, PUBLISHED = "id.titik.revision.returned", "id.titik.revision.withdrawn", "id.titik.revision.published"
SUBSCRIBED = {"a": [RETURNED], "b": [RETURNED, WITHDRAWN], "c": [PUBLISHED]}
ACTIONS = (Action.REVISION_RETURN, Action.REVISION_WITHDRAW, Action.REVISION_PUBLISH)

EXPECTED = Statement(
    "SELECT event_id::text FROM titik.outbox WHERE type = ANY (CAST(:words AS text[])) ORDER BY history, transaction_id, id"
)
LEFT = Statement("""
    SELECT count(*) FROM titik.outbox o, titik.webhook w
     WHERE (o.history, o.transaction_id, o.id) > (w.after_history, w.after_transaction, w.after_id)
""")
ADMIN = Statement("SELECT id FROM titik.account WHERE role = 'admin'")
ACT = Statement("SELECT set_config('titik.role', 'admin', true)")


class Workers:
    """Two at any moment, each in a process of its own, forked from one that has everything imported."""

    def __init__(self, dsn: str) -> None:
        self._context: ForkServerContext = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["tests.webhook_worker"])
        self._dsn = dsn
        self._alive = [self._start() for _ in range(WORKERS)]
        self.kills = 0

    def _start(self) -> ForkServerProcess:
        process = self._context.Process(target=work, args=(self._dsn, SECRET), daemon=True)
        process.start()
        return process

    def kill_one(self) -> None:
        at = random.randrange(WORKERS)
        assert self._alive[at].is_alive(), "a worker ended by itself"
        self._alive[at].kill()
        self._alive[at].join(10)
        self._alive[at] = self._start()
        self.kills += 1

    def end(self) -> None:
        for process in self._alive:
            process.kill()
            process.join(10)


@pytest.fixture
def workers(database: Settings) -> Iterator[Workers]:
    started = Workers(database.service_dsn)
    yield started
    started.end()


async def write(database: Database, number: int, going: asyncio.Event) -> None:
    """Several events in each transaction, some of which are rolled back, some open for long."""
    chance = random.Random(number)
    while going.is_set():
        try:
            async with database.open_write() as session:
                for _ in range(chance.randrange(1, 4)):
                    await record(session, chance.choice(ACTIONS), UUID(int=chance.getrandbits(128)), kelurahan="35.71.01.1011")
                    await asyncio.sleep(chance.random() * chance.choice((0.01, 0.01, 0.2)))
                if chance.random() < 0.1:
                    # Rolled back.
                    raise LookupError  # noqa: TRY301
        except LookupError:
            pass
        # So many that there is always something on its way, not so many that the end is far.
        await asyncio.sleep(0.03)


async def subscribe(database: Database, settings: Settings, url: str) -> dict[str, str]:
    """The secrets of three webhooks."""
    await a_token(settings, "admin")
    secrets = {}
    async with database.open_write() as session:
        await session.run(ACT)
        actor = Actor(await session.value(ADMIN), "admin", "admin")
        for name, types in SUBSCRIBED.items():
            new = NewWebhook(url=f"{url}?{name}", types=types, description=name)
            _, secrets[name] = await service.add(session, actor, new, settings.secret, with_networks=True)
    return secrets


def name_of(got: Got, secrets: dict[str, str]) -> str:
    """Whose secret it was signed with."""
    for name, secret in secrets.items():
        try:
            got.verify(secret)
        except Exception:  # noqa: BLE001 - that of another
            continue
        return name
    raise AssertionError("signed with no secret of ours")


async def test_no_event_is_lost_and_none_overtakes_another(database: Settings, workers: Workers) -> None:
    chance, opened = random.Random(KILLS), await Database.connect(database)

    async def answering(_: Got) -> bytes | None:
        await asyncio.sleep(chance.random() * 0.01)
        odds = chance.random()
        return None if odds < 0.03 else status(503) if odds < 0.1 else OK

    going, began = asyncio.Event(), time.monotonic()
    going.set()
    try:
        async with receiving(answering) as receiver:
            secrets = await subscribe(opened, database, receiver.url)
            writers = [asyncio.create_task(write(opened, number, going)) for number in range(WRITERS)]
            while workers.kills < KILLS:
                await asyncio.sleep(chance.random() * 0.25)
                await asyncio.to_thread(workers.kill_one)
            going.clear()
            await asyncio.gather(*writers)
            async with asyncio.timeout(120), open_once(database.owner_dsn) as session:
                while await session.value(LEFT):  # noqa: ASYNC110 - what is waited for is in the database
                    await asyncio.sleep(0.1)
                expected = {
                    name: [row["event_id"] for row in await session.all(EXPECTED, words=event_types.words_of(types))]
                    for name, types in SUBSCRIBED.items()
                }
    finally:
        await opened.close()
    arrived: dict[str, list[str]] = {name: [] for name in SUBSCRIBED}
    bodies: dict[str, set[bytes]] = {}
    for got in receiver.got:
        arrived[name_of(got, secrets)].append(got.id)
        bodies.setdefault(got.id, set()).add(got.body)
    for name, ids in arrived.items():
        assert [one for one, _ in groupby(ids)] == expected[name], f"{name}: an event was lost, or overtook another"
    assert {len(known) for known in bodies.values()} == {1}, "the same bytes each time"
    number, again = sum(map(len, expected.values())), Counter(one for ids in arrived.values() for one, _ in groupby(ids))
    assert number > KILLS
    print(  # noqa: T201
        f"{workers.kills} kills, {number} events for {len(SUBSCRIBED)} webhooks, {len(receiver.got)} requests "
        f"({len(receiver.got) - sum(again.values())} sent again), {time.monotonic() - began:.0f} s"
    )
