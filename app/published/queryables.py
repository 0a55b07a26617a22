"""What filters may name in each collection, and the same as JSON Schema: the queryables of Part 3, the schema of Part 5."""

from collections.abc import Collection, Mapping
from typing import Any, Literal

from sqlalchemy import Boolean, Date, FromClause, Numeric, Text, case, cast, func, literal, literal_column
from sqlalchemy.sql.elements import ColumnElement

from app.language import Language
from app.language import Text as Words
from app.published.filters import Kind, Queryable
from app.regions.codes import Part

_METHODS = ("gps", "map", "import", "geocoded")
_STATUSES = ("active", "inactive")

# What every item has, whatever its category: kind, title, and the values there are.
_COMMON: dict[str, tuple[Kind, Words, tuple[str, ...]]] = {
    "category": ("text", Words("Kategori", "Category"), ()),
    "name": ("text", Words("Nama", "Name"), ()),
    "kelurahan": ("text", Words("Kode kelurahan", "Code of the kelurahan"), ()),
    "kelurahan_name": ("text", Words("Nama kelurahan", "Name of the kelurahan"), ()),
    "kecamatan": ("text", Words("Nama kecamatan", "Name of the kecamatan"), ()),
    "status": ("text", Words("Status titik", "Status of the point"), _STATUSES),
    "address": ("text", Words("Alamat", "Address"), ()),
    "rw": ("text", Words("Nomor RW", "Number of the RW"), ()),
    "rt": ("text", Words("Nomor RT", "Number of the RT"), ()),
    "accuracy_m": ("number", Words("Ketelitian (m)", "Accuracy (m)"), ()),
    "method": ("text", Words("Cara menentukan letak", "How the place was found"), _METHODS),
    "captured_at": ("instant", Words("Waktu pendataan", "Time of capture"), ()),
    "verified_at": ("instant", Words("Waktu verifikasi", "Time of verification"), ()),
    "predecessors": ("list", Words("Titik pendahulu", "Predecessors"), ()),
    "geometry": ("geometry", Words("Letak", "Place"), ()),
}
# The column of `kecamatan` is its code, the property its name.
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

_SCHEMAS: dict[Kind, dict[str, Any]] = {
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
_REGIONS: dict[str, tuple[Part, Literal["code", "bps_code", "name"]]] = {
    "kelurahan": ("kelurahan", "code"),
    "kelurahan_name": ("kelurahan", "name"),
    "kecamatan": ("kecamatan", "name"),
}
_NEIGHBOURHOODS = ("rw", "rt")
_OF_AREAS: dict[str, tuple[Kind, str, Words]] = {
    "code": ("text", "code", Words("Kode Kemendagri", "Kemendagri code")),
    "bps_code": ("text", "bps_code", Words("Kode BPS", "BPS code")),
    "name": ("text", "name", Words("Nama", "Name")),
    "kecamatan": ("text", "kecamatan", Words("Nama kecamatan", "Name of the kecamatan")),
    "area_km2": ("number", "area_km2", Words("Luas (km²)", "Area (km²)")),
    "geometry": ("geometry", "geom", Words("Batas", "Boundary")),
}
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


def of_areas(area: FromClause, level: str) -> dict[str, Queryable]:
    """Those of kelurahan or kecamatan. `area` is their table."""
    regions: dict[str, Any] = {
        "code": (level, "code"),
        "bps_code": (level, "bps_code"),
        "name": (level, "name"),
        "kecamatan": ("kecamatan", "name"),
    }
    return {
        name: Queryable(name, kind, area.c[column], title, region=regions.get(name)) for name, (kind, column, title) in _OF_AREAS.items()
    }


def schema_of(queryables: Mapping[str, Queryable], title: str, url: str, language: Language) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": url,
        "type": "object",
        "title": title,
        "properties": {name: _schema(queryable, language) for name, queryable in queryables.items()},
        "additionalProperties": False,
    }


def _schema(queryable: Queryable, language: Language) -> dict[str, Any]:
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


def _kind(schema: Mapping[str, Any]) -> Kind | None:
    """None: nothing that a filter could compare."""
    types = schema.get("type", "string" if "enum" in schema else None)
    first = next((one for one in ([types] if isinstance(types, str) else types or ()) if one != "null"), None)
    if first == "string":
        return "date" if schema.get("format") == "date" else "text"
    kinds: dict[str | None, Kind] = {"integer": "integer", "number": "number", "boolean": "boolean", "array": "list"}
    return kinds.get(first)


def _stored(item: FromClause, name: str, kind: Kind) -> ColumnElement[Any]:
    """A value of `properties`; NULL where it is of another type, for a cast of that would end the whole query."""
    value, text = item.c.properties[name], item.c.properties[name].astext
    if kind == "date":
        return case((text.regexp_match(literal(_DAY, Text())), cast(text, Date())))
    if kind in ("integer", "number"):
        return case((_is(value, "number"), cast(text, Numeric())))
    if kind == "boolean":
        return case((_is(value, "boolean"), cast(text, Boolean())))
    if kind == "list":
        return case((_is(value, "array"), value))
    return case((_is(value, "string"), text))


def _is(value: ColumnElement[Any], kind: str) -> ColumnElement[bool]:
    of_json: ColumnElement[bool] = func.jsonb_typeof(value) == literal_column(f"'{kind}'", Text())
    return of_json
