"""Whatever is taken for a file is given back: by whoever hangs up, by whoever reads slowly, after an error."""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from app.db import Database, deadline_of_composed
from app.errors import Unavailable
from app.exports import files
from app.exports.files import FileMaker
from app.settings import Settings
from app.statement import Statement
from chaos.hangups import ALLOWED, Held, hung_up
from chaos.service import Service
from tests.test_cluster import _folder as a_folder

pytestmark = pytest.mark.disruptive(19)

CLIENTS = int(os.environ.get("TITIK_TEST_HANGUPS", "250"))


@pytest.fixture(scope="module")
def service() -> Iterator[tuple[Service, Path]]:
    with a_folder() as folder:
        served = Service(folder / "data")
        yield served, folder / "data"
        served.end()


@pytest.mark.timeout(900)
async def test_clients_that_hang_up_leave_nothing(service: tuple[Service, Path]) -> None:
    lines, is_well = await hung_up(*service, CLIENTS, 10)
    assert is_well, "\n".join(lines)


async def test_one_who_hangs_up_after_the_head_of_a_file_leaves_nothing(service: tuple[Service, Path]) -> None:
    """As it happened: 24 of 60 left a descriptor and a directory."""
    served, data_dir = service
    host, port = served.url.removeprefix("http://").split(":")
    async with httpx.AsyncClient(base_url=served.url, trust_env=False, timeout=30) as client:
        assert (await client.get("/collections/points/items?f=fgb")).status_code == 200
    before = Held.of(served.workers[0], data_dir)
    for _ in range(20):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET /collections/points/items?f=fgb HTTP/1.1\r\nHost: titik.test\r\n\r\n")
        assert (await reader.readline()).split()[1] == b"200"
        writer.transport.abort()
    for _ in range(100):
        after = Held.of(served.workers[0], data_dir)
        if after.descriptors <= before.descriptors + ALLOWED["descriptors"] and not after.files and not after.children:
            return
        await asyncio.sleep(0.1)
    raise AssertionError((before, after))


# -- the places where files are made


async def chunks(*parts: bytes, wait: asyncio.Event | None = None, closed: list[str] | None = None) -> AsyncGenerator[bytes, None]:
    try:
        for part in parts:
            if wait:
                await wait.wait()
            yield part
    finally:
        if closed is not None:
            closed.append("closed")


async def test_a_file_is_made_whole_and_gone_with_its_reader(tmp_path: Path) -> None:
    maker = FileMaker(tmp_path / "spool")
    made = await maker.make(chunks(b"satu", b"dua"), "a")
    assert (made.size, made.file.read()) == (7, b"satudua")
    assert list((tmp_path / "spool").iterdir()) == [], "it has no name"
    made.close()
    made.close()
    assert made.file.closed
    assert maker._held.used == 0


async def test_one_address_leaves_a_place_to_another_and_nobody_waits_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "WAIT_S", 0.05)
    maker, wait, closed = FileMaker(tmp_path, at_once=3), asyncio.Event(), list[str]()
    slow = [asyncio.create_task(maker.make(chunks(b"x", wait=wait, closed=closed), "a")) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable) as refused:
        await maker.make(chunks(b"y", closed=closed), "a")
    assert refused.value.code == "exports-busy"
    (await maker.make(chunks(b"z"), "b")).close()
    wait.set()
    for made in await asyncio.gather(*slow):
        made.close()
    assert len(closed) == 2, "what never began has nothing to close"
    assert maker._shares == {}
    (await maker.make(chunks(b"z"), "a")).close()


async def test_what_is_cancelled_or_fails_gives_its_place_back(tmp_path: Path) -> None:
    maker, closed = FileMaker(tmp_path, at_once=1), list[str]()

    async def failing() -> AsyncIterator[bytes]:
        yield b"x"
        raise OSError(28, "No space left on device")

    for _ in range(3):
        task = asyncio.create_task(maker.make(chunks(b"x", wait=asyncio.Event(), closed=closed), "a"))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        with pytest.raises(Unavailable) as full:
            await maker.make(failing(), "a")  # type: ignore[arg-type]
        assert full.value.code == "storage-full"
    assert closed == ["closed"] * 3
    made = await maker.make(chunks(b"x"), "a")
    assert made.size == 1
    made.close()


async def test_files_that_are_still_read_have_a_bound_together(tmp_path: Path) -> None:
    maker = FileMaker(tmp_path, held=10)
    first = await maker.make(chunks(b"x" * 30), "a")
    assert first.size == 30, "one is made in any case"
    second = await maker.make(chunks(b"x" * 8), "a")
    with pytest.raises(Unavailable):
        await maker.make(chunks(b"x" * 8), "a")
    second.close()
    (await maker.make(chunks(b"x" * 8), "a")).close()
    first.close()
    assert maker._held.used == 0


async def test_a_slow_reader_is_cut_off(service: tuple[Service, Path], tmp_path: Path) -> None:
    """With bounds that a test can wait for, in a service of its own worker's code."""
    from app.http import answers  # noqa: PLC0415

    maker, aborted = FileMaker(tmp_path), list[str]()
    made = await maker.make(chunks(b"x" * 10), "a")

    class Connection:
        def cut_off(self) -> None:
            aborted.append("cut")

    async def never(_message: object) -> None:
        await asyncio.Event().wait()

    async def receive() -> dict[str, str]:
        await asyncio.Event().wait()
        return {}

    slack, answers.SLACK_S = answers.SLACK_S, 0.05
    try:
        async with asyncio.timeout(5):
            sent = answers.FileAnswer(made, {}, "text/csv")

            async def send(message: dict[str, object]) -> None:
                if message["type"] == "http.response.body":
                    await never(message)

            await sent({"type": "http", "state": {}, "titik.connection": Connection()}, receive, send)  # type: ignore[arg-type]
    finally:
        answers.SLACK_S = slack
    assert aborted == ["cut"]
    assert made.file.closed


def test_a_filter_has_a_weight(service: tuple[Service, Path]) -> None:
    served, _ = service
    heavy = " AND ".join(f"name LIKE '%{n}%'" for n in range(40))
    with httpx.Client(base_url=served.url, trust_env=False, timeout=30) as client:
        refused = client.get("/collections/posyandu/items", params={"filter": heavy})
        assert refused.status_code == 400
        assert refused.json()["errors"][0]["code"] == "filter-too-heavy"
        light = client.get("/collections/posyandu/items", params={"filter": "name LIKE '%a%' AND kader_aktif > 1"})
        assert light.status_code == 200


async def test_what_is_put_together_for_a_request_ends_and_holds_up_nothing_fixed(database: Settings) -> None:
    """As many as there are connections for it sleep; a fixed statement finds its own, and all are told to ask for less."""
    opened = await Database.connect(database)
    sleeping, _ = Statement.built(select(func.pg_sleep(30)))

    async def ask() -> float:
        began = asyncio.get_running_loop().time()
        with pytest.raises(Unavailable) as ended:
            async with deadline_of_composed():
                await opened.public.value(sleeping, **{sleeping.names[0]: 30})
        assert ended.value.code == "query-too-costly"
        return asyncio.get_running_loop().time() - began

    try:
        costly = [asyncio.create_task(ask()) for _ in range(3 * database.filter_connections)]
        await asyncio.sleep(0.5)
        async with asyncio.timeout(1):
            for _ in range(20):
                assert await opened.public.value(Statement("SELECT 1")) == 1
        assert max(await asyncio.gather(*costly)) < 4.5
        plain, values = Statement.built(select(func.pg_sleep(0)))
        await opened.public.value(plain, **values)
    finally:
        await opened.close()
