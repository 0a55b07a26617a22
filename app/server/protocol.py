"""HTTP/1.1 as uvicorn reads it, with what it leaves open: how large a head may be, how long a request may take to arrive, and a problem
as the answer to what is no request (docs/adr/0012).
"""

from asyncio import AbstractEventLoop, BaseTransport, TimerHandle, Transport
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, cast

import httptools
import orjson
import structlog
from uvicorn._types import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, ASGISendEvent, Scope
from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from app.errors import AddressTooLong, BadRequest, HeadTooLarge, TitikError, TooSlow
from app.http.problems import MEDIA_TYPE, problem, status_of
from app.http.services import services_of
from app.uuid7 import uuid7

# RFC 9110 §4.1 asks for 8,000 at least; the others are those of uvicorn's slower parser and of gunicorn.
MAX_ADDRESS_BYTES, MAX_HEAD_BYTES, MAX_HEADERS = 8 * 1024, 64 * 1024, 100
# No client of ours sends a request before it has the last answer, but 14,000 short ones fit in one read.
MAX_AHEAD = 16
# How long one that was refused may go on sending before it is cut off: a reset would take the answer from it.
LINGER_S = 2.0


class _AsSpelled(bytes):
    """The name of a header that goes out as it is spelled; uvicorn writes names in lower case."""

    __slots__ = ()

    def lower(self) -> bytes:
        return self


_LOCATION = _AsSpelled(b"Location")


class Protocol(HttpToolsProtocol):
    """One connection. At any moment an answer is being made, `Intake` waits for a body, or a timer is running; so nobody holds one for ever."""

    def __init__(
        self, config: Config, server_state: ServerState, app_state: dict[str, object], _loop: AbstractEventLoop | None = None
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._services = services_of(self.app)
        self._settings = self._services.settings
        self._deadline: TimerHandle | None = None
        self._running: RequestResponseCycle | None = None
        self._in_body = False
        self._deaf = False
        # Bytes since the last that belonged to a body or ended a head: what grows here is a head, trailers, or nothing at all.
        self._fruitless = 0
        self._when_sent: list[Callable[[], None]] = []
        self._is_lost = False

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(cast("Transport", transport))
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_deadline()
        if self._running is not None:
            # uvicorn tells the last of several only, and the one that is being answered would write into nothing.
            self._running.disconnected = True
        super().connection_lost(exc)
        self._is_lost = True
        self._tell_sent()

    def cut_off(self) -> None:
        """Ends the connection at once, with what was not taken yet."""
        self.transport.abort()

    def when_sent(self, done: Callable[[], None]) -> None:
        """Calls `done` as soon as the other side has taken what was written so far, or is gone: at once where that is little."""
        self._when_sent.append(done)
        if self._is_lost or self.transport.get_write_buffer_size() <= HIGH_WATER_LIMIT:
            self._tell_sent()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._tell_sent()

    def _tell_sent(self) -> None:
        waiting, self._when_sent = self._when_sent, []
        for done in waiting:
            done()

    def data_received(self, data: bytes) -> None:
        if self._deaf:
            return
        # uvicorn's own timer for idle connections ends with any byte, be it an empty line.
        self._unset_keepalive_if_required()
        if not self._in_body:
            self._await_head()
        self._fruitless += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # Nothing is upgraded (RFC 9110 §7.8), and the parser has lost the body of such a request: what follows is not the next one.
            self._end_after_answer()
        except httptools.HttpParserError as error:
            cause = error.__context__
            self._refuse(cause if isinstance(cause, TitikError) else BadRequest("request-unreadable"))
        else:
            if self._fruitless > MAX_HEAD_BYTES:
                self._refuse(AddressTooLong() if self._is_long_address() else HeadTooLarge())

    def shutdown(self) -> None:
        """The server is about to stop and waits for answers to end. Those that never end by themselves are told here, before it waits."""
        self._services.streams.end()
        super().shutdown()

    # What the parser calls. An error that is raised here ends `feed_data`.

    def on_message_begin(self) -> None:
        super().on_message_begin()
        # For `app/http/unsent.py`.
        cast("dict[str, Any]", self.scope)["titik.connection"] = self
        self._await_head()

    def on_headers_complete(self) -> None:
        if self._is_long_address():
            raise AddressTooLong
        if len(self.headers) > MAX_HEADERS or sum(len(name) + len(value) + 4 for name, value in self.headers) > MAX_HEAD_BYTES:
            raise HeadTooLarge
        # Bytes that are not ASCII belong into percent-encoding. In a path uvicorn refuses them, in a query Starlette fails over them.
        if not self.url.isascii() or len(self.pipeline) >= MAX_AHEAD:
            raise BadRequest("request-unreadable")
        super().on_headers_complete()
        self._forget_deadline()
        self._in_body, self._fruitless = True, 0
        # Trailers come the same way as headers: nobody shall take one for the other.
        self.headers = []

    def on_body(self, body: bytes) -> None:
        self._fruitless = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_body, self._fruitless = False, 0
        super().on_message_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, _spelling_location(app) if cycle.scope["method"] == "POST" else app)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._in_body and self.cycle.response_complete:
            # The rest of a body that nobody waits for any more.
            self._await_head()

    # How long it may take.

    def _await_head(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self._settings.body_timeout_s, self._expire)

    def _forget_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _expire(self) -> None:
        self._deadline = None
        if self._is_answering():
            # While requests wait for their answers nothing is read, so the next one is not late.
            self._await_head()
        elif self._fruitless and not self._in_body:
            self._refuse(TooSlow())
        else:
            self.transport.close()

    # How it ends.

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _is_long_address(self) -> bool:
        return not self._in_body and len(getattr(self, "url", b"")) > MAX_ADDRESS_BYTES

    def _refuse(self, error: TitikError) -> None:
        """Answers what cannot be read, if it is its turn, and ends the connection: where a next request begins, nobody knows."""
        if self._is_answering() and not self._in_body:
            self._end_after_answer()
            return
        self._deaf = True
        if self._is_answering():
            # Whoever waits for the rest of this body need not.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.pipeline or (self._in_body and self.cycle.response_started):
            self.transport.close()
            return
        self.transport.write(self._answer(error))
        self.transport.write_eof()
        self._forget_deadline()
        self._deadline = self.loop.call_later(LINGER_S, self.transport.abort)

    def _end_after_answer(self) -> None:
        self._deaf = True
        self.cycle.keep_alive = False

    def _answer(self, error: TitikError) -> bytes:
        # The head that would name the language was not read.
        request_id, language, status = uuid7().hex, self._settings.language, status_of(error)
        body = orjson.dumps(problem(error, status, language, "", request_id))
        structlog.get_logger("titik").info("refused", code=error.code, path="?", request_id=request_id)
        headers = [
            *self.server_state.default_headers,
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", b"%d" % len(body)),
            (b"content-language", language.encode()),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
            (b"x-request-id", request_id.encode()),
            (b"connection", b"close"),
        ]
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode(), *(name + b": " + value for name, value in headers)]
        return b"\r\n".join([*lines, b"", body])


def _spelling_location(app: ASGI3Application) -> ASGI3Application:
    """QGIS 3.40.6 finds the id of what it added by `Location` in this spelling only, and otherwise says that it was not added."""

    async def spelling(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        async def sending(message: ASGISendEvent) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [(_LOCATION if name == b"location" else name, value) for name, value in message["headers"]]
            await send(message)

        await app(scope, receive, sending)

    return spelling
