"""What `load.lua` does, for machines without wrk: as little work as HTTP/1.1 allows. It costs more than wrk, on the same machine."""

import asyncio
import sys
import time
from pathlib import Path

import orjson
import uvloop


async def client(host: str, port: int, requests: list[bytes], at: int, until: float) -> tuple[list[float], int, int]:
    """Seconds of each answer, bytes, and how many were none of 2xx and 3xx."""
    reader, writer = await asyncio.open_connection(host, port)
    took, size, failed = [], 0, 0
    while (began := time.perf_counter()) < until:
        writer.write(requests[at % len(requests)])
        at += 1
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        if b"content-length: " in head:
            length = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
            size += len(await reader.readexactly(length))
        elif b"transfer-encoding: chunked" in head:
            while length := int(await reader.readuntil(b"\r\n"), 16):
                size += len(await reader.readexactly(length + 2))
            await reader.readexactly(2)
        size += len(head)
        failed += head[9:10] not in (b"2", b"3")
        took.append(time.perf_counter() - began)
    writer.close()
    return took, size, failed


async def main(host: str, port: str, at: str, seconds: str, clients: str, headers: list[str], paths: list[str]) -> None:
    tail = "".join(f"{header}\r\n" for header in headers)
    requests = [f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\n{tail}\r\n".encode() for path in paths]
    began = time.perf_counter()
    step = len(requests) // int(clients)
    each = [client(host, int(port), requests, int(at) + n * step, began + float(seconds)) for n in range(int(clients))]
    done = await asyncio.gather(*each)
    whole = time.perf_counter() - began
    took = sorted(one for several, _, _ in done for one in several)
    told = {
        "requests": len(took), "seconds": whole, "bytes": sum(size for _, size, _ in done), "p50_ms": took[len(took) // 2] * 1000,
        "p99_ms": took[len(took) * 99 // 100] * 1000, "failed": sum(failed for _, _, failed in done),
    }  # fmt: skip
    print(orjson.dumps(told).decode())


_, given_host, given_port, given_path, *numbers = sys.argv[:7]
uvloop.run(main(given_host, given_port, *numbers, headers=sys.argv[7:], paths=Path(given_path).read_text().splitlines()))
