"""The walidata's queue and decisions."""

from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.audit import Action
from app.cursors import read_cursor, write_cursor
from app.errors import BadRequest, Fault, TitikError
from app.problems import problems, told
from app.published.items import FIRST
from app.reviews import queries, service
from app.reviews.service import Decision, Decisions
from app.routers.deps import Configured, Editing, RevisionId, StrictRoute, base_url, body_of, needs, read_limit
from app.wire import parse, read_json

router = APIRouter(route_class=StrictRoute, prefix="/reviews", tags=["reviews"])

DEFAULT_LIMIT, MAX_LIMIT = 50, 500


@router.get("", responses=problems(400, 401, 403, 503))
@needs(Action.REVIEW_READ)
async def get_reviews(
    request: Request,
    response: Response,
    settings: Configured,
    limit: Annotated[str | None, Query()] = None,
    kelurahan: Annotated[str | None, Query(max_length=64)] = None,
    cursor: Annotated[str | None, Query()] = None,
) -> dict[str, Any]:
    """What waits for a decision, the longest waiting first, with the verdict on where each lies."""
    response.headers["Cache-Control"] = "private, no-store"
    number = read_limit(limit, DEFAULT_LIMIT, MAX_LIMIT)
    if number is None:
        raise BadRequest(faults=[Fault("limit", "limit-invalid")])
    after = FIRST if cursor is None else UUID(read_cursor(settings.secret, "reviews", cursor))
    async with Editing(request) as editor:
        editor.actor.demand(Action.REVIEW_READ)
        reviews, last = await queries.queue(editor.session, after, kelurahan, number)
    here = f"{base_url(request)}/reviews"
    links = [{"rel": "self", "type": "application/json", "href": here}]
    if last:
        kept = {name: value for name, value in request.query_params.items() if name != "cursor"}
        following = urlencode({**kept, "cursor": write_cursor(settings.secret, "reviews", str(last))})
        links.append({"rel": "next", "type": "application/json", "href": f"{here}?{following}"})
    return {"reviews": reviews, "numberReturned": len(reviews), "links": links}


@router.post("/decisions", openapi_extra=body_of(Decisions), responses=problems(400, 401, 403, 413, 422, 503))
@needs(Action.REVISION_PUBLISH, Action.REVISION_RETURN)
async def post_decisions(request: Request, response: Response) -> dict[str, Any]:
    """The same decision on up to 500 revisions, each on its own: what became of it, or the problem that stood against it."""
    response.headers["Cache-Control"] = "private, no-store"
    async with Editing(request) as editor:
        decisions = parse(Decisions, read_json(await request.body()))
        results = await service.decide_many(editor.session, editor.actor, decisions)
    return {"results": [_result(request, revision, result) for revision, result in results]}


def _result(request: Request, revision: UUID, result: dict[str, Any] | TitikError) -> dict[str, Any]:
    if isinstance(result, TitikError):
        return {"revision": str(revision), **told(result, request)}
    return {"status": 200, **result}


@router.post("/{revision}/decision", openapi_extra=body_of(Decision), responses=problems(400, 401, 403, 404, 409, 413, 422, 503))
@needs(Action.REVISION_PUBLISH, Action.REVISION_RETURN)
async def post_decision(revision: RevisionId, request: Request, response: Response) -> dict[str, Any]:
    """Publishes a submitted revision, or returns it to its writer with a reason."""
    response.headers["Cache-Control"] = "private, no-store"
    async with Editing(request) as editor:
        decision = parse(Decision, read_json(await request.body()))
        return await service.decide(editor.session, editor.actor, revision, decision)
