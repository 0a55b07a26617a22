"""Which format a file has, told by its content: names lie, and a browser may send any. Between texts the name helps."""

import re
from collections.abc import Collection
from pathlib import Path, PurePosixPath
from typing import Final

from app.errors import Unreadable
from app.imports.reading.archive import Archive

_HEAD: Final = 64 << 10
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SHAPE = b"\x00\x00\x27\x0a"
_SQLITE = b"SQLite format 3\x00"
# The patch version may be any.
_FLATGEOBUF = b"fgb\x03fgb"
_ROOT = re.compile(r"<(?:[\w.-]+:)?([A-Za-z][\w.-]*)")
_IN_LINES = {".geojsonl", ".geojsons", ".geojsonseq", ".ndjson", ".jsonl"}
_OBJECT = re.compile(r'\{\s*"')
_OBJECT_LINE = re.compile(r"\s*\{.*\}\s*")


def kind_of(path: Path, name: str) -> str:
    """A format of `Table.format`, or `Unreadable`, which says what to save instead."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head.strip(b" \t\r\n\0\xef\xbb\xbf\xff\xfe"):
        raise Unreadable("file-empty")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _of_archive(path)
    if head.startswith(_SQLITE):
        return "gpkg"
    if head.startswith(_FLATGEOBUF):
        return "fgb"
    if head.startswith(_OLE):
        # A workbook with a password is such a file too, whatever its name.
        raise Unreadable("workbook-old-or-locked")
    if head.startswith(_SHAPE):
        raise Unreadable("shapefile-alone")
    if head.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"{\\rtf")):
        raise Unreadable("file-not-a-table")
    if head.startswith((b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")):
        raise Unreadable("file-packed")
    return _of_text(head, PurePosixPath(name).suffix.lower())


def _of_archive(path: Path) -> str:
    with Archive(path) as archive:
        names = {name.lower() for name in archive.names}
    if any(name.endswith((".zip", ".kmz")) for name in names):
        raise Unreadable("archive-nested")
    if "[content_types].xml" in names:
        if "xl/workbook.xml" in names:
            return "xlsx"
        if "xl/workbook.bin" in names:
            raise Unreadable("workbook-other")
        raise Unreadable("file-not-a-table")
    if "content.xml" in names:
        return "ods"
    return _of_packed(names)


def _of_packed(names: Collection[str]) -> str:
    if any(name.endswith((".shp", ".dbf")) for name in names):
        return "shp"
    if any(name.endswith(".kml") for name in names):
        return "kmz"
    raise Unreadable("archive-without-table")


def _of_text(head: bytes, suffix: str) -> str:
    start = _decoded(head).lstrip("\ufeff \t\r\n")
    if start.startswith("\x1e"):
        return "geojsonseq"
    if start.startswith("<"):
        return _of_xml(start)
    if _OBJECT.match(start) or (start.startswith(("{", "[")) and suffix not in (".csv", ".tsv", ".txt")):
        first, _, more = start.partition("\n")
        in_lines = _OBJECT_LINE.fullmatch(first) is not None and more.lstrip().startswith("{")
        return "geojsonseq" if suffix in _IN_LINES or in_lines else "geojson"
    return "csv"


def _decoded(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) // 2 * 2].decode("utf-16", "replace")
    return head.decode("utf-8", "replace")


def _of_xml(start: str) -> str:
    without = re.sub(r"<!--.*?-->|<\?.*?\?>|<![^>\[]*", "", start, flags=re.DOTALL)
    root = match[1].lower() if (match := _ROOT.search(without)) else ""
    if root in ("kml", "gpx"):
        return root
    if root in ("html", "table", "body", "head", "meta", "style", "div", "workbook"):
        # What many a web application calls ".xls".
        raise Unreadable("workbook-is-web-page")
    raise Unreadable("file-not-known")
