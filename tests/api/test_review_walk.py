"""A reviewer's way through the queue: what is clean, counts that equal the lists, the entries before and after one, what lies around it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest

from app.access.rights import Actor
from app.connections import open_once
from app.db import WriteSession
from app.reviews import nearby, reading, walking
from app.reviews.queue import SORTINGS, Wanted
from app.settings import Settings
from tests.api.test_photos import sent
from tests.api.test_queue import IN_BUJEL, RETURN, changed, one_of_each_kind, waiting
from tests.conftest import AsRole, Client
from tests.factories import (
    BUJEL,
    IN_MOJOROTO,
    MOJOROTO,
    PUBLISH,
    a_feature,
    activate_grid,
    decision_of,
    execute,
    published,
    submitted,
    value,
)

pytestmark = pytest.mark.anyio


async def a_mixed_queue(as_role: AsRole, walidata: Client) -> None:
    """Entries of every kind; one near a boundary's edge, one alike, one that comes back, one of the reviewer, one with a photo."""
    pic, bujel = await as_role("pic", MOJOROTO, name="petugas"), await as_role("pic", BUJEL, name="petugas-bujel")
    await one_of_each_kind(pic, walidata)
    await submitted(pic, a_feature(112.0021, -7.8051, name=None, jenis=None, rt="1", rw="2"), "rt")
    await published(bujel, walidata, a_feature(*IN_BUJEL, name="jauh"))
    await submitted(bujel, a_feature(*IN_BUJEL, name="jauh"))
    back = await submitted(pic, a_feature(112.0041, name="kembali"))
    assert (await walidata.post(decision_of(back), json=RETURN)).status_code == 200
    await changed(pic, back, {"properties": {"rw": "4"}})
    await submitted(walidata, a_feature(112.0051, -7.8061, name="sendiri", kelurahan=MOJOROTO))
    await sent(pic, await submitted(pic, a_feature(112.0061, -7.8061, name="berfoto")))


async def test_what_is_clean_has_nothing_to_look_at(as_role: AsRole) -> None:
    walidata = await as_role("walidata")
    await a_mixed_queue(as_role, walidata)
    clean, others = await waiting(walidata, "?clean=true"), await waiting(walidata, "?clean=false")
    assert set(clean) == {"new", "change", "move", "RT 01 RW 02"}
    assert set(others) == {"close", "jauh", "kembali", "sendiri", "berfoto"}
    # To another reviewer that of the first is clean as well.
    assert set(await waiting(await as_role("walidata"), "?clean=true")) == {*clean, "sendiri"}


@pytest.mark.parametrize(
    "change", ["repair = '{}'", "flags = '{personal}'", "verdict = 'near'", "verdict = 'elsewhere', override_reason = 'Gedung'"]
)
async def test_what_was_noticed_is_not_clean(change: str, as_role: AsRole, owner: WriteSession, database: Settings) -> None:
    walidata = await as_role("walidata")
    await submitted(await as_role("pic", MOJOROTO), a_feature())
    assert len(await waiting(walidata, "?clean=true")) == 1
    async with open_once(database.owner_dsn) as session:
        await execute(session, f"UPDATE titik.revision SET {change}")
    assert await waiting(walidata, "?clean=true") == {}


async def test_a_wrong_value_of_clean_is_refused(as_role: AsRole) -> None:
    answer = await (await as_role("walidata")).get("/reviews?clean=perhaps")
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "clean")


@asynccontextmanager
async def acting(database: Settings) -> AsyncIterator[tuple[WriteSession, Actor]]:
    """The walidata `penguji`, and a transaction in which only what they may see is seen."""
    async with open_once(database.owner_dsn) as session:
        account = await value(session, "SELECT id FROM titik.account WHERE name = 'penguji'")
    async with open_once(database.service_dsn) as session:
        await value(session, "SELECT set_config('titik.role', 'walidata', true)")
        yield session, Actor(account, "penguji", "walidata")


