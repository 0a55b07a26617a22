"""Where the bytes of photos lie: a directory of this machine, or a bucket that speaks S3. Names are made of the content's hash."""

import asyncio
import os
import re
import secrets
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote, urlsplit

import structlog

from app.errors import Unavailable
from app.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

LISTED_AT_ONCE = 500
# One request to a bucket, and all that is tried for one name. Phones wait half a minute for an answer.
S3_WITHIN, NAME_WITHIN_S = timedelta(seconds=8), 10.0
TRIED_WITHIN_S = 15.0
# Nothing else in the place is ever looked at or removed.
OURS = re.compile(r"[0-9a-f]{2}/(?:([0-9a-f]{64})(?:\.small)?\.jpg|\.new-\w+)")

_log = structlog.get_logger("titik.photos")


def names_of(sha256: bytes) -> tuple[str, str]:
    """The names of a picture and of the small one."""
    name = f"{sha256.hex()[:2]}/{sha256.hex()}"
    return f"{name}.jpg", f"{name}.small.jpg"


def hash_of(name: str) -> bytes | None:
    """The hash that a name of ours is made of; None for one that was being written."""
    found = OURS.fullmatch(name)
    return bytes.fromhex(found[1]) if found and found[1] else None


class Store(Protocol):
    """`Unavailable` where the place cannot be reached or written."""

    async def put(self, name: str, content: bytes) -> None:
        """Returns when the bytes are there to stay."""

    async def get(self, name: str) -> bytes | None: ...

    async def has(self, name: str) -> bool: ...

    def names(self, before: datetime) -> AsyncIterator[list[str]]:
        """The names of ours that have not been written since, some at a time."""

    async def remove(self, names: Sequence[str]) -> None: ...


def store_of(settings: Settings) -> Store:
    url = settings.photo_store
    if url.startswith("s3://"):
        return Bucket(url)
    return Directory(Path(unquote(urlsplit(url).path)) if url else settings.data_dir / "photos")


async def put_pair(store: Store, sha256: bytes, contents: tuple[bytes, bytes]) -> None:
    """A picture and the small one, beside each other."""
    await asyncio.gather(*(store.put(name, content) for name, content in zip(names_of(sha256), contents, strict=True)))


async def has_pair(store: Store, sha256: bytes) -> bool:
    return all(await asyncio.gather(*(store.has(name) for name in names_of(sha256))))


async def try_out(store: Store) -> bool:
    """Whether something can be written, read and removed there; why not, is in the log."""
    name = f"00/.new-{secrets.token_hex(8)}"
    with suppress(Unavailable, TimeoutError):
        async with asyncio.timeout(TRIED_WITHIN_S):
            await store.put(name, b"titik")
            is_there = await store.get(name) == b"titik"
            await store.remove([name])
            return is_there
    return False


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


class Directory:
    """Files of this machine, whole or not at all: written beside, brought to the disk, then renamed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def put(self, name: str, content: bytes) -> None:
        with _trouble():
            await asyncio.to_thread(self._put, name, content)

    def _put(self, name: str, content: bytes) -> None:
        place = self.path / name
        is_new = not place.parent.is_dir()
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(prefix=".new-", dir=place.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(beside).replace(place)
        except BaseException:
            with suppress(FileNotFoundError):
                Path(beside).unlink()
            raise
        for directory in (place.parent, *((self.path,) if is_new else ())):
            _fsync(directory)

    async def get(self, name: str) -> bytes | None:
        with _trouble(), suppress(FileNotFoundError):
            return await asyncio.to_thread((self.path / name).read_bytes)
        return None

    async def has(self, name: str) -> bool:
        with _trouble():
            return await asyncio.to_thread((self.path / name).is_file)

    async def names(self, before: datetime) -> AsyncIterator[list[str]]:
        with _trouble():
            for first in await asyncio.to_thread(lambda: sorted(self.path.glob("[0-9a-f][0-9a-f]"))):
                names = await asyncio.to_thread(self._old, first, before)
                for start in range(0, len(names), LISTED_AT_ONCE):
                    yield names[start : start + LISTED_AT_ONCE]

    def _old(self, directory: Path, before: datetime) -> list[str]:
        found = []
        for path in directory.iterdir():
            name = f"{directory.name}/{path.name}"
            with suppress(FileNotFoundError):
                if OURS.fullmatch(name) and path.stat().st_mtime < before.timestamp():
                    found.append(name)
        return found

    async def remove(self, names: Sequence[str]) -> None:
        with _trouble():
            await asyncio.to_thread(self._remove, names)

    def _remove(self, names: Sequence[str]) -> None:
        for name in names:
            (self.path / name).unlink(missing_ok=True)


def _fsync(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Bucket:
    """A bucket that speaks S3. Whose it is, where and with which key, the usual `AWS_…` variables say."""

    def __init__(self, url: str) -> None:
        from obstore.store import S3Store  # noqa: PLC0415 - 30 MB that nobody needs who keeps photos on disk

        # TLS, unless the operator has written an address without it.
        is_plain = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")
        self._store = S3Store.from_url(
            url,
            client_options={"timeout": S3_WITHIN, "allow_http": is_plain},
            retry_config={"max_retries": 2, "retry_timeout": S3_WITHIN},
        )

    async def put(self, name: str, content: bytes) -> None:
        with _trouble():
            async with asyncio.timeout(NAME_WITHIN_S):
                await self._store.put_async(name, content, attributes={"Content-Type": "image/jpeg"}, use_multipart=False)

    async def get(self, name: str) -> bytes | None:
        with _trouble(), suppress(FileNotFoundError):
            async with asyncio.timeout(NAME_WITHIN_S):
                return bytes(await (await self._store.get_async(name)).bytes_async())
        return None

    async def has(self, name: str) -> bool:
        with _trouble(), suppress(FileNotFoundError):
            async with asyncio.timeout(NAME_WITHIN_S):
                await self._store.head_async(name)
                return True
        return False

    async def names(self, before: datetime) -> AsyncIterator[list[str]]:
        with _trouble():
            async for listed in self._store.list(chunk_size=LISTED_AT_ONCE):
                yield [one["path"] for one in listed if OURS.fullmatch(one["path"]) and one["last_modified"] < before.astimezone(UTC)]

    async def remove(self, names: Sequence[str]) -> None:
        with _trouble():
            await self._store.delete_async(list(names))


@contextmanager
def _trouble() -> "Iterator[None]":
    """What a disk or a bucket raises, in the words of the domain. That something is not there, its caller has caught before."""
    from obstore.exceptions import BaseError  # noqa: PLC0415 - as above

    try:
        yield
    except (OSError, BaseError) as error:
        _log.warning("photos are not kept or read", kind=type(error).__name__, reason=_reason(error))
        raise Unavailable("photos-unavailable") from error


def _reason(error: BaseException) -> str:
    """What the disk or the bucket says, shortened. Addresses keep no query: a signature would stand there."""
    said = " ".join(str(error).split()) or "no answer in time"
    return re.sub(r"\?[^\s\"']*", "", said)[:300]
