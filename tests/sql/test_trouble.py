"""A database that takes no writes: told as such, and over when it is over. What is no trouble of the database is never told as one."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from app.background import write_watch
from app.connections import connected, open_once
from app.db import Database
from app.errors import Unavailable
from app.main import create_app
from app.settings import Settings
from app.statement import Statement
from app.uuid7 import uuid7
from tests import factories
from tests.factories import MOJOROTO, a_feature, code_of, execute, running

pytestmark = [pytest.mark.anyio, pytest.mark.disruptive(6)]
ITEMS = "/collections/posyandu/items"
NAME = Statement("SELECT current_database()")
ONE = Statement("SELECT 1")


@asynccontextmanager
async def served(settings: Settings, token: str) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings)
    async with running(app):
        signed = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://titik.test", headers=signed) as client:
            yield client


async def say(settings: Settings, statement: str) -> None:
    async with open_once(settings.owner_dsn) as session:
        await execute(session, "SET TRANSACTION READ WRITE")
        await execute(session, statement.format(name=await session.value(NAME)))


@pytest.fixture
async def read_only(database: Settings) -> AsyncIterator[str]:
    """The token of a PIC, in a database that was made read-only after it was issued, and before the service begins."""
    token = await factories.a_token(database, "pic", (MOJOROTO,), "pic")
    await say(database, 'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    try:
        yield token
    finally:
        await say(database, 'ALTER DATABASE "{name}" RESET default_transaction_read_only')


async def test_a_read_only_database_refuses_writes_and_is_well_by_itself(
    read_only: str, database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_watch, "EVERY_S", 0.2)
    async with served(database, read_only) as client:
        change = {"client_id": str(uuid7()), "op": "create", "point": str(uuid7()), "feature": a_feature(kelurahan=MOJOROTO)}
        # Before the first look, as the database itself says it, and after.
        for _ in range(2):
            refused = await client.post(ITEMS, json=a_feature())
            assert code_of(refused) == (503, "database-read-only")
            assert refused.headers["retry-after"]
            (result,) = (await client.post("/sync", json={"changes": [change]})).json()["results"]
            assert (result["status"], result["code"]) == ("later", 503)
            assert code_of(await client.get("/health/ready")) == (503, "database-read-only")
            await asyncio.sleep(0.5)
        for path in (ITEMS, "/me", "/imports", "/collections/posyandu/tiles/WebMercatorQuad/12/2135/3321", "/health/live"):
            assert (await client.get(path)).status_code in (200, 204), path
        await say(database, 'ALTER DATABASE "{name}" RESET default_transaction_read_only')
        began = time.monotonic()
        while (await client.get("/health/ready")).status_code != 200:
            assert time.monotonic() - began < 5
            await asyncio.sleep(0.1)
        # None of the connections of before is left.
        posted = await asyncio.gather(*(client.post(ITEMS, json=a_feature(112.0016 + n / 3000, name=f"Pos {n}")) for n in range(12)))
        assert {answer.status_code for answer in posted} == {201}


async def test_a_look_leaves_nothing_and_costs_little(database: Settings) -> None:
    opened = await Database.connect(database)
    try:
        assert await write_watch.look(opened) is None
        began = time.monotonic()
        for _ in range(5):
            assert await write_watch.look(opened) is None
        assert (time.monotonic() - began) / 5 < 0.5
        async with opened.open_write() as session:
            assert await session.value(Statement("SELECT current_setting('work_mem')")) != "64kB"
    finally:
        await opened.close()


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), TimeoutError(), ConnectionResetError(), FileNotFoundError()])
async def test_what_fails_within_a_transaction_is_not_the_database(database: Settings, error: OSError) -> None:
    opened = await Database.connect(database)
    try:
        with pytest.raises(type(error)):  # noqa: PT012 - where it is raised is what is tested
            async with opened.open_write() as session:
                await session.value(ONE)
                raise error
        async with opened.open_write() as session:
            assert await session.value(ONE) == 1
    finally:
        await opened.close()
    with pytest.raises(type(error)):
        async with open_once(database.owner_dsn):
            raise error
    with pytest.raises(type(error)):
        async with connected(database.service_dsn, 5) as begin, begin():
            raise error


async def test_writes_are_refused_before_they_take_a_connection(database: Settings) -> None:
    opened = await Database.connect(database)
    try:
        opened.guard.find("database-full")
        with pytest.raises(Unavailable, match="database-full"):
            opened.open_write()
        async with opened.open_write(reading=True) as session:
            assert await session.value(ONE) == 1
    finally:
        await opened.close()
