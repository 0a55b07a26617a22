"""What tests are made of: few arguments, good defaults."""

import asyncio
import math
import secrets
from collections.abc import Sequence
from typing import Any

import asyncpg
import httpx
from asgi_lifespan import LifespanManager
from fastapi import FastAPI
from pydantic import SecretStr
from shapely.geometry import MultiPolygon, box

from app.access.rights import Scope
from app.accounts import service as accounts
from app.accounts import signing
from app.accounts.schemas import NewAccount
from app.boundaries import service as boundaries
from app.boundaries.checking import Boundary, check
from app.boundaries.service import EditionFacts
from app.categories import queries as categories
from app.cluster.server import ADMIN
from app.connections import open_once
from app.db import WriteSession, prepare_connection
from app.demo import division, kediri, trial
from app.demo.kediri import regions as shipped_regions
from app.indicators import queries as indicators
from app.nouns import NOUNS
from app.operator import operation
from app.reports import rules
from app.settings import Settings
from app.statement import Statement
from app.uuid7 import uuid7

MOJOROTO, BUJEL, NGAMPEL, GAYAM, MRICAN = "35.71.01.1011", "35.71.01.1006", "35.71.01.1010", "35.71.01.1007", "35.71.01.1008"
APPROXIMATE, GRID = division.NAME, "Petak uji"
PUBLISH = {"decision": "publish"}
IN_MOJOROTO = (112.0016, -7.8041)

# Squares of 0.01° (1,102 m by 1,106 m) around 112.0, -7.8. Between Mojoroto and Bujel a gap of 0.0003° (33 m); Bujel and Ngampel
# overlap by 0.0002° (22 m); Gayam has a second part 0.02° to the south. Mrican touches Gayam.
GRID_SQUARES: dict[str, list[tuple[float, float, float, float]]] = {
    MOJOROTO: [(112.0000, -7.8100, 112.0100, -7.8000)],
    BUJEL: [(112.0103, -7.8100, 112.0203, -7.8000)],
    NGAMPEL: [(112.0201, -7.8100, 112.0301, -7.8000)],
    GAYAM: [(112.0000, -7.8000, 112.0100, -7.7900), (112.0000, -7.8300, 112.0050, -7.8250)],
    MRICAN: [(112.0100, -7.8000, 112.0200, -7.7900)],
}
GRID_ACCURACY_M = 5.0


def build(owner_url: str) -> None:
    """Migrates a database, fills in what is shipped, and activates the approximate edition."""
    settings = Settings(database_url=SecretStr(owner_url), owner_url=SecretStr(owner_url), secret_key=SecretStr("x" * 32))
    operation.upgrade(settings, lambda _: None)

    async def approximate() -> None:
        async with open_once(owner_url) as session:
            await kediri.load(session)
            await trial.approximate_edition(session, shipped_regions())

    asyncio.run(approximate())


# What tests write, and what refers to it. A table that was written into has pages, whether it was committed or not. As the superuser and
# past all triggers and keys: to truncate, or to be told of each row, takes longer than most tests do. Large tables are truncated.
_OF_NOUNS = "".join(f"{noun.revisions}, {noun.subjects}, published.{noun.items}, internal.{noun.items}, " for noun in NOUNS)
EMPTIED = """
    DO $$
    DECLARE
        written regclass;
        number record;
    BEGIN
        SET LOCAL session_replication_role = replica;
        FOR written IN
            WITH RECURSIVE found AS (
                SELECT CAST(name AS regclass) AS oid
                  FROM unnest(CAST('{OF_NOUNStitik.disclosure, titik.webhook_delivery, titik.webhook, titik.boundary_job, titik.boundary_job_file, titik.import, titik.import_file, titik.import_row, queue.pgqueuer, titik.notice,
                                     titik.password, titik.reset_link, titik.placement_change, titik.retry, titik.contact, published.photo, internal.photo,
                                     titik.photo, titik.report, titik.report_sender, titik.route_minute, titik.audit, titik.audit_seal, titik.outbox, titik.token,
                                     titik.account_kelurahan, titik.account, titik.sign_in_count, titik.sign_in_place, published.collection, internal.collection,
                                     published.cluster, internal.cluster, published.kelurahan_total, internal.kelurahan_total, titik.progress, titik.progress_delta, published.profile, internal.profile, published.change, internal.change}' AS text[])) AS name
                 WHERE pg_relation_size(CAST(name AS regclass)) > 0
                 UNION
                SELECT f.conrelid FROM pg_constraint f JOIN found ON f.confrelid = found.oid
            )
            SELECT oid FROM found
        LOOP
            IF pg_relation_size(written) < 1000000 THEN
                EXECUTE 'DELETE FROM ' || written;
            ELSE
                EXECUTE 'TRUNCATE ' || written || ' CASCADE';
            END IF;
            FOR number IN SELECT objid FROM pg_depend WHERE refobjid = written AND classid = CAST('pg_class' AS regclass) AND deptype IN ('a', 'i')
                             AND EXISTS (SELECT FROM pg_sequence WHERE seqrelid = objid) LOOP
                PERFORM setval(number.objid, 1, false);
            END LOOP;
        END LOOP;
    END $$
""".replace("OF_NOUNS", _OF_NOUNS)


async def empty(settings: Settings) -> str:
    """Takes out what tests have written; the name of the active edition."""
    role = "titik_owner@"
    assert role in settings.owner_dsn
    connection = await asyncpg.connect(settings.owner_dsn.replace(role, f"{ADMIN}@", 1))
    try:
        await connection.execute(EMPTIED)
        await _restore_categories(connection)
        await _restore_indicators(connection)
        return str(await connection.fetchval("SELECT name FROM titik.boundary_edition WHERE active"))
    finally:
        await connection.close()


