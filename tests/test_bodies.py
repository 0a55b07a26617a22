"""Large bodies and answers that nobody takes, at a served process: who is asked first, how much is held, what is given back."""

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.test_cli import Served, environment
from tests.test_http import Service, get, refusal

pytestmark = [pytest.mark.anyio, pytest.mark.disruptive(10)]
MB = 1 << 20
PHOTO = b"/points/0190a6f0-7d3c-7f1e-8c55-0123456789ab/photos"
JPEG = b"Content-Type: image/jpeg"
# As much as the largest body: a photo.
HELD = {
    "TITIK_HELD_MB": "1",
    "TITIK_MAX_IMPORT_BYTES": str(4 * MB),
    "TITIK_MAX_PHOTO_BYTES": str(4 * MB),
    "TITIK_MAX_BODY_BYTES": str(MB // 4),
    "TITIK_MAX_SYNC_BYTES": str(MB // 4),
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    data_dir = tmp_path_factory.mktemp("bodies") / "data"
    served = Served(data_dir, env=environment(data_dir, **HELD))
    try:
        yield Service(served, data_dir)
        assert served.errors == ""
    finally:
        served.kill()


def resident_mb(service: Service) -> float:
    status = Path(f"/proc/{service.served.process.pid}/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def signed(service: Service) -> bytes:
    return b"Authorization: Bearer " + service.token


def large(path: bytes, *headers: bytes, size: int = 4 * MB, method: bytes = b"POST") -> bytes:
    return get(path, *headers, b"Content-Length: %d" % size, line=method + b" %b HTTP/1.1")


async def test_who_may_not_send_it_is_told_before_it_is_read(service: Service) -> None:
    """As soon as the head is there: not a byte of the body was needed. And who does send it hears the answer nevertheless."""
    token, wrong = signed(service), b"Authorization: Bearer titik_" + b"a" * 46
    asked = {
        "no token": (large(b"/imports?category=posyandu"), 401, "token-missing"),
        "a wrong token": (large(b"/imports?category=posyandu", wrong), 401, "token-unknown"),
        "a photo without a token": (large(PHOTO, JPEG), 401, "token-missing"),
        "a synchronisation without a token": (large(b"/sync", size=200_000), 401, "token-missing"),
        "the wrong method": (large(b"/imports", token, method=b"PUT"), 405, "method-not-allowed"),
        "no such address": (large(b"/imports/x/y/z", token, size=200_000), 404, "not-found"),
        "a role that may not": (large(b"/accounts", token, size=200_000), 403, "action-forbidden"),
        "a type that is not read": (large(PHOTO, token, b"Content-Type: text/html"), 415, "media-type-unsupported"),
        "too large": (large(b"/imports?category=posyandu", token, size=5 * MB), 413, "body-too-large"),
    }
    for name, (head, status, code) in asked.items():
        for body in (b"", b" " * 4 * MB):
            found, took = await service.ask(head + body)
            assert [one.status for one in found] == [status], name
            refusal(found, status, code)
            assert took < 3, name


async def test_who_asks_whether_to_send_it_is_told_not_to(service: Service) -> None:
    for more, status in ((), 401), ((signed(service),), 100):
        reader, writer = await asyncio.open_connection(*service.address)
        writer.write(large(b"/imports?category=posyandu", b"Expect: 100-continue", *more))
        line = await asyncio.wait_for(reader.readline(), 5)
        assert int(line.split()[1]) == status
        writer.close()


async def test_many_large_bodies_without_a_token_leave_the_memory_as_it_is(service: Service) -> None:
    before = resident_mb(service)
    head, most = large(b"/imports?category=posyandu"), 0.0
    sending = [asyncio.create_task(service.ask(head + b" " * 4 * MB)) for _ in range(40)]
    while not all(one.done() for one in sending):
        most = max(most, resident_mb(service))
        await asyncio.sleep(0.02)
    assert [found[0].status for found, _ in await asyncio.gather(*sending)] == [401] * 40
    assert most - before < 60


async def test_bodies_share_a_budget_and_give_it_back(service: Service) -> None:
    """One photo takes all that there is: the next one comes later, and a synchronisation that may become too many objects; a point comes at once."""
    head = large(PHOTO, signed(service), JPEG)
    _, writer = await asyncio.open_connection(*service.address)
    writer.write(head + b" " * MB)
    await asyncio.sleep(0.5)
    synchronisation = large(b"/sync", signed(service), size=MB // 4)
    for sent in (head + b" " * 4 * MB, synchronisation + b" " * (MB // 4)):
        (refused,), took = await service.ask(sent)
        assert (refused.status, json.loads(refused.body)["type"]) == (503, "urn:titik:problem:no-room")
        assert refused.headers["retry-after"]
        assert took < 3
    async with httpx.AsyncClient(base_url=service.served.url, headers={"Authorization": f"Bearer {service.token.decode()}"}) as phone:
        assert (await phone.post("/collections/posyandu/items", json={})).status_code == 422
        assert (await phone.get("/health/ready")).status_code == 200
    # Whoever goes away gives it back.
    writer.transport.abort()
    await asyncio.sleep(0.3)
    (taken,), _ = await service.ask(head + b" " * 4 * MB)
    assert taken.status == 404


async def unread(service: Service, size: int) -> socket.socket:
    """A connection that asks until the system's own buffers are full, and an answer is left in the service."""
    reader = socket.socket()
    reader.setblocking(False)
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(reader, service.address)
    for _ in range(5 * MB // size):
        # One after the other: more than a few would not be taken.
        await loop.sock_sendall(reader, b"GET /api HTTP/1.1\r\nHost: a\r\n\r\n")
        await asyncio.sleep(0.01)
    return reader


async def test_answers_that_nobody_takes_count_until_they_are_taken(service: Service) -> None:
    """`/api` has a few hundred KB; as many are held as there is room for, the next one hears 503, and when the others are gone all is as before."""
    size = int((await service.ask(get(b"/api")))[0][0].headers["content-length"])
    assert size > 100_000
    readers: list[socket.socket] = []
    refused = False
    try:
        while not refused and len(readers) < 3 * (4 * MB // size):
            readers.append(await unread(service, size))
            (last,), _ = await service.ask(get(b"/api"))
            refused = last.status == 503
            if refused:
                assert json.loads(last.body)["type"] == "urn:titik:problem:no-room"
                assert last.headers["retry-after"]
        assert refused
        # What is small is answered all the while.
        assert (await service.ask(get()))[0][0].status == 200
    finally:
        for reader in readers:
            reader.close()
    until = time.monotonic() + 5
    while (await service.ask(get(b"/api")))[0][0].status != 200:
        assert time.monotonic() < until
        await asyncio.sleep(0.1)


async def test_a_file_is_the_same_after_the_disk(service: Service) -> None:
    content = b"A,B,C\n" + b"".join(b"Pos %d,-7.8041,112.0016\n" % n for n in range(120_000))
    assert 2 * MB < len(content) < 4 * MB
    head = get(b"/imports?category=posyandu&name=a.csv", signed(service), line=b"POST %b HTTP/1.1")
    plain = head[:-2] + b"Content-Length: %d\r\n\r\n" % len(content) + content
    parts = [content[start : start + 70_000] for start in range(0, len(content), 70_000)]
    chunks = head[:-2] + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(b"%x\r\n%b\r\n" % (len(one), one) for one in parts) + b"0\r\n\r\n"
    ids = []
    for sent in (plain, chunks):
        (answer,), _ = await service.ask(sent)
        assert answer.status == 202, answer.body
        ids.append(json.loads(answer.body)["id"])
    stored = "SELECT string_agg(content, '' ORDER BY part) FROM titik.import_file WHERE import_id = '{}'"
    for one in ids:
        assert (await service.look(stored.format(one)))[0] == content
    assert not list((service.data_dir / "spool").glob("tmp*"))
