"""The record over HTTP: each filter finds its entries and no others, pages are whole, and the chain is read part by part as the command reads it."""

import asyncio
from typing import Any

import httpx
import pytest

from app.audit.sealing import verify
from app.connections import open_once
from app.routers import audit
from app.settings import Settings
from app.statement import Statement
from tests.conftest import AsRole, Client
from tests.factories import BUJEL, MOJOROTO, a_feature, execute, published, submitted

pytestmark = pytest.mark.anyio
IN_BUJEL = (111.9895, -7.8001)


async def entries(admin: Client, **filters: str) -> list[dict[str, Any]]:
    answer = await admin.get("/audit", params=filters)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["entries"]
    return found


@pytest.fixture
async def admin(as_role: AsRole) -> Client:
    """An administrator, after a PIC of Mojoroto and one of Bujel and a walidata have worked."""
    mojoroto, bujel = await as_role("pic", MOJOROTO, name="siti"), await as_role("pic", BUJEL, name="budi")
    walidata = await as_role("walidata", name="kominfo")
    await published(mojoroto, walidata, a_feature())
    await submitted(bujel, a_feature(*IN_BUJEL, name="Pos Bujel", jenis=None), "pos_kamling")
    return await as_role("admin", name="kepala")


async def test_each_filter_finds_its_entries(admin: Client) -> None:
    everything = await entries(admin)
    assert [entry["id"] for entry in everything] == sorted((entry["id"] for entry in everything), reverse=True)
    of_siti = await entries(admin, account="siti")
    assert of_siti
    assert {entry["account"] for entry in of_siti} == {"siti"}
    (decision,) = await entries(admin, action="revision.publish")
    assert (decision["account"], decision["kind"], decision["category"], decision["kelurahan"]) == (
        "kominfo",
        "point",
        "posyandu",
        MOJOROTO,
    )
    assert {entry["subject"] for entry in await entries(admin, subject=decision["subject"])} == {decision["subject"]}
    assert {entry["kelurahan"] for entry in await entries(admin, kelurahan="Bujel")} == {BUJEL}
    assert {entry["category"] for entry in await entries(admin, category="pos_kamling")} == {"pos_kamling"}
    assert all(entry["kind"] == "point" for entry in await entries(admin, kind="point"))
    assert len(await entries(admin, kind="point")) < len(everything)
    at = decision["at"]
    assert decision in await entries(admin, datetime=f"{at}/..")
    assert {entry["at"] for entry in await entries(admin, datetime=f"{at}/..")} <= {
        entry["at"] for entry in everything if entry["at"] >= at
    }
    assert await entries(admin, datetime="../2020-01-01") == []


async def test_pages_are_whole_and_without_doubles(admin: Client) -> None:
    whole = [entry["id"] for entry in await entries(admin)]
    assert len(whole) > 3
    seen: list[int] = []
    href = "/audit?limit=2"
    while href:
        page = (await admin.get(href)).json()
        assert page["numberReturned"] == len(page["entries"]) <= 2
        seen += [entry["id"] for entry in page["entries"]]
        href = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
    assert seen == whole


@pytest.mark.parametrize(
    ("name", "text"),
    [("account", "tidak-ada"), ("action", "point.fly"), ("kelurahan", "Atlantis"), ("datetime", "kemarin"), ("cursor", "abc")],
)
async def test_what_there_is_not_is_said_and_not_an_empty_list(admin: Client, name: str, text: str) -> None:
    answer = await admin.get("/audit", params={name: text})
    assert answer.status_code == 400
    assert [error["parameter"] for error in answer.json()["errors"]] == [name]


async def verified(admin: Client) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """All findings, and the answers of the parts."""
    parts: list[dict[str, Any]] = []
    href = "/audit/verification"
    while href:
        answer = await admin.get(href)
        assert answer.status_code == 200, answer.text
        parts.append(answer.json())
        href = next((link["href"] for link in parts[-1]["links"] if link["rel"] == "next"), "")
    return [finding for part in parts for finding in part["findings"]], parts


async def all_sealed(admin: Client) -> None:
    for _ in range(100):
        if all(entry["position"] for entry in await entries(admin)):
            return
        await asyncio.sleep(0.1)
    raise AssertionError


async def test_the_chain_is_read_in_parts_and_a_changed_row_is_named(
    admin: Client, database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    await all_sealed(admin)
    monkeypatch.setattr(audit, "VERIFIED_AT_ONCE", 2)
    findings, parts = await verified(admin)
    last = max(entry["position"] for entry in await entries(admin))
    assert findings == []
    assert len(parts) > 2
    assert [part["head"] is None for part in parts] == [True] * (len(parts) - 1) + [False]
    assert (parts[-1]["verified_to"], parts[-1]["head"]["position"]) == (last, last)
    (decision,) = await entries(admin, action="revision.publish")
    async with open_once(database.owner_dsn) as session:
        await execute(session, f"UPDATE titik.audit SET kelurahan = NULL WHERE id = {decision['id']}")
        by_command = await verify(session)
    (finding,) = (await verified(admin))[0]
    assert (finding["code"], finding["audit_id"], finding["position"]) == ("row-changed", decision["id"], decision["position"])
    assert [(one.code, one.audit_id) for one in by_command] == [("row-changed", decision["id"])]
    async with open_once(database.owner_dsn) as session:
        await session.run(Statement("UPDATE titik.audit SET kelurahan = :code WHERE id = :id"), code=MOJOROTO, id=decision["id"])


async def test_what_is_wrong_is_said_in_the_language_that_is_asked_for(admin: Client, database: Settings) -> None:
    await all_sealed(admin)
    async with open_once(database.owner_dsn) as session:
        await execute(session, "DELETE FROM titik.audit WHERE id = (SELECT max(id) FROM titik.audit)")
    said = {
        language: (await admin.get("/audit/verification", headers={"Accept-Language": language})).json()["findings"][0]["detail"]
        for language in ("id", "en")
    }
    assert said["id"].endswith("hilang.")
    assert said["en"].endswith("is missing.")


async def test_nobody_else_reads_it(client: httpx.AsyncClient, as_role: AsRole) -> None:
    assert (await client.get("/audit")).status_code == 401
    assert (await (await as_role("walidata")).get("/audit")).status_code == 403
