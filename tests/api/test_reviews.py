"""The walidata decides: who may, when, only once; and what of it becomes public."""

import asyncio
import re

import mapbox_vector_tile
import pytest

from app.connections import open_once
from app.db import WriteSession
from app.errors import Forbidden
from app.published import projection
from app.settings import Settings
from app.uuid7 import uuid7
from tests.conftest import AsRole, Client
from tests.factories import (
    BUJEL,
    MOJOROTO,
    NGAMPEL,
    PUBLISH,
    a_feature,
    code_of,
    decision_of,
    execute,
    published,
    submitted,
    tile_of,
    value,
)  # fmt: skip

pytestmark = pytest.mark.anyio


# -- deciding


async def test_publishing_answers_what_became_of_it_and_is_private(as_role: AsRole) -> None:
    feature = await submitted(await as_role("pic", MOJOROTO), a_feature())
    decided = await (await as_role("walidata")).post(decision_of(feature), json=PUBLISH)
    assert decided.json() == {
        "revision": feature["properties"]["revision"],
        "point": feature["id"],
        "state": "published",
        "version": 1,
    }
    assert decided.headers["cache-control"] == "private, no-store"


async def test_returning_needs_a_reason_and_publishes_nothing(as_role: AsRole, client: Client, owner: WriteSession) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    feature = await submitted(pic, a_feature())
    assert code_of(await walidata.post(decision_of(feature), json={"decision": "return"})) == (422, "body-invalid")
    returned = await walidata.post(decision_of(feature), json={"decision": "return", "reason": "Foto kurang jelas"})
    assert (returned.status_code, returned.json()["state"]) == (200, "returned")
    path = f"/collections/posyandu/items/{feature['id']}"
    assert (await pic.get(path)).json()["properties"]["state"] == "returned"
    assert (await client.get(path)).status_code == 404
    assert code_of(await walidata.post(decision_of(feature), json=PUBLISH)) == (409, "revision-decided")
    assert await value(owner, "SELECT count(*) FROM internal.item") == 0


async def test_nobody_decides_on_an_entry_of_their_own(as_role: AsRole, database: Settings) -> None:
    walidata = await as_role("walidata")
    feature = await submitted(walidata, a_feature(kelurahan=MOJOROTO))
    for decision in (PUBLISH, {"decision": "return", "reason": "Salah"}):
        assert code_of(await walidata.post(decision_of(feature), json=decision)) == (403, "own-revision")
    # The second line: even the owner of the table cannot make it so.
    with pytest.raises(Forbidden, match="own-revision"):
        async with open_once(database.owner_dsn) as session:
            await execute(session, "UPDATE titik.revision SET state = 'published', decided_by = created_by, decided_at = now()")
    assert (await (await as_role("walidata")).post(decision_of(feature), json=PUBLISH)).status_code == 200


async def test_a_pic_may_not_decide(as_role: AsRole) -> None:
    feature = await submitted(await as_role("pic", MOJOROTO), a_feature())
    other = await as_role("pic", MOJOROTO)
    assert code_of(await other.post(decision_of(feature), json=PUBLISH)) == (403, "action-forbidden")
    assert (await (await as_role("walidata")).post(decision_of(feature), json=PUBLISH)).status_code == 200


async def test_what_was_decided_cannot_be_decided_again(as_role: AsRole, owner: WriteSession) -> None:
    walidata = await as_role("walidata")
    feature = await published(await as_role("pic", MOJOROTO), walidata, a_feature())
    for decision in (PUBLISH, {"decision": "return", "reason": "Terlambat"}):
        again = await walidata.post(decision_of(feature), json=decision)
        assert (*code_of(again), again.json()["state"]) == (409, "revision-decided", "published")
    assert await value(owner, "SELECT count(*) FROM published.item") == 1
    assert await value(owner, "SELECT version FROM published.collection WHERE category = 'posyandu'") == 1


async def test_of_two_reviewers_at_once_one_decides(as_role: AsRole, owner: WriteSession) -> None:
    pic, first, second = await as_role("pic", MOJOROTO), await as_role("walidata"), await as_role("walidata")
    returning = {"decision": "return", "reason": "Ragu"}
    for decisions in ((PUBLISH, PUBLISH), (PUBLISH, returning), (returning, PUBLISH)) * 3:
        feature = await submitted(pic, a_feature())
        pairs = zip((first, second), decisions, strict=True)
        answers = await asyncio.gather(*(who.post(decision_of(feature), json=decision) for who, decision in pairs))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert await value(owner, "SELECT count(*) FROM titik.audit WHERE action IN ('revision.publish', 'revision.return')") == 9
    published_now = await value(owner, "SELECT count(*) FROM titik.revision WHERE state = 'published'")
    assert await value(owner, "SELECT count(*) FROM published.item") == published_now


