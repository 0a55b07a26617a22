"""The sheet that an office fills in for a category."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app.categories.queries import attribute_order
from app.categories.rules import Category
from app.published.formats.spool import private
from app.regions.codes import Region
from app.transfers.examples import ROWS, Spot, examples_of
from app.transfers.fields import Field, fields_of
from app.transfers.template import TemplateField, write_template

_OWN = frozenset({"name", "rt", "rw", "address"})


def make(category: Category, title: str, regions: tuple[Region, ...], inside: Mapping[str, tuple[float, float]], spool: Path) -> bytes:
    """An XLSX with a column for each field, those of all categories first, and the kelurahan to choose from.

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
        write_template(path, title, fields, places, examples_of(category, title, _spots(places, inside)))
        return path.read_bytes()


def _spots(places: Sequence[Sequence[str]], inside: Mapping[str, tuple[float, float]]) -> list[Spot]:
    """Places far from each other in the list; two kelurahan of one name are called by their codes, as everywhere in the sheet."""
    names = Counter(name for _, name, _ in places)
    known = [Spot(code if names[name] > 1 else name, name, *inside[code]) for code, name, _ in places if code in inside]
    return [known[at * len(known) // ROWS] for at in range(min(ROWS, len(known)))]


def _column(field: Field, schema: Mapping[str, Any], *, is_required: bool) -> TemplateField:
    described = str(schema.get("description", ""))
    return TemplateField(field.name, field.title.id, field.title.en, field.kind, is_required, field.choices, described, _example(schema))


def _example(schema: Mapping[str, Any]) -> str:
    examples = schema.get("examples") or schema.get("enum") or ()
    return str(examples[0]) if examples else ""
