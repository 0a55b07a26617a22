"""What a telephone seals its records with, and what it calls the account they belong to. Derived, so that nothing is stored."""

import hmac


def writer_of(secret: bytes, account_id: int) -> str:
    """A name for an account that says nothing of it: 24 hexadecimal digits."""
    return _derived(secret, "writer", account_id).hex()[:24]


def key_of(secret: bytes, account_id: int) -> bytes:
    """32 bytes, always the same for an account."""
    return _derived(secret, "key", account_id)


def _derived(secret: bytes, use: str, account_id: int) -> bytes:
    return hmac.digest(secret, f"titik entry {use} {account_id}".encode(), "sha256")
