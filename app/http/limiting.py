"""How often an address or an account may ask. Counted in memory that all workers share (docs/adr/0033): nothing here costs a look at the database."""

import time
from collections.abc import Sequence
from ipaddress import ip_address

from app.addresses import Network
from app.limits.counters import Counters, WindowCounts
from app.limits.windows import RateLimit, Window, counted_as, limit_of, window
from app.settings import Settings


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


def _hit(policy: str, limit: RateLimit, counts: WindowCounts, who: str) -> Window:
    """Counts who asks, unless there were too many: so whoever goes on asking is not shut out for longer."""
    at = time.time()
    found = window(policy, limit, *counts.read(who, at), at)
    if found.allowed:
        counts.add(who, at)
    return found


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
