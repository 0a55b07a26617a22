"""The trial of a `Service` with enough points that a costly question costs something."""

import asyncio
from pathlib import Path

from app.cluster import open_cluster
from benchmarks import world


def fill(data_dir: Path, number: int) -> None:
    """So many made-up posyandu in the public half, in place of the samples."""
    with open_cluster(data_dir) as cluster:
        asyncio.run(world.fill(cluster.url("titik_owner"), number))
