"""Zip archives of strangers. Nothing is believed: names, sizes and ratios are checked, and no member is inflated beyond what it declared.

`zipfile` reads the directory at the end of the archive; the bytes are inflated here, because `zipfile` stops where a lying size says, and
other readers do not.
"""

import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipInfo

from app.errors import Unreadable
from app.imports.limits import MOST_MEMBERS, MOST_RATIO, MOST_UNPACKED, SMALL_MEMBER

_CHUNK: Final = 256 << 10
_LOCAL = b"PK\x03\x04"
_DRIVE = re.compile(r"[A-Za-z]:")
_ENCRYPTED = 0x1


class Archive:
    """A context manager. Its names are checked when it is opened, its sizes while a member is read."""

    def __init__(self, path: Path) -> None:
        try:
            with zipfile.ZipFile(path) as archive:
                members = archive.infolist()
        except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, ValueError, NotImplementedError, RecursionError) as error:
            raise Unreadable("archive-damaged") from error
        _check(members)
        self._members = {member.filename: member for member in members if not member.is_dir()}
        self._file: BinaryIO = path.open("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    @property
    def names(self) -> list[str]:
        return list(self._members)

    def size(self, name: str) -> int:
        """Bytes of the member, as it declares."""
        return self._members[name].file_size

    def chunks(self, name: str) -> Iterator[bytes]:
        """The content of a member. `Unreadable` before more is inflated than the member declared, or where it declared more."""
        member = self._members[name]
        count = checksum = 0
        for chunk in self._inflated(member):
            count += len(chunk)
            if count > member.file_size:
                raise Unreadable("archive-lies")
            checksum = zlib.crc32(chunk, checksum)
            yield chunk
        if count != member.file_size or checksum != member.CRC:
            raise Unreadable("archive-damaged")

    def text(self, name: str, most: int = 64 << 10) -> str:
        """The beginning of a small member."""
        content = b""
        for chunk in self.chunks(name):
            content += chunk
            if len(content) > most:
                break
        return content[:most].decode("utf-8", "replace")

    def extract(self, name: str, target: Path) -> None:
        """Under a name of ours: that of the member never becomes a path."""
        with target.open("xb") as file:
            for chunk in self.chunks(name):
                file.write(chunk)

    def _inflated(self, member: ZipInfo) -> Iterator[bytes]:
        # Where it begins is a number of strangers too, perhaps a negative one.
        self._file.seek(max(member.header_offset, 0))
        local = self._file.read(30)
        if len(local) < 30 or not local.startswith(_LOCAL):
            raise Unreadable("archive-damaged")
        self._file.seek(int.from_bytes(local[26:28], "little") + int.from_bytes(local[28:30], "little"), 1)
        place, left = self._file.tell(), member.compress_size
        inflate = zlib.decompressobj(-15) if member.compress_type == ZIP_DEFLATED else None
        while left > 0:
            # Whoever reads may read other members in between.
            self._file.seek(place)
            packed = self._file.read(min(_CHUNK, left))
            if not packed:
                raise Unreadable("archive-damaged")
            place, left = place + len(packed), left - len(packed)
            if inflate is None:
                yield packed
                continue
            while packed:
                try:
                    chunk = inflate.decompress(packed, _CHUNK)
                except zlib.error as error:
                    raise Unreadable("archive-damaged") from error
                packed = inflate.unconsumed_tail
                if chunk:
                    yield chunk
                elif inflate.eof:
                    return
        if inflate is not None and (rest := inflate.flush()):
            yield rest


def _check(members: list[ZipInfo]) -> None:
    if len(members) > MOST_MEMBERS:
        raise Unreadable("archive-many-members", most=MOST_MEMBERS)
    # Case too: some readers tell `a.xml` from `A.XML`, some do not.
    if len({member.filename.lower() for member in members}) < len(members):
        raise Unreadable("archive-names")
    for member in members:
        _check_name(member)
        if member.flag_bits & _ENCRYPTED:
            raise Unreadable("archive-locked")
        if member.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise Unreadable("archive-method")
        if member.file_size > SMALL_MEMBER and member.file_size > MOST_RATIO * member.compress_size:
            raise Unreadable("archive-bomb", most=MOST_UNPACKED >> 20)
    if sum(member.file_size for member in members) > MOST_UNPACKED:
        raise Unreadable("archive-bomb", most=MOST_UNPACKED >> 20)


def _check_name(member: ZipInfo) -> None:
    # As it stands in the archive: `zipfile` has already cut it at a NUL.
    name = member.orig_filename
    parts = name.replace("\\", "/").split("/")
    kind = stat.S_IFMT(member.external_attr >> 16)
    if name.startswith(("/", "\\")) or ".." in parts or _DRIVE.match(name) or "\0" in name or not name:
        raise Unreadable("archive-names")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise Unreadable("archive-links")
