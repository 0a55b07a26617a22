"""Photos of strangers become pictures of ours: decoded in a child process each, a few at a time (docs/adr/0023)."""

import asyncio
from asyncio.subprocess import PIPE
from typing import Any, NamedTuple

import orjson

from app.background.children import environment, running
from app.errors import Invalid, Unavailable
from app.photos.rules import FORMATS, Shot, media_type_of, shot_of

AT_ONCE, WAITING_S, WITHIN_S = 2, 15.0, 30.0
MEGAPIXELS = 40


class Picture(NamedTuple):
    """A photo as it is kept: JPEG, upright, without metadata; `small` for lists."""

    content: bytes
    small: bytes
    width: int
    height: int
    shot: Shot


class Darkroom:
    """Where photos are decoded: a process for each, so that what a decoder does with it harms nobody, and no more at once than there is room for."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._room = asyncio.Semaphore(at_once)

    async def develop(self, content: bytes) -> Picture:
        """`Invalid` where it is damaged or too large; `Unavailable` where too many are waiting."""
        try:
            async with asyncio.timeout(WAITING_S):
                await self._room.acquire()
        except TimeoutError:
            raise Unavailable("too-busy") from None
        try:
            return _picture(await _run(content))
        finally:
            self._room.release()


def check_format(content: bytes, called: str | None) -> None:
    """Before anybody decodes anything: is it one of the formats, and the one that it is said to be?"""
    media_type = media_type_of(content)
    if media_type is None:
        raise Invalid("photo-format", accepted=", ".join(FORMATS.values()))
    if called not in (None, media_type):
        raise Invalid("photo-type-differs", called=called, found=media_type)


async def _run(content: bytes) -> bytes:
    async with running("app.photos.pixels", variables=environment(), stdout=PIPE) as process:
        try:
            async with asyncio.timeout(WITHIN_S):
                output, _ = await process.communicate(content)
        except TimeoutError:
            raise Invalid("photo-unreadable") from None
    return output


def _picture(output: bytes) -> Picture:
    """A child that said nothing was ended by its limits, or by what it was given."""
    line, _, pictures = output.partition(b"\n")
    found: dict[str, Any] = orjson.loads(line) if line else {"refused": "unreadable"}
    if "refused" in found:
        if found["refused"] == "pixels":
            raise Invalid("photo-too-many-pixels", most=MEGAPIXELS)
        raise Invalid("photo-unreadable")
    large, small = found["sizes"]
    if len(pictures) != large + small:
        raise Invalid("photo-unreadable")
    return Picture(pictures[:large], pictures[large:], found["width"], found["height"], shot_of(found))
