"""The collections as they describe themselves: what each holds, and what can be asked of it."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from app.collections.feature_schema import feature_schema
from app.collections.kinds.kind import Described
from app.collections.query import sortables as sortable_names
from app.collections.queryables import schema_of
from app.geo import CRS84
from app.language import Language
from app.published.catalogue import Known

_GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
_EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
# What a category says of a property beyond its type.
_DETAILS = (
    "description",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "items",
)


def crs_of(known: Known) -> list[str]:
    return [CRS84.uri, *(f"{_EPSG}{srid}" for srid in known.srids)]


def document(collection: Described, known: Known, language: Language, links: Iterable[dict[str, object]]) -> dict[str, object]:
    """The collection as JSON (OGC API Features Part 1 §7.14, Part 2 §6.2)."""
    standing = collection.standing(known)
    members: dict[str, Any] = {
        "id": collection.id,
        "title": collection.title.say(language),
        "description": collection.description.say(language),
        "attribution": known.cities.attribution,
        "itemType": "feature",
        "crs": crs_of(known),
        "storageCrs": CRS84.uri,
    }
    if known.edition:
        # That of the boundaries: points lie within it, and it needs no look at them.
        members["extent"] = {"spatial": {"bbox": [known.edition.extent], "crs": CRS84.uri}}
    if standing.begins_at and standing.ends_at:
        interval = [_instant(standing.begins_at), _instant(standing.ends_at)]
        members.setdefault("extent", {})["temporal"] = {"interval": [interval], "trs": _GREGORIAN}
    return members | {"links": list(links)}


def _instant(at: datetime) -> str:
    """As items have it."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def queryables(collection: Described, url: str, language: Language) -> dict[str, Any]:
    """What filters may name (Part 3 §6.2); of areas also how other editions are read."""
    made = schema_of(collection.source.queryables, collection.title.say(language), url, language)
    return made | {"description": collection.description.say(language)} if collection.has_editions else made


def sortables(collection: Described, url: str, language: Language) -> dict[str, object]:
    """What `sortby` may name (Features Part 8)."""
    there = collection.source.queryables
    return schema_of({name: there[name] for name in sortable_names(there)}, collection.title.say(language), url, language)


def schema(collection: Described, url: str, language: Language) -> dict[str, Any]:
    """What items have (Part 5): the same with their ids, roles and all that the category says of its own."""
    queryable_schema = queryables(collection, url, language)
    id_of = {"title": "Id", "type": "string", "format": "uuid", "readOnly": True, "x-ogc-role": "id"}
    properties = {"id": id_of, **queryable_schema["properties"]}
    for name, details in collection.details.items():
        if name in properties:
            properties[name] = properties[name] | {word: details[word] for word in _DETAILS if word in details}
    for name, words in collection.words.items():
        properties[name] = properties[name] | words if name != "id" else dict(words)
    return {**queryable_schema, "description": collection.description.say(language), "properties": properties}


def feature(collection: Described, url: str, language: Language) -> dict[str, object]:
    """What items are, as GeoJSON."""
    return feature_schema(schema(collection, url, language), collection.source.geometry, url)
