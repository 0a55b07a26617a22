"""What a request for items can say, in the words of OpenAPI."""

from app.collections.items import DEFAULT_LIMIT, MAX_LIMIT
from app.collections.query import DEFAULT_WITHIN_M, EDITION, MAX_WITHIN_M, PARAMETERS
from app.cql2.filters import Queryable, QueryableKind
from app.exports.formats import FORMATS, SDMX_CSV
from app.geo import CRS84

_WORDS: dict[str, tuple[str, dict[str, object]]] = {
    "bbox": ("West, south, east, north, in `bbox-crs`", {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}),
    "bbox-crs": ("The CRS of `bbox`, by its URI", {"type": "string", "format": "uri", "default": CRS84.uri}),
    "crs": ("The CRS of the answer, by its URI", {"type": "string", "format": "uri", "default": CRS84.uri}),
    "cursor": ("Where the page begins: from a `next` link", {"type": "string"}),
    "datetime": ("An instant or an interval (RFC 3339), open with `..`: of `captured_at`, of figures of the period for which they are given", {"type": "string"}),
    "f": ("The format; `sdmx-csv` of the collection `profile_values`", {"type": "string", "enum": ["geojson", "json", "html", *FORMATS, SDMX_CSV.name]}),
    "filter": ("A filter in CQL2", {"type": "string"}),
    "filter-crs": ("The CRS of the coordinates in `filter`, by its URI", {"type": "string", "format": "uri", "default": CRS84.uri}),
    "filter-lang": ("How `filter` is written", {"type": "string", "enum": ["cql2-text", "cql2-json"], "default": "cql2-text"}),
    "limit": ("Items of a page; of a file all, unless said", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}),
    "offset": ("Items to leave out first; `next` links are faster", {"type": "integer", "minimum": 0, "default": 0}),
    "properties": ("Only these properties", {"type": "array", "items": {"type": "string"}}),
    "edition": ("Of the collections `kelurahan` and `kecamatan`: the name of an edition, also of a past one (`/boundaries/editions`); without it the one in use", {"type": "string"}),
    "near": ("Longitude and latitude: what lies within `within_m` of it, the nearest first", {"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "number"}}),
    "q": ("What name or address have in them: alternatives by commas, the words of each together", {"type": "array", "items": {"type": "string"}}),
    "resultType": ("`hits`: only how many there are", {"type": "string", "enum": ["results", "hits"], "default": "results"}),
    # No default: generated clients send those, and without `near` it is refused.
    "within_m": (f"Metres around `near`, {DEFAULT_WITHIN_M:.0f} where it is not said", {"type": "number", "minimum": 0, "exclusiveMinimum": True, "maximum": MAX_WITHIN_M}),
    "sortby": ("Names of sortables; `-name` the other way round", {"type": "array", "minItems": 1, "items": {"type": "string", "pattern": r"^[+-]?[^+\-\s].*$"}}),
    "words": ("Words, each of which stands anywhere in name or address, or names the kelurahan, kecamatan or category", {"type": "string"}),
    "view": ("With a token: what one works on, by `state` and `kelurahan`; as `f` geojson, csv or xlsx", {"type": "string", "enum": ["work"]}),
}  # fmt: skip


_KINDS: dict[QueryableKind, dict[str, object]] = {
    "text": {"type": "string"}, "number": {"type": "number"}, "integer": {"type": "integer"}, "boolean": {"type": "boolean"},
    "instant": {"type": "string", "format": "date-time"}, "date": {"type": "string", "format": "date"},
}  # fmt: skip


def _parameter(name: str) -> dict[str, object]:
    description, schema = _WORDS[name]
    about = {"name": name, "in": "query", "required": False, "description": description}
    return {**about, "style": "form", "explode": False, "schema": schema}


# Queryables are parameters too, other ones for each collection.
_QUERYABLES = {
    "name": "queryables", "in": "query", "required": False, "style": "form", "explode": True,
    "description": "Any queryable of the collection with the value that it must have",
    "schema": {"type": "object", "additionalProperties": True},
}  # fmt: skip
OF_PAGES = [*map(_parameter, PARAMETERS)]
OF_AREAS = [*map(_parameter, sorted((*PARAMETERS, EDITION)))]
OF_ITEMS = [*OF_AREAS, _QUERYABLES]
OF_ITEM = [*map(_parameter, ("crs", "edition", "f", "properties"))]


def queryable_parameter(queryable: Queryable) -> dict[str, object]:
    """A queryable of a collection by its name. What is read besides the values that are told (docs/reading.md) need not be told."""
    about = {"name": queryable.name, "in": "query", "required": False, "description": queryable.title.say("en")}
    choices = {"enum": list(queryable.choices)} if queryable.choices else {}
    return {**about, "schema": {**_KINDS[queryable.kind], **choices}}
