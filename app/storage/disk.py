"""A file that somebody hands in, and the disk of the service that it lies on."""

import errno
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from app.errors import Unavailable

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def room_on_disk() -> Iterator[None]:
    """A disk that is full, in the words of the domain: `Unavailable`."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise Unavailable("storage-full") from error
        raise


@dataclass(slots=True)
class Upload:
    """Open for reading, at its beginning. One that came over HTTP has no name, and is gone with whoever holds it."""

    file: BinaryIO
    size: int
    sha256: bytes

    @classmethod
    def of(cls, file: BinaryIO) -> "Upload":
        """All of an open file."""
        hashed = hashlib.sha256()
        while part := file.read(1 << 20):
            hashed.update(part)
        size = file.tell()
        file.seek(0)
        return cls(file, size, hashed.digest())
