"""A commit of 10,000 rows, killed with everything around it at random moments: all or nothing each time, and the job ends after restart.

As a whole, fifty kills: `TITIK_TEST_IMPORT_KILLS=50 pytest -s tests/imports/test_killed.py`.
"""

import asyncio
import os
import random
import signal
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.test_cli import Served
from tests.test_cluster import _folder as a_folder
from tests.test_cluster import lives
from tests.test_killed import family, owner_of, tell

pytestmark = pytest.mark.disruptive(43)

KILLS = int(os.environ.get("TITIK_TEST_IMPORT_KILLS", "2"))
ROWS = 10_000
SEED = 20261124
LONGEST_S = 5.0
"""From the request to commit: the job has been done for some while then."""
WITHIN_S = 60.0


def a_file(number: int) -> bytes:
    lines = ["Nama,Kelurahan,Lintang,Bujur,Nomor registrasi"]
    lines += [
        # Some metres apart, and called as nobody else.
        f"{sha256(b'%d' % n).hexdigest()[:16]},Mojoroto,{-7.8041 + (n % 100 - 50) * 8e-5:.7f},{112.0016 + (n // 100 - 50) * 8e-5:.7f},R-{number}-{n}"
        for n in range(ROWS)
    ]
    return "\n".join(lines).encode()


async def reached(client: httpx.AsyncClient, path: str, *states: str) -> dict[str, Any]:
    until = time.monotonic() + WITHIN_S
    while time.monotonic() < until:
        found: dict[str, Any] = (await client.get(path)).json()
        if found.get("state") in states:
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(found)


def client_of(served: Served) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {served.tokens['TITIK_TOKEN_PIC']}"}
    return httpx.AsyncClient(base_url=served.url, headers=headers, timeout=30, trust_env=False)


async def handed_in(served: Served, number: int) -> str:
    async with client_of(served) as client:
        answer = await client.post("/imports?category=posyandu&name=a.csv", content=a_file(number))
        path = f"/imports/{answer.json()['id']}"
        judged = await reached(client, path, "judged", "failed")
        assert (judged["counts"]["create"], judged["counts"]["question"]) == (ROWS, 0), judged
        assert (await client.post(f"{path}/commit", json={"rows": "all"})).status_code == 202
    return path


async def stored(data_dir: Path, number: int) -> int:
    async with owner_of(data_dir) as owner:
        found: int = await owner.fetchval(
            "SELECT count(*) FROM titik.revision WHERE attributes ->> 'nomor_registrasi' LIKE $1", f"R-{number}-%"
        )
    return found


@pytest.mark.timeout(60 + 30 * KILLS)
async def test_a_commit_is_all_or_nothing_however_it_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TITIK_JOB_STALE_S", "1")
    dice = random.Random(SEED)
    after_kill: list[int] = []
    with a_folder() as folder:
        data_dir = folder / "data"
        served = await asyncio.to_thread(Served, data_dir)
        try:
            for number in range(KILLS):
                path = await handed_in(served, number)
                await asyncio.sleep(dice.uniform(0, LONGEST_S))
                processes = family(served.process.pid)
                for pid in processes:
                    if lives(pid):
                        os.kill(pid, signal.SIGKILL)
                served.process.wait()
                after_kill.append(await stored(data_dir, number))
                served = await asyncio.to_thread(Served, data_dir)
                async with client_of(served) as client:
                    done = await reached(client, path, "committed", "failed")
                assert done["committed"] == {"stored": ROWS, "left_out": 0}
                assert await stored(data_dir, number) == ROWS
                async with owner_of(data_dir) as owner:
                    await owner.execute("TRUNCATE titik.revision, titik.point CASCADE")
        finally:
            served.kill()
    tell(f"{KILLS} kills: {after_kill.count(0)} before the commit, {after_kill.count(ROWS)} after it, none in between")
    assert set(after_kill) <= {0, ROWS}
