"""What happens around every request: its id, the limit of its body, its line in the log. Pure ASGI (DESIGN §8)."""

import re
import time

import orjson
import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import TooLarge
from app.points.identity import uuid7
from app.problems import answer

DRAINED_AT_MOST = 8 * 1024 * 1024
_REQUEST_ID = re.compile(rb"^[A-Za-z0-9._-]{8,64}$")
_SAFE = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))

_log = structlog.get_logger("titik.access")


class Around:
    """Gives each request an id, logs it once when it is answered, and adds the headers that every answer has."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        sent = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        request_id = sent.decode() if _REQUEST_ID.match(sent) else uuid7().hex
        scope.setdefault("state", {})["request_id"] = request_id
        began, status = time.perf_counter(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode()), *_SAFE]
            await send(message)

        try:
            await self.app(scope, receive, sending)
        finally:
            # The path may hold ids but never what people typed; the query is left out for that reason.
            _log.info(
                "request",
                method=scope["method"],
                path=scope["path"][:200],
                status=status,
                ms=round((time.perf_counter() - began) * 1000, 1),
                request_id=request_id,
            )


class BodyLimit:
    """Answers 413 to a larger body, and reads on for a while so that a client still sending hears the answer."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self.app(scope, receive, send)
            return
        body, whole = bytearray(), True
        while whole:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            whole = message.get("more_body", False)
            if len(body) > self.limit:
                await self._refuse(scope, receive, send, len(body), more=whole)
                return

        async def ready() -> Message:
            nonlocal whole
            if not whole:
                whole = True
                return {"type": "http.request", "body": bytes(body), "more_body": False}
            return await receive()

        await self.app(scope, ready, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, read: int, *, more: bool) -> None:
        while more and read < DRAINED_AT_MOST:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            read += len(message.get("body", b""))
            more = message.get("more_body", False)
        response = answer(TooLarge(limit=self.limit), Request(scope))
        if more:
            response.headers["Connection"] = "close"
        await response(scope, receive, send)


def log_json(_logger: object, _name: str, event: structlog.typing.EventDict) -> bytes:
    return orjson.dumps(event, default=str)