async def test_every_count_is_that_of_its_list(as_role: AsRole, database: Settings) -> None:
    walidata = await as_role("walidata", name="penguji")
    await a_mixed_queue(as_role, walidata)
    await activate_grid(database)
    async with acting(database) as (session, actor):
        counts = await walking.count_waiting(session, actor)
    assert {"all", "kind", "category", "kelurahan", "clean", "corrected", "flag"} == set(counts)
    assert set(counts["kind"]) == {"new", "change", "move", "close"}
    for name, values in counts.items():
        for one, number in values.items():
            query = "" if name == "all" else f"?{name}={one}"
            assert (await walidata.get(f"/reviews{query}")).json()["numberMatched"] == number, (name, one)
    assert {"near-duplicate", "rejudged"} <= set(counts["flag"])


async def test_the_steps_from_each_entry_are_the_order_of_the_list(as_role: AsRole, database: Settings) -> None:
    walidata = await as_role("walidata", name="penguji")
    await a_mixed_queue(as_role, walidata)
    for sorting in (*SORTINGS, *(f"-{one}" for one in SORTINGS)):
        order = [UUID(one["revision"]) for one in (await walidata.get(f"/reviews?sortby={sorting}")).json()["reviews"]]
        async with acting(database) as (session, actor):
            wanted = reading.read_wanted({"sortby": sorting})
            steps = [await walking.steps_around(session, actor, wanted, one) for one in order]
        assert [one.next for one in steps] == [*order[1:], None], sorting
        assert [one.previous for one in steps] == [None, *order[:-1]]
        assert [(one.ahead, one.matched) for one in steps] == [(at, len(order)) for at in range(len(order))]


async def test_whoever_has_decided_goes_on_from_there(as_role: AsRole, database: Settings) -> None:
    walidata, pic = await as_role("walidata", name="penguji"), await as_role("pic", MOJOROTO)
    made = [await submitted(pic, a_feature(112.0016 + number / 1000, name=f"P{number}")) for number in range(3)]
    first, second, third = (UUID(one["properties"]["revision"]) for one in made)
    assert (await walidata.post(decision_of(made[1]), json=PUBLISH)).status_code == 200
    async with acting(database) as (session, actor):
        steps = await walking.steps_around(session, actor, Wanted(), second)
    assert steps == walking.QueueSteps(2, 1, first, third)


async def test_what_lies_around_is_told_with_what_may_be_the_same(as_role: AsRole, database: Settings) -> None:
    walidata, pic = await as_role("walidata", name="penguji"), await as_role("pic", MOJOROTO)
    lon, lat = IN_MOJOROTO
    await published(pic, walidata, a_feature(lon + 0.0001, lat, name="Posyandu Melati 1"))
    await submitted(pic, a_feature(lon + 0.0002, lat, name="Balai Warga"))
    await submitted(pic, a_feature(lon + 0.0003, lat, name=None, jenis=None, rt="1", rw="2"), "rt")
    await submitted(pic, a_feature(lon + 0.003, lat, name="Posyandu Melati 3"))
    here = await submitted(pic, a_feature(lon, lat, name="Posyandu Melati"))
    async with acting(database) as (session, _):
        found = await nearby.points_around(session, UUID(here["properties"]["revision"]))
    assert [(one["name"], one["is_alike"], one["state"], one["category"]) for one in found] == [
        ("Posyandu Melati 1", True, "published", "posyandu"),
        ("Balai Warga", False, "submitted", "posyandu"),
        ("RT 01 RW 02", False, "submitted", "rt"),
    ]
    assert [round(one["distance_m"]) for one in found] == [11, 22, 33]


async def test_a_point_shows_its_newest_state_once(as_role: AsRole, database: Settings) -> None:
    walidata, pic = await as_role("walidata", name="penguji"), await as_role("pic", MOJOROTO)
    lon, lat = IN_MOJOROTO
    other = await published(pic, walidata, a_feature(lon + 0.0001, lat, name="Lama"))
    await changed(pic, other, {"properties": {"name": "Baru"}})
    here: dict[str, Any] = await submitted(pic, a_feature(lon, lat))
    async with acting(database) as (session, _):
        found = await nearby.points_around(session, UUID(here["properties"]["revision"]))
    assert [(one["name"], one["state"]) for one in found] == [("Baru", "submitted")]
