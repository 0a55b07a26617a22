"""Values that mean the same at every door: accuracies, times of capture, texts with what cannot be seen."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.connections import open_once
from app.settings import Settings
from app.uuid7 import uuid7
from tests.api.test_imports import committed, judged, report, table
from tests.conftest import AsRole, Client
from tests.factories import MOJOROTO, a_feature, execute, submitted

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("grid")]

Json = dict[str, Any]
LON, LAT = 112.0012, -7.8091
Door = Callable[[Client, Json], Awaitable[tuple[int, Json]]]


async def by_post(pic: Client, properties: Json) -> tuple[int, Json]:
    answer = await pic.post("/collections/posyandu/items", json=a_feature(LON, LAT, **properties))
    return answer.status_code, answer.json()


async def by_put(pic: Client, properties: Json) -> tuple[int, Json]:
    feature = await submitted(pic, a_feature(LON, LAT, rw="07"))
    answer = await pic.put(
        f"/collections/posyandu/items/{feature['id']}", json=a_feature(LON, LAT, **properties), headers={"If-Match": "*"}
    )
    return answer.status_code, answer.json()


async def by_patch(pic: Client, properties: Json) -> tuple[int, Json]:
    feature = await submitted(pic, a_feature(LON, LAT, accuracy_m=7.5))
    answer = await pic.patch(
        f"/collections/posyandu/items/{feature['id']}",
        json={"properties": properties},
        headers={"If-Match": "*", "Content-Type": "application/merge-patch+json"},
    )
    return answer.status_code, answer.json()


async def by_sync(pic: Client, properties: Json) -> tuple[int, Json]:
    feature = a_feature(LON, LAT, **{"category": "posyandu", **properties})
    change = {"client_id": str(uuid7()), "op": "create", "point": str(uuid7()), "feature": feature}
    (result,) = (await pic.post("/sync", json={"changes": [change]})).json()["results"]
    return result["code"], result.get("feature") or result["problem"]


async def by_import(pic: Client, properties: Json) -> tuple[int, Json]:
    row = {"name": "Posyandu Melati", "lat": LAT, "lon": LON, **properties}
    one = await judged(pic, table(list(row.values()), header=list(row)))
    (found,) = await report(pic, one)
    if found["level"] == "fault":
        return 422, {"errors": [{"code": fault["code"], "detail": fault["detail"]} for fault in found["findings"]]}
    await committed(pic, one, rows="good", accept=["near-duplicates"])
    (item,) = (await pic.get("/collections/posyandu/items", params={"view": "work"})).json()["features"]
    return 201, item


DOORS: dict[str, Door] = {"post": by_post, "put": by_put, "patch": by_patch, "sync": by_sync, "import": by_import}


@pytest.mark.parametrize("door", DOORS)
async def test_an_accuracy_of_0_is_not_known(door: str, as_role: AsRole) -> None:
    """As Collect and Kobo write it where a receiver told none."""
    code, feature = await DOORS[door](await as_role("pic", MOJOROTO), {"accuracy_m": 0})
    assert code in (200, 201), feature
    assert feature["properties"].get("accuracy_m") is None


async def test_an_accuracy_of_0_is_not_known_of_a_change_of_a_phone_and_at_locate(as_role: AsRole, client: Client) -> None:
    pic = await as_role("pic", MOJOROTO)
    change = {
        "client_id": str(uuid7()),
        "op": "create",
        "point": str(uuid7()),
        "accuracy_m": 0,
        "feature": a_feature(LON, LAT, category="posyandu"),
    }
    (result,) = (await pic.post("/sync", json={"changes": [change]})).json()["results"]
    assert (result["code"], result["feature"]["properties"].get("accuracy_m")) == (201, None)
    place: dict[str, Any] = {"lon": LON, "lat": LAT}
    plain, zero = [(await client.get("/locate", params=place | more)).json() for more in (Json(), {"accuracy": "0"})]
    assert zero == plain
    assert plain["kelurahan"]["code"] == MOJOROTO
    assert (await client.get("/locate", params=place | {"accuracy": "-1"})).status_code == 400


@pytest.mark.parametrize("door", DOORS)
async def test_a_time_more_than_a_day_ahead_is_refused_in_words(door: str, as_role: AsRole) -> None:
    ahead = (datetime.now(UTC) + timedelta(hours=25)).isoformat()
    code, problem = await DOORS[door](await as_role("pic", MOJOROTO), {"captured_at": ahead})
    assert code == 422, problem
    (fault,) = problem["errors"]
    assert fault["code"] == "captured-ahead"
    assert fault["detail"].startswith("Waktu ini lebih dari sehari di masa depan.")


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(("minutes", "flags"), [(5, []), (120, ["clock-ahead"])])
async def test_a_time_some_hours_ahead_is_flagged_and_some_minutes_are_not(
    door: str, minutes: int, flags: list[str], as_role: AsRole
) -> None:
    ahead = (datetime.now(UTC) + timedelta(minutes=minutes)).replace(microsecond=0).isoformat()
    code, feature = await DOORS[door](await as_role("pic", MOJOROTO), {"captured_at": ahead})
    assert code in (200, 201), feature
    assert [flag for flag in feature["properties"]["placement"]["flags"] if flag == "clock-ahead"] == flags


async def test_what_was_taken_before_with_a_time_ahead_can_still_be_changed(as_role: AsRole, grid: Settings) -> None:
    pic = await as_role("pic", MOJOROTO)
    feature = await submitted(pic, a_feature(LON, LAT, captured_at="2026-11-01T00:00:00Z"))
    async with open_once(grid.owner_dsn) as owner:
        await execute(owner, "UPDATE titik.revision SET captured_at = '2031-01-01T00:00:00.5Z'")
    url, headers = f"/collections/posyandu/items/{feature['id']}", {"If-Match": "*", "Content-Type": "application/merge-patch+json"}
    changed = await pic.patch(url, json={"properties": {"address": "Jl. Contoh 1"}}, headers=headers)
    assert (changed.status_code, changed.json()["properties"]["captured_at"]) == (200, "2031-01-01T00:00:00Z")
    moved = await pic.patch(url, json={"properties": {"captured_at": "2031-01-02T00:00:00Z"}}, headers=headers)
    assert moved.status_code == 422


UNSEEN = ("\t", "\r\n", "\x07", "\x1b", "\x7f", "\x85", "\u2028", "\u202e", "\u2066\u2069", "\u200f")


@pytest.mark.parametrize("door", DOORS)
async def test_what_cannot_be_seen_in_a_text_becomes_a_blank(door: str, as_role: AsRole) -> None:
    unseen = "".join(UNSEEN)
    sent = {"name": f"Posyandu{unseen}Melati", "address": f"Jl. Mawar{unseen}1{unseen}", "nomor_registrasi": f"R{unseen}1"}
    code, feature = await DOORS[door](await as_role("pic", MOJOROTO), sent)
    assert code in (200, 201), feature
    assert {name: feature["properties"][name].rstrip() for name in sent} == {
        "name": "Posyandu Melati", "address": "Jl. Mawar 1", "nomor_registrasi": "R 1",
    }  # fmt: skip


async def test_other_short_texts_are_of_one_line_and_a_reason_may_have_several(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    feature = await submitted(pic, a_feature(LON, LAT))
    contact = {"role": "ketua", "name": "Bu\u202eTri\tLestari", "legal_basis": "SK\n1/2026", "term_ends_on": "2027-12-31"}
    kept = (await pic.post(f"/points/{feature['id']}/contacts", json=contact)).json()
    assert (kept["name"], kept["legal_basis"]) == ("Bu Tri Lestari", "SK 1/2026")
    decision = {"decision": "return", "reason": "Nama salah.\n\u202eAlamat juga."}
    await walidata.post(f"/reviews/{feature['properties']['revision']}/decision", json=decision)
    (revision,) = (await pic.get(f"/points/{feature['id']}/revisions")).json()["revisions"]
    assert revision["decision_reason"] == "Nama salah.\n Alamat juga."


@pytest.mark.parametrize("name", ["Posyandu", "POSYANDU", " posyandu "])
async def test_a_category_is_understood_in_any_case_at_every_door(as_role: AsRole, name: str) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    posted = await pic.post("/collections/points/items", json=a_feature(LON, LAT, category=name))
    assert (posted.status_code, posted.json()["properties"]["category"]) == (201, "posyandu"), posted.text
    sent, feature = await by_sync(pic, {"category": name, "name": "Lain", "confirm_not_duplicate": True})
    assert (sent, feature["properties"]["category"]) == (201, "posyandu")
    begun = await pic.post("/imports", params={"category": name}, content=b"Nama;Lat;Lon\nA;-7.8091;112.0012\n")
    assert (begun.status_code, begun.json()["category"]) == (202, "posyandu"), begun.text
    assert (await walidata.get("/reviews", params={"category": name})).json()["numberMatched"] == 2


async def test_a_category_that_there_is_not_is_refused_with_those_that_there_are(as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    answers = [
        await pic.post("/collections/points/items", json=a_feature(LON, LAT, category="posko")),
        await pic.post("/imports", params={"category": "posko"}, content=b"Nama;Lat;Lon\nA;-7.8091;112.0012\n"),
    ]
    for answer, status in zip(answers, (422, 400), strict=True):
        assert answer.status_code == status
        assert "kantor_kelurahan, pos_kamling, posyandu, rt" in answer.json()["errors"][0]["detail"]
    missing = await pic.post("/imports", content=b"x")
    assert (missing.status_code, missing.json()["errors"][0]["detail"]) == (400, "Parameter ini wajib ada.")


async def test_yes_and_no_are_read_in_the_queue_as_elsewhere(as_role: AsRole) -> None:
    walidata = await as_role("walidata")
    for word in ("ya", "true", "Tidak", "no"):
        assert (await walidata.get("/reviews", params={"corrected": word})).status_code == 200
    refused = await walidata.get("/reviews?corrected=mungkin")
    assert (refused.status_code, refused.json()["errors"][0]["detail"]) == (400, "Harus ya atau tidak.")


@pytest.mark.parametrize(("word", "value"), [("ya", True), ("Tidak", False), ("true", True), ("no", False)])
async def test_yes_and_no_are_understood_in_bodies(as_role: AsRole, word: str, value: bool) -> None:  # noqa: FBT001
    pic = await as_role("pic", MOJOROTO)
    for door in (by_post, by_sync):
        code, feature = await door(pic, {"spm_sosial": word, "name": f"Melati {door.__name__}", "confirm_not_duplicate": True})
        assert (code, feature["properties"]["spm_sosial"]) == (201, value), feature
    code, problem = await by_post(pic, {"spm_sosial": "x", "name": "Anggrek", "confirm_not_duplicate": True})
    assert (code, problem["errors"][0]["pointer"]) == (422, "/properties/spm_sosial")
