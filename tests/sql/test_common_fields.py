"""The table of common fields is what the database, the interface and the files have."""

from typing import Any

import pytest
from pydantic import ValidationError, create_model

from app.common_fields import BY_NAME, CONTENT, FIELDS, FREE_TEXTS, PUBLIC, CommonField, json_value
from app.db import WriteSession
from app.imports.fields import COMMON, Field
from app.imports.headings import Vocabulary
from app.imports.template import COMMON as SHEET
from app.language import Text
from app.models.point import RevisionRecord
from app.models.transfer import ImportRowRecord
from app.points.bodies import PointProperties, _wire_type
from app.points.history import differences
from app.points.schemas import work_feature
from app.statement import Statement
from app.wire import Wire
from tests.conftest import Client

pytestmark = pytest.mark.anyio

COLUMNS = Statement("""
    SELECT table_schema || '.' || table_name AS "table", column_name AS name, data_type AS kind FROM information_schema.columns
     WHERE (table_schema, table_name) IN (('titik', 'revision'), ('titik', 'import_row'), ('published', 'item'), ('internal', 'item'))
""")
NAMES = Statement("SELECT titik.common_fields()")
KINDS = {"text": "text", "float8": "double precision", "timestamptz": "timestamp with time zone", "int": "integer", "bool": "boolean", "date": "date",
         "text[]": "ARRAY"}  # fmt: skip
# What a kind is in SQL, so that nobody gives a field two.
SQL = {"text": "text", "number": "float8", "integer": "int", "boolean": "bool", "instant": "timestamptz", "date": "date", "list": "text[]"}


async def test_the_columns_are_those_of_the_database(owner: WriteSession) -> None:
    found = {(row["table"], row["name"]): row["kind"] for row in await owner.all(COLUMNS)}
    for field in CONTENT:
        assert field.sql == SQL[field.kind]
        for table in ("titik.revision", "titik.import_row"):
            assert found[table, field.name] == KINDS[str(field.sql)], (table, field.name)
    for half in ("published.item", "internal.item"):
        repeated = {name: kind for (table, name), kind in found.items() if table == half and name in BY_NAME}
        assert set(repeated) == {"category", "name", "kelurahan", "kecamatan", "captured_at", "verified_at"}
        assert all(kind == KINDS[SQL[BY_NAME[name].kind]] for name, kind in repeated.items())
    assert {field.name for field in CONTENT} <= set(RevisionRecord.__table__.c.keys()) & set(ImportRowRecord.__table__.c.keys())


async def test_the_database_puts_features_together_of_the_same_fields(owner: WriteSession) -> None:
    assert await owner.value(NAMES) == [field.name for field in PUBLIC]


async def test_the_interface_has_every_field(client: Client) -> None:
    described: dict[str, Any] = (await client.get("/api", headers={"Accept": "application/json"})).json()
    schemas = described["components"]["schemas"]
    sent = schemas["PointProperties"]["properties"]
    for field in CONTENT:
        assert field.name in sent
        assert field.name in schemas["Review"]["properties"]
        assert field.name in schemas["Review"]["required"]
    assert {field.name for field in PUBLIC} == set(schemas["FeatureProperties"]["properties"])
    assert [sent[name]["maxLength"] for name in ("name", "kelurahan", "address", "rw", "rt", "override_reason")] == [
        BY_NAME[name].longest for name in ("name", "kelurahan", "address", "rw", "rt", "override_reason")
    ]
    queryables = (await client.get("/collections/posyandu/queryables", headers={"Accept-Language": "en"})).json()["properties"]
    for field in PUBLIC:
        assert queryables[field.name]["title"] == field.title.en
        assert tuple(queryables[field.name].get("enum", ())) == field.choices


def test_files_have_every_field_by_its_headings() -> None:
    known = {field.name: field for field in COMMON}
    vocabulary = Vocabulary(known)
    for field in FIELDS:
        if field.headings is None:
            assert field.name not in known
            continue
        assert known[field.name].choices == field.choices
        for heading in (field.name, *field.headings.title, *field.headings.names, *field.headings.loose):
            guess = vocabulary.read(heading)
            assert guess is not None, heading
            assert guess.field == field.name


def test_the_template_has_every_field_that_says_so() -> None:
    assert {name for name in SHEET if name in BY_NAME} == {field.name for field in FIELDS if field.sheet}
    for field in FIELDS:
        if field.sheet and field.headings:
            assert SHEET[field.name][1:3] == tuple(field.headings.title)
            assert (SHEET[field.name].required, SHEET[field.name].description) == (field.sheet.is_required, field.sheet.description)


def test_what_somebody_writes_is_compared_and_shown() -> None:
    row: dict[str, Any] = {field.name: "before" for field in FIELDS} | {
        "succession": None,
        "predecessors": [],
        "attributes": {},
        "lon": 1.0,
        "lat": 2.0,
    }
    after = row | {field.name: "after" for field in CONTENT}
    assert {one["property"] for one in differences(row, after)} == {field.name for field in CONTENT}
    shown = work_feature(row | {"point_id": 1, "state": "draft", "revision": 2, "version": 3, "placement": {}})["properties"]
    assert {field.name for field in FIELDS} - {"predecessors"} <= set(shown)
    assert {field.name for field in CONTENT} <= set(PointProperties.model_fields)


def test_texts_of_people_are_looked_through() -> None:
    """Public texts that are no code, no choice; a new one is among them unless its line says that it is a code."""
    assert FREE_TEXTS == ("name", "address")


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("text", "lantai dasar", "x" * 501), ("integer", 3, 3.5), ("integer", 0, 2**31), ("number", 2.5, "2.5"), ("boolean", True, "ya"),
        ("date", "2026-11-30", "besok"), ("instant", "2026-11-30T08:00:00Z", "kemarin"), ("list", ["a", "b"], ["x"] * 101),
    ],
)  # fmt: skip
def test_a_field_of_any_kind_can_be_sent(kind: Any, good: object, bad: object) -> None:
    members: dict[str, Any] = {"new": (_wire_type(CommonField("new", kind, Text("", ""), SQL[kind])), ...)}
    body = create_model("Body", __base__=Wire, **members)
    body.model_validate({"new": good})
    with pytest.raises(ValidationError):
        body.model_validate({"new": bad})


def test_instants_are_written_as_answers_have_them() -> None:
    assert json_value(BY_NAME["captured_at"], "r").startswith("to_char(r.captured_at AT TIME ZONE 'UTC'")
    assert json_value(BY_NAME["address"], "b") == "b.address"


def test_fields_of_files_are_of_the_same_kind() -> None:
    for field in COMMON:
        if field.name in BY_NAME:
            assert isinstance(field, Field)
            assert field.kind == BY_NAME[field.name].kind
