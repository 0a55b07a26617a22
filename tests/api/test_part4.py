"""Changing and removing points (OGC API Features Part 4): versions, drafts, merge patches, closings, and requests sent twice."""

import asyncio
from typing import Any

import pytest

from app.db import WriteSession
from app.uuid7 import uuid7
from tests.conftest import AsRole, Client
from tests.factories import BUJEL, MOJOROTO, PUBLISH, a_feature, code_of, decision_of, published, submitted, value

pytestmark = pytest.mark.anyio

ITEMS = "/collections/posyandu/items"
MERGE = {"Content-Type": "application/merge-patch+json"}


def at(feature: dict[str, Any], collection: str = "posyandu") -> str:
    return f"/collections/{collection}/items/{feature['id']}"


def match(version: int) -> dict[str, str]:
    return {"If-Match": f'"{version}"'}


async def states(owner: WriteSession, feature: dict[str, Any]) -> list[str]:
    found: list[str] = await value(
        owner, "SELECT array_agg(state ORDER BY number) FROM titik.revision WHERE point_id = CAST(:point AS uuid)", point=feature["id"]
    )
    return found


# -- versions


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
async def test_a_change_must_name_its_version_and_a_stale_one_is_told_what_changed(as_role: AsRole, method: str) -> None:
    pic = await as_role("pic", MOJOROTO)
    feature = await submitted(pic, a_feature())
    body: dict[str, Any] = {} if method == "delete" else {"json": a_feature(name="Posyandu Baru")}
    assert code_of(await pic.request(method, at(feature), **body)) == (428, "version-missing")
    assert code_of(await pic.request(method, at(feature), headers={"If-Match": "tiga"}, **body)) == (400, "parameter-invalid")
    changed = await pic.patch(at(feature), json={"properties": {"name": "Posyandu Lain", "strata": "madya"}}, headers=match(1))
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    stale = await pic.request(method, at(feature), headers=match(1), **body)
    assert code_of(stale) == (412, "version-stale")
    assert stale.json()["version"] == 2
    assert stale.json()["changes"] == [
        {"property": "name", "before": "Posyandu Melati", "after": "Posyandu Lain"},
        {"property": "strata", "before": None, "after": "madya"},
    ]


@pytest.mark.parametrize("tag", ['"1"', 'W/"1"', '"1-gzip"', '"7", "1"', "*"])
async def test_the_version_is_taken_in_every_form_that_a_proxy_makes_of_it(as_role: AsRole, tag: str) -> None:
    pic = await as_role("pic", MOJOROTO)
    feature = await submitted(pic, a_feature())
    assert (await pic.patch(at(feature), json={"properties": {"rw": "2"}}, headers={"If-Match": tag})).status_code == 200


async def test_the_public_form_is_no_ground_for_a_change(as_role: AsRole, client: Client) -> None:
    """It lacks what is internal, and its place may be rounded: sent back, it would destroy both."""
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    feature = await published(pic, walidata, a_feature(tempat="balai"))
    public = await client.get(at(feature))
    answer = await pic.put(at(feature), json=a_feature(), headers={"If-Match": public.headers["etag"]})
    assert code_of(answer) == (412, "version-stale")


async def test_of_two_changes_at_once_one_is_made(as_role: AsRole, owner: WriteSession) -> None:
    first, second = await as_role("pic", MOJOROTO), await as_role("pic", MOJOROTO)
    feature = await submitted(first, a_feature())
    for version in range(1, 9):
        patches = ({"properties": {"name": f"Satu {version}"}}, {"properties": {"name": f"Dua {version}"}})
        pairs = zip((first, second), patches, strict=True)
        answers = await asyncio.gather(*(who.patch(at(feature), json=patch, headers=match(version)) for who, patch in pairs))
        assert sorted(answer.status_code for answer in answers) == [200, 412]
    assert await states(owner, feature) == ["superseded"] * 8 + ["submitted"]


# -- content


async def test_what_was_read_may_be_sent_back_and_changes_nothing(as_role: AsRole, owner: WriteSession) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    feature = await published(pic, walidata, a_feature(captured_at="2026-11-22T08:30:00+07:00", accuracy_m=7.5, rw="1"))
    read = (await pic.get(at(feature))).json()
    answer = await pic.put(at(feature), json=read, headers=match(1))
    assert (answer.status_code, answer.json()) == (200, read)
    assert await states(owner, feature) == ["published"]
    for name, wrong in (("version", 9), ("state", "draft"), ("kelurahan_name", "Ngampel"), ("placement", {}), ("status", "closed")):
        refused = await pic.put(at(feature), json=read | {"properties": read["properties"] | {name: wrong}}, headers=match(1))
        assert [fault["pointer"] for fault in refused.json()["errors"]] == [f"/properties/{name}"]
    other = await pic.put(at(feature), json=read | {"id": str(uuid7())}, headers=match(1))
    assert other.json()["errors"][0]["code"] == "id-differs"


