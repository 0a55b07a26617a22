"""What an operator meets around the service: its log, its end, an address that is taken, a terminal or a directory that is unfit."""

import asyncio
import io
import json
import logging
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import structlog

from app.cluster import Cluster, create_database, drop_database
from app.log import REQUEST_ID, configure_log
from app.settings import Settings
from tests.conftest import SECRET
from tests.test_cli import COMMAND, Done, Served, environment, run

pytestmark = [pytest.mark.anyio, pytest.mark.disruptive(10)]


class Workers:
    """`titik serve --workers 2` on the database of the tests."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._printed, told = folder / "printed", folder / "told"
        variables = environment(folder / "data", TITIK_DATABASE_URL=settings.service_dsn, TITIK_SECRET_KEY=settings.secret.decode())
        with self._printed.open("wb") as out, told.open("wb") as err:
            self.process = subprocess.Popen(
                [*COMMAND, "serve", "--port", "0", "--workers", "2"],
                cwd=folder, env=variables, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True,
            )  # fmt: skip
        self.url = str(until(lambda: re.search(r"http://127\.0\.0\.1:\d+", told.read_text()))[0])

    @property
    def lines(self) -> list[dict[str, object]]:
        """All that it logged; each line is one JSON object."""
        return [json.loads(line) for line in self._printed.read_text().splitlines()]

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", int(self.url.rpartition(":")[2])

    def workers(self) -> list[int]:
        """Children that listen where the service does."""
        listing = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        number = f":{self.address[1]:04X}"
        inodes = {line.split()[9] for line in Path("/proc/net/tcp").read_text().splitlines()[1:] if line.split()[1].endswith(number)}
        sockets = {f"socket:[{inode}]" for inode in inodes}
        return [int(pid) for pid in listing if sockets & set(_open_files(pid))]

    def end(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(60)


def _open_files(pid: str) -> list[str]:
    try:
        return [str(file.readlink()) for file in Path(f"/proc/{pid}/fd").iterdir()]
    except OSError:
        return []


def until(look: Callable[[], Any], seconds: float = 120) -> Any:
    """What `look` gives as soon as it gives something."""
    ends = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < ends, "it has not come"
        time.sleep(0.1)
    return found


@pytest.fixture
def service(settings: Settings, tmp_path: Path) -> Iterator[Workers]:
    one = Workers(settings, tmp_path)
    try:
        yield one
    finally:
        one.end()


def test_a_worker_that_is_replaced_leaves_a_line(service: Workers) -> None:
    until(lambda: len(service.workers()) == 2)
    killed = service.workers()[0]
    os.kill(killed, signal.SIGKILL)
    (line,) = until(lambda: [line for line in service.lines if line["event"] == "worker replaced"])
    assert (line["level"], line["pid"], line["exit"]) == ("warning", killed, -signal.SIGKILL)
    assert line["by"] in until(lambda: len(service.workers()) == 2 and service.workers())


def test_workers_that_stop_refuse_new_connections_while_they_finish_what_they_have(service: Workers) -> None:
    until(lambda: len(service.workers()) == 2)
    with closing(socket.create_connection(service.address)) as unfinished:
        # A request whose body has not come keeps its worker from ending at once.
        unfinished.sendall(b"POST /locate HTTP/1.1\r\nHost: titik\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
        time.sleep(0.5)
        os.kill(service.process.pid, signal.SIGTERM)
        until(lambda: _is_refused(service.address), 8)
        assert service.process.poll() is None
    assert service.process.wait(60) == 0


def test_stopping_does_not_wait_for_a_worker_that_is_being_made(service: Workers) -> None:
    until(lambda: len(service.workers()) == 2)
    os.kill(service.workers()[0], signal.SIGKILL)
    until(lambda: [line for line in service.lines if line["event"] == "worker replaced"])
    # It imports for some seconds, and is asked meanwhile whether it lives.
    time.sleep(0.7)
    os.kill(service.process.pid, signal.SIGTERM)
    until(lambda: _is_refused(service.address), 6)
    assert service.process.wait(20) == 0


def _is_refused(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, timeout=1).close()
    except ConnectionRefusedError:
        return True
    return False


# -- the log


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What is logged while the test runs."""
    before, level, printed = structlog.get_config(), logging.getLogger().level, io.BytesIO()
    stream = io.TextIOWrapper(printed)
    monkeypatch.setattr(sys, "stdout", stream)
    configure_log(Settings(log_level="info", log_format="json"))
    yield lambda: [json.loads(line) for line in printed.getvalue().splitlines()]
    stream.detach()
    structlog.configure(**before)
    logging.getLogger().setLevel(level)


