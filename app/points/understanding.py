"""What the texts of a body mean, where a property has only some values. Pure."""

from collections.abc import Mapping

from app.categories.rules import Category
from app.categories.spellings import NO, YES, choice_of
from app.common_fields import CHOICES


def understood(body: Mapping[str, object], category: Category) -> Mapping[str, object]:
    """The Feature with the values that its texts mean, where a property has only some: `Balita` is `balita`, and `ya` is true."""
    raw = body.get("properties")
    if not isinstance(raw, dict):
        return body
    choices = {**category.choices, **CHOICES, "category": (category.id,)}
    schemas = category.attribute_schema.get("properties", {})
    meant: dict[str, object] = {
        name: choice_of(value, choices[name]) for name, value in raw.items() if name in choices and isinstance(value, str)
    } | {
        name: _yes_or_no(value) for name, value in raw.items() if isinstance(value, str) and schemas.get(name, {}).get("type") == "boolean"
    }
    changed = {name: value for name, value in meant.items() if value is not None and value != raw[name]}
    return {**body, "properties": {**raw, **changed}} if changed else body


def _yes_or_no(text: str) -> bool | None:
    """Words only: a lone letter is a mark on a sheet."""
    word = text.casefold()
    return word in YES if len(word) > 1 and word in YES | NO else None
