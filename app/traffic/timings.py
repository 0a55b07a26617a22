"""How long requests took, by minute and route: counted in the memory of a worker until it is written down. Pure, and cheap enough for every request.

Of a request nothing is counted but the template of its route, its method, whether it failed, and its milliseconds, rounded to a step.
"""

import math
import secrets
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import NamedTuple

MINUTES = 60
"""What is older is of no use to anybody."""
MOST_ROUTES = 500
"""Of one minute. Further ones are counted together: whoever tries every method on every address fills no memory."""
OTHERS = "?"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
STEPS_PER_DOUBLING, SHORTEST_MS, LAST_STEP = 8, 0.1, 181
"""Step 0 ends at a tenth of a millisecond, each of the others a ninth later than the one before, the last but one after ten minutes: a
duration is known to within 5 %.
"""
_ENDS = [SHORTEST_MS * 2.0 ** (step / STEPS_PER_DOUBLING) for step in range(LAST_STEP)]
_SERVER_ERROR = 500


def step_of(ms: float) -> int:
    return bisect_left(_ENDS, ms)


def middle_of(step: int) -> float:
    """The milliseconds in the middle of a step."""
    return SHORTEST_MS * 2.0 ** ((step - 0.5) / STEPS_PER_DOUBLING) if step else SHORTEST_MS


def percentile_ms(share: float, steps: Sequence[int], numbers: Sequence[int]) -> float:
    """Within what time `share` of the requests were answered. `numbers` are the requests of each of the `steps`, which ascend."""
    left = math.ceil(share * sum(numbers))
    for step, number in zip(steps, numbers, strict=True):
        left -= number
        if left <= 0:
            return middle_of(step)
    return 0.0


class MinuteOfRoute(NamedTuple):
    """What this worker has counted of a route in a minute so far; `minute` is that of the epoch."""

    minute: int
    method: str
    route: str
    requests: int
    errors: int
    most_ms: float
    steps: list[int]
    numbers: list[int]


class _Count:
    __slots__ = ("errors", "most_ms", "requests", "steps", "written")

    def __init__(self) -> None:
        self.requests = self.errors = self.written = 0
        self.most_ms = 0.0
        self.steps = [0] * (LAST_STEP + 1)

    def row(self, minute: int, method: str, route: str) -> MinuteOfRoute:
        taken = [step for step, number in enumerate(self.steps) if number]
        return MinuteOfRoute(minute, method, route, self.requests, self.errors, self.most_ms, taken, [self.steps[step] for step in taken])


_Minute = dict[tuple[str, str], _Count]


class RouteTimings:
    """One for each worker. What it gives is the whole count of a minute, so that writing it twice does no harm."""

    def __init__(self) -> None:
        self.worker = secrets.randbits(62)
        self._minutes: dict[int, _Minute] = {}
        self._minute = -1
        self._present: _Minute = {}

    def add(self, at_s: float, method: str, route: str, status: int, ms: float) -> None:
        """`at_s`: of the clock, when the request ended. `route`: its template, never a path that somebody typed."""
        minute = int(at_s // 60)
        if minute != self._minute:
            self._minute, self._present = minute, self._minutes.setdefault(minute, {})
        count = self._present.get((method, route)) or self._of_another(method, route)
        count.requests += 1
        if status >= _SERVER_ERROR:
            count.errors += 1
        count.most_ms = max(count.most_ms, ms)
        count.steps[bisect_left(_ENDS, ms)] += 1

    def _of_another(self, method: str, route: str) -> _Count:
        key = (method if method in _METHODS else OTHERS, route) if len(self._present) < MOST_ROUTES else (OTHERS, OTHERS)
        return self._present.setdefault(key, _Count())

    def unwritten(self) -> list[MinuteOfRoute]:
        return [
            count.row(minute, *key)
            for minute, counts in self._minutes.items()
            for key, count in counts.items()
            if count.requests != count.written
        ]

    def note_written(self, rows: Iterable[MinuteOfRoute]) -> None:
        for row in rows:
            if counts := self._minutes.get(row.minute):
                counts[row.method, row.route].written = row.requests

    def forget(self, now_s: float) -> None:
        """What is written and has passed; and what nobody could write for an hour."""
        now = int(now_s // 60)
        for minute in [one for one in self._minutes if one < now]:
            if minute <= now - MINUTES or all(count.written == count.requests for count in self._minutes[minute].values()):
                del self._minutes[minute]
        if self._minute not in self._minutes:
            self._minute = -1
