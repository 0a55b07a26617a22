"""Many large bodies at once, with a token and without: the worker's memory, and what a reader of pages notices.

    python -m chaos.bodies [--code CHECKOUT] [--connections 40] [--megabytes 32]

`--code` drives the code of another checkout from outside, as of an earlier version, with the packages of this one.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from chaos.service import PAGE, ROOT, Service, asked_steadily, p99, watched

QUIET_S, PAGES_A_SECOND, GIVEN_UP_S = 5.0, 50, 60.0
PART = b" " * 65_536


async def sent(service: Service, head: bytes, size: int) -> int:
    """One body of blanks, as fast as it is taken; the status of the answer (0: none)."""
    host = urlsplit(service.url)
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


async def attacked(service: Service, connections: int, megabytes: int) -> list[str]:
    lines = []
    async with httpx.AsyncClient(base_url=service.url, timeout=60, trust_env=False) as client:
        until = time.monotonic() + QUIET_S
        quiet = await asked_steadily(client, PAGE, PAGES_A_SECOND, lambda: time.monotonic() > until)
        lines.append(f"quiet: {service.resident_mb:.0f} MB resident, p99 of pages {p99([took for *_, took in quiet]) * 1000:.0f} ms")
        for name, head in heads(service).items():
            limit = {"photos": 10, "synchronisations": 4}.get(name.split()[0], megabytes)
            statuses = Counter[int]()
            done = asyncio.Event()

            async def send_all(
                head: bytes = head, limit: int = limit, statuses: Counter[int] = statuses, done: asyncio.Event = done
            ) -> None:
                size = min(limit, megabytes) << 20
                statuses.update(await asyncio.gather(*(sent(service, head, size) for _ in range(connections))))
                done.set()

            pages = asyncio.create_task(asked_steadily(client, PAGE, PAGES_A_SECOND, done.is_set))
            most = await watched(send_all(), lambda: service.resident_mb)
            asked = await pages
            ready = (await client.get("/health/ready")).status_code
            refused = {status: number for status, number in Counter(status for _, status, _ in asked).items() if status != 200}
            lines.append(
                f"{connections} {name}, {min(limit, megabytes)} MB each: at most {most:.0f} MB resident; answers {dict(sorted(statuses.items()))}; "
                f"{len(asked)} pages, not 200: {refused}, p99 {p99([took for *_, took in asked]) * 1000:.0f} ms; ready {ready}"
            )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--code", type=Path, default=ROOT)
    parser.add_argument("--connections", type=int, default=40)
    parser.add_argument("--megabytes", type=int, default=32)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="titik-chaos-") as folder:
        Path(folder).chmod(0o755)
        service = Service(Path(folder) / "data", chosen.code.absolute())
        try:
            for line in asyncio.run(attacked(service, chosen.connections, chosen.megabytes)):
                sys.stdout.write(line + "\n")
        finally:
            service.end()


if __name__ == "__main__":
    main()
