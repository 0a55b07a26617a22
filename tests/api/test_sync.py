"""Synchronising: each change on its own, in its order, once; merged where fields do not touch, shown where they do."""

import asyncio
import random
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from app.db import WriteSession
from app.routers import sync
from app.sync import service as syncing
from app.uuid7 import uuid7
from tests.conftest import AsRole, Client
from tests.factories import BUJEL, IN_MOJOROTO, MOJOROTO, PUBLISH, a_feature, code_of, decision_of, published, submitted, value

pytestmark = pytest.mark.anyio

Json = dict[str, Any]


def a_create(east: int = 0, **properties: Any) -> Json:
    """`east`: so many steps of 44 m, which is too far for a near-duplicate."""
    feature = a_feature(IN_MOJOROTO[0] + east * 4e-4, IN_MOJOROTO[1], **{"category": "posyandu", **properties})
    return {"client_id": str(uuid7()), "op": "create", "point": str(uuid7()), "feature": feature}


def a_change(point: str, base: int | None = None, *, after: str | None = None, geometry: Json | None = None, **properties: Any) -> Json:
    patch: Json = {"properties": properties} | ({"geometry": geometry} if geometry else {})
    rests = {"after": after} if after else {"base": base}
    return {"client_id": str(uuid7()), "op": "change", "point": point, **rests, "patch": patch}


async def sync_all(phone: Client, *changes: Any) -> list[Json]:
    answer = await phone.post("/sync", json={"changes": list(changes)})
    assert answer.status_code == 200, answer.text
    results: list[Json] = answer.json()["results"]
    assert len(results) == len(changes)
    return results


def standing(results: list[Json]) -> list[str]:
    return [one["status"] for one in results]


def problem_of(result: Json) -> tuple[int, str]:
    assert result["code"] == result["problem"]["status"]
    return result["code"], result["problem"]["type"].rpartition(":")[2]


async def test_each_change_is_answered_on_its_own_and_in_its_order(as_role: AsRole, owner: WriteSession) -> None:
    pic = await as_role("pic", MOJOROTO)
    good, foreign, wrong = a_create(), a_create(kelurahan=BUJEL), a_create(warna="merah")
    results = await sync_all(
        pic, wrong, good, "tidak", foreign, {"client_id": good["client_id"]}, a_change(good["point"], after=good["client_id"], rw="3")
    )
    assert [one["client_id"] for one in results[:2]] == [wrong["client_id"], good["client_id"]]
    assert standing(results) == ["refused", "created", "refused", "refused", "refused", "changed"]
    assert results[1]["code"] == 201
    assert (results[1]["id"], results[1]["version"]) == (good["point"], 1)
    assert results[1]["feature"]["properties"]["placement"]["verdict"] in ("inside", "near")
    assert problem_of(results[0]) == (422, "body-invalid")
    assert results[0]["problem"]["errors"][0]["pointer"] == "/feature/properties/warna"
    assert results[2]["client_id"] is None
    assert problem_of(results[3]) == (403, "kelurahan-not-yours")
    assert results[5]["feature"]["properties"]["rw"] == "03"
    assert await value(owner, "SELECT count(*) FROM titik.point") == 1
    assert await value(owner, "SELECT array_agg(action ORDER BY id) FROM titik.audit WHERE action LIKE 'point.%'") == [
        "point.submit",
        "point.change",
    ]


async def test_a_batch_may_be_sent_again_whole_or_in_part(as_role: AsRole, owner: WriteSession) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    public = await published(pic, walidata, a_feature(112.003, -7.805))
    first = a_create()
    second = a_change(first["point"], after=first["client_id"], name="Posyandu Mawar")
    draft = a_create(name="Posyandu Draf") | {"draft": True}
    changes = [first, second, a_change(public["id"], 1, rw="4"), draft, a_change(public["id"], 1, name=public["properties"]["name"])]
    changes += [{"client_id": str(uuid7()), "op": "delete", "point": draft["point"], "base": 1}]
    once = await sync_all(pic, *changes)
    assert standing(once) == ["created", "changed", "changed", "created", "unchanged", "withdrawn"]
    for subset in (changes, changes[2:5], [changes[5]], [changes[1], changes[0]]):
        again = await sync_all(pic, *subset)
        assert all(one["repeated"] for one in again)
        for one in again:
            assert one | {"repeated": False} == next(known for known in once if known["client_id"] == one["client_id"])
    assert await value(owner, "SELECT count(*) FROM titik.revision") == 5
    other = await sync_all(pic, changes[1] | {"patch": {"properties": {"name": "Lain"}}})
    assert problem_of(other[0]) == (409, "client-id-used")


