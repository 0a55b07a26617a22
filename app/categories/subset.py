"""The part of JSON Schema (2020-12) that the attributes of a category may use: one flat object of plain values, nothing that refers
elsewhere. Pure: a schema in, faults out. Described in docs/categories.md.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson

from app.categories.names import ATTRIBUTE_NAME, TAKEN
from app.categories.patterns import MAX_PATTERN, verdict_on
from app.errors import Fault, escape_pointer

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MAX_BYTES = 64 * 1024
MAX_ATTRIBUTES = 100
MAX_CHOICES = 200
MAX_WORDS = 500
ORDER = "x-ogc-propertySeq"
FORMATS = ("date", "date-time", "time", "email", "uri", "uuid")
_LARGEST = 10**15

_Check = Callable[[Any], bool]

JsonSchema = Mapping[str, Any]
"""A JSON Schema, or the part of one that stands under an attribute."""


def _is_text(longest: int) -> _Check:
    return lambda value: isinstance(value, str) and 0 < len(value.strip()) <= longest


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= _LARGEST


def _is_count(most: int) -> _Check:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most


def _is_choices(value: Any) -> bool:
    return (
        isinstance(value, list) and 0 < len(value) <= MAX_CHOICES and all(map(_is_text(100), value)) and len(set(value)) == len(value)
    )  # fmt: skip


_WORDS: dict[str, _Check] = {
    "title": _is_text(100),
    "x-title-en": _is_text(100),
    "description": _is_text(MAX_WORDS),
    "x-description-en": _is_text(MAX_WORDS),
    "examples": lambda value: isinstance(value, list) and len(value) <= 10 and not any(isinstance(one, (dict, list)) for one in value),
    ORDER: _is_count(10_000),
}
_OF_TEXT: dict[str, _Check] = {
    "enum": _is_choices,
    "minLength": _is_count(10_000),
    "maxLength": _is_count(10_000),
    "pattern": lambda value: isinstance(value, str) and len(value) <= MAX_PATTERN,
    "format": lambda value: value in FORMATS,
}
_OF_NUMBERS: dict[str, _Check] = {
    "minimum": _is_number,
    "maximum": _is_number,
    "exclusiveMinimum": _is_number,
    "exclusiveMaximum": _is_number,
    "multipleOf": lambda value: _is_number(value) and value > 0,
}
_OF_LISTS: dict[str, _Check] = {
    "items": lambda value: isinstance(value, dict),
    "minItems": _is_count(1_000),
    "maxItems": _is_count(1_000),
    "uniqueItems": lambda value: isinstance(value, bool),
}
WORDS_OF: dict[str, dict[str, _Check]] = {
    "string": _OF_TEXT,
    "integer": _OF_NUMBERS,
    "number": _OF_NUMBERS,
    "boolean": {},
    "array": _OF_LISTS,
}
"""By type the words that a property may have beside its titles."""
_RANGES = (("minLength", "maxLength"), ("minimum", "maximum"), ("minItems", "maxItems"))
_ROOT = ("$schema", "type", "title", "description", "properties", "required", "additionalProperties")


def schema_faults(schema: JsonSchema, where: str) -> Iterator[Fault]:
    """All that is not of the subset, each with its JSON pointer below `where`."""
    if len(orjson.dumps(schema)) > MAX_BYTES:
        yield Fault(where, "schema-too-large", {"expected": MAX_BYTES // 1024})
        return
    for name in schema:
        if name not in _ROOT:
            yield _unknown(f"{where}/{escape_pointer(name)}", _ROOT)
    for name, right in (("$schema", DIALECT), ("type", "object"), ("additionalProperties", False)):
        if schema.get(name, right) != right or (name != "additionalProperties" and isinstance(schema.get(name), int)):
            yield Fault(f"{where}/{name}", "schema-value", {"expected": orjson.dumps(right).decode()})
    properties = schema.get("properties", {})
    if not isinstance(properties, dict):
        yield Fault(f"{where}/properties", "not-an-object")
        return
    if len(properties) > MAX_ATTRIBUTES:
        yield Fault(f"{where}/properties", "schema-too-many", {"expected": MAX_ATTRIBUTES})
        return
    yield from _required_faults(schema.get("required", []), properties, f"{where}/required")
    for name, one in properties.items():
        yield from _attribute_faults(name, one, f"{where}/properties/{escape_pointer(name)}")


def _required_faults(required: Any, properties: JsonSchema, where: str) -> Iterator[Fault]:
    if not isinstance(required, list) or len(required) > MAX_ATTRIBUTES:
        yield Fault(where, "not-a-list")
        return
    for at, name in enumerate(required):
        if not isinstance(name, str) or name not in properties:
            yield Fault(f"{where}/{at}", "field-not-there", {"known": ", ".join(sorted(properties))})


def _attribute_faults(name: str, schema: Any, where: str) -> Iterator[Fault]:
    if not ATTRIBUTE_NAME.fullmatch(name):
        yield Fault(where, "attribute-name-invalid")
    elif name in TAKEN:
        yield Fault(where, "attribute-name-taken")
    if not isinstance(schema, dict):
        yield Fault(where, "not-an-object")
        return
    if "title" not in schema:
        yield Fault(f"{where}/title", "value-missing")
    yield from _value_faults(schema, where, tuple(WORDS_OF), _WORDS)


def _value_faults(schema: JsonSchema, where: str, types: tuple[str, ...], words: dict[str, _Check]) -> Iterator[Fault]:
    """Those of the schema of one value: its type is one of `types`, and `words` may stand beside those of that type."""
    kind = schema.get("type")
    if not isinstance(kind, str) or kind not in types:
        yield Fault(f"{where}/type", "schema-type", {"expected": ", ".join(types)})
        return
    known = words | WORDS_OF[kind]
    for name, value in schema.items():
        pointer = f"{where}/{escape_pointer(name)}"
        if name == "type":
            continue
        if name not in known:
            if not (name.startswith(("x-ogc-", "x-titik-")) and isinstance(value, (str, int, float)) and len(str(value)) <= 200):
                yield _unknown(pointer, ("type", *known))
        elif not known[name](value):
            yield Fault(pointer, "schema-value", {"expected": _expected(name)})
    yield from _sense_faults(schema, where)


def _sense_faults(schema: JsonSchema, where: str) -> Iterator[Fault]:
    """What is right word by word, but not together."""
    for low, high in _RANGES:
        if _is_number(schema.get(low)) and _is_number(schema.get(high)) and schema[low] > schema[high]:
            yield Fault(f"{where}/{low}", "schema-range", {"expected": high})
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and len(pattern) <= MAX_PATTERN and (verdict := verdict_on(pattern)) != "linear":
        yield Fault(f"{where}/pattern", verdict)
    if schema.get("type") == "array":
        items = schema.get("items")
        if items is None:
            yield Fault(f"{where}/items", "value-missing")
        elif isinstance(items, dict):
            yield from _value_faults(items, f"{where}/items", ("string",), {})


def _expected(name: str) -> str:
    """What a word takes, as far as that can be said in a word itself."""
    return {"format": ", ".join(FORMATS), "enum": f"1\u2013{MAX_CHOICES}", "pattern": f"\u2264 {MAX_PATTERN}"}.get(name, name)


def _unknown(pointer: str, known: tuple[str, ...]) -> Fault:
    code = "schema-reference" if pointer.endswith(("/$ref", "/$dynamicRef", "/$id", "/$anchor")) else "schema-word-unknown"
    return Fault(pointer, code, {"known": ", ".join(known)})


def in_full(schema: JsonSchema) -> dict[str, Any]:
    """The schema with what goes without saying: its dialect, its type, that nothing else is allowed, the order of its attributes."""
    properties = schema.get("properties", {})
    last = max((one.get(ORDER, 0) for one in properties.values()), default=0)
    numbered: dict[str, Any] = {}
    for name, one in properties.items():
        if ORDER not in one:
            last += 1
        numbered[name] = {**one, ORDER: one.get(ORDER, last)}
    named = {name: schema[name] for name in ("title", "description") if name in schema}
    required = {"required": sorted(set(schema["required"]))} if schema.get("required") else {}
    return {"$schema": DIALECT, "type": "object", **named, "additionalProperties": False, **required, "properties": numbered}
