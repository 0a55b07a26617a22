"""Categories as data: adding, reading, changing, refusing; what becomes of collections, tiles, files, feed and caches."""

import asyncio
import copy
import csv
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import mapbox_vector_tile
import openpyxl
import pytest

from app.connections import open_once
from app.definitions import queries, showing
from app.definitions.working import work
from app.main import create_app
from app.points import service as points
from app.published import projection
from app.settings import Settings
from app.statement import Statement
from tests.api.test_changes import firm
from tests.conftest import AsRole, Client
from tests.factories import (
    BUJEL,
    IN_MOJOROTO,
    MOJOROTO,
    PUBLISH,
    a_feature,
    code_of,
    decision_of,
    published,
    running,
    submitted,
    tile_of,
    value,
)
from tests.photographs import a_photo

pytestmark = pytest.mark.anyio

TAMAN: dict[str, Any] = {
    "id": "taman",
    "title": {"id": "Taman", "en": "Parks"},
    "description": {"id": "Taman kota dan lapangan.", "en": "City parks and fields."},
    "required": ["name"],
    "natural_key": ["nomor_aset"],
    "field_visibility": {"penjaga": "internal"},
    "public_decimals": None,
    "colour": "#118833",
    "icon": "T",
    "expected_count": 46,
    "attribute_schema": {
        "type": "object",
        "properties": {
            "zona": {"type": "string", "title": "Zona", "x-title-en": "Zone", "enum": ["aktif", "pasif"]},
            "bangku": {"type": "integer", "title": "Jumlah bangku", "minimum": 0, "maximum": 500},
            "nomor_aset": {"type": "string", "title": "Nomor aset", "maxLength": 30},
            "penjaga": {"type": "string", "title": "Penjaga", "maxLength": 100},
            "fasilitas": {"type": "array", "title": "Fasilitas", "items": {"type": "string", "maxLength": 50}, "maxItems": 10},
        },
    },
}


def taman(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(TAMAN), **changes}


def with_attribute(definition: dict[str, Any], name: str, schema: dict[str, Any] | None) -> dict[str, Any]:
    """The definition with another schema of one attribute; None takes it out."""
    changed = copy.deepcopy(definition)
    properties = changed["attribute_schema"]["properties"]
    properties.pop(name, None)
    if schema is not None:
        properties[name] = schema
    return changed


def a_park(name: str = "Taman Sekartaji", lon: float = IN_MOJOROTO[0], lat: float = IN_MOJOROTO[1], **properties: Any) -> dict[str, Any]:
    feature = a_feature(lon, lat, name=name, jenis=None)
    feature["properties"] |= {"zona": "aktif", "bangku": 12, "penjaga": "pos timur", **properties}
    return feature


@pytest.fixture
async def admin(as_role: AsRole) -> Client:
    return await as_role("admin")


@pytest.fixture
async def parks(admin: Client) -> Client:
    """The administrator, who has added the category."""
    added = await admin.post("/categories", json=TAMAN)
    assert added.status_code == 201, added.text
    return admin


@pytest.fixture
async def other_worker(database: Settings, service: httpx.ASGITransport) -> AsyncIterator[Client]:
    """Another process's view: an application of its own on the same database."""
    app = create_app(database)
    async with running(app), Client(transport=httpx.ASGITransport(app=app), base_url="http://titik.test") as anybody:
        yield anybody


async def changed(admin: Client, definition: dict[str, Any], **parameters: str) -> httpx.Response:
    return await admin.put(
        f"/categories/{definition['id']}", json=definition, headers={"If-Match": "*"}, params={"show": "true"} | parameters
    )


async def test_nothing_hidden_is_shown_unless_that_is_meant(parks: Client, client: Client) -> None:
    for definition in (taman(field_visibility={}), {name: one for name, one in TAMAN.items() if name != "field_visibility"}):
        refused = await parks.put("/categories/taman", json=definition, headers={"If-Match": "*"})
        assert code_of(refused) == (409, "category-shows")
        assert "/field_visibility/penjaga" in refused.json()["detail"]
    assert "penjaga" not in (await client.get("/categories/taman")).json()["attribute_schema"]["properties"]
    assert (
        await parks.put("/categories/taman", json=taman(field_visibility={}), headers={"If-Match": "*"}, params={"show": "true"})
    ).is_success
    assert "penjaga" in (await client.get("/categories/taman")).json()["attribute_schema"]["properties"]


async def test_a_required_attribute_that_is_missing_is_named(parks: Client, as_role: AsRole) -> None:
    needed = with_attribute(TAMAN, "nomor", {"title": "Nomor", "type": "string"})
    needed["attribute_schema"]["required"] = ["nomor"]
    assert (await changed(parks, needed)).status_code == 200
    refused = await (await as_role("pic", MOJOROTO)).post("/collections/taman/items", json=a_park())
    assert [(one["pointer"], one["code"]) for one in refused.json()["errors"]] == [("/properties/nomor", "value-missing")]