async def test_the_same_batch_twice_at_the_same_moment_is_carried_out_once(as_role: AsRole, owner: WriteSession) -> None:
    pic = await as_role("pic", MOJOROTO)
    feature = await submitted(pic, a_feature(112.004, -7.805))
    changes = [a_create(number, name=f"Posyandu {number}") for number in range(10)]
    changes += [a_change(one["point"], after=one["client_id"], rw="2") for one in changes] + [a_change(feature["id"], 1, rw="5")]
    several = await asyncio.gather(*(sync_all(pic, *changes) for _ in range(4)))
    for results in several:
        assert standing(results) == ["created"] * 10 + ["changed"] * 11
    for of_one in zip(*several, strict=True):
        assert [one["repeated"] for one in of_one].count(False) == 1
    assert await value(owner, "SELECT count(*) FROM titik.revision") == 22


async def test_what_does_not_touch_is_merged_and_what_touches_is_shown(as_role: AsRole) -> None:
    one, other = await as_role("pic", MOJOROTO), await as_role("pic", MOJOROTO)
    feature = await submitted(one, a_feature(address="Jalan Veteran", rw="1"))
    await sync_all(one, a_change(feature["id"], 1, name="Posyandu Baru", strata="madya"))
    apart, both = a_change(feature["id"], 1, rw="2", address=None), a_change(feature["id"], 1, name="Posyandu Lain", rt="9")
    alike = a_change(feature["id"], 1, strata="madya", jenis="lansia")
    results = await sync_all(other, apart, both, alike, a_change(feature["id"], 1, name="Posyandu Baru"))
    assert standing(results) == ["merged", "conflict", "merged", "unchanged"]
    kept = results[2]["feature"]["properties"]
    assert (kept["name"], kept["strata"], kept["rw"], kept["jenis"]) == ("Posyandu Baru", "madya", "02", "lansia")
    assert "address" not in kept
    told = results[1]["problem"]
    assert problem_of(results[1]) == (409, "changed-both")
    assert told["conflicts"] == [{"property": "name", "base": "Posyandu Melati", "theirs": "Posyandu Baru", "mine": "Posyandu Lain"}]
    assert (told["version"], told["state"]) == (3, "submitted")
    assert [told[side]["properties"]["name"] for side in ("base", "theirs", "mine")] == [
        "Posyandu Melati", "Posyandu Baru", "Posyandu Lain",
    ]  # fmt: skip
    solved = await sync_all(other, a_change(feature["id"], results[3]["version"], name="Posyandu Lain", rt="9"))
    assert standing(solved) == ["changed"]


async def test_a_place_is_one_field_with_what_describes_it(as_role: AsRole) -> None:
    one, other = await as_role("pic", MOJOROTO), await as_role("pic", MOJOROTO)
    feature = await submitted(one, a_feature(accuracy_m=20.0))
    moved = a_change(feature["id"], 1, geometry={"type": "Point", "coordinates": [112.0017, -7.8042]})
    moved |= {"captured_at": "2026-11-20T08:00:00+07:00", "accuracy_m": 4.0}
    (first,) = await sync_all(one, moved)
    properties = first["feature"]["properties"]
    assert (properties["accuracy_m"], properties["captured_at"]) == (4.0, "2026-11-20T01:00:00Z")
    results = await sync_all(other, a_change(feature["id"], 1, accuracy_m=8.0), a_change(feature["id"], 1, rw="7"))
    assert standing(results) == ["conflict", "merged"]
    assert [one["property"] for one in results[0]["problem"]["conflicts"]] == ["geometry"]
    assert results[1]["feature"]["geometry"]["coordinates"] == [112.0017, -7.8042]


