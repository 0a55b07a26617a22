"""What was acknowledged survives: a real service on a real, durable cluster, killed in the middle of a thousand posts."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from app.cluster import open_cluster
from app.cluster.place import find
from app.uuid7 import uuid7
from tests.factories import IN_MOJOROTO, a_feature
from tests.test_cli import Served, environment, run
from tests.test_cluster import _folder as a_folder
from tests.test_cluster import lives

pytestmark = pytest.mark.disruptive(28)

POSTS, CONNECTIONS = 1_000, 6
READY_WITHIN_S = 10.0
"""On a machine that has nothing else to do."""
ITEMS = "/collections/posyandu/items"


def ready_within() -> float:
    """As much longer as others make whoever starts wait for a core."""
    return READY_WITHIN_S * max(1, os.getloadavg()[0] / (os.cpu_count() or 1))


# Of the points sent in this test: each stands in one revision, and each revision in one audit row and one outbox row.
STORED = """
    SELECT r.point_id::text AS id, count(DISTINCT r.id) AS revisions,
           count(DISTINCT a.id) AS recorded, count(DISTINCT o.id) AS announced
      FROM titik.revision r
      LEFT JOIN titik.audit a ON a.subject = r.id::text AND a.action = 'point.submit'
      LEFT JOIN titik.outbox o ON o.subject = r.id::text AND o.type = 'point.submit'
     WHERE r.point_id::text = ANY ($1)
     GROUP BY r.point_id
"""
TOTALS = """
    SELECT (SELECT count(*) FROM titik.revision) AS revisions,
           (SELECT count(*) FROM titik.audit WHERE action = 'point.submit') AS recorded,
           (SELECT count(*) FROM titik.outbox WHERE type = 'point.submit') AS announced
"""


class Phones:
    """A thousand points and what became of them. Each is sent until it is answered, always with the same id and content."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.features = [
            a_feature(IN_MOJOROTO[0] + number % 40 * 5e-5, IN_MOJOROTO[1] + number // 40 * 5e-5, id=str(uuid7()), name=f"Posyandu {number}")
            for number in range(POSTS)
        ]
        self.waiting = list(reversed(self.features))
        self.answers: dict[str, int] = {}
        self.unanswered: set[str] = set()
        self.refused: set[str] = set()

    async def send(self) -> None:
        """One connection after the other, of one phone, until nothing is left."""
        async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
            while self.waiting:
                feature = self.waiting.pop()
                while not await self._try(client, feature):
                    pass

    async def _try(self, client: httpx.AsyncClient, feature: dict[str, Any]) -> bool:
        """Whether it was answered; where not, waits a little."""
        headers = {"Authorization": f"Bearer {self.served.tokens['TITIK_TOKEN_PIC']}"}
        try:
            answer = await client.post(self.served.url + ITEMS, json=feature, headers=headers)
        except httpx.TransportError:
            self.unanswered.add(feature["id"])
            await asyncio.sleep(0.05)
            return False
        assert answer.status_code in (200, 201, 503), answer.text + self.served.errors
        if answer.status_code == 503:
            self.refused.add(feature["id"])
            await asyncio.sleep(0.05)
            return False
        assert answer.json()["id"] == feature["id"]
        self.answers[feature["id"]] = answer.status_code
        return True


def tell(text: str) -> None:
    """Figures that people ask for: pytest -s."""
    print(text)  # noqa: T201


async def until(true: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)


def server_pid(data_dir: Path) -> int:
    return int((find(data_dir).pgdata / "postmaster.pid").read_text().split()[0])


def family(*ancestors: int) -> set[int]:
    """These processes and all that descend from them."""
    parents: dict[int, int] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    found = set(ancestors)
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


@asynccontextmanager
async def owner_of(data_dir: Path) -> Any:
    with open_cluster(data_dir) as cluster:
        connection = await asyncpg.connect(cluster.url("titik_owner"))
        try:
            yield connection
        finally:
            await connection.close()


