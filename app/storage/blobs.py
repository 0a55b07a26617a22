"""Where bytes lie that are too many for rows: a directory of this machine, or a bucket that speaks S3, behind one protocol.

What is kept in a place, whoever keeps it says: photos in `photos/storing.py`.
"""

import asyncio
import os
import re
import secrets
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import unquote, urlsplit

import structlog

from app.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

LISTED_AT_ONCE = 500
# One request to a bucket, and all that is tried for one name. Phones wait half a minute for an answer.
S3_WITHIN, NAME_WITHIN_S = timedelta(seconds=8), 10.0
TRIED_WITHIN_S = 15.0
_UNFINISHED = ".new-"

_log = structlog.get_logger("titik.blobs")


class Holding(NamedTuple):
    """What is kept in one place, and what is left where that was broken off (`.new-…`). Nothing there that is not called so is ever looked at
    or removed.
    """

    names: re.Pattern[str]
    media_type: str
    unavailable: str
    """The code of the error where the place cannot be reached or written."""


class Store(Protocol):
    """`Unavailable`, with the code of its `Holding`, where the place cannot be reached or written."""

    async def put(self, name: str, content: bytes) -> None:
        """Returns when the bytes are there to stay."""

    async def get(self, name: str) -> bytes | None: ...

    async def has(self, name: str) -> bool: ...

    def names(self, before: datetime) -> AsyncIterator[list[str]]:
        """The names of ours that have not been written since, some at a time; also of what was begun and never finished."""

    async def remove(self, names: Sequence[str]) -> None: ...


def store_of(url: str, holding: Holding) -> Store:
    """`file:///directory` or `s3://bucket/prefix`; which of the two, `Settings` has checked."""
    return Bucket(url, holding) if url.startswith("s3://") else BlobDirectory(Path(unquote(urlsplit(url).path)), holding)


async def try_out(store: Store) -> bool:
    """Whether something can be written, read and removed there; why not, is in the log."""
    name = f"00/{_UNFINISHED}{secrets.token_hex(8)}"
    with suppress(Unavailable, TimeoutError):
        async with asyncio.timeout(TRIED_WITHIN_S):
            await store.put(name, b"titik")
            is_there = await store.get(name) == b"titik"
            await store.remove([name])
            return is_there
    return False


class BlobDirectory:
    """Files of this machine, whole or not at all: written beside, brought to the disk, then renamed."""

    def __init__(self, path: Path, holding: Holding) -> None:
        self.path = path
        self._holding = holding

    async def put(self, name: str, content: bytes) -> None:
        with _trouble(self._holding):
            await asyncio.to_thread(self._put, name, content)

    def _put(self, name: str, content: bytes) -> None:
        place = self.path / name
        is_new = not place.parent.is_dir()
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(prefix=_UNFINISHED, dir=place.parent)
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
        with _trouble(self._holding), suppress(FileNotFoundError):
            return await asyncio.to_thread((self.path / name).read_bytes)
        return None

    async def has(self, name: str) -> bool:
        with _trouble(self._holding):
            return await asyncio.to_thread((self.path / name).is_file)

    async def names(self, before: datetime) -> AsyncIterator[list[str]]:
        with _trouble(self._holding):
            walk = os.walk(self.path)
            while found := await asyncio.to_thread(next, walk, None):
                names = await asyncio.to_thread(self._old, Path(found[0]), sorted(found[2]), before)
                for start in range(0, len(names), LISTED_AT_ONCE):
                    yield names[start : start + LISTED_AT_ONCE]

    def _old(self, directory: Path, files: Sequence[str], before: datetime) -> list[str]:
        found = []
        for file in files:
            name = (directory / file).relative_to(self.path).as_posix()
            with suppress(FileNotFoundError):
                if self._holding.names.fullmatch(name) and (directory / file).stat().st_mtime < before.timestamp():
                    found.append(name)
        return found

    async def remove(self, names: Sequence[str]) -> None:
        with _trouble(self._holding):
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

    def __init__(self, url: str, holding: Holding) -> None:
        self._holding = holding
        from obstore.store import S3Store  # noqa: PLC0415 - 30 MB that nobody needs who keeps all on disk

        # TLS, unless the operator has written an address without it.
        is_plain = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")
        self._store = S3Store.from_url(
            url,
            client_options={"timeout": S3_WITHIN, "allow_http": is_plain},
            retry_config={"max_retries": 2, "retry_timeout": S3_WITHIN},
        )

    async def put(self, name: str, content: bytes) -> None:
        with _trouble(self._holding):
            async with asyncio.timeout(NAME_WITHIN_S):
                await self._store.put_async(name, content, attributes={"Content-Type": self._holding.media_type}, use_multipart=False)

    async def get(self, name: str) -> bytes | None:
        with _trouble(self._holding), suppress(FileNotFoundError):
            async with asyncio.timeout(NAME_WITHIN_S):
                return bytes(await (await self._store.get_async(name)).bytes_async())
        return None

    async def has(self, name: str) -> bool:
        with _trouble(self._holding), suppress(FileNotFoundError):
            async with asyncio.timeout(NAME_WITHIN_S):
                await self._store.head_async(name)
                return True
        return False

    async def names(self, before: datetime) -> AsyncIterator[list[str]]:
        with _trouble(self._holding):
            async for listed in self._store.list(chunk_size=LISTED_AT_ONCE):
                yield [
                    one["path"]
                    for one in listed
                    if self._holding.names.fullmatch(one["path"]) and one["last_modified"] < before.astimezone(UTC)
                ]

    async def remove(self, names: Sequence[str]) -> None:
        with _trouble(self._holding):
            await self._store.delete_async(list(names))


@contextmanager
def _trouble(holding: Holding) -> "Iterator[None]":
    """What a disk or a bucket raises, in the words of the domain. That something is not there, its caller has caught before."""
    from obstore.exceptions import BaseError  # noqa: PLC0415 - as above

    try:
        yield
    except (OSError, BaseError) as error:
        _log.warning("bytes are not kept or read", code=holding.unavailable, kind=type(error).__name__, reason=_reason(error))
        raise Unavailable(holding.unavailable) from error


def _reason(error: BaseException) -> str:
    """What the disk or the bucket says, shortened. Addresses keep no query: a signature would stand there."""
    text = " ".join(str(error).split()) or "no answer in time"
    return re.sub(r"\?[^\s\"']*", "", text)[:300]
