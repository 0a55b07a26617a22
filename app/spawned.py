"""How a worker process begins. Imports next to nothing: until it has begun it does not say that it lives, and is killed after a while."""

from typing import Any

from app.counters import Counters


def create_worker(counters: Counters) -> Any:
    """The application (ASGI) of one of the workers that share these counters."""
    from app import main  # noqa: PLC0415 - takes seconds where many begin at once

    return main.create_worker(counters)
