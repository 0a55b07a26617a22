"""The collections as they describe themselves: what each holds, and what can be asked of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.geo import CRS84
from app.language import Language, Text
from app.published.catalogue import AREAS, POINTS, CategoryCard, Half, Known
from app.published.feature_schema import feature_schema
from app.published.query import sortables as sortable_names
from app.published.queryables import schema_of
from app.published.selection import Source, source
from app.published.tilesets import AREA_TITLES

__all__ = ["ATTRIBUTION", "POINTS", "Described", "crs_of", "described", "document", "feature", "one", "queryables", "schema"]

ATTRIBUTION = "Pemerintah Kota Kediri"
_GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
_EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
_OF_AREAS = Text(
    "Batas dari edisi yang berlaku, dengan kode Kemendagri dan BPS.",
    "Boundaries of the edition in force, with the codes of Kemendagri and BPS.",
)
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


@dataclass(frozen=True, slots=True)
class Described:
    """A collection. `details` are the JSON Schemas of what is its own."""

    id: str
    title: Text
    description: Text
    source: Source
    details: Mapping[str, Any]


def described(known: Known, half: Half) -> list[Described]:
    """All that readers of a half may know of: the points of all categories together, each category, the areas."""
    return [_points(known, half), *(_category(card, half) for card in known.visible(half)), *(_areas(name, half) for name in AREAS)]


def one(known: Known, half: Half, name: str) -> Described:
    """`NotFound` for one that readers of this half may not know of."""
    if name in AREAS:
        return _areas(name, half)
    return _points(known, half) if name == POINTS else _category(known.category(half, name), half)


def _points(known: Known, half: Half) -> Described:
    titles = [card.title for card in known.visible(half)]
    every = Text(
        f"Titik semua kategori, dengan properti yang sama pada semuanya: {', '.join(title.id for title in titles)}.",
        f"The points of all categories, with the properties that they share: {', '.join(title.en for title in titles)}.",
    )
    return Described(POINTS, Text("Semua titik", "All points"), every, source(half, POINTS, None), {})


def _category(card: CategoryCard, half: Half) -> Described:
    return Described(card.id, card.title, card.description, source(half, card.id, card), card.attribute_schema.get("properties", {}))


def _areas(level: str, half: Half) -> Described:
    return Described(level, AREA_TITLES[level], _OF_AREAS, source(half, level, None), {})


def crs_of(known: Known) -> list[str]:
    return [CRS84.uri, *(f"{_EPSG}{srid}" for srid in known.srids)]


def document(collection: Described, known: Known, half: Half, language: Language, links: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The collection as JSON (OGC API Features Part 1 §7.14, Part 2 §6.2)."""
    standing = known.standing(half, collection.id)
    shown: dict[str, Any] = {
        "id": collection.id,
        "title": collection.title.say(language),
        "description": collection.description.say(language),
        "attribution": ATTRIBUTION,
        "itemType": "feature",
        "crs": crs_of(known),
        "storageCrs": CRS84.uri,
    }
    if known.edition:
        # That of the boundaries: points lie within it, and it needs no look at them.
        shown["extent"] = {"spatial": {"bbox": [known.edition.extent], "crs": CRS84.uri}}
    if standing.begins_at and standing.ends_at:
        interval = [_instant(standing.begins_at), _instant(standing.ends_at)]
        shown.setdefault("extent", {})["temporal"] = {"interval": [interval], "trs": _GREGORIAN}
    return shown | {"links": list(links)}


def _instant(at: datetime) -> str:
    """As items have it."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def queryables(collection: Described, url: str, language: Language) -> dict[str, Any]:
    """What filters may name (Part 3 §6.2)."""
    return schema_of(collection.source.queryables, collection.title.say(language), url, language)


def sortables(collection: Described, url: str, language: Language) -> dict[str, Any]:
    """What `sortby` may name (Features Part 8)."""
    there = collection.source.queryables
    return schema_of({name: there[name] for name in sortable_names(there)}, collection.title.say(language), url, language)


def schema(collection: Described, url: str, language: Language) -> dict[str, Any]:
    """What items have (Part 5): the same with their ids, roles and all that the category says of its own."""
    made = queryables(collection, url, language)
    id_of = {"title": "Id", "type": "string", "format": "uuid", "readOnly": True, "x-ogc-role": "id"}
    properties = {"id": id_of, **made["properties"]}
    for name, details in collection.details.items():
        if name in properties:
            properties[name] = properties[name] | {word: details[word] for word in _DETAILS if word in details}
    if collection.id in AREAS:
        properties["geometry"] = properties["geometry"] | {"format": "geometry-multipolygon"}
        properties["id"] = {"title": "Id", "type": "string", "readOnly": True, "x-ogc-role": "id"}
    else:
        properties["category"] = properties["category"] | {"x-ogc-role": "type", "readOnly": True}
    return {**made, "description": collection.description.say(language), "properties": properties}


def feature(collection: Described, url: str, language: Language) -> dict[str, Any]:
    """What items are, as GeoJSON."""
    return feature_schema(schema(collection, url, language), collection.source.geometry, url)
