"""SDMX-CSV 2.0 of figures of kelurahan: what statistical offices exchange (sdmx-csv, field guide 2.0.0).

Area codes and classes get a prefix of letters: readers make numbers of what looks like one, and `3571011011` loses its dots and `01` its zero. An
observation without a value is `NaN`, which all readers take, and `OBS_STATUS` says why there is none.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any

from app.exports.layer import Batches, Layer, LayerRow
from app.exports.text import instant_text, lines, safe, slices

FIELDS = (
    "kelurahan", "indicator", "class", "period", "value", "unit", "meaning", "status", "source", "note", "indicator_version", "verified_at",
)  # fmt: skip
"""The properties that its columns are made of, in the order in which `write_sdmx` gets them."""
STRUCTURE = "TITIK:PROFILE_VALUES(1.0.0)"
HEAD = (
    "STRUCTURE", "STRUCTURE_ID", "ACTION", "FREQ", "REF_AREA", "INDICATOR", "CLASS", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS", "CONF_STATUS",
    "UNIT_MEASURE", "VALUE_STATUS", "DATA_SOURCE", "COMMENT_OBS", "INDICATOR_VERSION", "LAST_UPDATE",
)  # fmt: skip
_TOTAL = "_T"
# The code lists CL_OBS_STATUS 2.2 and CL_CONF_STATUS 1.3 of SDMX: provisional, normal; missing, cannot exist, suppressed; free, restricted, confidential.
_STATUSES = {"sementara": "P", "tetap": "A", "revisi": "A"}
_MISSING = {"empty": "O", "not-applicable": "M", "withheld": "Q"}


async def write_sdmx(layer: Layer, batches: Batches, directory: Path, srid: int = 4326) -> AsyncGenerator[bytes, None]:  # noqa: ARG001 - all formats are called alike
    """A header row, then an observation each; without geometry."""
    yield lines([HEAD])
    async for rows in slices(batches):
        yield await asyncio.to_thread(_render, rows, "F" if layer.is_public else "N")


def _render(rows: Sequence[LayerRow], confidence: str) -> bytes:
    return lines(_observation(row[2:], confidence) for row in rows)


def _observation(values: Sequence[Any], confidence: str) -> tuple[object, ...]:
    area, indicator, of_class, period, value, unit, meaning, status, source, note, definition, verified_at = values
    return (
        "dataflow", STRUCTURE, "I", _frequency(period), f"ID{area.replace('.', '')}", indicator, _class(of_class), period,
        "NaN" if value is None else value, _MISSING.get(meaning) or _STATUSES[status], "C" if meaning == "withheld" else confidence, safe(unit), status,
        safe(source), safe(note), definition, instant_text(verified_at),
    )  # fmt: skip


def _class(name: str | None) -> str:
    """As a code of SDMX, which has no full stops."""
    return _TOTAL if name is None else f"C_{name.replace('.', '@')}"


def _frequency(period: str) -> str:
    """A year, half a year, a month, a day."""
    if "-S" in period:
        return "S"
    return {4: "A", 7: "M"}.get(len(period), "D")
