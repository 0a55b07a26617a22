"""Points: posting one, reading pages, reading one."""

from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request, Response

from app.audit import Action
from app.categories import queries as categories
from app.db import ReadSession
from app.errors import BadRequest, Fault
from app.geo import parse_bbox
from app.points import queries as points
from app.points import service
from app.points.schemas import PointFeature, read_proposal, work_feature
from app.problems import problems
from app.published import items
from app.routers.deps import (
    AsGeoJson,
    Configured,
    Editing,
    Here,
    ItemId,
    Reading,
    StrictRoute,
    base_url,
    bearer,
    needs,
    open_to_all,
    read_limit,
)
from app.wire import read_json

router = APIRouter(route_class=StrictRoute, prefix="/collections/{collection}/items", tags=["items"])

GEOJSON = "application/geo+json"
JSON_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS
PRIVATE = {"Cache-Control": "private, no-store", "Vary": "Authorization"}
Collection = Annotated[str, Path(max_length=64)]
_SCHEMA = PointFeature.model_json_schema(ref_template="#/components/schemas/{model}")
_BODY = {"requestBody": {"required": True, "content": {GEOJSON: {"schema": _SCHEMA}}}}


@router.post(
    "",
    status_code=201,
    openapi_extra=_BODY,
    responses={200: {"description": "The same point had been submitted before"}, **problems(400, 401, 403, 404, 409, 413, 422, 503)},
)
@needs(Action.POINT_SUBMIT, Action.POINT_DRAFT)
async def post_item(collection: Collection, request: Request) -> Response:
    """Submits a new point for review. 201, or 200 where the same point was submitted before."""
    async with Editing(request) as editor:
        proposal = read_proposal(read_json(await request.body()), collection)
        submitted = await service.submit(editor.session, editor.actor, proposal)
    feature = submitted.feature
    location = f"{base_url(request)}/collections/{collection}/items/{feature['id']}"
    headers = {**PRIVATE, "Location": location, "ETag": f'"{feature["properties"]["version"]}"'}
    return Response(orjson.dumps(feature, option=JSON_OPTIONS), 201 if submitted.created else 200, headers, GEOJSON)


async def parse_query(
    collection: Collection,
    settings: Configured,
    limit: Annotated[str | None, Query()] = None,
    bbox: Annotated[str | None, Query()] = None,
    kelurahan: Annotated[str | None, Query(max_length=64)] = None,
    cursor: Annotated[str | None, Query()] = None,
) -> items.ItemsQuery:
    """All faults at once; a limit above the maximum is clamped, as OGC API Features wants."""
    faults = []
    number, box = read_limit(limit, items.DEFAULT_LIMIT, items.MAX_LIMIT), None
    if number is None:
        faults.append(Fault("limit", "limit-invalid"))
    if bbox is not None:
        try:
            box = parse_bbox(bbox)
        except ValueError:
            faults.append(Fault("bbox", "bbox-invalid"))
    if faults or number is None:
        raise BadRequest(faults=faults)
    after = items.FIRST if cursor is None else items.read_cursor(settings.secret, cursor)
    return items.ItemsQuery(collection, number, box, kelurahan, after)


@router.get("", responses=problems(400, 404, 503))
@open_to_all
async def get_items(
    request: Request,
    session: Reading,
    settings: Configured,
    here: Here,
    query: Annotated[items.ItemsQuery, Depends(parse_query)],
    _format: AsGeoJson = None,
) -> Response:
    """A page of published points by id, as a GeoJSON FeatureCollection with a `next` link while there are more."""
    page = await items.page(session, query)
    if page.number == 0:
        await categories.one_public(session, query.category)
    path = f"{here}/collections/{query.category}/items"
    links = [{"rel": "self", "type": GEOJSON, "href": f"{path}?{request.url.query}" if request.url.query else path}]
    if page.next_after:
        kept = {name: value for name, value in request.query_params.items() if name != "cursor"}
        cursor = items.write_cursor(settings.secret, page.next_after)
        links.append({"rel": "next", "type": GEOJSON, "href": f"{path}?{urlencode({**kept, 'cursor': cursor})}"})
    links.append({"rel": "collection", "type": "application/json", "href": f"{here}/collections/{query.category}"})
    tail = {"links": links, "numberReturned": page.number, "timeStamp": datetime.now(UTC)}
    body = b'{"type":"FeatureCollection","features":[' + page.features.encode() + b"]," + orjson.dumps(tail, option=JSON_OPTIONS)[1:]
    return Response(body, media_type=GEOJSON)


@router.get("/{item}", responses=problems(400, 401, 404, 503))
@open_to_all
async def get_item(request: Request, collection: Collection, item: ItemId, session: Reading, _format: AsGeoJson = None) -> Response:
    """One point: what is published; with a token, its newest revision that the holder may see."""
    if bearer(request) is not None:
        async with Editing(request) as editor:
            row = await points.newest(editor.session, collection, item) if editor.actor.may(Action.POINT_READ_WORK) else None
        if row is not None:
            headers = {**PRIVATE, "ETag": f'"{row["version"]}"'}
            return Response(orjson.dumps(work_feature(row), option=JSON_OPTIONS), 200, headers, GEOJSON)
    return await _published(session, collection, item, base_url(request))


async def _published(session: ReadSession, collection: str, item: ItemId, here: str) -> Response:
    feature, version = await items.one(session, collection, item)
    path = f"{here}/collections/{collection}"
    links = [
        {"rel": "self", "type": GEOJSON, "href": f"{path}/items/{item}"},
        {"rel": "collection", "type": "application/json", "href": path},
    ]
    body = feature[:-1].encode() + b',"links":' + orjson.dumps(links) + b"}"
    return Response(body, media_type=GEOJSON, headers={"ETag": f'"{version}"', "Vary": "Authorization"})
