"""What an ID token must say (OpenID Connect Core §2, §3.1.3.7), beside the signature, which joserfc has verified. Pure but for the clock."""

import hashlib
import hmac
import time
from base64 import urlsafe_b64encode

from joserfc.errors import InvalidClaimError, MissingClaimError
from joserfc.jwt import JWTClaimsRegistry

SKEW_S = 60
CHECKED = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "auth_time", "nonce", "amr", "azp", "at_hash"})


class IdTokenClaims(JWTClaimsRegistry):
    """`ClaimError` names the claim that is missing or wrong."""

    def __init__(self, issuer: str, client_id: str, nonce: str) -> None:
        # Whole seconds: a token that ends in this one has ended.
        super().__init__(
            now=lambda: int(time.time()),
            leeway=SKEW_S,
            iss={"essential": True, "value": issuer},
            sub={"essential": True},
            aud={"essential": True, "value": client_id},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        self._client_id = client_id

    def check(self, claims: dict[str, object], algorithm: str, access_token: str | None) -> None:
        """`algorithm` is that of the signature, which is also that of the hash of the access token."""
        self.validate(claims)
        self._check_authorized_party(claims)
        for name, kind in (("auth_time", (int, float)), ("amr", (list,))):
            if claims.get(name) is not None and not isinstance(claims[name], kind):
                raise InvalidClaimError(name)
        at_hash = claims.get("at_hash")
        if at_hash is not None and access_token is not None and not _is_hash(at_hash, access_token, algorithm):
            raise InvalidClaimError("at_hash")

    def _check_authorized_party(self, claims: dict[str, object]) -> None:
        """A token for several must say for whom it was made; one that says it, was made for us."""
        party = claims.get("azp")
        if party is None and claims["aud"] not in (self._client_id, [self._client_id]):
            raise MissingClaimError("azp")
        if party is not None and party != self._client_id:
            raise InvalidClaimError("azp")


def _is_hash(at_hash: object, access_token: str, algorithm: str) -> bool:
    """The left half of the hash that goes with the algorithm: SHA-256 with RS256, SHA-512 with Ed25519 (RFC 8037)."""
    digest = hashlib.new("sha512" if algorithm in ("EdDSA", "Ed25519") else f"sha{algorithm[2:]}", access_token.encode()).digest()
    expected = urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=")
    return isinstance(at_hash, str) and hmac.compare_digest(at_hash.encode(), expected)
