"""Activities (MS-Keg) and variables (MS-Var): every field of every category and every indicator, for whoever may see it, as it is defined now."""

import csv
import io
from typing import Any

import pytest

from app.common_fields import FIELDS
from app.language import Text
from app.metadata import activities
from app.metadata.activities import ActivitySettings
from tests.conftest import AsRole, Client
from tests.factories import code_of

pytestmark = pytest.mark.anyio

PAGE = {"Accept": "text/html"}
TAMAN: dict[str, Any] = {
    "id": "taman", "title": {"id": "Taman", "en": "Parks"}, "description": {"id": "Taman kota.", "en": "City parks."}, "required": ["name"],
    "natural_key": ["kode_rahasia"], "field_visibility": {"penjaga": "internal", "kode_rahasia": "restricted", "address": "internal"},
    "attribute_schema": {"type": "object", "required": ["zona"], "properties": {
        "zona": {"type": "string", "title": "Zona", "x-title-en": "Zone", "enum": ["aktif", "pasif_saja"]},
        "bangku": {
            "type": "integer", "title": "Jumlah bangku", "x-title-en": "Benches", "minimum": 0, "maximum": 500, "multipleOf": 2,
            "description": "Bangku yang dapat dipakai.", "x-description-en": "Benches that can be used.",
        },
        "nomor_aset": {"type": "string", "title": "Nomor aset", "x-title-en": "Asset number", "pattern": "^[0-9]{4}$", "minLength": 4, "maxLength": 4},
        "dibuka": {"type": "string", "title": "Tanggal dibuka", "format": "date"},
        "lampu": {"type": "boolean", "title": "=Lampu", "x-title-en": "Lamps"},
        "alat": {"type": "array", "title": "Alat", "x-title-en": "Tools", "items": {"type": "string", "enum": ["ayunan"]}, "minItems": 1, "maxItems": 3, "uniqueItems": True},
        "penjaga": {"type": "string", "title": "Penjaga", "x-title-en": "Keeper"},
        "kode_rahasia": {"type": "string", "title": "Kode rahasia", "x-title-en": "Secret code"},
    }},
}  # fmt: skip


async def variables(reader: Client, activity: str) -> dict[str, Any]:
    answer = await reader.get(f"/metadata/variables?activity={activity}")
    assert answer.status_code == 200, answer.text
    return {one["alias"]: one for one in answer.json()["variables"]}


@pytest.fixture
async def admin(as_role: AsRole) -> Client:
    return await as_role("admin")


@pytest.fixture
async def taman(admin: Client) -> None:
    added = await admin.post("/categories", json=TAMAN)
    assert added.status_code == 201, added.text


async def test_every_field_of_every_category_and_every_indicator_is_a_variable(client: Client, admin: Client) -> None:
    for reader in (client, admin):
        listed = (await reader.get("/metadata/variables")).json()
        names = {one["id"] for one in listed["variables"]}
        assert listed["numberReturned"] == len(listed["variables"]) == len(names)
        indicators = (await reader.get("/indicators")).json()["indicators"]
        expected = {f"profiles.{one['id']}" for one in indicators}
        for short in (await reader.get("/categories")).json()["categories"]:
            category = (await reader.get(f"/categories/{short['id']}")).json()
            expected |= {f"{short['id']}.{name}" for name in category["attribute_schema"]["properties"]}
            # The public form of a category does not say which common fields it hides.
            whole = (await admin.get(f"/categories/{short['id']}")).json()["field_visibility"]
            expected |= {
                f"{short['id']}.{field.name}"
                for field in FIELDS
                if reader is admin or (field.is_public and whole.get(field.name, "public") == "public")
            }
        assert names == expected
        for one in listed["variables"]:
            texts = [one[name] for name in ("name", "concept", "definition", "reference", "reference_time", "type_name", "question")]
            assert all(text["id"] and text["en"] for text in [*texts, *one["rules"]]), one
            assert all((one["organiser"], one["rules"])), one