async def break_things(phones: Phones, data_dir: Path) -> None:
    """Two accidents while the phones go on: the service is killed, later the database. The same command mends both."""
    await until(lambda: len(phones.answers) >= POSTS // 4)
    tokens = phones.served.tokens
    os.killpg(phones.served.process.pid, signal.SIGKILL)
    phones.served.process.wait()
    phones.served = await asyncio.to_thread(Served, data_dir)
    assert phones.served.tokens == tokens, "the tokens of a trial stay the same"
    tell(f"ready {phones.served.seconds:.1f} s after kill -9 of the service")
    assert phones.served.seconds < ready_within()

    killed_at = len(phones.answers)
    await until(lambda: len(phones.answers) >= killed_at + POSTS // 4)
    os.kill(server_pid(data_dir), signal.SIGKILL)
    await until(lambda: phones.refused)
    assert lives(phones.served.process.pid), "the service must outlive its database, to say that it is not there"
    assert phones.served.end(signal.SIGTERM) == 0
    phones.served = await asyncio.to_thread(Served, data_dir)
    tell(f"ready {phones.served.seconds:.1f} s after kill -9 of the database")
    assert phones.served.seconds < ready_within()
    assert len(phones.answers) < POSTS, "all was over before the second accident"


async def check_stored(phones: Phones, data_dir: Path) -> None:
    sent = [feature["id"] for feature in phones.features]
    async with owner_of(data_dir) as owner:
        stored = {row["id"]: (row["revisions"], row["recorded"], row["announced"]) for row in await owner.fetch(STORED, sent)}
        totals = await owner.fetchrow(TOTALS)
    assert stored == dict.fromkeys(sent, (1, 1, 1))
    assert totals["revisions"] == totals["recorded"] == totals["announced"]


async def check_second_start(served: Served, data_dir: Path) -> None:
    """Refused in words, and the first one goes on."""
    second = await run("serve", "--demo", "--port", "0", data_dir=data_dir)
    assert second.status == 1
    assert str(served.process.pid) in second.told
    assert "TITIK_DATA_DIR" in second.told
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(served.url + "/health/ready")).status_code == 200


def check_nothing_left(served: Served, data_dir: Path, number: signal.Signals) -> None:
    """Ends the service as a terminal or an init system does; neither it nor its cluster leaves a process."""
    processes = family(served.process.pid, server_pid(data_dir))
    assert len(processes) > 5
    began = time.monotonic()
    status = served.end(number)
    assert status == {signal.SIGINT: 130, signal.SIGTERM: 0}[number]
    assert time.monotonic() - began < 15
    assert not [pid for pid in processes if lives(pid)]
    assert "Traceback" not in served.told


@pytest.mark.timeout(150)
async def test_what_was_acknowledged_survives_kill_9() -> None:
    began = time.monotonic()
    with a_folder() as folder:
        data_dir = folder / "data"
        phones = Phones(await asyncio.to_thread(Served, data_dir))
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(CONNECTIONS):
                    group.create_task(phones.send())
                group.create_task(break_things(phones, data_dir))
            retried = phones.unanswered | phones.refused
            known = {id_ for id_, status in phones.answers.items() if status == 200}
            tell(
                f"{len(phones.answers)} answered; {len(retried)} sent again, {len(known)} of these had been stored, "
                f"{len(known & phones.refused - phones.unanswered)} of these after a 503"
            )
            assert phones.answers.keys() == {feature["id"] for feature in phones.features}
            assert retried
            # 200 says "you had sent this before", which is true only of what was sent before.
            assert known <= retried
            await check_stored(phones, data_dir)
            await check_second_start(phones.served, data_dir)
            check_nothing_left(phones.served, data_dir, signal.SIGINT)
            phones.served = Served(data_dir)
            assert phones.served.seconds < ready_within()
            check_nothing_left(phones.served, data_dir, signal.SIGTERM)
            await check_stored(phones, data_dir)
        finally:
            phones.served.kill()
    tell(f"{time.monotonic() - began:.0f} s in all")


def test_the_environment_of_these_tests_is_their_own() -> None:
    """Settings of whoever runs the tests must not reach the service under test."""
    assert not [name for name in environment() if name.startswith(("TITIK_", "PG")) and name != "TITIK_PG_BIN"]
