"""FlatGeobuf, GeoPackage and KML, by GDAL. Only the child process imports it."""

import errno
import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyogrio
from pyogrio.raw import write_arrow

from app.exports import arrow
from app.exports.layer import Columns, LayerField, LayerKind, joined, unused, without_controls
from app.exports.spool import SpoolOrder

INDEXED = 75_000
"""More rows than this make a FlatGeobuf without a spatial index: GDAL holds all of an index in memory, some 280 bytes a row."""

# A WKB of byte order, type and no parts.
_EMPTY_BYTES = 9

# "KML" and not "LIBKML", which holds the whole document in memory: 4 GB for a million points.
_DRIVERS = {"fgb": "FlatGeobuf", "gpkg": "GPKG", "kml": "KML"}
# A spool file need not outlive the machine, so it need not wait for the disk either; an R-tree may take 16 MB before it goes there.
_CONFIG = {
    "OGR_SQLITE_SYNCHRONOUS": "OFF",
    "OGR_SQLITE_JOURNAL": "OFF",
    "OGR_SQLITE_CACHE": "8",
    "OGR_GPKG_MAX_RAM_USAGE_RTREE": "16000000",
}
# GDAL's own texts for the first three are not ISO 8601, and integers of 64 bits it would declare to be strings.
_KML: dict[LayerKind, pa.DataType] = dict.fromkeys(("instant", "date", "boolean"), pa.string()) | {"integer": pa.float64()}


def write(order: SpoolOrder, columns: Iterable[Columns]) -> None:
    pyogrio.set_gdal_config_options(_CONFIG | ({"OGR_CURRENT_DATE": order.layer.as_of} if order.layer.as_of else {}))
    kml = order.format == "kml"
    schema = arrow.schema(order.layer, list=pa.string(), **(_KML if kml else {}))
    if order.format == "gpkg":
        # Who adds a point in QGIS has no id to give.
        schema = schema.set(0, schema.field(0).with_nullable(True))
    batches = arrow.batches(order.layer, columns, schema, _for_kml if kml else _for_tables)
    options, batches = _options(order, batches)
    write_arrow(
        pa.RecordBatchReader.from_batches(schema, batches),
        order.path,
        layer=order.layer.name,
        driver=_DRIVERS[order.format],
        geometry_name=arrow.geometry_name(order.layer),
        geometry_type=order.layer.geometry,
        crs=f"EPSG:{order.srid}",
        **options,
    )
    if kml:
        _check_end(order.path)


def _check_end(path: Path) -> None:
    """GDAL writes KML without looking whether the disk takes it."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 20))
        if not file.read().rstrip().endswith(b"</kml>"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _options(order: SpoolOrder, batches: Iterator[pa.RecordBatch]) -> tuple[dict[str, object], Iterator[pa.RecordBatch]]:
    title = order.layer.title
    names = ["id", *(field.name for field in order.layer.fields)]
    if order.format == "gpkg":
        both = {"IDENTIFIER": title.id, "DESCRIPTION": f"{title.id} / {title.en}"}
        columns = {"FID": unused("fid", names), "GEOMETRY_NAME": unused("geom", names)}
        # Programs of 2022 warn of a version that they do not know, and nothing here needs a newer one.
        return {"dataset_options": {"VERSION": "1.3"}, "layer_options": both | columns}, batches
    if order.format == "kml":
        return {"dataset_options": {"NameField": "name", "DescriptionField": unused("description", names)}}, batches
    indexed, batches = _is_indexed(batches, arrow.geometry_name(order.layer))
    return {"layer_options": {"SPATIAL_INDEX": "YES" if indexed else "NO", "TITLE": title.id, "DESCRIPTION": title.en}}, batches


def _is_indexed(batches: Iterator[pa.RecordBatch], geometry: str) -> tuple[bool, Iterator[pa.RecordBatch]]:
    """Whether there are at most `INDEXED` rows, all of them somewhere, by reading so far ahead: an index must be asked for before the first row is
    written, and GDAL makes none with an empty place in it.
    """
    head: deque[pa.RecordBatch] = deque()
    rows, is_whole = 0, True
    for batch in batches:
        head.append(batch)
        rows += batch.num_rows
        is_whole = is_whole and pc.min(pc.binary_length(batch.column(geometry))).as_py() > _EMPTY_BYTES
        if rows > INDEXED:
            break
    return rows <= INDEXED and is_whole, chain(_taken(head), batches)


def _taken(head: deque[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Lets go of what was read ahead as it is written, before the index needs the memory."""
    while head:
        yield head.popleft()


def _for_tables(field: LayerField, column: Sequence[Any]) -> Sequence[Any]:
    return [joined(value) for value in column] if field.kind == "list" else column


def _for_kml(field: LayerField, column: Sequence[object]) -> Sequence[object]:
    if field.kind in ("integer", "number"):
        return column
    return [None if value is None else without_controls(_text(value)) for value in column]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return joined(value) or ""
    return value if isinstance(value, str) else value.isoformat().replace("+00:00", "Z")
