"""A `titik serve` of its own, on a database of its own, with a few points and an account of each role."""

import asyncio
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import httpx
from pydantic import SecretStr

from app.cluster import Cluster, create_database, drop_database
from app.settings import Settings
from tests import factories
from tests.conftest import SECRET, TEMPLATE
from tests.factories import BUJEL, IN_MOJOROTO, MOJOROTO, a_feature, published
from tests.test_cli import COMMAND, environment

PASSWORD = "empat kata untuk masuk"
ACCOUNTS = {
    "pic": ("pic-mojoroto", (MOJOROTO, BUJEL)),
    "walidata": ("walidata-kota", ()),
    "admin": ("admin-kota", ()),
    "opd": ("opd-dinkes", ()),
}
NAMES = (
    "Melati",
    "Mawar",
    "Anggrek",
    "Kenanga",
    "Cempaka",
    "Dahlia",
    "Teratai",
    "Flamboyan",
    "Bougenville",
    "Seruni",
    "Wijaya Kusuma",
    "<b>Nusa</b> Indah",
)


Result = TypeVar("Result")


def apart(work: Coroutine[Any, Any, Result]) -> Result:
    """`asyncio.run` beside the loop of playwright, in a thread of its own."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, work).result()


class Process:
    """A `titik serve` on a port of its own, and in a process group of its own: killed and started again it has the same address."""

    def __init__(self, folder: Path, variables: dict[str, str]) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        self._environment, self._log = environment(folder, **variables), folder / "serve.log"
        self._turn = threading.Lock()
        self._running = self._started()

    def wait_until_ready(self) -> None:
        began = time.monotonic()
        while True:
            with self._turn:
                assert self._running.poll() is None, self._log.read_text()
            assert time.monotonic() - began < 120, self._log.read_text()
            try:
                if httpx.get(f"{self.url}/health/ready", trust_env=False).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)

    def die_and_come_back(self) -> None:
        """As after a power cut: all its processes at once, whatever they were doing."""
        with self._turn:
            self.end(signal.SIGKILL)
            self._running = self._started()

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        os.killpg(self._running.pid, number)
        self._running.wait(30)

    def _started(self) -> "subprocess.Popen[bytes]":
        with self._log.open("ab") as written:
            return subprocess.Popen(
                [*COMMAND, "serve", "--port", str(self._port)], cwd=tempfile.gettempdir(), env=self._environment,
                stdin=subprocess.DEVNULL, stdout=written, stderr=written, start_new_session=True,
            )  # fmt: skip


class Portal(NamedTuple):
    """`url` is the address of the service, without a slash at its end; `points` are ids of published points."""

    url: str
    settings: Settings
    tokens: dict[str, str]
    points: list[str]
    process: Process


@contextmanager
def serving(cluster: Cluster, name: str, folder: Path, **variables: str) -> Iterator[Portal]:
    """A service with `TITIK_*` as in `variables`, until it is left."""
    drop_database(cluster, name)
    create_database(cluster, name, TEMPLATE)
    settings = Settings(
        database_url=SecretStr(cluster.url("titik_service", name)), owner_url=SecretStr(cluster.url("titik_owner", name)),
        secret_key=SecretStr(SECRET), data_dir=folder,
    )  # fmt: skip
    tokens = asyncio.run(_accounts(settings))
    own = {
        "TITIK_DATABASE_URL": settings.service_dsn, "TITIK_OWNER_URL": settings.owner_dsn, "TITIK_SECRET_KEY": SECRET,
        "TITIK_RATE_LIMIT": "off", "TITIK_ACCOUNT_RATE_LIMIT": "off", "TITIK_SIGN_IN_RATE_LIMIT": "off", "TITIK_LOG_LEVEL": "warning",
    }  # fmt: skip
    process = Process(folder, own | variables)
    try:
        process.wait_until_ready()
        yield Portal(process.url, settings, tokens, asyncio.run(_points(process.url, tokens)), process)
    finally:
        process.end()
        drop_database(cluster, name)


async def _accounts(settings: Settings) -> dict[str, str]:
    return {role: await factories.a_token(settings, role, kelurahan, name) for role, (name, kelurahan) in ACCOUNTS.items()}


async def _points(url: str, tokens: dict[str, str]) -> list[str]:
    """Each account gets `PASSWORD`, and the map its points."""

    def client(role: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=url, trust_env=False, timeout=60, headers={"Authorization": f"Bearer {tokens[role]}"})

    async with client("admin") as admin, client("pic") as pic, client("walidata") as walidata:
        for name, _ in ACCOUNTS.values():
            link = (await admin.post(f"/accounts/{name}/reset-link")).json()["link"]
            answer = await admin.post(httpx.URL(link).path, json={"password": PASSWORD}, headers={"Authorization": ""})
            assert answer.status_code == 204, answer.text
        lon, lat = IN_MOJOROTO
        made: list[dict[str, Any]] = []
        for n, name in enumerate(NAMES):
            known = {"name": f"Posyandu {name}", "address": f"Jalan {name} {n + 1}", "rw": "03", "kelurahan": MOJOROTO}
            made.append(await published(pic, walidata, a_feature(lon + n % 4 * 7e-4, lat + n // 4 * 7e-4, **known)))
    return [str(point["id"]) for point in made]
