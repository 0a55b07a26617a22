"""Opaque, signed places in a list: what a `next` link carries. Pure."""

import base64
import binascii
import hmac

from app.errors import BadRequest, Fault

_SIGNED = 12


def write_cursor(secret: bytes, purpose: str, place: str) -> str:
    """`place` is where the next page begins; `purpose` names the list, so that no cursor is taken for one of another."""
    return base64.urlsafe_b64encode(_signature(secret, purpose, place.encode()) + place.encode()).rstrip(b"=").decode()


def read_cursor(secret: bytes, purpose: str, cursor: str) -> str:
    """`BadRequest` for every cursor that this service has not written for this purpose."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raw = b""
    if not hmac.compare_digest(raw[:_SIGNED], _signature(secret, purpose, raw[_SIGNED:])):
        raise BadRequest(faults=[Fault("cursor", "cursor-unknown")])
    return raw[_SIGNED:].decode()


def _signature(secret: bytes, purpose: str, place: bytes) -> bytes:
    return hmac.digest(secret, b"cursor " + purpose.encode() + b"\0" + place, "sha256")[:_SIGNED]
