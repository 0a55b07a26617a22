"""Codes, names, numbers and kinds in whatever spelling, understood at every door; what means nothing is refused with what there is."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import pytest

from app.uuid7 import uuid7
from tests.conftest import AsRole, Client
from tests.factories import BUJEL, MOJOROTO, a_feature, published, submitted

pytestmark = pytest.mark.anyio

ITEMS = "/collections/posyandu/items"


async def names(client: Client, address: str) -> list[str]:
    answer = await client.get(address)
    assert answer.status_code == 200, answer.text
    return [feature["properties"]["name"] for feature in answer.json()["features"]]


@pytest.fixture
async def two(as_role: AsRole) -> Sequence[str]:
    pic, walidata = await as_role("pic", MOJOROTO, BUJEL), await as_role("walidata")
    await published(pic, walidata, a_feature(name="Posyandu Satu", spm_pendidikan=True, kelurahan=MOJOROTO, rt="02", rw="05"))
    there = a_feature(111.9895, -7.8001, name="Posyandu Dua", jenis="lansia", spm_pendidikan=False, kelurahan=BUJEL, rt="11", rw="1")
    await published(pic, walidata, there)
    return "Posyandu Satu", "Posyandu Dua"


@pytest.mark.parametrize(
    "query",
    [
        "kelurahan=Mojoroto", "kelurahan=mojoroto", "kelurahan=Kel. Mojoroto", "kelurahan=3571011011", "kelurahan=35-71-01-1011",
        "kelurahan=3571010008", "kelurahan=ID3571010008", "kelurahan=35.71.01.1011",
        "kelurahan_name=MOJOROTO", "kelurahan_name=3571011011", "rt=2", "rt=RT 002", "rw=5", "rw=RW.05", "jenis=Balita", "jenis=BALITA&rt=02",
        "spm_pendidikan=ya", "spm_pendidikan=true", "rt=2&kecamatan=35.71.01", "rt=2&kecamatan=Kec. Mojoroto&status=Aktif", "method=GPS&rt=2",
        "category=Posyandu&rt=2", "kelurahan=Mojoroto&bbox=112,-7.81,112.01,-7.80",
    ],
)  # fmt: skip
async def test_what_can_be_understood_finds_what_it_means(client: Client, two: Sequence[str], query: str) -> None:
    encoded = quote(query, safe="=&,")
    assert await names(client, f"{ITEMS}?{encoded}") == [two[0]]
    if "jenis" not in query and "spm" not in query:
        assert await names(client, f"/collections/points/items?{encoded}") == [two[0]]


@pytest.mark.parametrize("kecamatan", ["35.71.01", "357101", "3571010", "Mojoroto", "mojoroto", "Kecamatan Mojoroto"])
async def test_a_kecamatan_is_understood(client: Client, two: Sequence[str], kecamatan: str) -> None:
    assert await names(client, f"{ITEMS}?kecamatan={quote(kecamatan)}") == list(two)
    assert await names(client, f"{ITEMS}?kecamatan=Pesantren") == []
    assert len(await names(client, f"/collections/kelurahan/items?limit=100&kecamatan={quote(kecamatan)}")) == 14


@pytest.mark.parametrize("query", ["code=3571011011", "code=Mojoroto", "name=MOJOROTO", "bps_code=35.71.01.1011", "name=3571010008"])
async def test_areas_are_found_by_either_code_or_name(client: Client, query: str) -> None:
    assert await names(client, f"/collections/kelurahan/items?{query}") == ["Mojoroto"]


@pytest.mark.parametrize(
    ("query", "parameter", "code", "first"),
    [
        ("kelurahan=35.71.01.9999", "kelurahan", "kelurahan-unknown", "35.71.01.1"), ("kelurahan=99", "kelurahan", "kelurahan-unknown", "35.71.01.1001"),
        ("kelurahan=Mojorotto", "kelurahan", "kelurahan-unknown", "35.71.01.1011"), ("kelurahan=", "kelurahan", "kelurahan-unknown", "35.71.01.1001"),
        ("kelurahan=35.71.01", "kelurahan", "kelurahan-unknown", "35.71.01"), ("kelurahan_name=Entahlah", "kelurahan_name", "kelurahan-unknown", "35.71"),
        ("kecamatan=Pesantreen", "kecamatan", "kecamatan-unknown", "Pesantren (35.71.03)"),
        ("rt=dua", "rt", "not-a-neighbourhood-number", "01"), ("rw=0", "rw", "not-a-neighbourhood-number", "01"),
        ("jenis=xyz", "jenis", "value-not-there", "balita, lansia, remaja, ilp"), ("status=hilang", "status", "value-not-there", "active, inactive"),
        ("method=tebak", "method", "value-not-there", "gps, map"), ("category=rt", "category", "value-not-there", "posyandu"),
        ("spm_pendidikan=barangkali", "spm_pendidikan", "value-of-kind", "ya atau tidak"),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_refused_with_what_there_is(client: Client, query: str, parameter: str, code: str, first: str) -> None:
    refused = await client.get(f"{ITEMS}?{query}")
    assert refused.status_code == 400, refused.text
    (fault,) = refused.json()["errors"]
    assert (fault["parameter"], fault["code"]) == (parameter, code)
    assert first in fault["detail"][:100]


async def test_the_nearest_of_all_there_are_comes_first(client: Client) -> None:
    detail = (await client.get(f"{ITEMS}?kelurahan=Mojorotto")).json()["errors"][0]["detail"]
    listed = detail.removesuffix(".").partition("Yang ada: ")[2].split(", ")
    assert listed[0] == "Mojoroto (35.71.01.1011)"
    assert len(listed) == len(set(listed)) == 46
    by_code = (await client.get(f"{ITEMS}?kelurahan=35.71.03.1099")).json()["errors"][0]["detail"].partition("Yang ada: ")[2]
    assert by_code.split(", ")[0].endswith("(35.71.03.1001)")


async def test_a_category_of_all_points_is_understood_or_refused(client: Client, two: Sequence[str]) -> None:
    for spelling in ("posyandu", "Posyandu", "POSYANDU (community health posts)"):
        assert await names(client, f"/collections/points/items?category={quote(spelling)}") == list(two)
    refused = await client.get("/collections/points/items?category=posyandoe")
    assert refused.json()["errors"][0]["detail"].endswith("kantor_kelurahan, pos_kamling, posyandu, rt.")


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize(
    ("filtered", "found"),
    [("kelurahan = 'Mojoroto'", 0), ("rt = '2'", 0), ("jenis = 'balita'", 1), ("jenis IN ('balita','lansia')", 2), ("jenis <> 'balita'", 1),
     ("CASEI(jenis) = CASEI('BALITA')", 1), ("jenis LIKE 'b%25'", 1), ("name = 'Balita'", 0)],
)  # fmt: skip
async def test_cql2_keeps_the_meaning_of_the_standard(client: Client, filtered: str, found: int) -> None:
    assert len(await names(client, f"{ITEMS}?filter={filtered}")) == found


@pytest.mark.parametrize(
    "filtered",
    ["jenis = 'Balita'", "'xyz' = jenis", "jenis <> 'xyz'", "jenis IN ('balita','xyz')", "NOT (status = 'hilang')", "method = 'GPS'"],
)
async def test_a_value_that_the_enum_of_its_queryable_excludes_is_refused(client: Client, filtered: str) -> None:
    refused = await client.get(f"{ITEMS}?filter={filtered}")
    assert refused.status_code == 400, refused.text
    assert [(fault["parameter"], fault["code"]) for fault in refused.json()["errors"]] == [("filter", "value-not-there")]


# -- writes

SPELLINGS = ["Mojoroto", "Kelurahan Mojoroto", "3571011011", "3571010008", "35 71 01 1011", MOJOROTO]


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("role", ["pic", "walidata"])
async def test_a_point_is_written_with_any_spelling(as_role: AsRole, role: str, spelling: str) -> None:
    writer = await as_role(role, *([MOJOROTO, BUJEL] if role == "pic" else []))
    made = a_feature(kelurahan=spelling, jenis="Balita", status="Aktif", method="GPS", rt="RT. 2")
    answer = await writer.post(ITEMS, json=made)
    assert answer.status_code == 201, answer.text
    told = answer.json()["properties"]
    assert {name: told[name] for name in ("kelurahan", "jenis", "status", "method", "rt")} == {
        "kelurahan": MOJOROTO, "jenis": "balita", "status": "active", "method": "gps", "rt": "02",
    }  # fmt: skip
    again = {"If-Match": answer.headers["ETag"]}
    put = await writer.put(f"{ITEMS}/{answer.json()['id']}", json=made, headers=again)
    assert put.status_code == 200, put.text
    assert put.json()["properties"]["version"] == 1
    patch = {"properties": {"kelurahan": spelling, "jenis": "LANSIA"}}
    merge = {"Content-Type": "application/merge-patch+json", **again}
    patched = await writer.patch(f"{ITEMS}/{answer.json()['id']}", json=patch, headers=merge)
    assert (patched.json()["properties"]["jenis"], patched.json()["properties"]["kelurahan"]) == ("lansia", MOJOROTO)


def a_sync(**change: Any) -> dict[str, Any]:
    return {"changes": [{"client_id": str(uuid7()), **change}]}


async def test_a_phone_is_understood_too(as_role: AsRole) -> None:
    walidata = await as_role("walidata")
    point = str(uuid7())
    created = a_sync(op="create", point=point, feature=a_feature(kelurahan="Mojoroto", category="posyandu", jenis="Balita"))
    (result,) = (await walidata.post("/sync", json=created)).json()["results"]
    assert (result["status"], result["feature"]["properties"]["kelurahan"]) == ("created", MOJOROTO)
    same = a_sync(op="change", point=point, base=1, patch={"properties": {"kelurahan": "3571011011", "jenis": "BALITA"}})
    (result,) = (await walidata.post("/sync", json=same)).json()["results"]
    assert result["status"] == "unchanged"
    other = a_sync(op="change", point=point, base=1, patch={"properties": {"kelurahan": "Entahlah"}})
    (result,) = (await walidata.post("/sync", json=other)).json()["results"]
    assert_listed(result["problem"], "/patch/properties/kelurahan")


def assert_listed(problem: dict[str, Any], pointer: str) -> None:
    """Refused with the 46 that there are."""
    (fault,) = problem["errors"]
    assert (fault["pointer"], fault["code"]) == (pointer, "kelurahan-unknown")
    assert fault["detail"].count("(35.71.0") == 46


@pytest.mark.parametrize("role", ["pic", "walidata"])
@pytest.mark.parametrize("spelling", ["35.71.01.9999", "99.99.99.9999", "Entahlah", "35.71.01"])
async def test_an_unknown_kelurahan_is_refused_with_those_there_are(as_role: AsRole, role: str, spelling: str) -> None:
    writer = await as_role(role, *([MOJOROTO] if role == "pic" else []))
    wrong, item = a_feature(kelurahan=spelling), await submitted(writer, a_feature())
    address, merge = f"{ITEMS}/{item['id']}", {"Content-Type": "application/merge-patch+json"}
    assert_listed((await writer.post(ITEMS, json=wrong)).json(), "/properties/kelurahan")
    assert_listed((await writer.post(f"{ITEMS}?draft=true", json=wrong)).json(), "/properties/kelurahan")
    assert_listed((await writer.put(address, json=wrong, headers={"If-Match": "*"})).json(), "/properties/kelurahan")
    patch = {"properties": {"kelurahan": spelling}}
    assert_listed((await writer.patch(address, json=patch, headers={"If-Match": "*", **merge})).json(), "/properties/kelurahan")
    body = a_sync(op="create", point=str(uuid7()), feature=wrong | {"properties": {**wrong["properties"], "category": "posyandu"}})
    (result,) = (await writer.post("/sync", json=body)).json()["results"]
    assert_listed(result["problem"], "/feature/properties/kelurahan")


async def test_accounts_and_webhooks_name_kelurahan_in_any_spelling(as_role: AsRole) -> None:
    admin = await as_role("admin")
    merge = {"Content-Type": "application/merge-patch+json"}
    account = await admin.post("/accounts", json={"name": "siti", "role": "pic", "kelurahan": ["Mojoroto", "3571011011", "Kel. Bujel"]})
    assert account.json()["kelurahan"] == [BUJEL, MOJOROTO]
    changed = await admin.patch("/accounts/siti", json={"kelurahan": ["3571010008"]}, headers=merge)
    assert changed.json()["kelurahan"] == [MOJOROTO]
    assert [one["name"] for one in (await admin.get("/accounts?kelurahan=mojoroto")).json()["accounts"]] == ["siti"]
    assert_listed(
        (await admin.post("/accounts", json={"name": "ana", "role": "pic", "kelurahan": [BUJEL, "Entahlah"]})).json(), "/kelurahan/1"
    )
    assert_listed((await admin.patch("/accounts/siti", json={"kelurahan": ["35.71.01.9999"]}, headers=merge)).json(), "/kelurahan/0")
    refused = await admin.get("/accounts?kelurahan=99")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "kelurahan-unknown")

    hook = {
        "url": "https://penerima.contoh.id/titik",
        "types": ["id.titik.point.published"],
        "kelurahan": ["Bujel"],
        "categories": ["Posyandu"],
    }
    added = await admin.post("/webhooks", json=hook)
    assert (added.json()["kelurahan"], added.json()["categories"]) == ([BUJEL], ["posyandu"])
    address = f"/webhooks/{added.json()['id']}"
    patched = await admin.patch(address, json={"kelurahan": ["3571011011", "Mojoroto"]}, headers=merge)
    assert (patched.json()["kelurahan"], patched.json()["categories"]) == ([MOJOROTO], ["posyandu"])
    assert "kelurahan" not in (await admin.patch(address, json={"kelurahan": None}, headers=merge)).json()
    assert_listed((await admin.post("/webhooks", json=hook | {"kelurahan": ["35.71.01.9999"]})).json(), "/kelurahan/0")
    assert_listed((await admin.patch(address, json={"kelurahan": ["Entahlah"]}, headers=merge)).json(), "/kelurahan/0")
    (fault,) = (await admin.patch(address, json={"categories": ["posyandoe"]}, headers=merge)).json()["errors"]
    assert (fault["pointer"], fault["code"]) == ("/categories/0", "category-unknown")
    assert fault["detail"].endswith("kantor_kelurahan, pos_kamling, posyandu, rt.")


async def test_the_queue_is_filtered_by_any_spelling(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    await submitted(pic, a_feature())
    for spelling in ("Mojoroto", "3571011011", MOJOROTO):
        assert len((await walidata.get(f"/reviews?kelurahan={spelling}")).json()["reviews"]) == 1
    assert (await walidata.get("/reviews?kelurahan=Bujel")).json()["reviews"] == []
    refused = await walidata.get("/reviews?kelurahan=99")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "kelurahan-unknown")
