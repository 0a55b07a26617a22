"""This checkout beside another commit of itself: pages, items, tiles and POST, side by side in one run.

    .venv/bin/python -m benchmarks.against --base HEAD~20      (or: make against ARGS="--base HEAD~20")

The other commit is unpacked into a temporary folder and served from there, with the packages of this interpreter, or with its own where
its lock differs. Each side has a database of its own, filled alike, on one private cluster. Both are asked from outside, over HTTP, in
the same words; only cursors, tags and tokens are each side's own. Within a round they take turns as A B B A, so that a machine that
becomes slower or faster is so for both; the ratio is taken within the round, and the median of the rounds is the figure. Ends with 1
where it is below `--least`. How much a run can be trusted shows `--base HEAD`, whose ratios would all be 1. On a machine that others use
too, the second figure says more: the processor time that the worker and its backends of PostgreSQL took for an answer.
"""

import argparse
import asyncio
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import urllib.request
import venv
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, quote, urlsplit

import asyncpg

from app.cluster import Cluster, create_database, open_cluster
from benchmarks import cases, load, peers, post, world
from benchmarks.cases import ITEMS, LIMIT
from benchmarks.peers import Running

ROOT = Path(__file__).resolve().parent.parent
RELEASED = "49981ee"
"""The commit of version 0.1.0, by which every clone knows it: tags need not have come along."""
LOCK = Path("requirements") / "base.txt"
SECRET = "a secret of a benchmark, long enough to be one"
WARM_UP_S = 1
DEEP_PAGES, DEEP_LIMIT = 5, 10_000
# With so little room a tile is gone long before its turn comes again.
LITTLE_MB = "1"
_PAGE = f"{ITEMS}?limit={LIMIT}"
KELURAHAN = """
    INSERT INTO titik.region (code, level, name, parent_code, bps_code)
    SELECT DISTINCT kelurahan, 'kelurahan', 'Desa ' || kelurahan, (SELECT min(code) FROM titik.region WHERE level = 'kecamatan'), replace(kelurahan, '.', '')
      FROM published.item
        ON CONFLICT DO NOTHING
"""


class Side(NamedTuple):
    """One of the two: its code, the interpreter that runs it, its database, and the tokens of its trial."""

    name: str
    root: Path
    python: str
    cluster: Cluster
    database: str
    directory: Path

    @property
    def owner_url(self) -> str:
        return self.cluster.url("titik_owner", self.database)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "TITIK_DATABASE_URL": self.cluster.url("titik_service", self.database), "TITIK_OWNER_URL": self.owner_url,
            "TITIK_SECRET_KEY": SECRET, "TITIK_DATA_DIR": str(self.directory), "TITIK_LOG_LEVEL": "warning", "TITIK_RATE_LIMIT": "off",
            "TITIK_ACCOUNT_RATE_LIMIT": "off", "PYTHONPATH": str(self.root),
        }  # fmt: skip

    @property
    def tokens(self) -> dict[str, str]:
        return dict(line.split("=", 1) for line in (self.directory / "demo-tokens.env").read_text().splitlines())


class Measured(NamedTuple):
    """Answers a second, and milliseconds of processor time for one (0: not known)."""

    per_s: float
    cpu_ms: float


# Seconds, and where in its list to begin.
Ask = Callable[[int, int], Measured]


@dataclass(frozen=True, slots=True)
class Contest:
    """What both are asked; `paths` are made for the base address of a side, which tells its cursors."""

    name: str
    paths: Callable[[str], Sequence[str]]
    headers: tuple[str, ...] = ()
    is_cold: bool = False
    is_unchanged: bool = False


class Round(NamedTuple):
    """One side by its two turns, and the other."""

    base: Measured
    here: Measured

    @property
    def ratio(self) -> float:
        return self.here.per_s / max(self.base.per_s, 1e-3)

    @property
    def thrift(self) -> float:
        """So many answers for the processor time of one of the base."""
        return self.base.cpu_ms / self.here.cpu_ms if self.here.cpu_ms else 0


