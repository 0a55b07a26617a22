"""What the identity server says of itself: its addresses and its keys. Asked over HTTP, kept for an hour, asked by one at a time."""

import asyncio
import math
import warnings
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

import httpx
import orjson
import structlog
from joserfc.errors import InvalidKeyIdError, JoseError, SecurityWarning
from joserfc.jwk import GuestProtocol, JWKRegistry, Key, RSAKey

from app.addresses import is_loopback
from app.errors import Unavailable

TIMEOUT_S = 5.0
MOST_BYTES = 1_048_576
MOST_KEYS = 100
KEPT_S = 3600.0
AGAIN_AFTER_S = 60.0

# The signatures that are believed, each with the only kind of key that can have made it. What is not here is refused: `none`, and HS*,
# whose key would be one that everybody knows. EdDSA is the old name of Ed25519 (RFC 9864), which servers still use.
KEY_OF = {
    "RS256": ("RSA", None),
    "PS256": ("RSA", None),
    "ES256": ("EC", "P-256"),
    "EdDSA": ("OKP", "Ed25519"),
    "Ed25519": ("OKP", "Ed25519"),
}

Document = TypeVar("Document")
_log = structlog.get_logger("titik")


def trouble(what: str, reason: str) -> Unavailable:
    """The error to raise when the identity server does not do its part. Its operator, or ours, has to read why."""
    _log.warning("identity-server", what=what, reason=reason)
    return Unavailable("identity-server-unavailable")


async def ask(client: httpx.AsyncClient, what: str, method: str, url: str, **sent: Any) -> tuple[int, Any]:
    """Status and JSON of an answer (None where it is no JSON). `Unavailable` where there is none in time, or a redirect, a 5xx, too much."""
    body = bytearray()
    # Not packed: a few bytes of gzip can become more than there is memory.
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    try:
        # The limits of the client are for each read; this one is for the whole, so that nobody keeps us by sending slowly.
        async with asyncio.timeout(TIMEOUT_S), client.stream(method, url, headers=headers, **sent) as response:
            async for part in response.aiter_raw():
                body += part
                if len(body) > MOST_BYTES:
                    raise trouble(what, "too-large")
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        raise trouble(what, type(error).__name__) from None
    if response.status_code >= 500 or response.status_code == 429 or response.is_redirect:
        raise trouble(what, f"status-{response.status_code}")
    try:
        return response.status_code, orjson.loads(body)
    except orjson.JSONDecodeError:
        return response.status_code, None


class Refreshed(Generic[Document]):
    """One answer, fetched when it is first needed and again after an hour. What cannot be fetched again stays as it was."""

    def __init__(self, fetch: Callable[[], Awaitable[Document]]) -> None:
        self._fetch = fetch
        self._lock = asyncio.Lock()
        self._value: Document | None = None
        self._due_at = self._failed_at = self._missed_at = -math.inf

    async def get(self) -> Document:
        """`Unavailable` where it has never been fetched, and cannot be now."""
        if self._value is not None and (monotonic() < self._due_at or self._lock.locked()):
            return self._value
        asked_at = monotonic()
        async with self._lock:
            # Who waited for one that failed has its answer: asking in turn, each would wait longer than the one before.
            if self._value is None and self._failed_at >= asked_at:
                raise Unavailable("identity-server-unavailable")
            if self._value is None or monotonic() >= self._due_at:
                return await self._renew()
            return self._value

    async def newer(self, than: Document) -> Document:
        """For who misses something in `than`: fetches again, at once, and after it was no use for a minute not, whoever asks."""
        async with self._lock:
            if self._value is than and monotonic() - self._missed_at >= AGAIN_AFTER_S:
                self._missed_at = monotonic()
                return await self._renew()
            return self._value if self._value is not None else than

    def found(self) -> None:
        """What was missed is there now: the next change is fetched at once, too."""
        self._missed_at = -math.inf

    async def _renew(self) -> Document:
        try:
            self._value = await self._fetch()
            self._due_at = monotonic() + KEPT_S
        except Unavailable:
            self._failed_at = monotonic()
            self._due_at = self._failed_at + AGAIN_AFTER_S
            if self._value is None:
                raise
        return self._value


@dataclass(frozen=True, slots=True)
class Addresses:
    """Of a discovery document (OpenID Connect Discovery §3), what signing in needs."""

    authorization: str
    token: str
    keys: str
    secret_in_body: bool
    """It takes the client's secret in the body only."""
    names_itself: bool
    """It says who it is in every answer (RFC 9207), so an answer without that is not its own."""


async def fetch_addresses(client: httpx.AsyncClient, issuer: str) -> Addresses:
    """`Unavailable` also where the document is not that of this issuer, letter by letter, or names an address that is not safe."""
    status, document = await ask(client, "discovery", "GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if status != 200 or not isinstance(document, dict):
        raise trouble("discovery", "no-document")
    if document.get("issuer") != issuer:
        raise trouble("discovery", "other-issuer")
    authorization, token, keys = (str(document.get(name)) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"))
    if not all(_is_safe(url, issuer) for url in (authorization, token, keys)):
        raise trouble("discovery", "unsafe-address")
    methods = document.get("token_endpoint_auth_methods_supported")
    in_body = isinstance(methods, list) and "client_secret_basic" not in methods and "client_secret_post" in methods
    return Addresses(authorization, token, keys, in_body, document.get("authorization_response_iss_parameter_supported") is True)


def _is_safe(url: str, issuer: str) -> bool:
    """https, or no further from here than an issuer on this very machine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    on_this_machine = parts.scheme == "http" and issuer.startswith("http:") and is_loopback(parts.hostname)
    return bool(parts.hostname) and not parts.fragment and (parts.scheme == "https" or on_this_machine)


class Keys:
    """The keys with which the identity server signs."""

    def __init__(self, keys: list[Key]) -> None:
        self._keys = keys

    def find(self, signed: GuestProtocol) -> Key:
        """The one key that can have made this signature. `InvalidKeyIdError` where there is none, or it is not clear which."""
        header = signed.headers()
        kid = header.get("kid")
        fitting = [key for key in self._keys if _fits(key, header["alg"]) and (kid is None or key.kid == kid)]
        if len(fitting) != 1:
            raise InvalidKeyIdError
        return fitting[0]


@contextmanager
def quietly() -> Iterator[None]:
    """The library warns of small keys, which are passed over here, and of the old name of Ed25519, which is the identity server's choice."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        yield


def _fits(key: Key, algorithm: str) -> bool:
    kind, curve = KEY_OF[algorithm]
    return key.key_type == kind and (curve is None or key.get("crv") == curve) and key.get("alg") in (None, algorithm)


async def fetch_keys(client: httpx.AsyncClient, url: str) -> Keys:
    status, document = await ask(client, "keys", "GET", url)
    found = document.get("keys") if isinstance(document, dict) else None
    if status != 200 or not isinstance(found, list):
        raise trouble("keys", "no-document")
    with quietly():
        return Keys([key for member in found[:MOST_KEYS] if (key := _signing_key(member))])


def _signing_key(member: object) -> Key | None:
    """None for what is not understood (RFC 7517 §5), is not for signing, is secret, or is too short to be trusted."""
    if not isinstance(member, dict) or member.get("kty") not in ("RSA", "EC", "OKP") or member.get("use", "sig") != "sig":
        return None
    try:
        key = JWKRegistry.import_key(member)
        key.check_key_op("verify")
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return None if isinstance(key, RSAKey) and key.public_key.key_size < 2048 else key
