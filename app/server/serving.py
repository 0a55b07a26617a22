"""`titik serve`: the port, the database, the trial, then uvicorn until somebody ends it."""

import errno
import os
import shlex
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import httpx
import uvicorn

from app.cluster import only_service
from app.errors import OperatorError
from app.language import Text
from app.limits.counters import Counters
from app.log import configure_log
from app.main import create_app, freeze
from app.operator import operation
from app.operator.operation import Say
from app.server.spawned import create_worker
from app.server.workers import Workers
from app.settings import OFF, Settings

if TYPE_CHECKING:
    from app.demo.trial import Trial

SILENT_S = 30
"""For how long a worker may not say that it lives before it is killed. Those of a busy machine take seconds to begin."""
PORT_TAKEN = Text(
    "{host}:{port} sudah dipakai program lain. Pilih yang lain, misalnya:\n  {command}",
    "{host}:{port} is in use by another program. Choose another, e.g.:\n  {command}",
)
PORT_RESERVED = Text(
    "{host}:{port} hanya boleh dibuka oleh root. Pilih yang lain, misalnya:\n  {command}",
    "{host}:{port} may be opened by root only. Choose another, e.g.:\n  {command}",
)
HOST_FOREIGN = Text(
    "{host} bukan alamat mesin ini. 127.0.0.1 untuk mesin ini saja, 0.0.0.0 untuk semua alamatnya, misalnya:\n  {command}",
    "{host} is no address of this machine. 127.0.0.1 is for this machine only, 0.0.0.0 for all of its addresses, e.g.:\n  {command}",
)
READY = Text("Siap dalam {seconds:.1f} detik.", "Ready in {seconds:.1f} s.")
OPEN = Text("  {what:<14}{address}", "  {what:<14}{address}")
TOKENS = Text(
    "Token uji coba ada di {path} (hanya dapat dibaca oleh Anda). Ctrl-C untuk berhenti.",
    "The trial's tokens are in {path} (only you can read it). Ctrl-C to stop.",
)
LINKS = Text(
    "Masuk lewat peramban, tiap tautan sekali saja dan dalam 4 jam:", "Sign in with a browser, by each link once and within 4 hours:"
)
PASSWORD = Text(
    "Bila sandi diminta (sebelum mengubah hak, kunci, atau batas): sandi semua akun demo-… ada di {path}.",
    "Where a password is asked for (before rights, keys or boundaries change): that of all accounts demo-… is in {path}.",
)
STOP = Text("Ctrl-C untuk berhenti.", "Ctrl-C to stop.")


@dataclass(frozen=True)
class Serving:
    """What `titik serve` was asked for."""

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    demo: bool = False


def serve(settings: Settings, wanted: Serving, say: Say) -> None:
    """Runs until SIGINT or SIGTERM. `OperatorError` when the port, the data directory or the database is not to be had."""
    began = time.monotonic()
    signal.signal(signal.SIGTERM, _end)
    with ExitStack() as stack:
        listening = stack.enter_context(_listen(wanted, silent_s=settings.body_timeout_s))
        if settings.database_url is None:
            stack.enter_context(only_service(settings.data_dir))
        is_private = settings.database_url is None
        settings = stack.enter_context(operation.database(settings, say, make=True))
        if is_private:
            operation.upgrade(settings, say)
        operation.reach(settings)
        host, port = listening.getsockname()[:2]
        address = f"http://{_reachable(host)}:{port}"
        operation.keep_address(settings, address)
        trial = _prepare_trial(settings, say, address) if wanted.demo else None

        def ready() -> None:
            say(READY.fill(seconds=time.monotonic() - began))
            for what, path in (("Titik", "/"), ("GeoJSON", "/collections/posyandu/items"), ("API", "/api")):
                say(OPEN.fill(what=what, address=address + path))
            if trial is None:
                say(STOP)
                return
            say(LINKS)
            for account, path in trial.links.items():
                say(OPEN.fill(what=account.removeprefix("demo-"), address=address + path))
            say(PASSWORD.fill(path=trial.password))
            say(TOKENS.fill(path=trial.tokens))

        _run(settings, wanted, listening, ready)


def _prepare_trial(settings: Settings, say: Say, address: str) -> "Trial":
    from app.demo import trial  # noqa: PLC0415 - needed by trials only

    return trial.prepare(settings, say, address=address)


