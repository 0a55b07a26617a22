"""The walidata's queue and decisions."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.audit import Action
from app.errors import TitikError
from app.problems import problems, told
from app.published.items import FIRST
from app.regions import queries as regions
from app.reviews import queries, service
from app.reviews.schemas import Decided, DecidedAmongMany, Outcomes, Reviews, Undecided
from app.reviews.service import Decision, Decisions
from app.routers.deps import Editing, RevisionId, StrictRoute, body_of, needs
from app.routers.paging import Paging
from app.wire import parse, read_json

router = APIRouter(route_class=StrictRoute, prefix="/reviews", tags=["reviews"])


@router.get("", responses=problems(400, 401, 403, 503))
@needs(Action.REVIEW_READ)
async def get_reviews(
    request: Request,
    response: Response,
    paged: Paging,
    kelurahan: Annotated[str | None, Query(max_length=64)] = None,
) -> Reviews:
    """What waits for a decision, the longest waiting first, with the verdict on where each lies."""
    response.headers["Cache-Control"] = "private, no-store"
    after = UUID(paged.after("reviews", str(FIRST)))
    async with Editing(request) as editor:
        editor.actor.demand(Action.REVIEW_READ)
        code = await regions.code_of_parameter(editor.session, kelurahan)
        reviews, last = await queries.queue(editor.session, after, code, paged.limit)
    return {"reviews": reviews, "numberReturned": len(reviews), "links": paged.links("reviews", last)}


@router.post("/decisions", openapi_extra=body_of(Decisions), responses=problems(400, 401, 403, 413, 422, 503))
@needs(Action.REVISION_PUBLISH, Action.REVISION_RETURN)
async def post_decisions(request: Request, response: Response) -> Outcomes:
    """The same decision on up to 500 revisions, each on its own: what became of it, or the problem that stood against it."""
    response.headers["Cache-Control"] = "private, no-store"
    async with Editing(request) as editor:
        decisions = parse(Decisions, read_json(await request.body()))
        results = await service.decide_many(editor.session, editor.actor, decisions)
    return {"results": [_result(request, revision, result) for revision, result in results]}


def _result(request: Request, revision: UUID, result: Decided | TitikError) -> DecidedAmongMany | Undecided:
    if isinstance(result, TitikError):
        return {"revision": str(revision), **told(result, request)}
    return {"status": 200, **result}


@router.post("/{revision}/decision", openapi_extra=body_of(Decision), responses=problems(400, 401, 403, 404, 409, 413, 422, 503))
@needs(Action.REVISION_PUBLISH, Action.REVISION_RETURN)
async def post_decision(revision: RevisionId, request: Request, response: Response) -> Decided:
    """Publishes a submitted revision, or returns it to its writer with a reason."""
    response.headers["Cache-Control"] = "private, no-store"
    async with Editing(request) as editor:
        decision = parse(Decision, read_json(await request.body()))
        return await service.decide(editor.session, editor.actor, revision, decision)
