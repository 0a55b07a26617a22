"""Files that are handed in: whose turn it is to store one, and what is said of its columns."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
from fastapi import Request

from app.errors import BadRequest, Fault, Unavailable
from app.http.services import services

MOST_COLUMNS_NAMED = 200
WAITING_S = 15.0


@asynccontextmanager
async def turn_to_store(request: Request) -> AsyncIterator[None]:
    """One of the few connections that store files. `Unavailable` where too many wait."""
    room = services(request).storing
    try:
        async with asyncio.timeout(WAITING_S):
            await room.acquire()
    except TimeoutError:
        raise Unavailable("too-busy") from None
    try:
        yield
    finally:
        room.release()


COLUMNS_INVALID = Fault("columns", "columns-invalid")


def columns_of(text: str | None, invalid: Fault = COLUMNS_INVALID) -> dict[str, str | None]:
    """The JSON object of the parameter `columns`. `BadRequest` with `invalid` where it is none of texts and nulls."""
    if text is None:
        return {}
    try:
        named = orjson.loads(text)
    except orjson.JSONDecodeError:
        named = None
    is_right = isinstance(named, dict) and len(named) <= MOST_COLUMNS_NAMED
    # No heading has a NUL, nor could it be kept.
    if not is_right or any("\0" in heading or not isinstance(field, str | None) for heading, field in named.items()):
        raise BadRequest(faults=[invalid])
    return dict(named)