def _listen(wanted: Serving, silent_s: float) -> socket.socket:
    """Taken before anything else is done, so that a port in use is told at once. Its connections end when the other side takes nothing
    for that long: uvicorn would wait for ever to send the rest of an answer.
    """
    family = socket.AF_INET6 if ":" in wanted.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if user_timeout := getattr(socket, "TCP_USER_TIMEOUT", None):
        listening.setsockopt(socket.IPPROTO_TCP, user_timeout, int(silent_s * 1_000))
    try:
        listening.bind((wanted.host, wanted.port))
    except OSError as error:
        listening.close()
        raise _unopened(wanted, family, error) from error
    return listening


def _unopened(wanted: Serving, family: socket.AddressFamily, error: OSError) -> OperatorError:
    """Why there is no listening at that address, and the same command with one that is free."""
    if error.errno == errno.EADDRINUSE:
        code, text, other = "port-taken", PORT_TAKEN, replace(wanted, port=_free_port(family, wanted))
    elif error.errno == errno.EACCES:
        code, text, other = "port-reserved", PORT_RESERVED, replace(wanted, port=_free_port(family, replace(wanted, port=8000)))
    else:
        code, text, other = "host-foreign", HOST_FOREIGN, replace(wanted, host="127.0.0.1")
    return OperatorError(code, text, host=wanted.host, port=wanted.port, command=_command(other))


def _free_port(family: socket.AddressFamily, wanted: Serving) -> int:
    """The next one that is free, else any."""
    for port in (*range(wanted.port + 1, min(wanted.port + 100, 65_536)), 0):
        with socket.socket(family, socket.SOCK_STREAM) as tried, suppress(OSError):
            tried.bind((wanted.host, port))
            return int(tried.getsockname()[1])
    return 0


def _command(wanted: Serving) -> str:
    """What to type for it. Where the directory of the command is not in PATH, as in a checkout, with the path."""
    beside = Path(sys.executable).with_name("titik")
    words = ["titik" if shutil.which("titik") or not beside.exists() else str(beside), "serve", *(["--demo"] if wanted.demo else [])]
    words += ["--host", wanted.host] if wanted.host != Serving.host else []
    words += ["--workers", str(wanted.workers)] if wanted.workers != Serving.workers else []
    return shlex.join([*words, "--port", str(wanted.port)])


class _Announcing(uvicorn.Server):
    """Says so when it is ready to answer, not before."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        freeze()
        if self.started:
            self._ready()


def _announce_workers(listening: socket.socket, ready: Callable[[], None]) -> None:
    """Says so when the first worker answers; they are other processes, so it has to be asked."""
    host, port = listening.getsockname()[:2]
    while True:
        try:
            if httpx.get(f"http://{_reachable(host)}:{port}/health/live", timeout=1).status_code == HTTPStatus.OK:
                break
        except httpx.HTTPError:
            time.sleep(0.1)
    ready()


def _reachable(host: str) -> str:
    """The address to ask a service that listens on all of them."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 - only read, not bound


def _end(_signal: int, _frame: FrameType | None) -> None:
    """SIGTERM ends like Ctrl-C: through every `with`, so that the cluster is stopped too."""
    raise SystemExit(0)


def _limited(settings: Settings, wanted: Serving) -> Settings:
    """A trial is not limited unless somebody says so."""
    named = settings.model_fields_set
    unsaid = {name: OFF for name in ("rate_limit", "account_rate_limit") if wanted.demo and name not in named}
    return settings.model_copy(update=unsaid)


def _run(settings: Settings, wanted: Serving, listening: socket.socket, ready: Callable[[], None]) -> None:
    settings = _limited(settings, wanted)
    common: dict[str, Any] = {
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,
        "timeout_graceful_shutdown": 10,
        "loop": "uvloop",
        # By its name: what a worker has to import before it has begun counts as silence.
        "http": "app.server.protocol:Protocol",
        "timeout_worker_healthcheck": SILENT_S,
        "ws": "none",
    }
    if wanted.workers == 1:
        _Announcing(uvicorn.Config(create_app(settings), **common), ready).run(sockets=[listening])
        return
    # Workers are processes of their own and read the settings from the environment.
    os.environ.update(
        TITIK_DATABASE_URL=settings.service_dsn, TITIK_SECRET_KEY=settings.secret.decode(), TITIK_DATA_DIR=str(settings.data_dir),
        TITIK_RATE_LIMIT=settings.rate_limit, TITIK_ACCOUNT_RATE_LIMIT=settings.account_rate_limit,
    )  # fmt: skip
    configure_log(settings)
    create = partial(create_worker, Counters(wanted.workers))
    config = uvicorn.Config(create, factory=True, workers=wanted.workers, **common)
    threading.Thread(target=_announce_workers, args=(listening, ready), daemon=True).start()
    Workers(config, sockets=[listening]).run()
