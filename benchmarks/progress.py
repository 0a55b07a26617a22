"""How long `/progress` reads and puts together: a city of 46 kelurahan, a page of 1,000 rows, and sums, beside so many made-up kelurahan.

    python -m benchmarks.progress [--kelurahan 83000 --rounds 15]

Within one process and one connection, without HTTP: the statements of `app/progress`, the rows made of them, and their JSON. A cluster of its own, which
is removed again. A third of the counts lie beside the folded ones, as if nobody had folded them for an hour.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import asyncpg
import orjson

from app.access.rights import Actor
from app.cluster import open_cluster
from app.db import WriteSession, prepare_connection
from app.language import Text
from app.operator import operation
from app.progress import reading
from app.progress.reading import ProgressReader
from app.published.catalogue import CategoryCard, Known
from app.regions import queries as regions
from app.regions.codes import Directory
from app.settings import Settings
from benchmarks.post import machine

CATEGORIES = ("kantor_kelurahan", "pos_kamling", "posyandu", "rt")
# Cities of 20 kecamatan of 8 kelurahan.
FILL = """
    INSERT INTO titik.region (code, level, name) SELECT code, 'kabupaten', code FROM (SELECT DISTINCT left(code, 5) AS code FROM bench.kelurahan) c ON CONFLICT DO NOTHING;
    INSERT INTO titik.region (code, level, name, parent_code)
    SELECT code, 'kecamatan', code, left(code, 5) FROM (SELECT DISTINCT left(code, 8) AS code FROM bench.kelurahan) c ON CONFLICT DO NOTHING;
    INSERT INTO titik.region (code, level, name, parent_code) SELECT code, 'kelurahan', code, left(code, 8) FROM bench.kelurahan ON CONFLICT DO NOTHING;
    INSERT INTO internal.kelurahan_total (kelurahan, category, number, verified_at)
    SELECT r.code, c, 30, now() - interval '3 days' FROM titik.region r, unnest(CAST($1 AS text[])) c WHERE r.level = 'kelurahan';
    INSERT INTO internal.profile_value (id, category, kelurahan, kecamatan, city, period, begins, ends, value, meaning, status, version, verified_at, feature)
    SELECT gen_random_uuid(), i, r.code, r.parent_code, left(r.code, 5), '2026', '2026-01-01', '2026-12-31', 32, 'value', 'tetap', 1, now(), '{}'
      FROM titik.region r, unnest(ARRAY['jumlah_rt', 'jumlah_posyandu', 'jumlah_pos_kamling', 'jumlah_rw', 'luas_wilayah']) i WHERE r.level = 'kelurahan';
    INSERT INTO titik.progress SELECT r.code, c, '', 2, 3, 1, 5300000000, 0 FROM titik.region r, unnest(CAST($1 AS text[])) c WHERE r.level = 'kelurahan';
    INSERT INTO titik.progress_delta (kelurahan, category, period, drafted, submitted, returned, submitted_s, reports)
    SELECT kelurahan, category, '', -1, 1, 0, 1770000000, 0 FROM titik.progress WHERE category = 'rt';
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kelurahan", type=int, default=83_000)
    parser.add_argument("--rounds", type=int, default=15)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="titik-progress-") as folder:
        data_dir = Path(folder).resolve()
        data_dir.chmod(0o711)  # the user of the cluster has to get through
        with open_cluster(data_dir) as cluster, operation.database(Settings(data_dir=data_dir), lambda _: None, make=True) as settings:
            operation.upgrade(settings, lambda _: None)
            asyncio.run(_fill(cluster.url("titik_owner"), given.kelurahan))
            asyncio.run(measure(cluster.url("titik_service"), given.rounds))


async def measure(url: str, rounds: int) -> None:
    """As the service reads for the walidata: by its role, under row-level security."""
    connection = await asyncpg.connect(url)
    await prepare_connection(connection)
    await connection.execute("SET titik.role = 'walidata'")
    session = WriteSession(connection)
    every = await regions.all_regions(session)
    cards = {
        name: CategoryCard(name, Text(name, name), Text("", ""), {}, "public", {"published": frozenset(), "internal": frozenset()})
        for name in CATEGORIES
    }
    known = Known(categories=cards, directory=Directory(every))
    reader = ProgressReader(session, "internal", Actor(1, "walidata", "walidata"), known, "id", "http://titik.example")
    print(f"{machine()}; {len(known.directory.kelurahan):,} kelurahan")
    cases: Sequence[tuple[str, dict[str, str | None], int, float]] = (
        ("a city of 46 kelurahan", {"city": "40.01"}, 46, 20),
        ("a page of 1,000 rows", {}, 250, 50),
        ("sums of all cities", {"level": "city"}, 1_000_000, 300),
        ("sums of the kecamatan of a city", {"level": "kecamatan", "city": "40.01"}, 1_000_000, 300),
    )
    for name, sent, areas, most_ms in cases:
        query = reading.read_query(known, "internal", {"period": "2026", **sent})

        async def read(query: reading.ProgressQuery = query, areas: int = areas) -> int:
            rows = await reading.read_map(reader, query, query.areas[:areas])
            return len(orjson.dumps(rows)) and len(rows)

        rows, taken = await _timed(read, rounds)
        print(f"{name:34} {rows:6,} rows {statistics.median(taken):8.1f} ms (most {max(taken):.1f}; wanted {most_ms:g})")
    await connection.close()


async def _fill(url: str, number: int) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE SCHEMA bench")
    await connection.execute(
        f"CREATE TABLE bench.kelurahan AS SELECT format('%s.%s.%s.%s', 40 + n / 160 / 80, lpad((1 + n / 160 % 80)::text, 2, '0'),"
        f" lpad((1 + n / 8 % 20)::text, 2, '0'), 2001 + n % 8) AS code FROM generate_series(0, {number - 1}) n"
    )
    for statement in FILL.strip().split(";\n"):
        await connection.execute(statement.rstrip(";").replace("$1", f"ARRAY{list(CATEGORIES)}"))
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def _timed(read: Callable[[], Awaitable[int]], rounds: int) -> tuple[int, list[float]]:
    rows, taken = await read(), []
    for _ in range(rounds):
        began = time.perf_counter()
        await read()
        taken.append(1_000 * (time.perf_counter() - began))
    return rows, taken


if __name__ == "__main__":
    main()