async def _restore_categories(connection: "asyncpg.Connection[Any]") -> None:
    """Those that are shipped, as they are shipped. A worker remembers them by the sum of their versions, which begins anew."""
    names = [one["id"] for one in categories.shipped()]
    if not await connection.fetchval("SELECT bool_or(version > 1 OR id <> ALL ($1)) FROM titik.category", names):
        return
    for table in ("category_steps", "category_version", "category"):
        await connection.execute(f"DELETE FROM titik.{table}")
    await prepare_connection(connection)
    await categories.ship(WriteSession(connection))
    categories._remembered.clear()


async def _restore_indicators(connection: "asyncpg.Connection[Any]") -> None:
    """Those that are shipped, as they are shipped."""
    await connection.execute("DELETE FROM titik.indicator WHERE version > 1 OR id <> ALL ($1)", [one["id"] for one in indicators.shipped()])


async def execute(session: WriteSession, sql: str) -> None:
    await session.run(Statement(sql))


async def value(session: WriteSession, sql: str, **named: object) -> Any:
    return await session.value(Statement(sql), **named)


async def a_token(
    settings: Settings, role: str, kelurahan: Sequence[str] = (), name: str = "someone", scopes: Sequence[Scope] | None = None
) -> str:
    """A token of a new account."""
    async with open_once(settings.owner_dsn) as session:
        return await add_token(session, settings, role, kelurahan, name, scopes)


async def add_token(
    session: WriteSession, settings: Settings, role: str, kelurahan: Sequence[str], name: str, scopes: Sequence[Scope] | None = None
) -> str:
    account_id = await accounts.add_account(session, NewAccount(name=name, role=role, kelurahan=list(kelurahan)))  # type: ignore[arg-type]
    return (await signing.issue(session, settings.secret, account_id, 3600, scopes=scopes)).token


def a_feature(lon: float = IN_MOJOROTO[0], lat: float = IN_MOJOROTO[1], *, id: str | None = None, **properties: Any) -> dict[str, Any]:  # noqa: A002
    """A posyandu of Mojoroto as a phone sends it; `properties` are added, `None` takes one out."""
    known = {"name": "Posyandu Melati", "jenis": "balita", "confirm_not_duplicate": True, **properties}
    feature: dict[str, Any] = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": {key: value for key, value in known.items() if value is not None},
    }
    return feature | ({"id": id} if id else {})


def tile_of(lon: float, lat: float, zoom: int) -> str:
    """`z/y/x` of the WebMercatorQuad tile that holds a place."""
    size = 1 << zoom
    row = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * size
    return f"{zoom}/{int(row)}/{int((lon + 180) / 360 * size)}"


async def submitted(client: httpx.AsyncClient, feature: dict[str, Any], collection: str = "posyandu") -> dict[str, Any]:
    """The feature as the service answers it."""
    posted = await client.post(f"/collections/{collection}/items", json=feature)
    assert posted.status_code == 201, posted.text
    answered: dict[str, Any] = posted.json()
    return answered


def decision_of(feature: dict[str, Any]) -> str:
    return f"/reviews/{feature['properties']['revision']}/decision"


async def published(
    writer: httpx.AsyncClient, walidata: httpx.AsyncClient, feature: dict[str, Any], collection: str = "posyandu"
) -> dict[str, Any]:
    """The feature as its writer got it, now public."""
    answered = await submitted(writer, feature, collection)
    decided = await walidata.post(decision_of(answered), json=PUBLISH)
    assert decided.status_code == 200, decided.text
    return answered


async def a_report(settings: Settings, kelurahan: str, text: str = "Papan namanya salah") -> str:
    """The number of a report of a place, as if anybody had sent it; no address is counted for it."""
    number = rules.number_of(secrets.randbits(rules.BITS))
    async with open_once(settings.owner_dsn) as session:
        await session.run(
            Statement(
                "INSERT INTO titik.report (id, number, kind, kelurahan, category, text, content_sha256)"
                " VALUES (CAST(:id AS uuid), :number, 'missing', :kelurahan, 'posyandu', :text, '')"
            ),
            id=uuid7(), number=number, kelurahan=kelurahan, text=text,
        )  # fmt: skip
    return number


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


async def activate(settings: Settings, name: str) -> None:
    async with open_once(settings.owner_dsn) as session:
        await boundaries.activate(session, name)


def running(app: FastAPI) -> LifespanManager:
    """The service, started and ended: it may take its time on a busy machine."""
    return LifespanManager(app, startup_timeout=60, shutdown_timeout=60)


async def forget_editions(settings: Settings) -> None:
    """Leaves the two editions that all tests share, and no points."""
    if await empty(settings) not in (APPROXIMATE, GRID):
        await activate(settings, GRID)
    async with open_once(settings.owner_dsn) as session:
        await session.run(
            Statement("DELETE FROM titik.boundary_edition WHERE name NOT IN (:approximate, :grid)"), approximate=APPROXIMATE, grid=GRID
        )


async def activate_grid(settings: Settings) -> None:
    """Loads the squares the first time, then makes them the active edition."""
    async with open_once(settings.owner_dsn) as session:
        if not await value(session, "SELECT count(*) FROM titik.boundary_edition WHERE name = :name", name=GRID):
            await load_edition(session, GRID, squares(), GRID_ACCURACY_M)
        await boundaries.activate(session, GRID)


def squares() -> tuple[Boundary, ...]:
    return tuple(Boundary(code, MultiPolygon([box(*part) for part in parts])) for code, parts in GRID_SQUARES.items())


async def load_edition(session: WriteSession, name: str, polygons: tuple[Boundary, ...], accuracy_m: float) -> None:
    report = check(polygons, shipped_regions())
    await boundaries.load(session, EditionFacts(name, "uji", accuracy_m), polygons, report)
