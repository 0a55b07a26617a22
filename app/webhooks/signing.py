"""Secrets of webhooks: made, kept encrypted, and signed with (Standard Webhooks 1.0)."""

import base64
import hmac
import os
from collections.abc import Sequence
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PREFIX = "whsec_"
_BYTES, _NONCE = 32, 12


def make() -> bytes:
    return os.urandom(_BYTES)


def secret_text(secret: bytes) -> str:
    """As receivers write it into their settings."""
    return PREFIX + base64.b64encode(secret).decode()


def encrypt(service_secret: bytes, webhook: UUID, secret: bytes) -> bytes:
    """Bound to its webhook, so that none can be given the secret of another."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(_key(service_secret)).encrypt(nonce, secret, webhook.bytes)


def decrypt(service_secret: bytes, webhook: UUID, ciphertext: bytes) -> bytes | None:
    """None where the service's own secret is no longer the one that it was encrypted with."""
    try:
        return AESGCM(_key(service_secret)).decrypt(ciphertext[:_NONCE], ciphertext[_NONCE:], webhook.bytes)
    except InvalidTag:
        return None


def _key(service_secret: bytes) -> bytes:
    return hmac.digest(service_secret, b"titik webhook secrets", "sha256")


def headers(secrets: Sequence[bytes], event: str, seconds: int, body: bytes) -> list[tuple[str, str]]:
    """One signature for each secret that is valid, so that receivers can change theirs any time of the day."""
    signed = f"{event}.{seconds}.".encode() + body
    signatures = (f"v1,{base64.b64encode(hmac.digest(secret, signed, 'sha256')).decode()}" for secret in secrets)
    return [("webhook-id", event), ("webhook-timestamp", str(seconds)), ("webhook-signature", " ".join(signatures))]
