"""In which order tests run, which of them `make check` leaves out, and how one that hangs or that silences others is found.

`slow(seconds)` computes for that long: first, longest before shorter ones. `disruptive(seconds)` kills, waits or forks: last, when nothing that
computes for long is left to disturb it, longest first again, so that no worker is left alone with a long one at the end.
"""

import asyncio
import functools
import inspect
import logging
from collections.abc import Awaitable, Callable, Generator

import pytest

# The rest is for fixtures, before pytest-timeout ends the worker.
SHARE_OF_THE_TIME = 0.8
HEARD = ("asyncio", "uvicorn", "uvicorn.error")


def _place(item: pytest.Item) -> tuple[int, float]:
    for lane, name in ((0, "slow"), (2, "disruptive")):
        if marker := item.get_closest_marker(name):
            return lane, -marker.args[0]
    return 1, 0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_place)


def _seconds(item: pytest.Function) -> float:
    marker = item.get_closest_marker("timeout")
    return float(marker.args[0] if marker else item.config.getoption("timeout"))


def _limited(test: Callable[..., Awaitable[None]], seconds: float) -> Callable[..., Awaitable[None]]:
    @functools.wraps(test)
    async def limited(**arguments: object) -> None:
        async with asyncio.timeout(seconds):
            await test(**arguments)

    return limited


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """A signal interrupts a loop once, and the loop that runs next, for the fixtures, waits for the same test again. A timeout within the loop ends the test."""
    if inspect.iscoroutinefunction(pyfuncitem.obj):
        pyfuncitem.obj = _limited(pyfuncitem.obj, _seconds(pyfuncitem) * SHARE_OF_THE_TIME)
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    """`logging.config` disables by default what it does not know: then another test, later and elsewhere, hears nothing."""
    yield
    silenced = [name for name in HEARD if logging.getLogger(name).disabled]
    for name in silenced:
        logging.getLogger(name).disabled = False
    assert not silenced, f"{item.nodeid} has silenced {silenced}"