def main() -> None:
    wanted = _arguments()
    with tempfile.TemporaryDirectory(prefix="titik-against-") as name, ExitStack() as stack:
        directory = Path(name)
        directory.chmod(0o711)  # the user of the cluster has to get through
        cluster = stack.enter_context(open_cluster(directory / "cluster"))
        checkout = unpack(wanted.base, directory / "base")
        sides = [
            made(Side(label, root, python_for(root, directory), cluster, f"titik_{label}", directory / f"data-{label}"), wanted.points)
            for label, root in (("base", checkout), ("here", ROOT))
        ]
        found = dict(meet(sides, directory, wanted))
    told, is_reached = report(found, wanted)
    if wanted.output:
        wanted.output.write_text(told)
    print(told)
    sys.exit(not is_reached)


def _arguments() -> argparse.Namespace:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--base", default=RELEASED, help="a commit, by any name that git knows (version 0.1.0)")
    arguments.add_argument("--points", type=int, default=100_000)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=int, default=2, help="for each side in a round, in two turns")
    arguments.add_argument("--least", type=float, default=0.95, help="the ratio that is wanted")
    arguments.add_argument("--only", nargs="+", metavar="CASE", choices=[*contests(0), "post"])
    arguments.add_argument("--output", type=Path)
    return arguments.parse_args()


# -- the two sides


def unpack(commit: str, directory: Path) -> Path:
    """The files of a commit as they were, without touching the repository."""
    packed = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
    directory.mkdir()
    # Python's own unpacks safely from 3.11.4 on; Debian 12 has 3.11.2.
    subprocess.run(["tar", "-x", "-C", str(directory)], input=packed, check=True)
    return directory


def python_for(root: Path, directory: Path) -> str:
    """This interpreter where the same packages are pinned, else one with those of `root`."""
    lock = (root / LOCK).read_bytes()
    if lock == (ROOT / LOCK).read_bytes():
        return sys.executable
    home = directory / f"venv-{hashlib.sha256(lock).hexdigest()[:12]}"
    venv.create(home, with_pip=True)
    python = str(home / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(root / LOCK)], check=True)
    return python


def made(side: Side, points: int) -> Side:
    """Its schema, its trial (edition, accounts and tokens, for POST), and then all the points that both have."""
    create_database(side.cluster, side.database)
    side.directory.mkdir()
    _checked_code(side)
    upgrade = [side.python, "-c", "from app.cli import main; main()", "db", "upgrade"]
    subprocess.run(upgrade, check=True, env={**os.environ, **side.environment}, cwd=side.directory)
    with _started(side, "--demo"):
        pass
    asyncio.run(world.fill(side.owner_url, points))
    asyncio.run(_name_kelurahan(side.owner_url))
    return side


async def _name_kelurahan(url: str) -> None:
    """The kelurahan that were made up for the points are regions too, else nobody could ask for theirs."""
    connection = await asyncpg.connect(url)
    await connection.execute(KELURAHAN)
    await connection.close()


def _checked_code(side: Side) -> None:
    command = [side.python, "-c", "import app; print(app.__path__[0])"]
    environment = {**os.environ, "PYTHONPATH": str(side.root)}
    found = subprocess.run(command, check=True, capture_output=True, text=True, env=environment, cwd=side.directory).stdout.strip()
    if Path(found).parent.resolve() != side.root.resolve():
        raise RuntimeError(f"{side.name} would run {found}")


@contextmanager
def _started(side: Side, *options: str, **more: str) -> Iterator[Running]:
    log = side.directory / "titik.log"
    with peers.serving(side.python, side.environment | more, log, options=options) as running:
        yield running


# -- what is asked


