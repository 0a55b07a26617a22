"""The administrator's page of the service itself: parts, queues, and the slowest routes of all workers."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from html import unescape

import httpx
import pytest

from app.connections import open_once
from app.db import Database
from app.errors import Unavailable
from app.http.services import services_of
from app.operator import condition
from app.operator.condition import Disk
from app.pages.managing_state import PARTS, QUEUES
from app.settings import Settings
from app.statement import Statement
from app.traffic import service as traffic
from app.traffic.timings import RouteTimings
from tests.conftest import AsRole, Client
from tests.factories import MOJOROTO, a_feature, execute, published, submitted, value

pytestmark = pytest.mark.anyio
PAGE, STATE = {"Accept": "text/html"}, "/portal/kelola/keadaan"


async def shown(admin: Client, **headers: str) -> str:
    answer = await admin.get(STATE, headers=PAGE | headers)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-store"
    return unescape(answer.text)


def row_of(text: str, first: str) -> str:
    """The cells of the row that begins so, without markup."""
    row = re.search(rf"<tr><td>(?:<div>)?(?:<a [^>]*>|<code>)?{re.escape(first)}.*?</tr>", text, re.DOTALL)
    assert row is not None, text
    return re.sub(r"<[^>]+>", "|", row[0])


async def test_what_works_is_said_in_both_languages(as_role: AsRole) -> None:
    admin = await as_role("admin")
    text = await shown(admin)
    assert "Layanan siap" in text
    for name in PARTS.values():
        assert "Baik" in row_of(text, name.id)
    for words in QUEUES.values():
        assert "Baik" in row_of(text, words.title.id)
    assert "The service is ready" in await shown(admin, **{"Accept-Language": "en"})


async def test_what_does_not_work_says_what_to_do(as_role: AsRole, service: httpx.ASGITransport, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = await as_role("admin")
    services = services_of(service.app)
    services.database.guard.note(Unavailable("database-full"))
    monkeypatch.setattr(condition, "can_spool", lambda _directory: False)
    text = await shown(admin)
    assert "Layanan belum siap" in text
    assert "kosongkan disk basis data" in row_of(text, PARTS["writing"].id)
    assert "TITIK_DATA_DIR" in row_of(text, PARTS["files"].id)
    # As whoever balances the load is told.
    assert (await admin.get("/health/ready")).status_code == 503


@pytest.mark.parametrize(
    ("free", "total", "is_short"),
    [(500e9, 1000e9, False), (60e9, 1000e9, False), (40e9, 1000e9, True), (0.9e9, 20e9, True), (1.2e9, 20e9, False), (0.5e9, 2e9, False)],
)
def test_a_disk_is_short_before_it_is_full(free: float, total: float, is_short: bool) -> None:  # noqa: FBT001 - what is expected
    assert Disk(int(free), int(total)).is_short == is_short


async def test_queues_count_what_an_administrator_may_not_read(as_role: AsRole, client: Client, database: Settings) -> None:
    admin, pic, walidata = await as_role("admin"), await as_role("pic", MOJOROTO), await as_role("walidata")
    await submitted(pic, a_feature(name="Posyandu Rahasia"))
    new = {"url": "https://192.0.2.1/x", "types": ["id.titik.point.published"], "categories": ["posyandu"]}
    assert (await admin.post("/webhooks", json=new)).status_code == 201
    await published(pic, walidata, a_feature(112.0032))
    report = {"kind": "missing", "category": "posyandu", "kelurahan": MOJOROTO, "text": "Belum ada di peta sejak lama."}
    assert (await client.post("/reports", json=report)).status_code == 201
    async with open_once(database.owner_dsn) as session:
        await execute(session, "UPDATE titik.revision SET submitted_at = now() - interval '9 days' WHERE state = 'submitted'")
        await execute(session, "UPDATE titik.report SET created_at = now() - interval '3 days'")
        await execute(session, "UPDATE titik.outbox SET created_at = now() - interval '1 hour'")
        await execute(
            session,
            "INSERT INTO queue.pgqueuer (priority, status, entrypoint, attempts, execute_after) VALUES (0, 'queued', 'none', 3, 'infinity')",
        )
    text = await shown(admin)
    late = row_of(text, QUEUES["review"].title.id)
    assert ("1" in late, "9 hari" in late, "Ingatkan walidata" in late) == (True, True, True)
    report_row = row_of(text, QUEUES["report"].title.id)
    assert ("3 hari" in report_row, "Baik" in report_row) == (True, True)
    assert "1" in row_of(text, QUEUES["retry"].title.id)
    delivery = row_of(text, QUEUES["delivery"].title.id)
    assert ("60 menit" in delivery, "hubungi penerimanya" in delivery) == (True, True)
    assert "Rahasia" not in text
    home = (await admin.get("/portal/kelola", headers=PAGE)).text
    assert re.search(r"Isian yang menunggu walidata</th><td>1<", home)


async def test_the_slowest_routes_are_those_of_all_workers_by_template(
    as_role: AsRole, database: Settings, service: httpx.ASGITransport
) -> None:
    admin = await as_role("admin")
    pool = services_of(service.app).database
    now = datetime.now(UTC)
    # Two workers, one of which has gone; and what is older than an hour.
    for worker, ms, minutes in ((RouteTimings(), 120, 1), (RouteTimings(), 2_400, 50), (RouteTimings(), 90_000, 62)):
        for _ in range(10):
            worker.add(
                (now - timedelta(minutes=minutes)).timestamp(), "GET", "/collections/{collection}/items", 500 if ms > 1_000 else 200, ms
            )
        await traffic.keep(pool, worker)
        # Twice is once.
        worker.add((now - timedelta(minutes=minutes)).timestamp(), "GET", "/collections/{collection}/items", 200, ms)
        await traffic.keep(pool, worker)
    text = await shown(admin)
    row = row_of(text, "GET /collections/{collection}/items")
    number, median, p95, most, failed = re.findall(r"\|([\d,]+(?: ms| s)?)\|", row)
    assert (number, failed) == ("22", "10")
    assert float(median.removesuffix(" ms")) == pytest.approx(120, rel=0.05)
    assert float(p95.removesuffix(" s").replace(",", ".")) == pytest.approx(2.4, rel=0.05)
    assert most == "2,4 s"
    assert "Perlu dilihat" in row
    english = await shown(admin, **{"Accept-Language": "en"})
    assert "|2.4 s|" in row_of(english, "GET /collections/{collection}/items")


async def test_each_request_is_counted_once_and_nothing_that_somebody_typed(
    as_role: AsRole, client: Client, database: Settings, service: httpx.ASGITransport
) -> None:
    admin, pic = await as_role("admin"), await as_role("pic", MOJOROTO)
    point = await submitted(pic, a_feature(name="Posyandu Melati"))
    for path in ("/collections/posyandu/items?q=Budi", "/Jalan/Budi/7", f"/collections/posyandu/items/{point['id']}"):
        await client.get(path)
    await client.head("/collections/posyandu/items")
    await client.request("BUDI", "/collections")
    await shown(admin)
    async with open_once(database.owner_dsn) as session:
        rows = await session.all(Statement("SELECT method, route, requests FROM titik.route_minute"))
    counted = {(row["method"], row["route"]): row["requests"] for row in rows}
    assert counted["GET", "/collections/{collection}/items"] == 1
    assert counted["HEAD", "/collections/{collection}/items"] == 1
    assert counted["POST", "/collections/{collection}/items"] == 1
    assert counted["GET", "/collections/{collection}/items/{item}"] == 1
    assert counted["GET", "?"] == 1
    assert "Budi" not in str(rows).replace("BUDI", "Budi")
    assert str(point["id"]) not in str(rows)


async def test_what_could_not_be_written_is_written_later_and_the_end_of_a_worker_loses_nothing(database: Settings) -> None:
    timings = RouteTimings()
    timings.add(datetime.now(UTC).timestamp(), "GET", "/locate", 200, 5)
    opened = await Database.connect(database)
    try:
        opened.guard.find("database-full")
        with pytest.raises(Unavailable):
            await traffic.keep(opened, timings)
        opened.guard.find(None)
        async with traffic.kept_meanwhile(opened, timings):
            timings.add(datetime.now(UTC).timestamp(), "GET", "/locate", 200, 5)
    finally:
        await opened.close()
    async with open_once(database.owner_dsn) as session:
        assert await value(session, "SELECT sum(requests) FROM titik.route_minute WHERE route = '/locate'") == 2


async def test_a_slow_telephone_makes_no_route_slow(as_role: AsRole, service: httpx.ASGITransport) -> None:
    async def trickling() -> AsyncIterator[bytes]:
        yield b'{"changes":'
        await asyncio.sleep(0.4)
        yield b"[]}"

    pic = await as_role("pic", MOJOROTO)
    await pic.post("/sync", content=trickling())
    rows = {row.route: row for row in services_of(service.app).timings.unwritten()}
    assert rows["/sync"].most_ms < 400


@pytest.mark.parametrize("role", ["pic", "walidata", "opd", "pembina"])
async def test_only_administrators_see_it(as_role: AsRole, role: str) -> None:
    assert (await (await as_role(role, *([MOJOROTO] if role == "pic" else []))).get(STATE, headers=PAGE)).status_code == 403