async def test_what_a_category_says_is_what_a_variable_says(admin: Client, taman: None) -> None:
    found = await variables(admin, "taman")
    zone, benches, tools = found["zona"], found["bangku"], found["alat"]
    assert (zone["name"], zone["concept"], zone["derived"]) == ({"id": "Zona", "en": "Zone"},) * 2 + (["concept", "definition"],)
    assert zone["definition"]["en"] == "Zone of each point of the category Parks: City parks."
    assert [one["code"] for one in zone["classes"]] == ["aktif", "pasif_saja"]
    assert zone["rules"][0] == {"id": "Wajib diisi.", "en": "Needed."}
    assert zone["question"]["id"] == "Zona: pilih yang mana?"
    assert "versi 1" in zone["reference"]["id"]
    assert (benches["definition"], benches["derived"]) == (
        {"id": "Bangku yang dapat dipakai.", "en": "Benches that can be used."},
        ["concept"],
    )
    assert [one["en"] for one in benches["rules"]] == ["Must be a whole number.", "At least 0.", "At most 500.", "A multiple of 2."]
    assert [one["id"] for one in found["nomor_aset"]["rules"]] == [
        "Harus berupa teks.", "Paling sedikit 4 huruf.", "Paling banyak 4 huruf.", "Bentuknya harus: 4 angka.",
    ]  # fmt: skip
    assert found["dibuka"]["name"] == {"id": "Tanggal dibuka", "en": "Tanggal dibuka"}
    assert found["dibuka"]["question"]["en"] == "Tanggal dibuka: when?"
    assert [one["code"] for one in found["lampu"]["classes"]] == ["true", "false"]
    assert [one["code"] for one in tools["classes"]] == ["ayunan"]
    assert "Each value once only." in [one["en"] for one in tools["rules"]]
    assert any("kode_rahasia" in one["id"] for one in found["kode_rahasia"]["rules"])
    assert found["name"]["rules"][0]["id"] == "Wajib diisi."
    assert found["verified_at"]["question"]["en"] == "Not asked: Titik fills it in."
    # Names that are made of numbers are not asked for.
    assert "Not asked" in (await variables(admin, "rt"))["name"]["question"]["en"]
    assert [one["code"] for one in found["method"]["classes"]] == ["gps", "map", "import", "geocoded"]


async def test_what_is_internal_is_told_to_those_who_may_read_it(client: Client, as_role: AsRole, admin: Client, taman: None) -> None:
    opd = await as_role("opd")
    for reader in (opd, admin):
        seen = {name: one["accessibility"] for name, one in (await variables(reader, "taman")).items()}
        assert seen["penjaga"] == seen["address"] == "internal"
        assert seen["kode_rahasia"] == seen["override_reason"] == "restricted"
        assert seen["zona"] == seen["name"] == "public"
    shown = await variables(client, "taman")
    assert {one["accessibility"] for one in shown.values()} == {"public"}
    assert not {"penjaga", "kode_rahasia", "address", "override_reason"} & shown.keys()
    for path in ("/metadata/variables", "/metadata/activities", "/metadata/activities/taman"):
        for headers in ({}, PAGE):
            text = (await client.get(path, headers=headers)).text
            assert not [word for word in ("kode_rahasia", "Kode rahasia", "penjaga", "Penjaga") if word in text], path
    assert "Penjaga" in (await opd.get("/metadata/activities/taman")).text


async def test_the_public_learns_of_no_internal_category_or_indicator(client: Client, admin: Client, as_role: AsRole) -> None:
    assert (await admin.post("/categories", json=TAMAN | {"audience": "internal"})).status_code == 201
    assert code_of(await client.get("/metadata/activities/taman")) == (404, "activity-unknown")
    assert (await client.get("/metadata/variables?activity=taman")).status_code == 400
    assert "taman" not in (await client.get("/metadata/activities")).text
    assert "taman" in (await (await as_role("opd")).get("/metadata/activities")).text
    assert not [one for one in (await variables(admin, "taman")).values() if one["accessibility"] == "public"]
    name = "jumlah_umkm"
    definition = (await admin.get(f"/indicators/{name}")).json()
    assert name in await variables(client, "profiles")
    changed = await admin.put(f"/indicators/{name}", json=definition | {"audience": "internal"}, headers={"If-Match": "*"})
    assert changed.status_code == 200, changed.text
    assert name not in await variables(client, "profiles")
    assert (await variables(admin, "profiles"))[name]["accessibility"] == "internal"