async def test_the_public_sheet_has_no_hidden_attribute(parks: Client, client: Client, as_role: AsRole) -> None:
    hidden = taman(field_visibility={"penjaga": "restricted", "zona": "internal"})
    assert (await changed(parks, hidden)).status_code == 200
    for reader, has_hidden in ((client, False), (await as_role("pic", MOJOROTO), True)):
        book = openpyxl.load_workbook(io.BytesIO((await reader.get("/categories/taman/template.xlsx")).content))
        written = {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None}
        for name in ("zona", "penjaga"):
            title = TAMAN["attribute_schema"]["properties"][name]["title"]
            assert any(title in text for text in written) == has_hidden, (name, has_hidden)


# -- a new one


async def test_a_new_category_is_a_collection_a_tileset_a_sheet_and_a_target_of_imports_in_every_worker(
    admin: Client, client: Client, other_worker: Client, as_role: AsRole
) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    assert code_of(await other_worker.get("/collections/taman")) == (404, "collection-unknown")
    added = await admin.post("/categories", json=TAMAN)
    assert (added.status_code, added.headers["etag"], added.headers["location"]) == (201, '"1"', "http://titik.test/categories/taman")
    for worker in (client, other_worker):
        assert (await worker.get("/collections/taman")).json()["title"] == "Taman"
        assert "taman" in {one["id"] for one in (await worker.get("/collections")).json()["collections"]}
        assert {"zona", "bangku", "fasilitas"} <= set((await worker.get("/collections/taman/queryables")).json()["properties"])
        assert "penjaga" not in (await worker.get("/collections/taman/schema")).json()["properties"]
        assert (await worker.get("/collections/taman/tiles/WebMercatorQuad/tilejson.json")).status_code == 200
        assert (await worker.get("/categories/taman/template.xlsx")).status_code == 200
        api = (await worker.get("/api")).json()
        assert "/collections/taman/items" in api["paths"]
        assert "/categories/{category}" in api["paths"]
    park = await published(pic, walidata, a_park(), "taman")
    page = (await client.get("/collections/taman/items?zona=aktif")).json()
    assert [one["id"] for one in page["features"]] == [park["id"]]
    assert page["features"][0]["properties"]["bangku"] == 12
    assert "penjaga" not in page["features"][0]["properties"]
    sent = await pic.post("/imports?category=taman", content=b"Nama,Lintang,Bujur,Zona\nTaman B,-7.805,112.002,pasif\n")
    assert sent.status_code == 202, sent.text


async def test_the_same_again_is_no_second_category(parks: Client) -> None:
    again = await parks.post("/categories", json=TAMAN)
    assert (again.status_code, again.json()["version"]) == (200, 1)
    assert code_of(await parks.post("/categories", json=taman(title={"id": "Lapangan", "en": "Fields"}))) == (409, "category-there")


async def test_a_dry_run_of_a_new_one_stores_nothing(admin: Client) -> None:
    tried = await admin.post("/categories?dry_run=true", json=TAMAN)
    assert (tried.status_code, tried.json()["possible"]) == (200, True)
    assert (await admin.get("/categories/taman")).status_code == 404


async def test_it_is_read_as_it_was_written_and_can_be_sent_back(parks: Client) -> None:
    read = await parks.get("/categories/taman")
    assert (read.headers["etag"], read.headers["cache-control"]) == ('W/"1"', "private, no-store")
    body = read.json()
    assert list(body["attribute_schema"]["properties"]) == list(TAMAN["attribute_schema"]["properties"])
    assert {name: body[name] for name in ("id", "title", "required", "icon", "colour", "natural_key")} == {
        name: TAMAN[name] for name in ("id", "title", "required", "icon", "colour", "natural_key")
    }
    sent = await parks.put("/categories/taman", json=body, headers={"If-Match": read.headers["etag"]})
    assert (sent.status_code, sent.json()["version"]) == (200, 1)
    assert (await parks.get("/categories/taman", headers={"If-None-Match": '"1"'})).status_code == 304


async def test_every_shipped_category_can_be_sent_back(admin: Client) -> None:
    names = [one["id"] for one in (await admin.get("/categories")).json()["categories"]]
    assert {"rt", "posyandu", "pos_kamling", "kantor_kelurahan"} <= set(names)
    for name in names:
        read = await admin.get(f"/categories/{name}")
        sent = await admin.put(f"/categories/{name}?dry_run=true", json=read.json())
        assert sent.status_code == 200, sent.text
        assert sent.json()["possible"] is True


async def test_the_public_reads_public_categories_without_internal_fields(parks: Client, client: Client, as_role: AsRole) -> None:
    public = await client.get("/categories/taman")
    assert (public.headers["etag"], public.headers["vary"]) == ('"p1"', "Authorization, Cookie")
    assert "penjaga" not in public.text
    assert "penjaga" in (await (await as_role("opd")).get("/categories/taman")).text
    assert (await changed(parks, taman(audience="internal"))).status_code == 200
    assert code_of(await client.get("/categories/taman")) == (404, "category-unknown")
    assert "taman" not in (await client.get("/categories")).text
    assert (await (await as_role("pembina")).get("/categories/taman")).json()["audience"] == "internal"


