"""Tokens: signing in is getting one, signing out is revoking it."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from app.accounts import signing
from app.accounts.schemas import IssuedToken, NewToken, SigningIn, Tokens
from app.accounts.signing import Issued
from app.audit.record import Action
from app.http.editing import Editing
from app.http.parameters import PRIVATE, Configured, body_of
from app.http.problems import problems
from app.http.rights import needs, open_to_all
from app.http.route import StrictRoute
from app.http.services import services
from app.http.signing_in import known_by_password
from app.wire import parse, read_json

router = APIRouter(route_class=StrictRoute, prefix="/tokens", tags=["tokens"])


@router.post("/password", status_code=201, openapi_extra=body_of(SigningIn), responses=problems(400, 401, 409, 413, 422, 503))
@open_to_all
async def post_sign_in(request: Request, response: Response, settings: Configured) -> IssuedToken:
    """Signs in with a password: a token of its own for this telephone or system."""
    response.headers.update(PRIVATE)
    database = services(request).database
    signing_in = parse(SigningIn, read_json(await request.body()))
    known = await known_by_password(request, signing_in.account, signing_in.password)
    async with database.open_write() as session:
        issued = await signing.by_password(session, settings, known, signing_in, settings.sign_in_hours * 3600.0)
    return _issued_token(issued)


@router.get("", responses=problems(400, 401, 403, 503))
@needs(Action.TOKEN_READ)
async def get_tokens(request: Request, response: Response) -> Tokens:
    """One's own tokens: when each was last used, and until when it is valid. Never the secrets."""
    response.headers.update(PRIVATE)
    async with Editing(request) as editor:
        return {"tokens": await signing.read_tokens(editor.session, editor.actor)}


@router.post("", status_code=201, openapi_extra=body_of(NewToken), responses=problems(400, 401, 403, 409, 413, 422, 503))
@needs(Action.TOKEN_ISSUE)
async def post_token(request: Request, response: Response, settings: Configured) -> IssuedToken:
    """Another token of one's own, for another system; with `scopes` it may do less. It is shown this once."""
    response.headers.update(PRIVATE)
    async with Editing(request) as editor:
        new = parse(NewToken, read_json(await request.body()))
        issued = await signing.issue_own(editor.session, settings.secret, editor.actor, new)
    return _issued_token(issued)


@router.delete("/{token:int}", status_code=204, operation_id="revokeToken", responses=problems(400, 401, 403, 404, 503))
@needs(Action.TOKEN_REVOKE)
async def delete_token(token: Annotated[int, Path(ge=1, le=2**31 - 1)], request: Request) -> Response:
    """Ends one of one's own tokens; the one in use too: that is signing out."""
    async with Editing(request) as editor:
        await signing.revoke(editor.session, editor.actor, token)
    return Response(status_code=204, headers=PRIVATE)


def _issued_token(issued: Issued) -> IssuedToken:
    return {"token": issued.token, "id": issued.id, "expires_at": issued.expires_at}