async def test_a_changed_category_changes_its_variables_and_their_etag(client: Client, admin: Client, taman: None) -> None:
    paths = (
        "/metadata/variables?activity=taman",
        "/metadata/activities/taman",
        "/metadata/activities",
        "/metadata/variables?activity=taman&f=csv",
    )
    before = {path: (await client.get(path)).headers["etag"] for path in paths}
    for path, etag in before.items():
        again = await client.get(path, headers={"If-None-Match": etag})
        assert (again.status_code, again.content) == (304, b""), path
    read = (await admin.get("/categories/taman")).json()
    read["attribute_schema"]["properties"]["bangku"] |= {"maximum": 900}
    read["attribute_schema"]["properties"]["kolam"] = {"type": "boolean", "title": "Kolam", "x-title-en": "Pond"}
    changed = await admin.put("/categories/taman", json=read | {"expected_count": 46}, headers={"If-Match": '"1"'})
    assert changed.status_code == 200, changed.text
    for path, etag in before.items():
        assert (await client.get(path, headers={"If-None-Match": etag})).status_code == 200, path
    found = await variables(client, "taman")
    assert "Paling besar 900." in [one["id"] for one in found["bangku"]["rules"]]
    assert found["kolam"]["question"] == {"id": "Kolam: ya atau tidak?", "en": "Pond: yes or no?"}
    assert "versi 2" in found["kolam"]["reference"]["id"]
    activity = (await client.get("/metadata/activities/taman")).json()
    items = {item["id"]: item for block in activity["blocks"] for item in block["items"]}
    assert (activity["version"], items["expected"]["value"]["en"]) == (2, "About 46 points are expected.")
    assert "Pond" in items["variables"]["value"]["en"]


async def test_an_activity_has_the_eight_blocks_and_tells_where_to_fill_in_what_is_missing(client: Client, taman: None) -> None:
    listed = (await client.get("/metadata/activities")).json()
    assert [one["id"] for one in listed["activities"]] == ["kantor_kelurahan", "pos_kamling", "posyandu", "rt", "taman", "profiles"]
    for short in listed["activities"]:
        one = (await client.get(short["links"][0]["href"])).json()
        assert [block["id"] for block in one["blocks"]] == ["identity", "I", "II", "III", "IV", "V", "VI", "VII", "VIII"]
        items = [item for block in one["blocks"] for item in block["items"]]
        assert all((item["value"] is None) == (item["fill_in"] is not None) for item in items)
        assert one["missing"] == short["missing"] == sum(item["value"] is None for item in items) > 0
        assert short["variables"] == len(await variables(client, one["id"]))
        by_id = {item["id"]: item for item in items}
        assert by_id["organiser"]["value"]["id"] == one["organiser"] == "Pemerintah Kota Kediri"
        assert "46 kelurahan" in by_id["coverage"]["value"]["id"]
    by_id = {item["id"]: item for block in (await client.get("/metadata/activities/taman")).json()["blocks"] for item in block["items"]}
    assert by_id["contact"]["fill_in"]["id"].startswith("Isi dengan perintah titik city set")
    assert "Kategori" in by_id["expected"]["fill_in"]["id"]


@pytest.mark.parametrize(
    "path", ["/metadata/activities", "/metadata/activities/posyandu", "/metadata/activities/profiles", "/metadata/variables"]
)
async def test_people_get_a_page_in_their_language_that_leads_on(client: Client, path: str) -> None:
    for language in ("id", "en"):
        answer = await client.get(path, headers=PAGE | {"Accept-Language": language})
        assert (answer.status_code, answer.headers["content-language"]) == (200, language)
        assert ("belum diisi" in answer.text.lower(), "not filled in" in answer.text.lower()) in (
            (language == "id", language == "en"),
            (False, False),
        )
    for place in ("/collections", "/collections/posyandu", "/indicators"):
        assert "/metadata/" in (await client.get(place, headers=PAGE)).text, place


