"""Shapefiles and FlatGeobuf, by GDAL, which is given nothing but a copy of known kind under a name of ours in a private directory."""

import os
import shutil
import tempfile
import weakref
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import takewhile
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any, Final, Self

import pyarrow as pa
import pyogrio
from pyogrio.raw import open_arrow

from app.coordinates.headers import crs_of_flatgeobuf
from app.errors import Unreadable
from app.imports.limits import AT_ONCE
from app.imports.reading.archive import Archive
from app.imports.reading.encoding import likeliest
from app.imports.reading.features import feature_rows
from app.imports.reading.places import Where, from_wkb, located
from app.imports.reading.table import Cell, Table, batched, checked_columns, listed

_DRIVERS: Final = {".shp": "ESRI Shapefile", ".fgb": "FlatGeobuf"}
_PARTS: Final = ("shp", "shx", "dbf")
_POINT_TYPES: Final = {1, 8, 11, 18, 21, 28}
# What GDAL, pyogrio and Arrow were seen to raise of broken files.
_DAMAGED: Final = (RuntimeError, ValueError, OSError, LookupError, ArithmeticError, SystemError, MemoryError, pa.ArrowException)
_NOTHING_REMOTE: Final = {
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "GDAL_HTTP_CONNECTTIMEOUT": "1",
    "GDAL_HTTP_MAX_RETRY": "0",
    "GDAL_PAM_ENABLED": "NO",
    "OGR_ENABLE_PARTIAL_REPROJECTION": "NO",
}


class _Private:
    """A directory beside the file, gone with whoever holds this; at the end of a `with` block only where that fails."""

    def __init__(self, beside: Path) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="reading-", dir=beside.parent))
        self.remove = weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is not None:
            self.remove()


def read_flatgeobuf(path: Path) -> Table:
    with _Private(path) as place:
        source = place.path / "data.fgb"
        try:
            os.link(path, source)
        except OSError:
            shutil.copyfile(path, source)
        try:
            with path.open("rb") as file:
                crs = crs_of_flatgeobuf(file)
        except ValueError as error:
            raise Unreadable("layer-damaged") from error
        return _table(place, source, None, crs=crs)


def read_shapefile(path: Path, wanted: str | None) -> Table:
    with _Private(path) as place, Archive(path) as archive:
        name, parts = _chosen(archive, wanted)
        for part in _PARTS:
            if part not in parts:
                raise Unreadable("shapefile-incomplete", missing=f".{part}")
            archive.extract(parts[part], place.path / f"data.{part}")
        crs = archive.text(parts["prj"]).strip("\ufeff \r\n\t\0") if "prj" in parts else ""
        declared = archive.text(parts["cpg"])[:40].strip() if "cpg" in parts else ""
        table = place.path / "data.dbf"
        dates = _dates_as_texts(table)
        return _table(place, place.path / "data.shp", name, _encoding(table, declared), crs, dates)


def _chosen(archive: Archive, wanted: str | None) -> tuple[str, Mapping[str, str]]:
    """Name and members (by extension) of the shapefile that was asked for, else of the only one with points."""
    files: dict[str, dict[str, str]] = {}
    for member in archive.names:
        pure = PurePosixPath(member.replace("\\", "/"))
        if "__MACOSX" not in pure.parts:
            files.setdefault(str(pure.parent / pure.stem).lower(), {})[pure.suffix.lower().lstrip(".")] = member
    found = {PurePosixPath(stem): parts for stem, parts in files.items() if "shp" in parts}
    # Those of one name in several folders are told by the folder too.
    alike = Counter(stem.name for stem in found)
    shapes = {str(stem) if alike[stem.name] > 1 else stem.name: parts for stem, parts in found.items()}
    if not shapes:
        raise Unreadable("shapefile-incomplete", missing=".shp")
    if wanted is not None:
        name = wanted.strip().lower().removesuffix(".shp")
        if name not in shapes:
            raise Unreadable("layer-missing", names=listed(list(shapes)))
        return name, shapes[name]
    points = {name: parts for name, parts in shapes.items() if _shape_type(archive, parts["shp"]) in _POINT_TYPES}
    if not points:
        raise Unreadable("layer-without-points")
    if len(points) > 1:
        raise Unreadable("layers-several", names=listed(list(points)))
    return next(iter(points.items()))


