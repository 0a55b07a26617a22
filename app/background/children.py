"""Child processes: started with what they need of the service and nothing else, heard when they fail, ended with all that they have started.

Which bounds they take upon themselves: `child_limits.py`. Where they write: `private_places.py`.
"""

import asyncio
import os
import signal
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Protocol

from app import ROOT

# What Python and the libraries need to run.
_INHERITED = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME", "PROJ_DATA", "PROJ_LIB", "GDAL_DATA")
# How the driver finds a server, where its address does not say it all.
_OF_POSTGRESQL = ("HOME", "PGPASSFILE", "PGPASSWORD", "PGSSLMODE", "PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY", "PGTZ")
# One arena and no pool beside it: memory that was freed is used again, instead of more from the system.
_FRUGAL = {"MALLOC_ARENA_MAX": "1", "ARROW_DEFAULT_MEMORY_POOL": "system", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
LONGEST_ERROR = 4_000


class OfDatabase(Protocol):
    """What a job is told of `Settings`."""

    @property
    def service_dsn(self) -> str: ...

    @property
    def data_dir(self) -> Path: ...


def environment(place: Path | None = None) -> dict[str, str]:
    """Of a child that knows nothing of the service. `place`: where its libraries put what is temporary."""
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return inherited | _FRUGAL | ({"TMPDIR": str(place)} if place else {})


def environment_of(settings: OfDatabase) -> dict[str, str]:
    """Of a job, which needs the database. The secret, with which tokens are made, is not its business, nor is any other."""
    inherited = {name: os.environ[name] for name in _OF_POSTGRESQL if name in os.environ}
    settings_of_child = {
        "TITIK_DATABASE_URL": settings.service_dsn,
        "TITIK_SECRET_KEY": "-" * 32,
        "TITIK_DATA_DIR": str(settings.data_dir.absolute()),
    }
    return environment() | inherited | settings_of_child


async def start(
    *command: str, variables: Mapping[str, str], stdout: int | None = DEVNULL, stderr: BinaryIO | int | None = DEVNULL
) -> Process:
    """Runs a module of ours, the first word of `command`, as the first process of a session of its own. It is to end when its standard input does,
    so also when this process is killed. None: what it prints goes where ours does.
    """
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *command),
        stdin=PIPE, stdout=stdout, stderr=stderr, cwd=ROOT, env=dict(variables), start_new_session=True,
    )  # fmt: skip


@asynccontextmanager
async def running(
    *command: str, variables: Mapping[str, str], stdout: int | None = DEVNULL, stderr: BinaryIO | int | None = DEVNULL
) -> AsyncIterator[Process]:
    """Such a process, for as long as it is needed: where it still runs, it is ended."""
    process = await start(*command, variables=variables, stdout=stdout, stderr=stderr)
    try:
        yield process
    finally:
        # Shielded, because one who goes away cancels again and again what still waits.
        await asyncio.shield(end(process))


async def end(process: Process) -> None:
    """With those that it has started."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def open_errors() -> BinaryIO:
    """Takes what a child writes to its standard error. In memory where there is such a file: a full disk would not keep that it is full."""
    return os.fdopen(os.memfd_create("errors"), "w+b") if hasattr(os, "memfd_create") else tempfile.TemporaryFile()


def read_errors(file: BinaryIO) -> str:
    """The last of it, where the reason stands: at most `LONGEST_ERROR` bytes."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - LONGEST_ERROR))
    return file.read().decode(errors="replace").strip()
