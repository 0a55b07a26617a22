"""An OpenID Connect provider for the tests, as a process of its own: discovery, authorize, token and keys as the specifications say,
and on request (`POST /control`) everything that a broken or hostile one might do.

It takes nothing from the service that it tries. It prints its address when it is ready, and ends with its standard input.
"""

import asyncio
import base64
import gzip
import hashlib
import hmac
import json
import secrets
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode

import uvicorn
from joserfc import jwk, jws
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

CLIENT_ID = "titik uji"
SECRET = "rahasia: 50% & lebih"
REALM = "/realms/kota"
ALGORITHMS = {
    "RS256": ("RSA", 2048),
    "PS256": ("RSA", 2048),
    "ES256": ("EC", "P-256"),
    "EdDSA": ("OKP", "Ed25519"),
    "Ed25519": ("OKP", "Ed25519"),
}

# What a token may have wrong: claims to put in, None to leave out. `now` is added to numbers.
CLAIMS: dict[str, dict[str, Any]] = {
    "wrong-iss": {"iss": "http://127.0.0.1:1/realms/kota"},
    "iss-with-a-slash": {"iss": REALM + "/"},
    "no-iss": {"iss": None},
    "wrong-aud": {"aud": "another client"},
    "no-aud": {"aud": None},
    "aud-of-others": {"aud": ["another client", "a third"], "azp": CLIENT_ID},
    "several-aud-without-azp": {"aud": [CLIENT_ID, "another client"]},
    "wrong-azp": {"aud": [CLIENT_ID, "another client"], "azp": "another client"},
    "wrong-azp-alone": {"azp": "another client"},
    "wrong-nonce": {"nonce": "another"},
    "no-nonce": {"nonce": None},
    "expired": {"exp": -61, "iat": -600},
    "no-exp": {"exp": None},
    "exp-not-a-number": {"exp": "besok"},
    "exp-that-is-no-number": {"exp": float("nan")},
    "issued-in-the-future": {"iat": 120},
    "no-iat": {"iat": None},
    "not-yet-valid": {"nbf": 120},
    "wrong-at-hash": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
    "no-sub": {"sub": None},
    "empty-sub": {"sub": ""},
    "sub-not-a-text": {"sub": 7},
    "sub-with-nul": {"sub": "a\0b"},
    "sub-half-a-character": {"sub": "\ud800"},
    "sub-too-long": {"sub": "a" * 256},
    # These are right, or within the 60 seconds that clocks may differ.
    "right-several-aud": {"aud": ["another client", CLIENT_ID], "azp": CLIENT_ID},
    "right-just-expired": {"exp": -30},
    "right-a-little-early": {"iat": 30, "nbf": 30},
    "right-without-at-hash": {"at_hash": None},
}
HEADERS: dict[str, dict[str, Any]] = {
    "unknown-kid": {"kid": "nobody's"},
    "kid-not-a-text": {"kid": 7},
    "critical-and-unknown": {"crit": ["exp"], "exp": 1},
}


def _key(algorithm: str, **members: str) -> Any:
    kind, size = ALGORITHMS[algorithm]
    return jwk.generate_key(kind, size, {"kid": secrets.token_hex(4), "use": "sig", "alg": algorithm, **members})  # type: ignore[call-overload]


def _b64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def _content(header: Any, payload: bytes) -> str:
    return f"{_b64(json.dumps(header).encode())}.{_b64(payload)}"


