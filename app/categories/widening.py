"""Whether a changed schema still takes all that the old one took. Pure; when in doubt the answer is no, and the stored values are asked."""

from collections.abc import Iterator
from operator import eq, ge, le

from app.categories.subset import JsonSchema

_LOW = ("minLength", "minimum", "exclusiveMinimum", "minItems")
_HIGH = ("maxLength", "maximum", "exclusiveMaximum", "maxItems")
_SAME = ("pattern", "format", "multipleOf")


def narrowings(before: JsonSchema, after: JsonSchema) -> Iterator[str]:
    """The places (JSON pointers within the schema) at which a value of the schema `before` might be refused by the schema `after`. None: every
    set of attributes that was valid still is.
    """
    old, new = before.get("properties", {}), after.get("properties", {})
    # A schema that lets other attributes in than those that it names says nothing about them.
    open_before = before.get("additionalProperties", True) is not False
    if open_before and after.get("additionalProperties", True) is False:
        yield "/additionalProperties"
    for name, schema in old.items():
        if name in new:
            yield from (f"/properties/{name}{place}" for place in _of_value(schema, new[name]))
        elif after.get("additionalProperties", True) is False:
            yield f"/properties/{name}"
    if open_before:
        yield from (f"/properties/{name}" for name in new if name not in old)
    yield from (f"/required/{name}" for name in after.get("required", ()) if name not in before.get("required", ()))


def _of_value(before: JsonSchema, after: JsonSchema) -> Iterator[str]:
    if before.get("type") != after.get("type") and (before.get("type"), after.get("type")) != ("integer", "number"):
        yield "/type"
    if "enum" in after and not ("enum" in before and set(before["enum"]) <= set(after["enum"])):
        yield "/enum"
    for words, is_wider in ((_LOW, le), (_HIGH, ge), (_SAME, eq)):
        yield from (f"/{word}" for word in words if word in after and not (word in before and is_wider(after[word], before[word])))
    if after.get("uniqueItems") and not before.get("uniqueItems"):
        yield "/uniqueItems"
    if "items" in after:
        yield from (f"/items{place}" for place in _of_value(before.get("items", {}), after["items"]))


def differences(before: JsonSchema, after: JsonSchema) -> Iterator[str]:
    """The attributes that are new, gone or otherwise (JSON pointers within the schema); titles and examples count too."""
    old, new = before.get("properties", {}), after.get("properties", {})
    yield from (f"/properties/{name}" for name in dict.fromkeys((*old, *new)) if old.get(name) != new.get(name))
    if set(before.get("required", ())) != set(after.get("required", ())):
        yield "/required"
