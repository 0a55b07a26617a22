#!/usr/bin/env bash
# GDAL's OAPIF driver does not send what GDAL_HTTP_HEADERS says, and its /vsicurl/ does.
#
# One would guess: a token in GDAL_HTTP_HEADERS goes with every request of GDAL over HTTP, whichever driver asks.
# Version: pyogrio 0.13.0 (PyPI), whose wheel has GDAL 3.12.
# Seen: set through pyogrio, GDAL_HTTP_HEADERS reaches /vsicurl/ but no request of OAPIF. GDAL_HTTP_HEADER_FILE, and GDAL_HTTP_AUTH=BEARER with
#   GDAL_HTTP_BEARER, reach both; GDAL_HTTP_BEARER alone reaches neither. Nothing is said of it: the service answers as to everybody.
# Why it matters to a service of points: who reads with a token gets the public half without a word, with rounded places and without the internal
#   fields, and takes it for all there is.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check pyogrio==0.13.0
printf 'Authorization: Bearer abc\n' > "$work/headers"
"$work/venv/bin/python" - "$work/headers" <<'PY'
import http.server
import sys
import threading

import pyogrio

seen = []


class Noting(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        seen.append(self.headers.get("Authorization"))
        self.send_response(404)
        self.end_headers()

    do_HEAD = do_OPTIONS = do_GET

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Noting)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"
WAYS = {
    "GDAL_HTTP_HEADERS": ({"GDAL_HTTP_HEADERS": "Authorization: Bearer abc"}, (False, True)),
    "GDAL_HTTP_HEADER_FILE": ({"GDAL_HTTP_HEADER_FILE": sys.argv[1]}, (True, True)),
    "GDAL_HTTP_AUTH and GDAL_HTTP_BEARER": ({"GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": "abc"}, (True, True)),
    "GDAL_HTTP_BEARER alone": ({"GDAL_HTTP_BEARER": "abc"}, (False, False)),
}
print(pyogrio.__gdal_version_string__)
for number, (name, (options, expected)) in enumerate(WAYS.items()):
    sent = []
    for source in (f"OAPIF:{url}/collections/posyandu", f"/vsicurl/{url}/{number}.fgb"):
        seen.clear()
        pyogrio.set_gdal_config_options(options)
        try:
            pyogrio.read_info(source)
        except Exception:
            pass
        pyogrio.set_gdal_config_options(dict.fromkeys(options))
        sent.append(seen[0] == "Bearer abc")
    print(f"{name}: OAPIF {sent[0]}, /vsicurl/ {sent[1]}")
    assert tuple(sent) == expected
PY
