"""Clients that hang up after any number of bytes, while they send or while they are answered; and what a worker still holds afterwards.

    python -m chaos.hangups [--clients 10000] [--at-once 20] [--workers 2]

Pages, tiles, files of every format, photos, imports, reports and streams. Before and after: descriptors, files in its directory, child
processes, connections to the database, memory.
"""

import argparse
import asyncio
import random
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from app.uuid7 import uuid7
from chaos.service import PAGE, TILE, Service, children_of, resident_mb_of

FORMATS = ("csv", "geojsonseq", "fgb", "gpkg", "parquet", "kml", "xlsx")
SETTLE_S = 10.0
ALLOWED = {"descriptors": 3, "files": 0, "children": 0, "connections": 3, "resident_mb": 40.0}
"""What may be more afterwards: pools open a connection when they need one, caches fill."""


@dataclass(frozen=True, slots=True)
class Held:
    """What one worker has."""

    descriptors: int
    files: int
    children: int
    connections: int
    resident_mb: float

    @classmethod
    def of(cls, pid: int, data_dir: Path) -> "Held":
        links = [_target(link) for link in Path(f"/proc/{pid}/fd").iterdir()]
        # What is kept for other readers is nobody's remains.
        spooled = [
            path for path in data_dir.rglob("*") if not {"postgres", "kept"} & {*path.parts} and path.is_file() and "spool" in str(path)
        ]
        sockets = sum(link.startswith("socket:") for link in links)
        return cls(len(links), len(spooled), len(children_of(pid)), sockets, resident_mb_of(pid))

    def has_more_than(self, before: "Held") -> bool:
        return any(getattr(self, name) - getattr(before, name) > allowed for name, allowed in ALLOWED.items())


def _target(link: Path) -> str:
    with suppress(OSError):
        return str(link.readlink())
    return ""


def requests(service: Service) -> list[bytes]:
    bearer = f"Authorization: Bearer {service.token}\r\n"

    def get(path: str, more: str = "") -> bytes:
        return f"GET {path} HTTP/1.1\r\nHost: titik.test\r\n{more}\r\n".encode()

    def post(path: str, body: bytes, more: str = bearer) -> bytes:
        return f"POST {path} HTTP/1.1\r\nHost: titik.test\r\n{more}Content-Length: {len(body)}\r\n\r\n".encode() + body

    files = [get(f"/collections/{one}/items?f={name}") for name in FORMATS for one in ("posyandu", "points")]
    rows = b"Nama,Kelurahan,Lintang,Bujur\n" + b"".join(b"Posyandu %d,Mojoroto,-7.80%d,112.00%d\n" % (n, n, n) for n in range(200, 400))
    picture = b"\xff\xd8\xff\xe0" + random.Random(1).randbytes(200_000)
    return [
        *files, *files, get(PAGE), get(TILE), get("/"), get("/changes"), get("/collections/points/items", "Accept: text/html\r\n"),
        get("/changes/stream"), get("/changes/stream"), get("/imports", bearer),
        post("/imports?category=posyandu&name=a.csv", rows), post(f"/points/{uuid7()}/photos", picture, bearer + "Content-Type: image/jpeg\r\n"),
    ]  # fmt: skip


async def hang_up(service: Service, request: bytes, dice: random.Random) -> None:
    at = urlsplit(service.url)
    reader, writer = await asyncio.open_connection(at.hostname, at.port)
    try:
        if dice.random() < 0.3:
            writer.write(request[: dice.randrange(len(request))])
            await asyncio.sleep(dice.random() * 0.05)
            return
        writer.write(request)
        wanted = dice.choice((1, 12, 200, 400, 5_000, 100_000))
        async with asyncio.timeout(dice.choice((0.01, 0.1, 1.0))):
            while wanted > 0 and (some := await reader.read(min(wanted, 65_536))):
                wanted -= len(some)
    except (TimeoutError, ConnectionError):
        pass
    finally:
        # A reset at once, as from a phone that has lost its network or a program that was ended.
        writer.transport.abort()


async def hung_up(service: Service, data_dir: Path, clients: int, at_once: int) -> tuple[list[str], bool]:
    kinds, turns = requests(service), asyncio.Semaphore(at_once)

    async def one(number: int) -> None:
        async with turns:
            await hang_up(service, kinds[number % len(kinds)], random.Random(number))

    async with httpx.AsyncClient(base_url=service.url, timeout=60, trust_env=False) as client:
        # Once around, so that what is opened at its first use is open.
        await asyncio.gather(*(one(number) for number in range(3 * len(kinds))))
        await asyncio.gather(*(client.get(f"/collections/posyandu/items?f={name}") for name in FORMATS), return_exceptions=True)
        await asyncio.sleep(SETTLE_S)
        before = held_by_each(service, data_dir)
        await asyncio.gather(*(one(number) for number in range(clients)))
        after = await _settled(service, data_dir, before)
        answers = [(await client.get(f"/collections/posyandu/items?f={name}")).status_code for name in FORMATS]
        ready = (await client.get("/health/ready")).status_code
    is_well = _is_as_before(before, after) and set(answers) == {200} and ready == 200
    return [
        *(f"worker {number}: before {before[pid]}, after {after.get(pid, 'gone')}" for number, pid in enumerate(before, 1)),
        f"{clients} clients that hung up: {'well' if is_well else 'NOT WELL'}; files afterwards {answers}, ready {ready}",
    ], is_well


def held_by_each(service: Service, data_dir: Path) -> dict[int, Held]:
    return {pid: Held.of(pid, data_dir) for pid in service.workers}


def _is_as_before(before: dict[int, Held], after: dict[int, Held]) -> bool:
    """In every worker, and none of them has been replaced."""
    return before.keys() == after.keys() and not any(after[pid].has_more_than(before[pid]) for pid in before)


async def _settled(service: Service, data_dir: Path, before: dict[int, Held]) -> dict[int, Held]:
    """What has not been given back after a while never will."""
    for _ in range(int(12 * SETTLE_S)):
        held = held_by_each(service, data_dir)
        if _is_as_before(before, held):
            break
        await asyncio.sleep(1)
    return held


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=10_000)
    parser.add_argument("--at-once", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    chosen, _ = parser.parse_known_args()
    with tempfile.TemporaryDirectory(prefix="titik-chaos-") as folder:
        Path(folder).chmod(0o755)
        data_dir = Path(folder) / "data"
        service = Service(data_dir, options=("--workers", str(chosen.workers)), TITIK_JOB_STALE_S="10")
        try:
            lines, is_well = asyncio.run(hung_up(service, data_dir, chosen.clients, chosen.at_once))
            print(*lines, sep="\n", flush=True)
        finally:
            service.end()
    return int(not is_well)


if __name__ == "__main__":
    raise SystemExit(main())
