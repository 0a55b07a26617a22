"""The line that the log has of each request, and its time among those of its route."""

import time

import structlog
from starlette.types import Scope

from app.http.problems import logged_path
from app.traffic.timings import OTHERS, RouteTimings

_log = structlog.get_logger("titik.access")


class AccessLog:
    """Notes each request once, when it has been answered. Never what people typed, so neither the query."""

    def __init__(self, timings: RouteTimings) -> None:
        self._timings = timings

    def note(self, method: str, scope: Scope, status: int, began: float, answered: float) -> None:
        """`answered`: when its answer began. What the client needed to send its body is in the line, and no part of the route's time: a
        telephone with a bad network makes no route slow. Neither does a stream, which goes on as long as somebody listens.
        """
        ended, state = time.perf_counter(), scope["state"]
        _log.info(
            "request",
            method=method,
            path=logged_path(scope),
            status=status,
            ms=round((ended - began) * 1000, 1),
            request_id=state["request_id"],
        )
        own_s = (answered if state.get("is_stream") else ended) - began
        if (body := state.get("body")) is not None:
            own_s -= body.waited_s
        self._timings.add(time.time(), method, getattr(scope.get("route"), "path", OTHERS), status, own_s * 1000)