def contests(points: int) -> dict[str, Contest]:
    """By the word with which one can choose it."""
    known = world.posyandu(None, points) if points else None

    def of(make: Callable[[world.Points], Sequence[str]]) -> Callable[[str], Sequence[str]]:
        return lambda _base: make(known) if known else ()

    return {
        "page1": Contest("items, page 1", of(lambda _: [_PAGE])),
        "deep": Contest(f"items, behind {DEEP_PAGES * DEEP_LIMIT:,}", _deep),
        "box": Contest("items, box that holds 1,000", of(lambda every: _in_boxes(every, 1_000, 500))),
        "kelurahan": Contest("items of a kelurahan", of(lambda every: _of_kelurahan(every, 500))),
        "single": Contest("single item", of(lambda every: _single(every, 500))),
        "304": Contest("items, 304", of(lambda every: _in_boxes(every, 100, 1)), is_unchanged=True),
        "z14": Contest("tile z14, cold", of(lambda every: _tiles(every, 14, 20_000)), is_cold=True),
        "z10": Contest("tile z10, cold", of(lambda every: _tiles(every, 10, 20_000)), is_cold=True),
        "warm": Contest(
            "tiles z14 and z10, warm, gzip", of(lambda every: _tiles(every, 14, 150) + _tiles(every, 10, 50)), ("Accept-Encoding: gzip",)
        ),
    }


def _in_boxes(every: world.Points, holding: int, number: int) -> list[str]:
    return [f"{_PAGE}&bbox={','.join(map(repr, box))}" for box in cases.boxes(every, holding, number)]