async def test_a_revision_that_nobody_knows_is_not_found(as_role: AsRole) -> None:
    assert code_of(await (await as_role("walidata")).post(f"/reviews/{uuid7()}/decision", json=PUBLISH)) == (404, "revision-unknown")


async def test_every_decision_is_recorded_with_who_and_what(as_role: AsRole, owner: WriteSession) -> None:
    feature = await published(await as_role("pic", MOJOROTO), await as_role("walidata", name="penguji"), a_feature())
    entry = await value(
        owner,
        "SELECT jsonb_build_array(c.name, a.kelurahan, a.detail) FROM titik.audit a JOIN titik.account c ON c.id = a.account_id"
        " WHERE a.action = 'revision.publish' AND a.subject = :revision",
        revision=feature["properties"]["revision"],
    )
    detail = {"kind": "point", "category": "posyandu", "point": feature["id"], "version": 1}
    written = entry[2].pop("sha256")
    assert entry == ["penguji", MOJOROTO, detail]
    assert re.fullmatch("[0-9a-f]{64}", written)
    assert await value(owner, "SELECT payload FROM titik.outbox WHERE type = 'revision.publish'") == detail
    # Columns of their own: nobody has to look for the point.
    for table, condition in (("outbox", "type"), ("audit", "action")):
        found = f"SELECT jsonb_build_array(kind, category, kelurahan) FROM titik.{table} WHERE {condition} = 'revision.publish'"
        assert await value(owner, found) == ["point", "posyandu", MOJOROTO]


# -- what is public


async def test_what_waits_for_review_is_in_no_list_and_no_tile(as_role: AsRole, client: Client, owner: WriteSession) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    waiting, returned = await submitted(pic, a_feature()), await submitted(pic, a_feature(name="Posyandu Mawar"))
    await walidata.post(decision_of(returned), json={"decision": "return", "reason": "Ganda"})
    lon, lat = waiting["geometry"]["coordinates"]
    for reader in (client, pic, walidata, await as_role("opd")):
        assert (await reader.get("/collections/posyandu/items")).json()["features"] == []
        assert (await reader.get(f"/collections/posyandu/tiles/WebMercatorQuad/{tile_of(lon, lat, 14)}")).content == b""
    for feature in (waiting, returned):
        assert (await client.get(f"/collections/posyandu/items/{feature['id']}")).status_code == 404
    assert await value(owner, "SELECT (SELECT count(*) FROM published.item) + (SELECT count(*) FROM internal.item)") == 0


# Each would be rounded to 112.010, -7.805 or the like, which is next door or on an edge.
NEAR_EDGES = [(112.0104, -7.8051), (112.0202, -7.80004), (112.0106, -7.80996)]


async def test_the_public_place_of_an_rt_is_rounded_and_within_its_kelurahan(
    grid: Settings, as_role: AsRole, client: Client, owner: WriteSession
) -> None:
    pic, walidata = await as_role("pic", BUJEL), await as_role("walidata")
    for number, (lon, lat) in enumerate(NEAR_EDGES, 1):
        await published(pic, walidata, a_feature(lon, lat, name=None, jenis=None, rt=str(number), rw="1"), "rt")
    shown = sorted((await client.get("/collections/rt/items")).json()["features"], key=lambda feature: feature["properties"]["rt"])
    assert len(shown) == len(NEAR_EDGES)
    for feature, exact in zip(shown, NEAR_EDGES, strict=True):
        lon, lat = feature["geometry"]["coordinates"]
        assert (lon, lat) == (round(lon, 3), round(lat, 3)) != exact
        assert max(abs(lon - exact[0]), abs(lat - exact[1])) < 0.0016
        assert await value(
            owner,
            "SELECT ST_Covers(b.geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)) FROM titik.boundary b"
            " JOIN titik.boundary_edition e ON e.id = b.edition_id AND e.active WHERE b.region_code = :code",
            lon=lon, lat=lat, code=BUJEL,
        )  # fmt: skip
    # What every other column and the tile tell is rounded likewise.
    assert await value(owner, "SELECT count(*) FROM published.item p JOIN titik.revision r ON r.point_id = p.id WHERE p.geom = r.geom") == 0
    assert await value(owner, "SELECT bool_and(ST_Transform(geom, 3857) = geom_mercator) FROM published.item")


