"""The job of a category whose items are made anew in steps, in a process of its own: `python -m app.definitions.working CATEGORY`."""

import sys
from collections.abc import Callable

import uvloop

from app.background.child_limits import end_with_parent, settle
from app.connections import connected
from app.definitions import queries, showing
from app.settings import Settings

TIMEOUT_S = 120.0


async def work(dsn: str, category: str, tell: Callable[[int, int], None] | None = None) -> None:
    """Each step is a transaction; what was done stays done. `tell`: how many of how many items."""
    async with connected(dsn, TIMEOUT_S) as begin:
        while True:
            async with begin() as session:
                if not await showing.step(session, category):
                    return
                steps = await session.first(queries.STEPS, category=category)
            if tell is not None and steps is not None:
                tell(steps["done"], steps["total"])


def main() -> None:
    settle()
    end_with_parent()
    uvloop.run(work(Settings().service_dsn, sys.argv[1]))


if __name__ == "__main__":
    main()
