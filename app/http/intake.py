"""Bodies as they arrive: how large, how long, how many at once; and whose, before more than a little of one is taken in.

A small body is read before anything else is done, so that nobody holds a connection to the database while it trickles in. Of a larger one the
route decides first whether it is wanted (`http/parameters.py`), then it is read, into memory or into a file. The answer to one that is not wanted
arrives, because what still comes is read and thrown away for a while.
"""

import asyncio
import hashlib
import re
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.budget import SMALL, Budget
from app.errors import BadRequest, TitikError, TooLarge, TooSlow, Unavailable
from app.http.multipart import FormFile
from app.http.problems import answer
from app.storage.disk import Upload, room_on_disk

DRAINED_AT_MOST, SILENT_S = 8 * 1024 * 1024, 0.5
MOST_TIMES = 4
# Made into objects, JSON takes up to so much more room: a list that is empty is three bytes of text.
WEIGHT_OF_JSON = 8


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a service takes: `limit` bytes within `within_s`; on the paths of `larger` more, and as much longer up to `MOST_TIMES`, as a photo
    takes a minute where the network is bad. `memory` and `disk` are of one worker, for all bodies.
    """

    limit: int
    within_s: float
    larger: Mapping[re.Pattern[str], int]
    memory: Budget
    disk: Budget
    directory: Path

    def body_of(self, scope: Scope, receive: Receive) -> "Body":
        limit = max((self.limit, *(limit for pattern, limit in self.larger.items() if pattern.fullmatch(scope["path"]))))
        within_s = self.within_s * min(MOST_TIMES, limit / self.limit)
        return Body(self, receive, limit, *_headers(scope), deadline=asyncio.get_running_loop().time() + within_s)


@dataclass(slots=True)
class Body:
    """One body: what has been read ahead, and how the rest is read. Errors are raised where it is read."""

    allowance: Allowance
    receive: Receive
    limit: int
    declared: int
    """By `Content-Length`; 0 where nothing is said."""
    is_expected: bool
    """Whether the client waits for a word before it sends (`Expect: 100-continue`)."""
    deadline: float
    ahead: bytearray = field(default_factory=bytearray)
    read: int = 0
    waited_s: float = 0.0
    """For what the client was still sending."""
    more: bool = True
    is_gone: bool = False
    """The client."""
    is_given: bool = False
    """All of it, to whoever reads it."""
    weight: int = 1
    form: FormFile | None = None
    """Where the body is a form, of which only the file is read."""
    _taken: int = 0
    _files: list[Upload] = field(default_factory=list)

    @property
    def is_large(self) -> bool:
        return self.more or self.read > SMALL

    @property
    def is_too_large(self) -> bool:
        return max(self.read, self.declared) > self.limit

    def reserve(self, *, weight: int) -> None:
        """Room for all of it, from somebody who may send it. `Unavailable` where there is none."""
        self.weight = weight
        self._demand(max(self.declared, self.read))

    def take_out(self, content_type: str) -> None:
        """From now on only the file of this form is read; the limit is that of the form. `BadRequest` where it is none."""
        self.form = FormFile(content_type)
        if not self.ahead and not self.more:
            raise BadRequest("form-not-one-file")

    async def part(self) -> bytes:
        """What comes next; nothing at the end, and of a form also in between."""
        if self.ahead:
            part = bytes(self.ahead)
            self.ahead.clear()
        elif not self.more:
            return b""
        else:
            part = await self._next()
            if self.is_too_large:
                raise TooLarge(limit=self.limit)
        return self.form.feed(part, is_last=not self.more) if self.form else part

    async def _next(self) -> bytes:
        asked = time.perf_counter()
        try:
            async with asyncio.timeout_at(self.deadline):
                message = await self.receive()
        except TimeoutError:
            raise TooSlow from None
        finally:
            self.waited_s += time.perf_counter() - asked
        if message["type"] == "http.disconnect":
            self.is_gone = True
            raise ClientDisconnect
        self.more = message.get("more_body", False)
        part: bytes = message.get("body", b"")
        self.read += len(part)
        return part

    async def begin(self) -> None:
        """Reads a little. `TooLarge` at once where so much is announced."""
        if self.declared > self.limit:
            raise TooLarge(limit=self.limit)
        while self.more and self.declared <= SMALL and self.read <= SMALL:
            self.ahead += await self._next()
        if self.is_too_large:
            raise TooLarge(limit=self.limit)

    async def message(self) -> Message:
        """As the application receives it; a large one is counted."""
        if self.is_given:
            return await self.receive()
        part = await self.part()
        if self.read > SMALL:
            self._demand(self.read)
        self.is_given = not self.more
        return {"type": "http.request", "body": part, "more_body": self.more}

    def _demand(self, size: int) -> None:
        missing = size * self.weight - self._taken
        if missing > 0:
            if not self.allowance.memory.take(missing):
                raise Unavailable("no-room")
            self._taken += missing

    async def to_file(self) -> Upload:
        """The whole of it in a file of the disk, ready to be read from its beginning. `Unavailable` where the disk is full."""
        size = max(self.declared, self.read)
        if not self.allowance.disk.take(size):
            raise Unavailable("no-room")
        upload = Upload(await _unnamed(self.allowance.directory), size, b"")
        self._files.append(upload)
        hashed, written = hashlib.sha256(), 0
        while self.more or self.ahead:
            part = await self.part()
            written += len(part)
            if written > upload.size:
                self._grow(upload, written)
            hashed.update(part)
            await _write(upload.file, part)
        self.is_given = True
        upload.file.seek(0)
        self.allowance.disk.give_back(upload.size - written)
        upload.size, upload.sha256 = written, hashed.digest()
        return upload

    def _grow(self, upload: Upload, size: int) -> None:
        """One that does not say how long it is, a megabyte at a time."""
        more = size - upload.size + (1 << 20)
        if not self.allowance.disk.take(more):
            raise Unavailable("no-room")
        upload.size += more

    async def drain(self) -> None:
        """Reads on for a while, so that a client still sending hears the answer. One who waits to be asked has sent nothing."""
        if self.is_expected and not self.read:
            return
        loop = asyncio.get_running_loop()
        while self.more and not self.is_gone and self.read < max(DRAINED_AT_MOST, 2 * self.limit):
            try:
                async with asyncio.timeout_at(min(loop.time() + SILENT_S, self.deadline)):
                    message = await self.receive()
            except TimeoutError:
                return
            self.is_gone = message["type"] == "http.disconnect"
            self.read += len(message.get("body", b""))
            self.more = message.get("more_body", False)

    def close(self) -> None:
        self.allowance.memory.give_back(self._taken)
        self._taken = 0
        for upload in self._files:
            upload.file.close()
            self.allowance.disk.give_back(upload.size)
        self._files.clear()


async def _unnamed(directory: Path) -> BinaryIO:
    def open_unnamed() -> BinaryIO:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        return tempfile.TemporaryFile(dir=directory)

    with room_on_disk():
        return await asyncio.to_thread(open_unnamed)


async def _write(file: BinaryIO, part: bytes) -> None:
    with room_on_disk():
        await asyncio.to_thread(file.write, part)
        await asyncio.to_thread(file.flush)


class Intake:
    """Answers 413 to a larger body, 408 to one that does not arrive in time, 503 where there are too many at once."""

    def __init__(self, app: ASGIApp, allowance: Allowance) -> None:
        self.app = app
        self._allowance = allowance

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self.app(scope, receive, send)
            return
        body = self._allowance.body_of(scope, receive)
        scope.setdefault("state", {})["body"] = body

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                await body.drain()
                if body.more:
                    message["headers"] = [*message["headers"], (b"connection", b"close")]
            await send(message)

        try:
            try:
                await body.begin()
            except TitikError as error:
                await answer(error, Request(scope))(scope, receive, sending)
                return
            await self.app(scope, body.message, sending)
        except ClientDisconnect:
            if not body.is_gone:
                raise
        finally:
            body.close()


def body_of(request: Request) -> Body | None:
    """The body of a request that may have one."""
    body: Body | None = request.scope["state"].get("body")
    return body


def uploaded(request: Request) -> Upload:
    """The file that a route has taken."""
    upload: Upload = request.scope["state"]["upload"]
    return upload


def sent_as(request: Request) -> tuple[str, str]:
    """The name and the media type of the file that is the body, or of the one within a form that was read; empty where nothing is said."""
    body = body_of(request)
    if body and body.form:
        return body.form.name, body.form.media_type
    return "", request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _headers(scope: Scope) -> tuple[int, bool]:
    """What `Content-Length` says, without waiting for it (the parser has let through only digits), and whether the client wants to be asked."""
    headers = dict(scope["headers"])
    length = headers.get(b"content-length", b"")
    return int(length) if length.isdigit() else 0, headers.get(b"expect", b"").lower() == b"100-continue"
