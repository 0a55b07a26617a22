"""Many large bodies at once, with a token and without: the worker's memory, and what a reader of pages notices.

    python -m chaos.bodies [--code CHECKOUT] [--connections 40] [--megabytes 32]

`--code` drives the code of another checkout from outside, as of an earlier version, with the packages of this one.
"""

import argparse
import asyncio
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from chaos.service import MOST_MB, MOST_P99_S, MOST_TIMES, PAGE, ROOT, Service, asked_steadily, p99, watched

QUIET_S, AT_LEAST_S, PAGES_A_SECOND, GIVEN_UP_S = 5.0, 5.0, 50, 60.0
PART = b" " * 65_536


async def sent(url: str, head: bytes, size: int) -> int:
    """One body of blanks, as fast as it is taken; the status of the answer (0: none)."""
    host = urlsplit(url)
    reader, writer = await asyncio.open_connection(host.hostname, host.port)
    try:
        writer.write(head % size)
        answer = asyncio.create_task(reader.readline())
        with suppress(ConnectionError):
            for _ in range(size // len(PART)):
                if answer.done():
                    break
                writer.write(PART)
                await writer.drain()
        async with asyncio.timeout(GIVEN_UP_S):
            line = await answer
        return int(line.split()[1]) if line else 0
    except (ConnectionError, TimeoutError):
        return 0
    finally:
        writer.transport.abort()


def sent_at_once(url: str, head: bytes, size: int, connections: int) -> Counter[int]:
    """Run in a process of its own: what measures the pages must not wait for what attacks."""

    async def all_of_them() -> Counter[int]:
        return Counter(await asyncio.gather(*(sent(url, head, size) for _ in range(connections))))

    return asyncio.run(all_of_them())


def heads(service: Service) -> dict[str, bytes]:
    token = b"Authorization: Bearer " + service.token.encode() + b"\r\n"
    point = "/points/0190a6f0-7d3c-7f1e-8c55-0123456789ab/photos"

    def head(path: str, more: bytes = b"") -> bytes:
        return f"POST {path} HTTP/1.1\r\nHost: titik.test\r\n".encode() + more + b"Content-Length: %d\r\n\r\n"

    return {
        "imports without a token": head("/imports?category=posyandu"),
        "imports of a PIC": head("/imports?category=posyandu&name=a.csv", token),
        "photos of a PIC": head(point, token + b"Content-Type: image/jpeg\r\n"),
        "synchronisations of a PIC": head("/sync", token + b"Content-Type: application/json\r\n"),
    }


async def attacked(service: Service, connections: int, megabytes: int) -> tuple[list[str], bool]:
    async with httpx.AsyncClient(base_url=service.url, timeout=60, trust_env=False) as client:
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            # It begins before the measure does.
            await _elsewhere(pool, service, b"", 0, 0)
            until = time.monotonic() + QUIET_S
            quiet = p99([took for *_, took in await asked_steadily(client, PAGE, PAGES_A_SECOND, lambda: time.monotonic() > until)])
            lines, is_well = [f"quiet: {service.resident_mb:.0f} MB resident, p99 of pages {quiet * 1000:.0f} ms"], True
            for name, head in heads(service).items():
                size = min({"photos": 10, "synchronisations": 4}.get(name.split()[0], megabytes), megabytes)
                attack = asyncio.ensure_future(_elsewhere(pool, service, head, size << 20, connections))
                # So that a p99 is one of more than the attack's first second.
                over = time.monotonic() + AT_LEAST_S
                pages, ready = (
                    asyncio.create_task(asked_steadily(client, path, rate, lambda: attack.done() and time.monotonic() > over))  # noqa: B023 - waited for below
                    for path, rate in ((PAGE, PAGES_A_SECOND), ("/health/ready", 2))
                )
                most = await watched(attack, lambda: service.resident_mb)
                answers, slow = attack.result(), p99([took for *_, took in await pages])
                answered, readiness = Counter(status for _, status, _ in await pages), Counter(status for _, status, _ in await ready)
                well = slow <= max(MOST_P99_S, MOST_TIMES * quiet) and most < MOST_MB and 500 not in answers
                well = well and set(answered) == {200} == set(readiness)
                is_well = is_well and well
                lines.append(
                    f"{connections} {name}, {size} MB each: {'well' if well else 'NOT WELL'}; at most {most:.0f} MB resident; "
                    f"answers {dict(sorted(answers.items()))}; pages {dict(answered)}, p99 {slow * 1000:.0f} ms "
                    f"({slow / quiet:.1f} times the quiet one); ready {dict(readiness)}"
                )
    return lines, is_well


async def _elsewhere(pool: ProcessPoolExecutor, service: Service, head: bytes, size: int, connections: int) -> Counter[int]:
    return await asyncio.get_running_loop().run_in_executor(pool, sent_at_once, service.url, head, size, connections)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--code", type=Path, default=ROOT)
    parser.add_argument("--connections", type=int, default=40)
    parser.add_argument("--megabytes", type=int, default=32)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="titik-chaos-") as folder:
        Path(folder).chmod(0o755)
        service = Service(Path(folder) / "data", chosen.code.absolute())
        try:
            lines, is_well = asyncio.run(attacked(service, chosen.connections, chosen.megabytes))
            print(*lines, sep="\n", flush=True)
        finally:
            service.end()
    return int(not is_well)


if __name__ == "__main__":
    raise SystemExit(main())
