"""How long a browser stays signed in, by the role of its account. Pure."""

import re
from collections.abc import Mapping
from typing import NamedTuple

# Hours without use, hours at the latest. The telephone of an officer must not lose its sign-in in the field; who decides what becomes public, and
# who decides who may, sits at a desk.
SESSION_HOURS = {"pic": (720, 2160), "opd": (168, 720), "pembina": (168, 720), "walidata": (12, 168), "admin": (2, 24)}
LONGEST_HOURS = 8760
_LIFETIME = re.compile(r"([a-z]+)=([0-9]{1,4})/([0-9]{1,4})")


class Lifetime(NamedTuple):
    """Of a session, in seconds: without use, and at the latest."""

    idle_s: int
    absolute_s: int


def lifetimes_of(text: str) -> Mapping[str, Lifetime]:
    """`pic=24/48 admin=1/8`: those, and the usual ones of all other roles. ValueError where it is something else."""
    hours = dict(SESSION_HOURS)
    for part in text.split():
        found = _LIFETIME.fullmatch(part)
        if not found or found[1] not in SESSION_HOURS or not 1 <= int(found[2]) <= int(found[3]) <= LONGEST_HOURS:
            raise ValueError(part)
        hours[found[1]] = int(found[2]), int(found[3])
    return {role: Lifetime(idle * 3600, latest * 3600) for role, (idle, latest) in hours.items()}
