"""The formats that are lines of text, and stream as they come: CSV (RFC 4180) and GeoJSON text sequences (RFC 8142)."""

import asyncio
import csv
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from app.exports.layer import AT_ONCE, Batches, Layer, LayerKind, LayerRow, axes, joined, places

# Spreadsheets run what begins like this, also in its wide forms; an apostrophe says that it is text (OWASP, CSV injection).
_FORMULA = re.compile("[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


async def write_csv(layer: Layer, batches: Batches, directory: Path, srid: int = 4326) -> AsyncGenerator[bytes, None]:  # noqa: ARG001 - all formats are called alike
    """A header row, then a row each. UTF-8 without a byte order mark, which most readers would take for a part of the first name."""
    yield lines([[safe(name) for name in ("id", *(field.name for field in layer.fields), *axes(layer, srid))]])
    async for rows in slices(batches):
        # In a thread, because it takes longer than the event loop may wait.
        yield await asyncio.to_thread(_render, layer, rows, srid)


async def write_geojsonseq(
    layer: Layer,  # noqa: ARG001 - as above
    batches: Batches,
    directory: Path,  # noqa: ARG001
    srid: int = 4326,  # noqa: ARG001
) -> AsyncGenerator[bytes, None]:
    async for rows in slices(batches, AT_ONCE // 4):
        yield "".join([f"\x1e{row[0]}\n" for row in rows]).encode()


async def slices(batches: Batches, at_once: int = AT_ONCE) -> AsyncIterator[Sequence[LayerRow]]:
    """The rows in steps that the event loop does not notice, with a turn for others after each."""
    async for batch in batches:
        for start in range(0, len(batch), at_once):
            yield batch[start : start + at_once]
            await asyncio.sleep(0)


def _render(layer: Layer, rows: Sequence[LayerRow], srid: int) -> bytes:
    ids, wkbs, *values = zip(*rows, strict=True)
    place: list[Sequence[object]] = list(zip(*places(layer, wkbs), strict=True))
    if layer.geometry == "Point":
        place = [[f"{number:.7f}" for number in column] for column in place]
    if srid != 4326:
        place.append([srid] * len(rows))
    columns = [map(_CELL[field.kind], column) for field, column in zip(layer.fields, values, strict=True)]
    return lines(zip(map(safe, ids), *columns, *place, strict=True))


def table(rows: Iterable[Iterable[str]]) -> bytes:
    """Rows of texts, the header first, as CSV."""
    return lines([[safe(cell) for cell in row] for row in rows])


def lines(rows: Iterable[Iterable[object]]) -> bytes:
    text = StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def safe(text: str | None) -> str | None:
    """A cell that no spreadsheet runs."""
    return f"'{text}" if text and _FORMULA.match(text) else text


def instant_text(value: Any) -> str | None:
    return None if value is None else value.isoformat().replace("+00:00", "Z")


_CELL: dict[LayerKind, Callable[[Any], object]] = {
    "text": safe,
    "list": lambda values: safe(joined(values)),
    "instant": instant_text,
    "date": lambda value: None if value is None else value.isoformat(),
    "boolean": lambda value: None if value is None else "true" if value else "false",
    "integer": lambda value: value,
    "number": lambda value: value,
}