def _single(every: world.Points, number: int) -> list[str]:
    return [f"{ITEMS}/{world.id_of(int(one))}" for one in every.numbers[:: len(every.numbers) // number]]


def _of_kelurahan(every: world.Points, number: int) -> list[str]:
    return [f"{_PAGE}&kelurahan={code}" for code in sorted({world.code_of(int(one)) for one in every.kelurahan[:number]})]


def _tiles(every: world.Points, zoom: int, number: int) -> list[str]:
    return [f"/collections/posyandu/tiles/WebMercatorQuad/{z}/{y}/{x}" for z, x, y in cases.tiles_of(every, zoom, number)]


def _deep(base: str) -> Sequence[str]:
    """Behind so many items; the way there is followed, because cursors belong to their service. As deep as it goes in a small world."""
    cursor = ""
    for _ in range(DEEP_PAGES):
        document = json.loads(_fetched(f"{base}{ITEMS}?limit={DEEP_LIMIT}{cursor}")[0])
        following = next((link["href"] for link in document["links"] if link["rel"] == "next"), None)
        if following is None:
            break
        cursor = f"&cursor={quote(parse_qs(urlsplit(following).query)['cursor'][0])}"
    return [_PAGE + cursor]


def _fetched(address: str) -> tuple[bytes, str]:
    """Body and tag."""
    with urllib.request.urlopen(address) as answer:
        return answer.read(), answer.headers["ETag"]


# -- the rounds


def meet(sides: Sequence[Side], directory: Path, wanted: argparse.Namespace) -> Iterator[tuple[str, list[Round]]]:
    """One case after the other; those that want tiles which nobody keeps of workers with next to no room for any."""
    chosen = [contest for word, contest in contests(wanted.points).items() if not wanted.only or word in wanted.only]
    for is_cold in (False, True):
        with ExitStack() as stack:
            more = {"TITIK_CACHE_MB": LITTLE_MB} if is_cold else {}
            running = [(side, stack.enter_context(_started(side, **more))) for side in sides]
            for contest in chosen:
                if contest.is_cold == is_cold:
                    asking = [_asking(contest, side, server, directory) for side, server in running]
                    yield contest.name, _rounds(contest.name, asking, wanted)
            if not is_cold and (not wanted.only or "post" in wanted.only):
                yield "POST", _rounds("POST", [_posting(side, server, directory) for side, server in running], wanted)


def _asking(contest: Contest, side: Side, server: Running, directory: Path) -> Ask:
    paths, headers = contest.paths(server.base), list(contest.headers)
    if contest.is_unchanged:
        headers.append(f"If-None-Match: {_fetched(server.base + paths[0])[1]}")
    file = directory / f"{side.name}.txt"
    file.write_text("\n".join(paths) + "\n")
    return _with_cost(side, server, lambda seconds, at: load.http(server.base, file, seconds, at=at, headers=headers).per_s)


def _posting(side: Side, server: Running, directory: Path) -> Ask:
    places = directory / f"{side.name}-places.json"
    places.write_text(json.dumps(asyncio.run(post.opened_places(side.owner_url))))
    known = side.tokens | {"TITIK_URL": server.base}
    return _with_cost(side, server, lambda seconds, _: post.measure_titik(side.owner_url, known, seconds, places).per_s)


def _with_cost(side: Side, server: Running, ask: Callable[[int, int], float]) -> Ask:
    def measured(seconds: int, at: int) -> Measured:
        before, per_s = _cpu_s(side, server), ask(seconds, at)
        return Measured(per_s, (_cpu_s(side, server) - before) / (per_s * seconds) * 1000)

    return measured


def _cpu_s(side: Side, server: Running) -> float:
    """Seconds of processor that the worker and the backends of its database have had so far."""

    async def backends() -> list[int]:
        connection = await asyncpg.connect(side.owner_url)
        try:
            found = await connection.fetch(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND usename = 'titik_service'"
            )
            return [row["pid"] for row in found]
        finally:
            await connection.close()

    return sum(map(_cpu_of, [server.pid, *asyncio.run(backends())]))


def _cpu_of(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _rounds(name: str, asking: Sequence[Ask], wanted: argparse.Namespace) -> list[Round]:
    base, here = asking
    turn, found = max(1, wanted.seconds // 2), []
    for ask in asking:
        ask(WARM_UP_S, 0)
    for number in range(wanted.rounds):
        at = 997 * number
        first, second, third, fourth = base(turn, at), here(turn, at), here(turn, at + 499), base(turn, at + 499)
        found.append(Round(_mean(first, fourth), _mean(second, third)))
    print(f"{name}: {'  '.join(f'{one.ratio:.2f}' for one in found)}", file=sys.stderr, flush=True)
    return found


def _mean(one: Measured, other: Measured) -> Measured:
    """Both took the same time, so the cost of an answer is weighed by their number."""
    number = one.per_s + other.per_s
    return Measured(number / 2, (one.cpu_ms * one.per_s + other.cpu_ms * other.per_s) / number)


def report(found: dict[str, list[Round]], wanted: argparse.Namespace) -> tuple[str, bool]:
    """The table, and whether each median is what is wanted."""
    base, here = (_commit(one) for one in (wanted.base, None))
    lines = [
        f"# {here} beside {base}, one worker each", "",
        f"{wanted.points:,} posyandu, {load.CLIENTS} clients of {load.tool()}; {wanted.rounds} rounds of {wanted.seconds} s for each, A B B A.", "",
        f"Machine: {post.machine()}; load average {os.getloadavg()[1]:.1f} at the end.", "",
        f"| | {base} | {here} | ratio, median | least to most | ≥ {wanted.least:g} | CPU for one | | ratio, median | least to most |",
        "|---|---:|---:|---:|---|---|---:|---:|---:|---|",
    ]  # fmt: skip
    is_reached = True
    for name, rounds in found.items():
        ratio = statistics.median(one.ratio for one in rounds)
        is_reached &= ratio >= wanted.least
        rates = [f"{statistics.median(one.per_s for one in each):,.0f} /s" for each in zip(*rounds, strict=True)]
        costs = [f"{statistics.median(one.cpu_ms for one in each):.2f} ms" for each in zip(*rounds, strict=True)]
        spread, thrift = _spread([one.ratio for one in rounds]), _spread([one.thrift for one in rounds])
        lines.append("| " + " | ".join([name, *rates, *spread, "yes" if ratio >= wanted.least else "**no**", *costs, *thrift]) + " |")
    return "\n".join([*lines, ""]), is_reached


def _spread(ratios: Sequence[float]) -> list[str]:
    return [f"{statistics.median(ratios):.2f}", f"{min(ratios):.2f} to {max(ratios):.2f}"]


def _commit(name: str | None) -> str:
    command = ["git", "describe", "--always", *([name] if name else ["--dirty"])]
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT).stdout.strip() or name or "this checkout"


if __name__ == "__main__":
    main()