async def test_who_may_what(parks: Client, client: Client, as_role: AsRole) -> None:
    for role, *kelurahan in (("pic", MOJOROTO), ("walidata",), ("opd",), ("pembina",)):
        somebody = await as_role(role, *kelurahan)
        assert (await somebody.post("/categories", json=taman(id="taman_lain"))).status_code == 403
        assert (await changed(somebody, TAMAN)).status_code == 403
        assert (await somebody.get("/categories/taman/versions")).status_code == 403
    assert (await client.post("/categories", json=TAMAN)).status_code == 401
    assert (await client.options("/categories")).headers["allow"] == "GET, HEAD, OPTIONS"
    assert (await parks.options("/categories")).headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert (await parks.options("/categories/taman")).headers["allow"] == "GET, HEAD, OPTIONS, PUT"
    assert (await client.head("/categories/taman")).status_code == 200
    assert code_of(await parks.delete("/categories/taman")) == (405, "method-not-allowed")


async def test_a_change_names_the_version_that_it_rests_on(parks: Client) -> None:
    assert code_of(await parks.put("/categories/taman", json=TAMAN)) == (428, "version-missing")
    renamed = taman(title={"id": "Taman kota", "en": "City parks"})
    assert (await parks.put("/categories/taman", json=renamed, headers={"If-Match": '"1"'})).headers["etag"] == '"2"'
    stale = await parks.put("/categories/taman", json=TAMAN, headers={"If-Match": '"1"'})
    assert (code_of(stale), stale.json()["version"]) == ((412, "category-stale"), 2)
    assert code_of(await changed(parks, taman(id="tidak_ada"))) == (404, "category-unknown")
    other_id = await parks.put("/categories/taman", json=taman(id="taman_lain"), headers={"If-Match": "*"})
    assert other_id.json()["errors"][0]["code"] == "category-id-differs"


async def test_every_version_is_kept_and_recorded(parks: Client, database: Settings) -> None:
    await changed(parks, taman(expected_count=50))
    versions = (await parks.get("/categories/taman/versions")).json()["versions"]
    assert [(one["version"], one["definition"]["expected_count"]) for one in versions] == [(2, 50), (1, 46)]
    assert {one["account"] for one in versions} == {"admin-0"}
    first = (await parks.get("/categories/taman/versions?limit=1")).json()
    (following,) = [one["href"] for one in first["links"] if one["rel"] == "next"]
    assert [one["version"] for one in (await parks.get(following)).json()["versions"]] == [1]
    async with open_once(database.owner_dsn) as session:
        recorded = await value(
            session,
            "SELECT jsonb_agg(action || ' ' || subject || ' ' || detail::text ORDER BY id) FROM titik.audit WHERE action LIKE 'category.%'",
        )
    assert recorded == ['category.add taman {"version": 1}', 'category.change taman {"version": 2}']


# -- what is refused


async def refused(admin: Client, definition: Any) -> set[tuple[str, str]]:
    answer = await admin.post("/categories", json=definition)
    assert answer.status_code == 422, answer.text
    assert (await admin.get("/categories/taman")).status_code == 404
    return {(one["pointer"], one["code"]) for one in answer.json()["errors"]}


@pytest.mark.parametrize("name", ["points", "kelurahan", "kecamatan", "profiles", "profile_values", "catalogue", "releases"])
async def test_reserved_names(admin: Client, name: str) -> None:
    assert await refused(admin, taman(id=name)) == {("/id", "category-id-reserved")}


@pytest.mark.parametrize("name", ["Taman", "1taman", "t", "taman kota", "taman-kota", "x" * 42])
async def test_names_that_are_none(admin: Client, name: str) -> None:
    ((pointer, _),) = await refused(admin, taman(id=name))
    assert pointer == "/id"


@pytest.mark.parametrize(
    ("schema", "code"),
    [
        ({"title": "A", "$ref": "http://127.0.0.1:9/schema.json"}, "schema-type"),
        ({"title": "A", "type": "string", "$ref": "http://127.0.0.1:9/schema.json"}, "schema-reference"),
        ({"title": "A", "type": "string", "pattern": "^(a+)+$"}, "pattern-backtracks"),
        ({"title": "A", "type": "string", "pattern": "(?=a)b"}, "pattern-backtracks"),
        ({"title": "A", "type": "string", "pattern": "(a)\\1"}, "pattern-backtracks"),
        ({"title": "A", "type": "string", "pattern": "("}, "pattern-unreadable"),
        ({"title": "A", "type": "object", "properties": {}}, "schema-type"),
        ({"title": "A", "type": ["string", "null"]}, "schema-type"),
        ({"title": "A", "type": "string", "oneOf": [{"minLength": 1}]}, "schema-word-unknown"),
        ({"title": "A", "type": "string", "minLength": 5, "maxLength": 2}, "schema-range"),
        ({"title": "A", "type": "string", "enum": []}, "schema-value"),
        ({"title": "A", "type": "string", "format": "hostname"}, "schema-value"),
        ({"title": "A", "type": "number", "minimum": "0"}, "schema-value"),
        ({"title": "A", "type": "array"}, "value-missing"),
        ({"title": "A", "type": "array", "items": {"type": "integer"}}, "schema-type"),
        ({"type": "string"}, "value-missing"),
    ],
)
async def test_schemas_beyond_the_subset(admin: Client, schema: dict[str, Any], code: str) -> None:
    found = await refused(admin, with_attribute(TAMAN, "baru", schema))
    assert {one for _, one in found} == {code}
    assert all(pointer.startswith("/attribute_schema/properties/baru") for pointer, _ in found)


