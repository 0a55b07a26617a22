"""GeoParquet 1.1. Only the child process imports it."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyproj import CRS

from app.exports import arrow
from app.exports.layer import Columns, Layer, unused
from app.exports.spool import SpoolOrder

GROUP = 25_000
"""Rows of a row group: what a reader skips, or must read, at once."""

_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_BOX = pa.struct([(corner, pa.float64()) for corner in _CORNERS])


def write(order: SpoolOrder, columns: Iterable[Columns]) -> None:
    layer = order.layer
    plain = arrow.schema(layer)
    covering = unused("bbox", plain.names)
    schema = plain.append(pa.field(covering, _BOX))
    extent = np.array([np.inf, np.inf, -np.inf, -np.inf])
    with pq.ParquetWriter(order.path, schema, compression="zstd", version="2.6") as writer:
        for table in _groups(arrow.batches(layer, columns, plain), plain):
            boxes = _boxes(layer, table.column(arrow.geometry_name(layer)))
            extent[:2] = np.minimum(extent[:2], boxes[:, :2].min(axis=0))
            extent[2:] = np.maximum(extent[2:], boxes[:, 2:].max(axis=0))
            struct = pa.StructArray.from_arrays([pa.array(boxes[:, at]) for at in range(4)], fields=list(_BOX))
            writer.write_table(table.append_column(covering, struct), row_group_size=GROUP)
        # Last, because the box of the file is known now only.
        writer.add_key_value_metadata({"geo": json.dumps(_geo(order, covering, extent))})


def _groups(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """Tables of `GROUP` rows each, and what is left."""
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(one.num_rows for one in waiting) >= GROUP:
            table = pa.Table.from_batches(waiting, schema)
            yield table.slice(0, GROUP)
            waiting = table.slice(GROUP).to_batches()
    if waiting:
        yield pa.Table.from_batches(waiting, schema)


def _boxes(layer: Layer, wkbs: pa.ChunkedArray) -> np.ndarray[Any, np.dtype[np.float64]]:
    """xmin, ymin, xmax, ymax of each row."""
    if layer.geometry == "Point":
        records = np.frombuffer(b"".join(wkbs.to_pylist()), dtype=[("head", "V5"), ("place", "<f8", 2)])
        return np.hstack([records["place"], records["place"]])
    import shapely  # noqa: PLC0415 - only polygons need it, and it has 15 MB

    bounds: np.ndarray[Any, np.dtype[np.float64]] = shapely.bounds(shapely.from_wkb(wkbs.to_pylist()))
    return bounds


def _geo(order: SpoolOrder, covering: str, extent: np.ndarray[Any, np.dtype[np.float64]]) -> dict[str, Any]:
    # Longitude first, as it is written; EPSG:4326 itself would say latitude.
    crs = CRS("OGC:CRS84") if order.srid == 4326 else CRS.from_epsg(order.srid)
    geometry = arrow.geometry_name(order.layer)
    column: dict[str, object] = {
        "encoding": "WKB",
        "geometry_types": [order.layer.geometry],
        "crs": crs.to_json_dict(),
        "covering": {"bbox": {corner: [covering, corner] for corner in _CORNERS}},
    }
    if np.isfinite(extent).all():
        column["bbox"] = extent.tolist()
    return {"version": "1.1.0", "primary_column": geometry, "columns": {geometry: column}}
