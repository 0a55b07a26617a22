"""The ground of the tests: one private PostGIS for the run, one database per worker, copied from one that the migrations built.

Rows are really committed, because readers are other roles on other connections; each test that uses `database` finds no points and
no accounts (docs/adr/0003).
"""

import compileall
import fcntl
import itertools
import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from app import ROOT
from app.cluster import Cluster, create_database, drop_database, open_cluster
from app.connections import connected, open_once
from app.db import WriteSession
from app.main import create_app
from app.settings import Settings
from tests import factories
from tests.described import Held
from tests.lanes import pytest_collection_modifyitems, pytest_pyfunc_call, pytest_runtest_teardown

# Hooks work by being here.
__all__ = ["pytest_collection_modifyitems", "pytest_pyfunc_call", "pytest_runtest_teardown"]

SECRET = "a secret of the tests, long enough to be one"
TEMPLATE = "titik_template"


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": True}


def pytest_configure(config: pytest.Config) -> None:
    """Names the run once, before xdist starts its workers; and compiles the program for the hundreds of processes that tests start: where Python is told to
    write no bytecode, as in many containers, each would do so for itself.
    """
    os.environ.setdefault("TITIK_TEST_RUN", uuid.uuid4().hex[:12])
    if not hasattr(config, "workerinput"):
        for folder in ("app", "migrations"):
            compileall.compile_dir(ROOT / folder, quiet=1)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if not hasattr(session.config, "workerinput"):
        shutil.rmtree(_directory(), ignore_errors=True)


def _directory() -> Path:
    return Path(tempfile.gettempdir()) / f"titik-tests-{os.environ['TITIK_TEST_RUN']}"


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """One cluster for all workers of a run: the first starts it, the last stops it, by the same locks that users rely on."""
    with open_cluster(_directory(), durable=False) as opened:
        with (_directory() / "template.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (_directory() / "template.made").exists():
                create_database(opened, TEMPLATE)
                factories.build(opened.url("titik_owner", TEMPLATE))
                (_directory() / "template.made").touch()
        yield opened


@pytest.fixture(scope="session")
def settings(cluster: Cluster, worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings of a service on this worker's own database."""
    name = f"titik_{worker_id}"
    drop_database(cluster, name)
    create_database(cluster, name, TEMPLATE)
    return Settings(
        database_url=SecretStr(cluster.url("titik_service", name)),
        owner_url=SecretStr(cluster.url("titik_owner", name)),
        secret_key=SecretStr(SECRET),
        data_dir=tmp_path_factory.mktemp("data"),
        log_level="error",
        rate_limit="off",
        account_rate_limit="off",
    )


@pytest.fixture
async def database(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    """The worker's database without points, accounts and records; regions, categories and the approximate edition are there."""
    active = await factories.empty(settings)
    if "grid" in request.fixturenames and active != factories.GRID:
        await factories.activate_grid(settings)
    elif "grid" not in request.fixturenames and active != factories.APPROXIMATE:
        await factories.activate(settings, factories.APPROXIMATE)
    return settings


@pytest.fixture
async def owner(database: Settings) -> AsyncIterator[WriteSession]:
    """A session of the owner, committed when the test ends; for looking at tables, not for what others must see at once."""
    async with open_once(database.owner_dsn) as session:
        yield session


Client = httpx.AsyncClient
AsRole = Callable[..., Awaitable[Client]]


@pytest.fixture
async def service(database: Settings) -> AsyncIterator[httpx.ASGITransport]:
    """The service itself, started and ended as in production, without a socket; its answers are held against its document."""
    app = create_app(database)
    async with factories.running(app):
        yield Held(app=app)


@pytest.fixture
async def client(service: httpx.ASGITransport) -> AsyncIterator[Client]:
    """Anybody, without a token."""
    async with Client(transport=service, base_url="http://titik.test") as anybody:
        yield anybody


@pytest.fixture
async def as_role(service: httpx.ASGITransport, database: Settings) -> AsyncIterator[AsRole]:
    """`await as_role("pic", "35.71.01.1011")`: a client with the token of a new account."""
    number = itertools.count()
    async with AsyncExitStack() as opened:
        begin: Callable[[], AbstractAsyncContextManager[WriteSession]] | None = None

        async def sign_in(role: str, *kelurahan: str, name: str | None = None) -> Client:
            nonlocal begin
            # One connection for all of a test: to open one costs more than the account.
            if begin is None:
                begin = await opened.enter_async_context(connected(database.owner_dsn, 60))
            async with begin() as session:
                token = await factories.add_token(session, database, role, kelurahan, name or f"{role}-{next(number)}")
            client = Client(transport=service, base_url="http://titik.test", headers={"Authorization": f"Bearer {token}"})
            return await opened.enter_async_context(client)

        yield sign_in


@pytest.fixture
async def grid(database: Settings) -> Settings:
    """The edition `factories.GRID` is active: squares with a gap, an overlap and a second part, exact to 5 m."""
    return database
