"""Moves that are no decision, successions of points, decisions on many, and the history that tells of all of it."""

import asyncio
from typing import Any

import pytest

from app.connections import open_once
from app.db import WriteSession
from app.published import projection
from app.settings import Settings
from app.uuid7 import uuid7
from tests.conftest import AsRole, Client
from tests.factories import BUJEL, MOJOROTO, PUBLISH, a_feature, code_of, decision_of, published, submitted, value

pytestmark = pytest.mark.anyio

ITEMS = "/collections/posyandu/items"


def moves(feature: dict[str, Any]) -> str:
    return f"/points/{feature['id']}/revisions"


def at(feature: dict[str, Any]) -> str:
    return f"{ITEMS}/{feature['id']}"


async def test_a_returned_revision_is_mended_or_sent_again_as_it_is(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    feature = await submitted(pic, a_feature())
    await walidata.post(decision_of(feature), json={"decision": "return", "reason": "Namanya?"})
    again = await pic.post(moves(feature), json={"move": "submit"})
    assert (again.json()["properties"]["state"], again.json()["properties"]["version"]) == ("submitted", 1)
    await walidata.post(decision_of(feature), json={"decision": "return", "reason": "Masih salah"})
    mended = await pic.patch(at(feature), json={"properties": {"name": "Posyandu Mawar"}}, headers={"If-Match": '"1"'})
    assert (mended.json()["properties"]["state"], mended.json()["properties"]["version"]) == ("submitted", 2)
    assert code_of(await walidata.post(decision_of(feature), json=PUBLISH)) == (409, "revision-decided")
    assert (await walidata.post(decision_of(mended.json()), json=PUBLISH)).status_code == 200


async def test_taking_out_of_publication_is_at_once_and_needs_a_reason(as_role: AsRole, client: Client, owner: WriteSession) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    feature = await published(pic, walidata, a_feature())
    assert code_of(await pic.post(moves(feature), json={"move": "unpublish", "reason": "x"})) == (403, "action-forbidden")
    assert code_of(await walidata.post(moves(feature), json={"move": "unpublish"})) == (422, "body-invalid")
    ended = await walidata.post(moves(feature), json={"move": "unpublish", "reason": "Rumah warga"})
    assert (ended.status_code, ended.json()["properties"]["state"]) == (200, "unpublished")
    assert (await client.get(at(feature))).status_code == 404
    assert await value(owner, "SELECT (SELECT count(*) FROM published.item) + (SELECT count(*) FROM internal.item)") == 0
    assert code_of(await walidata.post(moves(feature), json={"move": "unpublish", "reason": "x"})) == (409, "move-impossible")
    # Its writer sees it still, and proposes it anew.
    better = await pic.patch(at(feature), json={"properties": {"address": "Balai RW 2"}}, headers={"If-Match": '"1"'})
    assert (await walidata.post(decision_of(better.json()), json=PUBLISH)).status_code == 200
    assert (await client.get(at(feature))).status_code == 200


@pytest.mark.parametrize(("succession", "status"), [("move", "moved"), ("merge", "closed")])
async def test_predecessors_end_when_their_successor_is_published(
    as_role: AsRole, client: Client, owner: WriteSession, database: Settings, succession: str, status: str
) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    number: dict[str, Any] = {"nomor_registrasi": "R-7"}
    old = [
        await published(pic, walidata, a_feature(112.0016 + 0.001 * one, name=f"Posyandu {one}", **(number if one == 0 else {})))
        for one in range(2)
    ]
    taken_over = old[:1] if succession == "move" else old
    # It may take the number of the one that it follows, and stands beside it without being a duplicate.
    body = a_feature(name="Posyandu 0", **number, predecessors=[one["id"] for one in taken_over], confirm_not_duplicate=None)
    new = await submitted(pic, body)
    assert new["properties"]["succession"] == succession
    assert (await client.get(at(old[0]))).status_code == 200
    waiting = (await pic.patch(at(old[0]), json={"properties": {"rw": "9"}}, headers={"If-Match": '"1"'})).json()
    assert (await walidata.post(decision_of(new), json=PUBLISH)).status_code == 200
    for one in taken_over:
        assert (await client.get(at(one))).status_code == 404
        history = (await pic.get(moves(one))).json()
        assert (history["status"], history["successors"]) == (status, [new["id"]])
    assert code_of(await walidata.post(decision_of(waiting), json=PUBLISH)) == (409, "revision-decided")
    assert (await client.get(at(new))).json()["properties"]["predecessors"] == [one["id"] for one in taken_over]
    rows = "SELECT jsonb_agg(to_jsonb(item) ORDER BY id) FROM published.item"
    async with open_once(database.owner_dsn) as session:
        before = await value(session, rows)
        await projection.rebuild(session)
        assert await value(session, rows) == before


async def test_a_split_point_ends_with_its_last_part(as_role: AsRole, client: Client) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    whole = await published(pic, walidata, a_feature())
    parts = [
        await submitted(pic, a_feature(112.0016 + 0.001 * one, name=f"Bagian {one}", predecessors=[whole["id"]], succession="split"))
        for one in (1, 2)
    ]
    await walidata.post(decision_of(parts[0]), json=PUBLISH)
    assert (await client.get(at(whole))).status_code == 200
    await walidata.post(decision_of(parts[1]), json=PUBLISH)
    assert (await client.get(at(whole))).status_code == 404


@pytest.mark.parametrize(
    ("predecessors", "succession", "code"),
    [(["unknown"], "move", "predecessor-unknown"), (["waiting"], None, "predecessor-unknown"), (["foreign"], None, "predecessor-unknown"),
     (["public"], "merge", "succession-number"), (["public", "unknown"], "split", "succession-number")],
)  # fmt: skip
async def test_only_a_published_point_of_ones_own_can_be_succeeded(
    as_role: AsRole, predecessors: list[str], succession: str | None, code: str
) -> None:
    pic, walidata, other = await as_role("pic", MOJOROTO), await as_role("walidata"), await as_role("pic", "35.71.01.1006")
    ids = {
        "unknown": str(uuid7()),
        "waiting": (await submitted(pic, a_feature(112.0026)))["id"],
        "public": (await published(pic, walidata, a_feature()))["id"],
        "foreign": (await published(other, walidata, a_feature(111.9895, -7.8001)))["id"],
    }
    body = a_feature(112.0036, predecessors=[ids[one] for one in predecessors], succession=succession)
    answer = await pic.post(ITEMS, json=body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["code"] == code


# -- many at once


async def test_many_are_decided_each_on_its_own(as_role: AsRole, client: Client, owner: WriteSession) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    waiting = [await submitted(pic, a_feature(112.0016 + number / 10_000, name=f"Posyandu {number}")) for number in range(4)]
    own = await submitted(walidata, a_feature(112.003, kelurahan=MOJOROTO, name="Milik sendiri"))
    await walidata.post(decision_of(waiting[3]), json={"decision": "return", "reason": "Ganda"})
    unknown = str(uuid7())
    revisions = [one["properties"]["revision"] for one in (*waiting, own)] + [unknown]
    answer = await walidata.post(
        "/reviews/decisions", json={"decision": "publish", "revisions": revisions}, headers={"Accept-Language": "en"}
    )
    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    assert [(one["revision"], one["status"]) for one in results] == list(zip(revisions, [200, 200, 200, 409, 403, 404], strict=True))
    assert results[4]["detail"] == "Who entered a revision cannot decide on it."
    assert len((await client.get(ITEMS)).json()["features"]) == 3
    assert await value(owner, "SELECT version FROM published.collection WHERE category = 'posyandu'") == 1
    assert code_of(await walidata.post("/reviews/decisions", json={"decision": "return", "revisions": revisions})) == (422, "body-invalid")
    assert (await pic.post("/reviews/decisions", json={"decision": "publish", "revisions": revisions})).status_code == 403


async def test_two_reviewers_of_the_same_many_share_them(as_role: AsRole, owner: WriteSession) -> None:
    pic, first, second = await as_role("pic", MOJOROTO), await as_role("walidata"), await as_role("walidata")
    waiting = [await submitted(pic, a_feature(112.0016 + number / 10_000, name=f"Posyandu {number}")) for number in range(12)]
    revisions = [one["properties"]["revision"] for one in waiting]
    answers = await asyncio.gather(
        first.post("/reviews/decisions", json={"decision": "publish", "revisions": revisions}),
        second.post("/reviews/decisions", json={"decision": "publish", "revisions": revisions[::-1]}),
    )
    statuses = [one["status"] for answer in answers for one in answer.json()["results"]]
    assert sorted(statuses) == [200] * 12 + [409] * 12
    assert await value(owner, "SELECT count(*) FROM published.item") == 12


# -- history


async def test_history_tells_what_differs_who_did_it_and_why(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO, name="pic-mojoroto"), await as_role("walidata", name="walidata-1")
    feature = await submitted(pic, a_feature())
    await walidata.post(decision_of(feature), json={"decision": "return", "reason": "Letaknya?"})
    patch = {"geometry": {"coordinates": [112.0018, -7.8041]}, "properties": {"strata": "madya"}}
    second = await pic.patch(at(feature), json=patch, headers={"If-Match": '"1"'})
    await walidata.post(decision_of(second.json()), json=PUBLISH)
    await walidata.post(moves(feature), json={"move": "unpublish", "reason": "Salah titik"})
    page = (await pic.get(f"{moves(feature)}?limit=1")).json()
    (newest,) = page["revisions"]
    assert (newest["version"], newest["state"], newest["written_by"], newest["decided_by"]) == (
        2,
        "unpublished",
        "pic-mojoroto",
        "walidata-1",
    )
    assert (newest["ended_by"], newest["ended_reason"]) == ("walidata-1", "Salah titik")
    assert newest["changes"] == [
        {"property": "geometry", "before": [112.0016, -7.8041], "after": [112.0018, -7.8041], "moved_m": 22.1},
        {"property": "strata", "before": None, "after": "madya"},
    ]
    (following,) = [link["href"] for link in page["links"] if link["rel"] == "next"]
    (oldest,) = (await pic.get(following)).json()["revisions"]
    assert (oldest["version"], oldest["state"], oldest["decision_reason"], oldest["changes"]) == (1, "superseded", "Letaknya?", [])
    assert [(await (await as_role(role)).get(moves(feature))).status_code for role in ("opd", "admin")] == [403, 403]


async def test_a_move_sent_twice_with_its_key_is_carried_out_once(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    draft = (await pic.post("/collections/posyandu/items?draft=true", json=a_feature())).json()
    address = f"/points/{draft['id']}/revisions"

    async def twice(who: Client, **moving: str) -> dict[str, Any]:
        headers = {"Idempotency-Key": f"langkah-{moving['move']}"}
        once, again = [await who.post(address, json=moving, headers=headers) for _ in range(2)]
        assert (once.status_code, once.json()) == (again.status_code, again.json()), again.text
        moved: dict[str, Any] = once.json()
        return moved

    submitted = await twice(pic, move="submit")
    assert submitted["properties"]["state"] == "submitted"
    await walidata.post(decision_of(submitted), json=PUBLISH)
    assert (await twice(walidata, move="unpublish", reason="Ragu"))["properties"]["state"] == "unpublished"
    await pic.patch(f"/collections/posyandu/items/{draft['id']}", json={"properties": {"rw": "2"}}, headers={"If-Match": "*"})
    assert (await twice(pic, move="withdraw"))["properties"]["state"] == "withdrawn"


async def test_the_states_of_many_points_are_told_at_once_and_again_only_when_they_change(as_role: AsRole, client: Client) -> None:
    pic, walidata, other = await as_role("pic", MOJOROTO), await as_role("walidata"), await as_role("pic", BUJEL)
    first, second = await submitted(pic, a_feature(name="Satu")), await submitted(pic, a_feature(112.0046, name="Dua"))
    gone = await submitted(pic, a_feature(112.0066, name="Tiga"))
    await pic.post(f"/points/{gone['id']}/revisions", json={"move": "withdraw"})
    ids = sorted([first["id"], second["id"]])
    address = f"/points/states?points={first['id']},{second['id']},{gone['id']},{uuid7()}"
    answer = await pic.get(address)
    assert answer.json() == {"states": [{"point": one, "version": 1, "state": "submitted"} for one in ids]}
    assert "no-store" in answer.headers["cache-control"]
    tag = {"If-None-Match": answer.headers["etag"]}
    assert (await pic.get(address, headers=tag)).status_code == 304
    await walidata.post(decision_of(first), json={"decision": "return", "reason": "Alamat belum ada"})
    changed = await pic.get(address, headers=tag)
    assert changed.status_code == 200
    (returned,) = [one for one in changed.json()["states"] if one["point"] == first["id"]]
    assert returned == {"point": first["id"], "version": 1, "state": "returned", "reason": "Alamat belum ada"}
    assert (await other.get(address)).json() == {"states": []}
    assert (await client.get(address)).status_code == 401
    for points in ("", ",", "x", ",".join(str(uuid7()) for _ in range(101))):
        assert (await pic.get(f"/points/states?points={points}")).status_code == 400
