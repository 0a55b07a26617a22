"""Answers that everybody gets alike: with an ETag, compressed once, 304 without a look at the data. And files that were made before."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from typing import NamedTuple, TypeVar

from fastapi import Request, Response
from starlette.types import Receive, Scope, Send

from app.errors import BeyondEnd
from app.exports.files import MadeFile
from app.exports.kept_files import KeptFile
from app.http.bodies import BodyKey, ContentCoding, compressed, negotiated
from app.http.ranges import ByteRange, part_of
from app.http.services import services
from app.published.catalogue import Known

Produced = TypeVar("Produced")

CHUNK = 256 * 1024
# Whoever takes less in the mean is cut off: a file lies on the disk as long as somebody reads it.
SLOWEST_BYTES_S, SLACK_S = 16 * 1024, 30.0

# Caches on the way keep a copy for a moment, and ask again with its ETag after that.
SHORT = "public, max-age=5, must-revalidate"
# What lies under the address of a version never changes.
FOR_EVER = "public, max-age=31536000, immutable"


class Linked(NamedTuple):
    """A body, and the links that its answer has as a header too."""

    body: bytes
    links: str


def address_of(request: Request) -> BodyKey:
    """What was asked for, as the client wrote it."""
    scope = request.scope
    return scope["scheme"], request.headers.get("host"), scope["path"], scope["query_string"]


def unchanged(request: Request, version: str, headers: Mapping[str, str]) -> Response | None:
    """304 for who has this version already; so early that nothing else is looked at."""
    tags = request.headers.get("if-none-match")
    catalogue = services(request).catalogue
    if tags is None or not catalogue.is_fresh:
        return None
    etag = _etag(version, negotiated(request.headers.get("accept-encoding")))
    return Response(None, 304, {"ETag": etag, "Cache-Control": SHORT, **headers}) if matches(tags, etag) else None


def _etag(version: str, encoding: ContentCoding) -> str:
    return f'"{version}"' if encoding == "identity" else f'"{version}-{encoding}"'


async def shared(
    request: Request,
    key: BodyKey,
    version: str,
    make: Callable[[], Awaitable[bytes | Linked]],
    media_type: str,
    headers: Mapping[str, str],
    *,
    kept: bool,
    cache_control: str = SHORT,
) -> Response:
    """`make` gives the body of this `version`; `key` names it, apart from version and encoding. `kept`: also the uncompressed body is
    worth keeping. Where the worker has lost sight of the database nothing is answered from memory, and nothing kept.
    """
    catalogue = services(request).catalogue
    known = catalogue.known
    encoding = negotiated(request.headers.get("accept-encoding"))
    etag = _etag(version, encoding)
    answer_headers = {"ETag": etag, "Cache-Control": cache_control, "Vary": "Accept-Encoding", **headers}
    if catalogue.is_fresh and matches(request.headers.get("if-none-match"), etag):
        return Response(None, 304, answer_headers)
    if encoding != "identity":
        answer_headers["Content-Encoding"] = encoding

    async def made() -> Linked:
        found = await make()
        body, links = found if isinstance(found, Linked) else Linked(found, "")
        return Linked(await compressed(body, encoding), links)

    async def packed() -> bytes:
        """Both in one: the links are the first line."""
        body, links = await made()
        return links.encode() + b"\n" + body

    if kept and catalogue.is_fresh:
        return await _remembered(request, (*key, version, encoding), known, made, answer_headers, media_type)
    if catalogue.is_fresh and encoding != "identity":
        bodies = services(request).bodies
        line, _, body = (await bodies.get((*key, version, encoding), packed)).partition(b"\n")
        links = line.decode()
    else:
        body, links = await made()
    if links:
        answer_headers["Link"] = links
    return Response(body, 200, answer_headers, media_type)


async def _remembered(
    request: Request, key: BodyKey, known: Known, made: Callable[[], Awaitable[Linked]], answer_headers: dict[str, str], media_type: str
) -> Response:
    """A body without links, which is found by its address alone the next time."""

    async def alone() -> bytes:
        return (await made()).body

    bodies = services(request).bodies
    remembered = services(request).remembered
    response = Response(await bodies.get(key, alone), 200, answer_headers, media_type)
    if (address := request.scope["state"].get("public_address")) is not None:
        remembered.keep(address, known, key, response.raw_headers, request.scope.get("route"))
    return response


def matches(if_none_match: str | None, etag: str) -> bool:
    """Whether the client has this very representation (RFC 9110 §13.1.2: weak comparison)."""
    if if_none_match is None:
        return False
    return any(tag.strip().removeprefix("W/") in (etag, "*") for tag in if_none_match.split(",")[:50])


class FileAnswer(Response):
    """A file that is closed on every way out, or the part of it that is asked for. A slow reader gets `SLACK_S` and as long as it takes at
    `SLOWEST_BYTES_S`, then it is cut off.
    """

    def __init__(self, made: MadeFile | KeptFile, headers: Mapping[str, str], media_type: str, part: ByteRange | None = None) -> None:
        whole = ByteRange(0, made.size - 1)
        self._file, self._part = made, part or whole
        own = {"Content-Length": str(self._part.size)}
        own |= {"Content-Range": f"bytes {part.first}-{part.last}/{made.size}"} if part else {}
        super().__init__(None, 206 if part else 200, {**own, **headers}, media_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        gone = asyncio.ensure_future(_left(receive))
        try:
            # It lies on the disk and is sent in parts: the bound of what a worker holds in memory is not about it.
            scope["state"]["is_in_parts"] = True
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            async with asyncio.timeout(SLACK_S + self._part.size / SLOWEST_BYTES_S):
                self._file.file.seek(self._part.first)
                left = 0 if scope["state"].get("is_head") else self._part.size
                while left and not gone.done() and (chunk := await asyncio.to_thread(self._file.file.read, min(CHUNK, left))):
                    left -= len(chunk)
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
                await send({"type": "http.response.body", "body": b""})
        except TimeoutError:
            if (connection := scope.get("titik.connection")) is not None:
                connection.cut_off()
        finally:
            gone.cancel()
            self._file.close()


def part_asked(request: Request, etag: str, size: int) -> ByteRange | None:
    """The part of a file of this tag that is to be sent, None for all of it. `BeyondEnd`."""
    condition = request.headers.get("if-range")
    if request.scope["state"].get("is_head") or condition not in (None, etag):
        return None
    try:
        return part_of(request.headers.get("range"), size)
    except ValueError:
        raise BeyondEnd(size=size) from None


async def unless_gone(request: Request, work: Coroutine[object, object, Produced]) -> Produced | None:
    """What `work` gives; None where the client has gone away meanwhile: then `work` has been cancelled, and has ended."""
    working, gone = asyncio.ensure_future(work), asyncio.ensure_future(_left(request.receive))
    try:
        await asyncio.wait({working, gone}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        gone.cancel()
        working.cancel()
        # Until it has given back what it had; its error, if it had one, was raised above or is nobody's any more.
        with suppress(asyncio.CancelledError):
            await asyncio.wait({working})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
