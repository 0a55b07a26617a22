#!/usr/bin/env bash
# GDAL says that a file was written of which the system took only the beginning.
#
# One would guess: a write that the system refuses (a full disk, a quota, a limit of file sizes) makes the driver fail, whatever the format.
# Version: pyogrio 0.13.0 (GDAL 3.12.4, from PyPI).
# Seen: with no room for more than 200 KB, FlatGeobuf, GeoPackage, GeoJSON and GeoJSONSeq raise an error, KML none: the file is cut off in the middle of a
#   placemark, without its end, and the call returns as if all were well.
# Why it matters to a service of points: an export on a full disk is answered 200 with the first part of the facilities, and nobody is told that
#   the others are missing. Look whether the file has its end, or how much room is left, before it is sent.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check pyogrio==0.13.0 pyarrow==26.0.1 numpy
cat > "$work/see.py" <<'PY'
import resource
import signal
import sys
from pathlib import Path
from struct import pack

import pyarrow as pa
import pyogrio
from pyogrio.raw import write_arrow

ROOM, ROWS = 200_000, 20_000
# As a full disk does, this limit refuses what goes beyond it (EFBIG for ENOSPC).
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, ROOM))
points = pa.array([pack("<BIdd", 1, 1, 112 + n / 1e6, -7.8) for n in range(ROWS)])
table = pa.table({"name": [f"Posyandu {n}" for n in range(ROWS)], "geometry": points})
print(f"pyogrio {pyogrio.__version__}, GDAL {pyogrio.__gdal_version_string__}")
silent = set()
for driver, ending in {"KML": "kml", "GeoJSON": "geojson", "GeoJSONSeq": "geojsonl", "FlatGeobuf": "fgb", "GPKG": "gpkg"}.items():
    path = Path(sys.argv[1]) / f"points.{ending}"
    try:
        write_arrow(table, path, layer="points", driver=driver, geometry_name="geometry", geometry_type="Point", crs="EPSG:4326")
    except Exception as error:
        print(f"{driver}: {type(error).__name__}: {str(error)[:90]}")
    else:
        print(f"{driver}: no error; {path.stat().st_size} bytes of what should be many more")
        silent.add(driver)
cut_off = not (Path(sys.argv[1]) / "points.kml").read_bytes().rstrip().endswith(b"</kml>")
sys.exit(0 if "KML" in silent and cut_off and not {"FlatGeobuf", "GPKG"} & silent else 1)
PY
"$work/venv/bin/python" "$work/see.py" "$work"
