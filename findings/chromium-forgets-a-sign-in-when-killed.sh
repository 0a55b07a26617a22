#!/usr/bin/env bash
# A browser that is killed right after a sign-in has forgotten the cookie, and kept the record that was written into IndexedDB.
#
# One would guess: what a page has stored with success is there again after a crash, a cookie with a lifetime of days not less than a record in IndexedDB.
# Versions: Debian's Chromium 156.0.8078.108, driven by playwright 1.65.2 (PyPI), a profile on disk.
# Seen: a page is answered with `Set-Cookie` (Max-Age of 30 days) and writes one record into IndexedDB with `durability: "relaxed"`. Killed (SIGKILL, all of
#   its processes) one second later and opened again with the same profile, IndexedDB has the record in five of five runs, and the cookie is gone in five of
#   five. After 35 s of waiting before the kill the cookie is there: Chromium writes cookies about every 30 s.
# Why it matters to a service of points: an officer signs in, records a point, the battery dies. The point is kept, but nobody is signed in: an outbox must not
#   take "nobody is signed in" for "nothing to send", and a secret that was rotated in the last half minute may come back as the old one.
set -euo pipefail
command -v chromium >/dev/null || { echo "chromium of the distribution is needed: apt-get install chromium"; exit 1; }
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check playwright==1.65.2 psutil==7.1.3
env/bin/python - <<'PY'
import contextlib
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psutil
from playwright.sync_api import sync_playwright

PAGE = b"<!doctype html><title>x</title>"
WRITE = """() => new Promise((done, failed) => {
  const opening = indexedDB.open("records", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("points");
  opening.onsuccess = () => {
    const transaction = opening.result.transaction("points", "readwrite", {durability: "relaxed"});
    transaction.objectStore("points").put("Posyandu Melati", 1);
    transaction.oncomplete = () => done(true);
    transaction.onabort = () => failed(transaction.error);
  };
})"""
READ = """() => new Promise((done) => {
  const opening = indexedDB.open("records", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("points");
  opening.onsuccess = () => {
    const asking = opening.result.transaction("points").objectStore("points").get(1);
    asking.onsuccess = () => done(asking.result ?? null);
  };
})"""


class Site(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        if self.path == "/sign-in":
            self.send_header("Set-Cookie", "session=secret; Max-Age=2592000; HttpOnly; SameSite=Lax; Path=/")
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_):
        pass


def run(waiting_s):
    """Whether the record, and whether the cookie, was there after the kill."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        with sync_playwright() as playwright:
            opened = playwright.chromium.launch_persistent_context(profile, executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            page = opened.pages[0]
            page.goto(f"{here}/sign-in")
            page.evaluate(WRITE)
            assert [one["name"] for one in opened.cookies()] == ["session"]
            time.sleep(waiting_s)
            for process in psutil.process_iter(["cmdline"]):
                if any(profile in part for part in process.info["cmdline"] or ()):
                    with contextlib.suppress(psutil.NoSuchProcess):
                        process.kill()
            with contextlib.suppress(Exception):
                opened.close()
        with sync_playwright() as playwright:
            opened = playwright.chromium.launch_persistent_context(profile, executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            page = opened.pages[0]
            page.goto(here)
            found = page.evaluate(READ) == "Posyandu Melati", [one["name"] for one in opened.cookies()] == ["session"]
            opened.close()
        return found


server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
threading.Thread(target=server.serve_forever, daemon=True).start()
here = f"http://127.0.0.1:{server.server_port}"
soon, late = [run(1) for _ in range(5)], run(35)
print(f"killed after 1 s: record, cookie = {soon}")
print(f"killed after 35 s: record, cookie = {late}")
assert all(record and not cookie for record, cookie in soon)
assert late == (True, True)
PY
