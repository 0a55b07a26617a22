"""Reading items: pages, files, single ones (OGC API Features, Parts 1, 2, 3 and 5)."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

import orjson
from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import StreamingResponse

from app.audit import Action
from app.categories import queries as categories
from app.cursors import read_cursor, write_cursor
from app.db import Database, ReadSession
from app.errors import BadRequest, Fault
from app.geo import CRS84
from app.language import Text
from app.points import queries as points
from app.points.schemas import JSON_OPTIONS, work_feature
from app.problems import language_of, problems
from app.published import items, selection
from app.published.catalogue import POINTS, Catalogue, CategoryCard, Half, Known
from app.published.formats import FORMATS, Field, Format, Layer
from app.published.query import PARAMETERS, Asked, limit_of, read
from app.routers.answers import shared, unchanged
from app.routers.deps import PRIVATE, Editing, GeoJson, StrictRoute, base_url, bearer, half_of, open_to_all, reads_its_query, uuid_of
from app.settings import Settings

router = APIRouter(route_class=StrictRoute, prefix="/collections/{collection}/items", tags=["items"])

GEOJSON = "application/geo+json"
WORK_LIMIT = 1_000
VARYING = {"Vary": "Accept, Accept-Encoding, Authorization"}
POINTS_TITLE = Text("Semua titik", "All points")
Collection = Annotated[str, Path(max_length=64, examples=["posyandu"])]

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
    "limit": ("Items of a page; of a file all, unless said", {"type": "integer", "minimum": 1, "maximum": items.MAX_LIMIT, "default": items.DEFAULT_LIMIT}),
    "offset": ("Items to leave out first; `next` links are faster", {"type": "integer", "minimum": 0, "default": 0}),
    "properties": ("Only these properties", {"type": "array", "items": {"type": "string"}}),
    "q": ("Words that all stand in name or address", {"type": "string"}),
    "sortby": ("Names of properties; `-name` the other way round", {"type": "array", "items": {"type": "string"}}),
    "view": ("With a token: what one works on", {"type": "string", "enum": ["work"]}),
}  # fmt: skip


def _parameter(name: str) -> dict[str, Any]:
    description, schema = _WORDS[name]
    listed = {"style": "form", "explode": False} if schema.get("type") == "array" else {}
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema, **listed}


# Queryables are parameters too, other ones for each collection.
_QUERYABLES = {
    "name": "queryables", "in": "query", "required": False, "style": "form", "explode": True,
    "description": "Any queryable of the collection with the value that it must have",
    "schema": {"type": "object", "additionalProperties": True},
}  # fmt: skip
_PARAMETERS = [*map(_parameter, PARAMETERS), _QUERYABLES]
_CONTENT: dict[str, Any] = {GEOJSON: {}, "text/html": {}, **{one.media_type.partition(";")[0]: {} for one in FORMATS.values()}}


class Reading(NamedTuple):
    """What a request reads: of which half, which collection; `known` is the moment of it."""

    half: Half
    session: ReadSession
    collection: str
    card: CategoryCard | None
    known: Known

    @property
    def headers(self) -> dict[str, str]:
        return PRIVATE if self.half == "internal" else {}


async def _reading(request: Request, collection: str) -> Reading:
    """`NotFound` for a collection that the half does not have."""
    half = await half_of(request)
    database: Database = request.app.state.database
    catalogue: Catalogue = request.app.state.catalogue
    card = None if collection == POINTS else catalogue.known.category(half, collection)
    return Reading(half, database.public if half == "published" else database.internal, collection, card, catalogue.known)


@router.get(
    "",
    operation_id="getItems",
    response_class=GeoJson,
    openapi_extra={"parameters": _PARAMETERS},
    responses={200: {"content": _CONTENT}, 304: {"description": "Not changed"}, **problems(400, 401, 403, 404, 503)},
)
@reads_its_query
@open_to_all
async def get_items(collection: Collection, request: Request) -> Response:
    """Items of a collection: a page as GeoJSON or HTML, or a whole selection as a file. With a token of the city's offices the internal
    fields and exact places; with `view=work` the newest revisions that the holder works on.
    """
    parameters = request.query_params
    if parameters.get("view") == "work":
        return await _get_work(request, collection)
    reading = await _reading(request, collection)
    wanted = _format(request)
    version = f"{_version(reading)}{'' if wanted in ('json', 'geojson') else '-' + wanted}"
    if reading.half == "published" and (known := unchanged(request, version, VARYING)):
        return known
    origin = selection.source(reading.half, reading.card)
    asked = read(parameters, reading.half, collection, origin.queryables, reading.known.srids)
    if file := FORMATS.get(wanted):
        return await _file(request, reading, origin, asked, file)
    headers = reading.headers | {"Content-Crs": f"<{asked.crs.uri}>"}

    async def make() -> bytes:
        return await _page(request, reading, origin, asked)

    if reading.half == "internal":
        return Response(await make(), 200, headers, GEOJSON)
    return await shared(request, (str(request.url),), version, make, GEOJSON, headers | VARYING, kept=False)


def _version(reading: Reading) -> str:
    return str(reading.known.standing(reading.half, reading.collection).version)


def _format(request: Request) -> str:
    """The format of `f`, else the first of `Accept` that there is, else GeoJSON."""
    named = request.query_params.get("f")
    if named is not None:
        if named not in ("json", "geojson", "html", *FORMATS):
            raise BadRequest(faults=[Fault("f", "not-one-of", {"expected": ", ".join(("geojson", "html", *FORMATS))})])
        return named
    accept = request.headers.get("accept", "")
    if accept in ("", "*/*"):
        return "geojson"
    return next((name for part in accept.split(",")[:20] if (name := _ACCEPTED.get(part.partition(";")[0].strip().lower()))), "geojson")


_ACCEPTED = {one.media_type.partition(";")[0]: name for name, one in FORMATS.items()} | {
    GEOJSON: "geojson",
    "application/json": "geojson",
    "*/*": "geojson",
}


async def _page(request: Request, reading: Reading, origin: selection.Source, asked: Asked) -> bytes:
    secret = request.app.state.settings.secret
    standing = reading.known.standing(reading.half, reading.collection)
    if asked.is_plain:
        query = items.PageQuery(asked.half, asked.collection, limit_of(asked), asked.bbox, asked.kelurahan, _place(secret, asked))
        page = await items.page(reading.session, query, standing.number)
        features, number, matched, estimated = page.features, page.number, page.matched, page.estimated
        following = write_cursor(secret, _purpose(asked), f"{page.following.place} {page.following.id}") if page.following else None
    else:
        found = await selection.page(reading.session, origin, asked, secret)
        features, number = ",".join(found.features).encode(), len(found.features)
        matched, estimated, following = found.matched, found.estimated, found.cursor
    tail: dict[str, Any] = {"links": _links(request, asked, following), "numberReturned": number}
    tail |= {"numberMatched": matched} if matched is not None else {}
    tail |= {"numberEstimated": estimated} if estimated is not None else {}
    # When what is shown was published last: the same version is the same bytes.
    tail |= {"timeStamp": standing.updated_at} if standing.updated_at else {}
    return b'{"type":"FeatureCollection","features":[' + features + b"]," + orjson.dumps(tail, option=JSON_OPTIONS)[1:]


def _purpose(asked: Asked) -> str:
    return "places" if asked.bbox is not None and asked.kelurahan is None else "items"


def _place(secret: bytes, asked: Asked) -> items.Place:
    if asked.cursor is None:
        return items.START
    place, _, item = read_cursor(secret, _purpose(asked), asked.cursor).partition(" ")
    return items.Place(int(place), UUID(item))


def _links(request: Request, asked: Asked, following: str | None) -> list[dict[str, str]]:
    here = f"{base_url(request)}/collections/{asked.collection}"
    sent = request.query_params.multi_items()
    kept = [(name, value) for name, value in sent if name not in ("cursor", "offset")]
    links = [{"rel": "self", "type": GEOJSON, "href": _address(f"{here}/items", sent)}]
    if following:
        links.append({"rel": "next", "type": GEOJSON, "href": _address(f"{here}/items", [*kept, ("cursor", following)])})
    # Written once: quoting what was sent costs more than the rest of a page.
    bare = _address(f"{here}/items", [(name, value) for name, value in kept if name not in ("f", "limit")])
    joint = "&" if "?" in bare else "?"
    links += [{"rel": "alternate", "type": media_type, "href": f"{bare}{joint}f={name}"} for name, media_type in _ALTERNATES]
    return [*links, {"rel": "collection", "type": "application/json", "href": here}]


_ALTERNATES = (("html", "text/html"), *((name, one.media_type) for name, one in FORMATS.items()))


def _address(path: str, parameters: list[tuple[str, str]]) -> str:
    return f"{path}?{urlencode(parameters)}" if parameters else path


async def _file(request: Request, reading: Reading, origin: selection.Source, asked: Asked, file: Format) -> Response:
    """The whole selection, unless a limit was sent. Named by collection and version."""
    if asked.cursor is not None:
        raise BadRequest(faults=[Fault("cursor", "cursor-of-page")])
    if file.only_4326 and asked.crs.srid != 4326:
        raise BadRequest(faults=[Fault("crs", "crs-of-format")])
    settings: Settings = request.app.state.settings
    language = language_of(request)
    names = asked.properties if asked.properties is not None else [name for name in origin.queryables if name != "geometry"]
    fields = tuple(Field(name, origin.queryables[name].title, origin.queryables[name].kind) for name in names)  # type: ignore[arg-type]
    title = reading.card.title if reading.card else POINTS_TITLE
    matched, estimated = await selection.count(reading.session, origin, asked)
    number = min(n for n in (matched or estimated or 0, asked.limit) if n is not None)
    layer = Layer(asked.collection, title, fields, "Point", number)
    rows = selection.rows(reading.session, origin, asked, layer, ready_made=file.ready_made)

    async def chunks() -> AsyncIterator[bytes]:
        async with aclosing(rows), aclosing(file.write(layer, rows, settings.spool_directory, asked.crs.srid)) as written:
            async for chunk in written:
                yield chunk

    name = f"{asked.collection}-v{_version(reading)}.{file.extension}"
    headers = reading.headers | {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Crs": f"<{asked.crs.uri}>",
        "Content-Language": language,
        "Vary": "Accept",
    }
    headers |= {"OGC-NumberMatched": str(matched)} if matched is not None else {}
    return StreamingResponse(chunks(), 200, headers, file.media_type)


async def _get_work(request: Request, collection: str) -> Response:
    parameters = request.query_params
    if unknown := [name for name in parameters if name not in ("view", "limit", "cursor", "f")]:
        raise BadRequest(faults=[Fault(name[:100], "view-alone") for name in unknown])
    settings: Settings = request.app.state.settings
    asked = read({name: value for name, value in parameters.items() if name != "view"}, "internal", collection, {}, frozenset())
    after = items.FIRST if asked.cursor is None else UUID(read_cursor(settings.secret, "work", asked.cursor))
    async with Editing(request) as editor:
        editor.actor.demand(Action.POINT_READ_WORK)
        category = await categories.get(editor.session, collection, editor.actor.categories)
        own = editor.actor.kelurahan if editor.actor.role == "pic" else None
        rows, last = await points.work(editor.session, category.id, own, after, min(limit_of(asked), WORK_LIMIT))
    links = _links(request, asked, write_cursor(settings.secret, "work", str(last)) if last else None)
    page = {"type": "FeatureCollection", "features": [work_feature(row) for row in rows], "links": links, "numberReturned": len(rows)}
    return Response(orjson.dumps(page, option=JSON_OPTIONS), 200, PRIVATE, GEOJSON)


@router.get("/{item}", operation_id="getItem", response_class=GeoJson, responses=problems(400, 401, 403, 404, 503))
@reads_its_query
@open_to_all
async def get_item(request: Request, collection: Collection, item: Annotated[str, Path(max_length=64)]) -> Response:
    """One point: what is published; with a token, its newest revision that the holder may see, else its internal form."""
    point = uuid_of(item, "item-unknown")
    if bearer(request) is not None:
        async with Editing(request) as editor:
            row = await points.newest(editor.session, collection, point) if editor.actor.may(Action.POINT_READ_WORK) else None
        if row is not None:
            feature = work_feature(row)
            etag = f'"{feature["properties"]["version"]}"'
            return Response(orjson.dumps(feature, option=JSON_OPTIONS), 200, {**PRIVATE, "ETag": etag}, GEOJSON)
    reading = await _reading(request, collection)
    _format(request)
    parameters = {name: value for name, value in request.query_params.items() if name != "f"}
    asked = read(parameters, reading.half, collection, {}, reading.known.srids, {"crs"})
    if asked.crs == CRS84:
        feature_text, version = await items.one(reading.session, reading.half, collection, point)
    else:
        feature_text, version = await selection.one(reading.session, selection.source(reading.half, reading.card), asked, point)
    path = f"{base_url(request)}/collections/{collection}"
    links = [
        {"rel": "self", "type": GEOJSON, "href": f"{path}/items/{point}"},
        {"rel": "collection", "type": "application/json", "href": path},
    ]
    body = feature_text[:-1].encode() + b',"links":' + orjson.dumps(links) + b"}"
    headers = {"Vary": "Authorization", "Content-Crs": f"<{asked.crs.uri}>", **reading.headers, "ETag": f'"p{version}"'}
    return Response(body, 200, headers, GEOJSON)