@pytest.mark.parametrize("name", ["name", "kelurahan", "limit", "bbox", "lat", "photos", "dry_run"])
async def test_names_of_attributes_that_mean_something_else(admin: Client, name: str) -> None:
    found = await refused(admin, with_attribute(TAMAN, name, {"type": "string", "title": "A"}))
    assert found == {(f"/attribute_schema/properties/{name}", "attribute-name-taken")}


@pytest.mark.parametrize("name", ["Baru", "dua kata", "_x", "a/b", "a" * 41])
async def test_names_of_attributes_that_are_none(admin: Client, name: str) -> None:
    assert {code for _, code in await refused(admin, with_attribute(TAMAN, name, {"type": "string", "title": "A"}))} == {
        "attribute-name-invalid"
    }


async def test_a_schema_that_is_too_large(admin: Client) -> None:
    heavy = with_attribute(TAMAN, "baru", {"type": "string", "title": "A", "description": "x" * 400, "x-titik-note": "y" * 70_000})
    assert await refused(admin, heavy) == {("/attribute_schema", "schema-too-large")}
    huge = json.dumps(with_attribute(TAMAN, "baru", {"type": "string", "title": "A", "x-titik-note": "y" * 1_100_000}))
    assert code_of(await admin.post("/categories", content=huge, headers={"Content-Type": "application/json"})) == (413, "body-too-large")
    many = taman()
    many["attribute_schema"]["properties"] = {f"a{n}": {"type": "string", "title": "A"} for n in range(101)}
    many["natural_key"], many["field_visibility"] = [], {}
    assert await refused(admin, many) == {("/attribute_schema/properties", "schema-too-many")}


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"name_template": {"id": "Taman {zona}"}}, "/name_template/id", "template-field"),
        ({"name_template": {"id": "Taman {zona.__class__}"}}, "/name_template/id", "template-invalid"),
        ({"name_template": {"id": "Taman {0}"}}, "/name_template/id", "template-invalid"),
        ({"name_template": {"id": "Taman"}}, "/name_template/id", "template-field"),
        ({"required": []}, "/required", "name-nowhere"),
        ({"required": ["name", "state"]}, "/required/1", "field-not-there"),
        ({"natural_key": ["nomor"]}, "/natural_key/0", "field-not-there"),
        ({"field_visibility": {"kelurahan": "internal"}}, "/field_visibility/kelurahan", "field-not-there"),
        ({"colour": "red"}, "/colour", "colour-invalid"),
        ({"icon": "abc"}, "/icon", "icon-invalid"),
        ({"icon": "\u200d"}, "/icon", "icon-invalid"),
        ({"public_decimals": 9}, "/public_decimals", "number-too-large"),
        ({"audience": "secret"}, "/audience", "not-one-of"),
        ({"owner": "x"}, "/owner", "member-unknown"),
    ],
)
async def test_members_that_are_wrong(admin: Client, changes: dict[str, Any], pointer: str, code: str) -> None:
    assert await refused(admin, taman(**changes)) == {(pointer, code)}


async def test_a_name_is_made_of_required_attributes(admin: Client, as_role: AsRole) -> None:
    definition = taman(name_template={"id": "Taman {zona} {bangku}, RW {rw}"}, required=["rw"])
    definition["attribute_schema"]["required"] = ["zona", "bangku"]
    assert (await admin.post("/categories", json=definition)).status_code == 201
    pic = await as_role("pic", MOJOROTO)
    feature = a_park(rw="7")
    del feature["properties"]["name"]
    made = await submitted(pic, feature, "taman")
    assert made["properties"]["name"] == "Taman aktif 12, RW 07"


# -- what stored values would not fit


@pytest.fixture
async def park(parks: Client, as_role: AsRole) -> dict[str, Any]:
    """A published park of Mojoroto, and what changed of it is submitted by nobody yet."""
    assert parks is not None
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    return await published(pic, walidata, a_park(address="Jl. Veteran 1"), "taman")


NARROW = [
    (with_attribute(TAMAN, "zona", None), "/attribute_schema/properties/zona", "/zona"),
    (with_attribute(TAMAN, "zona", {"type": "string", "title": "Zona", "enum": ["pasif"]}), "/attribute_schema/properties/zona", "/zona"),
    (with_attribute(TAMAN, "bangku", {"type": "string", "title": "Bangku"}), "/attribute_schema/properties/bangku", "/bangku"),
    (
        with_attribute(TAMAN, "bangku", {"type": "integer", "title": "Bangku", "maximum": 10}),
        "/attribute_schema/properties/bangku",
        "/bangku",
    ),
    (
        with_attribute(TAMAN, "penjaga", {"type": "string", "title": "Penjaga", "pattern": "^[A-Z]"}),
        "/attribute_schema/properties/penjaga",
        "/penjaga",
    ),
    (taman(attribute_schema={**TAMAN["attribute_schema"], "required": ["fasilitas"]}), "/attribute_schema/required", "/fasilitas"),
    (taman(required=["name", "captured_at"]), "/required", "/captured_at"),
]


