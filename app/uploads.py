"""A file that somebody hands in."""

import hashlib
from dataclasses import dataclass
from typing import BinaryIO


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
