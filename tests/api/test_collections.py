"""The collections and what they say of themselves; for whom what is shown, and for how long it may be kept."""

from collections.abc import AsyncIterator
from typing import Any

import jsonschema_rs
import pytest

from app.connections import open_once
from app.exports.formats import FORMATS
from app.settings import Settings
from tests.conftest import AsRole, Client
from tests.factories import MOJOROTO, a_feature, execute, published

pytestmark = pytest.mark.anyio

OGC = "http://www.opengis.net/def/rel/ogc/1.0"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
INTERNAL = """
    INSERT INTO titik.category (id, title, description, attribute_schema, required, natural_key, cardinality, field_visibility, audience)
    VALUES ('gudang', '{"id": "Gudang", "en": "Depots"}', '{"id": "Dalam", "en": "Inside"}',
            '{"type": "object", "properties": {"isi": {"type": "integer", "title": "Isi", "maximum": 9}}}', '{name}', '{}', 'many', '{}', 'internal')
"""


@pytest.fixture
async def internal(database: Settings) -> AsyncIterator[None]:
    """A category that only the city's offices may know of."""
    async with open_once(database.owner_dsn) as session:
        await execute(session, INTERNAL)
    yield
    async with open_once(database.owner_dsn) as session:
        await execute(session, "DELETE FROM titik.category WHERE id = 'gudang'")


def link_of(document: dict[str, Any], rel: str, media_type: str | None = None) -> str:
    found: str = next(link["href"] for link in document["links"] if link["rel"] == rel and media_type in (None, link["type"]))
    return found


async def test_a_collection_tells_where_it_is_how_far_it_reaches_and_in_which_crs(client: Client) -> None:
    one = (await client.get("/collections/posyandu")).json()
    assert (one["id"], one["itemType"], one["attribution"]) == ("posyandu", "feature", "Pemerintah Kota Kediri")
    assert one["extent"]["spatial"]["crs"] == CRS84
    assert one["crs"][0] == one["storageCrs"] == CRS84
    assert {f"http://www.opengis.net/def/crs/EPSG/0/{code}" for code in (4326, 3857, 32749, 23836)} <= set(one["crs"])
    formats = {link["type"] for link in one["links"] if link["rel"] == "items"}
    assert formats == {"application/geo+json", "text/html", *(one.media_type for one in FORMATS.values())}
    for crs in one["crs"]:
        assert (await client.get("/collections/posyandu/items", params={"crs": crs})).status_code == 200


async def test_every_link_of_every_collection_leads_to_what_it_says(client: Client, as_role: AsRole) -> None:
    await published(await as_role("pic", MOJOROTO), await as_role("walidata"), a_feature())
    for one in (await client.get("/collections")).json()["collections"]:
        for link in one["links"]:
            if not link.get("templated"):
                answer = await client.get(link["href"], headers={"Accept": "*/*"})
                assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, link["type"].partition(";")[0]), link


@pytest.mark.parametrize("kind", ["queryables", "schema"])
async def test_what_can_be_asked_and_what_items_have_is_json_schema(client: Client, as_role: AsRole, kind: str) -> None:
    await published(await as_role("pic", MOJOROTO), await as_role("walidata"), a_feature(kader_aktif=5, captured_at="2026-01-15T08:00:00Z"))
    answer = await client.get(link_of((await client.get("/collections/posyandu")).json(), f"{OGC}/{kind}"))
    schema = answer.json()
    assert answer.headers["content-type"] == "application/schema+json"
    jsonschema_rs.meta.validate(schema)
    assert (schema["$id"], schema["additionalProperties"]) == (str(answer.url), False)
    feature = (await client.get("/collections/posyandu/items")).json()["features"][0]
    jsonschema_rs.Draft202012Validator(schema).validate({name: value for name, value in feature["properties"].items() if value is not None})
    assert schema["properties"]["jenis"]["enum"] == ["balita", "lansia", "remaja", "ilp"]
    roles = {name: one["x-ogc-role"] for name, one in schema["properties"].items() if "x-ogc-role" in one}
    common = {"geometry": "primary-geometry", "captured_at": "primary-instant"}
    assert roles == (common if kind == "queryables" else {**common, "id": "id", "category": "type"})
    english = (await client.get(str(answer.url), headers={"Accept-Language": "en"})).json()
    assert (english["properties"]["jenis"]["title"], schema["properties"]["jenis"]["title"]) == ("Kind", "Jenis")


