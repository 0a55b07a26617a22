"""A file of many rows: judged against every kelurahan of a vector file, then committed; how fast, and in how much memory.

    python -m benchmarks.imports --boundaries FILE.gpkg [--rows 100000] [--rounds 3] [--faulty]

FILE has one polygon per kelurahan with its code (KDEPUM), name (WADMKD or NAMOBJ) and district (KDCPUM), of however many cities: their
regions are made here, because a Titik of its own knows one city. Each round imports a new CSV into an emptied database of a private cluster with the
durability of production, by the very job that the service starts, in processes of its own; its greatest memory is what the kernel says
of them all, pages that they share counted once. Rows are counted in the tables. The time of a job includes its start, and reading the polygons.
"""

import argparse
import asyncio
import csv
import io
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
import pyogrio
import shapely

from app.access.rights import Actor
from app.categories import queries as categories
from app.cluster import Cluster, open_cluster
from app.connections import open_once
from app.imports import queries, service
from app.imports.schemas import Committing
from app.operator import operation
from app.statement import Statement
from app.storage.disk import Upload
from benchmarks.post import machine, versions

ROOT = Path(__file__).resolve().parent.parent
SEED = 20261124
COMMAND = [sys.executable, "-m", "app.imports.working"]
# The city that is shipped is in the file too.
REGIONS = Statement("""
    INSERT INTO titik.region (code, level, name, parent_code, bps_code)
    SELECT code, level, name, parent_code, 'x' || code
      FROM unnest(CAST(:codes AS text[]), CAST(:levels AS text[]), CAST(:names AS text[]), CAST(:parents AS text[]))
           AS row (code, level, name, parent_code)
    ON CONFLICT DO NOTHING
""")
EDITION = Statement("""
    INSERT INTO titik.boundary_edition (name, source, accuracy_m, complete, report)
    VALUES ('bench', 'bench', 10, true, CAST(:report AS jsonb)) RETURNING id
""")
BOUNDARIES = Statement("""
    INSERT INTO titik.boundary (edition_id, region_code, geom, area_km2, label)
    SELECT CAST(:edition_id AS int), code, ST_Multi(ST_GeomFromWKB(geom, 4326)), 1, ST_PointOnSurface(ST_GeomFromWKB(geom, 4326))
      FROM unnest(CAST(:codes AS text[]), CAST(:geoms AS bytea[])) AS row (code, geom)
    ON CONFLICT DO NOTHING
""")
ACCOUNT = Statement("INSERT INTO titik.account (name, role) VALUES ('bench', 'walidata') RETURNING id")
EMPTY = Statement(
    "TRUNCATE titik.revision, titik.point, titik.audit, titik.audit_seal, titik.outbox, titik.import, titik.import_row, titik.import_file CASCADE"
)
COUNT = Statement("""
    SELECT (SELECT count(*) FROM titik.revision) AS revisions, (SELECT count(*) FROM titik.point) AS points,
           (SELECT count(*) FROM titik.audit WHERE action = 'point.submit') AS audited, (SELECT count(*) FROM titik.outbox) AS told
""")


class Measured(NamedTuple):
    """Seconds of the two jobs, the greatest memory of either in MB, and how many rows are revisions now."""

    judged_s: float
    committed_s: float
    memory_mb: float
    stored: int
    counts: dict[str, int]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--boundaries", type=Path, required=True)
    arguments.add_argument("--rows", type=int, default=100_000)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--faulty", action="store_true", help="every row has a fault: only judged")
    arguments.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "results" / "imports.md")
    wanted = arguments.parse_args()
    codes, names, geoms = polygons(wanted.boundaries)
    with tempfile.TemporaryDirectory(prefix="titik-bench-") as directory:
        Path(directory).chmod(0o711)
        with open_cluster(Path(directory) / "data") as cluster:
            operation.migrate(cluster.url("titik_owner"))
            account = asyncio.run(prepare(cluster, codes, names, geoms))
            rounds = []
            for number in range(wanted.rounds):
                file = Path(directory) / "points.csv"
                write_rows(file, wanted.rows, codes, geoms, number, faulty=wanted.faulty)
                one = measure(cluster, Path(directory), file, account, commits=not wanted.faulty)
                rounds.append(one)
                print(
                    f"round {number + 1}: judged {wanted.rows / one.judged_s:6.0f}/s"
                    f"   committed {one.stored / one.committed_s if one.committed_s else 0:6.0f}/s"
                    f"   both {wanted.rows / (one.judged_s + one.committed_s):6.0f}/s   {one.memory_mb:.0f} MB   {one.counts}",
                    flush=True,
                )
            if not wanted.faulty:
                wanted.output.write_text(report(rounds, wanted.rows, len(codes), cluster))


