"""Every command through the real console entry, as an operator runs it: what it prints, how it ends, what it leaves."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.test_cluster import _folder

ROOT = Path(__file__).resolve().parents[1]
COMMAND = (sys.executable, "-c", "from app.cli import main; main()")
a_folder = _folder


def environment(data_dir: Path | None = None, **variables: str) -> dict[str, str]:
    """That of the tests without their settings, in Indonesian."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TITIK_", "PG", "LC_", "LANG"))}
    kept |= {name: os.environ[name] for name in ("TITIK_PG_BIN",) if name in os.environ}
    chosen = {"TITIK_DATA_DIR": str(data_dir)} if data_dir else {}
    return {**kept, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", **chosen, **variables}


@dataclass(frozen=True)
class Done:
    """How a command ended: what it was asked for stands in `printed`, what it told the operator in `told`."""

    status: int
    printed: str
    told: str


async def run(*arguments: str | Path, data_dir: Path | None = None, **variables: str) -> Done:
    """Runs one command to its end. No command may show a traceback, whatever happens."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND, *map(str, arguments), env=environment(data_dir, **variables), cwd=tempfile.gettempdir(),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    printed, told = await asyncio.wait_for(process.communicate(), 60)
    done = Done(process.returncode or 0, printed.decode(), told.decode())
    assert "Traceback" not in done.told + done.printed, done.told
    return done


class Served:
    """A running `titik serve --demo` of its own process group; `seconds` is how long it took until it said that it is ready."""

    def __init__(self, data_dir: Path, cwd: Path | None = None, **variables: str) -> None:
        began = time.monotonic()
        with tempfile.TemporaryFile() as unnamed:
            self._told = os.fdopen(os.dup(unnamed.fileno()), "r+b")
        self.printed_to = data_dir.parent / f"printed.{time.monotonic_ns()}"
        with self.printed_to.open("wb") as printed:
            self.process = subprocess.Popen(
                [*COMMAND, "serve", "--demo", "--port", "0"], cwd=cwd or data_dir.parent, env=environment(**variables) if cwd else environment(data_dir, **variables),
                stdin=subprocess.DEVNULL, stdout=printed, stderr=self._told, start_new_session=True,
            )  # fmt: skip
        try:
            while "Ctrl-C" not in self.told:
                assert self.process.poll() is None, self.told
                assert time.monotonic() - began < 60, self.told
                time.sleep(0.02)
        except BaseException:
            self.kill()
            raise
        self.seconds = time.monotonic() - began
        self.tokens = dict(line.split("=", 1) for line in (data_dir / "demo-tokens.env").read_text().splitlines())
        self.url = self.tokens.pop("TITIK_URL")
