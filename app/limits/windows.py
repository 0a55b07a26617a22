"""Limits of how often, and what is left of them: pure."""

import math
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import NamedTuple

from limits import parse

from app.settings import OFF


@dataclass(frozen=True, slots=True)
class Window:
    """What is left of a limit: `remaining` of `quota` requests in `window_s` seconds, until `reset_s` from now."""

    policy: str
    quota: int
    window_s: int
    remaining: int
    reset_s: int
    allowed: bool


class RateLimit(NamedTuple):
    """`quota` in every `window_s` seconds."""

    quota: int
    window_s: int


def limit_of(text: str) -> RateLimit | None:
    """A limit in words, as the settings have it; None for `off`."""
    if text == OFF:
        return None
    limit = parse(text)
    return RateLimit(limit.amount, limit.get_expiry())


def window(policy: str, limit: RateLimit, count: int, before: float, at: float) -> Window:
    """Whether one more fits, where there were `count` in the window of `at` (seconds of the clock), and `before` of the window before
    count yet: two windows stand for one that slides.
    """
    left = limit.quota - count - math.floor(before)
    rest_s = limit.window_s - at % limit.window_s
    if left > 0:
        return Window(policy, limit.quota, limit.window_s, left - 1, math.ceil(rest_s), allowed=True)
    return Window(policy, limit.quota, limit.window_s, 0, math.floor(_wait_s(limit, count, before, rest_s) + 1e-6) + 1, allowed=False)


def _wait_s(limit: RateLimit, count: int, before: float, rest_s: float) -> float:
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
