"""Points that are there already, on the way that a phone takes."""

import asyncio
from typing import Any

import pytest

from app.db import WriteSession
from app.uuid7 import uuid7
from tests.conftest import AsRole, Client
from tests.factories import IN_MOJOROTO, MOJOROTO, a_feature, code_of, published, submitted, value

pytestmark = pytest.mark.anyio

POSYANDU, RT = "/collections/posyandu/items", "/collections/rt/items"
LON, LAT = IN_MOJOROTO
A_LITTLE = 10 / 110_594
"""Ten metres to the north, in degrees."""


def melati(**properties: Any) -> dict[str, Any]:
    """A posyandu whose writer has confirmed nothing."""
    feature = a_feature(**properties)
    if "confirm_not_duplicate" not in properties:
        feature["properties"].pop("confirm_not_duplicate", None)
    return feature


def an_rt(rt: str, rw: str) -> dict[str, Any]:
    return melati(name=None, jenis=None, rt=rt, rw=rw)


async def test_a_near_duplicate_is_shown_and_goes_to_review_when_confirmed(as_role: AsRole, owner: WriteSession) -> None:
    pic = await as_role("pic", MOJOROTO)
    known = await submitted(pic, melati())
    refused = await pic.post(POSYANDU, json=melati(lat=LAT + A_LITTLE, name="Posyandu Melati 1"), headers={"Accept-Language": "en"})
    assert code_of(refused) == (409, "near-duplicate")
    expected = {"id": known["id"], "name": "Posyandu Melati", "kelurahan": MOJOROTO, "distance_m": 10.0, "state": "submitted"}
    assert refused.json()["candidates"] == [expected]
    assert "confirm_not_duplicate" in refused.json()["hint"]
    confirmed = await submitted(pic, melati(lat=LAT + A_LITTLE, name="Posyandu Melati 1", confirm_not_duplicate=True))
    assert "confirm_not_duplicate" not in confirmed["properties"]
    assert await value(owner, "SELECT count(*) FROM titik.revision WHERE attributes ? 'confirm_not_duplicate'") == 0


async def test_another_name_at_this_very_place_is_asked_about_once(as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    known = await submitted(pic, melati())
    kenanga = {"name": "Posyandu Kenanga", "lat": LAT + 0.3 / 110_594}
    refused = await pic.post(POSYANDU, json=melati(**kenanga))
    assert code_of(refused) == (409, "near-duplicate")
    assert [(one["id"], one["distance_m"]) for one in refused.json()["candidates"]] == [(known["id"], 0.3)]
    stored = await submitted(pic, melati(**kenanga, confirm_not_duplicate=True))
    assert "near-duplicate" in stored["properties"]["placement"]["flags"]
    # What is there is not asked about again, nor is one half a metre further or of another category.
    changed = await pic.patch(
        f"{POSYANDU}/{stored['id']}",
        json={"properties": {"address": "Jl. Contoh 1"}},
        headers={"Content-Type": "application/merge-patch+json", "If-Match": '"1"'},
    )
    assert changed.status_code < 300, changed.text
    await submitted(pic, melati(name="Posyandu Anggrek", lat=LAT + 1.2 / 110_594))
    await submitted(pic, an_rt("1", "2"), "rt")


async def test_a_confirmation_is_yes_or_no(as_role: AsRole) -> None:
    refused = await (await as_role("pic", MOJOROTO)).post(POSYANDU, json=melati(confirm_not_duplicate="ya"))
    assert code_of(refused) == (422, "body-invalid")
    assert [error["code"] for error in refused.json()["errors"]] == ["not-yes-or-no"]


async def test_an_rt_is_there_once_however_its_number_is_written(as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    known = await submitted(pic, an_rt("1", "2"), "rt")
    for rt, rw in (("01", "02"), ("RT.01", "RW 2"), ("001", "002")):
        refused = await pic.post(RT, json=an_rt(rt, rw))
        assert code_of(refused) == (409, "natural-key-taken")
        assert [one["id"] for one in refused.json()["candidates"]] == [known["id"]]


async def test_points_at_one_place_are_flagged_for_the_reviewer(as_role: AsRole, owner: WriteSession) -> None:
    pic = await as_role("pic", MOJOROTO)
    assert (await submitted(pic, an_rt("1", "2"), "rt"))["properties"]["placement"]["flags"] == []
    second = await submitted(pic, an_rt("2", "2"), "rt")
    assert second["properties"]["placement"]["flags"] == ["same-place"]
    assert await value(owner, "SELECT array_agg(flags::text ORDER BY id) FROM titik.revision") == ["{}", "{same-place}"]


async def test_a_retry_is_no_duplicate(as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    feature = melati(id=str(uuid7()), nomor_registrasi="R-7")
    answers = await asyncio.gather(*(pic.post(POSYANDU, json=feature) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]


async def test_of_many_at_once_with_one_key_one_gets_in(as_role: AsRole, owner: WriteSession) -> None:
    pic = await as_role("pic", MOJOROTO)
    answers = await asyncio.gather(*(pic.post(RT, json=an_rt("RT.07", "3")) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert await value(owner, "SELECT count(*) FROM titik.point") == 1


async def test_a_registration_number_is_taken_in_the_whole_city_and_tells_no_more(as_role: AsRole, client: Client) -> None:
    bujel = "35.71.01.1006"
    theirs, ours, walidata = await as_role("pic", bujel), await as_role("pic", MOJOROTO), await as_role("walidata")
    hidden = melati(lon=111.9895, lat=-7.8001, name="Posyandu Rahasia", nomor_registrasi="R-7")
    await submitted(theirs, hidden)
    refused = await ours.post(POSYANDU, json=melati(nomor_registrasi="R-7"))
    assert code_of(refused) == (409, "natural-key-taken")
    assert refused.json()["candidates"] == []
    assert "Rahasia" not in refused.text
    public = await published(theirs, walidata, melati(lon=111.9885, lat=-7.8001, name="Posyandu Umum", nomor_registrasi="R-8"))
    assert (await client.get(f"{POSYANDU}/{public['id']}")).status_code == 200
    refused = await ours.post(POSYANDU, json=melati(nomor_registrasi="R-8"))
    assert [one["name"] for one in refused.json()["candidates"]] == ["Posyandu Umum"]
