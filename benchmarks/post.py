"""POST alone, one worker, against what pgbench reaches with the same statements on the same cluster in the same run.

    make bench            (or: .venv/bin/python -m benchmarks.post --seconds 8 --rounds 5)

Both sides write real points all over the city, because the look for likeness costs what there is around each, through 8 connections of one role, with the durability and the session settings of
production; the service logs as it does there. The two take turns, so that a noisy machine is noisy for both; the ratio of each round
counts, and the median of the ratios is the figure. Revisions are counted before and after: a rate of anything else is no result.
The client of the service shares the machine with it; pgbench needs less for the same, which counts against the service.
"""

import argparse
import asyncio
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import asyncpg

from app.accounts import queries as account_queries
from app.accounts.tokens import hash_token
from app.cluster import Cluster, open_cluster
from app.db import PLANNED_ONCE
from app.placement.locating import LOCATE
from app.points.likeness import ALIKE
from app.points.queries import STORE_NEW
from app.settings import Settings
from app.statement import Statement

ROOT = Path(__file__).resolve().parent.parent
CLIENTS = 8
# Points lie so many millionths of a degree around the label points of the kelurahan that reach so far, 440 m across.
SPREAD = 2000
# What the service stores for such a point, as long as that.
DETAIL = '{"point": "01a20473-f092-705b-9606-2dbe0c517d43", "category": "posyandu", "verdict": "inside"}'
PLACEMENT = (
    '{"verdict": "inside", "kelurahan": "35.71.01.1011", "kelurahan_name": "Mojoroto", "distance_m": 0.0, "bearing": null, '
    '"neighbours": [{"code": "35.71.02.1001", "name": "Semampir", "distance_m": 615.3}, '
    '{"code": "35.71.01.1012", "name": "Campurejo", "distance_m": 702.9}], "edition": "Perkiraan 2026", "flags": []}'
)


# Who posts may do so wherever the points are.
PLACES = f"""
    WITH places AS (
        SELECT b.region_code AS code, ST_X(b.label) AS lon, ST_Y(b.label) AS lat
          FROM titik.boundary b JOIN titik.boundary_edition e ON e.id = b.edition_id AND e.active
         WHERE ST_Covers(b.geom, ST_Expand(b.label, {SPREAD} / 1e6))
    ), allowed AS (
        INSERT INTO titik.account_kelurahan (account_id, kelurahan)
        SELECT a.id, p.code FROM titik.account a, places p WHERE a.role = 'pic' ON CONFLICT DO NOTHING
    )
    SELECT code, lon, lat FROM places ORDER BY code
"""


class Place(NamedTuple):
    code: str
    lon: float
    lat: float


class Measured(NamedTuple):
    """How many points were written, and at which rate."""

    points: int
    per_s: float


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seconds", type=int, default=8)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "results" / "post.md")
    wanted = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="titik-bench-") as directory:
        Path(directory).chmod(0o711)
        data_dir = Path(directory) / "data"
        with open_cluster(data_dir) as cluster, served(data_dir) as known:
            script = Path(directory) / "post.sql"
            owner_url = cluster.url("titik_owner")
            places = asyncio.run(opened_places(owner_url))
            (Path(directory) / "places.json").write_text(json.dumps(places))
            script.write_text(pgbench_script(known["TITIK_TOKEN_PIC"], (data_dir / "secret.key").read_text().strip(), places))
            rounds = []
            measure_titik(owner_url, known, 2, Path(directory) / "places.json")
            for number in range(wanted.rounds):
                limit = measure_pgbench(cluster, script, wanted.seconds)
                ours = measure_titik(owner_url, known, wanted.seconds, Path(directory) / "places.json")
                rounds.append((limit, ours))
                ratio = ours.per_s / limit.per_s
                print(f"round {number + 1}: pgbench {limit.per_s:7.0f}/s   POST {ours.per_s:7.0f}/s   ratio {ratio:.2f}", flush=True)
            told = report(rounds, wanted.seconds, cluster)
    wanted.output.parent.mkdir(exist_ok=True)
    wanted.output.write_text(told)
    print(told)