def polygons(file: Path) -> tuple[list[str], list[str], Any]:
    """Codes, names, polygons; those without a code of a kelurahan are left out."""
    meta, table = pyogrio.read_arrow(file, columns=["KDEPUM", "WADMKD", "NAMOBJ"])
    columns = table.to_pydict()
    geoms = shapely.from_wkb(columns[meta["geometry_name"] or "wkb_geometry"])
    kept = [index for index, code in enumerate(columns["KDEPUM"]) if code and re.fullmatch(r"\d\d\.\d\d\.\d\d\.\d{4}", code)]
    found = {columns["KDEPUM"][index]: index for index in kept}
    indexes = list(found.values())
    names = [columns["WADMKD"][index] or columns["NAMOBJ"][index] or "-" for index in indexes]
    return list(found), names, geoms[indexes]


async def prepare(cluster: Cluster, codes: Sequence[str], names: Sequence[str], geoms: Any) -> int:
    """Regions, categories, an active edition, an account that writes everywhere."""
    async with open_once(cluster.url("titik_owner")) as session:
        await categories.ship(session)
        cities, districts = sorted({code[:5] for code in codes}), sorted({code[:8] for code in codes})
        for level, some, called, parents in (
            ("kota", cities, cities, [None] * len(cities)),
            ("kecamatan", districts, districts, [code[:5] for code in districts]),
            ("kelurahan", list(codes), list(names), [code[:8] for code in codes]),
        ):
            await session.run(REGIONS, codes=some, levels=[level] * len(some), names=called, parents=parents)
        west, south, east, north = shapely.total_bounds(geoms).tolist()
        await session.run(Statement("UPDATE titik.boundary_edition SET active = false"))
        edition = await session.value(EDITION, report={"extent": [west, south, east, north]})
        await session.run(BOUNDARIES, edition_id=edition, codes=list(codes), geoms=shapely.to_wkb(shapely.make_valid(geoms)).tolist())
        await session.run(Statement("UPDATE titik.boundary_edition SET active = true WHERE id = CAST(:id AS int)"), id=edition)
        await session.run(Statement("ANALYZE titik.boundary, titik.region"))
        account: int = await session.value(ACCOUNT)
    return account


