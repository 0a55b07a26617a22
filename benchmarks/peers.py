"""The servers that are compared: each in processes of its own, on a free port, stopped afterwards. What they say goes to `<name>.log`."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
TIPG = ("tipg==1.6.1", "uvicorn", "uvloop", "httptools")
CONNECTIONS = 8

# Bodies are not kept, nor is one that is being made shared: each request makes its own. Martin has a setting for that.
_NOTHING_KEPT = "from app.http.bodies import Bodies; Bodies.get = lambda self, key, make: make(); "
_MARTIN = """
listen_addresses: 127.0.0.1:{port}
worker_processes: 1
{cache}
postgres:
  connection_string: {url}
  pool_size: {connections}
  auto_publish: false
  tables:
    point:
      schema: bench
      table: point
      srid: 4326
      geometry_column: geom
      geometry_type: POINT
      extent: 4096
      buffer: 64
      clip_geom: true
      properties: {{id: text, name: text, kelurahan: text, kelurahan_name: text}}
"""


@contextmanager
def titik(url: str, secret: str, log: Path, *, is_keeping: bool = True) -> Iterator[str]:
    environment = {"TITIK_DATABASE_URL": url, "TITIK_SECRET_KEY": secret, "TITIK_LOG_LEVEL": "warning", "TITIK_RATE_LIMIT": "off", "PYTHONPATH": str(ROOT)}  # fmt: skip
    with serving(sys.executable, environment, log, before="" if is_keeping else _NOTHING_KEPT) as running:
        yield running.base


@contextmanager
def serving(
    python: str, environment: Mapping[str, str], log: Path, *, options: Sequence[str] = (), before: str = ""
) -> Iterator["Running"]:
    """The service of the code that `PYTHONPATH` names; `before` is done in its process first."""
    port = _free_port()
    command = [python, "-c", f"{before}from app.cli import main; main()", "serve", "--port", str(port), *options]
    with _running(command, environment, port, log, "/health/live") as running:
        yield running


@contextmanager
def tipg(python: Path, url: str, log: Path) -> Iterator[str]:
    port = _free_port()
    # It wants a host, and hands on one that is a directory.
    address, _, directory = url.partition("?host=")
    environment = {
        "DATABASE_URL": address.replace("@/", f"@{directory}/"),
        "TIPG_DB_SCHEMAS": '["bench"]',
        "TIPG_DB_TABLES": '["bench.point"]',
    }
    command = [str(python), *_UVICORN, "--port", str(port), "tipg.main:app"]
    with _running(command, environment, port, log, "/collections/bench.point") as running:
        yield running.base


@contextmanager
def martin(program: str, url: str, log: Path, *, is_keeping: bool = True) -> Iterator[str]:
    port = _free_port()
    settings = log.with_suffix(".yaml")
    cache = "" if is_keeping else "cache_size_mb: 0"
    settings.write_text(_MARTIN.format(port=port, url=url, cache=cache, connections=CONNECTIONS))
    with _running([program, "--config", str(settings)], {"RUST_LOG": "error"}, port, log, "/health") as running:
        yield running.base


@contextmanager
def empty(log: Path) -> Iterator[str]:
    port = _free_port()
    command = [sys.executable, *_UVICORN, "--port", str(port), "benchmarks.empty:app"]
    with _running(command, {"PYTHONPATH": str(ROOT)}, port, log, "/") as running:
        yield running.base


_UVICORN = ("-m", "uvicorn", "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning")


def tipg_python(given: Path | None, directory: Path) -> Path:
    """An interpreter that has tipg: the given one, or one of its own with tipg from PyPI."""
    if given is not None:
        return given
    python = directory / "tipg-venv" / "bin" / "python"
    if not python.exists():
        venv.create(directory / "tipg-venv", with_pip=True)
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", *TIPG], check=True)
    return python


def tipg_versions(python: Path) -> str:
    script = (
        f"from importlib.metadata import version; print(', '.join(f'{{n}} {{version(n)}}' for n in {('tipg', 'asyncpg', 'uvicorn')!r}))"
    )
    return subprocess.run([str(python), "-c", script], check=True, capture_output=True, text=True).stdout.strip()


def martin_version(program: str) -> str:
    return subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout.strip()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Running(NamedTuple):
    """A server that answers: its base address, and its process."""

    base: str
    pid: int


@contextmanager
def _running(command: Sequence[str], more: Mapping[str, str], port: int, log: Path, path: str) -> Iterator[Running]:
    """Once `path` is answered."""
    base = f"http://127.0.0.1:{port}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TITIK_", "TIPG_")) or name == "TITIK_PG_BIN"}
    with log.open("w") as said:
        process = subprocess.Popen(command, env=environment | dict(more), stdout=said, stderr=said, cwd=log.parent)
        try:
            _wait(base + path, process, log)
            yield Running(base, process.pid)
        finally:
            process.terminate()
            process.wait(30)


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).read()
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"{address} is not answered:\n{log.read_text()[-2000:]}")
