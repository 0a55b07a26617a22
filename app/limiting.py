"""How often somebody may ask. Counted by each worker for itself, in memory (docs/adr/0011): nothing here costs a look at the database."""

import hashlib
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from app.settings import OFF, Settings

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Window:
    """What is left of a limit: `remaining` of `quota` requests in `window_s` seconds, until `reset_s` from now."""

    policy: str
    quota: int
    window_s: int
    remaining: int
    reset_s: int
    allowed: bool


class Limits:
    """One limit for an address, one for an account; tighter ones for trying passwords."""

    def __init__(self, settings: Settings) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._address = _share(settings.rate_limit, settings.workers)
        self._account = _share(settings.account_rate_limit, settings.workers)
        self._sign_in = _share(settings.sign_in_rate_limit, settings.workers)
        self._sign_in_of_address = _share(settings.sign_in_rate_limit, settings.workers, times=3)

    async def of_address(self, address: str) -> Window | None:
        """None where addresses are not limited."""
        return await self._hit("address", self._address, _counted_as(address))

    async def of_account(self, account_id: int) -> Window | None:
        """None where accounts are not limited."""
        return await self._hit("account", self._account, str(account_id))

    async def of_sign_in(self, address: str, account: str) -> list[Window]:
        """Tries of a password, right or wrong, of one account from anywhere and from one address for any account. The name that was typed
        is kept as a hash: it may be a password in the wrong place.
        """
        name = hashlib.sha256(account.encode(errors="replace")).hexdigest()
        windows = [
            await self._hit("sign-in", self._sign_in, name),
            await self._hit("sign-in-address", self._sign_in_of_address, _counted_as(address)),
        ]
        return [window for window in windows if window]

    async def _hit(self, policy: str, limit: RateLimitItem | None, who: str) -> Window | None:
        if limit is None:
            return None
        allowed = await self._limiter.hit(limit, policy, who)
        stats = await self._limiter.get_window_stats(limit, policy, who)
        reset_s = max(1, math.ceil(stats.reset_time - time.time()))
        return Window(policy, limit.amount, limit.get_expiry(), stats.remaining, reset_s, allowed)


def _share(text: str, workers: int, *, times: int = 1) -> RateLimitItem | None:
    if text == OFF:
        return None
    limit = parse(text)
    return type(limit)(max(1, limit.amount * times // workers), limit.multiples)


@lru_cache(maxsize=4096)
def _counted_as(address: str) -> str:
    """A provider gives a whole /64 to one customer, so that one counts as one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    return str(parsed.ipv4_mapped or IPv6Network((parsed, 64), strict=False))


def client_address(peer: str, forwarded_for: str | None, proxies: Sequence[Network]) -> str:
    """Who asks: the rightmost forwarded address that is no named proxy, and only a named proxy is believed; else the peer itself."""
    if forwarded_for is None or not _is_named(peer, proxies):
        return peer
    client = peer
    for part in reversed(forwarded_for[-2000:].split(",")):
        try:
            client = str(ip_address(part.strip()))
        except ValueError:
            return client
        if not _is_named(client, proxies):
            return client
    return client


def _is_named(address: str, proxies: Sequence[Network]) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in proxies if network.version == parsed.version)
