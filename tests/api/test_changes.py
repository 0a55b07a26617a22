"""The feed of changes: states and tombstones, nothing skipped, nothing old; cursors that belong to what was read."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest

from app.background.tidying import tidy
from app.connections import open_once
from app.db import Database
from app.feed import streaming
from app.feed.changes import settle
from app.published import projection
from app.settings import Settings
from app.statement import Statement
from tests.conftest import AsRole, Client
from tests.factories import MOJOROTO, PUBLISH, a_feature, code_of, decision_of, execute, published, submitted, value

pytestmark = pytest.mark.anyio


async def firm(client: Client) -> None:
    """Waits until all that has committed is told: a transaction that writes anywhere in the cluster, as other tests do, holds the feed back."""
    transport: Any = client._transport
    services = transport.app.state.services
    session = services.database.public
    above = await session.value(Statement("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"))
    async with asyncio.timeout(60):
        while await session.value(Statement("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")) < above:  # noqa: ASYNC110 - what is waited for is in the database
            await asyncio.sleep(0.05)
    # What a page names as its cursor is from when the catalogue was last read.
    await services.catalogue.refresh()


async def follow(
    client: Client, since: str | None = None, limit: int = 100, *, waiting: bool = True
) -> tuple[list[dict[str, Any]], str]:  # fmt: skip
    """All changes behind a cursor, page by page, and the cursor behind them."""
    if waiting:
        await firm(client)
    found: list[dict[str, Any]] = []
    parameters: dict[str, Any] = {"limit": limit} | ({"since": since} if since else {})
    while True:
        answer = await client.get("/changes", params=parameters)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert page["numberReturned"] == len(page["changes"]) <= limit
        found += page["changes"]
        if not page["more"]:
            return found, page["next"]
        (following,) = [link["href"] for link in page["links"] if link["rel"] == "next"]
        assert httpx.URL(following).params == httpx.QueryParams({"since": page["next"], "limit": str(limit)})
        parameters["since"] = page["next"]


async def three(as_role: AsRole) -> tuple[Client, Client, list[dict[str, Any]]]:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    return pic, walidata, [await published(pic, walidata, a_feature(112.0016 + n / 1000, name=f"Posyandu {n}")) for n in range(3)]


async def test_without_a_cursor_the_feed_tells_what_is_there(client: Client, as_role: AsRole) -> None:
    _, _, points = await three(as_role)
    found, cursor = await follow(client, limit=2)
    assert [change["id"] for change in found] == [point["id"] for point in points]
    shown = (await client.get("/collections/posyandu/items")).json()["features"]
    assert [change["feature"] for change in found] == sorted(shown, key=lambda feature: [p["id"] for p in points].index(feature["id"]))
    assert (await follow(client, cursor))[0] == []


async def test_after_a_cursor_only_what_has_changed_is_told_each_point_once_as_it_is_now(client: Client, as_role: AsRole) -> None:
    pic, walidata, points = await three(as_role)
    _, cursor = await follow(client)
    for name in ("Satu", "Dua"):
        changed = await pic.patch(
            f"/collections/posyandu/items/{points[0]['id']}", json={"properties": {"name": name}}, headers={"If-Match": "*"}
        )
        assert (await walidata.post(decision_of(changed.json()), json=PUBLISH)).status_code == 200
    await submitted(pic, a_feature(112.006, name="Menunggu"))
    taken = {"move": "unpublish", "reason": "Rumah pribadi"}
    assert (await walidata.post(f"/points/{points[1]['id']}/revisions", json=taken, headers={"If-Match": "*"})).status_code == 200
    found, later = await follow(client, cursor)
    assert [(change["id"], change.get("deleted")) for change in found] == [(points[0]["id"], None), (points[1]["id"], True)]
    assert found[0]["feature"]["properties"]["name"] == "Dua"
    assert set(found[1]) == {"kind", "id", "category", "at", "deleted"}
    assert (await follow(client, later))[0] == []
    # Also from the beginning: what a point was before is nowhere.
    everything, _ = await follow(client)
    assert "Posyandu 1" not in json.dumps(everything)
    assert [change["id"] for change in everything] == [points[2]["id"], points[0]["id"], points[1]["id"]]


async def test_a_page_and_a_file_name_the_cursor_that_goes_on_from_them(client: Client, as_role: AsRole) -> None:
    pic, walidata, _ = await three(as_role)
    for query in ("", "?f=csv", "?f=html", "?bbox=111,-8,113,-7"):
        await firm(client)
        answer = await client.get(f"/collections/posyandu/items{query}")
        added = await published(pic, walidata, a_feature(112.0016, -7.802, name=f"Baru {query}"))
        found, _ = await follow(client, answer.headers["titik-changes-cursor"])
        assert added["id"] in [change["id"] for change in found], query
        assert len(found) <= 2
    same = await client.get("/collections/points/items")
    unchanged = await client.get("/collections/points/items", headers={"If-None-Match": same.headers["etag"]})
    assert unchanged.status_code == 304
    assert "titik-changes-cursor" in unchanged.headers
    assert "titik-changes-cursor" not in (await client.get("/collections/kelurahan/items")).headers


async def test_now_is_a_cursor_without_changes(client: Client, as_role: AsRole) -> None:
    pic, walidata, _ = await three(as_role)
    found, cursor = await follow(client, "now")
    assert found == []
    added = await published(pic, walidata, a_feature(112.006, name="Baru"))
    assert [change["id"] for change in (await follow(client, cursor))[0]] == [added["id"]]


async def test_who_has_a_token_of_an_office_reads_the_internal_half(client: Client, as_role: AsRole) -> None:
    pic, walidata, _ = await three(as_role)
    found, cursor = await follow(pic)
    assert "jenis" in found[0]["feature"]["properties"]
    assert found == (await follow(walidata))[0]
    answer = await pic.get("/changes")
    assert answer.headers["cache-control"] == "private, no-store"
    assert code_of(await client.get("/changes", params={"since": cursor})) == (400, "parameter-invalid")
    assert (await pic.get("/changes", params={"since": cursor})).status_code == 200
    assert code_of(await client.get("/changes", headers={"Authorization": "Bearer titik_x"})) == (401, "token-unknown")


@pytest.mark.parametrize("query", ["since=x", "since=", "limit=0", "limit=x", "page=2", "since=now&since=now"])
async def test_what_is_wrong_is_refused(client: Client, query: str) -> None:
    assert code_of(await client.get(f"/changes?{query}")) == (400, "parameter-invalid")


async def test_publishing_in_an_older_transaction_that_ends_later_is_not_skipped(
    client: Client, as_role: AsRole, database: Settings
) -> None:
    """What committed meanwhile waits, because something may still come before it."""
    pic, walidata, points = await three(as_role)
    _, cursor = await follow(client)
    slow = await asyncpg.connect(database.owner_dsn)
    transaction = slow.transaction()
    await transaction.start()
    await slow.execute("DELETE FROM published.item WHERE id = $1", points[0]["id"])
    added = await published(pic, walidata, a_feature(112.006, name=None, jenis=None, rt="1", rw="1"), "rt")
    found, cursor = await follow(client, cursor, waiting=False)
    assert found == []
    await transaction.commit()
    await slow.close()
    found, _ = await follow(client, cursor)
    assert [(change["id"], change.get("deleted")) for change in found] == [(points[0]["id"], True), (added["id"], None)]


async def test_rebuilding_tells_only_what_differs(client: Client, as_role: AsRole, database: Settings) -> None:
    _, _, points = await three(as_role)
    _, cursor = await follow(client)
    async with open_once(database.owner_dsn) as session:
        assert await projection.rebuild(session) == 3
    assert (await follow(client, cursor))[0] == []
    async with open_once(database.owner_dsn) as session:
        await execute(session, f"UPDATE titik.revision SET name = 'Lain' WHERE point_id = '{points[0]['id']}'")
        await execute(session, f"UPDATE titik.point SET status = 'closed' WHERE id = '{points[1]['id']}'")
        await execute(session, f"DELETE FROM published.item WHERE id = '{points[2]['id']}'")
    found, cursor = await follow(client, cursor)
    assert [(change["id"], change.get("deleted")) for change in found] == [(points[2]["id"], True)]
    async with open_once(database.owner_dsn) as session:
        assert await projection.rebuild(session) == 3
    found, _ = await follow(client, cursor)
    assert {change["id"]: change.get("feature", {}).get("properties", {}).get("name") for change in found} == {
        points[0]["id"]: "Lain", points[1]["id"]: None, points[2]["id"]: "Posyandu 2",
    }  # fmt: skip
    shown = (await client.get("/collections/posyandu/items")).json()
    assert (len(shown["features"]), shown["numberMatched"]) == (2, 2)


async def test_what_a_later_change_follows_is_tidied_away_and_the_rest_stays(client: Client, as_role: AsRole, database: Settings) -> None:
    pic, walidata, points = await three(as_role)
    for rw in ("2", "3"):
        changed = await pic.patch(
            f"/collections/posyandu/items/{points[0]['id']}", json={"properties": {"rw": rw}}, headers={"If-Match": "*"}
        )
        await walidata.post(decision_of(changed.json()), json=PUBLISH)
    await walidata.post(f"/points/{points[1]['id']}/revisions", json={"move": "unpublish", "reason": "Ragu"}, headers={"If-Match": "*"})
    before, _ = await follow(client)
    await firm(walidata)
    opened = await Database.connect(database)
    try:
        # Two of each half for the first point, one for the second.
        assert [await tidy(opened) for _ in range(2)] == [6, 0]
    finally:
        await opened.close()
    assert (await follow(client))[0] == before
    async with open_once(database.owner_dsn) as session:
        assert await value(session, "SELECT count(*) FROM published.change") == 3


# -- histories


async def test_a_database_that_was_restored_ends_all_cursors(client: Client, as_role: AsRole, database: Settings) -> None:
    """Transactions are counted from the beginning there: what is old comes before what is new, whatever its number."""
    pic, walidata, points = await three(as_role)
    _, cursor = await follow(client)
    async with open_once(database.owner_dsn) as session:
        number = await value(session, "SELECT number FROM titik.history")
        for half in ("published", "internal"):
            await execute(session, f"UPDATE {half}.change SET transaction_id = (transaction_id::text::bigint + 1000000000)::text::xid8")
        await execute(session, "UPDATE titik.history SET identity = 'the cluster of before'")
    opened = await Database.connect(database)
    try:
        await settle(opened)
        await settle(opened)
    finally:
        await opened.close()
    added = await published(pic, walidata, a_feature(112.006, name="Baru"))
    assert code_of(await client.get("/changes", params={"since": cursor})) == (410, "changes-restarted")
    assert code_of(await client.get("/changes/stream", params={"since": cursor})) == (410, "changes-restarted")
    found, later = await follow(client, limit=2)
    assert [change["id"] for change in found] == [*(point["id"] for point in points), added["id"]]
    assert (await follow(client, later))[0] == []
    async with open_once(database.owner_dsn) as session:
        assert await value(session, "SELECT number FROM titik.history") == number + 1


async def test_the_first_who_asks_a_restored_database_settles_it(client: Client, as_role: AsRole, database: Settings) -> None:
    """As after a replica has taken over, while the service went on."""
    await three(as_role)
    _, cursor = await follow(client)
    async with open_once(database.owner_dsn) as session:
        await execute(session, "UPDATE titik.history SET identity = 'the server of before'")
        await execute(session, "NOTIFY titik, 'published'")
    for _ in range(50):
        answer = await client.get("/changes", params={"since": cursor})
        if answer.status_code != 200:
            break
        await asyncio.sleep(0.1)
    assert code_of(answer) == (410, "changes-restarted")
    assert len((await follow(client))[0]) == 3


async def test_a_cursor_that_the_database_has_not_come_to_is_gone(client: Client, as_role: AsRole, service: httpx.ASGITransport) -> None:
    """A copy of the files of yesterday has the identity of today."""
    from app.published.positions import Position, write_position  # noqa: PLC0415

    await three(as_role)
    app: Any = service.app
    edge = app.state.services.catalogue.edge
    ahead = write_position(app.state.services.settings.secret, "published", edge.epoch, Position(edge.number, edge.below + 1000, 0))
    assert code_of(await client.get("/changes", params={"since": ahead})) == (410, "changes-restarted")


# -- as it happens


class Listening:
    """A client of the stream, over the application itself: the transport of httpx would wait for the end of the answer."""

    def __init__(self, service: httpx.ASGITransport, headers: dict[str, str] | None = None, query: str = "") -> None:
        self._app = service.app
        self._headers = headers or {}
        self._query = query
        self._gone = asyncio.Event()
        self.started: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self.said = b""
        self.taking = asyncio.Event()
        self.taking.set()
        self.task = asyncio.ensure_future(self._listen())

    async def _listen(self) -> None:
        scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "method": "GET", "path": "/changes/stream", "raw_path": b"/changes/stream",
            "query_string": self._query.encode(), "scheme": "http", "root_path": "", "http_version": "1.1", "client": ("127.0.0.1", 1), "server": ("titik.test", 80),
            "headers": [(b"host", b"titik.test"), *((name.lower().encode(), value.encode()) for name, value in self._headers.items())], "state": {},
        }  # fmt: skip

        async def receive() -> dict[str, Any]:
            await self._gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            await self.taking.wait()
            if message["type"] == "http.response.start":
                self.started.set_result(message)
            self.said += message.get("body", b"")

        await self._app(scope, receive, send)

    async def heard(self, number: int) -> list[dict[str, Any]]:
        """So many changes, and their ids."""
        async with asyncio.timeout(60):
            while len(found := self.changes()) < number:  # noqa: ASYNC110 - what is waited for is in a stream
                await asyncio.sleep(0.05)
        return found

    def changes(self) -> list[dict[str, Any]]:
        blocks = [dict(line.split(": ", 1) for line in block.split("\n") if line.strip(": ")) for block in self.said.decode().split("\n\n")]
        return [{"cursor": block["id"], **json.loads(block["data"])} for block in blocks if block.get("event") == "change"]

    async def leave(self) -> None:
        self._gone.set()
        self.taking.set()
        await asyncio.wait_for(self.task, 5)


@pytest.fixture
async def listening(service: httpx.ASGITransport) -> AsyncIterator[Any]:
    opened: list[Listening] = []

    def listen(headers: dict[str, str] | None = None, query: str = "") -> Listening:
        opened.append(Listening(service, headers, query))
        return opened[-1]

    yield listen
    for one in opened:
        await one.leave()


async def test_who_listens_hears_what_is_published_and_goes_on_after_a_pause(client: Client, as_role: AsRole, listening: Any) -> None:
    pic, walidata, points = await three(as_role)
    await firm(client)
    first, other = listening(), listening()
    head = dict((await first.started)["headers"])
    assert head[b"content-type"] == b"text/event-stream; charset=utf-8"
    assert b"content-encoding" not in head
    await other.started
    added = await published(pic, walidata, a_feature(112.006, name="Baru\nbaris"))
    (heard,) = await first.heard(1)
    assert heard == (await other.heard(1))[0]
    feed, _ = await follow(client, limit=1)
    assert {name: heard[name] for name in feed[-1]} == feed[-1]
    assert heard["id"] == added["id"]
    assert first.said.startswith(b"retry: 3000\nid: ")
    await first.leave()
    await walidata.post(f"/points/{points[0]['id']}/revisions", json={"move": "unpublish", "reason": "Ragu"}, headers={"If-Match": "*"})
    again = listening({"Last-Event-ID": heard["cursor"]})
    (gone,) = await again.heard(1)
    assert (gone["id"], gone["deleted"]) == (points[0]["id"], True)
    # An id of an event is a cursor of the feed.
    assert [change["id"] for change in (await follow(client, heard["cursor"]))[0]] == [points[0]["id"]]


async def test_silence_is_told_too(listening: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.routers.changes.HEARTBEAT_S", 0.05)
    one = listening()
    await one.started
    await asyncio.sleep(0.5)
    assert one.said.count(b": \n\n") > 3


async def test_who_does_not_keep_up_is_let_go_and_loses_nothing(
    client: Client, as_role: AsRole, listening: Any, monkeypatch: pytest.MonkeyPatch, service: httpx.ASGITransport
) -> None:
    monkeypatch.setattr(streaming, "WAITING_AT_MOST", 2)
    monkeypatch.setattr(streaming, "EVERY_S", 0.05)
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    slow = listening()
    await slow.started
    slow.taking.clear()
    for number in range(8):
        await published(pic, walidata, a_feature(112.0016 + number / 1000, name=f"Posyandu {number}"))
        await firm(client)
        await asyncio.sleep(0.1)
    await asyncio.wait_for(asyncio.wait({slow.task}), 5)
    assert slow.task.done()
    app: Any = service.app
    assert app.state.services.streams._listeners == set()
    slow.taking.set()
    last = slow.said.decode().rpartition("id: ")[2].split("\n")[0]
    found, _ = await follow(client, last)
    assert len(found) + len(slow.changes()) == 8


async def test_there_is_room_for_so_many(listening: Any, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "LISTENERS_AT_MOST", 1)
    one = listening()
    await one.started
    refused = await client.get("/changes/stream")
    assert code_of(refused) == (503, "streams-full")
    assert refused.headers["retry-after"] == "2"
    head = await client.head("/changes/stream")
    assert (head.status_code, head.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")


async def test_all_are_let_go_when_the_service_ends(listening: Any, service: httpx.ASGITransport) -> None:
    one = listening()
    await one.started
    app: Any = service.app
    app.state.services.streams.end()
    await asyncio.wait_for(one.task, 2)
