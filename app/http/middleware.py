"""What happens around every request: its id, its limits, its line in the log. Pure ASGI (DESIGN §8)."""

import re
import time
from collections.abc import Iterable, Sequence

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.budget import Budget
from app.errors import TooMany, Unavailable
from app.http.access_log import AccessLog
from app.http.bodies import BodyKey, Remembered
from app.http.cors import Cors, is_preflight
from app.http.credentials import SESSION_COOKIE
from app.http.limiting import Limits, client_address
from app.http.problems import answer, unforeseen
from app.http.unsent import give_back_when_sent, has_room
from app.limits.windows import Window
from app.log import REQUEST_ID
from app.settings import Settings
from app.uuid7 import uuid7

LONGEST_REMEMBERED = 512
_REQUEST_ID = re.compile(rb"^[A-Za-z0-9._-]{8,64}$")
# Under `no-referrer` browsers would send a form of our own with `Origin: null` (Fetch standard, "append a request Origin header"), and over http
# nothing else says where it comes from. Other sites learn nothing by either.
_SAFE = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"same-origin"))
_COOKIE = SESSION_COOKIE.encode() + b"="


class Around:
    """Gives each request an id, logs it once when it is answered, and adds the headers that every answer has.

    HEAD goes on as GET, and its answer leaves without the body: so it is right on every route, and none has to know. A browser that asks
    what a page of another site may do here is answered at once. Instead of an answer that there is no room for, until somebody takes
    what others have been given, it answers 503.
    """

    def __init__(self, app: ASGIApp, unsent: Budget, cors: Cors, log: AccessLog) -> None:
        self.app = app
        self._unsent = unsent
        self._cors = cors
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        sent = headers.get(b"x-request-id", b"")
        request_id = sent.decode() if _REQUEST_ID.match(sent) else uuid7().hex
        scope.setdefault("state", {})["request_id"] = request_id
        began = answered = time.perf_counter()
        status, is_refused = 0, False
        is_head = scope["state"]["is_head"] = scope["method"] == "HEAD"
        inner = {**scope, "method": "GET"} if is_head else scope
        app = self._cors.preflight if scope["method"] == "OPTIONS" and is_preflight(headers) else self.app
        always = ((b"x-request-id", request_id.encode()), *_SAFE, *self._cors.headers(scope["method"], headers))

        async def sending(message: Message) -> None:
            nonlocal status, is_refused, answered
            if is_refused:
                return
            if message["type"] == "http.response.start":
                status, answered = message["status"], time.perf_counter()
                message["headers"] = [*_with_cookie(message["headers"], inner["state"].get("cookie")), *always]
                if status == 200 and not has_room(message, inner, self._unsent):
                    status, is_refused = 503, True
                    await _refuse(inner, receive, send, always)
                    return
            elif is_head:
                message["body"] = b""
            await send(message)

        within = REQUEST_ID.set(request_id)
        try:
            await app(inner, receive, sending)
        except Exception as error:
            # Else the outermost layer of the framework would answer, past all of this. It still logs and raises what went wrong.
            if not status:
                await unforeseen(error, Request(inner))(inner, receive, sending)
            raise
        finally:
            if "held" in inner["state"]:
                give_back_when_sent(inner, self._unsent)
            self._log.note(scope["method"], inner, status, began, answered)
            REQUEST_ID.reset(within)


def _with_cookie(headers: Sequence[tuple[bytes, bytes]], cookie: str | None) -> Sequence[tuple[bytes, bytes]]:
    """With the cookie of a session, which is for one browser: nobody keeps such an answer."""
    if cookie is None:
        return headers
    others = [(name, value) for name, value in headers if name != b"cache-control"]
    return [*others, (b"cache-control", b"private, no-store"), (b"set-cookie", cookie.encode())]


async def _refuse(scope: Scope, receive: Receive, send: Send, always: Iterable[tuple[bytes, bytes]]) -> None:
    refusal = answer(Unavailable("no-room"), Request(scope))
    refusal.raw_headers += always
    await refusal(scope, receive, send)


class Limited:
    """Counts requests by address before anything else sees them, and tells on each answer what is left, of the tighter limit.

    The limit of an account is counted where it signs in (`http/parameters.py`), and told here.
    """

    def __init__(self, app: ASGIApp, limits: Limits, settings: Settings) -> None:
        self.app = app
        self._limits = limits
        self._proxies = settings.proxy_networks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/health/"):
            await self.app(scope, receive, send)
            return
        peer = scope["client"][0] if scope.get("client") else ""
        # Several headers are one list (RFC 9110 §5.3).
        forwarded = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for").decode("latin-1") or None
        state = scope.setdefault("state", {})
        state["address"] = client_address(peer, forwarded, self._proxies)
        window = self._limits.of_address(state["address"])
        windows = state.setdefault("windows", [])
        windows += [window] if window else []

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and windows:
                message["headers"] = [*message["headers"], *_limit_headers(windows)]
            await send(message)

        if window and not window.allowed:
            await answer(TooMany(seconds=window.reset_s), Request(scope))(scope, receive, sending)
            return
        await self.app(scope, receive, sending)


def _limit_headers(windows: Sequence[Window]) -> list[tuple[bytes, bytes]]:
    """`RateLimit` and `RateLimit-Policy` as structured fields (draft-ietf-httpapi-ratelimit-headers)."""
    tightest = min(windows, key=lambda window: (window.allowed, window.remaining))
    policies = ", ".join(f'"{window.policy}";q={window.quota};w={window.window_s}' for window in windows)
    left = f'"{tightest.policy}";r={tightest.remaining};t={tightest.reset_s}'
    return [(b"ratelimit-policy", policies.encode()), (b"ratelimit", left.encode())]


class Again:
    """Answers once more what was answered before, a tile that everybody asks for, by its very address and before anything else looks at it."""

    def __init__(self, app: ASGIApp, remembered: Remembered) -> None:
        self.app = app
        self._remembered = remembered

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        address = _public_address(scope)
        if address is None or (found := self._remembered.of(address)) is None:
            scope.setdefault("state", {})["public_address"] = address
            await self.app(scope, receive, send)
            return
        headers, body, scope["route"] = found
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _public_address(scope: Scope) -> BodyKey | None:
    """What a public tile depends on. None for who has a token or a session, or has the tile already; and for an address that nobody needs to
    write so long.
    """
    encoding = b""
    for name, value in scope["headers"]:
        if name in (b"authorization", b"if-none-match") or (name == b"cookie" and _COOKIE in value):
            return None
        if name == b"accept-encoding":
            encoding += b"," + value
    address = scope["path"], scope["query_string"], encoding
    return address if sum(map(len, address)) <= LONGEST_REMEMBERED else None