@contextmanager
def served(data_dir: Path) -> Iterator[dict[str, str]]:
    """`titik serve --demo` with one worker in a process of its own; gives the variables of its token file."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TITIK_") or name == "TITIK_PG_BIN"}
    environment |= {"TITIK_DATA_DIR": str(data_dir), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", "from app.cli import main; main()", "serve", "--demo", "--port", "0"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert process.stderr
    told = []
    try:
        for line in process.stderr:
            told.append(line)
            if "Ctrl-C" in line:
                break
        else:
            raise RuntimeError("".join(told))
        yield dict(line.split("=", 1) for line in (data_dir / "demo-tokens.env").read_text().splitlines())
    finally:
        process.terminate()
        process.wait(30)


async def opened_places(owner_url: str) -> list[Place]:
    connection = await asyncpg.connect(owner_url)
    try:
        return [Place(*row) for row in await connection.fetch(PLACES)]
    finally:
        await connection.close()


def pgbench_script(token: str, secret: str, places: Sequence[Place]) -> str:
    """The statements of one POST, in their order, with values of the same kind."""
    hashed = hash_token(secret.encode(), token)

    def of_place(values: Iterable[str], kind: str) -> str:
        return f"(ARRAY[{', '.join(values)}]::{kind}[])[:k]"

    code = of_place((f"'{place.code}'" for place in places), "text")
    lon, lat = of_place((repr(place.lon) for place in places), "float8"), of_place((repr(place.lat) for place in places), "float8")
    lon, lat = f"({lon} + :east / 1e6)", f"({lat} + :north / 1e6)"
    known = {
        "token_hash": rf"'\x{hashed.hex()}'::bytea", "category": "'posyandu'", "kelurahan": code, "accuracy_m": "12.5",
        "lons": f"ARRAY[{lon}]", "lats": f"ARRAY[{lat}]", "declared": f"ARRAY[{code}]", "method": "'gps'",
        "key_common": "NULL", "key_attributes": "NULL", "near_m": "30", "similar": "0.6", "close_m": "0.5", "shown": "5",
        "but_not": "'{}'", "kind": "'point'", "state": "'submitted'", "status": "'active'", "predecessors": "'{}'", "succession": "NULL", "reason": "NULL",
        "lon": lon, "lat": lat, "captured_at": "now()", "name": "'Posyandu Melati'", "address": "'Jalan Veteran 1'", "rw": "'02'", "rt": "'01'",
        "attributes": """'{"jenis": "balita", "kader_aktif": 5}'""", "override_reason": "NULL", "content_sha256": "sha256('x')",
        "edition_id": "1", "verdict": "'inside'", "found_in": code, "distance_m": "0",
        "placement": f"'{PLACEMENT}'",
        "flags": "'{}'", "point_id": "gen_random_uuid()",
        "revision": "gen_random_uuid()", "account_id": ":account", "action": "'point.submit'", "detail": f"'{DETAIL}'",
    }  # fmt: skip
    statements = [
        with_values(account_queries.SIGN_IN, known).replace("SELECT account_id,", "SELECT account_id AS account,") + r" \gset",
        with_values(LOCATE, known) + ";",
        with_values(ALIKE, known) + ";",
        with_values(STORE_NEW, known) + ";",
    ]
    setting = f"\\set k random(1, {len(places)})\n\\set east random(-{SPREAD}, {SPREAD})\n\\set north random(-{SPREAD}, {SPREAD})\n"
    return setting + "BEGIN;\n" + "\n".join(statements) + "\nCOMMIT;\n"


def with_values(statement: Statement, values: Mapping[str, str]) -> str:
    return re.sub(r"\$(\d+)", lambda found: values[statement.names[int(found[1]) - 1]], statement.sql)


def counted(owner_url: str) -> int:
    """The revisions that are stored, committed and seen by another connection."""

    async def count() -> int:
        connection = await asyncpg.connect(owner_url)
        try:
            return int(await connection.fetchval("SELECT count(*) FROM titik.revision"))
        finally:
            await connection.close()

    return asyncio.run(count())


def measure_pgbench(cluster: Cluster, script: Path, seconds: int) -> Measured:
    """Transactions a second on connections that are set up as those of the service."""
    default = {name: field.default for name, field in Settings.model_fields.items()}
    session = {
        **PLANNED_ONCE, "jit": "off", "statement_timeout": default["statement_timeout_ms"], "lock_timeout": default["lock_timeout_ms"],
        "idle_in_transaction_session_timeout": 15_000,
    }  # fmt: skip
    command = [cluster.binaries / "pgbench", "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2", "-T", str(seconds), "-f", script]
    command.append(cluster.url("titik_service"))
    environment = {**os.environ, "PGOPTIONS": " ".join(f"-c {name}={value}" for name, value in session.items())}
    owner_url = cluster.url("titik_owner")
    before = counted(owner_url)
    printed = subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True, env=environment).stdout
    found = re.search(r"actually processed: (\d+).*tps = ([\d.]+)", printed, re.DOTALL)
    assert found, printed
    return checked(before, Measured(int(found[1]), float(found[2])), owner_url)


def measure_titik(owner_url: str, known: Mapping[str, str], seconds: int, places: Path) -> Measured:
    """Posts a second, from a client of its own process that does little but write and read sockets."""
    host, port = known["TITIK_URL"].removeprefix("http://").split(":")
    command = [sys.executable, "-m", "benchmarks.post_client", host, port, str(seconds), str(CLIENTS), str(places)]
    environment = {**os.environ, "TITIK_TOKEN": known["TITIK_TOKEN_PIC"]}
    before = counted(owner_url)
    printed = subprocess.run(command, check=True, capture_output=True, text=True, env=environment, cwd=ROOT).stdout
    points, took = printed.split()
    return checked(before, Measured(int(points), int(points) / float(took)), owner_url)


def checked(before: int, measured: Measured, owner_url: str) -> Measured:
    if (stored := counted(owner_url) - before) != measured.points:
        raise RuntimeError(f"{measured.points} points were told of, {stored} are there")
    return measured


def machine() -> str:
    """Processor, cores, memory, kernel."""
    try:
        model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    except OSError:
        model = None
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return f"{model[1] if model else platform.processor() or '?'}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.release()}"


def versions(cluster: Cluster) -> str:
    async def ask() -> str:
        connection = await asyncpg.connect(cluster.url("titik_owner"))
        try:
            found = await connection.fetchrow(
                "SELECT current_setting('server_version') AS postgresql, postgis_lib_version() AS postgis, current_setting('fsync') AS fsync, "
                "current_setting('synchronous_commit') AS synchronous_commit, current_setting('full_page_writes') AS full_page_writes"
            )
            return ", ".join(f"{name} {value}" for name, value in found.items())
        finally:
            await connection.close()

    packages = ", ".join(f"{name} {version(name)}" for name in ("fastapi", "starlette", "uvicorn", "uvloop", "asyncpg", "pydantic"))
    return f"{asyncio.run(ask())}; Python {platform.python_version()}, {packages}"


def report(rounds: list[tuple[Measured, Measured]], seconds: int, cluster: Cluster) -> str:
    ratios = [ours.per_s / limit.per_s for limit, ours in rounds]
    command = ["git", "describe", "--always", "--dirty"]
    commit = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT).stdout.strip()
    rows = [("pgbench, same statements", [limit for limit, _ in rounds]), ("POST", [ours for _, ours in rounds])]
    lines = [
        "# POST alone, one worker",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, commit {commit or '-'}; {len(rounds)} rounds of {seconds} s, {CLIENTS} clients; `make bench`.",
        "",
        f"Machine: {machine()}.",
        "",
        f"Versions: {versions(cluster)}.",
        "",
        "| | points | median of rounds | least to most |",
        "|---|---:|---:|---|",
        *(
            f"| {name} | {sum(one.points for one in measured)} | {statistics.median(one.per_s for one in measured):.0f} /s "
            f"| {min(one.per_s for one in measured):.0f} to {max(one.per_s for one in measured):.0f} /s |"
            for name, measured in rows
        ),
        f"| ratio, round by round | | {statistics.median(ratios):.2f} | {min(ratios):.2f} to {max(ratios):.2f} |",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
