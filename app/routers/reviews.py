"""The walidata's queue and decisions."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from app.audit.record import Action
from app.errors import TitikError
from app.http.editing import Editing
from app.http.paging import Paging
from app.http.parameters import RevisionId, body_of
from app.http.problems import problem_of, problems
from app.http.rights import needs
from app.http.route import StrictRoute
from app.reviews import reading, service
from app.reviews.schemas import Acknowledgements, Decided, DecidedAmongMany, Outcomes, Review, Reviews, Undecided
from app.reviews.service import Acknowledging, Decision, Decisions
from app.wire import parse, read_json

router = APIRouter(route_class=StrictRoute, prefix="/reviews", tags=["reviews"])


async def filters_of(
    subject_kind: Annotated[str | None, Query(max_length=40, description="point: only what is about points")] = None,
    category: Annotated[str | None, Query(max_length=64)] = None,
    kind: Annotated[str | None, Query(max_length=20, description="new, change, move, close")] = None,
    flag: Annotated[str | None, Query(max_length=40)] = None,
    kelurahan: Annotated[str | None, Query(max_length=64)] = None,
    writer: Annotated[str | None, Query(max_length=100, description="The name of an account")] = None,
    age: Annotated[str | None, Query(max_length=10, description="Waiting at least so long: 12h, 3d, 2w")] = None,
    q: Annotated[str | None, Query(max_length=200, description="Words of the name or the address")] = None,
    corrected: Annotated[str | None, Query(max_length=20, description="Whether it comes after one that was returned")] = None,
    clean: Annotated[
        str | None, Query(max_length=20, description="Whether nothing of it must be looked at: what may be published together")
    ] = None,
    sortby: Annotated[str | None, Query(max_length=20, description="A property, with - for the other direction")] = None,
) -> dict[str, str | None]:
    return {
        "subject_kind": subject_kind, "category": category, "kind": kind, "flag": flag, "kelurahan": kelurahan, "writer": writer, "age": age, "q": q, "corrected": corrected,
        "clean": clean, "sortby": sortby,
    }  # fmt: skip


Filters = Annotated[dict[str, str | None], Depends(filters_of)]


@router.get("", responses=problems(400, 401, 403, 503))
@needs(Action.REVIEW_READ)
async def get_reviews(
    request: Request,
    response: Response,
    paged: Paging,
    filters: Filters,
) -> Reviews:
    """What waits for a decision, the longest waiting first, each with its kind and what differs from what is public. With `flag=rejudged`
    also what is public and lies elsewhere by other boundaries than those it was published under, until it is acknowledged.
    """
    response.headers["Cache-Control"] = "private, no-store"
    async with Editing(request) as editor:
        wanted = reading.read_wanted(filters)
        purpose = f"reviews {'-' if wanted.descending else ''}{wanted.sorting}"
        after = _place(paged.after(purpose, ""))
        reviews, matched, last = await reading.read_queue(editor.session, editor.actor, wanted, after, paged.limit)
    links = paged.links(purpose, f"{last[1]} {last[0]}" if last else None)
    return {"reviews": reviews, "numberReturned": len(reviews), "numberMatched": matched, "links": links}


def _place(cursor: str) -> tuple[str, UUID] | None:
    revision, _, key = cursor.partition(" ")
    return (key, UUID(revision)) if revision else None


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
        return {"revision": str(revision), **problem_of(result, request)}
    return {"status": 200, **result}


@router.post("/acknowledgements", openapi_extra=body_of(Acknowledging), responses=problems(400, 401, 403, 413, 422, 503))
@needs(Action.REVISION_ACKNOWLEDGE)
async def post_acknowledgements(request: Request, response: Response) -> Acknowledgements:
    """Ticks off verdicts that other boundaries have changed, of up to 500 revisions: they were looked at, and the points stay as they are."""
    response.headers["Cache-Control"] = "private, no-store"
    async with Editing(request) as editor:
        acknowledging = parse(Acknowledging, read_json(await request.body()))
        results = await service.acknowledge(editor.session, editor.actor, acknowledging)
    return {
        "results": [
            {"revision": str(revision), "status": 200} if error is None else {"revision": str(revision), **problem_of(error, request)}
            for revision, error in results
        ]
    }


@router.get("/{revision}", operation_id="getReview", responses=problems(400, 401, 403, 404, 503))
@needs(Action.POINT_READ_WORK)
async def get_review(revision: RevisionId, request: Request, response: Response) -> Review:
    """One revision, whatever became of it: its kind, what differs from what was public, and why it was returned."""
    response.headers["Cache-Control"] = "private, no-store"
    async with Editing(request) as editor:
        return await reading.read_review(editor.session, editor.actor, revision)


@router.post("/{revision}/decision", openapi_extra=body_of(Decision), responses=problems(400, 401, 403, 404, 409, 413, 422, 503))
@needs(Action.REVISION_PUBLISH, Action.REVISION_RETURN)
async def post_decision(revision: RevisionId, request: Request, response: Response) -> Decided:
    """Publishes a submitted revision, or returns it to its writer with a reason."""
    response.headers["Cache-Control"] = "private, no-store"
    async with Editing(request) as editor:
        decision = parse(Decision, read_json(await request.body()))
        return await service.decide(editor.session, editor.actor, revision, decision)