def test_what_libraries_log_is_json_with_the_request_that_it_is_about(log: Callable[[], list[dict[str, Any]]]) -> None:
    within = REQUEST_ID.set("0123456789abcdef")
    try:
        logging.getLogger("uvicorn.error").error("%s in ASGI application", "Exception", exc_info=ValueError("what it was"))
    finally:
        REQUEST_ID.reset(within)
    logging.getLogger("asyncio").warning("Executing took long")
    logging.getLogger("httpx").info("nobody asked for this")
    first, second = log()
    assert (first["event"], first["level"], first["logger"]) == ("Exception in ASGI application", "error", "uvicorn.error")
    assert (first["request_id"], "what it was" in first["exception"]) == ("0123456789abcdef", True)
    assert (second["event"], second["level"], "request_id" in second) == ("Executing took long", "warning", False)


# -- an address, a directory, a terminal


async def test_the_hint_for_an_address_that_is_taken_is_a_command_that_works(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = await run("serve", "--demo", "--port", port, data_dir=tmp_path / "data")
        assert (refused.status, "sudah dipakai" in refused.told) == (1, True), refused
        hint = shlex.split(refused.told.splitlines()[-1])
        assert hint[1:4] == ["serve", "--demo", "--port"]
        with socket.create_server(("127.0.0.1", int(hint[4]))):
            pass
        known = await asyncio.to_thread(
            subprocess.run, [hint[0], "--version"], capture_output=True, env=environment(), timeout=60, check=True
        )
        assert known.stdout.startswith(b"titik ")
    foreign = await run("serve", "--host", "192.0.2.1", "--workers", "2", "--port", "0", data_dir=tmp_path / "data")
    assert (foreign.status, "bukan alamat mesin ini" in foreign.told) == (1, True), foreign
    assert foreign.told.splitlines()[-1].endswith("serve --workers 2 --port 0")
    assert not (tmp_path / "data").exists()


async def test_a_data_directory_with_a_line_break_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "dua\nbaris"
    refused = await run("serve", "--port", "0", data_dir=folder)
    assert (refused.status, refused.told.startswith("Pengaturan salah: TITIK_DATA_DIR:")) == (1, True), refused
    assert not folder.exists()


@pytest.fixture
def bare(cluster: Cluster, worker_id: str) -> Iterator[dict[str, str]]:
    """The variables of a database without a schema."""
    name = f"titik_bare_{worker_id}"
    create_database(cluster, name)
    yield {
        "TITIK_DATABASE_URL": cluster.url("titik_service", name), "TITIK_OWNER_URL": cluster.url("titik_owner", name), "TITIK_SECRET_KEY": SECRET,
    }  # fmt: skip
    drop_database(cluster, name)


async def test_the_doctor_tells_of_a_database_without_a_schema(bare: dict[str, str], tmp_path: Path) -> None:
    told, spoken = await asyncio.gather(
        run("doctor", data_dir=tmp_path, **bare), run("doctor", data_dir=tmp_path, **bare, TITIK_LANGUAGE="en")
    )
    assert (told.status, spoken.status) == (1, 1), told
    assert _row(told, "skema").startswith("✗")
    assert "titik db upgrade" in _row(told, "skema")
    assert "none (head" in _row(spoken, "schema")
    refused = await asyncio.gather(
        run("account", "list", data_dir=tmp_path, **bare), run("serve", "--port", "0", data_dir=tmp_path, **bare)
    )
    assert [(one.status, "titik db upgrade" in one.told) for one in refused] == [(1, True)] * 2


async def test_the_doctor_speaks_on_a_latin_1_terminal(bare: dict[str, str], tmp_path: Path) -> None:
    done = await run("doctor", data_dir=tmp_path, **bare, PYTHONIOENCODING="latin-1")
    assert done.status == 1
    assert "X" in _row(done, "skema")
    assert "ok" in _row(done, "PostGIS")
    assert "(X)" in done.told


def _row(done: Done, what: str) -> str:
    return next(line.strip("│|┃ ") for line in done.printed.splitlines() if f" {what} " in line)


async def test_a_trial_on_a_given_database_makes_its_directory_or_says_why_not(database: Settings, tmp_path: Path) -> None:
    at = {"TITIK_DATABASE_URL": database.service_dsn, "TITIK_OWNER_URL": database.owner_dsn, "TITIK_SECRET_KEY": SECRET}
    (tmp_path / "file").write_text("")
    refused = await run("serve", "--demo", "--port", "0", data_dir=tmp_path / "file" / "data", **at)
    assert (refused.status, "tidak dapat ditulis" in refused.told) == (1, True), refused
    data_dir = tmp_path / "data"
    served = await asyncio.to_thread(Served, data_dir, env=environment(data_dir, **at))
    try:
        assert (data_dir / "demo-tokens.env").stat().st_mode & 0o777 == 0o600
        assert not served.errors
    finally:
        await asyncio.to_thread(served.kill)
