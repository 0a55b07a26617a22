"""What became of a point: its revisions with what differs, and the moves that are neither a decision nor a change of content."""

import hashlib
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request, Response

from app.audit.record import Action
from app.errors import BadRequest, Fault
from app.http.answers import matches
from app.http.conditions import IDEMPOTENCY_KEY, IF_MATCH_PERHAPS, if_match, write_options
from app.http.editing import Editing
from app.http.framing import base_url
from app.http.paging import Paging
from app.http.parameters import PRIVATE, PointId, body_of
from app.http.problems import problems
from app.http.rendering import JSON, GeoJson
from app.http.rights import needs
from app.http.route import StrictRoute
from app.points.schemas import JSON_OPTIONS
from app.reviews import moves
from app.reviews.moves import Moving
from app.reviews.schemas import History, PointNow, PointStates
from app.wire import parse, read_json

router = APIRouter(route_class=StrictRoute, prefix="/points", tags=["points"])

_NEWEST = 2_000_000_000
_STATES_AT_ONCE = 100
_HEADERS: dict[str, object] = {"parameters": [IF_MATCH_PERHAPS, IDEMPOTENCY_KEY]}


@router.get(
    "/states",
    operation_id="getPointStates",
    responses={200: {"model": PointStates}, 304: {"description": "Not changed"}, **problems(400, 401, 403, 503)},
)
@needs(Action.POINT_READ_WORK)
async def get_states(
    request: Request,
    points: Annotated[
        str, Query(max_length=4_000, examples=["0193a0b0-5f6e-7c31-8f1d-2f4c9a1b7d10"], description="Ids by commas, at most 100")
    ],
) -> Response:
    """How these points stand: for pages and phones that wait for a decision and ask again. Those that one may not see are left out; 304 where
    nothing has changed.
    """
    ids = [uuid for text in points.split(",") if (uuid := _uuid(text.strip()))]
    if not ids or len(ids) > _STATES_AT_ONCE:
        raise BadRequest(faults=[Fault("points", "list-too-long", {"expected": _STATES_AT_ONCE})])
    async with Editing(request) as editor:
        body = orjson.dumps(await moves.read_states(editor.session, ids))
    etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    # Nothing of it is kept on the way or by the browser: the page that asks remembers the tag itself.
    headers = {**PRIVATE, "ETag": etag}
    return Response(None, 304, headers) if matches(request.headers.get("if-none-match"), etag) else Response(body, 200, headers, JSON)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise BadRequest(faults=[Fault("points", "not-a-uuid")]) from None


@router.get("/{point}", operation_id="getPoint", responses=problems(400, 401, 403, 404, 503))
@needs(Action.POINT_READ_WORK)
async def get_point(point: PointId, request: Request, response: Response) -> PointNow:
    """A point by its id alone: its newest revision as a Feature, which one is public, which one is open, and where to go on."""
    response.headers.update(PRIVATE)
    async with Editing(request) as editor:
        now = await moves.read_point(editor.session, point)
    here = base_url(request)
    return {
        **now,
        "links": [
            {"rel": "self", "type": "application/json", "href": f"{here}/points/{point}"},
            {"rel": "item", "type": "application/geo+json", "href": f"{here}/collections/{now['category']}/items/{point}"},
            {"rel": "version-history", "type": "application/json", "href": f"{here}/points/{point}/revisions"},
        ],
    }


@router.get("/{point}/revisions", operation_id="getRevisions", responses=problems(400, 401, 403, 404, 503))
@needs(Action.POINT_READ_WORK)
async def get_revisions(
    point: PointId,
    request: Request,
    response: Response,
    paged: Paging,
) -> History:
    """The history of a point, the newest revision first, each with what differs from the one before."""
    response.headers.update(PRIVATE)
    async with Editing(request) as editor:
        before = int(paged.after("revisions", str(_NEWEST)))
        history, following = await moves.read_history(editor.session, point, before, paged.limit)
    return {**history, "links": paged.links("revisions", following)}


@router.post(
    "/{point}/revisions",
    operation_id="postMove",
    openapi_extra=body_of(Moving) | _HEADERS,
    response_class=GeoJson,
    responses=problems(400, 401, 403, 404, 409, 412, 413, 422, 503),
)
@needs(Action.REVISION_SUBMIT, Action.REVISION_WITHDRAW, Action.POINT_CONFIRM, Action.POINT_CLOSE, Action.REVISION_UNPUBLISH)
async def post_move(point: PointId, request: Request) -> Response:
    """Submits a draft or a returned revision, withdraws what is open, says that the point is still as it is, proposes the closing, or takes the point out of publication."""
    async with Editing(request) as editor:
        versions = if_match(request, editor.actor) if "if-match" in request.headers else None
        moving = parse(Moving, read_json(await request.body()))
        feature = await moves.move(editor.session, editor.actor, point, moving, write_options(request, versions=versions))
    etag = f'"{feature["properties"]["version"]}"'
    return Response(orjson.dumps(feature, option=JSON_OPTIONS), 200, {**PRIVATE, "ETag": etag}, "application/geo+json")
