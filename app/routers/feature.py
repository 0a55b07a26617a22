"""Reading one item."""

from dataclasses import replace
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Request, Response

from app.audit import Action
from app.geo import CRS84
from app.pages import views
from app.points import queries as points
from app.points.crs import HEADER, out_of_degrees
from app.points.schemas import JSON_OPTIONS, work_feature
from app.problems import language_of, problems
from app.published import described, items, selection
from app.published.catalogue import AREAS, POINTS, Catalogue, Half
from app.published.parameters import OF_ITEM
from app.published.query import Asked, read
from app.routers.deps import PRIVATE, Editing, StrictRoute, base_url, bearer, open_to_all, reads_its_query, uuid_of
from app.routers.features import Collection, Reading, format_of, reading_of
from app.routers.rendering import GEOJSON, HTML, GeoJson, link, outlines_of, page_headers

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
async def get_item(request: Request, collection: Collection, item: Annotated[str, Path(max_length=64)]) -> Response:
    """One point: what is published; with a token, its newest revision that the holder may see, else its internal form. Or one area."""
    wanted = format_of(request)
    catalogue: Catalogue = request.app.state.catalogue
    parameters = {name: value for name, value in request.query_params.items() if name != "f"}
    if collection not in AREAS and bearer(request) is not None:
        async with Editing(request) as editor:
            may_see = editor.actor.may(Action.POINT_READ_WORK)
            category = None if collection == POINTS else collection
            row = await points.newest(editor.session, category, uuid_of(item, "item-unknown")) if may_see else None
        if row is not None:
            card = catalogue.known.category("internal", collection) if collection != POINTS else None
            known = selection.source("internal", collection, card).queryables
            asked = read(parameters, "internal", collection, known, catalogue.known.srids, _PARAMETERS)
            feature = work_feature(row)
            headers = {**PRIVATE, "ETag": f'"{feature["properties"]["version"]}"'}
            if wanted == "html":
                return await _page(request, "internal", collection, feature, headers, works=True)
            headers |= {HEADER: f"<{asked.crs.uri}>"}
            if asked.properties is not None:
                feature["properties"] = {name: feature["properties"].get(name) for name in asked.properties}
            return Response(orjson.dumps(out_of_degrees(feature, asked.crs), option=JSON_OPTIONS), 200, headers, GEOJSON)
    reading = await reading_of(request, collection)
    origin = selection.source(reading.half, collection, reading.card)
    asked = read(parameters, reading.half, collection, origin.queryables, reading.known.srids, _PARAMETERS)
    if wanted == "html":
        asked = replace(asked, crs=CRS84)
    text, etag = await _one(reading, origin, asked, item)
    headers = {"Vary": "Accept, Authorization", "Content-Crs": f"<{asked.crs.uri}>", **reading.headers, "ETag": etag}
    if wanted == "html":
        return await _page(request, reading.half, collection, orjson.loads(text), headers)
    path = f"{base_url(request)}/collections/{collection}"
    links = [
        link("self", GEOJSON, f"{path}/items/{item}"),
        link("alternate", "text/html", f"{path}/items/{item}?f=html"),
        link("collection", "application/json", path),
    ]
    body = text[:-1].encode() + b',"links":' + orjson.dumps(links) + b"}"
    return Response(body, 200, headers, GEOJSON)


async def _one(reading: Reading, origin: selection.Source, asked: Asked, item: str) -> tuple[str, str]:
    """The Feature as text, and its tag: that of a point by its own version, of an area by the edition."""
    if reading.collection in AREAS:
        version = reading.known.standing(reading.half, reading.collection).version
        return await selection.one(reading.session, origin, asked, item), f'"{version}"'
    point = uuid_of(item, "item-unknown")
    text, version = await items.one(reading.session, reading.half, reading.collection, point)
    if asked.crs != CRS84 or asked.properties is not None:
        text = await selection.one(reading.session, origin, asked, point)
    return text, f'"p{version}"'


async def _page(
    request: Request, half: Half, collection: str, feature: dict[str, Any], headers: dict[str, str], *, works: bool = False
) -> Response:
    """`works`: the reader may see how the point came to be."""
    catalogue: Catalogue = request.app.state.catalogue
    language, here = language_of(request), base_url(request)
    one = described.one(catalogue.known, half, collection)
    own = f"{here}/collections/{collection}/items/{feature['id']}"
    frame = views.Frame(here, language, [link("alternate", GEOJSON, f"{own}?f=geojson", "GeoJSON")])
    revisions = f"{here}/points/{feature['id']}/revisions" if works else None
    plain = orjson.loads(orjson.dumps(feature, option=JSON_OPTIONS))
    page = views.item(frame, one, plain, revisions, await outlines_of(request, catalogue.known))
    etag = f'{headers["ETag"][:-1]}-html{language}"'
    return Response(page, 200, {**headers, **page_headers(language), "ETag": etag}, HTML)