async def test_the_public_sees_the_last_published_state_until_the_next_is_published(
    as_role: AsRole, client: Client, owner: WriteSession
) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    feature = await published(pic, walidata, a_feature())
    changed = await pic.put(at(feature), json=a_feature(name="Posyandu Mawar", strata="purnama", jenis=None), headers=match(1))
    assert changed.json()["properties"]["state"] == "submitted"
    assert (await client.get(at(feature))).json()["properties"]["name"] == "Posyandu Melati"
    assert (await pic.get(at(feature))).json()["properties"]["name"] == "Posyandu Mawar"
    await walidata.post(decision_of(changed.json()), json=PUBLISH)
    public = (await client.get(at(feature))).json()["properties"]
    assert (public["name"], public["strata"], public["jenis"]) == ("Posyandu Mawar", "purnama", None)
    assert await states(owner, feature) == ["superseded", "published"]
    assert await value(owner, "SELECT version FROM published.collection WHERE category = 'posyandu'") == 2


async def test_a_merge_patch_takes_out_what_is_null_and_moves_the_point(as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    feature = await submitted(pic, a_feature(address="Jalan Veteran", strata="madya"))
    patch = {"geometry": {"coordinates": [112.0018, -7.8043]}, "properties": {"address": None, "strata": "mandiri"}}
    answer = await pic.patch(at(feature), json=patch, headers=match(1) | MERGE)
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert shown["geometry"]["coordinates"] == [112.0018, -7.8043]
    assert (shown["properties"]["address"], shown["properties"]["strata"], shown["properties"]["version"]) == (None, "mandiri", 2)
    far = await pic.patch(at(feature), json={"geometry": {"coordinates": [-7.8043, 112.0018]}}, headers=match(2))
    assert (far.status_code, far.json()["suggestion"]["repairs"]) == (422, ["swap"])


async def test_form_and_rules_are_told_together(as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    body = a_feature(name=None, jenis="bayi", kader_aktif="lima", rt="RT x", accuracy_m=-1.0, warna="merah")
    refused = await pic.post(ITEMS, json=body)
    assert refused.status_code == 422
    assert {fault["pointer"] for fault in refused.json()["errors"]} == {
        f"/properties/{name}" for name in ("name", "jenis", "kader_aktif", "rt", "accuracy_m", "warna")
    }


async def test_a_point_may_be_posted_to_all_categories_at_once(as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    posted = await pic.post("/collections/points/items", json=a_feature(category="posyandu"))
    assert posted.status_code == 201, posted.text
    assert posted.headers["location"].endswith(at(posted.json()))
    assert (await pic.post("/collections/points/items", json=a_feature())).json()["errors"][0]["pointer"] == "/properties/category"


async def test_a_foreign_point_is_not_found(as_role: AsRole) -> None:
    feature = await published(await as_role("pic", MOJOROTO), await as_role("walidata"), a_feature())
    stranger = await as_role("pic", BUJEL)
    for answer in (
        await stranger.put(at(feature), json=a_feature(), headers=match(1)),
        await stranger.patch(at(feature), json={}, headers=match(1)),
        await stranger.delete(at(feature), headers=match(1)),
        await stranger.get(f"/points/{feature['id']}/revisions"),
        await stranger.post(f"/points/{feature['id']}/revisions", json={"move": "close"}),
    ):
        assert code_of(answer) == (404, "point-unknown")


# -- drafts


async def test_a_draft_waits_for_nobody_and_may_lie_anywhere_until_it_is_submitted(
    as_role: AsRole, client: Client, owner: WriteSession
) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    kept = await pic.post(f"{ITEMS}?draft=true", json=a_feature(112.05, -7.85, kelurahan=MOJOROTO))
    assert (kept.status_code, kept.json()["properties"]["state"], kept.json()["properties"]["placement"]["verdict"]) == (
        201,
        "draft",
        "elsewhere",
    )
    feature = kept.json()
    assert (await walidata.get("/reviews")).json()["reviews"] == []
    assert (await client.get(at(feature))).status_code == 404
    moves = f"/points/{feature['id']}/revisions"
    assert code_of(await pic.post(moves, json={"move": "submit"})) == (422, "point-elsewhere")
    mended = await pic.patch(f"{at(feature)}?draft=true", json=a_feature(), headers=match(1))
    assert (mended.json()["properties"]["state"], mended.json()["properties"]["version"]) == ("draft", 2)
    sent = await pic.post(moves, json={"move": "submit"}, headers=match(2))
    assert (sent.status_code, sent.json()["properties"]["state"]) == (200, "submitted")
    assert [one["point"] for one in (await walidata.get("/reviews")).json()["reviews"]] == [feature["id"]]
    assert code_of(await pic.post(moves, json={"move": "submit"})) == (409, "move-impossible")
    assert await value(owner, "SELECT array_agg(action ORDER BY id) FROM titik.audit WHERE action LIKE 'point.%' OR action LIKE 'revision.%'") == [
        "point.draft", "point.change", "revision.submit",
    ]  # fmt: skip


async def test_a_draft_that_has_become_a_duplicate_is_told_so_when_it_is_submitted(as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    rt: dict[str, Any] = {"name": None, "jenis": None, "rt": "3", "rw": "1"}
    draft = (await pic.post("/collections/rt/items?draft=true", json=a_feature(**rt))).json()
    moves = f"/points/{draft['id']}/revisions"
    assert (await pic.post(moves, json={"move": "withdraw"})).json()["properties"]["state"] == "withdrawn"
    again = (await pic.post("/collections/rt/items?draft=true", json=a_feature(112.0017, **rt))).json()
    # What is only a draft is in nobody's way until one of the two is submitted.
    await submitted(pic, a_feature(112.0019, **rt | {"rt": "4"}), "rt")
    patched = await pic.patch(f"{at(again, 'rt')}?draft=true", json={"properties": {"rt": "04", "name": None}}, headers=match(1))
    assert patched.status_code == 200, patched.text
    assert code_of(await pic.post(f"/points/{again['id']}/revisions", json={"move": "submit"})) == (409, "natural-key-taken")


async def test_work_is_listed_for_those_who_do_it(as_role: AsRole, client: Client) -> None:
    pic, other, walidata = await as_role("pic", MOJOROTO), await as_role("pic", BUJEL), await as_role("walidata")
    first = await published(pic, walidata, a_feature())
    await pic.patch(at(first), json={"properties": {"name": "Posyandu Baru"}}, headers=match(1))
    draft = (await pic.post(f"{ITEMS}?draft=true", json=a_feature(112.0018, name="Posyandu Draf"))).json()
    await submitted(other, a_feature(111.9895, -7.8001, name="Posyandu Bujel"))
    seen, url = [], f"{ITEMS}?view=work&limit=1"
    while url:
        page = (await pic.get(url)).json()
        seen += [(one["id"], one["properties"]["state"]) for one in page["features"]]
        url = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
    assert seen == [(first["id"], "submitted"), (draft["id"], "draft")]
    assert len((await walidata.get(f"{ITEMS}?view=work")).json()["features"]) == 3
    assert [(await who.get(f"{ITEMS}?view=work")).status_code for who in (client, await as_role("opd"))] == [401, 403]


# -- removing


async def test_a_point_never_published_is_withdrawn(as_role: AsRole, client: Client, owner: WriteSession) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    feature = await submitted(pic, a_feature())
    gone = await pic.delete(at(feature), headers=match(1))
    assert (gone.status_code, gone.content) == (204, b"")
    for who in (pic, walidata, client):
        assert (await who.get(at(feature))).status_code == 404
    assert code_of(await pic.delete(at(feature), headers=match(1))) == (404, "point-unknown")
    assert code_of(await walidata.post(decision_of(feature), json=PUBLISH)) == (409, "revision-decided")
    assert await states(owner, feature) == ["withdrawn"]


async def test_of_a_published_point_the_closing_is_proposed_and_decided(as_role: AsRole, client: Client, owner: WriteSession) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    feature = await published(pic, walidata, a_feature())
    closing = await pic.delete(at(feature), headers=match(1))
    assert (closing.status_code, closing.json()["properties"]["status"], closing.json()["properties"]["state"]) == (
        202,
        "closed",
        "submitted",
    )
    assert (await client.get(at(feature))).status_code == 200
    assert (await walidata.post(decision_of(closing.json()), json=PUBLISH)).status_code == 200
    assert (await client.get(at(feature))).status_code == 404
    assert await value(owner, "SELECT (SELECT count(*) FROM published.item) + (SELECT count(*) FROM internal.item)") == 0
    assert await value(owner, "SELECT version FROM published.collection WHERE category = 'posyandu'") == 2
    assert (await pic.get(at(feature))).json()["properties"]["status"] == "closed"
    assert code_of(await pic.delete(at(feature), headers=match(2))) == (409, "point-closed")
    # It is for good, not for ever: a change proposes to open it again.
    reopened = await pic.patch(at(feature), json={"properties": {"status": "active"}}, headers=match(2))
    await walidata.post(decision_of(reopened.json()), json=PUBLISH)
    assert (await client.get(at(feature))).json()["properties"]["status"] == "active"


# -- sent twice


async def test_64_identical_posts_at_once_are_one(as_role: AsRole, owner: WriteSession) -> None:
    """The full promise, 500 rounds, is `TITIK_TEST_RETRIES=500`."""
    import os  # noqa: PLC0415 - of this test only

    pic = await as_role("pic", MOJOROTO)
    for number in range(int(os.environ.get("TITIK_TEST_RETRIES", "3"))):
        body = a_feature(id=str(uuid7()), name=f"Posyandu {number}")
        answers = await asyncio.gather(*(pic.post(ITEMS, json=body) for _ in range(64)))
        assert sorted(answer.status_code for answer in answers) == [200] * 63 + [201]
        assert len({answer.content for answer in answers}) == 1
        bodies = [a_feature(id=str(uuid7()), name=f"Posyandu {number} {one}") for one in range(64)]
        same = [one | {"id": bodies[0]["id"]} for one in bodies]
        answers = await asyncio.gather(*(pic.post(ITEMS, json=one) for one in same))
        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 63
        ids = [body["id"], bodies[0]["id"]]
        counted = "SELECT count(*) FROM titik.revision WHERE point_id = ANY (CAST(:ids AS uuid[]))"
        assert await value(owner, counted, ids=ids) == 2


async def test_a_key_stands_for_one_request(as_role: AsRole, owner: WriteSession) -> None:
    pic = await as_role("pic", MOJOROTO)
    key = {"Idempotency-Key": "kiriman-1"}
    answers = await asyncio.gather(*(pic.post(ITEMS, json=a_feature(), headers=key) for _ in range(16)))
    assert sorted(answer.status_code for answer in answers) == [200] * 15 + [201]
    assert len({answer.content for answer in answers}) == 1
    assert code_of(await pic.post(ITEMS, json=a_feature(name="Lain"), headers=key)) == (409, "key-used")
    assert (await pic.post(ITEMS, json=a_feature(112.0018, name="Lain"), headers={"Idempotency-Key": "kiriman-2"})).status_code == 201
    # Keys belong to an account: another may use the same.
    other = await as_role("pic", MOJOROTO)
    assert (await other.post(ITEMS, json=a_feature(112.0021, name="Ketiga"), headers=key)).status_code == 201
    assert await value(owner, "SELECT count(*) FROM titik.point") == 3
    for wrong in ("", "x" * 256, "a\tb"):
        assert code_of(await pic.post(ITEMS, json=a_feature(), headers={"Idempotency-Key": wrong})) == (400, "parameter-invalid")


async def test_a_refused_request_leaves_its_key_free(as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    key = {"Idempotency-Key": "kiriman-1"}
    assert (await pic.post(ITEMS, json=a_feature(jenis="bayi"), headers=key)).status_code == 422
    assert (await pic.post(ITEMS, json=a_feature(), headers=key)).status_code == 201


@pytest.mark.parametrize("method", ["patch", "delete"])
async def test_a_change_with_a_key_may_be_sent_again_after_it_was_made(as_role: AsRole, owner: WriteSession, method: str) -> None:
    """Its version is stale by then, but the answer got lost, not the change."""
    pic = await as_role("pic", MOJOROTO)
    feature = await submitted(pic, a_feature())
    body: dict[str, Any] = {} if method == "delete" else {"json": {"properties": {"name": "Posyandu Baru"}}}
    headers = match(1) | {"Idempotency-Key": "ubah-1"}
    first, second = [await pic.request(method, at(feature), headers=headers, **body) for _ in range(2)]
    assert (first.status_code, first.content) == (second.status_code, second.content) == (204 if method == "delete" else 200, first.content)
    assert len(await states(owner, feature)) == (1 if method == "delete" else 2)


async def test_a_retry_of_a_post_is_answered_as_the_first_time_whatever_became_of_it(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    body = a_feature(id=str(uuid7()))
    first = await pic.post(ITEMS, json=body)
    await walidata.post(decision_of(first.json()), json={"decision": "return", "reason": "Foto"})
    await pic.post(f"/points/{body['id']}/revisions", json={"move": "submit"})
    again = await pic.post(ITEMS, json=body)
    assert (again.status_code, again.content) == (200, first.content)
