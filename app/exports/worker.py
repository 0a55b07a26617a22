"""The child process of an export: reads a layer and its columns from standard input, writes one file, and ends."""

import importlib
import os
import pickle
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from app.background.child_limits import OF_EXPORTS, settle
from app.exports.layer import Columns
from app.exports.spool import SpoolOrder

# Where each is written; imported when it is asked for, since GDAL, Arrow and the spreadsheet writer are large.
_BY_GDAL = ("fgb", "gpkg", "kml")
_MODULES = {**dict.fromkeys(_BY_GDAL, "vector"), "parquet": "parquet", "xlsx": "xlsx"}


def main() -> None:
    settle(OF_EXPORTS)
    feed = sys.stdin.buffer
    order: SpoolOrder = pickle.load(feed)  # noqa: S301 - it comes from the process that started this one
    if order.format in _BY_GDAL:
        # pyogrio takes shapely and pyproj along where it finds them: 15 MB for nothing that is used here.
        sys.modules |= {"shapely": None, "pyproj": None}  # type: ignore[dict-item]
    module = importlib.import_module(f"app.exports.{_MODULES[order.format]}")
    module.write(order, _columns(feed, order.path.parent))


def _columns(feed: BinaryIO, place: Path) -> Iterator[Columns]:
    while True:
        try:
            columns = pickle.load(feed)  # noqa: S301 - as above
        except (EOFError, pickle.UnpicklingError):
            # The service is gone: nobody will read this file, and nobody else is left to remove it.
            shutil.rmtree(place, ignore_errors=True)
            os._exit(1)
        if columns is None:
            return
        yield columns


if __name__ == "__main__":
    main()
