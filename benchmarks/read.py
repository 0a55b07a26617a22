"""The read half beside other servers on the same data, the same PostgreSQL, in the same run, and beside pgbench with the same statements.

    make bench            (or: .venv/bin/python -m benchmarks.read --points 1000000 --rounds 5 --seconds 4)

One worker each, eight connections of the client. In every round all take their turn, so that a noisy machine is noisy for all; ratios
are taken within rounds, and the median of them is the figure. The worlds are kept in --dir and used again.
"""

import argparse
import asyncio
import http.client
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shutil import which
from typing import NamedTuple

import asyncpg

from app.cluster import Cluster, open_cluster
from app.operator import operation
from app.settings import Settings
from benchmarks import cases, load, peers, reporting, world
from benchmarks.cases import Case
from benchmarks.load import Measured
from benchmarks.reporting import EveryTile, Findings, Outcome

ROOT = Path(__file__).resolve().parent.parent
SMALL, LARGE = 10_000, 10_000_000
WARM_UP_S = 4


class World(NamedTuple):
    number: int
    cluster: Cluster
    secret: str
    known: world.Points

    @property
    def url(self) -> str:
        return self.cluster.url("titik_owner")


class Servers(NamedTuple):
    """Base addresses; None: not installed, or not needed."""

    titik: str
    titik_cold: str
    tipg: str | None = None
    martin: str | None = None
    martin_cold: str | None = None
    empty: str | None = None


def main() -> None:
    wanted = _arguments()
    wanted.dir.mkdir(exist_ok=True)
    wanted.output.parent.mkdir(exist_ok=True)
    wanted.dir.chmod(0o711)  # the user of the cluster has to get through
    tipg = None if wanted.alone else peers.tipg_python(wanted.tipg, wanted.dir)
    martin = None if wanted.alone else wanted.martin or which("martin")
    is_grown = not wanted.only or "growth" in wanted.only
    with ExitStack() as stack:

        def enter(number: int) -> World:
            return stack.enter_context(opened(wanted.dir, number, wanted.boundaries))

        main_world = enter(wanted.points)
        sizes = dict.fromkeys([SMALL, *([LARGE] if wanted.large else [])]) if is_grown else {}
        others = [enter(number) for number in sizes if number != wanted.points]
        versions = (
            f"{_server_versions(main_world.url)}; {peers.tipg_versions(tipg) if tipg else 'no tipg'}, "
            f"{peers.martin_version(martin) if martin else 'no Martin'}"
        )
        found = Findings(f"{wanted.points:,} posyandu; {wanted.rounds} rounds of {wanted.seconds} s", load.tool(), versions)
        for name, make in cases.cases(main_world.known, main_world.secret.encode()):
            if not wanted.only or name in wanted.only:
                try:
                    with servers(main_world, tipg, martin, wanted.dir) as bases:
                        found.outcomes.append(measure(make(), main_world, bases, wanted))
                except RuntimeError as error:
                    found.failed.append(f"{name}: {error}")
                    print(found.failed[-1], file=sys.stderr)
                wanted.output.write_text(reporting.report(found))
        if is_grown:
            worlds = sorted([main_world, *others], key=lambda one: one.number)
            found.grown.extend(measure_growth(worlds, stack, wanted))
            found.every.extend(look_at_every_tile(worlds[-1], wanted.dir, when) for when in ("first time", "once more"))
        told = reporting.report(found)
    wanted.output.write_text(told)
    print(told)


def _arguments() -> argparse.Namespace:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--points", type=int, default=1_000_000)
    arguments.add_argument("--large", action="store_true", help=f"also a world of {LARGE:,} points (30 GB, a quarter of an hour)")
    arguments.add_argument("--boundaries", type=Path, help="polygons that the points lie in, in any format of GDAL and in degrees")
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=int, default=4)
    arguments.add_argument("--only", nargs="+", metavar="CASE", help="box100 … z14 … growth")
    arguments.add_argument("--alone", action="store_true", help="beside pgbench only; nothing is installed")
    arguments.add_argument("--tipg", type=Path, help="a Python that has tipg; else it is installed from PyPI into --dir")
    arguments.add_argument("--martin", help="the program; else it is looked for on PATH")
    arguments.add_argument("--dir", type=Path, default=ROOT / ".bench")
    arguments.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "results" / "read.md")
    return arguments.parse_args()


@contextmanager
def opened(directory: Path, number: int, boundaries: Path | None) -> Iterator[World]:
    """A cluster of its own with so many points, made now unless it is there already."""
    data_dir = (directory / f"world-{number}{'-' + boundaries.stem if boundaries else ''}").resolve()
    with open_cluster(data_dir) as cluster, operation.database(Settings(data_dir=data_dir), lambda _: None, make=True) as settings:
        operation.upgrade(settings, lambda _: None)
        asyncio.run(world.fill(cluster.url("titik_owner"), number, boundaries))
        yield World(number, cluster, settings.secret.decode(), world.posyandu(boundaries, number))


@contextmanager
def servers(here: World, tipg: Path | None, martin: str | None, directory: Path) -> Iterator[Servers]:
    with ExitStack() as stack:
        enter, service = stack.enter_context, here.cluster.url("titik_service")
        yield Servers(
            enter(peers.titik(service, here.secret, directory / "titik.log")),
            enter(peers.titik(service, here.secret, directory / "titik-cold.log", is_keeping=False)),
            enter(peers.tipg(tipg, here.url, directory / "tipg.log")) if tipg else None,
            enter(peers.martin(martin, here.url, directory / "martin.log")) if martin else None,
            enter(peers.martin(martin, here.url, directory / "martin-cold.log", is_keeping=False)) if martin else None,
            enter(peers.empty(directory / "empty.log")),
        )


