"""Child processes that read or write files of strangers: what they are told, and how much they may take."""

import os
import resource
from pathlib import Path

from app.settings import Settings

MOST_MEMORY = 2 << 30
"""Bytes of addresses of a process, of which most are never touched."""

ROOT = Path(__file__).resolve().parents[1]
# One arena: memory that was freed is used again, instead of more from the system.
_FRUGAL = {"MALLOC_ARENA_MAX": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def environment_of(settings: Settings) -> dict[str, str]:
    """Of a child: what it needs to know, in the words of the environment. The secret, with which tokens are made, is not its business."""
    told = {"TITIK_DATABASE_URL": settings.service_dsn, "TITIK_SECRET_KEY": "-" * 32, "TITIK_DATA_DIR": str(settings.data_dir.absolute())}
    return {**os.environ, **_FRUGAL, **told}


def settle() -> None:
    """What a process does first that reads a file of strangers: it leaves the machine to whoever waits for an answer, and should it want too
    much memory, the job fails and not the machine.
    """
    os.umask(0o077)
    os.nice(5)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
