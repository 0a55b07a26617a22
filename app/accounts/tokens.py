"""API tokens: `titik_` + 32 random characters + 6 of checksum. Shown once, kept as a keyed hash. Pure but for the dice."""

import hashlib
import hmac
import secrets
import string
import zlib

PREFIX = "titik_"
SHOWN = len(PREFIX) + 6
_ALPHABET = string.digits + string.ascii_letters


def new_token() -> str:
    body = PREFIX + "".join(secrets.choice(_ALPHABET) for _ in range(32))
    return body + _checksum(body)


def is_wellformed(token: str) -> bool:
    """Whether this can be a token of ours; spares the database a look at typing errors and other systems' tokens."""
    return len(token) == len(PREFIX) + 38 and token.startswith(PREFIX) and token.isascii() and _checksum(token[:-6]) == token[-6:]


def hash_token(secret: bytes, token: str) -> bytes:
    """HMAC-SHA256: a copy of the table opens nothing without the key of the service."""
    return hmac.digest(secret, token.encode(), hashlib.sha256)


def _checksum(body: str) -> str:
    number = zlib.crc32(body.encode())
    digits = ""
    for _ in range(6):
        number, digit = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits
