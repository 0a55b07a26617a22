"""Files of many points: rows a second, memory beyond what the process had before, size.

    .venv/bin/python -m benchmarks.formats --rows 1000000

Each format is written by a process of its own, as the service does it: on uvloop, from an asynchronous source, into a directory on the
disk; what comes out is counted and dropped. Counted as memory is the most that this process grew by plus, where the format has a child,
the most that the child ever was, libraries and all: both resident, so shared pages of libraries count in full. The gap is the longest time
in which the event loop did nothing for others, making rows included.
"""

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from struct import Struct

import uvloop

from app.exports.formats import FORMATS, Layer, LayerField, LayerRow
from app.language import Text

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "benchmarks" / "results" / "formats.md"
BOUND_MB = 150
AT_ONCE = 5_000
PACKAGES = ("pyogrio", "pyarrow", "xlsxwriter", "uvloop")
LAYER = Layer(
    "posyandu",
    Text("Posyandu", "Health posts"),
    (
        LayerField("name", Text("Nama", "Name"), "text"),
        LayerField("kelurahan", Text("Kode kelurahan", "Code of the kelurahan"), "text"),
        LayerField("kelurahan_name", Text("Kelurahan", "Kelurahan"), "text"),
        LayerField("address", Text("Alamat", "Address"), "text"),
        LayerField("accuracy_m", Text("Ketelitian (m)", "Accuracy (m)"), "number"),
        LayerField("jumlah_kader", Text("Jumlah kader", "Volunteers"), "integer"),
        LayerField("aktif", Text("Aktif", "Active"), "boolean"),
        LayerField("didirikan", Text("Didirikan", "Founded"), "date"),
        LayerField("captured_at", Text("Waktu pengambilan", "Captured at"), "instant"),
        LayerField("predecessors", Text("Pendahulu", "Predecessors"), "list"),
    ),
)
_POINT = Struct("<BIdd")
_START = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--one", choices=sorted(FORMATS), help="measure this one in this process")
    asked = arguments.parse_args()
    if asked.one:
        print(json.dumps(uvloop.run(measure(asked.one, asked.rows))))
        return
    lines = []
    for name in FORMATS:
        command = [sys.executable, "-m", "benchmarks.formats", "--rows", str(asked.rows), "--one", name]
        lines.append(line(name, asked.rows, json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)))
        print(lines[-1], flush=True)
    RESULT.write_text(report(asked.rows, lines))
    print(f"\n{RESULT.relative_to(ROOT)}")


def a_row(at: int) -> LayerRow:
    return (
        f"01a20473-f092-705b-9606-{at:012x}",
        _POINT.pack(1, 1, 111.95 + at % 1_009 / 10_090, -7.9 + at % 997 / 9_970),
        f"Posyandu Melati {at}",
        "35.71.01.1011",
        "Mojoroto",
        f"Jalan Penanggungan No. {at % 300}, RT {at % 9} RW {at % 5}",
        4.5,
        at % 17,
        at % 3 > 0,
        date(1990 + at % 30, 5, 1),
        _START + timedelta(seconds=at),
        None if at % 50 else ["01a20473-f092-705b-9606-2dbe0c517d43"],
    )


def a_feature(at: int) -> LayerRow:
    values = dict(zip([field.name for field in LAYER.fields], a_row(at)[2:], strict=True))
    return (json.dumps({"type": "Feature", "geometry": {"type": "Point", "coordinates": [112, -7.8]}, "properties": values}, default=str),)


async def measure(name: str, rows: int) -> dict[str, float]:
    """What making the rows takes is measured on its own and taken off."""
    chosen = FORMATS[name]
    make = a_feature if chosen.ready_made else a_row
    making = 0.0

    async def source() -> AsyncIterator[Sequence[LayerRow]]:
        nonlocal making
        for start in range(0, rows, AT_ONCE):
            began = time.perf_counter()
            batch: list[LayerRow] = []
            for at in range(start, min(start + AT_ONCE, rows)):
                batch.append(make(at))
                if at % 500 == 0:
                    making += time.perf_counter() - began
                    await asyncio.sleep(0)
                    began = time.perf_counter()
            making += time.perf_counter() - began
            yield batch

    watch = Watch()
    watching = asyncio.create_task(watch.run())
    before = resident("self", "VmRSS")
    size, began = 0, time.perf_counter()
    with tempfile.TemporaryDirectory(dir=ROOT / ".venv") as directory:
        async for chunk in chosen.write(LAYER, source(), Path(directory)):
            size += len(chunk)
    seconds = time.perf_counter() - began
    watching.cancel()
    own = resident("self", "VmHWM") - before
    return {"seconds": seconds - making, "own": own, "child": watch.child, "size": size / 1e6, "gap": watch.gap}


class Watch:
    """Looks around every few milliseconds: at the clock, and at the largest that the child ever was."""

    def __init__(self) -> None:
        self.gap = 0.0
        self.child = 0.0

    async def run(self) -> None:
        turn, last = 0, time.perf_counter()
        while True:
            await asyncio.sleep(0.002)
            self.gap = max(self.gap, time.perf_counter() - last - 0.002)
            turn += 1
            if turn % 20 == 0:
                self._look()
            last = time.perf_counter()

    def _look(self) -> None:
        for child in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
            self.child = max(self.child, resident(child, "VmHWM"))


def resident(process: str, what: str) -> float:
    """MB; 0 where the process is gone."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(what)), 0)


def line(name: str, rows: int, found: dict[str, float]) -> str:
    memory = found["own"] + found["child"]
    return (
        f"| {name} | {found['seconds']:.1f} | {rows / found['seconds']:,.0f} | {found['own']:.0f} | {found['child']:.0f} | {memory:.0f} | "
        f"{'yes' if memory < BOUND_MB else '**no**'} | {found['gap'] * 1000:.0f} | {found['size']:.0f} |"
    )


def report(rows: int, lines: Sequence[str]) -> str:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    processor = next((one.split(":")[1].strip() for one in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in one), "?")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    return "\n".join([
        "# Files of many points",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, commit {commit}; {rows:,} rows of {len(LAYER.fields)} fields; `python -m benchmarks.formats --rows {rows}`.",
        "",
        f"Machine: {processor}, {os.cpu_count()} cores, {memory:.0f} GiB, Linux {platform.release()}.",
        "",
        f"Versions: Python {platform.python_version()}, {versions}.",
        "",
        "Memory is resident and at its peak: `own` is what the service's process grew by, `child` is all of the process that writes, which",
        "begins with 20 MB (xlsx) or 90 to 110 MB (the others) of interpreter and libraries and is gone afterwards. `gap` is the longest time in which",
        "the event loop did nothing for others. A FlatGeobuf of more than 75,000 rows has no index; one of just so many takes 140 MB together.",
        "",
        f"| format | s | rows/s | own MB | child MB | together MB | under {BOUND_MB} | gap ms | file MB |",
        "|---|---:|---:|---:|---:|---:|---|---:|---:|",
        *lines,
        "",
    ])  # fmt: skip


if __name__ == "__main__":
    main()
