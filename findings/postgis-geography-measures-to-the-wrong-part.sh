#!/usr/bin/env bash
# The distance from a place to two points together is larger than that to one of the two: 3,415 m, and one of them lies at 3,400 m.
#
# One would guess: ST_Distance of two `geography` values is the least distance between them on the spheroid, as its manual says; so the distance to a
#   collection is that to its nearest part, and ST_DWithin says the same as ST_Distance <= n.
# Versions: PostGIS 3.3.2 on PostgreSQL 15 (packages of Debian 12); held against geographiclib 2.1 (PyPI).
# Seen: a point 3,400 m north of a place near Kediri (8° south), and one 3,415 m east of it. To each alone ST_Distance is right. To both
#   together it is 3,415.0: which part is nearest is decided on a sphere, where a degree to the north is taken for 0.5 % longer than it is and one to the
#   east for 0.1 % shorter, and only the distance to the part chosen is then measured on the spheroid. The same in the other
#   order, and with a border that has both as its corners. ST_DWithin(…, 3405) of the same pair is true, so the two functions contradict each other.
# Why it matters to a service of points: how far a place lies from the border of a multipolygon with bays decides a verdict. The error is in one direction,
#   up to 0.66 % of the distance: 40 cm at a tolerance of 60 m, 2.6 m at 400 m. A test against another geodesic library that measures to single points, or on a
#   straight border, never meets it.
set -euo pipefail
binaries=$(find /usr/lib/postgresql -path '*/bin/initdb' -printf '%h\n' 2>/dev/null | sort -V | tail -n 1)
[ -n "$binaries" ] && [ -e "$("$binaries/pg_config" --sharedir 2>/dev/null || echo "/usr/share/postgresql/$(basename "${binaries%/bin}")")/extension/postgis.control" ] ||
    { echo "PostgreSQL with PostGIS of the distribution is needed: apt-get install postgresql postgresql-postgis"; exit 1; }
work=$(mktemp -d)
as() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"; else "$@"; fi; }
trap 'as "$binaries/pg_ctl" -D "$work/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf -- "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check geographiclib==2.1
[ "$(id -u)" != 0 ] || chown nobody "$work"
cd "$work"
as "$binaries/initdb" -D "$work/data" -U owner -A trust --locale=C >/dev/null
as "$binaries/pg_ctl" -D "$work/data" -w -l "$work/log" -o "-k $work -c listen_addresses=''" start >/dev/null
ask() { psql -h "$work" -U owner -d postgres -qtAX -F ' ' "$@"; }
ask -c 'CREATE EXTENSION postgis'
ask -c "SELECT 'PostGIS ' || postgis_lib_version() || ', PostgreSQL ' || current_setting('server_version')"
set -- $("$work/env/bin/python" - <<'PY'
from geographiclib.geodesic import Geodesic

for azimuth, metres in ((0, 3400), (90, 3415)):
    found = Geodesic.WGS84.Direct(-7.8, 112.0, azimuth, metres)
    print(f"{found['lon2']:.12f} {found['lat2']:.12f}")
PY
)
seen=$(ask <<SQL
WITH given AS (SELECT 'SRID=4326;POINT(112 -7.8)'::geography AS place, ST_MakePoint($1, $2) AS north, ST_MakePoint($3, $4) AS east),
     made AS (SELECT *, ST_SetSRID(ST_Collect(north, east), 4326)::geography AS pair, ST_SetSRID(ST_Collect(east, north), 4326)::geography AS swapped,
                     ST_SetSRID(ST_MakeLine(ARRAY[ST_Translate(north, 0, 0.02), north, ST_MakePoint($3, $2), east, ST_Translate(east, 0.02, 0)]), 4326)::geography AS border
                FROM given)
SELECT round(ST_Distance(place, ST_SetSRID(north, 4326)::geography)::numeric, 2), round(ST_Distance(place, ST_SetSRID(east, 4326)::geography)::numeric, 2),
       round(ST_Distance(place, pair)::numeric, 2), round(ST_Distance(place, swapped)::numeric, 2), ST_DWithin(place, pair, 3405),
       round(ST_Distance(place, border)::numeric, 2)
  FROM made;
SQL
)
echo "north, east, both, both in the other order, both within 3,405 m, a border with both as its corners:"
echo "$seen"
[ "$seen" = "3400.00 3415.00 3415.00 3415.00 t 3415.00" ]
