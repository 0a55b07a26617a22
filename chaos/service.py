"""A Titik of a checkout, served in a process of its own, and what is seen of it from outside."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[1]
PAGE = "/collections/posyandu/items?limit=100"
# Under an attack: the p99 of pages, in seconds or so many times the quiet one, whichever is more, and the memory of the worker.
MOST_P99_S, MOST_TIMES, MOST_MB = 0.1, 4, 400
TILE = "/collections/posyandu/tiles/WebMercatorQuad/12/2135/3321"


class Service:
    """`titik serve` of the checkout `code`, ready when it is made. Without a database URL it is a trial with a cluster in `data_dir`."""

    def __init__(self, data_dir: Path, code: Path = ROOT, *, options: Sequence[str] = (), **variables: str) -> None:
        foreign = ("TITIK_", "PG", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign) or name == "TITIK_PG_BIN"}
        kept |= {"TITIK_DATA_DIR": str(data_dir), "PYTHONPATH": str(code), "TITIK_LANGUAGE": "en", "LC_ALL": "C.UTF-8"} | variables
        self.log = data_dir.with_suffix(".log")
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", "from app.cli import main; main()", "serve", "--demo", "--port", "0", *options],
                cwd=data_dir.parent, env=kept, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        until = time.monotonic() + 120
        while b"Ctrl-C" not in self.log.read_bytes():
            if self._process.poll() is not None or time.monotonic() > until:
                self.end()
                raise RuntimeError(self.log.read_text(errors="replace")[-2000:])
            time.sleep(0.1)
        told = dict(line.split("=", 1) for line in (data_dir / "demo-tokens.env").read_text().splitlines())
        self.url, self.token = told["TITIK_URL"], told["TITIK_TOKEN_PIC"]

    @property
    def workers(self) -> list[int]:
        """Their process numbers: of a single one that of the service itself."""
        return sorted(filter(_is_worker, children_of(self._process.pid))) or [self._process.pid]

    @property
    def resident_mb(self) -> float:
        """Of its worker; of several, of the largest."""
        return max(map(resident_mb_of, self.workers))

    def end(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait(60)


def resident_mb_of(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def _is_worker(pid: int) -> bool:
    """Of several. A child that made a file may have ended meanwhile."""
    with suppress(OSError):
        return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def children_of(pid: int) -> list[int]:
    return [int(one) for path in Path(f"/proc/{pid}/task").glob("*/children") for one in path.read_text().split()]


async def asked_steadily(
    client: httpx.AsyncClient, path: str, a_second: float, until: Callable[[], bool]
) -> list[tuple[float, int, float]]:
    """Asks at a steady rate, whatever becomes of earlier ones: when, the status (0: none), and after how many seconds."""
    began, running, found = time.monotonic(), set[asyncio.Task[None]](), list[tuple[float, int, float]]()

    async def ask() -> None:
        at = time.monotonic()
        status = 0
        with suppress(httpx.HTTPError):
            status = (await client.get(path)).status_code
        found.append((at, status, time.monotonic() - at))

    number = 0
    while not until():
        task = asyncio.create_task(ask())
        running.add(task)
        task.add_done_callback(running.discard)
        number += 1
        await asyncio.sleep(max(0, began + number / a_second - time.monotonic()))
    await asyncio.gather(*running)
    return found


def p99(seconds: list[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.99)] if seconds else 0.0


async def watched(work: Awaitable[object], look: Callable[[], float]) -> float:
    """The most that `look` gave while `work` went on."""
    task, most = asyncio.ensure_future(work), 0.0
    while not task.done():
        most = max(most, look())
        await asyncio.sleep(0.02)
    await task
    return most
