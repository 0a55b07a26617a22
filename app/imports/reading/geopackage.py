"""GeoPackage: an SQLite file, read by the SQLite of Python rather than by GDAL, which would also obey what such a file can ask for.

Read-only; no extension, no attached file; no function, view, virtual table or trigger of the file is run: an authorizer allows to read
columns and nothing else.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NamedTuple

from app.errors import Unreadable
from app.imports.limits import AT_ONCE
from app.imports.reading.features import feature_rows
from app.imports.reading.places import NO_COORDINATES, Where, from_wkb, located
from app.imports.reading.table import Cell, Table, batched, checked_columns, listed

_LONGEST_VALUE: Final = 16 << 20
# Of one statement: 200,000 rows of 200 columns take a quarter of it. A view in the place of a table could go on for ever.
_MOST_STEPS: Final = 200_000_000
_POINTS: Final = {"POINT", "MULTIPOINT"}
_MAYBE_POINTS: Final = {"GEOMETRY", "GEOMETRYCOLLECTION"}
# What a program numbers its rows by; nobody knows the points by it.
_ROW_NUMBERS: Final = {"fid", "ogc_fid", "objectid", "pk_uid"}
_ENVELOPES: Final = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
# SQLite also says what is wrong in bytes that are no UTF-8.
_DAMAGED: Final = (sqlite3.Error, UnicodeError, ValueError, OverflowError)
_ALLOWED: Final = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ}

_LAYERS: Final = """
SELECT g.table_name, g.column_name, upper(g.geometry_type_name), s.organization, s.organization_coordsys_id, s.definition
  FROM gpkg_geometry_columns AS g
  JOIN sqlite_master AS m ON m.name = g.table_name AND m.type = 'table' AND upper(m.sql) NOT LIKE 'CREATE VIRTUAL%'
  LEFT JOIN gpkg_spatial_ref_sys AS s ON s.srs_id = g.srs_id
 ORDER BY g.table_name
"""


class _PackageLayer(NamedTuple):
    name: str
    geometry: str
    kind: str
    crs: str | None


def read_geopackage(path: Path, wanted: str | None) -> Table:
    try:
        with closing(_connected(path)) as connection:
            layer = _chosen([_layer(row) for row in connection.execute(_LAYERS)], wanted)
            columns = [
                (str(name), str(declared).upper())
                for name, declared, key in connection.execute("SELECT name, type, pk FROM pragma_table_info(?)", [layer.name])
                if name != layer.geometry and not (key and str(name).lower() in _ROW_NUMBERS)
            ]
    except _DAMAGED as error:
        raise Unreadable("layer-damaged") from error
    rows = feature_rows(_rows(path, layer, columns))
    names = checked_columns([name for name, _ in columns])
    return Table("gpkg", names, located(batched(rows), layer.crs), has_places=True, sheet=layer.name)


def _connected(path: Path) -> sqlite3.Connection:
    """`immutable`: no journal or lock file appears beside it, and none that somebody put there is obeyed."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    connection.text_factory = lambda text: text.decode("utf-8", "replace")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.set_progress_handler(lambda: True, _MOST_STEPS)
    for pragma in ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON", "mmap_size = 0"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _layer(row: tuple[object, ...]) -> _PackageLayer:
    name, geometry, kind, organization, number, definition = row
    known = str(organization).upper() in ("EPSG", "OGC") and number is not None
    text = str(definition or "")
    # "undefined" is a definition too.
    crs = f"EPSG:{number}" if known else text if "[" in text else None
    return _PackageLayer(str(name), str(geometry), str(kind), crs)


def _chosen(layers: list[_PackageLayer], wanted: str | None) -> _PackageLayer:
    """The layer of that name, else the only one of points, else the only one that may hold points."""
    if wanted is not None:
        for layer in layers:
            if layer.name.lower() == wanted.strip().lower():
                return layer
        raise Unreadable("layer-missing", names=listed([layer.name for layer in layers]) or "-")
    points = [layer for layer in layers if layer.kind in _POINTS] or [layer for layer in layers if layer.kind in _MAYBE_POINTS]
    if not points:
        raise Unreadable("layer-without-points")
    if len(points) > 1:
        raise Unreadable("layers-several", names=listed([layer.name for layer in points]))
    return points[0]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _rows(path: Path, layer: _PackageLayer, columns: list[tuple[str, str]]) -> Iterator[tuple[list[Cell], Where]]:
    names = ", ".join(_quoted(name) for name in (layer.geometry, *(name for name, _ in columns)))
    try:
        with closing(_connected(path)) as connection:
            connection.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY)
            # A name cannot be bound. These are quoted, and nothing but reading is allowed.
            cursor = connection.execute(f"SELECT {names} FROM {_quoted(layer.name)}")  # noqa: S608
            while rows := cursor.fetchmany(AT_ONCE // 10):
                for geometry, *values in rows:
                    yield [_cell(value, declared) for value, (_, declared) in zip(values, columns, strict=True)], _where(geometry)
    except _DAMAGED as error:
        raise Unreadable("layer-damaged") from error


def _cell(value: Any, declared: str) -> Cell:
    if isinstance(value, bytes):
        return None
    cell: Cell = bool(value) if declared == "BOOLEAN" and value in (0, 1) else value
    return cell


def _where(blob: object) -> Where:
    """A geometry of GeoPackage 1.3 §2.1.3: a header, perhaps an envelope, then WKB."""
    if blob is None:
        return from_wkb(None)
    if not isinstance(blob, bytes) or len(blob) < 8 or not blob.startswith(b"GP"):
        return NO_COORDINATES
    envelope = _ENVELOPES.get(blob[3] >> 1 & 7)
    if envelope is None:
        return NO_COORDINATES
    return from_wkb(None) if blob[3] & 0x10 else from_wkb(blob[8 + envelope :])
