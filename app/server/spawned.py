"""How a worker process begins. Imports next to nothing: until it has begun it does not say that it lives, and is killed after a while."""

import signal

from app.limits.counters import Counters


def create_worker(counters: Counters) -> object:
    """The application (ASGI) of one of the workers that share these counters."""
    # uvicorn takes a signal to end as a wish for later. So far there is nothing to finish: it ends at once, also where the signal has come.
    handlers = {name: signal.signal(name, signal.SIG_DFL) for name in (signal.SIGINT, signal.SIGTERM)}
    if any(getattr(getattr(handler, "__self__", None), "should_exit", False) for handler in handlers.values()):
        raise SystemExit(0)
    from app import main  # noqa: PLC0415 - takes seconds where many begin at once

    app = main.create_worker(counters)
    for name, handler in handlers.items():
        signal.signal(name, handler)
    return app