def write_rows(file: Path, rows: int, codes: Sequence[str], geoms: Any, seed: int, *, faulty: bool) -> None:
    """Points at random within random kelurahan, as a clean spreadsheet has them; or each with a fault of one of ten kinds."""
    dice = np.random.default_rng(SEED + seed)
    of = dice.integers(0, len(codes), rows)
    bounds = shapely.bounds(geoms)[of]
    x, y = dice.uniform(bounds[:, 0], bounds[:, 2]), dice.uniform(bounds[:, 1], bounds[:, 3])
    shapely.prepare(geoms)
    for _ in range(60):
        out = ~shapely.contains_xy(geoms[of], x, y)
        x[out], y[out] = dice.uniform(bounds[out, 0], bounds[out, 2]), dice.uniform(bounds[out, 1], bounds[out, 3])
    labels = shapely.get_coordinates(shapely.point_on_surface(geoms))[of]
    out = ~shapely.contains_xy(geoms[of], x, y)
    x[out], y[out] = labels[out, 0], labels[out, 1]
    with file.open("w", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(["Nama", "Kelurahan", "Lintang", "Bujur", "RT", "RW", "Alamat", "Jenis", "Nomor registrasi", "Kader aktif"])
        for n in range(rows):
            row = [f"Posyandu Melati {seed}-{n}", codes[of[n]], f"{y[n]:.7f}", f"{x[n]:.7f}", n % 20 + 1, n % 9 + 1, f"Jalan Mawar {n}",
                   "balita", f"R-{seed}-{n}", n % 30]  # fmt: skip
            writer.writerow(damaged(row, n) if faulty else row)


def damaged(row: list[Any], n: int) -> list[Any]:
    column, value = [
        (0, ""),
        (1, "Entahlah"),
        (2, "7,9 LS"),
        (3, ""),
        (4, "nol"),
        (7, "bayi"),
        (9, "lima"),
        (2, "0.0001"),
        (9, "-4"),
        (3, "7-Agu"),
    ][n % 10]
    return [*row[:column], value, *row[column + 1 :]]


def measure(cluster: Cluster, directory: Path, file: Path, account: int, *, commits: bool) -> Measured:
    import_id = asyncio.run(handed_in(cluster, file.read_bytes(), account))
    judged_s, memory_mb = job(cluster, directory, import_id)
    committed_s, counts, stored = 0.0, asyncio.run(counts_of(cluster, import_id)), 0
    if commits:
        asyncio.run(asked(cluster, import_id, account))
        committed_s, more_mb = job(cluster, directory, import_id)
        memory_mb = max(memory_mb, more_mb)
        stored = asyncio.run(stored_in(cluster))
        assert stored == counts["create"] - counts["question"], (stored, counts)
    return Measured(judged_s, committed_s, memory_mb, stored, counts)


async def handed_in(cluster: Cluster, content: bytes, account: int) -> UUID:
    async with open_once(cluster.url("titik_owner")) as session:
        await session.run(EMPTY)
        row = await service.begin(
            session, Actor(account, "bench", "walidata"), "posyandu", "points.csv", Upload.of(io.BytesIO(content)), {}
        )
        import_id: UUID = row["id"]
    async with open_once(cluster.url("titik_owner")) as session:
        await session.run(Statement("ANALYZE titik.point, titik.revision"))
    return import_id


async def asked(cluster: Cluster, import_id: UUID, account: int) -> None:
    async with open_once(cluster.url("titik_owner")) as session:
        await service.confirm(session, Actor(account, "bench", "walidata"), import_id, Committing())


async def counts_of(cluster: Cluster, import_id: UUID) -> dict[str, int]:
    async with open_once(cluster.url("titik_owner")) as session:
        row = await session.one(queries.ONE, id=import_id)
    assert row["state"] == "judged", row["problem"]
    return dict(row["found"]["counts"])


async def stored_in(cluster: Cluster) -> int:
    async with open_once(cluster.url("titik_owner")) as session:
        row = await session.one(COUNT)
    assert len(set(row.values())) == 1, dict(row)
    return int(row["revisions"])


def job(cluster: Cluster, directory: Path, import_id: UUID) -> tuple[float, float]:
    """Seconds and MB of the process that the service would start."""
    environment = {
        **os.environ, "TITIK_DATABASE_URL": cluster.url("titik_service"), "TITIK_SECRET_KEY": "-" * 32, "TITIK_DATA_DIR": str(directory / "spool"),
        "MALLOC_ARENA_MAX": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1",
    }  # fmt: skip
    begun = time.perf_counter()
    process = subprocess.Popen([*COMMAND, str(import_id)], env=environment, stdin=subprocess.PIPE, cwd=ROOT)
    greatest = 0
    while process.returncode is None:
        # Four times a second, because looking takes milliseconds; what the kernel remembers as the greatest begins with the size of whoever
        # started it.
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.25)
        greatest = max(greatest, memory_kb(process.pid))
    took = time.perf_counter() - begun
    assert process.returncode == 0, process.returncode
    return took, greatest / 1024


def memory_kb(pid: int) -> int:
    """Of a process and those that it has started."""
    try:
        kept = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0  # it has just ended
    return int(kept[1] if kept else 0) + sum(memory_kb(int(child)) for child in children)


def report(rounds: Sequence[Measured], rows: int, kelurahan: int, cluster: Cluster) -> str:
    def line(name: str, rates: Sequence[float], unit: str = "rows/s") -> str:
        return f"| {name} | {statistics.median(rates):,.0f} {unit} | {min(rates):,.0f} to {max(rates):,.0f} |"

    return "\n".join(
        [
            "# Importing a file",
            "",
            (
                f"{datetime.now(UTC):%Y-%m-%d}; {len(rounds)} rounds of {rows:,} rows of CSV against {kelurahan:,} kelurahan; "
                "`python -m benchmarks.imports --boundaries FILE`."
            ),
            "",
            f"Machine: {machine()}.",
            "",
            f"Versions: {versions(cluster)}.",
            "",
            "| | median | least to most |",
            "|---|---:|---|",
            line("judged and placed", [rows / one.judged_s for one in rounds]),
            line("committed", [one.stored / one.committed_s for one in rounds]),
            line("both, one after the other", [one.stored / (one.judged_s + one.committed_s) for one in rounds]),
            line("greatest memory of the job", [one.memory_mb for one in rounds], "MB"),
            "",
        ]
    )


if __name__ == "__main__":
    main()
