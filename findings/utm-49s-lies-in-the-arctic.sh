#!/usr/bin/env bash
# "49S", as every map of Java names its UTM zone, is a place 82° north to four converters.
#
# One would guess: zone 49, south. EPSG calls the grid "WGS 84 / UTM zone 49S", and so do the sheets, the receivers and the offices.
# Versions: utm 0.8.1 (PyPI); utm 1.1.1, utm-latlng 1.0.8, proj4 2.20.2 (npm); pyproj 3.7.2 beside them.
# Seen: the three `utm` libraries take the S for the latitude band of MGRS, which lies in the northern hemisphere (32° to 40° north), and answer
#   lat 82.2, lon 118.4 without a word that no band S reaches there. proj4 reads the number of `+zone=49S` and drops the letter: the same
#   place. PROJ refuses that string, and knows the CRS by its name. The letter that the three would have understood is M, which nobody in
#   Java has ever seen on a sheet.
# Why it matters to a service of points: easting, northing and "49S" come in as three cells of a spreadsheet. A converter before the upload
#   sends what looks like a place, in degrees and in range: only the boundary of the city tells that it is none. Zone and hemisphere have to
#   be read by whoever knows the country, and the band letter be asked for where both readings are possible.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check utm==0.8.1 pyproj==3.7.2
npm install --silent --no-audit --no-fund utm@1.1.1 utm-latlng@1.0.8 proj4@2.20.2 >/dev/null
env/bin/python - <<'PY'
import utm
from pyproj import Transformer
from pyproj.exceptions import CRSError

south = utm.to_latlon(611_600, 9_135_700, 49, "S")
band = utm.to_latlon(611_600, 9_135_700, 49, "M")
true = Transformer.from_crs("WGS 84 / UTM zone 49S", 4326, always_xy=True).transform(611_600, 9_135_700)
print("utm (PyPI)   49S", *map(float, south), " 49M", *map(float, band))
print("PROJ, by the name of the CRS:", *true)
assert south[0] > 82 and abs(band[0] - true[1]) < 1e-6 and -7.9 < true[1] < -7.8
try:
    Transformer.from_crs("+proj=utm +zone=49S +type=crs", 4326)
except CRSError:
    print("PROJ refuses +zone=49S")
else:
    raise AssertionError
PY
cat >look.mjs <<'JS'
import assert from 'node:assert';
import proj4 from 'proj4';
import utm from 'utm';
import Converter from 'utm-latlng';

const one = utm.toLatLon(611600, 9135700, 49, 'S');
const two = new Converter('WGS 84').convertUtmToLatLng(611600, 9135700, 49, 'S');
const three = proj4('+proj=utm +zone=49S +datum=WGS84', 'WGS84', [611600, 9135700]);
console.log('utm (npm)   ', one);
console.log('utm-latlng  ', two);
console.log('proj4       ', three);
for (const lat of [one.latitude, two.lat, three[1]]) assert(lat > 82 && lat < 83);
JS
node look.mjs
