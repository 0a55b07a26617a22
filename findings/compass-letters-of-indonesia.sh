#!/usr/bin/env bash
# Latitude letters LS and BT are read as north, without an error.
#
# One would guess: a parser of written coordinates either knows a compass letter or refuses the text. Indonesian maps, deeds and
#   spreadsheets write LS (lintang selatan, south), LU (north), BT (bujur timur, east) and BB (west).
# Versions: @mapbox/sexagesimal 1.2.0, parse-dms 0.0.5, csv2geojson 5.1.2 (npm).
# Seen: all three take the number, pass over "LS" and answer a latitude NORTH of the equator: 7.81 instead of -7.81, 1,730 km away.
#   A neighbour that refuses (coordinate-parser 1.0.7: "invalid alphanumeric characters") shows that it could be told.
# Why it matters to a service of points: a converted file has no fault that its reader could see. The country lies on both sides of the
#   equator, so a sign cannot be put right by a rule about its box either (Pontianak, Manado). Letters have to be read by whoever knows them,
#   before any converter does, and a place has to be held against the boundary that it claims.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund @mapbox/sexagesimal@1.2.0 parse-dms@0.0.5 csv2geojson@5.1.2 coordinate-parser@1.0.7 >/dev/null
cat >look.cjs <<'JS'
const assert = require('node:assert');
const sexagesimal = require('@mapbox/sexagesimal');
const dms = require('parse-dms');
const csv = require('csv2geojson');
const Strict = require('coordinate-parser');
const near = (a, b) => Math.abs(a - b) < 1e-9;
const lat = 7 + 48 / 60 + 50.7 / 3600;

const south = sexagesimal(`7°48'50.7"S`), selatan = sexagesimal(`7°48'50.7" LS`);
console.log('sexagesimal  S:', south, ' LS:', selatan);
assert(near(south, -lat) && near(selatan, lat));

const read = (dms.default ?? dms)(`7°48'50.7" LS, 112°0'19.5" BT`);
console.log('parse-dms   LS, BT:', JSON.stringify(read));
assert(near(read.lat, lat) && read.lon > 112);

csv.csv2geojson(`nama,lat,lon\nPosyandu,7°48'50.7" LS,112°0'19.5" BT`, (error, collection) => {
  const [lon, latitude] = collection.features[0].geometry.coordinates;
  console.log('csv2geojson LS, BT:', lon, latitude, ' error:', error);
  assert(!error && near(latitude, lat) && lon > 112);
});

assert.throws(() => new Strict(`7°48'50.7" LS 112°0'19.5" BT`), /invalid alphanumeric/);
JS
node look.cjs