async def test_every_queryable_can_be_asked_for(client: Client) -> None:
    values = {"string": "a", "number": "1", "integer": "1", "boolean": "true"}
    for one in (await client.get("/collections")).json()["collections"]:
        category = "posyandu" if one["id"] == "points" else one["id"]
        code, bps_code = (MOJOROTO, "3571010008") if one["id"] == "kelurahan" else ("35.71.01", "3571010")
        known = {
            "category": category,
            "code": code,
            "bps_code": bps_code,
            "kelurahan": MOJOROTO,
            "kelurahan_name": "Mojoroto",
            "kecamatan": "Mojoroto",
            "period": "2025",
        }
        known |= {"name": "Mojoroto", "rt": "1", "rw": "1"}
        schema = (await client.get(f"/collections/{one['id']}/queryables")).json()
        for name, of in schema["properties"].items():
            if name != "geometry" and of["type"] != "array":
                at = {"date": "2026-01-01", "date-time": "2026-01-01T00:00:00Z"}.get(of.get("format", ""), values[of["type"]])
                value = of["enum"][0] if "enum" in of else known.get(name, at)
                answer = await client.get(f"/collections/{one['id']}/items", params={name: value})
                assert answer.status_code == 200, (one["id"], name, answer.text)


@pytest.mark.usefixtures("internal")
async def test_the_offices_of_the_city_see_what_is_internal_and_nobody_keeps_it(client: Client, as_role: AsRole) -> None:
    public = [one["id"] for one in (await client.get("/collections")).json()["collections"]]
    assert public == ["points", "kantor_kelurahan", "pos_kamling", "posyandu", "rt", "kelurahan", "kecamatan", "profiles", "profile_values"]
    for path in ("", "/queryables", "/schema", "?f=html"):
        assert (await client.get(f"/collections/gudang{path}")).status_code == 404
    for role, code in (("opd", ()), ("pembina", ()), ("walidata", ()), ("pic", (MOJOROTO,))):
        office = await as_role(role, *code)
        answer = await office.get("/collections")
        assert [one["id"] for one in answer.json()["collections"]] == ["points", "gudang", *public[1:]]
        for path in ("/collections", "/collections/gudang", "/collections/gudang/schema", "/collections/rt/queryables?f=html", "/"):
            answer = await office.get(path)
            assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-store")
            assert "Authorization" in answer.headers["vary"]
            assert "etag" not in answer.headers
        assert (await office.get("/collections/gudang/schema")).json()["properties"]["isi"]["maximum"] == 9
        assert "address" in (await office.get("/collections/rt/queryables")).json()["properties"]
    assert "address" not in (await client.get("/collections/rt/queryables")).json()["properties"]
    assert [one["id"] for one in (await (await as_role("admin")).get("/collections")).json()["collections"]] == public


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/conformance",
        "/api",
        "/api.html",
        "/collections",
        "/collections/posyandu",
        "/collections/rt/queryables",
        "/collections/rt/schema",
    ],
)
async def test_what_has_not_changed_is_not_sent_again(client: Client, path: str) -> None:
    seen = set()
    for accept in ("application/json", "text/html"):
        for language in ("id", "en"):
            asking = {"Accept": accept, "Accept-Language": language}
            first = await client.get(path, headers=asking)
            again = await client.get(path, headers={**asking, "If-None-Match": first.headers["etag"]})
            assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
            assert first.headers["cache-control"].startswith("public")
            assert again.headers["vary"] == first.headers["vary"]
            seen.add((first.headers["etag"], first.content))
    assert len({etag for etag, _ in seen}) == len(seen), "one tag for two bodies"


async def test_another_edition_is_another_version(client: Client, grid: Settings) -> None:
    tags = {}
    for path in ("/", "/collections", "/collections/rt?f=html"):
        tags[path] = (await client.get(path)).headers["etag"]
    async with open_once(grid.owner_dsn) as session:
        await execute(session, "UPDATE titik.category SET version = version + 1 WHERE id = 'rt'")
    await client._transport.app.state.services.catalogue.refresh()  # type: ignore[attr-defined]
    for path, tag in tags.items():
        assert (await client.get(path, headers={"If-None-Match": tag})).status_code == 200
