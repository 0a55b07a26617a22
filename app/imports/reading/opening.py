"""The one way in: which format it is, and who reads that."""

from pathlib import Path

from app.imports.reading.delimited import read_delimited
from app.imports.reading.geojson import read_geojson, read_geojsonseq
from app.imports.reading.geopackage import read_geopackage
from app.imports.reading.kinds import kind_of
from app.imports.reading.markup import read_markup
from app.imports.reading.table import Table


def open_table(path: Path, name: str, *, sheet: str | None = None) -> Table:
    """The table that the file holds; its rows are read when `batches` is. `Unreadable` says what is wrong and what to do.

    `name` is what the user calls the file. `sheet` chooses a sheet, or a layer, where there are several. What must be unpacked is put into
    a private directory beside `path`, and removed with the last row.
    """
    kind = kind_of(path, name)
    # Each imported when it is needed: the child that reads a CSV has no room to give to GDAL.
    if kind in ("xlsx", "ods"):
        from app.imports.reading.workbooks import read_workbook  # noqa: PLC0415

        return read_workbook(path, kind, sheet)
    if kind in ("shp", "fgb"):
        from app.imports.reading.layers import read_flatgeobuf, read_shapefile  # noqa: PLC0415

        return read_shapefile(path, sheet) if kind == "shp" else read_flatgeobuf(path)
    if kind == "gpkg":
        return read_geopackage(path, sheet)
    if kind in ("kml", "kmz", "gpx"):
        return read_markup(path, kind)
    if kind == "csv":
        return read_delimited(path)
    return read_geojson(path) if kind == "geojson" else read_geojsonseq(path)
