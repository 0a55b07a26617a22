"""The browsers in which one is signed in."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from app.audit.record import Action
from app.http.editing import Editing
from app.http.parameters import PRIVATE, Speaking
from app.http.problems import problems
from app.http.rights import needs
from app.http.route import StrictRoute
from app.sessions import service
from app.sessions.schemas import SignedInBrowsers, session_json

router = APIRouter(route_class=StrictRoute, prefix="/me/sessions", tags=["me"])


@router.get("", responses=problems(400, 401, 403, 503))
@needs(Action.SESSION_READ)
async def get_sessions(request: Request, response: Response, language: Speaking) -> SignedInBrowsers:
    """The browsers in which one is signed in, the one used last first. Tokens of telephones and systems: `GET /tokens`."""
    response.headers.update(PRIVATE)
    async with Editing(request) as editor:
        rows = await service.read_own(editor.session, editor.actor)
    return {"sessions": [session_json(row, editor.actor.session_id, language) for row in rows]}


@router.delete("/{session}", status_code=204, operation_id="endSession", responses=problems(400, 401, 403, 404, 503))
@needs(Action.SESSION_END)
async def delete_session(session: Annotated[int, Path(ge=1, le=2**31 - 1)], request: Request) -> Response:
    """Signs out of one of them; of the one in use too."""
    async with Editing(request) as editor:
        await service.end(editor.session, editor.actor, session)
    return Response(status_code=204, headers=PRIVATE)
