"""The API document: what 3.1 says in the words of 3.0, and the whole of ours before a validator."""

import re
from typing import Any

import orjson
import pytest
from fastapi.routing import APIRoute
from openapi_spec_validator import OpenAPIV30SpecValidator

from app.categories.queries import shipped
from app.exports.formats import FORMATS
from app.http.openapi import as_3_0
from app.http.rights import needed
from app.language import Text
from app.main import create_app
from app.published.catalogue import CategoryCard, Known
from app.routers import description
from app.settings import Settings
from tests.described import validator


def schema(of: dict[str, Any]) -> Any:
    """What becomes of a schema."""
    made = as_3_0({"openapi": "3.1.0", "paths": {"/": {"get": {"parameters": [{"schema": of}]}}}})
    return made["paths"]["/"]["get"]["parameters"][0]["schema"]


@pytest.mark.parametrize(
    ("of_3_1", "of_3_0"),
    [
        ({"type": ["string", "null"], "maxLength": 3}, {"type": "string", "maxLength": 3, "nullable": True}),
        ({"type": ["string", "integer"]}, {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
        ({"anyOf": [{"type": "string", "minLength": 1}, {"type": "null"}], "title": "A"}, {"type": "string", "minLength": 1, "nullable": True, "title": "A"}),
        ({"anyOf": [{"$ref": "#/components/schemas/A"}, {"type": "null"}]}, {"allOf": [{"$ref": "#/components/schemas/A"}], "nullable": True}),
        ({"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}]}, {"type": "string", "enum": ["a", None], "nullable": True}),
        ({"type": ["string", "null"], "enum": ["a", None]}, {"type": "string", "enum": ["a", None], "nullable": True}),
        ({"const": True, "type": "boolean"}, {"type": "boolean"}),
        ({"oneOf": [{"const": 1}, {"const": "a"}]}, {"oneOf": [{"enum": [1]}, {"enum": ["a"]}]}),
        ({"type": "string", "examples": ["a", "b"]}, {"type": "string", "example": "a"}),
        ({"exclusiveMinimum": 0}, {"minimum": 0, "exclusiveMinimum": True}),
        ({"exclusiveMaximum": 5, "maximum": 4}, {"maximum": 4}),
        ({"exclusiveMinimum": 5, "minimum": 4}, {"minimum": 5, "exclusiveMinimum": True}),
        ({"type": "array"}, {"type": "array", "items": {}}),
        (
            {"type": "array", "prefixItems": [{"type": "number"}, {"type": "number"}], "items": False, "minItems": 2},
            {"type": "array", "items": {"type": "number"}, "maxItems": 2, "minItems": 2},
        ),
        ({"type": "array", "prefixItems": [{"type": "number"}], "items": {"type": "string"}}, {"type": "array", "items": {"anyOf": [{"type": "number"}, {"type": "string"}]}}),
        ({"type": "string", "contentMediaType": "application/octet-stream"}, {"type": "string", "format": "binary"}),
        ({"type": "object", "properties": {"a": True}, "additionalProperties": False}, {"type": "object", "properties": {"a": {}}, "additionalProperties": False}),
        ({"$schema": "x", "$id": "y", "propertyNames": {}, "type": "object"}, {"type": "object"}),
        ({"$ref": "#/$defs/A", "description": "B"}, {"allOf": [{"$ref": "#/components/schemas/A"}], "description": "B"}),
    ],
)  # fmt: skip
def test_a_schema(of_3_1: dict[str, Any], of_3_0: dict[str, Any]) -> None:
    assert schema(of_3_1) == of_3_0


def test_definitions_move_to_the_components_also_from_within_each_other() -> None:
    inner = {"type": "object", "$defs": {"B": {"const": 1}}, "properties": {"b": {"$ref": "#/$defs/B"}}}
    body = {"requestBody": {"content": {"application/json": {"schema": {"$defs": {"A": inner}, "$ref": "#/$defs/A"}}}}}
    made = as_3_0({"openapi": "3.1.0", "paths": {"/": {"post": body}}, "components": {"schemas": {"C": {"const": 2}}}})
    assert made["components"]["schemas"] == {
        "A": {"type": "object", "properties": {"b": {"$ref": "#/components/schemas/B"}}},
        "B": {"enum": [1]},
        "C": {"enum": [2]},
    }


def test_what_is_an_example_is_left_alone() -> None:
    content = {"example": {"schema": {"type": ["a", "null"]}}}
    made = as_3_0({"openapi": "3.1.0", "paths": {"/": {"get": {"content": content}}}})
    assert made["paths"]["/"]["get"]["content"] == content


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return create_app(Settings(log_level="error")).openapi()


def test_the_document_is_valid_openapi_3_0(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.0.3"
    assert [f"{'/'.join(map(str, error.path))}: {error.message}" for error in OpenAPIV30SpecValidator(document).iter_errors()] == []


def test_every_operation_has_a_name_of_its_own_and_a_tag(document: dict[str, Any]) -> None:
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names) > 30
    assert [name for name in names if not re.fullmatch(r"[a-z][A-Za-z.]{2,40}", name)] == []
    assert [operation["operationId"] for operation in operations if len(operation["tags"]) != 1] == []
    assert [operation["operationId"] for operation in operations if not operation["summary"]] == []
    assert all({"414", "429", "431"} <= {str(status) for status in operation["responses"]} for operation in operations)


def test_every_answer_says_of_what_type_it_is(document: dict[str, Any]) -> None:
    answers = {
        (operation["operationId"], status): list(answer.get("content", ()))
        for path in document["paths"].values()
        for operation in path.values()
        for status, answer in operation["responses"].items()
        if status.startswith("2") and status != "204"
    }
    assert [name for name, types in answers.items() if not types] == []
    assert answers["getTemplate", "200"] == [FORMATS["xlsx"].media_type]


# What OGC describes itself, by the conformance classes that the service names, and documents that are schemas or styles.
DESCRIBED_ELSEWHERE = {
    *(
        "getLanding",
        "getConformance",
        "getApi",
        "getCollections",
        "getCollection",
        "getQueryables",
        "getSortables",
        "getSchema",
        "getFeatureSchema",
    ),
    *("getTileMatrixSetsList", "getTileMatrixSet", "collections.getTileSetsList", "dataset.getTileSetsList", "collections.getTileSet"),
    *("dataset.getTileSet", "getTileJson", "getDatasetTileJson", "getStyles", "getStyle"),
    # A sequence of Features, whose schema would be taken for that of the whole.
    "getItems",
}


def members(one: dict[str, Any], document: dict[str, Any]) -> bool:
    """Whether a schema says what is in it."""
    if "$ref" in one:
        one = document["components"]["schemas"][one["$ref"].removeprefix("#/components/schemas/")]
    if choices := one.get("anyOf"):
        return all(members(choice, document) for choice in choices)
    return bool(one.get("properties"))


def test_every_answer_in_json_says_what_is_in_it(document: dict[str, Any]) -> None:
    answers = [
        (operation["operationId"], content.get("schema", {}))
        for path in document["paths"].values()
        for operation in path.values()
        for status, answer in operation["responses"].items()
        if status.startswith("2")
        for media_type, content in answer.get("content", {}).items()
        if "json" in media_type
    ]
    assert len(answers) > 70
    assert {name for name, of in answers if not members(of, document)} == DESCRIBED_ELSEWHERE


def test_a_member_that_nobody_described_is_found_by_the_tests_and_borne_by_clients(document: dict[str, Any]) -> None:
    path = "/imports/{import_id}"
    faults = [error.message for error in validator(path, "get", 200, "application/json").iter_errors({"secret": 1})]
    assert any("'secret' was unexpected" in fault for fault in faults)
    described = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
    ours = document["components"]["schemas"]
    assert "additionalProperties" not in ours[described.rpartition("/")[2]]


def test_every_schema_has_a_name_of_its_own(document: dict[str, Any]) -> None:
    """Two of one name would be told apart by their modules, which are nobody's business."""
    assert [name for name in document["components"]["schemas"] if "__" in name] == []


def test_every_operation_says_who_may_by_the_table_of_rights(document: dict[str, Any]) -> None:
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    told = {operation["operationId"]: operation["security"] for path in document["paths"].values() for operation in path.values()}
    for route in create_app(Settings(log_level="error")).router.routes:
        if isinstance(route, APIRoute) and route.include_in_schema:
            assert told[str(route.operation_id)] == ([{"token": []}] if needed(route.endpoint) else [{}, {"token": []}])
    assert told["postItem"] == told["getReviews"] == [{"token": []}]
    assert told["getItems"] == [{}, {"token": []}]


def test_every_tag_is_declared_with_what_it_means(document: dict[str, Any]) -> None:
    declared = {tag["name"]: tag["description"] for tag in document["tags"]}
    assert {operation["tags"][0] for path in document["paths"].values() for operation in path.values()} == set(declared)
    assert all(declared.values())


def test_numbers_are_numbers(document: dict[str, Any]) -> None:
    kinds = {
        (parameter["name"], parameter["schema"].get("type"))
        for path in document["paths"].values()
        for operation in path.values()
        for parameter in operation.get("parameters", ())
        if parameter["name"] in ("limit", "offset", "tileRow", "tileCol", "lon", "lat", "accuracy", "draft")
    }
    assert kinds == {
        ("limit", "integer"), ("offset", "integer"), ("tileRow", "integer"), ("tileCol", "integer"), ("lon", "number"), ("lat", "number"),
        ("accuracy", "number"), ("draft", "boolean"),
    }  # fmt: skip


def test_files_are_bytes_and_examples_may_be_copied(document: dict[str, Any]) -> None:
    assert list(document["paths"]["/imports"]["post"]["requestBody"]["content"]) == ["application/octet-stream", "multipart/form-data"]
    assert "application/octet-stream" in document["paths"]["/points/{point}/photos"]["post"]["requestBody"]["content"]
    for path, method in (("/imports", "post"), ("/points/{point}/photos", "post"), ("/points/{point}/photos/{photo}", "put")):
        form = document["paths"][path][method]["requestBody"]["content"]["multipart/form-data"]["schema"]
        assert (form["required"], form["properties"]["file"]["format"]) == (["file"], "binary")
    told = orjson.dumps(document)
    assert b'"*/*"' not in told
    assert b'"confirm_not_duplicate":true' not in told
    assert [
        media_type
        for path in document["paths"].values() for operation in path.values() for answer in operation["responses"].values()
        for media_type, content in answer.get("content", {}).items() if not content.get("schema")
    ] == []  # fmt: skip


@pytest.fixture(scope="module")
def of_a_city() -> dict[str, Any]:
    """As somebody reads it where there are the four categories that are shipped."""
    cards = {
        one["id"]: CategoryCard(
            id=one["id"], title=Text(**one["title"]), description=Text(**one["description"]), attribute_schema=one["attribute_schema"], audience="public",
            hidden={"published": frozenset(one["field_visibility"]), "internal": frozenset()},
        )
        for one in shipped()
    }  # fmt: skip
    made = description.bytes_of(
        create_app(Settings(log_level="error")), Known(categories=cards), "published", "https://peta.contoh.id/titik"
    )
    read: dict[str, Any] = orjson.loads(made)
    return read


def test_the_document_of_a_city_is_valid_and_says_where_it_is(of_a_city: dict[str, Any]) -> None:
    assert [f"{'/'.join(map(str, error.path))}: {error.message}" for error in OpenAPIV30SpecValidator(of_a_city).iter_errors()] == []
    assert of_a_city["servers"] == [{"url": "https://peta.contoh.id/titik"}]
    names = [operation["operationId"] for path in of_a_city["paths"].values() for operation in path.values()]
    assert len(set(names)) == len(names)


def test_each_collection_has_a_path_with_its_queryables_and_its_properties(of_a_city: dict[str, Any]) -> None:
    paths, schemas = of_a_city["paths"], of_a_city["components"]["schemas"]
    for collection in ("points", "kantor_kelurahan", "pos_kamling", "posyandu", "rt", "kelurahan", "kecamatan"):
        assert f"/collections/{collection}/items" in paths
    named = {parameter["name"]: parameter["schema"] for parameter in paths["/collections/posyandu/items"]["get"]["parameters"]}
    assert named["kader_aktif"] == {"type": "integer"}
    assert named["spm_pendidikan"] == {"type": "boolean"}
    assert named["jenis"]["enum"] == ["balita", "lansia", "remaja", "ilp"]
    assert "tempat" not in named
    assert {"geometry", "collection", "queryables"}.isdisjoint(named)
    assert "code" in {parameter["name"] for parameter in paths["/collections/kelurahan/items"]["get"]["parameters"]}
    assert "post" not in paths["/collections/kelurahan/items"]
    answer = paths["/collections/posyandu/items"]["get"]["responses"]["200"]["content"]["application/geo+json"]["schema"]["$ref"]
    assert answer.endswith("/PosyanduFeatureCollection")
    assert schemas["PosyanduProperties"]["properties"]["kader_aktif"]["type"] == "integer"
    assert "tempat" not in schemas["PosyanduProperties"]["properties"]
    general = paths["/collections/{collection}/items"]["get"]["responses"]["200"]["content"]["application/geo+json"]["schema"]
    assert general == {"$ref": "#/components/schemas/FeatureCollection"}


def test_parameters_of_items_are_of_the_style_that_ogc_wants() -> None:
    """OGC API Features Part 1, fc-limit-definition, fc-time-definition, fc-bbox-definition; Part 6, parameter."""
    document = create_app(Settings()).openapi()
    pages = {path: one["get"]["parameters"] for path, one in document["paths"].items() if re.fullmatch(r"/collections/[^/]+/items", path)}
    assert pages
    for path, parameters in pages.items():
        found = [document["components"]["parameters"][one["$ref"].rpartition("/")[2]] if "$ref" in one else one for one in parameters]
        styles = {one["name"]: (one.get("style"), one.get("explode")) for one in found}
        for name in ("limit", "datetime", "bbox", "properties"):
            assert styles[name] == ("form", False), (path, name)
