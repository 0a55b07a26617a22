#!/usr/bin/env bash
# The same MGRS reference is a corner to one library and the middle to another: 7 m apart with eight digits, 700 m with four.
#
# One would guess: a reference has one place, or libraries of the same name agree on which point of the square they answer.
# Versions: mgrs 1.5.0 (PyPI, over GEOTRANS), mgrs 2.1.0 (npm, of the proj4js project).
# Seen: of 49MFM 1154 3584 (a square of 10 m) Python answers the south-west corner and JavaScript the centre: 7 m apart. With six digits
#   (100 m) they are 71 m apart, with four (1 km) 707 m. Neither says how large the square is. By the corner every place moves to the
#   south-west.
# Why it matters to a service of points: a place read as a corner may fall into the next kelurahan, beyond a tolerance of 15 m, while the
#   officer stood in the right one. A service has to read the centre, and let half of the diagonal count as the accuracy.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check mgrs==1.5.0 packaging==25.0 pyproj==3.7.2
npm install --silent --no-audit --no-fund mgrs@2.1.0 >/dev/null
references='["49MFM11543584","49MFM115358","49MFM1135"]'
node -e "const mgrs = require('mgrs'); console.log(JSON.stringify($references.map((text) => mgrs.toPoint(text))))" >centres.json
env/bin/python - "$references" <<'PY'
import json
import sys
from pathlib import Path

import mgrs
from pyproj import Geod

metres = Geod(ellps="WGS84")
for text, centre, least, most in zip(
    json.loads(sys.argv[1]), json.loads(Path("centres.json").read_text()), (6.9, 69, 690), (7.3, 73, 730), strict=True
):
    lat, lon = mgrs.MGRS().toLatLon(text)
    apart = metres.inv(lon, lat, *centre)[2]
    print(f"{text:14} PyPI {lat:.6f} {lon:.6f}   npm {centre[1]:.6f} {centre[0]:.6f}   {apart:.1f} m apart")
    assert least < apart < most and lat < centre[1] and lon < centre[0]
PY
