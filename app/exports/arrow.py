"""Columns of Python values as Arrow record batches. Only the child process imports it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

import pyarrow as pa

from app.exports.layer import Columns, Layer, LayerField, LayerKind, unused

_TYPES: dict[LayerKind, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "instant": pa.timestamp("us", tz="UTC"),
    "date": pa.date32(),
    "list": pa.list_(pa.string()),
}
Convert = Callable[[LayerField, Sequence[object]], Sequence[object]]


def geometry_name(layer: Layer) -> str:
    return unused("geometry", ["id", *(field.name for field in layer.fields)])


def schema(layer: Layer, **other: pa.DataType) -> pa.Schema:
    """`id`, the fields, and the geometry last; `other` are the types of kinds that a format writes otherwise."""
    types = _TYPES | other
    geometry = pa.field(geometry_name(layer), pa.binary(), metadata={b"ARROW:extension:name": b"geoarrow.wkb"})
    fields = [pa.field(field.name, types[field.kind]) for field in layer.fields]
    return pa.schema([pa.field("id", pa.string(), nullable=False), *fields, geometry])


def batches(layer: Layer, columns: Iterable[Columns], of: pa.Schema, convert: Convert | None = None) -> Iterator[pa.RecordBatch]:
    for ids, wkbs, *values in columns:
        converted = [convert(field, column) if convert else column for field, column in zip(layer.fields, values, strict=True)]
        arrays = [_array(column, field.type) for column, field in zip(chain([ids], converted, [wkbs]), of, strict=True)]
        yield pa.record_batch(arrays, schema=of)


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    try:
        return pa.array(values, kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        if pa.types.is_floating(kind):
            return pa.array([None if value is None else float(value) for value in values], kind)
        if pa.types.is_integer(kind):
            return pa.array([_integer(value) for value in values], kind)
        raise


def _integer(value: Any) -> int | None:
    """JSON knows no bound of integers, a column of a file does: what is beyond 64 bits is left out, so that the rest can be had."""
    return int(value) if value is not None and -(2**63) <= value < 2**63 else None
