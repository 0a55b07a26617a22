"""Phones lose the network in mid-request: whenever they do, nothing is left behind, and nothing is stored by half."""

import asyncio
import json
import os
import random
import socket
import struct
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest

from app.cluster import open_cluster
from app.cluster.server import ADMIN
from app.uuid7 import uuid7
from tests.factories import a_feature
from tests.test_cli import Served

pytestmark = [pytest.mark.anyio, pytest.mark.disruptive(12)]

# `TITIK_TEST_ABORTS=10000` is the promise itself.
ABORTS = int(os.environ.get("TITIK_TEST_ABORTS", "500"))
AT_ONCE = 16
WITHIN_S = 5.0
CONNECTED = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'titik' AND state = 'idle'"
LEFT = """
    SELECT (SELECT count(*) FROM pg_stat_activity WHERE application_name = 'titik' AND state <> 'idle') AS busy,
           (SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE a.application_name = 'titik') AS locks
"""
WHOLE = """
    SELECT (SELECT count(*) FROM titik.point) AS points, (SELECT count(*) FROM titik.revision WHERE number = 1) AS revisions,
           (SELECT count(*) FROM titik.audit WHERE action = 'point.submit') AS entries,
           (SELECT count(*) FROM titik.outbox WHERE type = 'point.submit') AS events
"""


def request(token: str, dice: random.Random) -> bytes:
    lon, lat = 112.0016 + dice.uniform(-0.002, 0.002), -7.8041 + dice.uniform(-0.002, 0.002)
    body = json.dumps(a_feature(lon, lat, id=str(uuid7()), kelurahan="35.71.01.1011")).encode()
    head = (
        f"POST /collections/posyandu/items HTTP/1.1\r\nHost: titik\r\nAuthorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def abort(address: tuple[str, int], sent: bytes, dice: random.Random) -> str:
    """One request, broken off by a reset at a random moment; says at which."""
    loop = asyncio.get_running_loop()
    moment = dice.choice(("head", "body", "answer", "reading"))
    end = {"head": dice.randrange(1, sent.index(b"\r\n\r\n")), "body": dice.randrange(sent.index(b"\r\n\r\n") + 4, len(sent))}.get(
        moment, len(sent)
    )
    with socket.socket() as phone:
        phone.setblocking(False)
        # Closing sends a reset at once.
        phone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        await loop.sock_connect(phone, address)
        await loop.sock_sendall(phone, sent[:end])
        if moment == "answer":
            await asyncio.sleep(dice.uniform(0, 0.01))
        elif moment == "reading":
            await loop.sock_recv(phone, 20)
    return moment


async def test_requests_that_are_broken_off_leave_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data_dir = tmp_path / "data"
    served = await asyncio.to_thread(Served, data_dir)
    try:
        token, url = served.tokens["TITIK_TOKEN_PIC"], urlsplit(served.url)
        address, dice = (url.hostname or "", url.port or 0), random.Random(3571)
        moments: dict[str, int] = {}
        for _ in range(0, ABORTS, AT_ONCE):
            for moment in await asyncio.gather(*(abort(address, request(token, dice), dice) for _ in range(AT_ONCE))):
                moments[moment] = moments.get(moment, 0) + 1
        loop = asyncio.get_running_loop()
        ended = loop.time()
        with open_cluster(data_dir) as cluster:
            # Others' sessions are shown to a superuser only.
            connection = await asyncpg.connect(cluster.url(ADMIN))
            assert await connection.fetchval(CONNECTED) > 0
            while tuple(await connection.fetchrow(LEFT)) != (0, 0):
                assert loop.time() - ended < WITHIN_S, tuple(await connection.fetchrow(LEFT))
                await asyncio.sleep(0.05)
            waited = loop.time() - ended
            whole = await connection.fetchrow(WHOLE)
            await connection.close()
        assert len(set(whole)) == 1, dict(whole)
        async with httpx.AsyncClient() as client:
            for _ in range(AT_ONCE):
                answer = await client.post(
                    served.url + "/collections/posyandu/items",
                    content=request(token, dice).partition(b"\r\n\r\n")[2],
                    headers={"Authorization": f"Bearer {token}"},
                )
                assert answer.status_code == 201, answer.text
        assert served.errors == ""
        with capsys.disabled():
            print(f"\n{sum(moments.values())} aborted {moments}, {whole['points']} stored whole, nothing left after {waited:.2f} s")  # noqa: T201 - for the record
    finally:
        served.kill()
