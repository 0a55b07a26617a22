"""Reading one item."""

from dataclasses import replace
from typing import Annotated
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Path, Request, Response

from app.audit.record import Action
from app.collections import items, kinds, selection
from app.collections.kinds.kind import Described
from app.collections.parameters import OF_ITEM
from app.collections.query import EDITION, ItemsQuery, read
from app.geo import CRS84
from app.http.credentials import has_credential
from app.http.editing import Editing
from app.http.framing import base_url, frame_of, page_headers
from app.http.parameters import PRIVATE, CollectionId, uuid_of
from app.http.problems import problems
from app.http.rendering import GEOJSON, HTML, GeoJson, link, outlines_of
from app.http.rights import open_to_all
from app.http.route import StrictRoute, reads_its_query
from app.http.services import services
from app.http.visiting import visitor_of
from app.pages import views
from app.pages.frame import version as page_version
from app.points import queries as points
from app.points.crs import HEADER, out_of_degrees
from app.points.schemas import JSON_OPTIONS, work_feature
from app.routers.features import CollectionReading, asked_of, format_of, reading_of
from app.routers.work import complete

router = APIRouter(route_class=StrictRoute, prefix="/collections/{collection}/items", tags=["items"])

_PARAMETERS = ("crs", "properties")


@router.get(
    "/{item}",
    operation_id="getItem",
    response_class=GeoJson,
    openapi_extra={"parameters": OF_ITEM},
    responses={200: {"content": {GEOJSON: {}, "text/html": {}}}, **problems(400, 401, 403, 404, 503)},
)
@reads_its_query
@open_to_all
async def get_item(request: Request, collection: CollectionId, item: Annotated[str, Path(max_length=64)]) -> Response:
    """One point: what is published; with a token, its newest revision that the holder may see, else its internal form. Or one area."""
    wanted = format_of(request)
    catalogue = services(request).catalogue
    parameters = {name: value for name, value in request.query_params.items() if name != "f"}
    if kinds.kind_of(collection).takes_points and has_credential(request):
        async with Editing(request) as editor:
            may_see = editor.actor.may(Action.POINT_READ_WORK)
            row = await points.newest(editor.session, kinds.category_of(collection), uuid_of(item, "item-unknown")) if may_see else None
        if row is not None:
            one = kinds.one(catalogue.known, "internal", collection)
            query = read(parameters, "internal", collection, one.source.queryables, catalogue.known.srids, _PARAMETERS)
            feature = complete(work_feature(row), catalogue.known)
            headers = {**PRIVATE, "ETag": f'"{feature["properties"]["version"]}"'}
            if wanted == "html":
                return await _page(request, one, feature, headers, works=True)
            headers |= {HEADER: f"<{query.crs.uri}>"}
            if query.properties is not None:
                feature["properties"] = {name: feature["properties"].get(name) for name in query.properties}
            return Response(orjson.dumps(out_of_degrees(feature, query.crs), option=JSON_OPTIONS), 200, headers, GEOJSON)
    reading = await reading_of(request, collection)
    query = asked_of(reading, parameters, _PARAMETERS)
    if wanted == "html":
        query = replace(query, crs=CRS84)
    text, etag = await _one(reading, query, item)
    headers = {"Vary": "Accept, Authorization, Cookie", "Content-Crs": f"<{query.crs.uri}>", **reading.headers, "ETag": etag}
    if wanted == "html":
        return await _page(request, reading.collection, orjson.loads(text), headers)
    path = f"{base_url(request)}/collections/{collection}"
    of_edition = urlencode({EDITION: parameters[EDITION]}) if reading.collection.edition else ""
    links = [
        link("self", GEOJSON, f"{path}/items/{item}{'?' if of_edition else ''}{of_edition}"),
        link("alternate", "text/html", f"{path}/items/{item}?{of_edition}{'&' if of_edition else ''}f=html"),
        link("collection", "application/json", path),
    ]
    body = text[:-1].encode() + b',"links":' + orjson.dumps(links) + b"}"
    return Response(body, 200, headers, GEOJSON)


async def _one(reading: CollectionReading, query: ItemsQuery, item: str) -> tuple[str, str]:
    """The Feature as text, and its tag: that of a point by its own version, else that of its collection."""
    collection = reading.collection
    if not collection.has_fragments:
        key = uuid_of(item, "item-unknown") if collection.has_uuids else item
        text = await selection.one(reading.reader.session, collection.source, query, key)
        return text, f'"{collection.standing(reading.reader.known).tag}"'
    point = uuid_of(item, "item-unknown")
    text, version = await items.one(reading.reader.session, reading.reader.half, collection.category, point)
    if query.crs != CRS84 or query.properties is not None:
        text = await selection.one(reading.reader.session, collection.source, query, point)
    return text, f'"p{version}.{collection.definitions(reading.reader.known)}"'


async def _page(request: Request, one: Described, feature: dict[str, object], headers: dict[str, str], *, works: bool = False) -> Response:
    """`works`: the reader may see how the point came to be."""
    catalogue = services(request).catalogue
    here = base_url(request)
    own = f"{here}/collections/{one.id}/items/{feature['id']}"
    await visitor_of(request)
    frame = frame_of(request, [link("alternate", GEOJSON, f"{own}?f=geojson", "GeoJSON")])
    revisions = f"{here}/points/{feature['id']}/revisions" if works else None
    plain = orjson.loads(orjson.dumps(feature, option=JSON_OPTIONS))
    page = views.item(frame, one, plain, revisions, await outlines_of(request, catalogue.known, one.edition))
    etag = f'{headers["ETag"][:-1]}-html{frame.language}{page_version()}"'
    return Response(page, 200, {**headers, **page_headers(request), "ETag": etag}, HTML)