def measure(case: Case, here: World, bases: Servers, wanted: argparse.Namespace) -> Outcome:
    """All in turn, round after round."""
    turns = list(_turns(case, here, bases, wanted.dir))
    rounds: dict[str, list[Measured]] = {}
    for name, ask in turns:
        # Who does not answer each client once in that time is given longer.
        seconds, found = wanted.seconds, ask(WARM_UP_S, 0)
        while found.per_s * seconds < load.CLIENTS and seconds < load.LONGEST_S:
            seconds = min(seconds * 4, load.LONGEST_S)
            found = ask(seconds, 0)
        if seconds > wanted.seconds:
            print(f"{case.name}: {name} {found.per_s:.2f}/s in one round of {seconds} s", file=sys.stderr, flush=True)
            rounds[name] = [found]
    quick = [(name, ask) for name, ask in turns if name not in rounds]
    for number in range(wanted.rounds):
        for name, ask in quick:
            rounds.setdefault(name, []).append(ask(wanted.seconds, 997 * number))
    told = "   ".join(f"{name} {reporting.median(found):.1f}/s" for name, found in rounds.items())
    print(f"{case.name}: {told}", file=sys.stderr, flush=True)
    return Outcome(case.name, rounds)


def _turns(case: Case, here: World, bases: Servers, directory: Path) -> Iterator[tuple[str, load.Asking]]:
    name = "".join(letter if letter.isalnum() else "-" for letter in case.name)

    def http_of(who: str, base: str, paths: list[str], headers: list[str]) -> tuple[str, load.Asking]:
        file = directory / f"{name}.{who}.txt"
        file.write_text("\n".join(paths) + "\n")
        return who, lambda seconds, at: load.http(base, file, seconds, at=at, headers=headers)

    headers = list(case.headers)
    if case.is_unchanged:
        headers.append(f"If-None-Match: {_fetch(bases.titik + case.titik[0]).headers['ETag']}")
    titik, martin = (bases.titik_cold, bases.martin_cold) if case.is_cold else (bases.titik, bases.martin)
    if case.statements:
        script = directory / f"{name}.sql"
        script.write_text(asyncio.run(load.pgbench_script(here.url, case.name, case.statements)))
        yield "pgbench", lambda seconds, _: load.pgbench(here.cluster, script, seconds)
    yield http_of("Titik", titik, list(case.titik), headers)
    if case.tipg and bases.tipg:
        yield http_of("tipg", bases.tipg, list(case.tipg), headers)
    if case.martin and martin:
        yield http_of("Martin", martin, list(case.martin), headers)
    if case.is_unchanged and bases.empty:
        yield http_of("empty route", bases.empty, ["/"], [])


def measure_growth(worlds: list[World], stack: ExitStack, wanted: argparse.Namespace) -> list[Outcome]:
    """The same case in each world, in turn; named by the number of points."""
    told: dict[str, dict[str, list[Measured]]] = {}
    asked = []
    for here in worlds:
        log = wanted.dir / f"titik-{here.number}.log"
        (wanted.dir / str(here.number)).mkdir(exist_ok=True)
        base = stack.enter_context(peers.titik(here.cluster.url("titik_service"), here.secret, log, is_keeping=False))
        for case in cases.growth(here.known):
            turns = dict(_turns(case, here, Servers(base, base), wanted.dir / str(here.number)))
            turns["Titik"](WARM_UP_S, 0)
            asked.append((case.name, f"{here.number:,}", turns["Titik"]))
    for number in range(wanted.rounds):
        for name, size, ask in asked:
            told.setdefault(name, {}).setdefault(size, []).append(ask(wanted.seconds, 997 * number))
    return [Outcome(name, rounds) for name, rounds in told.items()]


def look_at_every_tile(here: World, directory: Path, when: str) -> EveryTile:
    """Tiles of all zooms, one after the other, each once and with nothing kept by Titik. The first time PostgreSQL reads most of it from the disk."""
    with peers.titik(here.cluster.url("titik_service"), here.secret, directory / "titik-tiles.log", is_keeping=False) as base:
        connection = http.client.HTTPConnection(base.removeprefix("http://"), timeout=load.LONGEST_S)
        found = []
        for path in cases.every_tile(here.known, 150):
            began = time.perf_counter()
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read()
            if answer.status not in (200, 204):
                raise RuntimeError(f"{path}: {answer.status}")
            found.append((time.perf_counter() - began, len(body), path))
    return EveryTile(here.number, when, found)


def _fetch(address: str) -> http.client.HTTPResponse:
    answer: http.client.HTTPResponse = urllib.request.urlopen(address)
    answer.read()
    return answer


def _server_versions(url: str) -> str:
    async def ask() -> str:
        connection = await asyncpg.connect(url)
        try:
            return str(
                await connection.fetchval(
                    "SELECT format('postgresql %s, postgis %s, shared_buffers %s', current_setting('server_version'), "
                    "postgis_lib_version(), current_setting('shared_buffers'))"
                )
            )
        finally:
            await connection.close()

    return asyncio.run(ask())


if __name__ == "__main__":
    main()
