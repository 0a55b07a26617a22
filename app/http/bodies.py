"""Bodies that were made once and are kept, compressed, as long as the version that they belong to is asked for. Made once however many ask
at the same moment.
"""

import asyncio
import re
import zlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal

import brotli
import zstandard
from cachetools import LRUCache

from app.published.catalogue import Catalogue, Known

ContentCoding = Literal["identity", "gzip", "br", "zstd"]
BodyKey = tuple[object, ...]
RawHeaders = list[tuple[bytes, bytes]]

_PREFERRED: tuple[ContentCoding, ...] = ("zstd", "br", "gzip")
_OFF_LOOP = 32 * 1024
_REMEMBERED = 20_000
_PART = re.compile(r"\s*([a-z*]+)\s*(?:;\s*q=([0-9.]+)\s*)?")


def negotiated(accept_encoding: str | None, offered: Sequence[ContentCoding] = _PREFERRED) -> ContentCoding:
    """The encoding for an `Accept-Encoding` (RFC 9110 §12.5.3): of those the client likes most the first that is `offered`."""
    if not accept_encoding:
        return "identity"
    wanted: dict[str, float] = {}
    for part in accept_encoding[:200].lower().split(","):
        if found := _PART.fullmatch(part):
            try:
                wanted[found[1]] = float(found[2] or 1)
            except ValueError:
                continue
    other = wanted.get("*", 0.0)
    best = max(offered, key=lambda name: (wanted.get(name, other), -offered.index(name)))
    return best if wanted.get(best, other) > 0 else "identity"


def compress(body: bytes, encoding: ContentCoding) -> bytes:
    """Levels that cost little: each body is compressed once for many readers, but the first one waits for it."""
    match encoding:
        case "zstd":
            return zstandard.ZstdCompressor(level=3).compress(body)
        case "br":
            return bytes(brotli.compress(body, quality=5))
        case "gzip":
            compressor = zlib.compressobj(6, zlib.DEFLATED, 31)
            return compressor.compress(body) + compressor.flush()
        case _:
            return body


async def compressed(body: bytes, encoding: ContentCoding) -> bytes:
    """The same, off the event loop where it takes long."""
    if len(body) < _OFF_LOOP or encoding == "identity":
        return compress(body, encoding)
    return await asyncio.to_thread(compress, body, encoding)


class Bodies:
    """The least recently used go first; one body takes at most an eighth of the room."""

    def __init__(self, max_bytes: int) -> None:
        self._kept: LRUCache[BodyKey, bytes] = LRUCache(max_bytes, getsizeof=lambda body: len(body) + 200)
        self._being_made: dict[BodyKey, asyncio.Task[bytes]] = {}
        self._largest = max_bytes // 8

    async def get(self, key: BodyKey, make: Callable[[], Awaitable[bytes]]) -> bytes:
        """The body of this key, made by `make` where nobody has or is about to. An error is not kept, and is told to all who waited."""
        if (body := self._kept.get(key)) is not None:
            return body
        task = self._being_made.get(key)
        if task is None:
            task = asyncio.ensure_future(self._fill(key, make))
            self._being_made[key] = task
        # One who goes away does not take it from the others.
        return await asyncio.shield(task)

    def kept(self, key: BodyKey) -> bytes | None:
        return self._kept.get(key)

    async def _fill(self, key: BodyKey, make: Callable[[], Awaitable[bytes]]) -> bytes:
        try:
            body = await make()
            if len(body) <= self._largest:
                self._kept[key] = body
            return body
        finally:
            self._being_made.pop(key, None)


class Remembered:
    """Which address is answered by which kept body, with which headers: while nothing that the worker knows of the data has changed, and as long
    as the body is kept. It has none of its own.
    """

    def __init__(self, bodies: Bodies, catalogue: Catalogue) -> None:
        self._bodies = bodies
        self._catalogue = catalogue
        self._answers: LRUCache[BodyKey, tuple[Known, BodyKey, RawHeaders, object]] = LRUCache(_REMEMBERED)

    def keep(self, address: BodyKey, known: Known, key: BodyKey, headers: RawHeaders, route: object) -> None:
        """`known` is the moment that the answer is of, `key` that of its body, `route` what the log calls it by."""
        self._answers[address] = known, key, headers, route

    def of(self, address: BodyKey) -> tuple[RawHeaders, bytes, object] | None:
        if (found := self._answers.get(address)) is None:
            return None
        known, key, headers, route = found
        if known is not self._catalogue.known or not self._catalogue.is_fresh or (body := self._bodies.kept(key)) is None:
            return None
        return headers, body, route
