"""The sheet that an office fills in for a category."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.categories.rules import Category
from app.published.formats.spool import private
from app.regions.codes import Region
from app.transfers.fields import Field, fields_of
from app.transfers.template import TemplateField, write_template

_OWN = frozenset({"name", "rt", "rw", "address"})


def make(category: Category, title: str, regions: tuple[Region, ...], spool: Path) -> bytes:
    """An XLSX with a column for each field, those of all categories first, and the kelurahan to choose from."""
    kecamatan = {region.code: region.name for region in regions if region.level == "kecamatan"}
    places = [(one.code, one.name, kecamatan.get(one.parent_code or "", "")) for one in regions if one.level == "kelurahan"]
    schemas: Mapping[str, Any] = category.attribute_schema.get("properties", {})
    wanted = set(category.required) | set(category.attribute_schema.get("required", ()))
    fields = [
        _column(field, schemas.get(field.name, {}), is_required=field.name in wanted)
        for field in fields_of(category).values()
        if field.is_attribute or field.name in _OWN
    ]
    with private(spool) as place:
        path = place / "template.xlsx"
        write_template(path, title, fields, places)
        return path.read_bytes()


def _column(field: Field, schema: Mapping[str, Any], *, is_required: bool) -> TemplateField:
    described = str(schema.get("description", ""))
    return TemplateField(field.name, field.title.id, field.title.en, field.kind, is_required, field.choices, described, _example(schema))


def _example(schema: Mapping[str, Any]) -> str:
    examples = schema.get("examples") or schema.get("enum") or ()
    return str(examples[0]) if examples else ""
