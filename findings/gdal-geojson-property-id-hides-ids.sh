#!/usr/bin/env bash
# A property called `id` makes GDAL forget the ids of the features.
#
# One would guess: the `id` of a Feature (RFC 7946 §3.2) and a property of the same name are two things, and a reader keeps both, or the first.
# Versions: pyogrio 0.12.1 (GDAL 3.11.4).
# Seen: with UUIDs as ids and a whole number as property `id`, pyogrio answers a column `id` with the property, the FID of each feature is that
#   number too, and the UUIDs are nowhere, without a warning. Without the property the same file has the UUIDs in a column `id`; written
#   again as GeoJSON they have become a property, and the features have no id any more.
# Why it matters to a service of points: the id of a Feature is what a change is sent back to. A category with a field `id` (a registration
#   number) would cut QGIS and geopandas off from it, and a file that went through GDAL once has it in another place: an import has to look
#   for it in both, and a service better refuses a field of that name.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pyogrio==0.12.1 geopandas==1.1.3
env/bin/python - <<'PY'
import json
from pathlib import Path

import pyogrio

IDS = ["01a22b59-8824-72f0-8d1f-ff774166a944", "01a22b59-8824-72f0-8d1f-ff774166a945"]


def read(name, numbers):
    place = {"type": "Point", "coordinates": [112.0117, -7.8166]}
    properties = [{"nama": "Posyandu"} | ({"id": number} if number else {}) for number in numbers]
    features = [
        {"type": "Feature", "id": one, "geometry": place, "properties": own} for one, own in zip(IDS, properties, strict=True)
    ]
    Path(name).write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return pyogrio.read_dataframe(name, fid_as_index=True)


plain, numbered = read("plain.geojson", (None, None)), read("numbered.geojson", (7, 8))
print(pyogrio.__gdal_version__)
print("without the property:", list(plain["id"]))
print("with it:             ", list(numbered["id"]), " FIDs:", list(numbered.index))
assert list(plain["id"]) == IDS
assert list(numbered["id"]) == list(numbered.index) == [7, 8] and not set(IDS) & set(numbered.to_string().split())
pyogrio.write_dataframe(plain, "again.geojson", driver="GeoJSON")
again = json.loads(Path("again.geojson").read_text())["features"]
print("written again:       ", {name: again[0].get(name) for name in ("id", "properties")})
assert "id" not in again[0] and again[0]["properties"]["id"] == IDS[0]
PY
