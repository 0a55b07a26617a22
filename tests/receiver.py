"""A receiver of webhooks, as somebody else would have one: it verifies with the library of the standard, and answers as it is told."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from standardwebhooks import Webhook

OK = b"HTTP/1.1 204 No Content\r\n\r\n"


def status(code: int, *headers: str, body: bytes = b"") -> bytes:
    lines = [f"HTTP/1.1 {code} X", f"content-length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


class Got(NamedTuple):
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def event(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.body)
        return told

    def verify(self, secret: str) -> None:
        Webhook(secret).verify(self.body, self.headers)


# What is answered to a request, or None to hang up.
Answering = Callable[[Got], Awaitable[bytes | None]]


async def always(_got: Got) -> bytes | None:
    return OK


class Receiving:
    def __init__(self, answering: Answering = always) -> None:
        self.got: list[Got] = []
        self.answering = answering
        self.url = ""
        self._more = asyncio.Condition()

    async def wait(self, number: int, seconds: float = 60) -> list[Got]:
        """So many requests, all that there were until then."""
        async with asyncio.timeout(seconds), self._more:
            await self._more.wait_for(lambda: len(self.got) >= number)
        return list(self.got)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            _, *lines = head.split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
            got = Got(headers, await reader.readexactly(int(headers["content-length"])))
            self.got.append(got)
            async with self._more:
                self._more.notify_all()
            answer = await self.answering(got)
            if answer is not None:
                writer.write(answer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            return  # whoever asked was killed in the middle
        finally:
            writer.close()


@asynccontextmanager
async def receiving(answering: Answering = always) -> AsyncIterator[Receiving]:
    one = Receiving(answering)
    server = await asyncio.start_server(one.handle, "127.0.0.1", 0)
    one.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/titik"
    try:
        yield one
    finally:
        server.close()
