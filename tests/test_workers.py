"""Four workers, as people start them: what is limited is limited over all of them together, also where one is killed."""

import asyncio
import os
import re
import signal
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from app.connections import open_once
from app.settings import Settings
from tests.factories import MOJOROTO, a_token, value
from tests.test_cli import COMMAND, environment

pytestmark = [pytest.mark.anyio, pytest.mark.disruptive(20)]

PASSWORD, WRONG = "pisang goreng hangat", "pisang goreng dingin"
STRANGER, OFFICER = "198.51.100.7", "203.0.113.9"
WORKERS = 4
AT_WORK = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'titik-webhooks' AND datname = current_database()"


class Service:
    """`titik serve --workers 4` behind a proxy: the tests say from where they ask."""

    def __init__(self, settings: Settings, place: Path) -> None:
        variables = environment(
            place / "data", TITIK_DATABASE_URL=settings.service_dsn, TITIK_SECRET_KEY=settings.secret.decode(), TITIK_PROXIES="127.0.0.1",
            TITIK_RATE_LIMIT="100/hour", TITIK_SIGN_IN_RATE_LIMIT="10/hour", TITIK_STREAMS_PER_ADDRESS="5", TITIK_LOG_FORMAT="json",
        )  # fmt: skip
        self._told = place / "told"
        with self._told.open("wb") as told, (place / "printed").open("wb") as printed:
            self.process = subprocess.Popen(
                [*COMMAND, "serve", "--port", "0", "--workers", str(WORKERS)],
                cwd=place, env=variables, stdin=subprocess.DEVNULL, stdout=printed, stderr=told, start_new_session=True,
            )  # fmt: skip
        self.url = self._ready()

    def _ready(self) -> str:
        for _ in range(1800):
            assert self.process.poll() is None, self._told.read_text()
            if found := re.search(r"http://127\.0\.0\.1:\d+", self._told.read_text()):
                break
            time.sleep(0.1)
        assert found
        return found[0]

    def workers(self) -> list[int]:
        """The processes that have the socket, but the first."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]

    def end(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(30)

    def get(self, address: str, path: str = "/conformance") -> httpx.Response:
        """On a connection of its own, so at any worker."""
        with self.client(address) as client:
            return client.get(path)

    def client(self, address: str) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers={"X-Forwarded-For": address}, trust_env=False, timeout=30)

    def enter(self, address: str, password: str) -> int:
        with self.client(address) as client:
            return client.post("/tokens/password", json={"account": "pic-bujel", "password": password}).status_code


async def all_at_work(settings: Settings) -> None:
    """Each has a connection of its own for webhooks, which goes with it."""
    for _ in range(1200):
        async with open_once(settings.owner_dsn) as session:
            if await value(session, AT_WORK) == WORKERS:
                return
        await asyncio.sleep(0.1)
    raise AssertionError("not all workers have begun")


async def all_replaced(settings: Settings) -> None:
    """After some were killed: PostgreSQL notices it in a moment, their successors take longer."""
    await asyncio.sleep(1)
    await all_at_work(settings)


@pytest.fixture
async def service(database: Settings, tmp_path: Path) -> AsyncIterator[Service]:
    admin = await a_token(database, "admin", (), "admin-1")
    await a_token(database, "pic", [MOJOROTO], "pic-bujel")
    one = await asyncio.to_thread(Service, database, tmp_path)
    try:
        await all_at_work(database)
        with one.client("192.0.2.200") as client:
            made = client.post("/accounts/pic-bujel/reset-link", headers={"Authorization": f"Bearer {admin}"})
            assert client.post(httpx.URL(made.json()["link"]).path, json={"password": PASSWORD}).status_code == 204
        yield one
    finally:
        one.end()


async def test_what_an_address_may_ask_holds_over_all_workers_also_when_one_is_killed(service: Service, database: Settings) -> None:
    with service.client(STRANGER) as kept:
        # One connection stays at one worker, which may give all that there is.
        assert [kept.get("/conformance").status_code for _ in range(50)] == [200] * 50
        assert [service.get(STRANGER).status_code for _ in range(30)] == [200] * 30
        os.kill(service.workers()[0], signal.SIGKILL)
        await all_replaced(database)
        answers = [service.get(STRANGER) for _ in range(24)]
        assert [answer.status_code for answer in answers] == [200] * 20 + [429] * 4
        assert answers[0].headers["ratelimit"].startswith('"address";r=19;')
        assert answers[0].headers["ratelimit-policy"] == '"address";q=100;w=3600'
    assert service.get(OFFICER).status_code == 200


async def test_a_stranger_does_not_lock_an_officer_out_and_has_ten_tries_at_all_workers(service: Service) -> None:
    assert [service.enter(STRANGER, WRONG) for _ in range(12)] == [401] * 10 + [429] * 2
    assert [service.enter(OFFICER, WRONG), service.enter(OFFICER, PASSWORD)] == [401, 201]
    # Nor with the right one: what was guessed meanwhile does not let anybody in.
    assert service.enter(STRANGER, PASSWORD) == 429


async def test_an_address_has_its_share_of_the_streams_at_all_workers(service: Service, database: Settings) -> None:
    def listen(stack: ExitStack, address: str, number: int) -> list[int]:
        clients = [stack.enter_context(service.client(address)) for _ in range(number)]
        return [stack.enter_context(client.stream("GET", "/changes/stream")).status_code for client in clients]

    with ExitStack() as stack:
        assert listen(stack, STRANGER, 8) == [200] * 5 + [429] * 3
        assert listen(stack, OFFICER, 3) == [200] * 3
    await asyncio.sleep(2)
    with ExitStack() as stack:
        # Those that hung up have given back what they held; so does the successor of a worker that was killed.
        assert listen(stack, STRANGER, 6) == [200] * 5 + [429]
        for pid in service.workers():
            os.kill(pid, signal.SIGKILL)
        await all_replaced(database)
        assert listen(stack, STRANGER, 6) == [200] * 5 + [429]
