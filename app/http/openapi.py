"""From the OpenAPI 3.1 that FastAPI writes to 3.0.3, which OGC API Features asks for and its clients read. Pure.

What JSON Schema 2020-12 says and OpenAPI 3.0 has no word for is left out: a document that promises less is still true.
"""

from typing import Any

VERSION = "3.0.3"
MEDIA_TYPE = "application/vnd.oai.openapi+json;version=3.0"

# The words of a Schema Object (OpenAPI 3.0.3 §4.7.24) whose values are taken over as they are.
_KEPT = frozenset(
    [
        "title",
        "description",
        "default",
        "format",
        "pattern",
        "enum",
        "multipleOf",
        "maximum",
        "minimum",
        "maxLength",
        "minLength",
        "maxItems",
        "minItems",
        "uniqueItems",
        "maxProperties",
        "minProperties",
        "required",
        "nullable",
        "readOnly",
        "writeOnly",
        "deprecated",
        "example",
        "discriminator",
        "xml",
        "externalDocs",
    ]
)
_LISTS = ("allOf", "anyOf", "oneOf")
_EXAMPLES = ("example", "examples", "default")


def as_3_0(document: dict[str, Any]) -> dict[str, Any]:
    """The same interface. Definitions within schemas move to the components, where all references lead."""
    definitions: dict[str, object] = {}
    described = _outside(document, definitions)
    components = {**described.get("components", {})}
    schemas = {name: _schema(one, definitions) for name, one in components.get("schemas", {}).items()}
    while missing := definitions.keys() - schemas.keys():
        schemas |= {name: _schema(definitions[name], definitions) for name in sorted(missing)}
    return {**described, "openapi": VERSION, "components": {**components, "schemas": schemas}}


def _outside(node: Any, definitions: dict[str, Any]) -> Any:
    """What is no schema stays; each schema in it is rewritten."""
    if isinstance(node, list):
        return [_outside(one, definitions) for one in node]
    if not isinstance(node, dict):
        return node
    return {
        name: _schema(one, definitions) if name == "schema" else one if name in (*_EXAMPLES, "schemas") else _outside(one, definitions)
        for name, one in node.items()
    }


def _schema(node: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if isinstance(node, bool):
        return {} if node else {"not": {}}
    definitions |= node.get("$defs", {})
    if "$ref" in node:
        reference = {"$ref": node["$ref"].replace("#/$defs/", "#/components/schemas/")}
        # In 3.0 whatever stands beside a reference is not read.
        return {**_schema(rest, definitions), "allOf": [reference]} if (rest := _without(node, "$ref", "$defs")) else reference
    schema = {name: one for name, one in node.items() if name in _KEPT or name.startswith("x-")}
    schema |= _values(node) | _bounds(node) | _inner(node, definitions)
    return _choices(schema, node, definitions)


def _without(node: dict[str, object], *names: str) -> dict[str, object]:
    return {name: one for name, one in node.items() if name not in names}


def _values(node: dict[str, Any]) -> dict[str, Any]:
    """Types and single values. `null` is no type in 3.0."""
    schema: dict[str, object] = {}
    kinds = node.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    named = [kind for kind in kinds if kind != "null"]
    if len(named) == 1:
        schema["type"] = named[0]
    elif named:
        schema["anyOf"] = [{"type": kind} for kind in named]
    if "null" in kinds:
        schema["nullable"] = True
    if isinstance(node.get("const"), bool):
        # Generators of clients have no type for one half of a yes or no.
        schema["type"] = "boolean"
    elif "const" in node:
        schema["enum"] = [node["const"]]
    if node.get("examples"):
        schema["example"] = node["examples"][0]
    if "contentMediaType" in node and node.get("type") == "string":
        schema["format"] = "byte" if node.get("contentEncoding") == "base64" else "binary"
    return schema


def _bounds(node: dict[str, Any]) -> dict[str, Any]:
    """An exclusive bound is a number in 3.1, and a yes beside the bound in 3.0; of two bounds the tighter one counts."""
    schema: dict[str, object] = {}
    for bound, exclusive, tighter in (("minimum", "exclusiveMinimum", max), ("maximum", "exclusiveMaximum", min)):
        limit = node.get(exclusive)
        if isinstance(limit, (int, float)) and not isinstance(limit, bool):
            other = node.get(bound, limit)
            schema[bound] = tighter(limit, other)
            if schema[bound] == limit:
                schema[exclusive] = True
    return schema


def _inner(node: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """The schemas of members and elements."""
    schema: dict[str, object] = {}
    if "properties" in node:
        schema["properties"] = {name: _schema(one, definitions) for name, one in node["properties"].items()}
    if "additionalProperties" in node:
        others = node["additionalProperties"]
        schema["additionalProperties"] = others if isinstance(others, bool) else _schema(others, definitions)
    if "not" in node:
        schema["not"] = _schema(node["not"], definitions)
    if "prefixItems" in node:
        places = [_schema(one, definitions) for one in node["prefixItems"]]
        rest = node.get("items")
        others = [_schema(rest, definitions)] if isinstance(rest, dict) else []
        kinds = [one for number, one in enumerate(places + others) if one not in (places + others)[:number]]
        schema["items"] = kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
        if rest is False:
            schema["maxItems"] = min(len(places), node.get("maxItems", len(places)))
    elif "items" in node:
        schema["items"] = _schema(node["items"], definitions)
    elif "array" in (node.get("type"), *([] if isinstance(node.get("type"), str) else node.get("type", []))):
        # Must not be missing (§4.7.24.1).
        schema["items"] = {}
    return schema


def _choices(schema: dict[str, Any], node: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """`allOf` and its kind. The choice of null is the word `nullable`, and a choice of one is none."""
    for name in _LISTS:
        choices = [one for one in node.get(name, []) if one != {"type": "null"}]
        if not choices:
            continue
        if len(choices) < len(node[name]):
            schema["nullable"] = True
        rewritten = [_schema(one, definitions) for one in choices]
        if len(rewritten) == 1 and name != "allOf" and "$ref" not in rewritten[0]:
            schema = {**rewritten[0], **schema}
        else:
            schema["allOf" if len(rewritten) == 1 else name] = rewritten
    if schema.get("nullable") and None not in schema.get("enum", [None]):
        # Validators of 3.0 ask both.
        schema["enum"] = [*schema["enum"], None]
    return schema
