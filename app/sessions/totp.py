"""Codes of the present time (RFC 6238), and their key at rest. Pure but for the dice."""

import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

DIGITS, STEP_S = 6, 30
KEY_BYTES = 20
_NONCE_BYTES = 12
_WINDOW = 1
"""Steps that the clock of a telephone may be wrong."""
# Without those that are taken for another when read off paper.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_RECOVERY_CODES, _RECOVERY_LENGTH = 10, 10


def new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def code_at(key: bytes, step: int) -> str:
    """The code of a time step: seconds since 1970 over 30."""
    return _totp(key).generate(step * STEP_S).decode()


def step_of(key: bytes, code: str, now: float) -> int | None:
    """The time step that a code is of, a step before or after `now` included; None where it is of none."""
    present = int(now) // STEP_S
    found = [step for step in range(present - _WINDOW, present + _WINDOW + 1) if step >= 0 and _same(code_at(key, step), code)]
    return found[-1] if found else None


def uri_of(key: bytes, account: str, issuer: str) -> str:
    """What an app on a telephone reads from the QR code (otpauth:)."""
    return _totp(key).get_provisioning_uri(account, issuer)


def _totp(key: bytes) -> TOTP:
    # The apps that people have know only this hash; of a MAC that lasts for a minute nothing else is needed (RFC 6238 §1.2, RFC 4226 B.2).
    return TOTP(key, DIGITS, SHA1(), STEP_S, enforce_key_length=False)  # noqa: S303


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode(errors="replace"))


def lock(secret: bytes, account_id: int, key: bytes) -> bytes:
    """Encrypted with a key from the secret key of the service, and of no use in another account."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + _cipher(secret).encrypt(nonce, key, str(account_id).encode())


def unlock(secret: bytes, account_id: int, locked: bytes) -> bytes | None:
    """None where it was encrypted with another secret key, or for another account."""
    try:
        return _cipher(secret).decrypt(locked[:_NONCE_BYTES], locked[_NONCE_BYTES:], str(account_id).encode())
    except InvalidTag:
        return None


def _cipher(secret: bytes) -> AESGCM:
    return AESGCM(hmac.digest(secret, b"titik second factor", "sha256"))


def new_recovery_codes() -> list[str]:
    """To be written down: `abcde-fghjk`."""
    texts = ["".join(secrets.choice(_LETTERS) for _ in range(_RECOVERY_LENGTH)) for _ in range(_RECOVERY_CODES)]
    return [f"{text[:5]}-{text[5:]}" for text in texts]


def hash_recovery(secret: bytes, account_id: int, code: str) -> bytes:
    """The keyed hash of a code, as it was typed: case, spaces and hyphens do not matter."""
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return hmac.digest(hmac.digest(secret, b"titik recovery code", "sha256"), f"{account_id}:{plain}".encode(), "sha256")
