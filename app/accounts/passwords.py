"""Passwords: Argon2id, as pwdlib recommends it. Hashing costs 64 MB and a tenth of a second on purpose, so few run at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cached_property

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from app.errors import Unavailable

SHORTEST, LONGEST = 12, 256
_AT_ONCE = 2
STRANGERS_WAITING = 20
"""Who comes from where nobody has signed in to the account may wait for a turn, but not keep those waiting who have."""


class Passwords:
    """One for each worker: waiting for a turn is what bounds the memory that sign-ins can take."""

    def __init__(self) -> None:
        self._hasher = PasswordHash((Argon2Hasher(),))
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._strangers = asyncio.Semaphore(_AT_ONCE - 1)
        self._strangers_waiting = 0

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, password: str, stored_hash: str | None, *, is_stranger: bool = False) -> bool:
        """Whether this is the password. Where there is none the answer takes as long, so that the time tells nothing. Strangers never have
        all turns; `Unavailable` where too many of them wait.
        """
        async with self._turn_of_stranger() if is_stranger else self._turns:
            same = await asyncio.to_thread(lambda: self._hasher.verify(password, stored_hash or self._nobody))
        return same and stored_hash is not None

    @asynccontextmanager
    async def _turn_of_stranger(self) -> AsyncIterator[None]:
        if self._strangers_waiting >= STRANGERS_WAITING:
            raise Unavailable("too-busy")
        self._strangers_waiting += 1
        try:
            async with self._strangers, self._turns:
                yield
        finally:
            self._strangers_waiting -= 1


def is_guessable(password: str, account: str) -> bool:
    """What anybody would try first: the name of the account in it, or few different characters."""
    folded = password.casefold()
    return account.casefold() in folded or len(set(folded)) < 5
