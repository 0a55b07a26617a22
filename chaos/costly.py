"""Costly filters by many, and files that are read slowly, while others ask for pages at a steady rate and for a file now and then.

python -m chaos.costly [--points 200000] [--clients 8] [--readers 12] [--seconds 20]
"""

import argparse
import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx

from chaos.filled import fill
from chaos.service import MOST_MB, MOST_P99_S, MOST_TIMES, PAGE, Service, asked_steadily, p99, watched

QUIET_S, PAGES_A_SECOND = 5.0, 50
MOST_WAIT_S = 5.0
ITEMS = "/collections/posyandu/items"
FILTERS = (
    "ACCENTI(CASEI(name)) LIKE ACCENTI(CASEI('%zzz%qqq%'))",
    "name LIKE '%9%8%7%6%x%' OR kelurahan_name LIKE '%9%8%7%6%y%' OR CASEI(name) LIKE CASEI('%a%b%c%d%')",
    "S_DISJOINT(geometry, POLYGON((95 -11,141 -11,141 6,118 -5,95 6,95 -11))) AND CASEI(name) LIKE '%zz%'",
    "kader_aktif * kader_aktif - 2 * kader_aktif > 100000",
)


def ask_costly(url: str, clients: int, seconds: float) -> Counter[int]:
    """Run in a process of its own: what measures the pages must not wait for what attacks."""
    statuses = Counter[int]()

    async def one(client: httpx.AsyncClient, number: int, until: Callable[[], bool]) -> None:
        while not until():
            filter_ = FILTERS[number % len(FILTERS)]
            with suppress(httpx.HTTPError):
                answer = await client.get(f"{ITEMS}?limit=10&sortby=-name&filter={quote(filter_)}&offset={number}")
                statuses[answer.status_code] += 1

    async def all_of_them() -> None:
        until = _after(seconds)
        async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as client:
            await asyncio.gather(*(one(client, number, until) for number in range(clients)))

    asyncio.run(all_of_them())
    return statuses


async def ask_costly_elsewhere(service: Service, clients: int, seconds: float, statuses: Counter[int]) -> None:
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        statuses.update(await asyncio.get_running_loop().run_in_executor(pool, ask_costly, service.url, clients, seconds))


async def read_slowly(service: Service, format_: str, until: Callable[[], bool]) -> None:
    """Asks for everything as a file, and then takes a few bytes a second of it."""
    at = urlsplit(service.url)
    while not until():
        reader, writer = await asyncio.open_connection(at.hostname, at.port, limit=1024)
        try:
            writer.write(f"GET {ITEMS}?f={format_} HTTP/1.1\r\nHost: titik.test\r\n\r\n".encode())
            while not until() and await reader.read(16):
                await asyncio.sleep(0.5)
        except ConnectionError:
            continue
        finally:
            writer.transport.abort()


async def ask_for_files(service: Service, until: Callable[[], bool], waits: list[tuple[int, float]]) -> None:
    """What somebody at another address waits for a file of one kelurahan: the status, and until its head arrives."""
    elsewhere = httpx.AsyncHTTPTransport(local_address="127.0.0.2")
    async with httpx.AsyncClient(base_url=service.url, timeout=60, transport=elsewhere) as client:
        while not until():
            began = time.monotonic()
            with suppress(httpx.HTTPError):
                async with client.stream("GET", f"{ITEMS}?f=gpkg&kelurahan=99.00.00.1001") as answer:
                    waits.append((answer.status_code, time.monotonic() - began))
                    await answer.aread()
            await asyncio.sleep(0.5)


async def attacked(service: Service, clients: int, readers: int, seconds: float) -> tuple[list[str], bool]:
    async with httpx.AsyncClient(base_url=service.url, timeout=60, trust_env=False, limits=httpx.Limits(max_connections=500)) as client:
        await client.get(PAGE)
        quiet = p99([took for *_, took in await asked_steadily(client, PAGE, PAGES_A_SECOND, _after(QUIET_S))])
        lines, is_well = [f"quiet: p99 of pages {quiet * 1000:.0f} ms, {service.resident_mb:.0f} MB resident"], True
        statuses, waits = Counter[int](), list[tuple[int, float]]()
        attacks: dict[str, Callable[[Callable[[], bool]], list[Coroutine[object, object, None]]]] = {
            f"{clients} clients with costly filters": lambda _: [ask_costly_elsewhere(service, clients, seconds, statuses)],
            f"{readers} slow readers of files": lambda until: [
                read_slowly(service, ("csv", "geojsonseq", "fgb", "gpkg")[n % 4], until) for n in range(readers)
            ],
        }
        for name, attack in attacks.items():
            until = _after(seconds)
            work = asyncio.gather(*attack(until), ask_for_files(service, until, waits))
            pages, ready = (
                asyncio.create_task(asked_steadily(client, path, rate, until))
                for path, rate in ((PAGE, PAGES_A_SECOND), ("/health/ready", 2))
            )
            most = await watched(work, lambda: service.resident_mb)
            slow = p99([took for *_, took in await pages])
            answered, readiness = Counter(status for _, status, _ in await pages), Counter(status for _, status, _ in await ready)
            longest = max((took for _, took in waits), default=0.0)
            well = (
                slow <= max(MOST_P99_S, MOST_TIMES * quiet)
                and set(answered) == {200}
                and set(readiness) == {200}
                and most < MOST_MB
                and 500 not in statuses
            )
            well = well and longest <= MOST_WAIT_S and {status for status, _ in waits} == {200}
            is_well = is_well and well
            lines.append(
                f"{name}: {'well' if well else 'NOT WELL'}; pages {dict(answered)}, p99 {slow * 1000:.0f} ms ({slow / quiet:.1f} times the quiet one); ready {dict(readiness)}; "
                f"at most {most:.0f} MB resident; costly answers {dict(statuses)}; somebody else's file {dict(Counter(status for status, _ in waits))}, head after {longest:.1f} s at most"
            )
            statuses.clear()
            waits.clear()
    return lines, is_well


def _after(seconds: float) -> Callable[[], bool]:
    until = time.monotonic() + seconds
    return lambda: time.monotonic() > until


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=200_000)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--readers", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=20)
    chosen, _ = parser.parse_known_args()
    with tempfile.TemporaryDirectory(prefix="titik-chaos-") as folder:
        Path(folder).chmod(0o755)
        service = Service(Path(folder) / "data")
        try:
            fill(Path(folder) / "data", chosen.points)
            lines, is_well = asyncio.run(attacked(service, chosen.clients, chosen.readers, chosen.seconds))
            print(*lines, sep="\n", flush=True)
        finally:
            service.end()
    return int(not is_well)


if __name__ == "__main__":
    raise SystemExit(main())
