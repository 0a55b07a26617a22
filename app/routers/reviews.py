"""The walidata's decisions."""

from typing import Any

from fastapi import APIRouter, Request, Response

from app.problems import problems
from app.reviews import service
from app.reviews.service import Decision
from app.routers.deps import Editing, RevisionId, StrictRoute
from app.wire import parse, read_json

router = APIRouter(route_class=StrictRoute, prefix="/reviews", tags=["reviews"])

_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": Decision.model_json_schema()}}}}


@router.post("/{revision}/decision", openapi_extra=_BODY, responses=problems(400, 401, 403, 404, 409, 413, 422, 503))
async def post_decision(revision: RevisionId, request: Request, response: Response) -> dict[str, Any]:
    """Publishes a submitted revision, or returns it to its writer with a reason."""
    response.headers["Cache-Control"] = "private, no-store"
    async with Editing(request) as editor:
        decision = parse(Decision, read_json(await request.body()))
        return await service.decide(editor.session, editor.actor, revision, decision)
