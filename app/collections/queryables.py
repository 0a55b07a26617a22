"""What filters may name in each collection, and the same as JSON Schema: the queryables of Part 3, the schema of Part 5."""

from collections.abc import Collection, Mapping
from typing import Any, Literal

from sqlalchemy import Boolean, Date, DateTime, FromClause, Numeric, Text, case, cast, func, literal, literal_column
from sqlalchemy.sql.elements import ColumnElement

from app.common_fields import PUBLIC
from app.cql2.filters import Queryable, QueryableKind
from app.language import Language
from app.language import Text as Words
from app.regions.codes import RegionPart

# What every item has, whatever its category: kind, title, and the values there are.
_COMMON: dict[str, tuple[QueryableKind, Words, tuple[str, ...]]] = {
    **{field.name: (field.kind, field.title, field.choices) for field in PUBLIC},
    "geometry": ("geometry", Words("Letak", "Place"), ()),
}
# Those that items have in a column of their own. The column of `kecamatan` is its code, the property its name.
_COLUMNS = {
    "category": "category",
    "name": "name",
    "kelurahan": "kelurahan",
    "captured_at": "captured_at",
    "verified_at": "verified_at",
    "geometry": "geom",
}

# The dates that PostgreSQL can read, leap years and all: a cast of any other would fail.
_DAY = (
    r"^(?!0000)(\d{4}-((0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)"
    r"|(\d\d(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)$"
)

_SCHEMAS: dict[QueryableKind, dict[str, object]] = {
    "text": {"type": "string"},
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "instant": {"type": "string", "format": "date-time"},
    "date": {"type": "string", "format": "date"},
    "list": {"type": "array", "items": {"type": "string"}},
    "geometry": {"format": "geometry-point"},
}
# What tells of a region, by code or name.
_REGIONS: dict[str, tuple[RegionPart, Literal["code", "bps_code", "name"]]] = {
    "kelurahan": ("kelurahan", "code"),
    "kelurahan_name": ("kelurahan", "name"),
    "kecamatan": ("kecamatan", "name"),
}
_NEIGHBOURHOODS = ("rw", "rt")
_ROLES = {"geometry": "primary-geometry", "captured_at": "primary-instant"}


def of_items(attribute_schema: Mapping[str, Any], hidden: Collection[str], item: FromClause) -> dict[str, Queryable]:
    """The common properties and those of a category. `item` is the table of one of the read halves, `hidden` what it must not tell.

    Values that are stored in another type than the schema's count as missing.
    """
    found = {name: _common(name, item) for name in _COMMON if name not in hidden}
    for name, schema in attribute_schema.get("properties", {}).items():
        kind = _kind(schema)
        if kind and name not in hidden and name not in _COMMON:
            title = str(schema.get("title", name))
            choices = tuple(one for one in schema.get("enum", ()) if isinstance(one, str))
            found[name] = Queryable(name, kind, _stored(item, name, kind), Words(title, str(schema.get("x-title-en", title))), choices)
    return found


def schema_of(queryables: Mapping[str, Queryable], title: str, url: str, language: Language) -> dict[str, object]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": url,
        "type": "object",
        "title": title,
        "properties": {name: _schema(queryable, language) for name, queryable in queryables.items()},
        "additionalProperties": False,
    }


def _schema(queryable: Queryable, language: Language) -> dict[str, object]:
    schema = {"title": queryable.title.say(language), **_SCHEMAS[queryable.kind]}
    if queryable.choices:
        schema["enum"] = list(queryable.choices)
    if role := _ROLES.get(queryable.name):
        schema["x-ogc-role"] = role
    return schema


def _common(name: str, item: FromClause) -> Queryable:
    kind, title, choices = _COMMON[name]
    expression = item.c[_COLUMNS[name]] if name in _COLUMNS else _stored(item, name, kind)
    return Queryable(name, kind, expression, title, choices, _REGIONS.get(name), name in _NEIGHBOURHOODS)


def _kind(schema: Mapping[str, Any]) -> QueryableKind | None:
    """None: nothing that a filter could compare."""
    types = schema.get("type", "string" if "enum" in schema else None)
    first = next((one for one in ([types] if isinstance(types, str) else types or ()) if one != "null"), None)
    if first == "string":
        return "date" if schema.get("format") == "date" else "text"
    kinds: dict[str | None, QueryableKind] = {"integer": "integer", "number": "number", "boolean": "boolean", "array": "list"}
    return kinds.get(first)


def _stored(item: FromClause, name: str, kind: QueryableKind) -> ColumnElement[object]:
    """A value of `properties`; NULL where it is of another type, for a cast of that would end the whole query."""
    value, text = item.c.properties[name], item.c.properties[name].astext
    if kind == "instant":
        # Only common fields are instants here, and the database writes those itself.
        return cast(text, DateTime(timezone=True))
    if kind == "date":
        return case((text.regexp_match(literal(_DAY, Text())), cast(text, Date())))
    if kind in ("integer", "number"):
        return case((_is(value, "number"), cast(text, Numeric())))
    if kind == "boolean":
        return case((_is(value, "boolean"), cast(text, Boolean())))
    if kind == "list":
        return case((_is(value, "array"), value))
    return case((_is(value, "string"), text))


def _is(value: ColumnElement[object], kind: str) -> ColumnElement[bool]:
    of_json: ColumnElement[bool] = func.jsonb_typeof(value) == literal_column(f"'{kind}'", Text())
    return of_json
