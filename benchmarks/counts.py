"""How much of a page's time its count takes: whole requests to this checkout, within one process, with and without the count.

    .venv/bin/python -m benchmarks.counts [--points 100000 --boxes 60 --rounds 5]

Each box is asked by turns with and without; the quickest answer of each counts, because whatever else the machine does only adds to it.
"""

import argparse
import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx
from asgi_lifespan import LifespanManager
from pydantic import SecretStr

from app.collections import items, selection
from app.geo import Bbox
from app.main import create_app
from app.settings import Settings
from benchmarks import cases, read
from benchmarks.cases import ITEMS

HOLDING = (50, 500, 5_000, 50_000)
LIMITS = (10, 100, 1_000)


class Share(NamedTuple):
    """Milliseconds of a page without its count, and the part of that which the count adds; of how many pages it was told."""

    name: str
    page_ms: float
    added: float
    told: int


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--points", type=int, default=100_000)
    arguments.add_argument("--boxes", type=int, default=60)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--dir", type=Path, default=read.ROOT / ".bench")
    wanted = arguments.parse_args()
    wanted.dir.mkdir(exist_ok=True)
    wanted.dir.chmod(0o711)  # the user of the cluster has to get through
    with read.opened(wanted.dir, wanted.points, None) as here:
        settings = Settings(
            database_url=SecretStr(here.cluster.url("titik_service")), secret_key=SecretStr(here.secret), rate_limit="off", log_level="error"
        )  # fmt: skip
        asked = [
            (f"{limit} of {holding:,} in a box", limit, cases.boxes(here.known, holding, wanted.boxes))
            for holding in HOLDING
            for limit in LIMITS
        ]
        for share in asyncio.run(measure(settings, asked, wanted.rounds)):
            print(f"{share.name:28} {share.page_ms:7.2f} ms {share.added:+7.1%}   told {share.told}")


async def measure(settings: Settings, asked: Sequence[tuple[str, int, Sequence[Bbox]]], rounds: int) -> list[Share]:
    """Of pages of so many items in these boxes, and of the same box as a filter."""
    found = []
    async with _served(settings) as client:
        for name, limit, boxes in asked:
            sides = [",".join(map(str, box)) for box in boxes]
            filters = [f"filter=S_INTERSECTS(geometry,BBOX({one}))" for one in sides]
            found.append(await _share(client, name, [f"limit={limit}&bbox={one}" for one in sides], rounds))
            found.append(await _share(client, f"{name}, filter", [f"limit={limit}&{one}" for one in filters], rounds))
    return found


async def _share(client: httpx.AsyncClient, name: str, queries: Sequence[str], rounds: int) -> Share:
    best: dict[bool, list[float]] = {True: [9.0] * len(queries), False: [9.0] * len(queries)}
    told = 0
    for number in range(2 * rounds):
        # A B B A …
        is_counting = number % 4 in (0, 3)
        with _counting(is_counting=is_counting):
            for at, query in enumerate(queries):
                # Another address each time for the same: nothing is answered from memory.
                address = f"{ITEMS}?{'&' * number}{query}"
                began = time.perf_counter()
                answer = await client.get(address)
                best[is_counting][at] = min(best[is_counting][at], time.perf_counter() - began)
                told += number == 0 and "numberMatched" in answer.raise_for_status().json()
    without = sum(best[False])
    return Share(name, without / len(queries) * 1000, sum(best[True]) / without - 1, told)


@contextmanager
def _counting(*, is_counting: bool) -> Iterator[None]:
    kept = items.COUNTED, selection.SMALL, selection.is_indexed
    if not is_counting:
        items.COUNTED = selection.SMALL = -1
        selection.is_indexed = lambda *_: False
    try:
        yield
    finally:
        items.COUNTED, selection.SMALL, selection.is_indexed = kept


@asynccontextmanager
async def _served(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings)
    async with LifespanManager(app), httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://titik.test") as client:
        yield client


if __name__ == "__main__":
    main()
