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

from app.audit import Action
from app.categories import queries as categories
from app.cursors import read_cursor, write_cursor
from app.errors import BadRequest, Fault
from app.language import Text
from app.points import work
from app.points.schemas import JSON_OPTIONS, work_feature
from app.points.work import WorkPage, WorkQuery
from app.published import described
from app.published.catalogue import Catalogue
from app.published.files import FileMaker
from app.published.formats import FORMATS, Field, Format, Kind, Layer, Row
from app.published.items import DEFAULT_LIMIT
from app.routers.answers import FileAnswer, unless_gone
from app.routers.deps import PRIVATE, Editing, base_url, read_limit
from app.routers.rendering import FEATURE_TYPES, FORMAT_NAMES, GEOJSON, link

MOST = 1_000
TABLES = ("csv", "xlsx")
_KNOWN = ("view", "limit", "cursor", "f", "state", "kelurahan")
_POINT = Struct("<BIdd")
# What only those who work on a point have of it, beside the properties that the category has for everybody inside.
_OF_WORK: dict[str, tuple[Kind, Text]] = {
    "state": ("text", Text("Keadaan revisi", "State of the revision")),
    "version": ("integer", Text("Nomor revisi", "Number of the revision")),
    "verdict": ("text", Text("Putusan letak", "Verdict on the place")),
    "distance_m": ("number", Text("Jarak dari kelurahan (m)", "Distance from the kelurahan (m)")),
    "flags": ("list", Text("Yang perlu dilihat", "What to look at")),
    "override_reason": ("text", Text("Alasan letak", "Reason for the place")),
}


async def get_work(request: Request, collection: str) -> Response:
    """The newest revision of each point that the asker works on: `state` (one or more), `kelurahan`, `f` = geojson, csv, xlsx."""
    sent = request.query_params
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
    secret: bytes = request.app.state.settings.secret
    after = UUID(read_cursor(secret, "work", sent["cursor"])) if "cursor" in sent else work.FIRST
    async with Editing(request) as editor:
        editor.actor.demand(Action.POINT_READ_WORK)
        category = await categories.get(editor.session, collection, editor.actor.categories)
        query = await work.query_of(editor.session, editor.actor, category.id, states, sent.get("kelurahan"))
        page = await work.page(editor.session, query, after, limit) if wanted not in TABLES else None
    if page is None:
        return await _file(request, query, FORMATS[wanted], limit if "limit" in sent else None)
    return _page(request, collection, page)


def _page(request: Request, collection: str, page: WorkPage) -> Response:
    secret: bytes = request.app.state.settings.secret
    following = write_cursor(secret, "work", str(page.last)) if page.last else None
    body: dict[str, Any] = {
        "type": "FeatureCollection",
        "features": [work_feature(row) for row in page.rows],
        "links": _links(request, collection, following),
        "numberReturned": len(page.rows),
    }
    body |= {"numberMatched": page.matched} if page.matched is not None else {}
    return Response(orjson.dumps(body, option=JSON_OPTIONS), 200, PRIVATE, GEOJSON)


def _links(request: Request, collection: str, following: str | None) -> list[dict[str, Any]]:
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
    catalogue: Catalogue = request.app.state.catalogue
    collection = described.one(catalogue.known, "internal", query.category)
    common = {name: one for name, one in collection.source.queryables.items() if name != "geometry"}
    fields = tuple(Field(name, one.title, one.kind) for name, one in common.items())  # type: ignore[arg-type]
    fields += tuple(Field(name, title, kind) for name, (kind, title) in _OF_WORK.items() if name not in common)
    layer = Layer(query.category, collection.title, fields)

    async def chunks() -> AsyncGenerator[bytes, None]:
        async with Editing(request, counted=False) as editor:
            found = work.batches(editor.session, query, most)
            rows = _rows(found, fields)
            async with (
                aclosing(found),
                aclosing(rows),
                aclosing(file.write(layer, rows, request.app.state.settings.spool_directory)) as written,
            ):
                async for chunk in written:
                    yield chunk

    maker: FileMaker = request.app.state.file_maker
    made = await unless_gone(request, maker.make(chunks(), request.scope["state"].get("address", "")))
    name = f"{query.category}-kerja-{datetime.now(UTC):%Y%m%d}.{file.extension}"
    headers = {**PRIVATE, "Content-Disposition": f'attachment; filename="{name}"'}
    return FileAnswer(made, headers, file.media_type) if made else Response(None, 499)


async def _rows(batches: AsyncGenerator[Any, None], fields: tuple[Field, ...]) -> AsyncGenerator[list[Row], None]:
    async for batch in batches:
        yield [(str(row["point_id"]), _POINT.pack(1, 1, row["lon"], row["lat"]), *_values(row, fields)) for row in batch]


def _values(row: Mapping[str, Any], fields: tuple[Field, ...]) -> list[Any]:
    known = {**row["attributes"], **{name: value for name, value in row.items() if name != "attributes"}}
    known |= {name: row["placement"].get(name) for name in ("verdict", "distance_m", "flags")}
    return [_value(known.get(field.name), field.kind) for field in fields]


def _value(value: Any, kind: Kind) -> Any:
    """Dates of attributes are texts in the database."""
    return date.fromisoformat(value) if kind == "date" and isinstance(value, str) else value
