"""A disk that is full, and a database that is read-only: what becomes of writes, of readiness, and of whoever reads.

    python -m chaos.full_disk [--code CHECKOUT] [--seconds 12]

The trial's cluster, and all files of the service, lie on a small file system in memory (`mount -t tmpfs`, so as root on Linux), which a ballast
fills to the last byte. Read-only is what `ALTER SYSTEM` and, for new connections, `ALTER DATABASE` say.
"""

import argparse
import asyncio
import itertools
import os
import subprocess
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from app.cluster import open_cluster
from app.cluster.server import ADMIN
from app.uuid7 import uuid7
from chaos.service import PAGE, ROOT, TILE, Service, asked_steadily

SIZE_MB = 400
ITEMS = "/collections/posyandu/items"
WITHIN_S = 5.0
READING_A_SECOND, WRITING_A_SECOND = 20, 5
HERE = (112.0016, -7.8041)


@dataclass
class Write:
    """One that was answered."""

    at: float
    status: int
    told_when: bool
    """By `Retry-After`; in `/sync` by the word `later`."""


@dataclass
class Seen:
    """What was asked while the trouble came, stayed and went, by the clock of this process."""

    began: float = 0.0
    ended: float = 0.0
    pages: list[tuple[float, int, float]] = field(default_factory=list)
    tiles: list[tuple[float, int, float]] = field(default_factory=list)
    ready: list[tuple[float, int, float]] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    synced: list[Write] = field(default_factory=list)
    stored: list[str] = field(default_factory=list)
    """The ids of points that were acknowledged."""

    def lines(self, name: str) -> list[str]:
        during = [one for one in self.writes + self.synced if self.began + WITHIN_S < one.at < self.ended]
        refused = Counter(one.status for one in during)
        untold = sum(one.status == 503 and not one.told_when for one in self.writes + self.synced)
        reading = Counter(status for _, status, _ in self.pages + self.tiles)
        return [
            f"{name}: writes in the trouble, after its first {WITHIN_S:.0f} s: {dict(refused)}, without a word when to come again: {untold}",
            f"  not ready after {self.until_not_ready():.1f} s, ready again {self.until_ready():.1f} s after it ended, first write {self.until_written():.1f} s",
            f"  pages and tiles: {dict(reading)}; longest {max(took for *_, took in self.pages + self.tiles):.2f} s",
            f"  acknowledged {len(self.stored)}; failures of our own: {sum(one.status in (0, 500) for one in self.writes + self.synced)}",
        ]

    def is_well(self, number_stored: int) -> bool:
        """Whether all was as RELIABILITY asks: refused in words, read on, soon well again, and nothing lost that was acknowledged."""
        writes = self.writes + self.synced
        during = {one.status for one in writes if self.began + WITHIN_S < one.at < self.ended}
        times = (self.until_not_ready(), self.until_ready(), self.until_written())
        is_told = all(one.told_when for one in writes if one.status == 503)
        is_read = {status for _, status, _ in self.pages + self.tiles} == {200}
        return during == {503} and is_told and is_read and max(times) <= WITHIN_S and number_stored == len(self.stored)

    def until_not_ready(self) -> float:
        return next((at - self.began for at, status, _ in sorted(self.ready) if at > self.began and status == 503), float("inf"))

    def until_ready(self) -> float:
        return self._since_end([(at, status == 200) for at, status, _ in self.ready])

    def until_written(self) -> float:
        return self._since_end([(one.at, one.status in (200, 201)) for one in self.writes])

    def _since_end(self, seen: list[tuple[float, bool]]) -> float:
        """From the end of the trouble until all is well, and stays so."""
        after = sorted(one for one in seen if one[0] > self.ended)
        bad = [at for at, well in after if not well]
        return next((at - self.ended for at, _ in after if at > max(bad, default=0.0)), float("inf"))


@contextmanager
def small_disk(size_mb: int = SIZE_MB) -> Iterator[Path]:
    """A directory on a file system of its own. PermissionError where that may not be mounted."""
    with tempfile.TemporaryDirectory(prefix="titik-full-") as folder:
        place = Path(folder)
        place.chmod(0o755)
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size_mb}m,mode=755", "titik", folder],
            capture_output=True,
            text=True,
            check=False,
        )
        if mounted.returncode:
            raise PermissionError(mounted.stderr)
        try:
            yield place
        finally:
            subprocess.run(["umount", "--lazy", folder], check=False)


def fill(place: Path) -> None:
    """To the last byte, and once more, for what was freed meanwhile."""
    with suppress(OSError), (place / "ballast").open("ab", buffering=0) as ballast:
        for size in (1 << 20, 4096, 1):
            with suppress(OSError):
                while ballast.write(b"\0" * size):
                    pass


def empty(place: Path) -> None:
    (place / "ballast").unlink(missing_ok=True)


