"""What others are told of a point says that it is one: in the feed, in synchronising, in the inbox, in the queue, in webhooks. A client that
knows only points can tell what is none. And a noun costs points nothing.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from app.connections import open_once
from app.db import WriteSession
from app.settings import Settings
from app.statement import Statement
from app.uuid7 import uuid7
from tests.api.test_changes import follow
from tests.conftest import AsRole, Client
from tests.factories import MOJOROTO, PUBLISH, a_feature, code_of, decision_of, execute, published, submitted
from tests.receiver import receiving

pytestmark = pytest.mark.anyio
RETURN = {"decision": "return", "reason": "Nomor RW belum ada"}
# Something that is no point, as a later noun would write it.
TREE = """
    INSERT INTO published.change (id, category, kind) VALUES (gen_random_uuid(), 'mangga', 'tree');
"""


@pytest.fixture
def database(database: Settings) -> Settings:
    """The operator has named this machine: that is where the receiver of the tests is."""
    return database.model_copy(update={"webhook_networks": "127.0.0.0/8"})


async def test_queue_and_inbox_say_what_an_entry_is_of(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    sent = await submitted(pic, a_feature())
    entry = (await walidata.get("/reviews")).json()["reviews"][0]
    assert (entry["subject_kind"], entry["subject"], entry["point"], entry["kind"]) == ("point", sent["id"], sent["id"], "new")
    assert (await walidata.get("/reviews?subject_kind=point")).json()["numberMatched"] == 1
    assert code_of(await walidata.get("/reviews?subject_kind=tree")) == (400, "parameter-invalid")
    await walidata.post(decision_of(sent), json=RETURN)
    notice = (await pic.get("/me/inbox")).json()["notices"][0]
    assert (notice["kind"], notice["subject_kind"], notice["subject"], notice["point"]) == ("returned", "point", sent["id"], sent["id"])
    assert notice["href"].endswith(f"/collections/posyandu/items/{sent['id']}")


async def test_synchronising_takes_and_gives_the_kind(as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    change = {"client_id": str(uuid7()), "op": "create", "point": str(uuid7()), "feature": a_feature(category="posyandu")}
    other = {**change, "client_id": str(uuid7()), "kind": "tree"}
    results = (await pic.post("/sync", json={"changes": [change, {**change, "client_id": "x"}, other]})).json()["results"]
    assert [result["kind"] for result in results] == ["point"] * 3
    assert [result["status"] for result in results] == ["created", "refused", "refused"]
    assert results[2]["problem"]["errors"][0]["pointer"] == "/kind"
    again = (await pic.post("/sync", json={"changes": [change]})).json()["results"][0]
    assert (again["status"], again["repeated"]) == ("created", True)


async def test_webhooks_carry_the_kind_beside_the_data_and_within(as_role: AsRole) -> None:
    admin, pic, walidata = await as_role("admin"), await as_role("pic", MOJOROTO), await as_role("walidata")
    wanted = ["id.titik.point.published", "id.titik.point.removed", "id.titik.revision.submitted", "id.titik.revision.published"]
    async with receiving() as receiver:
        assert (await admin.post("/webhooks", json={"url": receiver.url, "types": wanted})).status_code == 201
        feature = await published(pic, walidata, a_feature())
        taken = {"move": "unpublish", "reason": "Rumah pribadi"}
        assert (await walidata.post(f"/points/{feature['id']}/revisions", json=taken)).status_code == 200
        events = [one.event for one in await receiver.wait(4)]
    assert {event["kind"] for event in events} == {"point"}
    assert all(event["data"]["kind"] == "point" for event in events if event["type"].startswith("id.titik.revision."))
    removed = next(event for event in events if event["type"] == "id.titik.point.removed")
    assert removed["data"] == {"id": feature["id"], "kind": "point", "category": "posyandu", "kelurahan": MOJOROTO}


async def test_a_client_that_knows_only_points_passes_over_the_rest_and_keeps_its_cursor(
    client: Client, as_role: AsRole, database: Settings
) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    point = await published(pic, walidata, a_feature())
    async with open_once(database.owner_dsn) as session:
        await execute(session, TREE)
    found, cursor = await follow(client, limit=1)
    assert [(change["kind"], change["category"]) for change in found] == [("point", "posyandu"), ("tree", "mangga")]
    copy = {change["id"]: change.get("feature") for change in found if change["kind"] == "point"}
    assert list(copy) == [point["id"]]
    assert (await follow(client, cursor))[0] == []


@pytest.fixture
async def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that the requests of this test send to the write half; not those of what goes on beside them."""
    statements: list[str] = []
    task = asyncio.current_task()
    call = WriteSession._call

    async def noted(self: WriteSession, method: str, statement: Statement, named: Mapping[str, object]) -> Any:
        if asyncio.current_task() is task:
            statements.append(statement.sql)
        return await call(self, method, statement, named)

    monkeypatch.setattr(WriteSession, "_call", noted)
    return statements


async def test_posting_deciding_and_asking_cost_no_statement_more(as_role: AsRole, asked: list[str]) -> None:
    """As many as when only points could be reviewed, with those of signing in."""
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    await published(pic, walidata, a_feature())
    asked.clear()
    sent = (await pic.post("/collections/posyandu/items", json=a_feature(112.006, name="Lain"))).json()
    numbers = [len(asked)]
    for answer in (walidata.get("/reviews"), walidata.post(decision_of(sent), json=PUBLISH), pic.get("/me/inbox")):
        asked.clear()
        assert (await answer).is_success
        numbers.append(len(asked))
    assert numbers == [4, 2, 10, 3]