async def test_all_links_lead_to_what_they_say(client: Client) -> None:
    for path in (
        "/metadata/activities",
        "/metadata/activities/posyandu",
        "/metadata/variables?activity=posyandu",
        "/metadata/variables?activity=profiles",
    ):
        answer = await client.get(path)
        own = answer.json()["links"]
        assert all(
            f'<{link["href"]}>; rel="{link["rel"]}"' in answer.headers["link"] for link in own if link["rel"] in ("self", "alternate")
        )
        more = [link for one in answer.json().get("variables", ())[:2] for link in one["links"]]
        more += [link for one in answer.json().get("activities", ()) for link in one["links"]]
        for link in (*own, *more):
            found = await client.get(link["href"])
            assert (found.status_code, found.headers["content-type"].partition(";")[0]) == (200, link["type"]), link
    landing = (await client.get("/")).json()["links"]
    assert any(link["href"].endswith("/metadata/activities") for link in landing)


async def test_the_table_says_what_the_json_says(client: Client, admin: Client, taman: None) -> None:
    for path, headers in (("/metadata/variables?f=csv", {}), ("/metadata/variables", {"Accept": "text/csv"})):
        answer = await admin.get(path, headers=headers)
        assert answer.headers["content-type"].startswith("text/csv")
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        wanted = (await admin.get("/metadata/variables")).json()["variables"]
        assert len(rows) == len(wanted)
        for row, one in zip(rows, wanted, strict=True):
            assert [row[name] for name in ("id", "activity", "organiser", "alias", "accessibility")] == [
                one[name] for name in ("id", "activity", "organiser", "alias", "accessibility")
            ]
            for language in ("id", "en"):
                # What a spreadsheet would run is marked as text.
                assert row[f"name_{language}"].removeprefix("'") == one["name"][language]
                assert row[f"definition_{language}"].removeprefix("'") == one["definition"][language]
                assert row[f"rules_{language}"] == " ".join(rule[language] for rule in one["rules"])
            assert row["classes"] == "; ".join(each["code"] for each in one["classes"])
        assert next(row for row in rows if row["id"] == "taman.lampu")["name_id"] == "'=Lampu"
    form = list(csv.DictReader(io.StringIO((await client.get("/metadata/activities/posyandu?f=csv")).text)))
    blocks = (await client.get("/metadata/activities/posyandu")).json()["blocks"]
    assert [(row["block"], row["item"], row["value_id"]) for row in form] == [
        (block["id"], item["id"], (item["value"] or {"id": ""})["id"]) for block in blocks for item in block["items"]
    ]


async def test_what_is_not_there_is_refused(client: Client) -> None:
    assert code_of(await client.get("/metadata/activities/warung")) == (404, "activity-unknown")
    refused = await client.get("/metadata/variables?activity=warung")
    assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (400, "activity")
    assert (await client.get("/metadata/activities?f=csv")).status_code == 400


def test_a_contact_that_is_set_fills_its_line() -> None:
    facts = activities.of_profile(1, ["year"], ["kelurahan"], 1)
    around = ActivitySettings("Pemerintah Kota Kediri", "kominfo@kediri.example", "CC BY 4.0", Text("Kota Kediri", "Kota Kediri"), 46)
    without = activities.blocks_of(facts, around._replace(contact=None, licence=None, kelurahan=0), [])
    blocks = activities.blocks_of(facts, around, [])
    items = {item["id"]: item for block in blocks for item in block["items"]}
    assert (items["contact"]["value"], items["contact"]["fill_in"]) == (
        {"id": "kominfo@kediri.example", "en": "kominfo@kediri.example"},
        None,
    )
    assert activities.missing(without) == activities.missing(blocks) + 3
