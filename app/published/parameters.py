"""What a request for items can say, in the words of OpenAPI."""

from typing import Any

from app.geo import CRS84
from app.published.formats import FORMATS
from app.published.items import DEFAULT_LIMIT, MAX_LIMIT
from app.published.query import PARAMETERS

_WORDS: dict[str, tuple[str, dict[str, Any]]] = {
    "bbox": ("West, south, east, north, in `bbox-crs`", {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}),
    "bbox-crs": ("The CRS of `bbox`, by its URI", {"type": "string", "format": "uri", "default": CRS84.uri}),
    "crs": ("The CRS of the answer, by its URI", {"type": "string", "format": "uri", "default": CRS84.uri}),
    "cursor": ("Where the page begins: from a `next` link", {"type": "string"}),
    "datetime": ("An instant or an interval of `captured_at` (RFC 3339), open with `..`", {"type": "string"}),
    "f": ("The format", {"type": "string", "enum": ["geojson", "json", "html", *FORMATS]}),
    "filter": ("A filter in CQL2", {"type": "string"}),
    "filter-crs": ("The CRS of the coordinates in `filter`, by its URI", {"type": "string", "format": "uri", "default": CRS84.uri}),
    "filter-lang": ("How `filter` is written", {"type": "string", "enum": ["cql2-text", "cql2-json"], "default": "cql2-text"}),
    "limit": ("Items of a page; of a file all, unless said", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}),
    "offset": ("Items to leave out first; `next` links are faster", {"type": "integer", "minimum": 0, "default": 0}),
    "properties": ("Only these properties", {"type": "array", "items": {"type": "string"}}),
    "q": ("Words that all stand in name or address", {"type": "string"}),
    "sortby": ("Names of properties; `-name` the other way round", {"type": "array", "items": {"type": "string"}}),
    "view": ("With a token: what one works on, by `state` and `kelurahan`; as `f` geojson, csv or xlsx", {"type": "string", "enum": ["work"]}),
}  # fmt: skip


def _parameter(name: str) -> dict[str, Any]:
    description, schema = _WORDS[name]
    about = {"name": name, "in": "query", "required": False, "description": description}
    return {**about, "style": "form", "explode": False, "schema": schema}


# Queryables are parameters too, other ones for each collection.
_QUERYABLES = {
    "name": "queryables", "in": "query", "required": False, "style": "form", "explode": True,
    "description": "Any queryable of the collection with the value that it must have",
    "schema": {"type": "object", "additionalProperties": True},
}  # fmt: skip
OF_ITEMS = [*map(_parameter, PARAMETERS), _QUERYABLES]
OF_ITEM = [*map(_parameter, ("crs", "f", "properties"))]
