"""What there is to do in a kelurahan: what is missing by the list of its RT, and what becomes of it as points and answers come in."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.connections import open_once
from app.settings import Settings
from tests.conftest import AsRole, Client
from tests.factories import BUJEL, IN_MOJOROTO, MOJOROTO, PUBLISH, a_feature, code_of, execute
from tests.factories import decision_of as decision

pytestmark = pytest.mark.anyio
YEAR = str(datetime.now(UTC).year - 1)
PROFILE = f"/profiles/{MOJOROTO}/{YEAR}"


def listed(rw: int, rt: int, value: int = 1, **more: Any) -> dict[str, Any]:
    return {"indicator": "daftar_rt", "class": f"{rw:02}.{rt:03}", "value": value, **more}


def an_rt(rw: str, rt: str, east: int = 0) -> dict[str, Any]:
    lon, lat = IN_MOJOROTO
    return a_feature(lon + east * 0.0001, lat, jenis=None, rw=rw, rt=rt, name=f"RT {rt} RW {rw}")


async def publish_values(walidata: Client, pic: Client, *values: dict[str, Any]) -> None:
    answer = await pic.put(PROFILE, json={"values": list(values)})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    revisions = [one["revision"] for one in found["values"] if one["id"] in found["stored"]]
    decided = await walidata.post("/reviews/decisions", json={"revisions": revisions, **PUBLISH})
    assert [one["status"] for one in decided.json()["results"]] == [200] * len(revisions), decided.text


async def submit(pic: Client, feature: dict[str, Any]) -> dict[str, Any]:
    answer = await pic.post("/collections/rt/items", json=feature)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def quests_of(client: Client, kelurahan: str = MOJOROTO) -> dict[str, Any]:
    answer = await client.get(f"/quests?kelurahan={kelurahan}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def counts(found: dict[str, Any], category: str = "rt") -> tuple[int | None, int, int, int]:
    (one,) = [one for one in found["categories"] if one["category"] == category]
    return one["expected"], one["published"], one["waiting"], one["missing"]


def missing(found: dict[str, Any]) -> list[str]:
    return [one["name"] for one in found["quests"] if one["kind"] == "missing"]


async def test_what_is_listed_and_not_on_the_map_is_a_quest_until_it_is(as_role: AsRole) -> None:
    """32 RT in the profile, 29 on the map: three quests; two are answered, and after the decision one is left."""
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    assert counts(await quests_of(pic)) == (None, 0, 0, 0)
    await publish_values(walidata, pic, *(listed(1 + number // 8, number + 1) for number in range(32)))
    points = [await submit(pic, an_rt(f"{1 + number // 8:03}", f"{number + 1}", number)) for number in range(29)]
    assert counts(await quests_of(pic)) == (32, 0, 29, 3)
    revisions = [str(one["properties"]["revision"]) for one in points]
    await walidata.post("/reviews/decisions", json={"revisions": revisions, **PUBLISH})
    found = await quests_of(pic)
    assert (counts(found), missing(found)) == ((32, 29, 0, 3), ["RT 30 RW 04", "RT 31 RW 04", "RT 32 RW 04"])
    first = found["quests"][0]
    assert (first["fill"], first["id"]) == ({"rw": "04", "rt": "30"}, "missing/rt/4.30")
    assert [one["name"] for one in first["neighbours"]] == ["RT 29 RW 04", "RT 28 RW 04"]
    two = [await submit(pic, an_rt(one["fill"]["rw"], one["fill"]["rt"], 40 + at)) for at, one in enumerate(found["quests"][:2])]
    found = await quests_of(pic)
    assert (counts(found), missing(found)) == ((32, 29, 2, 1), ["RT 32 RW 04"])
    for one in two:
        assert (await walidata.post(decision(one), json=PUBLISH)).status_code == 200
    found = await quests_of(pic)
    assert (counts(found), missing(found)) == ((32, 31, 0, 1), ["RT 32 RW 04"])


async def test_what_is_no_more_is_proposed_to_the_profile(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    await publish_values(walidata, pic, listed(1, 1), listed(1, 2))
    quest = (await quests_of(pic))["quests"][0]
    gone = {
        "indicator": quest["absent"]["indicator"],
        "class": quest["absent"]["indicator_class"],
        "value": 0,
        "explanation": "Digabung dengan RT 002",
    }
    answer = await pic.put(quest["absent"]["href"], json={"values": [gone]})
    assert answer.status_code == 200, answer.text
    # While it waits nobody looks for it, and the list still has both.
    found = await quests_of(pic)
    assert (counts(found), missing(found)) == ((2, 0, 0, 1), ["RT 02 RW 01"])
    (waiting,) = (await walidata.get("/reviews?subject_kind=value")).json()["reviews"]
    await walidata.post(f"/reviews/{waiting['revision']}/decision", json={"decision": "return", "reason": "RT 001 masih ada"})
    assert missing(await quests_of(pic)) == ["RT 01 RW 01", "RT 02 RW 01"]
    await pic.put(quest["absent"]["href"], json={"values": [gone | {"explanation": "Surat lurah 12/2026: digabung"}]})
    (waiting,) = (await walidata.get("/reviews?subject_kind=value")).json()["reviews"]
    assert (await walidata.post(f"/reviews/{waiting['revision']}/decision", json=PUBLISH)).status_code == 200
    found = await quests_of(pic)
    assert (counts(found), missing(found)) == ((1, 0, 0, 1), ["RT 02 RW 01"])


async def test_where_things_have_no_number_it_says_how_many_are_missing(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    await publish_values(walidata, pic, {"indicator": "jumlah_pos_kamling", "value": 3})
    lon, lat = IN_MOJOROTO
    one = await pic.post("/collections/pos_kamling/items", json=a_feature(lon, lat, jenis=None, name="Pos Timur"))
    assert one.status_code == 201, one.text
    found = await quests_of(pic)
    assert counts(found, "pos_kamling") == (3, 0, 1, 2)
    assert [(one["kind"], one["name"], one["fill"]) for one in found["quests"]] == [("missing", None, None)] * 2


async def test_entries_reports_and_old_points_come_with_what_they_need(as_role: AsRole, client: Client, database: Settings) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    old, returned = await submit(pic, an_rt("001", "001")), await submit(pic, an_rt("001", "002", 5))
    await walidata.post(decision(old), json=PUBLISH)
    await walidata.post(decision(returned), json={"decision": "return", "reason": "Foto kabur"})
    lon, lat = IN_MOJOROTO
    assert (await client.post("/reports", json={"kind": "error", "point": old["id"], "text": "Sudah pindah"})).status_code == 201
    aged = f"UPDATE titik.revision SET decided_at = now() - interval '366 days' WHERE point_id = '{old['id']}' AND state = 'published'"
    async with open_once(database.owner_dsn) as session:
        await execute(session, aged)
    found = await quests_of(pic)
    assert [(one["kind"], one["point"], one["reason"]) for one in found["quests"]] == [
        ("returned", returned["id"], "Foto kabur"), ("report", old["id"], "Sudah pindah"), ("unverified", old["id"], None),
    ]  # fmt: skip
    assert found["quests"][0]["held_by"] is not None
    assert found["quests"][2]["place"] == {"lon": pytest.approx(lon), "lat": pytest.approx(lat)}
    since = datetime.fromisoformat(found["quests"][2]["since"])
    assert since < datetime.now(UTC) - timedelta(days=365)


async def test_they_are_for_those_who_write_there(as_role: AsRole, client: Client) -> None:
    pic, walidata, opd = await as_role("pic", MOJOROTO), await as_role("walidata"), await as_role("opd")
    assert (await client.get(f"/quests?kelurahan={MOJOROTO}")).status_code == 401
    assert code_of(await opd.get(f"/quests?kelurahan={MOJOROTO}"))[0] == 403
    assert code_of(await pic.get(f"/quests?kelurahan={BUJEL}")) == (403, "kelurahan-not-yours")
    assert (await walidata.get(f"/quests?kelurahan={BUJEL}")).status_code == 200
    assert code_of(await pic.get("/quests?kelurahan=entah")) == (400, "parameter-invalid")
    assert code_of(await pic.get("/quests"))[0] == 400


async def test_a_large_list_fits_on_a_phone_and_says_that_it_is_not_whole(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    await submit(pic, an_rt("001", "001"))
    await publish_values(walidata, pic, *(listed(1 + number // 30, number + 1) for number in range(300)))
    answer = await pic.get(f"/quests?kelurahan={MOJOROTO}")
    found = answer.json()
    assert (len(found["quests"]), found["complete"], counts(found)) == (250, False, (300, 0, 1, 299))
    assert len(answer.content) <= 250_000
    assert int(answer.headers.get("content-length", 0)) <= 100_000
