"""What it costs to count a request, as it was in 0.1.0 and as it is, with so many workers: `python -m benchmarks.limits`."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable

from limits import parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from app.http.limiting import Limits
from app.limits.counters import Counters
from app.settings import Settings

HITS, ROUNDS, ADDRESSES = 20_000, 5, 500


async def _before() -> float:
    limiter, limit = SlidingWindowCounterRateLimiter(MemoryStorage()), parse("1000000/minute")

    async def hit(address: str) -> None:
        await limiter.hit(limit, "address", address)
        await limiter.get_window_stats(limit, "address", address)

    return await _measured(hit)


async def _present(workers: int) -> float:
    limits = Limits(Settings(rate_limit="1000000/minute"), Counters(workers))

    async def hit(address: str) -> None:
        limits.of_address(address)

    return await _measured(hit)


async def _measured(hit: Callable[[str], Awaitable[None]]) -> float:
    """Microseconds for each, at the median of the rounds."""
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for number in range(HITS):
            await hit(f"198.51.{number % ADDRESSES // 250}.{number % 250}")
        rounds.append((time.process_time() - began) / HITS * 1e6)
    return statistics.median(rounds)


def main() -> None:
    print(f"limits 5, in memory of one worker: {asyncio.run(_before()):.1f} µs")
    for workers in (1, 4, 16):
        print(f"shared by {workers} workers: {asyncio.run(_present(workers)):.1f} µs")


if __name__ == "__main__":
    main()
