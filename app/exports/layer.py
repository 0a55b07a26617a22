"""What is written into a file, and the words that the formats share. Knows no database and no HTTP."""

import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from struct import Struct
from typing import Any, Literal, NamedTuple, Protocol

from app.language import Text

LayerKind = Literal["text", "integer", "number", "boolean", "instant", "date", "list"]
LayerRow = Sequence[object]
"""`(id, wkb, *values)`: the id as text, the place as two-dimensional little-endian WKB (not EWKB; easting first, whatever the CRS says),
then the values in the order of the fields: str, int, float, bool, an aware datetime, date, list of str, None.
Where a format is `ready_made`: `(feature,)`, the text of a GeoJSON Feature on one line.
"""
Columns = Sequence[Sequence[Any]]
Batches = AsyncIterator[Sequence[LayerRow]]

AT_ONCE = 1_000
"""Rows that are rendered or sent in one go: a few milliseconds of the event loop."""

# What XML 1.0 §2.2 has no way to write.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_POINT = Struct("<dd")


class LayerField(NamedTuple):
    name: str
    title: Text
    kind: LayerKind


@dataclass(frozen=True, slots=True)
class Layer:
    """`count` is how many rows there will be, where that is known beforehand; no more is promised than that it was so a moment ago. `as_of` is the
    time that a file says it was made at (`2026-11-29T21:00:00.000Z`), so that the same rows are the same bytes; None: whenever that is.
    `geometry` is None of rows that lie nowhere, which only CSV and Excel have. `is_public`: everybody may have it.
    """

    name: str
    title: Text
    fields: tuple[LayerField, ...]
    geometry: Literal["Point", "MultiPolygon"] | None = "Point"
    count: int | None = None
    as_of: str | None = None
    is_public: bool = True


class Write(Protocol):
    """The bytes of a file in chunks. What must be spooled is spooled into `directory`; close the generator (`aclose`) to stop early.

    The batches are the caller's: whoever opened them closes them.
    """

    def __call__(self, layer: Layer, batches: Batches, directory: Path, srid: int = 4326) -> AsyncGenerator[bytes, None]: ...


@dataclass(frozen=True, slots=True)
class Format:
    """`name` is the word of `f=`. `only_4326`: the format has no other CRS; `ready_made`: its rows are `(feature,)`; `fields`: the properties that
    it always has, and no others (empty: those that are asked for).
    """

    name: str
    media_type: str
    extension: str
    write: Write
    only_4326: bool = False
    ready_made: bool = False
    fields: tuple[str, ...] = ()


def unused(name: str, taken: Iterable[str]) -> str:
    """`name`, or that with underscores until no other column has it: SQL and GDAL do not tell `ID` from `id`."""
    others = {one.lower() for one in taken}
    while name.lower() in others:
        name += "_"
    return name


def joined(values: Sequence[str] | None) -> str | None:
    """A list where a format has none."""
    return None if values is None else "; ".join(values)


def without_controls(text: str) -> str:
    return _NOT_XML.sub("", text)


def lon_lat(wkb: bytes) -> tuple[float, float]:
    lon, lat = _POINT.unpack_from(wkb, 5)
    return lon, lat


def axes(layer: Layer, srid: int) -> tuple[str, ...]:
    """The columns of the place where a format has no geometry: its two numbers, or the text of a polygon; and in which CRS that is, where it is
    not the usual one.
    """
    if layer.geometry is None:
        return ()
    names: tuple[str, ...] = ("wkt",) if layer.geometry != "Point" else ("lon", "lat") if srid == 4326 else ("x", "y")
    names += () if srid == 4326 else ("srid",)
    return tuple(unused(name, ["id", *(field.name for field in layer.fields)]) for name in names)


def places(layer: Layer, wkbs: Sequence[bytes]) -> list[tuple[float, float]] | list[tuple[str]] | list[tuple[()]]:
    """The values of `axes`, row by row."""
    if layer.geometry is None:
        return [()] * len(wkbs)
    if layer.geometry == "Point":
        return [lon_lat(wkb) for wkb in wkbs]
    import shapely  # noqa: PLC0415 - only polygons need it

    return [(text,) for text in shapely.to_wkt(shapely.from_wkb(wkbs), rounding_precision=7).tolist()]
