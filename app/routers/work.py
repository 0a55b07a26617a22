"""`view=work` of a collection: what one works on, as pages or as a table to take along. `features.py` hands requests over to it."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import UTC, date, datetime
from struct import Struct
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import orjson
from fastapi import Request, Response

from app.audit.record import Action
from app.categories import queries as categories
from app.collections import kinds
from app.collections.items import DEFAULT_LIMIT
from app.common_fields import CONTENT
from app.cursors import read_cursor, write_cursor
from app.errors import BadRequest, Fault
from app.exports.formats import FORMATS, Format, Layer, LayerField, LayerKind, LayerRow
from app.http.answers import FileAnswer, unless_gone
from app.http.editing import Editing
from app.http.framing import base_url
from app.http.parameters import PRIVATE, read_limit
from app.http.rendering import FEATURE_TYPES, FORMAT_NAMES, GEOJSON, link
from app.http.services import services
from app.language import Text
from app.points import work
from app.points.schemas import JSON_OPTIONS, work_feature
from app.points.work import WorkPage, WorkQuery
from app.published.catalogue import Known

MOST = 1_000
TABLES = ("csv", "xlsx")
_KNOWN = ("view", "limit", "cursor", "f", "state", "kelurahan")
_POINT = Struct("<BIdd")
# What only those who work on a point have of it, beside the properties that the category has for everybody inside.
_OF_WORK: dict[str, tuple[LayerKind, Text]] = {
    "state": ("text", Text("Keadaan revisi", "State of the revision")),
    "version": ("integer", Text("Nomor revisi", "Number of the revision")),
    "verdict": ("text", Text("Putusan letak", "Verdict on the place")),
    "distance_m": ("number", Text("Jarak dari kelurahan (m)", "Distance from the kelurahan (m)")),
    "flags": ("list", Text("Yang perlu dilihat", "What to look at")),
    **{field.name: (field.kind, field.title) for field in CONTENT if not field.is_public},
}
_ONLY_THERE = tuple(field.name for field in CONTENT if not field.is_public)


async def get_work(request: Request, collection: str) -> Response:
    """The newest revision of each point that the asker works on: `state` (one or more), `kelurahan`, `f` = geojson, csv, xlsx."""
    sent = request.query_params
    if not kinds.kind_of(collection).is_of_one_category:
        raise BadRequest(faults=[Fault("view", "view-of-category")])
    if unknown := [name for name in sent if name not in _KNOWN]:
        raise BadRequest(faults=[Fault(name[:100], "view-alone", {"known": ", ".join(_KNOWN)}) for name in unknown])
    wanted = sent.get("f", "geojson")
    if wanted not in ("json", "geojson", *TABLES):
        raise BadRequest(faults=[Fault("f", "not-one-of", {"expected": ", ".join(("geojson", *TABLES))})])
    limit = read_limit(sent.get("limit"), DEFAULT_LIMIT, MOST)
    if limit is None:
        raise BadRequest(faults=[Fault("limit", "limit-invalid")])
    states = work.read_states(sent.get("state"))
    if wanted in TABLES and "cursor" in sent:
        raise BadRequest(faults=[Fault("cursor", "cursor-of-page")])
    secret = services(request).settings.secret
    after = UUID(read_cursor(secret, "work", sent["cursor"])) if "cursor" in sent else work.FIRST
    async with Editing(request) as editor:
        editor.actor.demand(Action.POINT_READ_WORK)
        category = await categories.get(editor.session, collection, editor.actor.categories)
        query = await work.query_of(editor.session, editor.actor, category.id, states, sent.get("kelurahan"))
        page = await work.page(editor.session, query, after, limit) if wanted not in TABLES else None
    if page is None:
        return await _file(request, query, FORMATS[wanted], limit if "limit" in sent else None)
    return _page(request, collection, page)


def complete(feature: Mapping[str, Any], known: Known) -> dict[str, Any]:
    """The point as it is worked on, with every property that its category has for those inside, null where nothing is known."""
    properties = feature["properties"]
    names = kinds.one(known, "internal", properties["category"]).source.queryables
    every = dict.fromkeys([*(name for name in names if name != "geometry"), *_ONLY_THERE, "succession"])
    return {**feature, "properties": every | properties}


def _page(request: Request, collection: str, page: WorkPage) -> Response:
    catalogue = services(request).catalogue
    secret = services(request).settings.secret
    following = write_cursor(secret, "work", str(page.last)) if page.last else None
    body: dict[str, object] = {
        "type": "FeatureCollection",
        "features": [complete(work_feature(row), catalogue.known) for row in page.rows],
        "links": _links(request, collection, following),
        "numberReturned": len(page.rows),
    }
    body |= {"numberMatched": page.matched} if page.matched is not None else {}
    return Response(orjson.dumps(body, option=JSON_OPTIONS), 200, PRIVATE, GEOJSON)


def _links(request: Request, collection: str, following: str | None) -> list[dict[str, object]]:
    here = f"{base_url(request)}/collections/{collection}"
    sent = dict(request.query_params)
    links = [link("self", GEOJSON, f"{here}/items?{urlencode(sent)}")]
    if following:
        links.append(link("next", GEOJSON, f"{here}/items?{urlencode(sent | {'cursor': following})}"))
    bare = {name: value for name, value in sent.items() if name not in ("cursor", "f", "limit")}
    links += [link("alternate", FEATURE_TYPES[f], f"{here}/items?{urlencode(bare | {'f': f})}", FORMAT_NAMES[f]) for f in TABLES]
    return [*links, link("collection", "application/json", here)]


async def _file(request: Request, query: WorkQuery, file: Format, most: int | None) -> Response:
    """A table of all of it, unless a limit was sent; its own transaction lasts as long as it is written."""
    catalogue = services(request).catalogue
    collection = kinds.one(catalogue.known, "internal", query.category)
    common = {name: one for name, one in collection.source.queryables.items() if name != "geometry"}
    fields = tuple(LayerField(name, one.title, one.kind) for name, one in common.items())  # type: ignore[arg-type]
    fields += tuple(LayerField(name, title, kind) for name, (kind, title) in _OF_WORK.items() if name not in common)
    layer = Layer(query.category, collection.title, fields)

    async def chunks() -> AsyncGenerator[bytes, None]:
        async with Editing(request, counted=False) as editor:
            found = work.batches(editor.session, query, most)
            rows = _rows(found, fields)
            async with (
                aclosing(found),
                aclosing(rows),
                aclosing(file.write(layer, rows, services(request).settings.spool_directory)) as written,
            ):
                async for chunk in written:
                    yield chunk

    maker = services(request).file_maker
    made_file = await unless_gone(request, maker.make(chunks(), request.scope["state"].get("address", "")))
    name = f"{query.category}-kerja-{datetime.now(UTC):%Y%m%d}.{file.extension}"
    headers = {**PRIVATE, "Content-Disposition": f'attachment; filename="{name}"'}
    return FileAnswer(made_file, headers, file.media_type) if made_file else Response(None, 499)


async def _rows(batches: AsyncGenerator[Any, None], fields: tuple[LayerField, ...]) -> AsyncGenerator[list[LayerRow], None]:
    async for batch in batches:
        yield [(str(row["point_id"]), _POINT.pack(1, 1, row["lon"], row["lat"]), *_values(row, fields)) for row in batch]


def _values(row: Mapping[str, Any], fields: tuple[LayerField, ...]) -> list[Any]:
    known = {**row["attributes"], **{name: value for name, value in row.items() if name != "attributes"}}
    known |= {name: row["placement"].get(name) for name in ("verdict", "distance_m", "flags")}
    return [_value(known.get(field.name), field.kind) for field in fields]


def _value(value: object, kind: LayerKind) -> object:
    """Dates of attributes are texts in the database."""
    return date.fromisoformat(value) if kind == "date" and isinstance(value, str) else value
