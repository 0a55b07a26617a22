"""What a session rests on, without a database: the secret of a cookie and its successor, what a browser calls itself."""

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from typing import NamedTuple

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
# In this order: most browsers also name those that they want to be taken for.
_BROWSERS = (
    ("SamsungBrowser/", "Samsung Internet"),
    ("OPR/", "Opera"),
    ("UCBrowser/", "UC Browser"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("Edg/", "Edge"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)


class Device(NamedTuple):
    """What a browser says it is, as far as anybody would recognise it."""

    browser: str | None
    system: str | None


def is_wellformed(secret: str) -> bool:
    """Whether this can be the secret of a session: spares the database a look at anything else."""
    return _SECRET.fullmatch(secret) is not None


def hash_secret(key: bytes, secret: str) -> bytes:
    """HMAC-SHA256, as tokens have it, but no token can pass for a session: the key is another."""
    return hmac.digest(hmac.digest(key, b"titik session", "sha256"), secret.encode(), hashlib.sha256)


def successor_of(key: bytes, secret: str) -> str:
    """The secret that follows this one. Always the same, so that an answer that was lost on its way can be given again."""
    digest = hmac.digest(hmac.digest(key, b"titik session successor", "sha256"), secret.encode(), hashlib.sha256)
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def device_of(user_agent: str | None) -> Device:
    """Chrome on Android and the like. Anybody may claim anything here: it is for the eyes of whoever signed in."""
    text = (user_agent or "")[:500]
    return Device(
        next((name for mark, name in _BROWSERS if mark in text), None),
        next((name for mark, name in _SYSTEMS if mark in text), None),
    )
