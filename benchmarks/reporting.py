"""What was measured as a table, with the targets."""

import os
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from benchmarks.load import CLIENTS, Measured
from benchmarks.post import machine

ROOT = Path(__file__).resolve().parent.parent


class Outcome(NamedTuple):
    """Of one case: by each who was asked, what came of each round."""

    name: str
    rounds: dict[str, list[Measured]]


class EveryTile(NamedTuple):
    """Seconds, bytes and path of each tile of a world of `number` points; `when`: the first time, or once more."""

    number: int
    when: str
    found: list[tuple[float, int, str]]


@dataclass(frozen=True, slots=True)
class Findings:
    """`what` was measured, with which `tool`; cases that came to nothing are told too."""

    what: str
    tool: str
    versions: str
    outcomes: list[Outcome] = field(default_factory=list)
    grown: list[Outcome] = field(default_factory=list)
    every: list[EveryTile] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


class Target(NamedTuple):
    """Of the case whose name begins so: Titik's rate is at least so many times that of another."""

    case: str
    of: str
    least: float


TARGETS = (
    Target("items, box", "tipg", 20),
    Target("items, box", "pgbench", 0.5),
    Target("items, 304", "empty route", 0.6),
    Target("tile z14, cold", "tipg", 2),
    Target("tile z14, cold", "Martin", 1),
    Target("tile z14, cold", "pgbench", 0.7),
    Target("tile z10, cold", "tipg", 10),
    Target("tile z10, cold", "Martin", 1),
    Target("tile z8, cold", "tipg", 50),
    Target("tile z8, cold", "Martin", 1),
    Target("tiles z14 and z10, warm", "Martin", 1),
)
_HOW = (
    "The servers, the client and PostgreSQL share the machine. Titik logs warnings only and limits nobody; tipg and the empty route run on "
    "uvloop and httptools without an access log. Cold: Titik and Martin keep nothing, tipg never does. pgbench runs the statements of the "
    "service on connections set up as its own; a tile it writes out in digits. Martin's tiles have no ids of features. Ratios are medians of "
    "the rounds."
)
# So much slower may the same be in a larger world, or on a later page.
SLOWER = 1.3
TILE_P99_MS, TILE_BYTES = 50, 500_000


def median(found: Sequence[Measured]) -> float:
    return statistics.median(one.per_s for one in found)


def ratios(outcome: Outcome, of: str, who: str = "Titik") -> list[float]:
    """Round by round; of one round only against the median of the others."""
    ours, theirs = outcome.rounds[who], outcome.rounds[of]
    if len(ours) != len(theirs):
        return [median(ours) / max(median(theirs), 1e-3)]
    return [one.per_s / max(other.per_s, 1e-3) for one, other in zip(ours, theirs, strict=True)]


def report(found: Findings) -> str:
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], check=False, capture_output=True, text=True, cwd=ROOT
    ).stdout.strip()
    ours = ", ".join(f"{name} {version(name)}" for name in ("fastapi", "starlette", "uvicorn", "uvloop", "asyncpg"))
    lines = [
        "# The read half, one worker each", "",
        f"{datetime.now(UTC):%Y-%m-%d}, commit {commit or '-'}; {found.what}, {CLIENTS} clients of {found.tool}; `make bench`.", "",
        f"Machine: {machine()}; load average {os.getloadavg()[1]:.1f} at the end.", "",
        f"Versions: {found.versions}; {ours}.", "",
        _HOW, "",
        "## Targets", "", "| | of | wanted | reached | |", "|---|---|---:|---:|---|", *_targets(found.outcomes, found.grown, found.every), "",
        "## Answers a second", "", "| | | median | least to most | p50 | p99 | bytes | Titik, times this |", "|---|---|---:|---|---:|---:|---:|---:|",
        *(line for outcome in found.outcomes for line in _rows(outcome, "Titik")), "",
    ]  # fmt: skip
    if found.grown:
        lines += ["## Growth: Titik on so many points", "", "| | | median | least to most | p50 | p99 | bytes | the first, times this |", "|---|---|---:|---|---:|---:|---:|---:|"]  # fmt: skip
        lines += [line for outcome in found.grown for line in _rows(outcome, next(iter(outcome.rounds)))]
        lines.append("")
    for one in found.every:
        slowest, largest = max(one.found), max(one.found, key=lambda tile: tile[1])
        lines.append(
            f"Every tile, {one.when}: {len(one.found):,} tiles of all zooms of {one.number:,} points, one after the other: p99 {_p99_ms(one):.0f} ms; "
            f"slowest {slowest[0] * 1000:.0f} ms ({slowest[2]}); largest {largest[1]:,} bytes ({largest[2]}).\n"
        )
    lines += [f"Came to nothing: {one}.\n" for one in found.failed]
    return "\n".join(lines)


def _p99_ms(one: EveryTile) -> float:
    return sorted(seconds for seconds, _, _ in one.found)[len(one.found) * 99 // 100] * 1000


def _rows(outcome: Outcome, who: str) -> list[str]:
    rows = []
    for name, found in outcome.rounds.items():
        rates = [one.per_s for one in found]
        p50, p99, size = (statistics.median(one[n] for one in found) for n in (1, 2, 3))
        times = "" if name == who else f"{statistics.median(ratios(outcome, name, who)):.2f}"
        rows.append(
            f"| {outcome.name} | {name} | {statistics.median(rates):,.1f} /s | {min(rates):,.1f} to {max(rates):,.1f} /s | {p50:.1f} ms "
            f"| {f'{p99:.1f} ms' if p99 else ''} | {f'{size:,.0f}' if size else ''} | {times} |"
        )
    return rows


def _targets(outcomes: list[Outcome], grown: list[Outcome], every: list[EveryTile]) -> list[str]:
    rows = []
    for outcome in outcomes:
        for target in TARGETS:
            if outcome.name.startswith(target.case) and target.of in outcome.rounds:
                reached = statistics.median(ratios(outcome, target.of))
                rows.append(_row(outcome.name, target.of, f"≥ {target.least:g}", f"{reached:.2f}", is_reached=reached >= target.least))
    by_name = {outcome.name: outcome for outcome in outcomes}
    if (first := by_name.get("items, page 1")) and (later := by_name.get("items, page 10,000")):
        slower = median(first.rounds["Titik"]) / median(later.rounds["Titik"])
        rows.append(_row("items, page 10,000", "page 1, time", f"≤ {SLOWER}", f"{slower:.2f}", is_reached=slower <= SLOWER))
    for outcome in grown:
        first_name, *others = outcome.rounds
        for name in others:
            slower = statistics.median(ratios(outcome, name, first_name))
            rows.append(_row(f"{outcome.name}: {name} points", f"{first_name} points, time", f"≤ {SLOWER}", f"{slower:.2f}", is_reached=slower <= SLOWER))  # fmt: skip
    for one in every:
        p99, largest = _p99_ms(one), max(size for _, size, _ in one.found)
        rows.append(_row(f"any tile of {one.number:,} points, cold, {one.when}, p99", "", f"≤ {TILE_P99_MS} ms", f"{p99:.0f} ms", is_reached=p99 <= TILE_P99_MS))  # fmt: skip
        rows.append(
            _row(
                f"any tile of {one.number:,} points, {one.when}, bytes",
                "",
                f"≤ {TILE_BYTES:,}",
                f"{largest:,}",
                is_reached=largest <= TILE_BYTES,
            )
        )
    return rows


def _row(case: str, of: str, wanted: str, found: str, *, is_reached: bool) -> str:
    return f"| {case} | {of} | {wanted} | {found} | {'yes' if is_reached else '**no**'} |"
