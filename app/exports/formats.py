"""Files of a layer: `FORMATS[f].write(layer, batches, directory, srid)` makes their bytes, chunk by chunk.

Text streams through this process; the other formats are written by a child process into `directory` and read back. `sweep(directory)`
removes what an earlier life of the service left there.
"""

from collections.abc import Mapping
from functools import partial

from app.background.private_places import sweep
from app.exports.layer import Batches, Format, Layer, LayerField, LayerKind, LayerRow
from app.exports.sdmx import FIELDS, write_sdmx
from app.exports.spool import SpoolError, spooled
from app.exports.text import write_csv, write_geojsonseq

__all__ = ["FORMATS", "SDMX_CSV", "Batches", "Format", "Layer", "LayerField", "LayerKind", "LayerRow", "SpoolError", "sweep"]

FORMATS: Mapping[str, Format] = {
    one.name: one
    for one in (
        Format("geojsonseq", "application/geo+json-seq", "geojsonl", write_geojsonseq, ready_made=True),
        Format("csv", "text/csv; charset=utf-8; header=present", "csv", write_csv),
        Format("fgb", "application/vnd.flatgeobuf", "fgb", partial(spooled, "fgb")),
        Format("gpkg", "application/geopackage+sqlite3", "gpkg", partial(spooled, "gpkg")),
        Format("parquet", "application/vnd.apache.parquet", "parquet", partial(spooled, "parquet")),
        Format("kml", "application/vnd.google-earth.kml+xml", "kml", partial(spooled, "kml"), only_4326=True),
        Format("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", partial(spooled, "xlsx")),
    )
}
"""Of any collection."""
SDMX_CSV = Format("sdmx-csv", "application/vnd.sdmx.data+csv;version=2.0.0", "sdmx.csv", write_sdmx, only_4326=True, fields=FIELDS)
"""Of figures."""
