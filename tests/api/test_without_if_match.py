"""Tokens of programs that change points without saying which version they read: their changes are taken, reviewed and flagged."""

from collections.abc import AsyncIterator

import pytest

from app.connections import open_once
from app.settings import Settings
from app.statement import Statement
from tests.api.test_part4 import ITEMS, at, match, states
from tests.conftest import AsRole, Client
from tests.factories import MOJOROTO, PUBLISH, a_feature, code_of, decision_of, published, submitted, value
from tests.test_cli import run

pytestmark = pytest.mark.anyio


@pytest.fixture
async def pic(as_role: AsRole) -> Client:
    return await as_role("pic", MOJOROTO)


@pytest.fixture
async def qgis(pic: Client, client: Client) -> AsyncIterator[Client]:
    """The same account, by a token for QGIS."""
    issued = await pic.post("/tokens", json={"without_if_match": True, "label": "QGIS"})
    assert issued.status_code == 201, issued.text
    headers = {"Authorization": f"Bearer {issued.json()['token']}"}
    async with Client(transport=client._transport, base_url="http://titik.test", headers=headers) as own:
        yield own


def flags(feature: dict[str, object]) -> list[str]:
    return feature["properties"]["placement"]["flags"]  # type: ignore[index, no-any-return]


async def test_its_changes_are_reviewed_like_any_other_and_flagged(as_role: AsRole, pic: Client, qgis: Client, client: Client) -> None:
    walidata = await as_role("walidata")
    feature = await published(pic, walidata, a_feature())
    changed = await qgis.patch(at(feature), json={"properties": {"rw": "7"}})
    assert (changed.status_code, changed.json()["properties"]["state"], flags(changed.json())) == (200, "submitted", ["unconditional"])
    queued = (await walidata.get("/reviews")).json()["reviews"]
    assert [(one["point"], one["flags"]) for one in queued] == [(feature["id"], ["unconditional"])]
    assert "rw" not in {name for name, kept in (await client.get(at(feature))).json()["properties"].items() if kept is not None}
    assert (await walidata.post(decision_of(changed.json()), json=PUBLISH)).status_code == 200
    assert (await client.get(at(feature))).json()["properties"]["rw"] == "07"
    replaced = await qgis.put(at(feature), json=a_feature(name="Posyandu Kenanga"))
    assert (replaced.status_code, flags(replaced.json())) == (200, ["unconditional"])


async def test_what_it_read_at_another_time_may_stand_in_what_it_sends(as_role: AsRole, pic: Client, qgis: Client) -> None:
    """QGIS writes all columns of its layer, also after its first change, and after the kelurahan was corrected."""
    feature = await published(pic, await as_role("walidata"), a_feature())
    read = (await qgis.get(f"{ITEMS}?properties=name,kelurahan,kelurahan_name,verified_at,status,jenis")).json()["features"][0]
    assert read["properties"]["verified_at"]
    for name in ("Posyandu A", "Posyandu B"):
        sent = read | {"properties": read["properties"] | {"name": name, "kelurahan_name": "Ngampel", "confirm_not_duplicate": True}}
        answer = await qgis.put(at(feature), json=sent)
        assert (answer.status_code, answer.json()["properties"]["name"]) == (200, name), answer.text
        assert answer.json()["properties"]["kelurahan_name"] == "Mojoroto"
    refused = await pic.put(at(feature), json=sent, headers={"If-Match": "*"})
    assert [fault["code"] for fault in refused.json()["errors"]] == ["server-decides"] * 2


async def test_it_withdraws_what_was_never_public_and_closes_what_is(as_role: AsRole, pic: Client, qgis: Client, owner: object) -> None:
    feature = await submitted(pic, a_feature())
    assert (await qgis.delete(at(feature))).status_code == 204
    assert await states(owner, feature) == ["withdrawn"]  # type: ignore[arg-type]
    shown = await published(pic, await as_role("walidata"), a_feature(name="Posyandu Lain"))
    closing = await qgis.delete(at(shown))
    assert (closing.status_code, closing.json()["properties"]["status"], flags(closing.json())) == (202, "closed", ["unconditional"])


async def test_with_a_version_it_is_held_to_it_and_not_flagged(pic: Client, qgis: Client) -> None:
    feature = await submitted(pic, a_feature())
    changed = await qgis.patch(at(feature), json={"properties": {"rw": "7"}}, headers=match(1))
    assert (changed.status_code, flags(changed.json())) == (200, [])
    assert code_of(await qgis.patch(at(feature), json={"properties": {"rw": "8"}}, headers=match(1))) == (412, "version-stale")


async def test_every_other_token_names_its_version(pic: Client) -> None:
    feature = await submitted(pic, a_feature())
    for body in ({}, {"without_if_match": False}, {"without_if_match": None}):
        token = (await pic.post("/tokens", json=body)).json()["token"]
        answer = await pic.patch(at(feature), json={"properties": {"rw": "7"}}, headers={"Authorization": f"Bearer {token}"})
        assert code_of(answer) == (428, "version-missing")
    wrong = await pic.post("/tokens", json={"without_if_match": "ya"})
    assert wrong.json()["errors"][0]["pointer"] == "/without_if_match"


async def test_it_is_told_among_the_tokens_and_in_the_audit(pic: Client, qgis: Client, owner: object) -> None:
    tokens = (await qgis.get("/tokens")).json()["tokens"]
    assert [one.get("without_if_match") for one in tokens] == [True, None]
    told = await value(owner, "SELECT array_agg(detail -> 'without_if_match') FROM titik.audit WHERE action = 'token.issue'")  # type: ignore[arg-type]
    assert [one for one in told if one is not None] == [True]


async def test_the_operator_issues_one_at_the_command_line(pic: Client, database: Settings) -> None:
    addresses = {"TITIK_DATABASE_URL": database.service_dsn, "TITIK_OWNER_URL": database.owner_dsn}
    issuing = ("token", "issue", "pic-0")
    for option in ([], ["--without-if-match"]):
        done = await run(*issuing, *option, data_dir=database.data_dir, TITIK_SECRET_KEY=database.secret.decode(), **addresses)
        assert done.status == 0, done.told
    async with open_once(database.owner_dsn) as session:
        rows = await session.all(Statement("SELECT without_if_match FROM titik.token ORDER BY id"))
    assert [row["without_if_match"] for row in rows] == [False, False, True]
