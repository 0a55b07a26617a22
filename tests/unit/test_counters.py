"""Counts that workers share: none is lost, none is too small, and a worker that is gone leaves its place."""

import gc
import multiprocessing
import os
import time
from collections import Counter
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.http.limiting import Limits
from app.limits.counters import SPARES, Counters
from app.limits.windows import RateLimit, window
from app.settings import Settings

WORKERS, EACH, WINDOW_S = 4, 3_000, 3600


def _count(counters: Counters, ready: Barrier) -> None:
    counts = counters.of_addresses(WINDOW_S)
    held = counters.held()
    ready.wait(120)
    for _ in range(EACH):
        counts.add("192.0.2.1", time.time())
        held.add("192.0.2.1", 2)
        held.add("192.0.2.1", -1)
    ready.wait(120)


@pytest.mark.slow(4)
def test_no_count_is_lost_among_processes_and_what_the_dead_held_is_given_back() -> None:
    spawn = multiprocessing.get_context("spawn")
    counters, ready = Counters(WORKERS), spawn.Barrier(WORKERS + 1)
    processes = [spawn.Process(target=_count, args=(counters, ready)) for _ in range(WORKERS)]
    for process in processes:
        process.start()
    ready.wait(120)
    ready.wait(120)
    # Places that nobody had: the dead are not yet followed by anybody.
    counts, held = counters.of_addresses(WINDOW_S), counters.held()
    assert sum(counts.read("192.0.2.1", time.time())) == WORKERS * EACH
    assert held.read("192.0.2.1") <= WORKERS * EACH
    for process in processes:
        process.join(60)
    assert {process.exitcode for process in processes} == {0}
    followers: list[Counters] = []
    for _ in range(WORKERS):
        follower = Counters.__new__(Counters)
        follower._open(counters.places, counters._key, os.dup(counters._file))
        # In one process locks do not shut each other out: it stands for the next free place.
        follower._is_free = {len(followers) + 1}.__contains__  # type: ignore[method-assign,assignment]
        follower.claim()
        followers.append(follower)
    assert held.read("192.0.2.1") <= EACH
    assert sum(counts.read("192.0.2.1", time.time())) == WORKERS * EACH


def _claim(counters: Counters, ready: Barrier, places: "multiprocessing.Queue[int | None]") -> None:
    try:
        counters.claim()
    except RuntimeError:
        places.put(None)
    else:
        places.put(counters.place)
    ready.wait(120)


@pytest.mark.slow(2)
def test_each_has_a_place_of_its_own_and_one_too_many_none() -> None:
    spawn = multiprocessing.get_context("spawn")
    counters, number = Counters(1), 1 + SPARES + 1
    for _ in range(2):
        # The second time too: those of the first have given their places back.
        ready, places = spawn.Barrier(number), spawn.Queue()
        processes = [spawn.Process(target=_claim, args=(counters, ready, places)) for _ in range(number)]
        for process in processes:
            process.start()
        claimed = [places.get(timeout=120) for _ in processes]
        assert sorted(claimed, key=str) == [0, 1, 2, None]
        for process in processes:
            process.join(60)


@given(st.lists(st.tuples(st.sampled_from([f"198.51.100.{n}" for n in range(40)]), st.floats(0, 59)), max_size=200))
def test_a_count_is_never_too_small(asked: list[tuple[str, float]]) -> None:
    counts, truth = Counters().of_accounts(60), Counter(name for name, _ in asked)
    for name, at in asked:
        counts.add(name, 6_000_000 + at)
    for name, number in truth.items():
        count, before = counts.read(name, 6_000_000)
        assert (count >= number, before) == (True, 0)
        # A minute later it is what counts of the window before, and two later nothing.
        assert counts.read(name, 6_000_075)[1] == pytest.approx(count * 0.75)
        assert counts.read(name, 6_000_120) == (0, 0)


def test_thousands_at_their_limit_take_nothing_from_the_others() -> None:
    counts, now = Counters().of_addresses(60), 6_000_000.0
    for address in range(1_000):
        for _ in range(20):
            counts.add(f"crowd {address}", now)
    assert sum(counts.read(f"other {number}", now)[0] > 0 for number in range(5_000)) < 50


@pytest.mark.parametrize("at", [0.0, 1.0, 29.5, 59.99])
@given(count=st.integers(0, 30), before=st.integers(0, 30))
def test_who_waits_as_long_as_told_is_let_in(at: float, count: int, before: int) -> None:
    limit, begin = RateLimit(10, 60), 6_000_000.0
    now = begin + at
    found = window("x", limit, count, before * (1 - at / 60), now)
    assert found.allowed == (count + int(before * (1 - at / 60)) < 10)
    later = now + found.reset_s
    into = (later - begin) % 60
    weighted = {0: (count, before), 1: (0, count), 2: (0, 0)}[int((later - begin) // 60)]
    if not found.allowed:
        assert window("x", limit, weighted[0], weighted[1] * (1 - into / 60), later).allowed


def test_workers_share_one_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 6_000_000.0)
    limits = Limits(Settings(rate_limit="8/minute", account_rate_limit="off"), Counters(4))
    windows = [limits.of_address("192.0.2.1") for _ in range(9)]
    assert [window.allowed for window in windows if window] == [True] * 8 + [False]
    assert [window.remaining for window in windows if window] == [7, 6, 5, 4, 3, 2, 1, 0, 0]
    assert limits.of_account(1) is None


def test_counters_leave_no_file_behind() -> None:
    gc.collect()
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        Limits(Settings())
    gc.collect()
    assert len(list(Path("/proc/self/fd").iterdir())) <= before
