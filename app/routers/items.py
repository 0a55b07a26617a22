"""Points: posting, changing and removing one (OGC API Features, Part 4)."""

from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from app.audit.record import Action
from app.collections import described
from app.collections.kinds import category_of
from app.geo import CRS84
from app.http.conditions import CONTENT_CRS, IDEMPOTENCY_KEY, IF_MATCH, changing, write_options
from app.http.editing import Editing
from app.http.framing import base_url
from app.http.parameters import PRIVATE, AsDraft, CollectionId, ItemId
from app.http.problems import problems
from app.http.rendering import GeoJson
from app.http.rights import needs
from app.http.route import StrictRoute
from app.http.services import services
from app.points import service
from app.points.bodies import PointFeature
from app.points.crs import HEADER, content_crs, in_degrees
from app.points.schemas import JSON_OPTIONS
from app.reviews import moves
from app.routers.work import complete
from app.wire import read_json

router = APIRouter(route_class=StrictRoute, prefix="/collections/{collection}/items", tags=["items"])

GEOJSON = "application/geo+json"
WORK_LIMIT = 1_000
_SCHEMA = PointFeature.model_json_schema(ref_template="#/components/schemas/{model}")
_PATCH = {"requestBody": {"required": True, "content": {"application/merge-patch+json": {"schema": {"type": "object"}}}}}
_REMOVING = {"parameters": [IF_MATCH, IDEMPOTENCY_KEY]}
_CHANGING = {"parameters": [IF_MATCH, IDEMPOTENCY_KEY, CONTENT_CRS]}
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
    },
}
_BODY = {"requestBody": {"required": True, "content": {GEOJSON: {"schema": _SCHEMA, "example": _EXAMPLE}}}}


@router.post(
    "",
    status_code=201,
    operation_id="postItem",
    openapi_extra=_BODY | {"parameters": [IDEMPOTENCY_KEY, CONTENT_CRS]},
    response_class=GeoJson,
    responses={
        201: {"links": _LINKS},
        200: {"description": "The same point had been submitted before", "content": {GEOJSON: {}}},
        **problems(400, 401, 403, 404, 409, 413, 422, 503),
    },
)
@needs(Action.POINT_SUBMIT, Action.POINT_DRAFT)
async def post_item(collection: CollectionId, request: Request, draft: AsDraft = None) -> Response:
    """Submits a new point for review, or keeps it as a draft. 201, or 200 where the same point was sent before."""
    wanted = write_options(request, draft=draft == "true")
    async with Editing(request) as editor:
        written = await service.submit(editor.session, editor.actor, category_of(collection), await _feature_of(request), wanted)
    return _written(request, written, 201 if written.created else 200)


@router.put(
    "/{item}",
    operation_id="putItem",
    openapi_extra=_BODY | _CHANGING,
    response_class=GeoJson,
    responses=problems(400, 401, 403, 404, 409, 412, 413, 422, 428, 503),
)
@needs(Action.POINT_CHANGE)
async def put_item(collection: CollectionId, item: ItemId, request: Request, draft: AsDraft = None) -> Response:
    """Proposes the point as it shall be; the public sees its last published state until that is published."""
    async with Editing(request) as editor:
        wanted = changing(request, editor.actor, draft=draft == "true")
        body = await _feature_of(request)
        written = await service.replace_content(editor.session, editor.actor, category_of(collection), item, body, wanted)
    return _written(request, written, 200)


@router.patch(
    "/{item}",
    operation_id="patchItem",
    openapi_extra=_PATCH | _CHANGING,
    response_class=GeoJson,
    responses=problems(400, 401, 403, 404, 409, 412, 413, 422, 428, 503),
)
@needs(Action.POINT_CHANGE)
async def patch_item(collection: CollectionId, item: ItemId, request: Request, draft: AsDraft = None) -> Response:
    """Proposes a change by a JSON merge patch (RFC 7396) on the Feature: only what changes, null to take something out."""
    async with Editing(request) as editor:
        wanted = changing(request, editor.actor, draft=draft == "true")
        body = await _feature_of(request)
        written = await service.patch_content(editor.session, editor.actor, category_of(collection), item, body, wanted)
    return _written(request, written, 200)


@router.delete(
    "/{item}",
    status_code=204,
    operation_id="deleteItem",
    openapi_extra=_REMOVING,
    responses={
        202: {"description": "The closing was submitted for review", "content": {GEOJSON: {}}},
        **problems(400, 401, 403, 404, 409, 412, 422, 428, 503),
    },
)
@needs(Action.POINT_CLOSE, Action.REVISION_WITHDRAW)
async def delete_item(collection: CollectionId, item: ItemId, request: Request) -> Response:
    """Withdraws a point that was never published (204); of a published one it submits the closing (202)."""
    async with Editing(request) as editor:
        wanted = changing(request, editor.actor)
        removed = await moves.remove(editor.session, editor.actor, category_of(collection), item, wanted)
    return Response(status_code=204, headers=PRIVATE) if removed.feature is None else _written(request, removed, 202)


async def _feature_of(request: Request) -> Mapping[str, object]:
    """The body, its place in degrees. `BadRequest` where it is in a CRS that the collection does not list."""
    crs = content_crs(request.headers.get(HEADER), described.crs_of(services(request).catalogue.known))
    return in_degrees(read_json(await request.body()), crs)


def _written(request: Request, written: service.WriteResult, status: int) -> Response:
    catalogue = services(request).catalogue
    feature = complete(written.feature or {}, catalogue.known)
    location = f"{base_url(request)}/collections/{feature['properties']['category']}/items/{feature['id']}"
    return _work(feature, status, {"Location": location} if status == 201 or request.method == "POST" else {})


def _work(feature: dict[str, Any], status: int, headers: dict[str, str]) -> Response:
    etag = f'"{feature["properties"]["version"]}"'
    answer_headers = {**PRIVATE, "ETag": etag, HEADER: f"<{CRS84.uri}>", **headers}
    return Response(orjson.dumps(feature, option=JSON_OPTIONS), status, answer_headers, GEOJSON)