class Provider:
    def __init__(self, address: str) -> None:
        self.issuer = address + REALM
        self.address = address
        self.keys = {algorithm: _key(algorithm) for algorithm in ALGORITHMS}
        self.for_encryption = _key("RS256", use="enc", kid="for encryption")
        self.stranger = _key("RS256")
        self.small = jwk.generate_key("RSA", 1024, {"kid": "small", "use": "sig", "alg": "RS256"})
        self.reset()

    def reset(self) -> None:
        self.wrong, self.algorithm, self.client = "", "RS256", "basic"
        self.claims: dict[str, Any] = {"sub": "sub-1", "preferred_username": "budi"}
        self.codes: dict[str, dict[str, str]] = {}
        self.counts: Counter[str] = Counter()

    # -- control

    async def control(self, request: Request) -> Response:
        """Sets what is sent: `wrong`, `algorithm`, `client` (basic, post, public), `claims`, `rotate`, `reset`. Tells what was asked for."""
        if request.method == "POST":
            wanted = await request.json()
            if wanted.pop("reset", False):
                self.reset()
            if wanted.pop("rotate", False):
                self.keys = {algorithm: _key(algorithm) for algorithm in ALGORITHMS}
            for name, value in wanted.items():
                setattr(self, name, value)
        return JSONResponse(self.counts)

    # -- what every provider has

    async def discovery(self, _: Request) -> Response:
        methods = ["client_secret_post"] if self.client == "post" else ["client_secret_basic", "client_secret_post"]
        document: dict[str, Any] = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/auth?ui=kota",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": list(ALGORITHMS),
            "token_endpoint_auth_methods_supported": methods,
            "authorization_response_iss_parameter_supported": self.wrong == "answer-without-iss",
        }
        broken: dict[str, dict[str, Any]] = {
            "discovery-other-issuer": {"issuer": self.issuer + "/"},
            "discovery-unsafe-token": {"token_endpoint": "http://192.0.2.1/token"},
            "discovery-unsafe-keys": {"jwks_uri": "file:///etc/passwd"},
            "discovery-unsafe-authorize": {"authorization_endpoint": "javascript:alert(1)"},
            "discovery-no-token": {"token_endpoint": None},
        }
        document |= broken.get(self.wrong, {})
        return await self._perhaps("discovery", JSONResponse(document))

    async def authorize(self, request: Request) -> Response:
        """Whoever comes is logged in at once."""
        asked = dict(request.query_params)
        if (asked["client_id"], asked["response_type"], asked["code_challenge_method"]) != (CLIENT_ID, "code", "S256") or asked[
            "ui"
        ] != "kota":
            return Response("wrong request", 400)
        answer = {"state": asked["state"], "session_state": "x", "iss": self.issuer, "hd": "kota.example"}
        if self.wrong == "denied":
            answer |= {"error": "access_denied", "error_description": "Budi Santoso menolak"}
        else:
            answer["code"] = secrets.token_urlsafe(24)
            self.codes[answer["code"]] = asked
        if self.wrong == "answer-of-another":
            answer["iss"] = "https://lain.example"
        elif self.wrong == "answer-without-iss" or self.wrong.startswith("right"):
            del answer["iss"]
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(answer)}", 302)

    async def token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        if not self._is_client(request, form):
            return JSONResponse({"error": "invalid_client"}, 401)
        # Single use: the code is gone whatever comes of it.
        asked = self.codes.pop(form.get("code", ""), None)
        challenge = _b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if asked is None or (asked["code_challenge"], asked["redirect_uri"]) != (challenge, form.get("redirect_uri")):
            return JSONResponse({"error": "invalid_grant", "error_description": form.get("code")}, 400)
        access_token = secrets.token_urlsafe(24)
        answer: dict[str, Any] = {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": 300,
            "id_token": self._id_token(asked["nonce"], access_token),
        }
        broken: dict[str, str | None] = {"no-id-token": None, "garbage": "a.b.c", "not-ascii": "ä.b.c"}
        if self.wrong in broken:
            answer["id_token"] = broken[self.wrong]
        return await self._perhaps("token", JSONResponse(answer))

    def _is_client(self, request: Request, form: dict[str, str]) -> bool:
        scheme, _, packed = request.headers.get("authorization", "").partition(" ")
        if self.client == "basic":
            name, _, secret = base64.b64decode(packed).decode().partition(":")
            return scheme == "Basic" and (unquote_plus(name), unquote_plus(secret)) == (CLIENT_ID, SECRET) and "client_secret" not in form
        sent = (form.get("client_id"), form.get("client_secret"))
        return scheme == "" and sent == ((CLIENT_ID, None) if self.client == "public" else (CLIENT_ID, SECRET))

    async def jwks(self, _: Request) -> Response:
        shown = [*self.keys.values(), self.for_encryption, self.small]
        members = [key.as_dict(private=False) for key in shown]
        # What a set may hold besides: kinds that nobody knows, and what is broken.
        members += [
            {"kty": "AKP", "kid": "of tomorrow"},
            {"kty": "RSA", "kid": "broken", "n": "!"},
            "none",
            {"kty": "oct", "kid": "oct", "k": "AAAA"},
        ]
        if self.wrong == "no-keys-at-all":
            members = []
        return await self._perhaps("keys", JSONResponse({"keys": members}))

    # -- tokens

    def _id_token(self, nonce: str, access_token: str) -> str:
        now = int(time.time())
        half = (
            hashlib.sha512(access_token.encode()).digest()[:32]
            if self.algorithm.startswith("Ed")
            else hashlib.sha256(access_token.encode()).digest()[:16]
        )
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "exp": now + 300, "iat": now, "nonce": nonce, "at_hash": _b64(half), **self.claims}
        for name, value in CLAIMS.get(self.wrong, {}).items():
            claims[name] = now + value if name in ("exp", "iat", "nbf") and isinstance(value, int) else value
        if self.wrong == "iss-with-a-slash":
            claims["iss"] = self.issuer + "/"
        payload = json.dumps({name: value for name, value in claims.items() if value is not None}).encode()
        if self.wrong == "payload-is-a-list":
            payload = b"[]"
        elif self.wrong == "payload-without-end":
            payload = b"[" * 90_000
        return self._signed(payload)

    def _signed(self, payload: bytes) -> str:
        rsa, own, other = self.keys["RS256"], self.keys[self.algorithm], _key("ES256")
        header: dict[str, Any] = {"alg": self.algorithm, "kid": own.kid, "typ": "JWT", **HEADERS.get(self.wrong, {})}
        unsigned: dict[str, Any] = {"none": {"alg": "none"}, "none-with-kid": {"alg": "none", "kid": rsa.kid}, "header-is-a-list": ["alg"]}
        macs: dict[str, tuple[bytes, dict[str, str]]] = {
            "hs256-with-the-public-key": (rsa.as_pem(), {"kid": rsa.kid}),
            "hs256-with-the-secret-of-the-client": (SECRET.encode(), {}),
            "hs256-with-a-key-of-the-set": (b"\0\0\0", {"kid": "oct"}),
        }
        others: dict[str, tuple[Any, dict[str, Any]]] = {
            "wrong-signature": (self.stranger, {}),
            "key-in-the-header": (other, {"alg": "ES256", "kid": self.keys["ES256"].kid, "jwk": other.as_dict(private=False)}),
            "key-for-encryption": (self.for_encryption, {"kid": "for encryption"}),
            "key-too-small": (self.small, {"kid": "small"}),
            "algorithm-not-allowed": (rsa, {"alg": "RS512"}),
            "algorithm-of-another-key": (rsa, {"alg": "PS256"}),
            "right-without-kid": (own, {"kid": None}),
        }
        if self.wrong in unsigned:
            return f"{_content(unsigned[self.wrong], payload)}."
        if self.wrong in macs:
            secret, more = macs[self.wrong]
            content = _content({"alg": "HS256", **more}, payload)
            return f"{content}.{_b64(hmac.digest(secret, content.encode(), 'sha256'))}"
        key, more = others.get(self.wrong, (own, {}))
        return self._sign({name: value for name, value in (header | more).items() if value is not None}, payload, key)

    def _sign(self, header: dict[str, Any], payload: bytes, key: Any) -> str:
        """By the algorithm of the header, whatever the library thinks of it."""
        content = _content(header, payload)
        signing = jws.JWSRegistry.algorithms[header["alg"]]
        return f"{content}.{_b64(signing.sign(content.encode(), key))}"

    # -- trouble

    async def _perhaps(self, where: str, answer: Response) -> Response:
        """The answer, or the trouble that was asked for at this place, e.g. `keys-down`."""
        self.counts[where] += 1
        kind = self.wrong.removeprefix(f"{where}-")
        if kind == "never-answers":
            await asyncio.sleep(60)
        trouble = {
            "down": Response("down", 500),
            "redirects": RedirectResponse(f"{self.address}/elsewhere", 302),
            "is-not-json": Response("<html>"),
            "is-a-list": JSONResponse([]),
            "is-huge": StreamingResponse(self._drip(b" " * 65_536, 0), media_type="application/json"),
            "is-packed": Response(gzip.compress(bytes(answer.body)), headers={"Content-Encoding": "gzip"}),
            "drips": StreamingResponse(self._drip(b" ", 0.05), media_type="application/json"),
        }
        return trouble.get(kind, answer)

    async def _drip(self, part: bytes, seconds: float) -> AsyncIterator[bytes]:
        for _ in range(1200):
            self.counts["dripped"] += len(part)
            yield part
            await asyncio.sleep(seconds)

    async def elsewhere(self, _: Request) -> Response:
        self.counts["elsewhere"] += 1
        return JSONResponse({"keys": []})

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/control", self.control, methods=["GET", "POST"]),
                Route("/elsewhere", self.elsewhere),
                Route(f"{REALM}/.well-known/openid-configuration", self.discovery),
                Route(f"{REALM}/auth", self.authorize),
                Route(f"{REALM}/token", self.token, methods=["POST"]),
                Route(f"{REALM}/keys", self.jwks),
            ]
        )


def main() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(Provider(address).app(), log_level="error", access_log=False, lifespan="off"))

        def follow() -> None:
            sys.stdin.read()
            server.should_exit = server.force_exit = True

        threading.Thread(target=follow, daemon=True).start()
        print(address, flush=True)  # noqa: T201 - that is how the tests learn it
        server.run(sockets=[listening])


if __name__ == "__main__":
    main()
