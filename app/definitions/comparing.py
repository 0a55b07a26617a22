"""What a definition may say, and what lies between two of them. Pure."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.categories import names
from app.categories.subset import schema_faults
from app.categories.templates import fields_of, render
from app.categories.widening import differences, narrowings
from app.definitions.schemas import Definition, DefinitionDifference
from app.errors import Fault, escape_pointer

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_SCHEMA = "/attribute_schema"
_SEEN = ("public", "internal", "restricted")
_PLAIN = ("title", "description", "name_template", "expected_count", "icon", "colour")
_SAMPLE = {"rt": "001", "rw": "002", "address": "Jl. Contoh 1"}

StoredDefinition = Mapping[str, Any]
"""A definition as a row or its JSON has it."""


def definition_faults(definition: Definition) -> list[Fault]:
    """Everything that is wrong, with its JSON pointer; the rest of the form is `Definition` itself."""
    faults = list(_id_faults(definition.id))
    of_schema = list(schema_faults(definition.attribute_schema, _SCHEMA))
    faults += of_schema
    if not of_schema:
        # Only a sound schema says which attributes there are.
        faults += [*_field_faults(definition), *_template_faults(definition)]
    if definition.colour is not None and not _COLOUR.fullmatch(definition.colour):
        faults.append(Fault("/colour", "colour-invalid"))
    if definition.icon is not None and not _is_icon(definition.icon):
        faults.append(Fault("/icon", "icon-invalid"))
    return faults


def _id_faults(name: str) -> Iterator[Fault]:
    if not names.CATEGORY_NAME.fullmatch(name):
        yield Fault("/id", "category-id-invalid")
    elif name in names.RESERVED:
        yield Fault("/id", "category-id-reserved")


def _is_icon(icon: str) -> bool:
    """One or two characters that are seen: signs that join or vary others are not counted, those that are not seen are none."""
    seen = [one for one in icon if not unicodedata.combining(one) and one not in "\u200d\ufe0e\ufe0f"]
    return 0 < len(seen) <= 2 and not any(unicodedata.category(one)[0] in "CZ" for one in seen)


def _field_faults(definition: Definition) -> Iterator[Fault]:
    attributes = tuple(definition.attribute_schema.get("properties", {}))
    for at, name in enumerate(definition.required):
        if name not in names.DEMANDABLE:
            yield _not_there(f"/required/{at}", names.DEMANDABLE)
    for at, name in enumerate(definition.natural_key):
        if name not in (*names.KEYS, *attributes):
            yield _not_there(f"/natural_key/{at}", (*names.KEYS, *attributes))
    hideable = (*names.HIDEABLE, names.PHOTOS, *attributes)
    for name in definition.field_visibility:
        if name not in hideable:
            yield _not_there(f"/field_visibility/{escape_pointer(name)}", hideable)


def _template_faults(definition: Definition) -> Iterator[Fault]:
    """A template names what every point has: so it always makes a name. It is rendered once."""
    if definition.name_template is None:
        if "name" not in definition.required:
            yield Fault("/required", "name-nowhere")
        return
    where, template = "/name_template/id", definition.name_template.id
    try:
        found = fields_of(template)
    except ValueError:
        yield Fault(where, "template-invalid")
        return
    schema = definition.attribute_schema
    known = [name for name in names.IN_NAMES if name in definition.required]
    known += [name for name in schema.get("required", ()) if schema["properties"][name]["type"] in ("string", "integer", "number")]
    if not set(found) <= set(known) or not found:
        yield Fault(where, "template-field", {"known": ", ".join(known) or "\u2013"})
        return
    made = render(template, {name: _SAMPLE.get(name, 1) for name in found})
    if made is None or not made.strip() or len(made) > names.LONGEST_NAME:
        yield Fault(where, "template-invalid")


def _not_there(where: str, known: tuple[str, ...]) -> Fault:
    return Fault(where, "field-not-there", {"known": ", ".join(known)})


@dataclass(frozen=True, slots=True)
class ItemShape:
    """What items are made from, and who sees them: where it differs they are made anew."""

    attributes: frozenset[str]
    not_public: frozenset[str]
    restricted: frozenset[str]
    public_decimals: int | None
    is_public: bool
    shows_photos: bool


def shape_of(definition: StoredDefinition) -> ItemShape:
    visibility: Mapping[str, str] = definition["field_visibility"]
    hidden = {name: seen for name, seen in visibility.items() if seen != "public" and name != names.PHOTOS}
    return ItemShape(
        attributes=frozenset(definition["attribute_schema"].get("properties", {})),
        not_public=frozenset(hidden),
        restricted=frozenset(name for name, seen in hidden.items() if seen == "restricted"),
        public_decimals=definition["public_decimals"],
        is_public=definition["audience"] == "public",
        shows_photos=visibility.get(names.PHOTOS) == "public",
    )


@dataclass(frozen=True, slots=True)
class Cut:
    """What readers no longer see from one shape to another: fields of either half, or, `withheld`, the public item as a whole, because its
    place gets coarser or the category is no longer public.
    """

    public: frozenset[str]
    internal: frozenset[str]
    withheld: bool

    @property
    def is_any(self) -> bool:
        return bool(self.public or self.internal or self.withheld)


def cut_between(before: ItemShape, after: ItemShape) -> Cut:
    gone = before.attributes - after.attributes
    coarser = after.public_decimals is not None and (before.public_decimals is None or after.public_decimals < before.public_decimals)
    return Cut(
        public=after.not_public - before.not_public | gone,
        internal=after.restricted - before.restricted | gone,
        withheld=before.is_public and (not after.is_public or coarser),
    )


def differences_between(before: StoredDefinition, after: StoredDefinition) -> list[DefinitionDifference]:
    """Where two definitions differ, and what that does to those who write or read."""
    narrow = {f"{_SCHEMA}{place}" for place in narrowings(before["attribute_schema"], after["attribute_schema"])}
    found: list[DefinitionDifference] = []
    for place in differences(before["attribute_schema"], after["attribute_schema"]):
        pointer = f"{_SCHEMA}{place}"
        is_narrow = any(one == pointer or one.startswith(f"{pointer}/") for one in narrow)
        found.append({"pointer": pointer, "effect": "narrows" if is_narrow else "widens"})
    found += _of_required(before["required"], after["required"])
    for name in ("natural_key", "cardinality"):
        if before[name] != after[name]:
            found.append({"pointer": f"/{name}", "effect": "narrows" if key_of(after) else "widens"})
    found += _of_visibility(before, after)
    found += [{"pointer": f"/{name}", "effect": "changes"} for name in _PLAIN if before[name] != after[name]]
    return found


def key_of(definition: StoredDefinition) -> tuple[str, ...]:
    """The fields that no two live points share; where a kelurahan has one point only, that is the kelurahan."""
    return ("kelurahan",) if definition["cardinality"] == "one_per_kelurahan" else tuple(definition["natural_key"])


def _of_required(before: list[str], after: list[str]) -> list[DefinitionDifference]:
    if set(before) == set(after):
        return []
    return [{"pointer": "/required", "effect": "widens" if set(after) <= set(before) else "narrows"}]


def _of_visibility(before: StoredDefinition, after: StoredDefinition) -> Iterator[DefinitionDifference]:
    old, new = before["field_visibility"], after["field_visibility"]
    for name in sorted({*old, *new}):
        other = "restricted" if name == names.PHOTOS else "public"
        was, will_be = _SEEN.index(old.get(name, other)), _SEEN.index(new.get(name, other))
        if was != will_be:
            yield {"pointer": f"/field_visibility/{name}", "effect": "hides" if will_be > was else "shows"}
    if before["audience"] != after["audience"]:
        yield {"pointer": "/audience", "effect": "hides" if after["audience"] == "internal" else "shows"}
    exact, coarse = (8 if one["public_decimals"] is None else one["public_decimals"] for one in (before, after))
    if exact != coarse:
        yield {"pointer": "/public_decimals", "effect": "hides" if coarse < exact else "shows"}