async def test_the_address_of_an_rt_is_internal(as_role: AsRole, client: Client, owner: WriteSession) -> None:
    address, exact = "Jalan-Veteran-17", (112.00163, -7.80412)
    feature = a_feature(*exact, name=None, jenis=None, rt="3", rw="1", address=address)
    point = await published(await as_role("pic", MOJOROTO), await as_role("walidata"), feature, "rt")
    public = await client.get(f"/collections/rt/items/{point['id']}")
    assert (public.json()["properties"]["name"], "address" in public.json()["properties"]) == ("RT 03 RW 01", False)
    tile = await client.get(f"/collections/rt/tiles/WebMercatorQuad/{tile_of(*exact, 14)}")
    (drawn,) = mapbox_vector_tile.decode(tile.content)["rt"]["features"]
    assert "address" not in drawn["properties"]
    for content in (public.content, tile.content, (await client.get("/collections/rt/items")).content):
        assert address.encode() not in content
        assert b"112.00163" not in content
    assert await value(owner, "SELECT count(*) FROM published.item WHERE item::text LIKE '%' || :address || '%'", address=address) == 0
    internal = "SELECT jsonb_build_array(properties ->> 'address', feature::jsonb -> 'properties' ->> 'address', ST_X(geom), ST_Y(geom))"
    assert await value(owner, f"{internal} FROM internal.item") == [address, address, *exact]


async def test_a_field_that_the_category_keeps_internal_is_not_public(as_role: AsRole, client: Client, owner: WriteSession) -> None:
    await published(await as_role("pic", MOJOROTO), await as_role("walidata"), a_feature(tempat="rumah_warga", strata="madya"))
    page = await client.get("/collections/posyandu/items")
    assert page.json()["features"][0]["properties"]["strata"] == "madya"
    assert "rumah_warga" not in page.text
    assert await value(owner, "SELECT properties ->> 'tempat' FROM internal.item") == "rumah_warga"


@pytest.mark.parametrize("half", ["published", "internal"])
async def test_rebuilding_makes_the_very_same_rows(grid: Settings, as_role: AsRole, half: str) -> None:
    pic, walidata = await as_role("pic", MOJOROTO, BUJEL, NGAMPEL), await as_role("walidata")
    await published(pic, walidata, a_feature(112.005, -7.805, captured_at="2026-11-22T08:30:00.25+07:00", accuracy_m=7.25, tempat="balai"))
    await published(pic, walidata, a_feature(112.0152, -7.805, kelurahan=MOJOROTO, override_reason="Gedung pinjaman"))
    for number, (lon, lat) in enumerate(NEAR_EDGES, 1):
        rt = a_feature(lon, lat, kelurahan=BUJEL, name=None, jenis=None, rt=str(number), rw="1", address="Jalan Veteran")
        await published(pic, walidata, rt, "rt")
    rows = f"SELECT jsonb_agg(to_jsonb(item) || jsonb_build_object('row', item::text) ORDER BY id) FROM {half}.item"
    async with open_once(grid.owner_dsn) as session:
        before = await value(session, rows)
        await execute(session, f"UPDATE {half}.item SET name = 'rusak', feature = '{{}}'")
        assert await projection.rebuild(session) == len(before) == 2 + len(NEAR_EDGES)
        assert await value(session, rows) == before


async def test_the_queue_shows_what_waits_and_pages_through_it(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    posted = [(await pic.post("/collections/posyandu/items", json=a_feature(name=f"Posyandu {number}"))).json() for number in range(5)]
    await walidata.post(decision_of(posted[0]), json=PUBLISH)

    seen, url = [], "/reviews?limit=2"
    while url:
        page = (await walidata.get(url)).json()
        seen += page["reviews"]
        url = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
    assert [review["revision"] for review in seen] == [feature["properties"]["revision"] for feature in posted[1:]]
    assert seen[0]["placement"]["verdict"] == "inside"
    assert (await walidata.get("/reviews?kelurahan=35.71.01.1006")).json()["reviews"] == []
    assert [(await who.get("/reviews")).status_code for who in (pic, await as_role("opd"))] == [403, 403]
    assert (await walidata.get("/reviews?limit=x")).status_code == 400
