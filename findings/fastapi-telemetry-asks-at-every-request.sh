#!/usr/bin/env bash
# FastAPI looks for OpenTelemetry at every request, though tracing and metrics are off.
#
# One would guess: FastAPI(telemetry={"tracing": False, "metrics": False}) does nothing for telemetry.
# Version: fastapi 0.165.0 (PyPI).
# Seen: there is a third member, "logs", which is on unless it is named; while it is, each request asks for a provider of logs, and that looks into the
#   environment of the process. Only with all three off nothing is looked up.
# Why it matters to a service of points: a map asks for hundreds of tiles that lie in memory. The look-up took 6 % of the processor time of such an
#   answer (0.07 ms), as much as all of the service's own middleware that it passes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check fastapi==0.165.0
"$work/venv/bin/python" - <<'PY'
import asyncio
import os
import sys

from fastapi import FastAPI, Response

REQUESTS = 100
SCOPE = {
    "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "path": "/", "raw_path": b"/", "query_string": b"", "headers": [],
    "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "scheme": "http", "root_path": "",
}


async def looked_up(telemetry: dict[str, bool]) -> list[str]:
    """The variables that are read while so many requests are answered, after a first one."""
    app = FastAPI(telemetry=telemetry)

    @app.get("/")
    async def answer() -> Response:
        return Response(b"tile")

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        pass

    await app(dict(SCOPE), receive, send)
    names, kind = [], type(os.environ)
    kept = kind.__getitem__
    kind.__getitem__ = lambda self, name: names.append(name) or kept(self, name)
    try:
        for _ in range(REQUESTS):
            await app(dict(SCOPE), receive, send)
    finally:
        kind.__getitem__ = kept
    return names


two = asyncio.run(looked_up({"tracing": False, "metrics": False}))
three = asyncio.run(looked_up({"tracing": False, "metrics": False, "logs": False}))
print(f"tracing and metrics off: {len(two)} look-ups in {REQUESTS} requests, of {sorted(set(two))}")
print(f"logs off too: {len(three)}")
sys.exit(not (len(two) >= REQUESTS and not three))
PY
