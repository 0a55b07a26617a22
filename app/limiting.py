"""How often somebody may ask. Counted in memory that all workers share (docs/adr/0033): nothing here costs a look at the database."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import NamedTuple

from limits import parse

from app.counters import Counters, WindowCounts
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
    """One limit for an address, one for an account; each holds over all workers of the machine together. Passwords: `accounts/attempts.py`."""

    def __init__(self, settings: Settings, counters: Counters | None = None) -> None:
        # Kept here: the place of a worker is given back with it.
        self._counters = counters = counters or Counters()
        self._address, self._account = limit_of(settings.rate_limit), limit_of(settings.account_rate_limit)
        self._addresses = counters.of_addresses(self._address.window_s if self._address else 1)
        self._accounts = counters.of_accounts(self._account.window_s if self._account else 1)

    def of_address(self, address: str) -> Window | None:
        """None where addresses are not limited."""
        return self._address and _hit("address", self._address, self._addresses, counted_as(address))

    def of_account(self, account_id: int) -> Window | None:
        """None where accounts are not limited."""
        return self._account and _hit("account", self._account, self._accounts, str(account_id))


class Limit(NamedTuple):
    """`quota` in every `window_s` seconds."""

    quota: int
    window_s: int


def limit_of(text: str) -> Limit | None:
    """A limit in words, as the settings have it; None for `off`."""
    if text == OFF:
        return None
    limit = parse(text)
    return Limit(limit.amount, limit.get_expiry())


def _hit(policy: str, limit: Limit, counts: WindowCounts, who: str) -> Window:
    """Counts who asks, unless there were too many: so whoever goes on asking is not shut out for longer."""
    at = time.time()
    found = window(policy, limit, *counts.read(who, at), at)
    if found.allowed:
        counts.add(who, at)
    return found


def window(policy: str, limit: Limit, count: int, before: float, at: float) -> Window:
    """Whether one more fits, where there were `count` in the window of `at` (seconds of the clock), and `before` of the window before
    count yet: two windows stand for one that slides.
    """
    left = limit.quota - count - math.floor(before)
    rest_s = limit.window_s - at % limit.window_s
    if left > 0:
        return Window(policy, limit.quota, limit.window_s, left - 1, math.ceil(rest_s), allowed=True)
    return Window(policy, limit.quota, limit.window_s, 0, math.floor(_wait_s(limit, count, before, rest_s) + 1e-6) + 1, allowed=False)


def _wait_s(limit: Limit, count: int, before: float, rest_s: float) -> float:
    """Until what counts of the window before has become small enough; else in the next one, where this will be the one before."""
    if count < limit.quota:
        return rest_s * (1 - (limit.quota - count) / before)
    return rest_s + limit.window_s * (1 - limit.quota / count)


@lru_cache(maxsize=4096)
def counted_as(address: str) -> str:
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
