"""How long requests took: counted in steps, bounded, and written as whole minutes."""

import math
import random

import pytest

from app.traffic.timings import LAST_STEP, MINUTES, MOST_ROUTES, OTHERS, RouteTimings, middle_of, percentile_ms, step_of

AT = 60.0 * 1_000


@pytest.mark.parametrize("ms", [0.11, 0.7, 1, 3.3, 47, 250, 15_000, 500_000])
def test_a_step_tells_a_duration_to_within_five_percent(ms: float) -> None:
    assert middle_of(step_of(ms)) == pytest.approx(ms, rel=0.05)
    assert step_of(ms * 1.1) > step_of(ms)


def test_what_is_very_short_or_long_has_a_step_too() -> None:
    assert [step_of(ms) for ms in (-1, 0, 0.1)] == [0, 0, 0]
    assert step_of(1e12) == LAST_STEP


def test_percentiles_are_those_of_the_requests_themselves() -> None:
    chance = random.Random(7)
    taken = sorted(chance.lognormvariate(2, 1.2) for _ in range(5_000))
    timings = RouteTimings()
    for ms in taken:
        timings.add(AT, "GET", "/locate", 200, ms)
    (row,) = timings.unwritten()
    for share in (0.5, 0.95, 0.999):
        assert percentile_ms(share, row.steps, row.numbers) == pytest.approx(taken[math.ceil(share * 5_000) - 1], rel=0.05)
    assert (row.requests, row.most_ms, sum(row.numbers)) == (5_000, taken[-1], 5_000)
    assert percentile_ms(0.95, [], []) == 0


def test_only_failures_of_the_service_are_errors() -> None:
    timings = RouteTimings()
    for status in (0, 200, 304, 404, 429, 500, 503):
        timings.add(AT, "GET", "/sync", status, 1)
    (row,) = timings.unwritten()
    assert (row.requests, row.errors) == (7, 2)


def test_what_is_written_is_written_again_only_when_more_has_come() -> None:
    timings = RouteTimings()
    timings.add(AT, "GET", "/a", 200, 1)
    rows = timings.unwritten()
    # It came while the rows were on their way.
    timings.add(AT, "GET", "/a", 200, 2)
    timings.note_written(rows)
    assert [row.requests for row in timings.unwritten()] == [2]
    timings.note_written(timings.unwritten())
    assert timings.unwritten() == []


def test_a_minute_is_forgotten_once_it_is_written_and_after_an_hour_in_any_case() -> None:
    timings = RouteTimings()
    timings.add(AT, "GET", "/a", 200, 1)
    timings.forget(AT + 61)
    assert len(timings.unwritten()) == 1
    timings.note_written(timings.unwritten())
    timings.add(AT + 61, "GET", "/a", 200, 1)
    timings.forget(AT + 122)
    timings.forget(AT + 61 + 60 * MINUTES)
    assert timings.unwritten() == []
    timings.add(AT + 61, "GET", "/a", 200, 1)
    assert [row.requests for row in timings.unwritten()] == [1]


def test_nobody_fills_the_memory_with_methods_and_addresses() -> None:
    timings = RouteTimings()
    for number in range(3 * MOST_ROUTES):
        timings.add(AT, f"M{number}", "/a", 405, 1)
        timings.add(AT, "GET", f"/{number}", 200, 1)
    rows = {(row.method, row.route): row.requests for row in timings.unwritten()}
    assert len(rows) <= MOST_ROUTES + 1
    assert sum(rows.values()) == 6 * MOST_ROUTES
    assert rows[OTHERS, OTHERS] > 0
