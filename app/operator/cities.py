"""Regions from a file into a database: a table, or the file of the boundaries itself. What is published gets the new names in the same transaction."""

from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from app.db import WriteSession
from app.errors import OperatorError
from app.imports.reading import open_table
from app.language import Text
from app.regions import queries, service
from app.regions.codes import crosswalk
from app.regions.columns import COLUMNS, recognised, rows_of
from app.regions.notes import RegionNote
from app.regions.rules import RegionChanges, RegionRow, code_of, new_cities, read

FIELDS = tuple(COLUMNS)
_TABLES = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".xls", ".xlsm", ".ods"})
_NO_MAPPING: Mapping[str, str] = MappingProxyType({})

COLUMNS_UNKNOWN = Text(
    "Tidak ada kolom kode atau nama wilayah di {file}. Yang ada: {columns}. Sebutkan kolomnya dengan --map code=KOLOM (atau {fields}).",
    "There is no column of codes or names of regions in {file}. There is: {columns}. Name the column with --map code=COLUMN (or {fields}).",
)
MAPPING_UNKNOWN = Text(
    "--map tidak cocok: {unknown}. Bagian kiri salah satu dari {known}; bagian kanan nama kolom di berkas.",
    "--map does not fit: {unknown}. On the left stands one of {known}; on the right the name of a column in the file.",
)
FILE_MISSING = Text("Berkas {file} tidak ada.", "There is no file {file}.")


class _RegionTable(NamedTuple):
    name: str
    columns: Sequence[str]
    rows: Sequence[RegionRow]


def read_rows(path: Path, mapping: Mapping[str, str] = _NO_MAPPING, layer: str | None = None) -> Sequence[RegionRow]:
    """The rows of a file by the fields of `COLUMNS`; of several sheets or layers those of the one with most codes. `OperatorError`, `Unreadable`."""
    if not path.is_file():
        raise OperatorError("region-file-missing", FILE_MISSING, file=path.name)
    tables = [_of_table(path, mapping, layer)] if path.suffix.lower() in _TABLES else _of_layers(path, mapping, layer)
    usable = [table for table in tables if table.rows]
    if not usable:
        columns = "; ".join(f"{table.name} ({', '.join(table.columns)})" for table in tables[:10])
        raise OperatorError("region-columns", COLUMNS_UNKNOWN, file=path.name, columns=columns, fields="bps_code, name, kecamatan_code, …")
    return max(usable, key=lambda table: sum(code_of(row) is not None for row in table.rows)).rows


def _of_table(path: Path, mapping: Mapping[str, str], sheet: str | None) -> _RegionTable:
    table = open_table(path, path.name, sheet=sheet)
    rows = list(chain.from_iterable(table.batches))
    cells = {name: [row.cells[at] for row in rows] for at, name in reversed(list(enumerate(table.columns)))}
    return _RegionTable(table.sheet or path.name, table.columns, _rows(table.columns, cells, mapping))


def _of_layers(path: Path, mapping: Mapping[str, str], layer: str | None) -> list[_RegionTable]:
    from app.boundaries.loading import read_rows as read_layers  # noqa: PLC0415 - GDAL takes a second that tables do not need

    return [_RegionTable(one.name, one.columns, _rows(one.columns, one.cells, mapping)) for one in read_layers(path, layer)]


def _rows(columns: Sequence[str], cells: Mapping[str, Sequence[object]], mapping: Mapping[str, str]) -> Sequence[RegionRow]:
    """Empty where the columns cannot say which region a row is."""
    fields = recognised(columns, mapping)
    if unknown := [f"{field}={mapping[field]}" for field in mapping if field not in fields]:
        raise OperatorError("region-mapping", MAPPING_UNKNOWN, unknown=", ".join(unknown), known=", ".join(FIELDS))
    return rows_of(cells, fields) if fields.keys() & {"code", "bps_code", "name"} else ()


async def load(
    session: WriteSession, rows: Sequence[RegionRow], cities: Sequence[str] = ()
) -> tuple[RegionChanges | None, tuple[RegionNote, ...]]:
    """Stores the regions of these cities (all of the file's where it holds one); None, with nothing stored, where a note is an error."""
    from app.published import areas, projection  # noqa: PLC0415 - half a second that reading a file does not need

    there = await queries.all_regions(session)
    reading = read(rows, cities, crosswalk(there))
    strange = new_cities(reading, cities, {region.code: region for region in there})
    reading = reading._replace(notes=(*reading.notes, *strange))
    changes, notes = await service.load(session, reading)
    if changes and (codes := [region.code for region in changes.changed]):
        await areas.rename(session, codes)
        await projection.refresh_names(session, codes)
    return changes, notes
