"""The sheet that an office fills in for a category."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app.background.private_places import private
from app.categories.queries import attribute_order
from app.categories.rules import Category
from app.common_fields import FIELDS
from app.imports.examples import ROWS, ExamplePlace, examples_of
from app.imports.fields import Field, fields_of
from app.imports.template import RegionNames, TemplateField, kelurahan_choices, write_template
from app.regions.codes import Region

# Of all categories, which say whether they must be there.
_OWN = frozenset(field.name for field in FIELDS if field.sheet and not field.sheet.is_required)
LISTED_AT_MOST = 1_000
"""Kelurahan to choose from: of a province nobody finds theirs in a list, and writes its name or code."""


def make(category: Category, title: str, regions: Sequence[Region], inside: Mapping[str, tuple[float, float]], spool: Path) -> bytes:
    """An XLSX with a column for each field, those of all categories first, and the kelurahan to choose from, where they are few enough.

    Attributes come in the order of their definition. `inside` is a longitude and latitude within each kelurahan, by its code.
    """
    kecamatan = {region.code: region.name for region in regions if region.level == "kecamatan"}
    places = [(one.code, one.name, kecamatan.get(one.parent_code or "", "")) for one in regions if one.level == "kelurahan"]
    schemas: Mapping[str, Any] = category.attribute_schema.get("properties", {})
    wanted = set(category.required) | set(category.attribute_schema.get("required", ()))
    order = attribute_order(category)
    fields = [
        _column(field, schemas.get(field.name, {}), is_required=field.name in wanted)
        for field in sorted(fields_of(category).values(), key=lambda field: order.get(field.name, -1))
        if field.is_attribute or field.name in _OWN
    ]
    with private(spool) as place:
        path = place / "template.xlsx"
        listed = places if len(places) <= LISTED_AT_MOST else ()
        write_template(path, title, fields, listed, examples_of(category, title, _spots(places, inside)))
        return path.read_bytes()


def _spots(places: Sequence[RegionNames], inside: Mapping[str, tuple[float, float]]) -> list[ExamplePlace]:
    """Places far from each other in the list, called as everywhere in the sheet."""
    choices = kelurahan_choices(places)
    known = [ExamplePlace(choices[code], name, *inside[code]) for code, name, _ in places if code in inside]
    return [known[at * len(known) // ROWS] for at in range(min(ROWS, len(known)))]


def _column(field: Field, schema: Mapping[str, object], *, is_required: bool) -> TemplateField:
    described = str(schema.get("description", ""))
    return TemplateField(field.name, field.title.id, field.title.en, field.kind, is_required, field.choices, described, _example(schema))


def _example(schema: Mapping[str, Any]) -> str:
    examples = schema.get("examples") or schema.get("enum") or ()
    return str(examples[0]) if examples else ""
