"""What can be told by webhook, in which form, and when to try again. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

PREFIX = "id.titik."
PING = PREFIX + "ping"

SOURCE = "urn:titik"
ABOUT = ("kind", "category", "kelurahan")
"""What an event is about, beside its subject. Events of before there was a kind have none, however often they are sent: they are of points."""
LONGEST_URL = 500
# 1 s, 2 s, 4 s, … up to an hour: most receivers that fail are only being restarted, and all that waits behind the event waits with it.
FIRST_DELAY_S, LONGEST_DELAY_S = 1.0, 3_600.0
LONGEST_RETRY_AFTER_S = 24 * 3_600.0


def attributes(event: Mapping[str, Any], event_type: str) -> dict[str, Any]:
    """A CloudEvent 1.0 without its data. `kind`, `category` and `kelurahan` are extension attributes, for those who pass events on."""
    moment: datetime = event["created_at"]
    members = {
        "specversion": "1.0",
        "id": str(event["event_id"]),
        "source": SOURCE,
        "type": event_type,
        "subject": event["subject"],
        "time": moment.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/geo+json" if event["feature"] is not None else "application/json",
    }
    return members | {name: event[name] for name in ABOUT if event[name] is not None}


def delay_s(failures: int, chance: float, asked_s: float | None) -> float:
    """How long to wait after so many failures in a row (from 1): doubled each time, spread by `chance` (0 to 1) so that not all come back at
    once, and not sooner than the receiver asked for.
    """
    doubled = min(FIRST_DELAY_S * 2.0 ** min(failures - 1, 20), LONGEST_DELAY_S)
    return max(doubled * (0.75 + chance / 2), min(asked_s or 0.0, LONGEST_RETRY_AFTER_S))


def retry_after_s(header: str | None, now: datetime) -> float | None:
    """Seconds, or a date (RFC 9110 §10.2.3); None where the header says neither."""
    if header is None:
        return None
    if header.strip().isdecimal() and len(header) < 12:
        return float(header)
    try:
        at = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - now) / timedelta(seconds=1))


def url_fault(url: str, *, with_networks: bool) -> str | None:
    """What is wrong with the address of a receiver: a code, or None. Without encryption only into networks of the operator's own."""
    try:
        parts = urlsplit(url)
        known = parts.hostname, parts.port
    except ValueError:
        return "webhook-url-invalid"
    if not known[0] or not url.isascii() or not url.isprintable() or " " in url or parts.fragment or known[1] == 0:
        return "webhook-url-invalid"
    if parts.username is not None or parts.password is not None:
        return "webhook-url-user"
    if parts.scheme == "https" or (parts.scheme == "http" and with_networks):
        return None
    return "webhook-url-not-https"
