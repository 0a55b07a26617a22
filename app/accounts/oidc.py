"""Signing in at the city's identity server: OpenID Connect, authorization code flow with PKCE. Who it is, not what they get for it.

The service keeps nothing between going there and coming back. What it must know again travels with the browser, in a signed cookie.
"""

import hashlib
import hmac
import secrets
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote_plus, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import ClaimError, InvalidKeyIdError, JoseError
from joserfc.jws import JWSRegistry

from app.accounts.discovery import KEY_OF, TIMEOUT_S, Addresses, Keys, Refreshed, ask, fetch_addresses, fetch_keys, quietly
from app.accounts.id_tokens import CHECKED, IdTokenClaims
from app.errors import Unauthenticated
from app.settings import Settings

PATH = "/tokens/oidc"
LASTS_S = 600

# RFC 6749 §4.1.2.1 and §5.2, OpenID Connect Core §3.1.2.6: only these may be quoted in the log; anything else, somebody made up.
_ERRORS = frozenset(
    {
        "access_denied", "account_selection_required", "consent_required", "interaction_required", "invalid_client", "invalid_grant",
        "invalid_request", "invalid_scope", "login_required", "server_error", "temporarily_unavailable", "unauthorized_client",
        "unsupported_grant_type", "unsupported_response_type",
    }
)  # fmt: skip
# Members of a header that nobody knows are passed over, those that are critical excepted (RFC 7515 §4).
_SIGNATURES = JWSRegistry(algorithms=list(KEY_OF), strict_check_header=False)


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody at the identity server: `subject` never changes there; `called` is the name to find the account by, the first time."""

    subject: str
    called: str | None


@dataclass(frozen=True, slots=True)
class AuthorizationResponse:
    """What the browser brought back (RFC 6749 §4.1.2, RFC 9207)."""

    code: str | None
    state: str | None
    error: str | None
    iss: str | None


class Journey(NamedTuple):
    """What must be the same when somebody comes back."""

    state: str
    nonce: str
    verifier: str
    expires_at: int
    page: str = ""
    """Of this service, where somebody goes on who began on the sign-in page; empty: whoever comes back gets a token."""


def set_out(now: float, page: str = "") -> Journey:
    return Journey(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48), int(now) + LASTS_S, page)


def seal(secret: bytes, journey: Journey) -> str:
    content = ".".join([*map(str, journey[:4]), urlsafe_b64encode(journey.page.encode()).decode().rstrip("=")])
    return f"{content}.{_signature(secret, content)}"


def unseal(secret: bytes, cookie: str, now: float) -> Journey | None:
    """None unless the service itself made this, not longer ago than ten minutes."""
    content, _, signature = cookie.rpartition(".")
    if not hmac.compare_digest(signature.encode(), _signature(secret, content).encode()):
        return None
    state, nonce, verifier, expires_at, page = content.split(".")
    journey = Journey(state, nonce, verifier, int(expires_at), urlsafe_b64decode(page + "===").decode())
    return journey if now < journey.expires_at else None


def _signature(secret: bytes, content: str) -> str:
    """With a key of its own: nothing else that the service signs can pass for a cookie, nor the other way round."""
    return hmac.digest(hmac.digest(secret, b"titik oidc cookie", "sha256"), content.encode(), "sha256").hex()


class IdentityServer:
    """The one of the settings, as one worker knows it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._issuer = settings.oidc_issuer
        self._back = settings.public_url.rstrip("/") + PATH + "/callback"
        self._client = httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False)
        self._addresses: Refreshed[Addresses] = Refreshed(lambda: fetch_addresses(self._client, self._issuer))
        self._keys: Refreshed[Keys] = Refreshed(self._fetch_keys)

    async def close(self) -> None:
        await self._client.aclose()

    @property
    def cookie_path(self) -> str:
        return urlsplit(self._settings.public_url).path.rstrip("/") + PATH

    @property
    def is_secure(self) -> bool:
        return self._back.startswith("https:")

    @property
    def cookie_name(self) -> str:
        """With the prefix a browser takes the cookie over https only (draft-ietf-httpbis-rfc6265bis §4.1.3.1)."""
        return "__Secure-titik-oidc" if self.is_secure else "titik-oidc"

    def page_of(self, cookie: str | None) -> str:
        """Where somebody goes on who began on the sign-in page; empty for who came for a token."""
        journey = unseal(self._settings.secret, cookie or "", time.time())
        return journey.page if journey else ""

    async def send_there(self, page: str = "", *, is_again: bool = False) -> tuple[str, str]:
        """The address to send a browser to, and the cookie to give it. `is_again`: who it is is to be shown once more, also by somebody who is
        signed in there. `Unavailable` when the identity server cannot be asked for the address.
        """
        addresses = await self._addresses.get()
        journey = set_out(time.time(), page)
        parameters = {
            "response_type": "code",
            "client_id": self._settings.oidc_client_id,
            "redirect_uri": self._back,
            "scope": "openid profile email" if self._settings.oidc_claim == "email" else "openid profile",
            "state": journey.state,
            "nonce": journey.nonce,
            "code_challenge": _challenge(journey.verifier),
            "code_challenge_method": "S256",
        } | ({"prompt": "login"} if is_again else {})
        return str(httpx.URL(addresses.authorization).copy_merge_params(parameters)), seal(self._settings.secret, journey)

    async def identify(self, cookie: str | None, answer: AuthorizationResponse) -> Identity:
        """Who came back. `Unauthenticated`, with the reason for the log, for whatever is wrong; `Unavailable` when the server does not answer."""
        journey = unseal(self._settings.secret, cookie or "", time.time())
        if journey is None:
            raise _refused("cookie")
        if not hmac.compare_digest((answer.state or "").encode(), journey.state.encode()):
            raise _refused("state")
        addresses = await self._addresses.get()
        if answer.iss != self._issuer and (answer.iss is not None or addresses.names_itself):
            raise _refused("answer-iss")
        if answer.error is not None or not answer.code:
            raise _refused(f"answer-{_known(answer.error)}")
        tokens = await self._exchange(addresses, answer.code, journey.verifier)
        return await self._read(tokens, journey.nonce)

    async def _exchange(self, addresses: Addresses, code: str, verifier: str) -> dict[str, object]:
        """The tokens for a code, which can be had once."""
        client_id, secret = self._settings.oidc_client_id, self._settings.oidc_client_secret
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self._back, "code_verifier": verifier}
        auth = None
        if secret is None or addresses.secret_in_body:
            form |= {"client_id": client_id} | ({"client_secret": secret.get_secret_value()} if secret else {})
        else:
            # RFC 6749 §2.3.1: encoded as in a form before they are joined by a colon.
            auth = httpx.BasicAuth(quote_plus(client_id), quote_plus(secret.get_secret_value()))
        status, tokens = await ask(self._client, "token", "POST", addresses.token, data=form, auth=auth)
        if not isinstance(tokens, dict):
            raise _refused("token-no-document")
        if status != 200:
            raise _refused(f"token-{_known(tokens.get('error'))}")
        return tokens

    async def _read(self, tokens: dict[str, object], nonce: str) -> Identity:
        id_token = tokens.get("id_token")
        if not isinstance(id_token, str):
            raise _refused("id-token-missing")
        try:
            claims = self._checked(await self._verified(id_token), nonce, tokens.get("access_token"))
        except ClaimError as error:
            raise _refused(f"id-token-{error.claim if error.claim in CHECKED else 'claims'}") from None
        except JoseError as error:
            raise _refused(f"id-token-{error.error}") from None
        except (ValueError, TypeError, AttributeError, RecursionError):
            # What the library stumbles over: text that is not ASCII, a header that is a list, JSON without end.
            raise _refused("id-token-unreadable") from None
        return self._identity(claims)

    async def _verified(self, id_token: str) -> jwt.Token:
        """What it says, if its signature is that of a key of the server; a key that nobody knows may be a new one."""
        keys = await self._keys.get()
        try:
            return _verified_by(keys, id_token)
        except InvalidKeyIdError:
            token = _verified_by(await self._keys.newer(keys), id_token)
            self._keys.found()
            return token

    def _checked(self, token: jwt.Token, nonce: str, access_token: object) -> dict[str, object]:
        """`ClaimError` names what is wrong."""
        claims = IdTokenClaims(self._issuer, self._settings.oidc_client_id, nonce)
        claims.check(token.claims, token.header["alg"], access_token if isinstance(access_token, str) else None)
        return token.claims

    def _identity(self, claims: dict[str, Any]) -> Identity:
        subject, called = claims["sub"], claims.get(self._settings.oidc_claim)
        # Core §2: at most 255 ASCII characters. Nothing that a database would not take.
        if not (len(subject) <= 255 and subject.isascii() and subject.isprintable()):
            raise _refused("id-token-sub")
        is_name = isinstance(called, str) and len(called) <= 255 and called.isprintable()
        # An address that nobody has confirmed may be another's.
        is_theirs = self._settings.oidc_claim != "email" or claims.get("email_verified") is True
        return Identity(subject, called if is_name and is_theirs else None)

    async def _fetch_keys(self) -> Keys:
        return await fetch_keys(self._client, (await self._addresses.get()).keys)


def _challenge(verifier: str) -> str:
    """RFC 7636 §4.2, S256."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _verified_by(keys: Keys, id_token: str) -> jwt.Token:
    with quietly():
        return jwt.decode(id_token, keys.find, registry=_SIGNATURES)


def _refused(reason: str) -> Unauthenticated:
    """One answer for all that can be wrong: who tries to forge a sign-in learns nothing from it. The reason is for the log."""
    return Unauthenticated("sign-in-refused", reason=reason)


def _known(error: object) -> str:
    return error if isinstance(error, str) and error in _ERRORS else "error"
