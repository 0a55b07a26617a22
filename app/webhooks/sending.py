"""One attempt: the host is looked up once, every address it has must be allowed, and the connection goes to one of just these.

Nothing is followed, nothing is remembered between attempts, and of the answer no more is read than is needed.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx
import structlog

from app.addresses import Network, is_allowed, is_named
from app.webhooks.rules import retry_after_s

CONNECT_S, TOTAL_S = 5.0, 15.0
READ_AT_MOST, EXCERPT = 64 * 1024, 200
Headers = list[tuple[str, str]]

_log = structlog.get_logger("titik.webhooks")


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where to, and which networks the operator has named beside the world."""

    url: str
    networks: tuple[Network, ...] = ()


@dataclass(slots=True)
class DeliveryAttempt:
    """What came of an attempt. `error` is a code of `words.ERRORS`, None where the receiver has taken it."""

    error: str | None = None
    code: int | None = None
    ms: int = 0
    excerpt: str | None = None
    retry_after_s: float | None = field(default=None)


class _Refused(Exception):
    """Before anything was sent; its text is the code."""


class _Pinned(httpcore.AsyncNetworkBackend):
    """Connects to addresses that were looked at, whatever the name in the URL leads to by now. TLS still asks for the name."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = addresses
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,  # noqa: ARG002 - the very point of it
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - as httpcore calls it
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        for address in self._addresses[:-1]:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._inner.connect_tcp(self._addresses[-1], port, timeout, local_address, socket_options)


async def post(receiver: Receiver, headers: Headers, body: bytes) -> DeliveryAttempt:
    """Sends it once. Never raises for what the receiver, or the way to it, does."""
    began, answer = time.perf_counter(), DeliveryAttempt()
    try:
        async with asyncio.timeout(TOTAL_S):
            await _attempt(receiver, headers, body, answer)
    except TimeoutError:
        # A status that has arrived is an answer, however long the rest takes.
        answer.error = answer.error if answer.code else "timeout"
    except _Refused as refused:
        answer.error = str(refused)
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError) as error:
        if answer.code is None:
            answer.error = _code_of(error)
    except Exception as error:  # noqa: BLE001 - one receiver that we fail at must not keep the others waiting
        _log.error("a webhook cannot be sent", kind=type(error).__name__)
        if answer.code is None:
            answer.error = "not-sendable"
    answer.ms = round((time.perf_counter() - began) * 1000)
    return answer


async def _attempt(receiver: Receiver, headers: Headers, body: bytes, answer: DeliveryAttempt) -> None:
    addresses = await _addresses(receiver)
    pool = httpcore.AsyncConnectionPool(ssl_context=_tls(), max_connections=1, network_backend=_Pinned(addresses[:2]))
    waits = {"connect": CONNECT_S, "read": TOTAL_S, "write": TOTAL_S, "pool": TOTAL_S}
    host = urlsplit(receiver.url).netloc
    sent = [("host", host), ("user-agent", "Titik-Webhooks/1"), ("content-length", str(len(body))), ("connection", "close"), *headers]
    raw = [(name.encode(), value.encode()) for name, value in sent]
    async with pool, pool.stream("POST", receiver.url, headers=raw, content=body, extensions={"timeout": waits}) as response:
        answer.code = response.status
        answer.error = _error_of(response.status)
        headers_of_answer = {name.lower(): value for name, value in response.headers}
        answer.retry_after_s = retry_after_s(
            headers_of_answer[b"retry-after"].decode("latin-1") if b"retry-after" in headers_of_answer else None, datetime.now(UTC)
        )
        read = bytearray()
        try:
            async for chunk in response.aiter_stream():
                read += chunk
                if len(read) >= READ_AT_MOST:
                    break
        finally:
            if answer.error:
                text = bytes(read[: EXCERPT * 4]).decode("utf-8", "replace")
                answer.excerpt = "".join(sign if sign.isprintable() else " " for sign in text)[:EXCERPT].strip() or None


async def _addresses(receiver: Receiver) -> list[str]:
    """All that the host has now. One that is not allowed is enough to refuse: which of them a connection gets is not ours to choose."""
    parts = urlsplit(receiver.url)
    try:
        async with asyncio.timeout(CONNECT_S):
            found = await asyncio.get_running_loop().getaddrinfo(
                parts.hostname, parts.port or (443 if parts.scheme == "https" else 80), type=socket.SOCK_STREAM
            )
    except (OSError, TimeoutError, UnicodeError):
        raise _Refused("name-unresolved") from None
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    if not addresses or not all(is_allowed(address, receiver.networks) for address in addresses):
        raise _Refused("address-forbidden")
    if parts.scheme != "https" and not all(is_named(address, receiver.networks) for address in addresses):
        raise _Refused("not-encrypted")
    return addresses


def _error_of(status: int) -> str | None:
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return "redirected"
    return "gone" if status == 410 else "refused"


def _code_of(error: Exception) -> str:
    if isinstance(error, httpcore.TimeoutException):
        return "timeout"
    causes: list[BaseException] = []
    cause = error.__cause__ or error.__context__
    while cause is not None and len(causes) < 10:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    if any(isinstance(one, ssl.SSLError) for one in (error, *causes)):
        return "tls-failed"
    return "unreachable" if isinstance(error, (httpcore.ConnectError, OSError)) else "answer-unreadable"


@cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context()
