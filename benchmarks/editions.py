"""What an edition would change beside what activating it then changes, on the demonstration: how long each takes, and whether they are equal.

    python -m benchmarks.editions FILE [--accuracy-m 10] [--points 1]

FILE is any boundary file of Kota Kediri. In a private cluster of its own: the approximate edition and the sample points of `serve --demo`
(`--points`: so many copies of each), FILE as another edition. The jobs are those that the service starts, in processes of their own; their times include the start of Python.
Ends with 1 where the two differ, or comparing has written anything but the row of its job.
"""

import argparse
import asyncio
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import SecretStr

from app.access.rights import Actor
from app.background.children import environment_of
from app.boundaries import jobs
from app.boundaries.jobs import Confirmation, LoadOptions
from app.cluster import open_cluster
from app.connections import open_once
from app.db import Row, WriteSession
from app.demo import trial
from app.operator import operation
from app.settings import Settings
from app.statement import Statement
from app.storage.disk import Upload
from benchmarks.post import machine

ROOT = Path(__file__).resolve().parent.parent
EDITION = "bench"
ACCOUNT = Statement("INSERT INTO titik.account (name, role) VALUES ('bench', 'admin') RETURNING id")
ACT = Statement("SELECT set_config('titik.role', 'admin', true), set_config('titik.account', CAST(:id AS text), true)")
TAKE_BACK = Statement("DELETE FROM queue.pgqueuer")
JOB = Statement("SELECT state, problem, found, points, areas FROM titik.boundary_job WHERE id = CAST(:id AS uuid)")
# Of each table its number of rows and its newest transaction; all but the jobs' own.
TABLES = Statement("""
    SELECT string_agg(format('SELECT %L AS name, count(*) AS number, coalesce(max(xmin::text::bigint), 0) AS newest FROM %s', c.oid::regclass, c.oid::regclass),
                      ' UNION ALL ' ORDER BY c.oid::regclass::text)
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname IN ('titik', 'published', 'internal') AND c.relkind = 'r' AND c.oid <> 'titik.boundary_job'::regclass
""")
# More points as those that are there, each a few metres away.
COPY_POINTS = Statement("""
    WITH copied AS (
        SELECT r.*, titik.uuid7() AS new_point, titik.uuid7() AS new_id FROM titik.revision r, generate_series(2, CAST(:copies AS int)) WHERE r.state = 'published'
    ), point AS (
        INSERT INTO titik.point (id, category, kelurahan, status) SELECT c.new_point, p.category, p.kelurahan, p.status FROM copied c JOIN titik.point p ON p.id = c.point_id
    )
    INSERT INTO titik.revision (id, point_id, number, state, kelurahan, geom, accuracy_m, method, captured_at, name, attributes, override_reason, status,
                                content_sha256, edition_id, verdict, found_in, distance_m, placement, flags, created_by, held_by, submitted_at, predecessors)
    SELECT new_id, new_point, 1, 'submitted', kelurahan, ST_Translate(geom, (random() - 0.5) / 500, (random() - 0.5) / 500), accuracy_m, method, captured_at, name,
           attributes, coalesce(override_reason, 'bench'), status, content_sha256, edition_id, verdict, found_in, distance_m, placement, flags, created_by, held_by, submitted_at, predecessors
      FROM copied
""")


class Step(NamedTuple):
    seconds: float
    cpu_s: float
    """Of its process: on a machine that does other things too, the better figure."""
    row: Row

    def __str__(self) -> str:
        return f"{self.seconds:.1f} s ({self.cpu_s:.1f} s of a processor)"


async def _begin(settings: Settings, account: int, kind: str, file: Path, accuracy_m: float) -> UUID:
    """A job that no service takes up."""
    async with open_once(settings.service_dsn) as session:
        await session.run(ACT, id=str(account))
        actor = Actor(account, "bench", "admin")
        if kind == "load":
            with file.open("rb") as opened:
                options = LoadOptions(file.name, EDITION, accuracy_m, file.name, incomplete=True)
                row = await jobs.begin_load(session, actor, Upload.of(opened), options, None)
        elif kind == "compare":
            row = await jobs.begin_comparison(session, actor, await jobs.find_edition(session, EDITION), None)
        else:
            row = await jobs.begin_activation(session, actor, await jobs.find_edition(session, EDITION), Confirmation(None, EDITION), None)
        await session.run(TAKE_BACK)
    found: UUID = row["id"]
    return found


async def _step(settings: Settings, account: int, kind: str, file: Path, accuracy_m: float) -> Step:
    job = await _begin(settings, account, kind, file, accuracy_m)
    began, used = time.monotonic(), _cpu_s()
    await asyncio.to_thread(_run, settings, job)
    seconds, cpu_s = time.monotonic() - began, _cpu_s() - used
    async with open_once(settings.owner_dsn) as session:
        row = await session.one(JOB, id=job)
    if row["state"] != "done":
        raise SystemExit(f"{kind}: {row['problem']}")
    return Step(seconds, cpu_s, row)


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _run(settings: Settings, job: UUID) -> None:
    """The job in a process of its own, which ends when its standard input does."""
    command = [sys.executable, "-m", "app.boundaries.working", str(job)]
    with subprocess.Popen(command, cwd=ROOT, env=environment_of(settings), stdin=subprocess.PIPE) as process:
        process.wait()


async def _written(session: WriteSession) -> list[Any]:
    return [tuple(row.values()) for row in await session.all(Statement(await session.value(TABLES)))]


async def measure(settings: Settings, file: Path, accuracy_m: float, copies: int) -> bool:
    async with open_once(settings.owner_dsn) as session:
        account = await session.value(ACCOUNT)
        await trial.load_samples(session, lambda _: None)
        await session.run(COPY_POINTS, copies=copies)
    loaded = await _step(settings, account, "load", file, accuracy_m)
    async with open_once(settings.owner_dsn) as session:
        before = await _written(session)
    compared = await _step(settings, account, "compare", file, accuracy_m)
    async with open_once(settings.owner_dsn) as session:
        is_clean = await _written(session) == before
    activated = await _step(settings, account, "activate", file, accuracy_m)
    counts = compared.row["found"]["counts"]
    are_equal = (
        all(compared.row[name] == activated.row[name] for name in ("points", "areas")) and counts == activated.row["found"]["counts"]
    )
    print(f"load {loaded}, impact {compared}, activate {activated}")
    print(f"{counts['changed']} of {counts['judged']} points, {counts['kelurahan']} kelurahan; from where to where: {counts['moves']}")
    print(
        f"impact and activation are {'equal' if are_equal else 'NOT EQUAL'}; comparing wrote {'nothing else' if is_clean else 'SOMETHING ELSE'}"
    )
    return are_equal and is_clean


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--accuracy-m", type=float, default=10.0)
    parser.add_argument("--points", type=int, default=1)
    asked = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory(prefix="titik-bench-") as folder, open_cluster(Path(folder)) as cluster:
        settings = Settings(
            database_url=SecretStr(cluster.url("titik_service")),
            owner_url=SecretStr(cluster.url("titik_owner")),
            secret_key=SecretStr("x" * 32),
            data_dir=Path(folder) / "data",
        )
        operation.upgrade(settings, lambda _: None)
        sys.exit(not asyncio.run(measure(settings, asked.file, asked.accuracy_m, asked.points)))


if __name__ == "__main__":
    main()
