"""Passwords: Argon2id, as pwdlib recommends it. Hashing costs 64 MB and a tenth of a second on purpose, so few run at once."""

import asyncio
from functools import cached_property

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

SHORTEST, LONGEST = 12, 256
_AT_ONCE = 2


class Passwords:
    """One for each worker: waiting for a turn is what bounds the memory that sign-ins can take."""

    def __init__(self) -> None:
        self._hasher = PasswordHash((Argon2Hasher(),))
        self._turns = asyncio.Semaphore(_AT_ONCE)

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, password: str, kept: str | None) -> bool:
        """Whether this is the password. Where there is none the answer takes as long, so that the time tells nothing."""
        async with self._turns:
            same = await asyncio.to_thread(lambda: self._hasher.verify(password, kept or self._nobody))
        return same and kept is not None


def is_guessable(password: str, account: str) -> bool:
    """What anybody would try first: the name of the account in it, or few different characters."""
    folded = password.casefold()
    return account.casefold() in folded or len(set(folded)) < 5
