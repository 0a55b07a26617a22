#!/usr/bin/env bash
# GDAL takes a field that may be null for text, if the JSON Schema says so in the standard's way; and it reads references without unescaping them.
#
# One would guess: {"type": ["integer", "null"]} in the schema that a collection of OGC API Features links as describedby is a column of integers
#   that may be empty; {"$ref": "#/$defs/a~1b"} leads to the definition "a/b", as RFC 6901 says.
# Version: GDAL 3.12.4, in the wheel of pyogrio 0.13.0 (PyPI).
# Seen: a list of types, anyOf and oneOf with null are all read as text; only a plain type is read, which is untrue for null. A reference leads to the
#   definition that is really called "a~1b".
# Why it matters to a service of points: facilities have many empty fields. A schema that is true makes numbers into text, so that sums and filters in
#   QGIS fail; one that GDAL reads is refused by every validator. By the second finding one schema can be both.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check pyogrio==0.13.0
cat >"$work/serve.py" <<'PY'
import http.server
import json
import sys

KINDS = {
    "plain": {"type": "integer"}, "listed": {"type": ["integer", "null"]}, "any_of": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
    "one_of": {"oneOf": [{"type": "integer"}, {"type": "null"}]}, "referred": {"$ref": "#/$defs/integer~1null"},
}
DEFINITIONS = {"integer/null": {"type": ["integer", "null"]}, "integer~1null": {"type": "integer"}}
SCHEMA = {"type": "object", "properties": {"properties": {"type": "object", "properties": KINDS}}, "$defs": DEFINITIONS}
FEATURE = {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [112, -7.8]}, "properties": dict.fromkeys(KINDS)}


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        links = [{"rel": "describedby", "type": "application/schema+json", "href": f"http://{self.headers['Host']}/schema"}]
        found = {
            "/collections/a": ("application/json", {"id": "a", "links": links}),
            "/schema": ("application/schema+json", SCHEMA),
            "/collections/a/items": ("application/geo+json", {"type": "FeatureCollection", "features": [FEATURE], "links": []}),
        }.get(self.path.partition("?")[0])
        if found is None:
            return self.send_error(404)
        body = json.dumps(found[1]).encode()
        self.send_response(200)
        self.send_header("Content-Type", found[0])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], file=open(sys.argv[1], "w"), flush=True)
server.serve_forever()
PY
python3 "$work/serve.py" "$work/port" &
server=$!
trap 'kill "$server"; rm -rf -- "$work"' EXIT
while [ ! -s "$work/port" ]; do sleep 0.1; done
"$work/venv/bin/python" - "$(cat "$work/port")" <<'PY'
import sys

import pyogrio

about = pyogrio.read_info(f"OAPIF:http://127.0.0.1:{sys.argv[1]}/collections/a")
types = dict(zip(about["fields"], about["ogr_types"]))
print(types)
assert types["plain"] == types["referred"] == "OFTInteger"
assert {types[name] for name in ("listed", "any_of", "one_of")} == {"OFTString"}
PY
