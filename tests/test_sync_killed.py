"""A synchronisation survives what happens to its service: killed in the middle, what was carried out stays, and a repetition does the rest once."""

import asyncio
import os
import signal
import time
from typing import Any

import httpx
import pytest

from app.uuid7 import uuid7
from tests.factories import IN_MOJOROTO, a_feature
from tests.test_cli import Served
from tests.test_cluster import _folder as a_folder
from tests.test_killed import STORED, owner_of, tell

pytestmark = [pytest.mark.anyio, pytest.mark.disruptive(25)]

Json = dict[str, Any]
CHANGES, PHONES = 500, 3


def batch_of(phone: int) -> list[Json]:
    changes = []
    for number in range(CHANGES):
        lon, lat = IN_MOJOROTO[0] + number % 25 * 5e-5, IN_MOJOROTO[1] + (phone * 20 + number // 25) * 5e-5
        feature = a_feature(lon, lat, category="posyandu", name=f"Posyandu {phone} {number}")
        changes.append({"client_id": str(uuid7()), "op": "create", "point": str(uuid7()), "feature": feature})
    return changes


async def send(served: Served, changes: list[Json]) -> list[Json]:
    headers = {"Authorization": f"Bearer {served.tokens['TITIK_TOKEN_PIC']}"}
    async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
        answer = await client.post(f"{served.url}/sync", json={"changes": changes}, headers=headers)
    assert answer.status_code == 200, answer.text
    results: list[Json] = answer.json()["results"]
    return results


async def stored(data_dir: Any, changes: list[Json]) -> dict[str, tuple[int, ...]]:
    async with owner_of(data_dir) as owner:
        rows = await owner.fetch(STORED, [change["point"] for change in changes])
    return {row["id"]: (row["revisions"], row["recorded"], row["announced"]) for row in rows}


@pytest.mark.timeout(150)
async def test_a_batch_that_was_interrupted_is_finished_by_its_repetition() -> None:
    with a_folder() as folder:
        data_dir = folder / "data"
        served = await asyncio.to_thread(Served, data_dir)
        try:
            began = time.monotonic()
            first = batch_of(0)
            assert {one["status"] for one in await send(served, first)} == {"created"}
            tell(f"{CHANGES} creates over HTTP on a durable cluster: {time.monotonic() - began:.2f} s")
            batches = [batch_of(phone) for phone in range(1, PHONES + 1)]
            tasks = [asyncio.create_task(send(served, batch)) for batch in batches]
            await asyncio.sleep(1.0)
            os.killpg(served.process.pid, signal.SIGKILL)
            lost = await asyncio.gather(*tasks, return_exceptions=True)
            assert all(isinstance(one, httpx.TransportError) for one in lost), "all was over before the accident"
            served.process.wait()
            served = await asyncio.to_thread(Served, data_dir)
            several = await asyncio.gather(*(send(served, batch) for batch in batches))
            for results in several:
                assert {one["status"] for one in results} == {"created"}
                # In their order: what had been carried out before comes first.
                repeated = [one["repeated"] for one in results]
                assert repeated == sorted(repeated, reverse=True)
                assert 0 < sum(repeated) < CHANGES
            tell(f"carried out before the kill: {[sum(one['repeated'] for one in results) for results in several]}")
            changes = [change for batch in [first, *batches] for change in batch]
            assert await stored(data_dir, changes) == dict.fromkeys((change["point"] for change in changes), (1, 1, 1))
            again = await send(served, batches[0])
            assert again == [one | {"repeated": True} for one in several[0]]
        finally:
            served.kill()
