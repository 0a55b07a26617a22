"""The client of `benchmarks.post`: as little work as HTTP/1.1 allows, so that the service is measured and not this."""

import asyncio
import os
import random
import sys
import time
from pathlib import Path

import orjson
import uvloop

SPREAD = 2000


def request(host: str, token: str, places: list[tuple[str, float, float]]) -> bytes:
    code, lon, lat = random.choice(places)
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [
            lon + random.randint(-SPREAD, SPREAD) / 1e6, lat + random.randint(-SPREAD, SPREAD) / 1e6,
        ]},
        "properties": {
            "name": "Posyandu Melati", "kelurahan": code, "accuracy_m": 12.5, "captured_at": "2026-11-22T08:30:00+07:00",
            "address": "Jalan Veteran 1", "rt": "01", "rw": "02", "jenis": "balita", "kader_aktif": 5,
            "confirm_not_duplicate": True,
        },
    }  # fmt: skip
    body = orjson.dumps(feature)
    head = (
        f"POST /collections/posyandu/items HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/geo+json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def client(host: str, port: int, until: float, token: str, places: list[tuple[str, float, float]]) -> int:
    reader, writer = await asyncio.open_connection(host, port)
    done = 0
    while time.monotonic() < until:
        writer.write(request(host, token, places))
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 201 "):
            raise RuntimeError(head.decode())
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        done += 1
    writer.close()
    return done


async def main() -> None:
    host, port, seconds, clients = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
    places = orjson.loads(await asyncio.to_thread(Path(sys.argv[5]).read_bytes))
    began = time.monotonic()
    counts = await asyncio.gather(*(client(host, port, began + seconds, os.environ["TITIK_TOKEN"], places) for _ in range(clients)))
    print(sum(counts), time.monotonic() - began)


uvloop.run(main())