@pytest.mark.parametrize(("definition", "pointer", "field"), NARROW)
async def test_narrowing_what_has_values_is_refused_with_the_list(
    parks: Client, park: dict[str, Any], definition: dict[str, Any], pointer: str, field: str
) -> None:
    tried = await parks.put("/categories/taman?dry_run=true", json=definition)
    assert (tried.status_code, tried.json()["possible"]) == (200, False)
    assert {"pointer": pointer, "effect": "narrows"} in tried.json()["differences"]
    refusal = await changed(parks, definition)
    assert code_of(refusal) == (409, "category-misfits")
    assert refusal.json()["misfits"] == {"number": 1, "examples": [{"point": park["id"], "kelurahan": MOJOROTO, "fields": [field]}]}
    assert "pos timur" not in refusal.text
    assert (await parks.get("/categories/taman")).json()["version"] == 1


async def test_open_revisions_count_and_history_does_not(parks: Client, as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    draft = await pic.post("/collections/taman/items?draft=true", json=a_park())
    narrower = with_attribute(TAMAN, "zona", {"type": "string", "title": "Zona", "enum": ["pasif"]})
    assert (await changed(parks, narrower)).json()["misfits"]["number"] == 1
    assert (await pic.delete(f"/collections/taman/items/{draft.json()['id']}", headers={"If-Match": "*"})).status_code == 204
    assert (await changed(parks, narrower)).status_code == 200
    assert (await pic.post("/collections/taman/items", json=a_park())).status_code == 422


async def test_widening_is_immediate(parks: Client, park: dict[str, Any], client: Client, as_role: AsRole) -> None:
    wider = with_attribute(TAMAN, "luas", {"type": "number", "title": "Luas (m²)", "minimum": 0})
    tried = (await parks.put("/categories/taman?dry_run=true", json=wider)).json()
    assert (tried["possible"], tried["rewritten"], tried["at_once"]) == (True, 1, True)
    assert tried["differences"] == [{"pointer": "/attribute_schema/properties/luas", "effect": "widens"}]
    assert (await changed(parks, wider)).status_code == 200
    shown = (await client.get(f"/collections/taman/items/{park['id']}")).json()["properties"]
    assert (shown["luas"], shown["bangku"]) == (None, 12)
    pic = await as_role("pic", MOJOROTO)
    assert (await submitted(pic, a_park("Taman Lain", luas=12.5), "taman"))["properties"]["luas"] == 12.5


async def test_a_natural_key_that_two_points_share_is_refused(parks: Client, as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    for number in (1, 2):
        await submitted(pic, a_park(f"Taman {number}", IN_MOJOROTO[0] + number / 1000, rw="1"), "taman")
    refusal = await changed(parks, taman(natural_key=["kelurahan", "rw"]))
    assert (code_of(refusal), refusal.json()["misfits"]["number"]) == ((409, "category-misfits"), 2)
    assert refusal.json()["misfits"]["examples"][0]["fields"] == ["/kelurahan", "/rw"]
    assert code_of(await changed(parks, taman(cardinality="one_per_kelurahan"))) == (409, "category-misfits")


# -- who sees what


HIDDEN = "pasif-atau-aktif"


async def everything_public(worker: Client, park: dict[str, Any], cursor: str) -> dict[str, str]:
    """What anybody gets of the parks, decoded, by the way in which it was asked."""
    lon, lat = IN_MOJOROTO
    tile = await worker.get(f"/collections/taman/tiles/WebMercatorQuad/{tile_of(lon, lat, 14)}")
    packages = await worker.get("/collections/taman/items?f=gpkg")
    table = await worker.get("/collections/taman/items?f=csv")
    feed = (await worker.get(f"/changes?since={cursor}&limit=1000")).json()
    return {
        "page": (await worker.get("/collections/taman/items")).text,
        "box": (await worker.get("/collections/taman/items?bbox=111,-8,113,-7")).text,
        "points": (await worker.get("/collections/points/items")).text,
        "item": (await worker.get(f"/collections/taman/items/{park['id']}")).text,
        "html": (await worker.get("/collections/taman/items?f=html")).text,
        "filter": (await worker.get("/collections/taman/items?sortby=name&limit=5")).text,
        "search": json.dumps([one["id"] for one in (await worker.get("/collections/taman/items?q=Veteran")).json().get("features", [])]),
        "tile": json.dumps(mapbox_vector_tile.decode(tile.content), default=str) if tile.status_code == 200 and tile.content else "",
        "gpkg": packages.content.decode("latin-1") if packages.status_code == 200 else "",
        "csv": json.dumps(list(csv.reader(io.StringIO(table.text)))) if table.status_code == 200 else "",
        "feed": json.dumps(feed["changes"]),
        "queryables": (await worker.get("/collections/taman/queryables")).text,
        "schema": (await worker.get("/collections/taman/schema")).text,
        "api": json.dumps((await worker.get("/api")).json()["paths"].get("/collections/taman/items", {})),
    }


@pytest.fixture(params=["at once", "in steps"])
def bound(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Whether the items are made anew within the change, or in steps, as those of a large category."""
    if request.param == "in steps":
        monkeypatch.setattr(showing, "AT_ONCE", 0)
        monkeypatch.setattr("app.background.queueing.put", _never)
    return str(request.param)


async def _never(*_: object) -> None:
    """No worker takes the job up: the test looks at what is seen before it is done."""


async def finish(database: Settings, bound: str) -> None:
    if bound == "in steps":
        await work(database.service_dsn, "taman")


async def cursor_of(worker: Client) -> str:
    return str((await worker.get("/changes")).json()["next"])


async def test_a_hidden_attribute_is_gone_in_the_next_answer_of_every_worker(
    parks: Client, park: dict[str, Any], client: Client, other_worker: Client, database: Settings, bound: str
) -> None:
    cursor = await cursor_of(client)
    before = await everything_public(other_worker, park, cursor)
    assert '"zona":"aktif"' in before["page"].replace(": ", ":")
    etags = {
        path: (await other_worker.get(path)).headers["etag"]
        for path in ("/collections/taman/items", f"/collections/taman/items/{park['id']}")
    }
    hidden = taman(field_visibility={"penjaga": "internal", "zona": "internal"})
    assert (await changed(parks, hidden)).status_code == 200
    for _ in range(2):
        for worker in (other_worker, client):
            after = await everything_public(worker, park, cursor)
            assert {name for name, text in after.items() if '"zona"' in text or "zona" in text} == set()
            assert code_of(await worker.get("/collections/taman/items?zona=aktif")) == (400, "parameter-invalid")
            assert code_of(await worker.get("/collections/taman/items?filter=zona='aktif'"))[0] == 400
            for path, etag in etags.items():
                again = await worker.get(path, headers={"If-None-Match": etag})
                assert (again.status_code, again.headers["etag"] != etag) == (200, True)
        await finish(database, bound)


async def test_a_hidden_address_is_not_found_by_searching(
    parks: Client, park: dict[str, Any], client: Client, other_worker: Client, database: Settings, bound: str
) -> None:
    cursor = await cursor_of(client)
    assert park["id"] in (await everything_public(other_worker, park, cursor))["search"]
    assert (await changed(parks, taman(field_visibility={"address": "internal"}))).status_code == 200
    for _ in range(2):
        after = await everything_public(other_worker, park, cursor)
        assert {name for name, text in after.items() if "Veteran" in text} == set()
        assert after["search"] == "[]"
        await finish(database, bound)


async def test_a_restricted_field_leaves_the_internal_half_too(
    parks: Client, park: dict[str, Any], as_role: AsRole, database: Settings, bound: str
) -> None:
    opd = await as_role("opd")
    assert "pos timur" in (await opd.get("/collections/taman/items")).text
    assert (await changed(parks, taman(field_visibility={"penjaga": "restricted"}))).status_code == 200
    for _ in range(2):
        for path in (
            "/collections/taman/items",
            f"/collections/taman/items/{park['id']}",
            "/collections/taman/items?f=csv",
            "/collections/points/items",
        ):
            answer = await opd.get(path)
            assert (answer.status_code, "pos timur" in answer.text) == (200, False)
        await finish(database, bound)


async def test_an_internal_category_is_gone_for_the_public(
    parks: Client, park: dict[str, Any], client: Client, other_worker: Client, as_role: AsRole, database: Settings, bound: str
) -> None:
    cursor = await cursor_of(client)
    opd = await as_role("opd")
    assert (await changed(parks, taman(audience="internal"))).status_code == 200
    lon, lat = IN_MOJOROTO
    for _ in range(2):
        for path in ("/collections/taman", "/collections/taman/items", f"/collections/taman/items/{park['id']}", "/categories/taman"):
            assert (await other_worker.get(path)).status_code == 404
        assert park["id"] not in (await other_worker.get("/collections/points/items")).text
        assert (await other_worker.get(f"/collections/points/items/{park['id']}")).status_code == 404
        assert "taman" not in (await other_worker.get("/collections")).text
        for zoom in (6, 14):
            tile = await other_worker.get(f"/tiles/WebMercatorQuad/{tile_of(lon, lat, zoom)}")
            layers = mapbox_vector_tile.decode(tile.content)
            assert [one for name in ("points", "clusters") for one in layers.get(name, {"features": []})["features"]] == []
        feed = (await other_worker.get(f"/changes?since={cursor}")).json()["changes"]
        assert all(one.get("deleted") for one in feed if one["id"] == park["id"])
        assert "Sekartaji" not in json.dumps(feed)
        assert park["id"] in (await opd.get("/collections/taman/items")).text
        await finish(database, bound)
    await firm(client)
    feed = (await other_worker.get(f"/changes?since={cursor}")).json()["changes"]
    assert [one["deleted"] for one in feed if one["id"] == park["id"]] == [True]


async def test_fewer_decimals_hold_at_once(
    parks: Client, park: dict[str, Any], client: Client, other_worker: Client, database: Settings, bound: str
) -> None:
    cursor = await cursor_of(client)
    exact = f"{IN_MOJOROTO[0]}"
    assert exact in (await everything_public(other_worker, park, cursor))["page"]
    assert (await changed(parks, taman(public_decimals=2))).status_code == 200
    after = await everything_public(other_worker, park, cursor)
    assert {name for name, text in after.items() if exact in text} == set()
    await finish(database, bound)
    page = await parks_until(other_worker, "/collections/taman/items", park["id"])
    (feature,) = json.loads(page)["features"]
    assert [round(number, 2) for number in feature["geometry"]["coordinates"]] == feature["geometry"]["coordinates"]


async def test_a_wider_visibility_shows_an_item_when_its_step_is_done(
    parks: Client, park: dict[str, Any], client: Client, other_worker: Client, database: Settings, bound: str
) -> None:
    assert "pos timur" not in (await client.get("/collections/taman/items")).text
    assert (await changed(parks, taman(field_visibility={}))).status_code == 200
    for worker in (client, other_worker):
        assert ("pos timur" in (await worker.get("/collections/taman/items")).text) == (bound == "at once")
    await finish(database, bound)
    feed = (await client.get("/changes?limit=1000")).json()
    assert feed["changes"] is not None
    for path in ("/collections/taman/items", f"/collections/taman/items/{park['id']}", "/collections/taman/items?penjaga=pos timur"):
        page = await parks_until(other_worker, path, "pos timur")
        assert "pos timur" in page


async def parks_until(worker: Client, path: str, text: str) -> str:
    """The page once the worker has heard of the last step: until then it holds back what it may not show yet."""
    for _ in range(100):
        page = (await worker.get(path)).text
        if text in page:
            return page
        await asyncio.sleep(0.05)
    return page


async def test_a_category_becomes_public_again(
    parks: Client, park: dict[str, Any], other_worker: Client, database: Settings, bound: str
) -> None:
    await changed(parks, taman(audience="internal"))
    await finish(database, bound)
    assert (await changed(parks, TAMAN)).status_code == 200
    await finish(database, bound)
    assert park["id"] in await parks_until(other_worker, "/collections/taman/items", park["id"])


async def test_progress_is_told_and_a_second_change_keeps_what_the_first_hides(
    parks: Client, park: dict[str, Any], client: Client, database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(showing, "AT_ONCE", 0)
    monkeypatch.setattr("app.background.queueing.put", _never)
    await changed(parks, taman(field_visibility={"zona": "internal", "penjaga": "internal"}))
    assert (await parks.get("/categories/taman")).json()["steps"] == {"done": 0, "total": 1}
    await changed(parks, taman(field_visibility={"zona": "internal", "penjaga": "internal", "address": "internal"}))
    text = (await client.get(f"/collections/taman/items/{park['id']}")).text
    assert ("aktif" in text.replace("active", ""), "Veteran" in text) == (False, False)
    await finish(database, "in steps")
    assert "steps" not in (await parks.get("/categories/taman")).json()
    text = (await client.get(f"/collections/taman/items/{park['id']}")).text
    assert ("aktif" in text.replace("active", ""), "Veteran" in text) == (False, False)


async def test_each_step_shows_its_own_items_and_hides_none_of_the_others(
    parks: Client, park: dict[str, Any], client: Client, as_role: AsRole, database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = await published(
        await as_role("pic", MOJOROTO), await as_role("walidata"), a_park("Taman Lain", IN_MOJOROTO[0] + 0.001), "taman"
    )
    monkeypatch.setattr(showing, "AT_ONCE", 0)
    monkeypatch.setattr(showing, "STEP", 1)
    monkeypatch.setattr("app.background.queueing.put", _never)
    assert (await changed(parks, taman(field_visibility={"zona": "internal"}))).status_code == 200

    async def shown(field: str) -> list[bool]:
        bodies = [(await client.get(f"/collections/taman/items/{one['id']}")).json()["properties"] for one in (park, later)]
        assert ["zona" in body for body in bodies] == [False, False]
        return [body[field] is not None for body in bodies]

    progress = []
    for step in range(4):
        progress.append((await shown("penjaga"), (await parks.get("/categories/taman")).json().get("steps")))
        async with open_once(database.owner_dsn) as session:
            assert await showing.step(session, "taman") == (step < 2)
    assert progress == [
        ([False, False], {"done": 0, "total": 2}),
        ([True, False], {"done": 1, "total": 2}),
        ([True, True], {"done": 2, "total": 2}),
        ([True, True], None),
    ]


async def test_what_hides_waits_for_the_step_that_runs_and_goes_before_the_next(parks: Client, database: Settings) -> None:
    """Longer than any other request waits for a lock."""
    async with open_once(database.owner_dsn) as session:
        await session.run(queries.JOIN_PUBLISHERS)
        hiding = asyncio.create_task(changed(parks, taman(field_visibility={"penjaga": "restricted", "zona": "internal"})))
        await asyncio.sleep(3.5)
    assert (await hiding).status_code == 200


async def test_a_worker_takes_the_job_up(parks: Client, park: dict[str, Any], client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(showing, "AT_ONCE", 0)
    await changed(parks, taman(field_visibility={}))
    for _ in range(200):
        if "steps" not in (await parks.get("/categories/taman")).json():
            break
        await asyncio.sleep(0.1)
    assert "pos timur" in await parks_until(client, f"/collections/taman/items/{park['id']}", "pos timur")


async def test_events_that_can_be_sent_again_say_no_more_than_may_be_said(
    parks: Client, park: dict[str, Any], database: Settings, bound: str
) -> None:
    said = '{"id":"x","properties":{"zona":"aktif"}}'
    async with open_once(database.owner_dsn) as session:
        announced = (
            "INSERT INTO titik.outbox (type, subject, category, payload, feature) VALUES ('point.published', :id, 'taman', '{}', :said)"
        )
        await session.run(Statement(announced), id=park["id"], said=said)
    await changed(parks, taman(field_visibility={"zona": "internal", "penjaga": "internal"}))
    async with open_once(database.owner_dsn) as session:
        told = await value(
            session, "SELECT string_agg(feature, ' ') FROM titik.outbox WHERE subject = :id AND feature IS NOT NULL", id=park["id"]
        )
    assert park["id"] in told
    assert '"zona"' not in told
    await finish(database, bound)


async def test_photos_leave_the_public_half_with_the_permission(parks: Client, client: Client, as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    assert (await changed(parks, taman(field_visibility={"photos": "public"}))).status_code == 200
    feature = await submitted(pic, a_park(), "taman")
    photos = f"/points/{feature['id']}/photos"
    photo = (await pic.post(photos, content=a_photo(), headers={"Content-Type": "image/jpeg"})).json()
    await walidata.post(decision_of(feature), json=PUBLISH | {"photos": [photo["id"]]})
    assert [one["id"] for one in (await client.get(photos)).json()["photos"]] == [photo["id"]]
    assert (await changed(parks, TAMAN)).status_code == 200
    assert (await client.get(photos)).json()["photos"] == []
    assert code_of(await client.get(photo["href"])) == (404, "photo-unknown")


# -- at the same time


def paused(monkeypatch: pytest.MonkeyPatch, name: str) -> tuple[asyncio.Event, asyncio.Event]:
    """A step of writing a point waits: the first event tells that it has come there, the second lets it go on."""
    there, go_on = asyncio.Event(), asyncio.Event()
    original = getattr(points, name)

    async def waiting(*arguments: Any, **named: Any) -> Any:
        there.set()
        await go_on.wait()
        return await original(*arguments, **named)

    monkeypatch.setattr(points, name, waiting)
    return there, go_on


NARROWER = with_attribute(TAMAN, "zona", {"type": "string", "title": "Zona", "enum": ["pasif"]})


async def test_a_point_that_was_checked_by_the_old_definition_is_not_stored_after_the_new_one(
    parks: Client, as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    pic = await as_role("pic", MOJOROTO)
    there, go_on = paused(monkeypatch, "judge")
    writing = asyncio.create_task(pic.post("/collections/taman/items", json=a_park()))
    await there.wait()
    assert (await changed(parks, NARROWER)).status_code == 200
    go_on.set()
    refusal = await writing
    assert (code_of(refusal), refusal.headers["retry-after"]) == ((503, "category-changing"), "2")
    assert code_of(await pic.post("/collections/taman/items", json=a_park())) == (422, "body-invalid")


async def test_a_change_waits_for_who_is_storing_a_point_and_sees_it(
    parks: Client, as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    pic = await as_role("pic", MOJOROTO)
    there, go_on = paused(monkeypatch, "settle")
    writing = asyncio.create_task(pic.post("/collections/taman/items", json=a_park()))
    await there.wait()
    changing = asyncio.create_task(changed(parks, NARROWER))
    await asyncio.sleep(0.3)
    assert not changing.done()
    go_on.set()
    assert (await writing).status_code == 201
    assert (code_of(await changing), (await changing).json()["misfits"]["number"]) == ((409, "category-misfits"), 1)


async def test_what_is_published_at_the_same_time_does_not_show_what_is_hidden(
    parks: Client, as_role: AsRole, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The walidata has decided, and publishes only after the field was hidden."""
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    feature = await submitted(pic, a_park(), "taman")
    there, go_on = asyncio.Event(), asyncio.Event()
    original = projection.follow

    async def waiting(*arguments: Any) -> None:
        there.set()
        await go_on.wait()
        await original(*arguments)

    monkeypatch.setattr(projection, "follow", waiting)
    deciding = asyncio.create_task(walidata.post(decision_of(feature), json=PUBLISH))
    await there.wait()
    assert (await changed(parks, taman(field_visibility={"zona": "internal"}))).status_code == 200
    go_on.set()
    assert (await deciding).status_code == 200
    page = (await client.get("/collections/taman/items")).text
    assert (feature["id"] in page, "aktif" in page.replace("active", "")) == (True, False)


# -- maps


async def test_maps_draw_it_as_it_says(parks: Client, park: dict[str, Any], client: Client) -> None:
    style = (await client.get("/styles/titik")).json()
    (points,) = [one for one in style["layers"] if one["id"] == "points"]
    colours = points["paint"]["circle-color"]
    assert colours[colours.index("taman") + 1] == "#118833"
    (icons,) = [one for one in style["layers"] if one["id"] == "point-icons"]
    assert icons["layout"]["text-field"] == ["match", ["get", "category"], "taman", "T", ""]
    page = (await client.get(f"/collections/taman/items/{park['id']}?f=html")).text
    assert 'fill="#118833"' in page
    await changed(parks, taman(colour="#AA0000", icon=None))
    style = (await client.get("/styles/titik")).json()
    assert "#AA0000" in json.dumps(style)
    assert [one for one in style["layers"] if one["id"] == "point-icons"] == []


async def test_a_pic_of_another_kelurahan_writes_there_too(parks: Client, as_role: AsRole) -> None:
    assert parks is not None
    pic = await as_role("pic", BUJEL)
    assert (await pic.post("/collections/taman/items", json=a_park())).status_code in (403, 422)
