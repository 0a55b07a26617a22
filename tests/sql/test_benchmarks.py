"""What `make bench` stands on: a world of made-up points goes into the schema as it is now, over what was there before."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr

from app.cluster import Cluster, create_database, drop_database
from app.settings import Settings
from benchmarks import against, cases, counts, world
from benchmarks.against import Measured, Round
from tests.conftest import TEMPLATE
from tests.test_cluster import _folder as a_folder

pytestmark = pytest.mark.disruptive(25)

FILLED = """
    SELECT count(*) FILTER (WHERE category = 'posyandu') AS posyandu, count(*) AS number, (SELECT count(*) FROM published.photo) AS photos,
           (SELECT sum(number) FROM published.collection) AS told, (SELECT bool_and(relpersistence = 'u') FROM pg_class
             WHERE oid IN ('published.item'::regclass, 'published.photo'::regclass)) AS unlogged
      FROM published.item
"""
PHOTO = """
    SET session_replication_role = replica;
    INSERT INTO published.photo (id, point_id, sha256, width, height, bytes) SELECT id, id, '', 1, 1, 1 FROM published.item LIMIT 1
"""


@pytest.fixture
def own(cluster: Cluster, worker_id: str) -> Iterator[str]:
    """A database that may be altered."""
    name = f"titik_bench_{worker_id}"
    create_database(cluster, name, TEMPLATE)
    yield name
    drop_database(cluster, name)


def test_a_world_fills_the_read_half_over_items_that_have_photos(cluster: Cluster, own: str) -> None:
    async def look(number: int) -> tuple[int, ...]:
        await world.fill(cluster.url("titik_owner", own), number)
        admin = await asyncpg.connect(cluster.url("titik_admin", own))
        try:
            found = tuple(await admin.fetchrow(FILLED))
            await admin.execute(PHOTO)
        finally:
            await admin.close()
        return found

    assert asyncio.run(look(200)) == (200, 220, 0, 220, True)
    assert asyncio.run(look(100)) == (100, 110, 0, 110, True)


def test_the_share_of_a_count_is_measured(cluster: Cluster, own: str, tmp_path: Path) -> None:
    """The short form of benchmarks/counts.py: boxes that hold more than a page of two shows are told, and both ways are measured."""

    async def look() -> list[counts.Share]:
        await world.fill(cluster.url("titik_owner", own), 300)
        settings = Settings(
            database_url=SecretStr(cluster.url("titik_service", own)), secret_key=SecretStr("a secret of a benchmark, long enough"),
            data_dir=tmp_path, rate_limit="off", log_level="error",
        )  # fmt: skip
        boxes = cases.boxes(world.posyandu(None, 300), 50, 3)
        return await counts.measure(settings, [("2 of 50", 2, boxes)], 2)

    shares = asyncio.run(look())
    assert [(one.name, one.told) for one in shares] == [("2 of 50", 3), ("2 of 50, filter", 3)]
    assert all(one.page_ms > 0 and one.added > -1 for one in shares)


@pytest.mark.skipif(not (against.ROOT / ".git").exists(), reason="no repository")
def test_the_files_of_a_commit_are_unpacked_and_the_packages_of_this_one_serve_where_the_lock_is_the_same(tmp_path: Path) -> None:
    found = against.unpack("HEAD", tmp_path / "base")
    assert (found / "app" / "main.py").is_file()
    assert not (found / ".git").exists()
    (found / against.LOCK).write_bytes((against.ROOT / against.LOCK).read_bytes())
    assert against.python_for(found, tmp_path) == sys.executable


def measured(module: str, tmp_path: Path, *options: str) -> str:
    output = tmp_path / f"{module}.md"
    command = [sys.executable, "-m", f"benchmarks.{module}", "--rounds", "1", "--seconds", "1", "--output", str(output), *options]
    done = subprocess.run(command, cwd=against.ROOT, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr
    return output.read_text()


def test_posts_are_measured_beside_pgbench(tmp_path: Path) -> None:
    assert re.search(r"\| POST \| [1-9]\d* \|", measured("post", tmp_path))


def test_pages_are_measured_beside_pgbench() -> None:
    with a_folder() as folder:
        told = measured("read", folder, "--points", "1000", "--alone", "--only", "page1", "--dir", str(folder / "worlds"))
        assert "Came to nothing" not in told
        assert re.search(r"items, page 1 .*\d", told), told


def test_ratios_are_above_one_where_this_checkout_is_better() -> None:
    one = Round(Measured(100, 2), Measured(150, 1))
    assert (one.ratio, one.thrift) == (1.5, 2)
