"""The collections in the words of OpenAPI: for each a path of its own with its queryables by name, and the schemas of its features. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.collections import described
from app.collections.kinds.kind import Described
from app.collections.kinds.points import AllPoints
from app.collections.parameters import OF_AREAS, OF_PAGES, queryable_parameter

GEOJSON = "application/geo+json"
_REF = "#/components/schemas/"
_TAG = "collections of this city"
TAG = {"name": _TAG, "description": "The same operations collection by collection, with the names and kinds of its own properties."}


EXAMPLE_OF = "posyandu"
"""The category of which the example of a body is."""


def _position(kind: str, depth: int) -> dict[str, object]:
    coordinates: dict[str, object] = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 4}
    for _ in range(depth):
        coordinates = {"type": "array", "items": coordinates}
    return {
        "type": "object",
        "required": ["type", "coordinates"],
        "properties": {"type": {"type": "string", "enum": [kind]}, "coordinates": coordinates},
        "additionalProperties": True,
    }


def _collection_of(features: str) -> dict[str, object]:
    """A GeoJSON FeatureCollection (RFC 7946 §3.3) with the members of OGC API Features §7.15.7."""
    return {
        "type": "object",
        "required": ["type", "features"],
        "properties": {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "features": {"type": "array", "items": {"$ref": _REF + features}},
            "links": {"type": "array", "items": {"$ref": f"{_REF}FeatureLink"}},
            "numberReturned": {"type": "integer", "minimum": 0},
            "numberMatched": {"type": "integer", "minimum": 0},
            "numberEstimated": {"type": "integer", "minimum": 0, "description": "Where counting would cost more than the page"},
            "timeStamp": {"type": "string", "format": "date-time"},
        },
        "additionalProperties": True,
    }


def _feature_of(geometry: Mapping[str, Any], properties: str) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"type": "string", "description": "Of a point a UUIDv7, of an area its code"},
            "geometry": geometry,
            "properties": {"$ref": _REF + properties},
            "links": {"type": "array", "items": {"$ref": f"{_REF}FeatureLink"}},
        },
        "additionalProperties": True,
    }


def _properties(one: Described) -> dict[str, object]:
    """By the schema of its items; each may be null, where nothing is known."""
    properties = described.schema(one, "", "en")["properties"]
    return {name: _nullable(schema) for name, schema in properties.items() if name not in ("id", "geometry")}


def _nullable(schema: Mapping[str, Any]) -> dict[str, Any]:
    plain = {word: value for word, value in schema.items() if not word.startswith("x-") and word not in ("title", "readOnly")}
    # Generators name types by titles, which are sentences for people here.
    plain.setdefault("description", schema.get("title", ""))
    return {**plain, "nullable": True, **({"enum": [*plain["enum"], None]} if "enum" in plain else {})}


def _sent(properties: str) -> dict[str, object]:
    """A Feature as a client makes it, which need not have an id."""
    feature = _feature_of({"$ref": f"{_REF}PointPlace"}, properties)
    named = {
        **feature["properties"],
        "id": {"type": "string", "format": "uuid", "nullable": True, "description": "A UUIDv7, which makes a retry safe"},
    }
    return {**feature, "required": ["type", "geometry", "properties"], "properties": named}


_GEOMETRIES = {"Point": "PointPlace", "MultiPolygon": "MultiPolygonPlace"}
SCHEMAS: dict[str, object] = {
    "PointPlace": _position("Point", 0),
    "MultiPolygonPlace": _position("MultiPolygon", 3),
    "FeatureLink": {
        "type": "object",
        "required": ["href", "rel"],
        "properties": {name: {"type": "string"} for name in ("href", "rel", "type", "title")},
        "additionalProperties": True,
    },
    "FeatureProperties": {
        "type": "object",
        "description": "What all points have; each category adds its own, an area has others",
        "properties": _properties(AllPoints.of("published", ())),
        "additionalProperties": True,
    },
    "Feature": _feature_of({"oneOf": [{"$ref": _REF + one} for one in _GEOMETRIES.values()]}, "FeatureProperties"),
    "FeatureCollection": _collection_of("Feature"),
}
"""Of any collection."""


def schemas_of(collections: Iterable[Described]) -> dict[str, object]:
    """Those of the features of each collection, by the name of it."""
    found: dict[str, object] = {}
    for one in collections:
        name = one.type_name
        found[f"{name}Properties"] = {"type": "object", "properties": _properties(one), "additionalProperties": True}
        found[f"{name}Feature"] = _feature_of({"$ref": _REF + _GEOMETRIES[one.source.geometry]}, f"{name}Properties")
        found[f"{name}FeatureCollection"] = _collection_of(f"{name}Feature")
        if one.takes_points:
            found[f"{name}Sent"] = _sent(f"{name}Properties")
    return found


def paths_of(collections: Iterable[Described], general: Mapping[str, object]) -> dict[str, object]:
    """`/collections/{id}/items` of each; `general` is that of all of them, whose other answers these have."""
    return {f"/collections/{one.id}/items": _path(one, general) for one in collections}


def _parameters_of(one: Described) -> list[dict[str, object]]:
    """What is being worked on is listed by category."""
    parameters = OF_AREAS if one.has_editions else OF_PAGES
    return [parameter for parameter in parameters if parameter["name"] != "view" or one.is_of_one_category]


def _path(one: Described, general: Mapping[str, Any]) -> dict[str, Any]:
    path = {"get": _reading(one, general["get"])}
    if one.takes_points:
        path["post"] = _posting(one, general["post"])
    return path


def _reading(one: Described, general: Mapping[str, Any]) -> dict[str, Any]:
    named = [queryable_parameter(queryable) for queryable in one.source.queryables.values() if queryable.kind not in ("geometry", "list")]
    answers = _with_schema(general["responses"], "200", {"$ref": f"{_REF}{one.type_name}FeatureCollection"})
    about = f"{one.title.say('en')}: {one.description.say('en')}"
    own = {"operationId": f"get{one.type_name}Items", "summary": one.title.say("en"), "description": about}
    return {**general, **own, "tags": [_TAG], "parameters": [*_parameters_of(one), *named], "responses": answers}


def _posting(one: Described, general: Mapping[str, Any]) -> dict[str, Any]:
    name, answers = one.type_name, general["responses"]
    for status in ("200", "201"):
        answers = _with_schema(answers, status, {"$ref": f"{_REF}{name}Feature"})
    sent = {"schema": {"$ref": f"{_REF}{name}Sent"}}
    if one.id == EXAMPLE_OF:
        sent["example"] = general["requestBody"]["content"][GEOJSON]["example"]
    parameters = [parameter for parameter in general["parameters"] if parameter["name"] != "collection"]
    body = {**general["requestBody"], "content": {GEOJSON: sent}}
    # What can be done with it then is told by the general one.
    answers["201"] = {word: value for word, value in answers["201"].items() if word != "links"}
    own = {"operationId": f"post{name}", "tags": [_TAG], "parameters": parameters, "requestBody": body, "responses": answers}
    return {**general, **own}


def _with_schema(answers: Mapping[str, Any], status: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    content = {**answers[status]["content"], GEOJSON: {"schema": schema}}
    return {**answers, status: {**answers[status], "content": content}}