class Attack:
    """Readers and writers at a steady rate, while `trouble` begins and ends."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.seen = Seen()
        self._over = False
        self._number = itertools.count()

    async def run(self, begin: Callable[[], Awaitable[object]], end: Callable[[], Awaitable[object]], seconds: float) -> Seen:
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(base_url=self.service.url, timeout=30, trust_env=False, limits=limits) as client:
            asking = [
                asyncio.create_task(asked_steadily(client, path, READING_A_SECOND, lambda: self._over))
                for path in (PAGE, TILE, "/health/ready")
            ]
            writing = [asyncio.create_task(self._write(client)), asyncio.create_task(self._synchronise(client))]
            await asyncio.sleep(3)
            self.seen.began = time.monotonic()
            await begin()
            await asyncio.sleep(seconds)
            await end()
            self.seen.ended = time.monotonic()
            await asyncio.sleep(WITHIN_S + 3)
            self._over = True
            self.seen.pages, self.seen.tiles, self.seen.ready = await asyncio.gather(*asking)
            await asyncio.gather(*writing)
        return self.seen

    def _feature(self) -> dict[str, Any]:
        number = next(self._number)
        place = [HERE[0] + number % 40 * 5e-5, HERE[1] - number // 40 * 5e-5]
        properties = {"category": "posyandu", "name": f"Posyandu {uuid.uuid4().hex[:12]}", "jenis": "balita", "confirm_not_duplicate": True}
        return {"type": "Feature", "id": str(uuid7()), "geometry": {"type": "Point", "coordinates": place}, "properties": properties}

    async def _write(self, client: httpx.AsyncClient) -> None:
        while not self._over:
            feature, at = self._feature(), time.monotonic()
            status, told = 0, False
            with suppress(httpx.HTTPError):
                answer = await client.post(ITEMS, json=feature, headers=self._signed)
                status, told = answer.status_code, "retry-after" in answer.headers
            if status == 201:
                self.seen.stored.append(feature["id"])
            self.seen.writes.append(Write(at, status, told))
            await asyncio.sleep(1 / WRITING_A_SECOND)

    async def _synchronise(self, client: httpx.AsyncClient) -> None:
        while not self._over:
            feature, at = self._feature(), time.monotonic()
            change = {"client_id": str(uuid7()), "op": "create", "point": feature.pop("id"), "feature": feature}
            status, told = 0, False
            with suppress(httpx.HTTPError):
                answer = await client.post("/sync", json={"changes": [change]}, headers=self._signed)
                if answer.status_code == 200:
                    result = answer.json()["results"][0]
                    status, told = result["code"], result["status"] == "later"
                else:
                    status, told = answer.status_code, "retry-after" in answer.headers
            if status == 201:
                self.seen.stored.append(change["point"])
            self.seen.synced.append(Write(at, status, told))
            await asyncio.sleep(1 / WRITING_A_SECOND)

    @property
    def _signed(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.service.token}"}


async def as_admin(data_dir: Path, *statements: str) -> list[Any]:
    """In the trial's cluster, each on its own."""
    with open_cluster(data_dir) as cluster:
        connection = await asyncpg.connect(cluster.url(ADMIN), server_settings={"default_transaction_read_only": "off"})
        try:
            return [await connection.fetchval(one) for one in statements]
        finally:
            await connection.close()


async def is_stored(data_dir: Path, ids: list[str]) -> int:
    with open_cluster(data_dir) as cluster:
        connection = await asyncpg.connect(cluster.url(ADMIN))
        try:
            found: int = await connection.fetchval("SELECT count(*) FROM titik.point WHERE id::text = ANY ($1)", ids)
            return found
        finally:
            await connection.close()


RELOAD = "SELECT pg_reload_conf()"
# Those that are there keep what they began with.
HANG_UP = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'titik_service'"
READ_ONLY = {
    "read-only (ALTER SYSTEM)": (
        ("ALTER SYSTEM SET default_transaction_read_only = on", RELOAD),
        ("ALTER SYSTEM RESET default_transaction_read_only", RELOAD),
    ),
    "read-only (ALTER DATABASE)": (
        ("ALTER DATABASE titik SET default_transaction_read_only = on", HANG_UP),
        ("ALTER DATABASE titik RESET default_transaction_read_only",),
    ),
}


async def full(service: Service, place: Path, seconds: float) -> Seen:
    return await Attack(service).run(lambda: asyncio.to_thread(fill, place), lambda: asyncio.to_thread(empty, place), seconds)


async def read_only(service: Service, data_dir: Path, name: str, seconds: float) -> Seen:
    begin, end = READ_ONLY[name]
    return await Attack(service).run(lambda: as_admin(data_dir, *begin), lambda: as_admin(data_dir, *end), seconds)


async def attacked(service: Service, place: Path, data_dir: Path, seconds: float) -> tuple[list[str], bool]:
    lines, is_well = [], True
    found = {"disk full": await full(service, place, seconds)}
    for name in READ_ONLY:
        found[name] = await read_only(service, data_dir, name, seconds)
    for name, seen in found.items():
        number = await is_stored(data_dir, seen.stored)
        well = seen.is_well(number)
        is_well = is_well and well
        lines += [*seen.lines(name), f"  of these stored: {number}; {'well' if well else 'NOT WELL'}"]
    return lines, is_well


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--code", type=Path, default=ROOT)
    parser.add_argument("--seconds", type=float, default=12.0)
    chosen = parser.parse_args()
    if os.geteuid() != 0:
        raise SystemExit("needs root, to mount a small file system")
    with small_disk() as place:
        service = Service(place / "data", chosen.code.absolute())
        try:
            lines, is_well = asyncio.run(attacked(service, place, place / "data", chosen.seconds))
            print(*lines, sep="\n", flush=True)
        finally:
            empty(place)
            service.end()
    return int(not is_well)


if __name__ == "__main__":
    raise SystemExit(main())
