"""Tries of passwords, counted in PostgreSQL, so over all workers: beside what it costs to look at a password that is little.

Whoever tries is counted at one address for one account, and at one address for any. A stranger who tries the passwords of an account so is
shut out alone. Many strangers together, each at an address of its own, are slowed down: beyond `WIDE` limits each has one try left. An
address from which somebody has signed in to the account before is no stranger, and does not notice.
"""

import hmac
from typing import NamedTuple

from app.accounts import queries
from app.db import WriteSession
from app.errors import TooMany
from app.limits.windows import RateLimit, Window, counted_as, limit_of, window
from app.settings import Settings

TIMES_OF_ADDRESS = 3
WIDE = 10


class Attempt(NamedTuple):
    """A try that was counted, unless one of its windows does not allow it. `place` stands for the account at this address."""

    windows: list[Window]
    place: bytes
    is_stranger: bool

    def check(self) -> None:
        """`TooMany` where there were too many."""
        if refused := [one.reset_s for one in self.windows if not one.allowed]:
            raise TooMany(seconds=max(refused))


async def count(session: WriteSession, settings: Settings, address: str, account: str) -> Attempt:
    """Counts a try, right or wrong. What was typed as a name is kept as a keyed hash: it may be a password in the wrong place."""
    place, here, anywhere = (
        _key(settings.secret, kind, *parts)
        for kind, *parts in (("place", account, counted_as(address)), ("address", counted_as(address)), ("account", account))
    )
    is_stranger = not await session.value(queries.IS_KNOWN_PLACE, key=place)
    limit = limit_of(settings.sign_in_rate_limit)
    if limit is None:
        return Attempt([], place, is_stranger)
    found = {row["key"]: row for row in await session.all(queries.COUNT_TRIES, keys=[place, here, anywhere], window_s=limit.window_s)}
    is_slowed = is_stranger and not _window("", limit, WIDE * limit.quota, found[anywhere]).allowed
    windows = [
        _window("sign-in", limit, 1 if is_slowed else limit.quota, found[place]),
        _window("sign-in-address", limit, TIMES_OF_ADDRESS * limit.quota, found[here]),
    ]
    if all(one.allowed for one in windows):
        await session.run(queries.ADD_TRIES, keys=[place, here, *([anywhere] if is_stranger else [])])
    return Attempt(windows, place, is_stranger)


def _window(policy: str, limit: RateLimit, quota: int, row: queries.Tries) -> Window:
    before = row["tries_before"] * (1 - row["at"] % limit.window_s / limit.window_s)
    return window(policy, RateLimit(quota, limit.window_s), row["tries"], before, row["at"])


def _key(secret: bytes, *parts: str) -> bytes:
    return hmac.digest(secret, "\0".join(("sign-in", *parts)).encode(errors="replace"), "sha256")
