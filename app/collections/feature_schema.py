"""The JSON Schema of a Feature of a collection, as `describedby` links it. Pure."""

from collections.abc import Mapping
from typing import Any

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_POSITION = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
_LINES = {"type": "array", "items": {"type": "array", "items": _POSITION, "minItems": 4}}
_COORDINATES: dict[str, dict[str, object]] = {"Point": _POSITION, "MultiPolygon": {"type": "array", "items": _LINES}}
# What a type is called, beside its name, where it is one of several kinds of text or list.
_TYPE_WORDS = ("type", "format", "items")


def feature_schema(schema: Mapping[str, Any], geometry: str, url: str) -> dict[str, Any]:
    """That of a Feature whose properties are those of `schema` (Features Part 5): all are there, null where nothing is known.

    `geometry` is the type of its geometry, `url` where this schema lies.
    """
    definitions: dict[str, object] = {}
    described = {
        name: _perhaps_null(name, one, definitions) for name, one in schema["properties"].items() if name != "id" and not _is_geometry(one)
    }
    place = {"properties": {"type": {"const": geometry}, "coordinates": _COORDINATES[geometry]}, "required": ["type", "coordinates"]}
    return {
        "$schema": _DIALECT,
        "$id": url,
        "title": schema["title"],
        "type": "object",
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": {"const": "Feature"},
            "id": {"type": "string"},
            "geometry": {"type": "object", **place},
            "properties": {"type": "object", "required": list(described), "properties": described, "additionalProperties": False},
        },
        "$defs": definitions,
    }


def _is_geometry(schema: Mapping[str, object]) -> bool:
    return str(schema.get("format", "")).startswith("geometry-")


def _perhaps_null(name: str, schema: Mapping[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """The same, or null. Its type is a reference whose pointer has a slash in it, written `~1`. GDAL (3.12) takes a field whose type is a list
    for text, and reads a reference without unescaping it: it comes to the definition for itself, and all others to the one that holds.
    """
    kind = {word: schema[word] for word in _TYPE_WORDS if word in schema}
    label = f"list-{name}" if "items" in kind else str(kind.get("format", kind["type"]))
    definitions[f"{label}/null"] = kind | {"type": [kind["type"], "null"]}
    definitions[f"{label}~1null"] = kind
    rest = {name: one for name, one in schema.items() if name not in _TYPE_WORDS}
    if "enum" in rest:
        rest["enum"] = [*rest["enum"], None]
    return {"$ref": f"#/$defs/{label}~1null", **rest}
