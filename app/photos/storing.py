"""How photos are called in their store: by the hash of the picture, the picture and the small one beside each other."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from app.settings import Settings
from app.storage.blobs import Holding, Store, store_of, try_out

PICTURES = Holding(re.compile(r"[0-9a-f]{2}/(?:([0-9a-f]{64})(?:\.small)?\.jpg|\.new-\w+)"), "image/jpeg", "photos-unavailable")

_log = structlog.get_logger("titik.photos")


def photo_store(settings: Settings) -> Store:
    return store_of(settings.photo_store or (settings.data_dir / "photos").absolute().as_uri(), PICTURES)


def names_of(sha256: bytes) -> tuple[str, str]:
    """The names of a picture and of the small one."""
    name = f"{sha256.hex()[:2]}/{sha256.hex()}"
    return f"{name}.jpg", f"{name}.small.jpg"


def hash_of(name: str) -> bytes | None:
    """The hash that a name of ours is made of; None for one that was being written."""
    found = PICTURES.names.fullmatch(name)
    return bytes.fromhex(found[1]) if found and found[1] else None


async def put_pair(store: Store, sha256: bytes, contents: tuple[bytes, bytes]) -> None:
    await asyncio.gather(*(store.put(name, content) for name, content in zip(names_of(sha256), contents, strict=True)))


async def has_pair(store: Store, sha256: bytes) -> bool:
    return all(await asyncio.gather(*(store.has(name) for name in names_of(sha256))))


@asynccontextmanager
async def tried_meanwhile(store: Store) -> AsyncIterator[None]:
    """Tries the place out once while the service starts, which does not wait for it. It is told, and that is all: points do without photos."""
    task = asyncio.create_task(_tell(store))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _tell(store: Store) -> None:
    if await try_out(store):
        _log.info("photos can be kept")
    else:
        _log.warning("photos cannot be kept: see TITIK_PHOTO_STORE and the line above")