def _shape_type(archive: Archive, member: str) -> int:
    head = next(archive.chunks(member), b"")
    if not head.startswith(b"\x00\x00\x27\x0a") or len(head) < 100:
        raise Unreadable("layer-damaged")
    return int.from_bytes(head[32:36], "little")


def _encoding(table: Path, declared: str) -> str:
    """Of a .dbf; what the .cpg says only counts where the texts do not contradict it."""
    with table.open("rb") as file:
        start = int.from_bytes(file.read(32)[8:10], "little")
    return likeliest(table, start, declared)


def _dates_as_texts(table: Path) -> frozenset[int]:
    """Declares the dates of a .dbf to be texts, and says which columns these are: of a date that there is not GDAL makes 1 January 1970."""
    with table.open("r+b") as file:
        start = int.from_bytes(file.read(32)[8:10], "little")
        fields = bytearray(file.read(max(start - 32, 0)))
        # A carriage return ends them; what some programs put behind it is no column.
        columns = takewhile(lambda at: fields[at * 32] != ord("\r"), range(len(fields) // 32))
        dates = frozenset(at for at in columns if fields[at * 32 + 11] == ord("D"))
        for at in dates:
            fields[at * 32 + 11] = ord("C")
        file.seek(32)
        file.write(fields)
    return dates


def _date(text: str | None) -> Cell:
    """Of eight digits; programs write zeros where there is none."""
    if text is None or not text.strip(" 0"):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def _table(
    place: _Private,
    source: Path,
    name: str | None,
    encoding: str | None = None,
    crs: str | None = None,
    dates: frozenset[int] = frozenset(),
) -> Table:
    pyogrio.set_gdal_config_options(_NOTHING_REMOTE)
    try:
        info = pyogrio.read_info(source, encoding=encoding)
    except _DAMAGED as error:
        raise Unreadable("layer-damaged") from error
    if info["driver"] != _DRIVERS[source.suffix]:
        raise Unreadable("layer-damaged")
    shape = str(info["geometry_type"])
    if not any(word in shape for word in ("Point", "Unknown", "Collection")):
        raise Unreadable("layer-without-points")
    names = [str(one) for one in info["fields"]]
    # What the file says is judged by us rather than by GDAL, which goes by names, and might look for files that a .prj names.
    rows = feature_rows(_rows(place, source, names, encoding, dates))
    return Table(source.suffix[1:], checked_columns(names), located(batched(rows), crs or None), has_places=True, sheet=name)


def _rows(
    place: _Private, source: Path, names: list[str], encoding: str | None, dates: frozenset[int]
) -> Iterator[tuple[list[Cell], Where]]:
    try:
        with open_arrow(source, batch_size=AT_ONCE // 5, use_pyarrow=True, encoding=encoding) as (meta, reader):
            geometry = meta["geometry_name"] or "wkb_geometry"
            for batch in reader:
                wkbs = batch.column(geometry).to_pylist()
                columns = [_values(batch.column(name)) for name in names]
                for at in dates:
                    columns[at] = [_date(text) for text in columns[at]]
                for wkb, *values in zip(wkbs, *columns, strict=True):
                    yield list(values), from_wkb(wkb)
    except _DAMAGED as error:
        raise Unreadable("layer-damaged") from error
    finally:
        place.remove()


def _values(column: pa.Array) -> list[Any]:
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        # GDAL passes on what a file holds, which need not be the UTF-8 that it promises.
        binary = pa.large_binary() if pa.types.is_large_string(column.type) else pa.binary()
        return [None if text is None else text.decode("utf-8", "replace") for text in column.cast(binary).to_pylist()]
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        return [None] * len(column)
    if pa.types.is_nested(column.type):
        return [None if value is None else str(value) for value in column.to_pylist()]
    return list(column.to_pylist())
