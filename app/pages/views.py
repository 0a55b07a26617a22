"""The pages of what is published: the first page, collections, lists, single points."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timezone
from typing import Any, NamedTuple

import orjson
import shapely
from markupsafe import Markup

from app.boundaries.outlines import Outline
from app.collections.kinds.kind import Described
from app.cql2.filters import Queryable
from app.language import Language, Text
from app.pages.frame import Frame, page
from app.pages.map import MapPlace, draw
from app.pages.times import day_time, moment_time
from app.regions.codes import level_of

GeoFeature = Mapping[str, Any]
"""A Feature, or a part of it, as GeoJSON has it."""
# What takes a column of the table of items even before what the category has of its own, and what never does.
_FIRST = ("kelurahan_name", "address", "rw", "rt", "status")
_NO_COLUMN = {"name", "kelurahan", "kecamatan", "geometry", "accuracy_m", "method", "captured_at", "verified_at"}
_MOST_COLUMNS = 6
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
IN_FORM = ("q", "kelurahan", "bbox", "sortby")


class Counted(NamedTuple):
    """How many items are shown, and how many there are: exactly, by estimate, or not told."""

    shown: int
    matched: int | None


def conformance(frame: Frame, standards: Mapping[str, Sequence[str]]) -> str:
    return page("conformance.html", frame, _CONFORMANCE.say(frame.language), standards=standards.items())


def collections(frame: Frame, listed: Sequence[tuple[Described, int]]) -> str:
    return page("collections.html", frame, "Data", collections=_summaries(frame, listed))


def collection(
    frame: Frame, one: Described, number: int, updated_at: datetime | None, crs: Sequence[str], outlines: Sequence[Outline]
) -> str:
    summary = _summaries(frame, [(one, number)])[0] | {"updated_at": cell_text(updated_at, frame.language, frame.cities.zone)}
    return page(
        "collection.html", frame, summary["title"], _crumbs(frame), one=summary, path=_path(frame, one), crs_list=crs,
        is_category=one.is_of_one_category, drawing=draw(outlines, ()), caption=_of_cities(frame),
    )  # fmt: skip


def schema(frame: Frame, one: Described, document: Mapping[str, Any], title: Text, lead: Text) -> str:
    known: dict[str, object] = {"title": "", "type": "", "format": "", "enum": None}
    properties = [(name, known | found) for name, found in document["properties"].items()]
    heading = f"{one.title.say(frame.language)}: {title.say(frame.language)}"
    return page("schema.html", frame, heading, _crumbs(frame, one), properties=properties, lead=lead.say(frame.language))


def items(
    frame: Frame, one: Described, features: Sequence[GeoFeature], counted: Counted, sent: Sequence[tuple[str, str]],
    outlines: Sequence[Outline], wrong: Mapping[str, str] | None = None,
) -> str:  # fmt: skip
    """`sent` are the parameters of the request: the form shows those that it has, with what is `wrong` with them, and keeps the others."""
    path, language = _path(frame, one), frame.language
    names = _columns(one, features)
    rows = [
        {
            "href": f"{path}/items/{feature['id']}",
            "title": _name(one, feature),
            "cells": [cell_text(feature["properties"].get(name), language, _zone(frame, feature)) for name in names],
        }
        for feature in features
    ]
    heads = [("name", _NAME.say(language)), *((name, one.source.queryables[name].title.say(language)) for name in names)]
    given = dict(sent)
    return page(
        "items.html", frame, one.title.say(language), _crumbs(frame, one), path=path, rows=rows, columns=heads,
        asked={name: given.get(name, "") for name in IN_FORM}, wrong=wrong or {}, kelurahan=[one for one in outlines if level_of(one.code) == "kelurahan"], orders=_orders(one, language),
        hidden=[(name, value) for name, value in sent if name not in (*IN_FORM, "cursor", "offset")],
        box_example="112.00,-7.83,112.03,-7.80", counted=_count(counted, language),
        first=f"{path}/items?limit={given.get('limit', '100')}" if "cursor" in given or "offset" in given else None,
        drawing=draw(outlines, _places(features, path, one)), caption=_OF_PAGE.say(language),
    )  # fmt: skip


def item(frame: Frame, one: Described, feature: GeoFeature, revisions: str | None, outlines: Sequence[Outline]) -> str:
    """`revisions` is the address of the history, for those who may read it."""
    language, path, properties = frame.language, _path(frame, one), feature["properties"]
    place = feature.get("geometry")
    related = [(f"{_PREDECESSOR.say(language)} {former}", f"{path}/items/{former}") for former in properties.get("predecessors") or ()]
    related += [(_REVISIONS.say(language), revisions)] if revisions else []
    return page(
        "item.html", frame, _name(one, feature), [*_crumbs(frame, one), (_LIST.say(language), f"{path}/items?limit=100")],
        facts=[
            (_head(name, one.source.queryables, language), cell_text(value, language, _zone(frame, feature)))
            for name, value in properties.items()
            if value is not None and name != "predecessors"
        ],
        position=", ".join(map(str, place["coordinates"][:2])) if place and place["type"] == "Point" else None, related=related,
        drawing=draw(outlines, _places([feature], path, one)), caption=_name(one, feature),
    )  # fmt: skip


def _of_cities(frame: Frame) -> str:
    return _OF_CITY.say(frame.language, {"cities": frame.cities.title.say(frame.language)})


def _crumbs(frame: Frame, one: Described | None = None) -> list[tuple[str, str]]:
    inner = [(one.title.say(frame.language), _path(frame, one))] if one else []
    return [("Data", f"{frame.here}/collections"), *inner]


def _path(frame: Frame, one: Described) -> str:
    return f"{frame.here}/collections/{one.id}"


def _summaries(frame: Frame, listed: Iterable[tuple[Described, int]]) -> list[dict[str, Any]]:
    language = frame.language
    return [
        {"id": one.id, "title": one.title.say(language), "description": one.description.say(language), "number": number}
        for one, number in listed
    ]


def _columns(one: Described, features: Sequence[GeoFeature]) -> list[str]:
    """Those that some of the items have, the ones that people look for first."""
    present = {name for feature in features for name, value in feature["properties"].items() if value is not None}
    wanted = dict.fromkeys(one.columns or (*_FIRST, *one.source.queryables))
    never = _NO_COLUMN | {"category"} if one.is_of_one_category else _NO_COLUMN
    return [name for name in wanted if name in present and name in one.source.queryables and name not in never][:_MOST_COLUMNS]


def _orders(one: Described, language: Language) -> list[tuple[str, str]]:
    named = [(name, found.title.say(language)) for name, found in one.source.queryables.items() if found.kind not in ("geometry", "list")]
    return [order for name, title in named for order in ((name, f"{title} ↑"), (f"-{name}", f"{title} ↓"))]


def _places(features: Sequence[GeoFeature], path: str, of: Described) -> list[MapPlace]:
    return [
        MapPlace(
            *_position(feature["geometry"]),
            _name(of, feature),
            f"{path}/items/{feature['id']}",
            *of.looks.get(feature["properties"].get("category"), ()),
        )
        for feature in features
        if feature.get("geometry") and feature["geometry"]["coordinates"]
    ]


def _position(geometry: GeoFeature) -> tuple[float, float]:
    """Where a mark stands for it: the point itself, or a place within the area."""
    if geometry["type"] == "Point":
        lon, lat = geometry["coordinates"][:2]
        return lon, lat
    inside = shapely.from_geojson(orjson.dumps(geometry)).representative_point()
    return inside.x, inside.y


def _name(one: Described, feature: GeoFeature) -> str:
    return one.name_of(feature["properties"]) or str(feature["id"])


def _head(name: str, queryables: Mapping[str, Queryable], language: Language) -> str:
    return queryables[name].title.say(language) if name in queryables else name


def _zone(frame: Frame, feature: GeoFeature) -> timezone:
    """The clock where it lies."""
    return frame.cities.zone_of(feature["properties"].get("kelurahan"))


def cell_text(value: Any, language: Language, zone: timezone) -> str:
    """A value as people write it, by the clock of its city; days and times are elements of a page, so it is no text for an attribute."""
    if value is None or isinstance(value, bool):
        return "" if value is None else Text("ya", "yes").say(language) if value else Text("tidak", "no").say(language)
    if isinstance(value, list):
        return Markup(", ").join(cell_text(one, language, zone) for one in value)
    if isinstance(value, dict):
        return Markup(", ").join(Markup("{}: {}").format(name, cell_text(one, language, zone)) for name, one in value.items())
    if isinstance(value, float) and language == "id":
        return str(value).replace(".", ",")
    if at := _time(value):
        return moment_time(at, language, zone) if isinstance(at, datetime) else day_time(at, language, zone)
    return str(value)


def day_cell(value: object, language: Language, zone: timezone) -> str:
    """Of a moment only the day; nothing where there is none."""
    at = _time(value)
    return day_time(at, language, zone) if at else ""


def _time(value: object) -> date | None:
    """A moment, or a day, also one that is written as machines write it."""
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
        if isinstance(value, str):
            return datetime.fromisoformat(value) if value[10:11] == "T" else None
        return value if isinstance(value, date) else None
    except ValueError:
        return None


def _count(counted: Counted, language: Language) -> str:
    if counted.matched is not None:
        return Text("{shown} dari {all}", "{shown} of {all}").say(language, {"shown": counted.shown, "all": counted.matched})
    return Text("{shown} di halaman ini", "{shown} on this page").say(language, {"shown": counted.shown})


_OF_CITY = Text("Kelurahan {cities}", "The kelurahan of {cities}")
_OF_PAGE = Text("Titik di halaman ini; garis menunjukkan batas kelurahan", "The points of this page; lines are boundaries of kelurahan")
_CONFORMANCE = Text("Standar yang dipenuhi", "Standards that are met")
_LIST = Text("Daftar", "List")
_NAME = Text("Nama", "Name")
_PREDECESSOR = Text("Menggantikan titik", "Takes the place of the point")
_REVISIONS = Text("Semua revisi (JSON, perlu token)", "All revisions (JSON, needs a token)")
