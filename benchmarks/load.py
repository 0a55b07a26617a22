"""Load on a server over HTTP, by wrk where it is installed, and on PostgreSQL alone, by pgbench with the statements of the service."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import orjson

from app.cluster import Cluster
from app.db import PLANNED_ONCE, ReadSession
from app.statement import RowT, Statement

ROOT = Path(__file__).resolve().parent.parent
CLIENTS = 8
LONGEST_S = 60
_TYPES = {bool: "boolean", int: "bigint", float: "float8", str: "text", UUID: "uuid"}


class Measured(NamedTuple):
    """Answers a second, milliseconds for one, bytes of one (0: not told)."""

    per_s: float
    p50_ms: float
    p99_ms: float
    bytes: float


# Seconds, and where in the list of addresses to begin.
Asking = Callable[[int, int], Measured]


def tool() -> str:
    return "wrk" if shutil.which("wrk") else "benchmarks.get_client (no wrk here)"


def http(base: str, paths: Path, seconds: int, *, at: int = 0, clients: int = CLIENTS, headers: Sequence[str] = ()) -> Measured:
    """Asks for the paths of a file in turn. RuntimeError where an answer is an error."""
    if shutil.which("wrk"):
        told = [part for header in headers for part in ("-H", header)]
        command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", f"{LONGEST_S}s", *told, "-s", str(ROOT / "benchmarks" / "load.lua")]  # fmt: skip
        command += [base, "--", str(paths), str(at)]
    else:
        host, port = base.removeprefix("http://").split(":")
        command = [sys.executable, "-m", "benchmarks.get_client", host, port, str(paths), str(at), str(seconds), str(clients), *headers]
    printed = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout
    found = orjson.loads(printed.strip().rpartition("\n")[2])
    if found["failed"]:
        raise RuntimeError(f"{found['failed']} of {found['requests']} answers of {base} to {paths} are errors")
    number = found["requests"]
    return Measured(number / found["seconds"], found["p50_ms"], found["p99_ms"], found["bytes"] / number if number else 0)


class _Recorder(ReadSession):
    """Notes the statement that a function of the service would run."""

    def __init__(self) -> None:
        self.asked: tuple[Statement[object], Mapping[str, object]] | None = None

    async def _call(self, _method: str, statement: Statement[RowT], named: Mapping[str, object]) -> Any:
        self.asked = statement, named
        raise LookupError


def recorded(function: Any, *arguments: Any) -> tuple[Statement[object], Mapping[str, object]]:
    """The one statement, and its values, that `function(session, *arguments)` runs."""
    recorder = _Recorder()
    coroutine: Coroutine[Any, Any, Any] = function(recorder, *arguments)
    with suppress(LookupError):
        coroutine.send(None)
    assert recorder.asked
    return recorder.asked


async def pgbench_script(owner_url: str, name: str, asked: Sequence[tuple[Statement[object], Mapping[str, object]]]) -> str:
    """Runs the statement with the values of one of `asked`, by chance. They lie in a table; those that are always the same stand in the text.

    pgbench takes texts only, and a `bytea` would be written out in digits: the text itself has the same bytes.
    """
    statement, first = asked[0]
    same = {key for key, value in first.items() if isinstance(value, (int, str)) and all(named[key] == value for _, named in asked)}
    others = [key for key in statement.names if key not in same]
    table = f"asked_{re.sub(r'[^a-z0-9]+', '_', name)}"
    connection = await asyncpg.connect(owner_url)
    columns = ", ".join(f"{key} {_type(first[key], asked, key)}" for key in others)
    await connection.execute(f"DROP TABLE IF EXISTS bench.{table}")
    await connection.execute(f"CREATE TABLE bench.{table} (n int PRIMARY KEY{', ' if columns else ''}{columns})")
    rows = [(n, *(named[key] for key in others)) for n, (_, named) in enumerate(asked)]
    await connection.copy_records_to_table(table, schema_name="bench", records=rows)
    await connection.execute(f"ANALYZE bench.{table}; GRANT USAGE ON SCHEMA bench TO PUBLIC; GRANT SELECT ON bench.{table} TO PUBLIC")
    await connection.close()

    def value(found: re.Match[str]) -> str:
        key = statement.names[int(found[1]) - 1]
        return _literal(first[key]) if key in same else f"(SELECT b.{key} FROM bench.{table} b WHERE b.n = :n)"

    sql = re.sub(r"convert_to\((.+), 'UTF8'\) AS features", r"\1 AS features", re.sub(r"\$(\d+)", value, statement.sql))
    return f"\\set n random(0, {len(asked) - 1})\n{sql};\n"


def _type(value: object, asked: Sequence[tuple[Statement[object], Mapping[str, object]]], key: str) -> str:
    if isinstance(value, list):
        filled = next((named[key] for _, named in asked if named[key]), [0])
        assert isinstance(filled, list)
        return f"{_TYPES[type(filled[0])]}[]"
    known = next((named[key] for _, named in asked if named[key] is not None), 0.0)
    return _TYPES[type(known)]


def _literal(value: object) -> str:
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def pgbench(cluster: Cluster, script: Path, seconds: int) -> Measured:
    """On connections that are set up as those of the service for reading."""
    session = {"role": "titik_public", "default_transaction_read_only": "on", "jit": "off", **PLANNED_ONCE}
    command = [cluster.binaries / "pgbench", "-n", "-M", "prepared", "-c", CLIENTS, "-j", 1, "-T", seconds, "-f", script]
    command.append(cluster.url("titik_service"))
    environment = {**os.environ, "PGOPTIONS": " ".join(f"-c {name}={value}" for name, value in session.items())}
    printed = subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True, env=environment).stdout
    per_s, ms = re.search(r"tps = ([\d.]+)", printed), re.search(r"latency average = ([\d.]+)", printed)
    assert per_s
    assert ms
    return Measured(float(per_s[1]), float(ms[1]), 0, 0)
