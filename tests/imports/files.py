"""What the tests of reading share: files are made, opened, and read to the end."""

import struct
import zipfile
from pathlib import Path

import pytest

from app.imports.reading import SourceRow, Table, Unreadable, open_table
from app.messages import FAULTS, PROBLEMS


def opened(path: Path, *, sheet: str | None = None, name: str | None = None) -> tuple[Table, list[SourceRow]]:
    table = open_table(path, name or path.name, sheet=sheet)
    rows = [row for batch in table.batches for row in batch]
    assert all(len(row.cells) == len(table.columns) for row in rows)
    assert {row.fault for row in rows} - {None} <= FAULTS.keys()
    return table, rows


def refused(path: Path, *, sheet: str | None = None, name: str | None = None) -> str:
    """The code of the refusal, whose sentences can be said in both languages."""
    with pytest.raises(Unreadable) as caught:
        opened(path, sheet=sheet, name=name)
    message = PROBLEMS[caught.value.code]
    for text in message:
        assert text.say("id", {**caught.value.facts, "": ""})
        assert text.say("en", {**caught.value.facts, "": ""})
    return caught.value.code


def saved(directory: Path, name: str, content: str | bytes) -> Path:
    path = directory / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def redeclared(path: Path, member: str, size: int) -> Path:
    """The archive, whose directory (and local header) now say that a member has `size` bytes."""
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        offset = archive.getinfo(member).header_offset
        start = archive.start_dir
    content[offset + 22 : offset + 26] = struct.pack("<I", size)
    while content[start : start + 4] == b"PK\x01\x02":
        length, extra, comment = struct.unpack_from("<HHH", content, start + 28)
        if content[start + 46 : start + 46 + length] == member.encode():
            content[start + 24 : start + 28] = struct.pack("<I", size)
        start += 46 + length + extra + comment
    path.write_bytes(content)
    return path


def replaced(path: Path, members: dict[str, bytes]) -> Path:
    """Beside the archive another one, with other content under some of its names."""
    with zipfile.ZipFile(path) as archive:
        all_members = {name: archive.read(name) for name in archive.namelist()}
    return zipped(path.with_name(f"other-{path.name}"), all_members | members)
