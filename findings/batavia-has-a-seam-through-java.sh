#!/usr/bin/env bash
# Two neighbours in one old Indonesian file come out 4 m further apart, in the same call: the datum Batavia has a seam through Java.
#
# One would guess: a file in one CRS is moved to WGS 84 by one shift, the one that suits it best, so that houses keep their distances.
# Versions: pyproj 3.7.2 (PROJ 9.5.1), rasterio 1.4.4 (GDAL 3.10.3, PROJ 9.5.1).
# Seen: for EPSG:4211 (Batavia), EPSG knows one shift for Java, Bali and western Sumatra (6 m) and two for the seas beside them (5 m each).
#   PROJ, and GDAL with it, choose anew for each coordinate by the box of each shift, and the boxes of the seas reach over the land: the one
#   of the Java Sea ends at 6.89° S, in the midst of the city of Pekalongan. Two places 2.2 m apart across that line are 6.4 m apart
#   afterwards. On the Kangean islands (115.77° E) the choice ends altogether and the jump is 47 m: east of it nothing is shifted.
#   No warning, and `Transformer.accuracy` answers -1 ("unknown").
# Why it matters to a service of points: near-duplicates are looked for within 30 m and boundaries are judged with a tolerance from 15 m on;
#   a polygon that crosses the seam is bent there. A service that moves data of this datum should choose one shift for the whole file
#   (`TransformerGroup`, or `only_best` with an area of interest), and keep its name beside the points.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pyproj==3.7.2 rasterio==1.4.4
env/bin/python - <<'PY'
import rasterio.warp
from pyproj import Geod, Transformer
from pyproj.transformer import TransformerGroup

shifts = TransformerGroup(4211, 4326, always_xy=True).transformers
for shift in shifts:
    print(f"{shift.accuracy:5} m  {shift.area_of_use.name}  {tuple(shift.area_of_use.bounds)}")
assert [shift.accuracy for shift in shifts] == [6.0, 5.0, 5.0, -1.0]

metres = Geod(ellps="WGS84")
chosen = Transformer.from_crs(4211, 4326, always_xy=True)


def apart(lons, lats):
    return metres.inv(lons[0], lats[0], lons[1], lats[1])[2]


for place, lons, lats, least, most in (
    ("Pekalongan", [109.675, 109.675], [-6.89001, -6.88999], 6.0, 7.0),
    ("Kangean   ", [115.76999, 115.77001], [-6.5, -6.5], 45.0, 52.0),
):
    by_pyproj = apart(*chosen.transform(lons, lats))
    by_gdal = apart(*rasterio.warp.transform("EPSG:4211", "EPSG:4326", lons, lats))
    print(f"{place}: {apart(lons, lats):.1f} m apart, afterwards {by_pyproj:.1f} m (pyproj), {by_gdal:.1f} m (GDAL)")
    assert least < by_pyproj < most and least < by_gdal < most
print("accuracy as the transformer tells it:", chosen.accuracy)
assert chosen.accuracy == -1
one = shifts[0].transform([109.675, 109.675], [-6.89001, -6.88999])
print(f"by one shift: {apart(*one):.1f} m")
assert apart(*one) < 2.3
PY
