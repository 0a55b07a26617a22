"""How long `titik audit verify` takes, by its parts, over points that were sent and published; and what the hash of a revision costs.

    .venv/bin/python -m benchmarks.verify [--points 100000]

The rows are written by statements, as the service leaves them: two audit rows for each point. One point in ten is an RT, whose public place is
rounded within its kelurahan, which is what takes longest to make anew.
"""

import argparse
import asyncio
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable
from pathlib import Path
from typing import TypeVar

from app.audit import sealing
from app.audit.record import revision_sha256
from app.cluster import open_cluster
from app.connections import open_once
from app.db import WriteSession
from app.operator import tampering
from app.published import projection
from app.statement import Statement
from benchmarks.post import machine, served

Result = TypeVar("Result")

POINTS = Statement("""
    INSERT INTO titik.point (id, category, kelurahan)
    SELECT titik.uuid7(), CASE WHEN n % 10 = 0 THEN 'rt' ELSE 'posyandu' END, place.code
      FROM generate_series(1, CAST(:number AS int)) AS n
      JOIN (SELECT region_code AS code, row_number() OVER (ORDER BY region_code) - 1 AS at, count(*) OVER () AS number
              FROM titik.boundary b JOIN titik.boundary_edition e ON e.id = b.edition_id AND e.active) place ON place.at = n % place.number
""")
REVISIONS = Statement("""
    INSERT INTO titik.revision (id, point_id, number, state, category, kelurahan, geom, accuracy_m, method, captured_at, name, rw, rt, attributes, content_sha256,
                                edition_id, verdict, found_in, distance_m, placement, flags, created_by, held_by, submitted_at, decided_by, decided_at)
    SELECT titik.uuid7(), p.id, 1, 'published', p.category, p.kelurahan,
           ST_Translate(b.label, (p.feature_id % 41 - 20) / 1e5, (p.feature_id % 37 - 18) / 1e5), 12.5, 'gps', now(), 'Titik ' || p.feature_id,
           (p.feature_id % 20)::text, (p.feature_id % 300)::text, '{"jenis": "balita", "kader_aktif": 5}', sha256(p.id::text::bytea),
           e.id, 'inside', p.kelurahan, 0, '{}', '{}', writer.id, writer.id, now(), reviewer.id, now()
      FROM titik.point p
      JOIN titik.boundary_edition e ON e.active
      JOIN titik.boundary b ON b.edition_id = e.id AND b.region_code = p.kelurahan
      JOIN titik.account writer ON writer.name = 'contoh-pengisi'
      JOIN titik.account reviewer ON reviewer.name = 'contoh-pemeriksa'
     WHERE NOT EXISTS (SELECT FROM titik.revision r WHERE r.point_id = p.id)
""")
AUDIT = Statement(f"""
    INSERT INTO titik.audit (account_id, action, subject, kelurahan, detail)
    SELECT CASE action WHEN 'point.submit' THEN r.created_by ELSE r.decided_by END, action, r.id::text, r.kelurahan,
           jsonb_build_object('kind', 'point', 'point', r.point_id, 'category', p.category, 'verdict', r.verdict, 'state', 'submitted', 'sha256', {revision_sha256("r")})
      FROM titik.revision r JOIN titik.point p ON p.id = r.point_id, unnest(ARRAY['point.submit', 'revision.publish']) AS action
     WHERE NOT EXISTS (SELECT FROM titik.audit a WHERE a.subject = r.id::text)
""")
HASHES = Statement(f"SELECT count({revision_sha256('r')}) FROM titik.revision r")
PLAIN = Statement("SELECT count(r.content_sha256) FROM titik.revision r")
ANALYZE = Statement("ANALYZE")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--points", type=int, default=100_000)
    wanted = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="titik-bench-") as directory:
        Path(directory).chmod(0o711)
        data_dir = Path(directory) / "data"
        with open_cluster(data_dir) as cluster:
            with served(data_dir):
                pass
            asyncio.run(measure(cluster.url("titik_owner"), wanted.points))


async def measure(url: str, number: int) -> None:
    async with open_once(url) as session:
        await session.run(POINTS, number=number)
        for statement in (REVISIONS, AUDIT):
            await session.run(statement)
        await projection.rebuild(session)
        await sealing.seal_all(session)
        await session.run(ANALYZE)
    async with open_once(url) as session:
        rows = await session.value(Statement("SELECT count(*) FROM titik.audit"))
        print(f"{number:,} points, {rows:,} audit rows; {machine()}\n")
        before = memory_mb()
        chain_s, found = await timed(sealing.verify(session))
        stored_s, differing = await timed(tampering.examine(session))
        if found or differing:
            print([finding.text.en for finding in (*found, *differing)][:5])
            sys.exit("what was written just now is not as it was written")
        print(f"the chain                {chain_s:6.1f} s   {rows / chain_s:9,.0f} rows/s")
        print(f"what is stored           {stored_s:6.1f} s   {number / stored_s:9,.0f} points/s")
        print(f"memory, more than before {memory_mb() - before:6.0f} MB")
        await hashing(session, number)


async def hashing(session: WriteSession, number: int) -> None:
    seconds = [(await timed(session.value(statement)))[0] for statement in (PLAIN, HASHES)]
    print(f"hash of one revision     {(seconds[1] - seconds[0]) / number * 1e6:6.1f} µs")


async def timed(work: Awaitable[Result]) -> tuple[float, Result]:
    began = time.perf_counter()
    result = await work
    return time.perf_counter() - began, result


def memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
