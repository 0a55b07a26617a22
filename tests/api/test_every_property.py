"""Every item has every property of its schema, null where nothing is known, in every form; and collections say when their items are of."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import orjson
import pytest

from app.connections import open_once
from app.published import projection
from app.settings import Settings
from tests.api.test_changes import firm
from tests.conftest import AsRole, Client
from tests.factories import MOJOROTO, a_feature, code_of, execute, published

pytestmark = pytest.mark.anyio

COLLECTIONS = ("posyandu", "rt", "points", "kelurahan")


@pytest.fixture
async def world(as_role: AsRole) -> Client:
    """A posyandu of which little is known, one of which more is, an RT, whose address is internal; a client of the internal half."""
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    await published(pic, walidata, a_feature(jenis=None))
    more: dict[str, Any] = {"address": "Jalan Veteran 1", "captured_at": "2026-02-03T04:05:06.789Z", "kader_aktif": 7}
    await published(pic, walidata, a_feature(112.003, name="Posyandu Anggrek", **more))
    rt = a_feature(112.0020, name=None, jenis=None, rt="3", rw="1", address="Jalan Rahasia 2", captured_at="2026-03-04T05:06:07Z")
    await published(pic, walidata, rt, "rt")
    return await as_role("opd")


async def names_of(reader: Client, collection: str) -> list[str]:
    schema = (await reader.get(f"/collections/{collection}/schema")).json()
    return [name for name in schema["properties"] if name not in ("id", "geometry")]


async def features_of(reader: Client, collection: str, query: str = "") -> list[dict[str, Any]]:
    page = (await reader.get(f"/collections/{collection}/items?{query}")).json()
    features: list[dict[str, Any]] = page["features"]
    assert features
    return features


def lines(text: str) -> Iterator[Any]:
    return (orjson.loads(line) for line in text.split("\x1e") if line.strip())


@pytest.mark.parametrize("half", ["published", "internal"])
@pytest.mark.parametrize("collection", COLLECTIONS)
async def test_every_form_has_every_property_of_the_schema(client: Client, world: Client, collection: str, half: str) -> None:
    reader = client if half == "published" else world
    wanted = await names_of(reader, collection)
    features = await features_of(reader, collection)
    for one in features:
        assert set(one["properties"]) == set(wanted)
    for one in lines((await reader.get(f"/collections/{collection}/items?f=geojsonseq")).text):
        assert set(one["properties"]) == {*wanted, "id"}
    alone = (await reader.get(f"/collections/{collection}/items/{features[0]['id']}")).json()
    assert alone["properties"] == features[0]["properties"]
    table = csv.DictReader(io.StringIO((await reader.get(f"/collections/{collection}/items?f=csv")).text.lstrip("\ufeff")))
    assert [name for name in table.fieldnames or () if name in wanted] == wanted


async def test_the_feed_has_every_property_too(client: Client, world: Client) -> None:
    await firm(client)
    for reader in (client, world):
        changes = (await reader.get("/changes")).json()["changes"]
        assert {change["category"] for change in changes} == {"posyandu", "rt"}
        for change in changes:
            assert set(change["feature"]["properties"]) == set(await names_of(reader, change["category"]))


@pytest.mark.parametrize("collection", COLLECTIONS)
async def test_items_are_as_the_linked_schema_of_the_feature_says(client: Client, world: Client, collection: str) -> None:
    for reader in (client, world):
        links = (await reader.get(f"/collections/{collection}")).json()["links"]
        (described_by,) = (link for link in links if link["rel"] == "describedby")
        answer = await reader.get(described_by["href"])
        assert (described_by["type"], answer.headers["content-type"]) == ("application/schema+json", "application/schema+json")
        schema = answer.json()
        assert schema["$id"] == described_by["href"]
        for feature in await features_of(reader, collection):
            jsonschema_rs.Draft202012Validator(schema).validate(feature)
    assert set(schema["properties"]["properties"]["properties"]) == set(await names_of(world, collection))


async def test_an_internal_property_is_no_property_of_the_public_collection(client: Client, world: Client) -> None:
    """It is one of all points together, where others have it."""
    assert "address" not in (await features_of(client, "rt"))[0]["properties"]
    (rt,) = [one for one in await features_of(client, "points") if one["properties"]["category"] == "rt"]
    assert rt["properties"]["address"] is None
    assert (await features_of(world, "rt"))[0]["properties"]["address"] == "Jalan Rahasia 2"


@pytest.mark.usefixtures("world")
async def test_chosen_properties_are_these_and_no_others(client: Client) -> None:
    for feature in await features_of(client, "posyandu", "properties=name,strata"):
        assert feature["properties"] == {"name": feature["properties"]["name"], "strata": None}
        alone = await client.get(f"/collections/posyandu/items/{feature['id']}?properties=strata")
        assert alone.json()["properties"] == {"strata": None}
    assert code_of(await client.get(f"/collections/posyandu/items/{feature['id']}?properties=tempat")) == (400, "parameter-invalid")
    assert code_of(await client.get(f"/collections/posyandu/items/{feature['id']}?strata=mandiri")) == (400, "parameter-invalid")


@pytest.mark.usefixtures("world")
async def test_a_property_that_is_added_is_in_every_item_after_a_rebuild(client: Client, database: Settings) -> None:
    add = "attribute_schema = jsonb_set(attribute_schema, '{properties,warna}', '{\"type\": \"string\"}')"
    remove = "attribute_schema = attribute_schema #- '{properties,warna}'"
    found = []
    for change in (add, remove):
        async with open_once(database.owner_dsn) as session:
            await execute(session, f"UPDATE titik.category SET {change}, version = version + 1 WHERE id = 'posyandu'")
            await projection.rebuild(session)
        # Not told by NOTIFY a moment later.
        await client._transport.app.state.services.catalogue.refresh()  # type: ignore[attr-defined]
        lines_of = (await client.get("/collections/posyandu/items?f=geojsonseq")).text
        found.append(["warna" in one["properties"] for one in lines(lines_of)])
    assert found == [[True, True], [False, False]]


@pytest.mark.usefixtures("world")
async def test_a_page_for_people_shows_what_is_known(client: Client) -> None:
    for feature in await features_of(client, "posyandu"):
        page = (await client.get(f"/collections/posyandu/items/{feature['id']}?f=html")).text
        assert "Strata" not in page
        assert "None" not in page


async def test_a_collection_announces_from_when_to_when_its_items_are(client: Client, world: Client) -> None:
    times = {one["id"]: one["extent"].get("temporal") for one in (await client.get("/collections")).json()["collections"]}
    of_rt, of_posyandu = "2026-03-04T05:06:07Z", "2026-02-03T04:05:06Z"
    assert times["posyandu"] == {
        "interval": [[of_posyandu, of_posyandu]],
        "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian",
    }
    assert times["points"]["interval"] == [[of_posyandu, of_rt]]
    assert (times["kelurahan"], times["kantor_kelurahan"]) == (None, None)
    assert (await world.get("/collections/rt")).json()["extent"]["temporal"]["interval"] == [[of_rt, of_rt]]
