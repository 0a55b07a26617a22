"""Turns at the hasher: strangers wait for one another, and never take all of them."""

import asyncio
import threading

import pytest

from app.accounts.passwords import STRANGERS_WAITING, Passwords
from app.errors import Unavailable

pytestmark = pytest.mark.anyio


class Slow:
    """A hasher that ends when it is told to."""

    def __init__(self) -> None:
        self.go, self.running = threading.Event(), 0

    def hash(self, _: str) -> str:
        return ""

    def verify(self, password: str, _: str) -> bool:
        self.running += 1
        if password == "slow":
            self.go.wait(20)
        return True


async def test_strangers_never_take_all_turns_and_only_some_may_wait() -> None:
    passwords, hasher = Passwords(), Slow()
    passwords._hasher = hasher  # type: ignore[assignment]
    strangers = [asyncio.create_task(passwords.verify("slow", "kept", is_stranger=True)) for _ in range(STRANGERS_WAITING)]
    try:
        while not hasher.running:  # noqa: ASYNC110 - that is another thread
            await asyncio.sleep(0.01)
        async with asyncio.timeout(10):
            assert [await passwords.verify("right", "kept") for _ in range(3)] == [True] * 3
        assert hasher.running == 1 + 3
        with pytest.raises(Unavailable) as refused:
            await passwords.verify("one too many", "kept", is_stranger=True)
        assert refused.value.code == "too-busy"
    finally:
        hasher.go.set()
    assert await asyncio.gather(*strangers) == [True] * STRANGERS_WAITING
    assert await passwords.verify("again", "kept", is_stranger=True)
