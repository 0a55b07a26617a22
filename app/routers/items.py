"""Points: posting, changing and removing one, reading pages, reading one (OGC API Features, Parts 1 and 4)."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request, Response

from app.audit import Action
from app.categories import queries as categories
from app.cursors import read_cursor, write_cursor
from app.db import ReadSession
from app.errors import BadRequest, Fault
from app.geo import parse_bbox
from app.points import queries as points
from app.points import service
from app.points.schemas import JSON_OPTIONS, PointFeature, work_feature
from app.problems import problems
from app.published import items
from app.reviews import moves
from app.routers.deps import (
    IDEMPOTENCY_KEY,
    IF_MATCH,
    PRIVATE,
    AsDraft,
    AsGeoJson,
    Configured,
    Editing,
    GeoJson,
    Here,
    ItemId,
    Reading,
    StrictRoute,
    asked,
    base_url,
    bearer,
    if_match,
    needs,
    open_to_all,
    read_limit,
)
from app.wire import read_json

router = APIRouter(route_class=StrictRoute, prefix="/collections/{collection}/items", tags=["items"])

GEOJSON = "application/geo+json"
WORK_LIMIT = 1_000
Collection = Annotated[str, Path(max_length=64, examples=["posyandu"])]
_SCHEMA = PointFeature.model_json_schema(ref_template="#/components/schemas/{model}")
_PATCH = {"requestBody": {"required": True, "content": {"application/merge-patch+json": {"schema": {"type": "object"}}}}}
_CHANGING = {"parameters": [IF_MATCH, IDEMPOTENCY_KEY]}
# What can be done with the point that a POST has made (OpenAPI links).
_LINKS = {
    operation: {"operationId": operation, "parameters": {"collection": "$request.path.collection", "item": "$response.body#/id"}}
    for operation in ("getItem", "putItem", "patchItem", "deleteItem")
} | {"getRevisions": {"operationId": "getRevisions", "parameters": {"point": "$response.body#/id"}}}
_EXAMPLE = {
    "type": "Feature",
    "geometry": {"type": "Point", "coordinates": [112.0016, -7.8041]},
    "properties": {
        "name": "Posyandu Melati",
        "kelurahan": "35.71.01.1011",
        "jenis": "balita",
        "accuracy_m": 8.0,
        "confirm_not_duplicate": True,
    },
}
_BODY = {"requestBody": {"required": True, "content": {GEOJSON: {"schema": _SCHEMA, "example": _EXAMPLE}}}}


@router.post(
    "",
    status_code=201,
    operation_id="postItem",
    openapi_extra=_BODY | {"parameters": [IDEMPOTENCY_KEY]},
    response_class=GeoJson,
    responses={
        201: {"links": _LINKS},
        200: {"description": "The same point had been submitted before", "content": {GEOJSON: {}}},
        **problems(400, 401, 403, 404, 409, 413, 422, 503),
    },
)
@needs(Action.POINT_SUBMIT, Action.POINT_DRAFT)
async def post_item(collection: Collection, request: Request, draft: AsDraft = "false") -> Response:
    """Submits a new point for review, or keeps it as a draft. 201, or 200 where the same point was sent before."""
    wanted = asked(request, draft=draft == "true")
    async with Editing(request) as editor:
        written = await service.submit(editor.session, editor.actor, collection, read_json(await request.body()), wanted)
    return _written(request, written, 201 if written.created else 200)


@router.put(
    "/{item}",
    operation_id="putItem",
    openapi_extra=_BODY | _CHANGING,
    response_class=GeoJson,
    responses=problems(400, 401, 403, 404, 409, 412, 413, 422, 428, 503),
)
@needs(Action.POINT_CHANGE)
async def put_item(collection: Collection, item: ItemId, request: Request, draft: AsDraft = "false") -> Response:
    """Proposes the point as it shall be; the public sees its last published state until that is published."""
    async with Editing(request) as editor:
        wanted = asked(request, draft=draft == "true", versions=if_match(request))
        body = read_json(await request.body())
        written = await service.replace_content(editor.session, editor.actor, collection, item, body, wanted)
    return _written(request, written, 200)


@router.patch(
    "/{item}",
    operation_id="patchItem",
    openapi_extra=_PATCH | _CHANGING,
    response_class=GeoJson,
    responses=problems(400, 401, 403, 404, 409, 412, 413, 422, 428, 503),
)
@needs(Action.POINT_CHANGE)
async def patch_item(collection: Collection, item: ItemId, request: Request, draft: AsDraft = "false") -> Response:
    """Proposes a change by a JSON merge patch (RFC 7396) on the Feature: only what changes, null to take something out."""
    async with Editing(request) as editor:
        wanted = asked(request, draft=draft == "true", versions=if_match(request))
        body = read_json(await request.body())
        written = await service.patch_content(editor.session, editor.actor, collection, item, body, wanted)
    return _written(request, written, 200)


@router.delete(
    "/{item}",
    status_code=204,
    operation_id="deleteItem",
    openapi_extra=_CHANGING,
    responses={
        202: {"description": "The closing was submitted for review", "content": {GEOJSON: {}}},
        **problems(400, 401, 403, 404, 409, 412, 422, 428, 503),
    },
)
@needs(Action.POINT_CLOSE, Action.REVISION_WITHDRAW)
async def delete_item(collection: Collection, item: ItemId, request: Request) -> Response:
    """Withdraws a point that was never published (204); of a published one it submits the closing (202)."""
    async with Editing(request) as editor:
        wanted = asked(request, versions=if_match(request))
        removed = await moves.remove(editor.session, editor.actor, collection, item, wanted)
    return Response(status_code=204, headers=PRIVATE) if removed.feature is None else _written(request, removed, 202)


def _written(request: Request, written: service.Written, status: int) -> Response:
    feature = written.feature or {}
    location = f"{base_url(request)}/collections/{feature['properties']['category']}/items/{feature['id']}"
    return _work(feature, status, {"Location": location} if status == 201 or request.method == "POST" else {})


def _work(feature: dict[str, Any], status: int, headers: dict[str, str]) -> Response:
    etag = f'"{feature["properties"]["version"]}"'
    return Response(orjson.dumps(feature, option=JSON_OPTIONS), status, {**PRIVATE, "ETag": etag, **headers}, GEOJSON)


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
    after = items.FIRST if cursor is None else UUID(read_cursor(settings.secret, "items", cursor))
    return items.ItemsQuery(collection, number, box, kelurahan, after)


@router.get("", response_class=GeoJson, responses=problems(400, 401, 403, 404, 503))
@open_to_all
async def get_items(
    request: Request,
    session: Reading,
    settings: Configured,
    here: Here,
    query: Annotated[items.ItemsQuery, Depends(parse_query)],
    view: Annotated[Literal["work"] | None, Query()] = None,
    _format: AsGeoJson = None,
) -> Response:
    """A page of published points by id, as a GeoJSON FeatureCollection with a `next` link while there are more; with `view=work` and
    a token, the newest revisions that the holder works on.
    """
    if view == "work":
        return await _get_work(request, settings.secret, here, query)
    page = await items.page(session, query)
    if page.number == 0:
        await categories.one_public(session, query.category)
    tail = {"links": _links(request, here, settings.secret, query.category, page.next_after), "numberReturned": page.number}
    tail["timeStamp"] = datetime.now(UTC)
    body = b'{"type":"FeatureCollection","features":[' + page.features.encode() + b"]," + orjson.dumps(tail, option=JSON_OPTIONS)[1:]
    return Response(body, media_type=GEOJSON)


async def _get_work(request: Request, secret: bytes, here: str, query: items.ItemsQuery) -> Response:
    if query.bbox is not None or query.kelurahan is not None:
        raise BadRequest(faults=[Fault("view", "view-alone")])
    async with Editing(request) as editor:
        editor.actor.demand(Action.POINT_READ_WORK)
        category = await categories.get(editor.session, query.category, editor.actor.categories)
        own = editor.actor.kelurahan if editor.actor.role == "pic" else None
        rows, last = await points.work(editor.session, category.id, own, query.after, min(query.limit, WORK_LIMIT))
    links = _links(request, here, secret, query.category, last)
    collection = {"type": "FeatureCollection", "features": [work_feature(row) for row in rows], "links": links, "numberReturned": len(rows)}
    return Response(orjson.dumps(collection, option=JSON_OPTIONS), 200, PRIVATE, GEOJSON)


def _links(request: Request, here: str, secret: bytes, collection: str, following: UUID | None) -> list[dict[str, str]]:
    path = f"{here}/collections/{collection}/items"
    links = [{"rel": "self", "type": GEOJSON, "href": f"{path}?{request.url.query}" if request.url.query else path}]
    if following:
        kept = {name: value for name, value in request.query_params.items() if name != "cursor"}
        cursor = write_cursor(secret, "items", str(following))
        links.append({"rel": "next", "type": GEOJSON, "href": f"{path}?{urlencode({**kept, 'cursor': cursor})}"})
    return [*links, {"rel": "collection", "type": "application/json", "href": f"{here}/collections/{collection}"}]


@router.get("/{item}", operation_id="getItem", response_class=GeoJson, responses=problems(400, 401, 404, 503))
@open_to_all
async def get_item(request: Request, collection: Collection, item: ItemId, session: Reading, _format: AsGeoJson = None) -> Response:
    """One point: what is published; with a token, its newest revision that the holder may see."""
    if bearer(request) is not None:
        async with Editing(request) as editor:
            row = await points.newest(editor.session, collection, item) if editor.actor.may(Action.POINT_READ_WORK) else None
        if row is not None:
            return _work(work_feature(row), 200, {})
    return await _published(session, collection, item, base_url(request))


async def _published(session: ReadSession, collection: str, item: ItemId, here: str) -> Response:
    feature, version = await items.one(session, collection, item)
    path = f"{here}/collections/{collection}"
    links = [
        {"rel": "self", "type": GEOJSON, "href": f"{path}/items/{item}"},
        {"rel": "collection", "type": "application/json", "href": path},
    ]
    body = feature[:-1].encode() + b',"links":' + orjson.dumps(links) + b"}"
    return Response(body, media_type=GEOJSON, headers={"ETag": f'"p{version}"', "Vary": "Authorization"})