async def test_a_change_without_a_place_leaves_the_time_of_the_place_alone(as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    feature = await submitted(pic, a_feature(captured_at="2026-11-01T00:00:00Z"))
    (result,) = await sync_all(pic, a_change(feature["id"], 1, rw="3") | {"captured_at": "2026-11-20T08:00:00Z"})
    assert result["feature"]["properties"]["captured_at"] == "2026-11-01T00:00:00Z"


async def test_a_merged_point_is_judged_again(as_role: AsRole, grid: object) -> None:
    walidata = await as_role("walidata")
    feature = await submitted(walidata, a_feature(112.005, -7.805, kelurahan=MOJOROTO))
    away = {"type": "Point", "coordinates": [112.015, -7.805]}
    (moved,) = await sync_all(walidata, a_change(feature["id"], 1, geometry=away, kelurahan=BUJEL))
    assert moved["status"] == "changed"
    (stale,) = await sync_all(walidata, a_change(feature["id"], 1, kelurahan="35.71.01.1010"))
    assert problem_of(stale) == (409, "changed-both")
    (result,) = await sync_all(walidata, a_change(feature["id"], 1, rw="1"))
    assert (result["status"], result["feature"]["properties"]["placement"]["kelurahan"]) == ("merged", BUJEL)


async def test_duplicates_are_looked_for_as_always(as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    await submitted(pic, a_feature())
    again = a_create(confirm_not_duplicate=None)
    numbered = [a_create(number, category="rt", rt="1", rw="2", name=None, jenis=None) for number in (1, 2)]
    results = await sync_all(pic, again, *numbered)
    assert [one["status"] for one in results] == ["refused", "created", "refused"]
    assert problem_of(results[0]) == (409, "near-duplicate")
    assert results[0]["problem"]["candidates"]
    assert problem_of(results[2]) == (409, "natural-key-taken")


async def test_states_of_a_point_give_clear_answers(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    withdrawn = await submitted(pic, a_feature(112.003, -7.805))
    await pic.delete(f"/collections/posyandu/items/{withdrawn['id']}", headers={"If-Match": "*"})
    returned = await submitted(pic, a_feature(112.004, -7.805))
    await walidata.post(decision_of(returned), json={"decision": "return", "reason": "Ragu"})
    closing = await published(pic, walidata, a_feature(112.005, -7.805))
    (closed,) = await sync_all(pic, {"client_id": str(uuid7()), "op": "delete", "point": closing["id"], "base": 1, "reason": "Pindah"})
    assert (closed["status"], closed["code"], closed["feature"]["properties"]["status"]) == ("closing", 202, "closed")
    results = await sync_all(
        pic,
        a_change(withdrawn["id"], 1, rw="1"),
        a_change(str(uuid7()), 1, rw="1"),
        a_change(returned["id"], 7, rw="1"),
        a_change(returned["id"], after=str(uuid7()), rw="1"),
        a_change(closing["id"], 1, rw="1"),
        {"client_id": str(uuid7()), "op": "submit", "point": returned["id"], "base": 1},
        {"client_id": str(uuid7()), "op": "submit", "point": returned["id"], "base": 1},
    )
    told = [problem_of(one) if "problem" in one else (one["code"], one["status"]) for one in results]
    assert told == [
        (409, "point-withdrawn"), (404, "point-unknown"), (409, "base-unknown"), (409, "change-before-missing"),
        (409, "changed-both"), (200, "submitted"), (409, "move-impossible"),
    ]  # fmt: skip
    assert [one["property"] for one in results[4]["problem"]["conflicts"]] == ["status"]
    await walidata.post(decision_of(closed["feature"]), json=PUBLISH)
    (late,) = await sync_all(pic, a_change(closing["id"], 1, rw="1"))
    assert late["status"] == "conflict"


@pytest.mark.parametrize("state", ["draft", "returned"])
async def test_what_is_unfinished_does_not_go_to_review_unseen(as_role: AsRole, state: str) -> None:
    """A colleague's draft, or what was returned: merging would submit it for somebody who has never seen it."""
    one, other, walidata = await as_role("pic", MOJOROTO), await as_role("pic", MOJOROTO), await as_role("walidata")
    feature = await published(one, walidata, a_feature())
    second = a_change(feature["id"], 1, name="Belum selesai")
    (result,) = await sync_all(one, second | ({"draft": True} if state == "draft" else {}))
    if state == "returned":
        await walidata.post(decision_of(result["feature"]), json={"decision": "return", "reason": "Ragu"})
    results = await sync_all(other, a_change(feature["id"], 1, rw="3"), a_change(feature["id"], 1, rt="4") | {"draft": True})
    assert standing(results) == ["conflict", "merged"]
    assert results[0]["problem"]["conflicts"] == [
        {"property": "name", "base": "Posyandu Melati", "theirs": "Belum selesai", "mine": "Posyandu Melati"}
    ]
    assert (results[0]["problem"]["state"], results[1]["feature"]["properties"]["state"]) == (state, "draft")


async def test_closing_needs_the_sight_of_what_has_changed(as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    feature = await submitted(pic, a_feature())
    await sync_all(pic, a_change(feature["id"], 1, name="Posyandu Baru"))
    (blind,) = await sync_all(pic, {"client_id": str(uuid7()), "op": "delete", "point": feature["id"], "base": 1})
    assert blind["status"] == "conflict"
    assert blind["problem"]["conflicts"] == [{"property": "name", "base": "Posyandu Melati", "theirs": "Posyandu Baru"}]


async def test_a_draft_goes_to_review_when_it_is_submitted(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    draft = a_create() | {"draft": True}
    submit = {"client_id": str(uuid7()), "op": "submit", "point": draft["point"], "after": draft["client_id"]}
    results = await sync_all(pic, draft, submit)
    assert [(one["status"], one["feature"]["properties"]["state"]) for one in results] == [("created", "draft"), ("submitted", "submitted")]
    again = await sync_all(pic, draft, submit)
    assert [one["feature"] for one in again] == [one["feature"] for one in results]
    assert len((await walidata.get("/reviews")).json()["reviews"]) == 1


@pytest.mark.parametrize("where", ["change", "feature"])
async def test_clocks_that_are_ahead(as_role: AsRole, where: str) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")

    def ahead(hours: float) -> Json:
        at = (datetime.now(UTC) + timedelta(hours=hours)).isoformat()
        return a_create() | {"captured_at": at} if where == "change" else a_create(captured_at=at)

    results = await sync_all(pic, ahead(30), ahead(3), ahead(-3))
    assert standing(results) == ["refused", "created", "created"]
    pointer = "/captured_at" if where == "change" else "/feature/properties/captured_at"
    assert [(one["pointer"], one["code"]) for one in results[0]["problem"]["errors"]] == [(pointer, "captured-ahead")]
    flags = [one["flags"] for one in (await walidata.get("/reviews")).json()["reviews"]]
    assert ["clock-ahead" in one for one in flags] == [True, False]
    assert "clock-ahead" in results[1]["feature"]["properties"]["placement"]["flags"]


# -- form


@pytest.mark.parametrize(
    ("wrong", "pointers"),
    [
        ({"op": "hapus"}, ["/op"]),
        ({"client_id": "satu"}, ["/client_id"]),
        ({"point": "1"}, ["/point"]),
        ({"base": 1}, ["/base"]),
        ({"feature": None}, ["/feature"]),
        ({"op": "change"}, ["/feature", "/patch", "/base"]),
        ({"op": "delete", "base": 1}, ["/feature"]),
        ({"point": "0190a6f0-7d3c-4f1e-8c55-0123456789ab"}, ["/id"]),
        ({"warna": 1}, ["/warna"]),
        ({"accuracy_m": -1}, ["/accuracy_m"]),
        ({"captured_at": "kemarin"}, ["/captured_at"]),
        ({"feature": {"type": "Feature"}}, ["/feature/properties/category"]),
        ({"feature": {"type": "Feature", "properties": {"category": "posyandu", "name": "a\0b"}}}, [""]),
        ({"feature": {"properties": orjson.loads(b"[" * 300 + b"]" * 300)}}, [""]),
    ],
)
async def test_a_malformed_change_is_refused_alone(as_role: AsRole, wrong: Json, pointers: list[str]) -> None:
    pic = await as_role("pic", MOJOROTO)
    bad, good = a_create() | wrong, a_create(name="Posyandu Lain")
    results = await sync_all(pic, bad, good)
    assert standing(results) == ["refused", "created"]
    assert results[0]["code"] == 422
    assert [one["pointer"] for one in results[0]["problem"]["errors"]] == pointers


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[]", 422), (b"{}", 422), (b'{"changes":[]}', 422), (b'{"changes":{}}', 422), (b'{"changes":[1],"x":1}', 422), (b"{", 400),
        (b'{"changes":[' + b",".join([b"1"] * 501) + b"]}", 422), (b'{"changes":[{"op":1,"op":2}]}', 422),
        (b'{"changes":["' + b"x" * 4_200_000 + b'"]}', 413),
    ],
)  # fmt: skip
async def test_a_malformed_envelope_is_refused_whole(as_role: AsRole, body: bytes, status: int) -> None:
    pic = await as_role("pic", MOJOROTO)
    assert (await pic.post("/sync", content=body)).status_code == status


async def test_only_who_writes_may(as_role: AsRole, client: Client) -> None:
    for role in ("opd", "pembina", "admin"):
        assert (await (await as_role(role)).post("/sync", json={"changes": [a_create()]})).status_code == 403
    assert code_of(await client.post("/sync", json={"changes": [a_create()]})) == (401, "token-missing")


async def test_what_time_does_not_reach_is_told_so(as_role: AsRole, monkeypatch: pytest.MonkeyPatch, owner: WriteSession) -> None:
    pic = await as_role("pic", MOJOROTO)
    monkeypatch.setattr(sync, "WITHIN_S", -1.0)
    change = a_create()
    (result,) = await sync_all(pic, change)
    assert (result["status"], *problem_of(result)) == ("later", 503, "sync-later")
    monkeypatch.undo()
    assert standing(await sync_all(pic, change)) == ["created"]


async def test_a_fault_of_ours_in_one_change_loses_no_other(as_role: AsRole, monkeypatch: pytest.MonkeyPatch) -> None:
    pic = await as_role("pic", MOJOROTO)
    change, carry_out = a_create(), syncing.carry_out

    async def failing(session: Any, actor: Any, one: Any, sent: Any) -> Any:
        outcome = await carry_out(session, actor, one, sent)
        if sent == change:
            raise RuntimeError("mati listrik")
        return outcome

    monkeypatch.setattr(syncing, "carry_out", failing)
    results = await sync_all(pic, a_create(), change, a_create())
    assert standing(results) == ["created", "failed", "created"]
    assert problem_of(results[1]) == (500, "server-error")
    assert "mati listrik" not in str(results)
    monkeypatch.undo()
    assert standing(await sync_all(pic, change)) == ["created"]


# -- many


async def test_five_hundred_creates_in_one_request(as_role: AsRole, owner: WriteSession) -> None:
    pic = await as_role("pic", MOJOROTO)
    changes = [a_create(name=f"Posyandu {number}") for number in range(500)]
    for number, change in enumerate(changes):
        change["feature"]["geometry"]["coordinates"] = [IN_MOJOROTO[0] + number % 25 * 5e-5, IN_MOJOROTO[1] + number // 25 * 5e-5]
    began = time.monotonic()
    results = await sync_all(pic, *changes)
    seconds = time.monotonic() - began
    print(f"500 creates: {seconds:.2f} s")  # noqa: T201 - a figure for docs/phones.md
    assert standing(results) == ["created"] * 500
    assert await value(owner, "SELECT count(*) FROM titik.revision") == 500
    assert seconds < 15


FIELDS = ("name", "address", "rw", "rt", "strata", "geometry")


def batch_of(phone: int, points: list[str], dice: random.Random) -> list[Json]:
    """Two fields of each point, in an order of its own; every phone writes what no other does, but for `strata`."""
    number = f"{phone + 2:02}"
    written = {"rw": number, "rt": number, "strata": ("pratama", "madya", "purnama", "mandiri")[phone % 4]}
    batch = []
    for column, point in enumerate(points):
        for field in dice.sample(FIELDS, 2):
            if field == "geometry":
                place = {"type": "Point", "coordinates": [IN_MOJOROTO[0] + column * 4e-4, IN_MOJOROTO[1] + (phone + 1) * 1e-6]}
                batch.append(a_change(point, 1, geometry=place))
            else:
                text: Json = {field: written.get(field, f"Dari telepon {phone}")}
                batch.append(a_change(point, 1, **text))
    dice.shuffle(batch)
    return batch


def stands(change: Json, feature: Json) -> bool:
    patch = change["patch"]
    return all(feature["properties"][name] == sent for name, sent in patch["properties"].items()) and (
        "geometry" not in patch or feature["geometry"]["coordinates"] == patch["geometry"]["coordinates"]
    )


async def test_phones_that_change_the_same_points_at_once_lose_nothing(as_role: AsRole) -> None:
    """Six phones with changes to the same twelve points, while they are being published: every change is in the final state, or was answered
    as a conflict; and of each field of each point one was taken.
    """
    phones = [await as_role("pic", MOJOROTO) for _ in range(6)]
    walidata = await as_role("walidata")
    points = []
    for column in range(12):
        feature = a_feature(IN_MOJOROTO[0] + column * 4e-4, IN_MOJOROTO[1], name=f"Posyandu {column}", address="Jalan Nol", rw="1", rt="1")
        points.append((await submitted(phones[0], feature))["id"])
    dice = random.Random(3571)
    batches = [batch_of(phone, points, dice) for phone in range(6)]

    async def reviewing() -> list[Json]:
        for _ in range(4):
            queue = (await walidata.get("/reviews")).json()["reviews"]
            await walidata.post("/reviews/decisions", json=PUBLISH | {"revisions": [one["revision"] for one in queue]})
        return []

    answers = await asyncio.gather(*(sync_all(phone, *batch) for phone, batch in zip(phones, batches, strict=True)), reviewing())
    final = {point: (await walidata.get(f"/collections/posyandu/items/{point}")).json() for point in points}
    pairs = [pair for batch, results in zip(batches, answers[:6], strict=True) for pair in zip(batch, results, strict=True)]
    assert {result["status"] for _, result in pairs} <= {"changed", "merged", "unchanged", "conflict"}
    taken = [change for change, result in pairs if result["status"] != "conflict"]
    assert [change for change in taken if not stands(change, final[change["point"]])] == []

    def touched(changes: list[Json]) -> set[tuple[str, ...]]:
        return {
            (change["point"], *change["patch"]["properties"], *(["geometry"] if "geometry" in change["patch"] else []))
            for change in changes
        }

    assert touched(taken) == touched([change for change, _ in pairs])
    print(f"{len(pairs)} changes, {len(taken)} taken, {len(pairs) - len(taken)} conflicts")  # noqa: T201


async def test_what_one_has_recorded_is_not_sent_by_the_session_of_another(as_role: AsRole) -> None:
    """Two officers of one kelurahan share a phone; the second has signed in between two requests of the first."""
    first, second = await as_role("pic", MOJOROTO), await as_role("pic", MOJOROTO)
    writer = (await first.get("/me/entry-key")).json()["writer"]
    named = {"Titik-Writer": writer}
    change = a_create()
    assert code_of(await second.post("/sync", json={"changes": [change]}, headers=named)) == (403, "other-writer")
    sent = await first.post("/sync", json={"changes": [change]}, headers=named)
    assert standing(sent.json()["results"]) == ["created"]
    contact = {"id": str(uuid7()), "name": "Ibu Siti", "phone": None, "legal_basis": "consent"}
    for answer in (
        await second.post(f"/points/{change['point']}/contacts", json=contact, headers=named),
        await second.put(f"/points/{change['point']}/photos/{uuid7()}", content=b"", headers=named | {"Content-Type": "image/jpeg"}),
    ):
        assert code_of(answer) == (403, "other-writer")
