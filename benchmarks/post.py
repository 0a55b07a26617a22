"""POST alone, one worker, against what pgbench reaches with the same statements on the same cluster in the same run.

    make bench            (or: .venv/bin/python -m benchmarks.post --seconds 8 --rounds 5)

Both sides write real points of Mojoroto through 8 connections, with the durability of production (fsync on). The two take turns, so
that a noisy machine is noisy for both; the ratio of each round counts, and the median of the ratios is the figure.
"""

import argparse
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from app.accounts import queries as account_queries
from app.accounts.tokens import hash_token
from app.boundaries.queries import LOCATE
from app.categories.queries import ONE
from app.cluster import Cluster, open_cluster
from app.db import WRITING, Statement
from app.points.queries import STORE_NEW

ROOT = Path(__file__).resolve().parent.parent
CLIENTS = 8
# Places within Mojoroto by any edition: 112.0016 ± 0.002, -7.8041 ± 0.002.
LON, LAT, SPREAD = 112.0016, -7.8041, 2000


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=int, default=8)
    arguments.add_argument("--rounds", type=int, default=5)
    wanted = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="titik-bench-") as directory:
        Path(directory).chmod(0o711)
        data_dir = Path(directory) / "data"
        with open_cluster(data_dir) as cluster, served(data_dir) as known:
            script = pgbench_script(known["TITIK_TOKEN_PIC"], (data_dir / "secret.key").read_text().strip())
            path = Path(directory) / "post.sql"
            path.write_text(script)
            rounds = []
            measure_titik(known, 2)
            for number in range(wanted.rounds):
                limit = measure_pgbench(cluster, path, wanted.seconds)
                ours = measure_titik(known, wanted.seconds)
                rounds.append((limit, ours))
                print(f"round {number + 1}: pgbench {limit:7.0f}/s   POST {ours:7.0f}/s   ratio {ours / limit:.2f}", flush=True)
            report(rounds, wanted.seconds, version(cluster))


@contextmanager
def served(data_dir: Path) -> Iterator[dict[str, str]]:
    """`titik serve --demo` with one worker in a process of its own; gives the variables of its token file."""
    environment = {**os.environ, "TITIK_DATA_DIR": str(data_dir), "TITIK_LOG_LEVEL": "warning", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", "from app.cli import main; main()", "serve", "--demo", "--port", "0"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert process.stderr
    try:
        for line in process.stderr:
            if "Ctrl-C" in line:
                break
        yield dict(line.split("=", 1) for line in (data_dir / "demo-tokens.env").read_text().splitlines())
    finally:
        process.terminate()
        process.wait(30)


def pgbench_script(token: str, secret: str) -> str:
    """The statements of one POST, in their order, with values of the same kind."""
    hashed = hash_token(secret.encode(), token)
    known = {
        "token_hash": rf"'\x{hashed.hex()}'::bytea", "category": "'posyandu'", "kelurahan": "'35.71.01.1011'", "accuracy_m": "12.5",
        "lons": "ARRAY[:lon]", "lats": "ARRAY[:lat]", "declared": "ARRAY['35.71.01.1011']", "method": "'gps'",
        "lon": ":lon", "lat": ":lat", "captured_at": "now()", "name": "'Posyandu Melati'", "address": "'Jalan Veteran 1'", "rw": "'02'", "rt": "'01'",
        "attributes": """'{"jenis": "balita", "kader_aktif": 5}'""", "override_reason": "NULL", "content_sha256": "sha256('x')",
        "edition_id": "1", "verdict": "'inside'", "found_in": "'35.71.01.1011'", "distance_m": "0",
        "placement": """'{"verdict": "inside", "kelurahan": "35.71.01.1011", "neighbours": [], "edition": "Perkiraan 2026", "flags": []}'""",
        "flags": "'{}'", "point_id": "gen_random_uuid()",
        "revision": "gen_random_uuid()", "account_id": ":account", "action": "'point.submit'", "detail": """'{"point": "01a20473-f092-705b-9606-2dbe0c517d43"}'""",
    }  # fmt: skip
    statements = [
        with_values(account_queries.SIGN_IN, known).replace("SELECT account_id,", "SELECT account_id AS account,") + r" \gset",
        with_values(ONE, known) + ";",
        with_values(LOCATE, known) + ";",
        with_values(STORE_NEW, known) + ";",
    ]
    setting = f"\\set lon {LON} + random(-{SPREAD}, {SPREAD}) / 1000000.0\n\\set lat {LAT} + random(-{SPREAD}, {SPREAD}) / 1000000.0\n"
    return setting + "BEGIN;\n" + "\n".join(statements) + "\nCOMMIT;\n"


def with_values(statement: Statement, values: Mapping[str, str]) -> str:
    return re.sub(r"\$(\d+)", lambda found: values[statement.names[int(found[1]) - 1]], statement.sql)


def measure_pgbench(cluster: Cluster, script: Path, seconds: int) -> float:
    url = cluster.url("titik_service")
    command = [cluster.binaries / "pgbench", "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2", "-T", str(seconds), "-f", script, url]
    environment = {**os.environ, "PGOPTIONS": " ".join(f"-c {name}={value}" for name, value in WRITING.items())}
    printed = subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True, env=environment).stdout
    found = re.search(r"tps = ([\d.]+)", printed)
    assert found, printed
    return float(found[1])


def measure_titik(known: Mapping[str, str], seconds: int) -> float:
    """Posts a second, from a client of its own process that does little but write and read sockets."""
    host, port = known["TITIK_URL"].removeprefix("http://").split(":")
    command = [sys.executable, "-m", "benchmarks.post_client", host, port, str(seconds), str(CLIENTS)]
    environment = {**os.environ, "TITIK_TOKEN": known["TITIK_TOKEN_PIC"]}
    printed = subprocess.run(command, check=True, capture_output=True, text=True, env=environment, cwd=ROOT).stdout
    return float(printed)


def version(cluster: Cluster) -> str:
    return subprocess.run([cluster.binaries / "postgres", "--version"], check=True, capture_output=True, text=True).stdout.strip()


def report(rounds: list[tuple[float, float]], seconds: int, postgres: str) -> None:
    ratio = statistics.median(ours / limit for limit, ours in rounds)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], check=False, capture_output=True, text=True, cwd=ROOT).stdout.strip()
    lines = [
        "# POST alone, one worker",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, commit {commit or '-'}, {os.cpu_count()} cores, Python {platform.python_version()}, {postgres}; "
        f"{len(rounds)} rounds of {seconds} s, {CLIENTS} clients; `make bench`.",
        "",
        "| | median |",
        "|---|---|",
        f"| pgbench, same statements | {statistics.median(limit for limit, _ in rounds):.0f} /s |",
        f"| POST | {statistics.median(ours for _, ours in rounds):.0f} /s |",
        f"| ratio (median of rounds) | {ratio:.2f} |",
        "",
    ]
    path = ROOT / "benchmarks" / "results" / "post.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
