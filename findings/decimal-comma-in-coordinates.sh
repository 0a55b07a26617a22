#!/usr/bin/env bash
# A decimal comma moves a place by tens of kilometres, or off the globe, without an error.
#
# One would guess: "-7,8141" is read as -7.8141 or refused. Spreadsheets with Indonesian (or German, French, Dutch) settings write it so.
# Versions: csv2geojson 5.1.2, coordinate-parser 1.0.7, @mapbox/sexagesimal 1.2.0, parse-dms 0.0.5 (npm).
# Seen: csv2geojson cuts at the comma: lat -7, lon 111 (141 km from the place). coordinate-parser takes the pair "-7,8141, 111,9706" for
#   degrees and minutes of any size and answers lat -142.68, lon 272.77, which no place on the earth has. sexagesimal reads 7°48'50,7"S
#   as +7.8: the seconds and the S are lost. parse-dms reads the latitude in LS, BT with commas twice: lat 7.81, lon 7.
# Why it matters to a service of points: each is a number in the form of a coordinate; only the second can be told from a true one by its
#   range. Whoever lets a converter of the browser make GeoJSON has lost what was written, and with it the means to repair it: the text of
#   the cell must reach the one who judges.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund @mapbox/sexagesimal@1.2.0 parse-dms@0.0.5 csv2geojson@5.1.2 coordinate-parser@1.0.7 >/dev/null
cat >look.cjs <<'JS'
const assert = require('node:assert');
const csv = require('csv2geojson');
const Coordinates = require('coordinate-parser');
const sexagesimal = require('@mapbox/sexagesimal');
const dms = require('parse-dms');

csv.csv2geojson('nama,lat,lon\nPosyandu,"-7,8141","111,9706"', (error, collection) => {
  console.log('csv2geojson      ', JSON.stringify(collection.features[0].geometry), ' error:', error);
  assert(!error);
  assert.deepEqual(collection.features[0].geometry.coordinates, [111, -7]);
});

const pair = new Coordinates('-7,8141, 111,9706');
console.log('coordinate-parser', pair.getLatitude(), pair.getLongitude());
assert(pair.getLatitude() < -142 && pair.getLongitude() > 272);

console.log('sexagesimal      ', sexagesimal(`7°48'50,7"S`));
assert.equal(sexagesimal(`7°48'50,7"S`), 7.8);

const read = (dms.default ?? dms)(`7°48'50,7" LS 112°0'19,5" BT`);
console.log('parse-dms        ', JSON.stringify(read));
assert(read.lat > 7.8 && read.lon === 7);
JS
node look.cjs
