"""Oneself: what one may do, the password, the inbox."""

from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import HTMLResponse

from app.accounts import binding, signing
from app.accounts import queries as accounts
from app.accounts.passwords import SHORTEST
from app.accounts.schemas import (
    ChangedMe,
    ChangedPassword,
    Me,
    NewPassword,
    OwnBinding,
    OwnEmail,
    OwnIdentity,
    ReadNotices,
    SessionInUse,
    TokenInUse,
)
from app.audit.record import Action
from app.errors import Invalid
from app.http.editing import Editing, count_sign_in
from app.http.framing import base_url, frame_of, page_headers
from app.http.paging import Paging
from app.http.parameters import PRIVATE, Configured, Speaking, body_of
from app.http.problems import problems
from app.http.rights import needs, open_to_all
from app.http.route import StrictRoute
from app.http.services import services
from app.inbox import service as inbox
from app.inbox.schemas import Inbox, Unread
from app.messages import say_fault
from app.pages import signing as pages
from app.wire import answer_from, parse, read_json

router = APIRouter(route_class=StrictRoute, prefix="/me", tags=["me"])

_NEWEST = 2**63 - 1
FORM = "application/x-www-form-urlencoded"
ResetCode = Annotated[str, Path(max_length=100, pattern=r"^[A-Za-z0-9_-]+$")]


@router.get("", responses=problems(400, 401, 403, 503))
@needs(Action.ME_READ)
async def get_me(request: Request, response: Response) -> Me:
    """Who one is, for which kelurahan, what the token may do and until when, and how many notices are unread."""
    response.headers.update(PRIVATE)
    async with Editing(request) as editor:
        actor = editor.actor
        row = await editor.session.one(accounts.ME, account_id=actor.id, token_id=actor.token_id, session_id=actor.session_id)
    token = answer_from(TokenInUse, row) if actor.session_id is None else None
    session = answer_from(SessionInUse, {**row, "id": actor.session_id}) if actor.session_id is not None else None
    own = {"account": actor.name, "role": actor.role, "actions": sorted(actor.actions), "token": token, "session": session}
    return answer_from(Me, {**row, **own})


@router.patch("", openapi_extra=body_of(ChangedMe, "application/merge-patch+json"), responses=problems(400, 401, 403, 413, 422, 503))
@needs(Action.ME_CHANGE)
async def patch_me(request: Request, response: Response) -> OwnEmail:
    """Changes where notices are mailed to; null: nowhere."""
    response.headers.update(PRIVATE)
    async with Editing(request) as editor:
        change = parse(ChangedMe, read_json(await request.body()))
        await signing.change_email(editor.session, editor.actor, change.email)
    return {"account": editor.actor.name, "email": change.email}


@router.post("/password", status_code=204, openapi_extra=body_of(ChangedPassword), responses=problems(400, 401, 403, 413, 422, 503))
@needs(Action.PASSWORD_CHANGE)
async def post_password(request: Request) -> Response:
    """Changes the password. Tokens that came from signing in with the old one end, this one too if it did."""
    async with Editing(request) as editor:
        account = editor.actor.name
    # Outside of the transaction that a wrong password undoes.
    await count_sign_in(request, account)
    async with Editing(request, counted=False) as editor:
        change = parse(ChangedPassword, read_json(await request.body()))
        await signing.change_password(editor.session, services(request).passwords, editor.actor, change)
    return Response(status_code=204, headers=PRIVATE)


@router.post("/identity", openapi_extra=body_of(OwnBinding), responses=problems(400, 401, 403, 409, 413, 422, 503))
@needs(Action.IDENTITY_BIND)
async def post_identity(request: Request, response: Response, settings: Configured) -> OwnIdentity:
    """Binds one's account to whom one is at the identity server: with the code that signing in there has given."""
    response.headers.update(PRIVATE)
    async with Editing(request) as editor:
        sent = parse(OwnBinding, read_json(await request.body()))
        subject = await binding.bind_own(editor.session, settings.secret, editor.actor, sent.code)
    return {"account": editor.actor.name, "oidc_subject": subject}


@router.get("/inbox", responses=problems(400, 401, 403, 503))
@needs(Action.ME_READ)
async def get_inbox(
    request: Request,
    response: Response,
    paged: Paging,
) -> Inbox:
    """What one is told: entries that were returned, points taken out of publication, work handed over. The newest first."""
    response.headers.update(PRIVATE)
    async with Editing(request) as editor:
        before = int(paged.after("notices", str(_NEWEST)))
        notices, unread, last = await inbox.read(editor.session, editor.actor, before, paged.limit)
    base = base_url(request)
    for notice in notices:
        if path := inbox.path_of(notice):
            notice["href"] = f"{base}/{path}"
    return {"notices": notices, "unread": unread, "numberReturned": len(notices), "links": paged.links("notices", last)}


@router.post("/inbox", openapi_extra=body_of(ReadNotices), responses=problems(400, 401, 403, 413, 422, 503))
@needs(Action.ME_CHANGE)
async def post_inbox(request: Request, response: Response) -> Unread:
    """Marks notices as read."""
    response.headers.update(PRIVATE)
    async with Editing(request) as editor:
        marked = parse(ReadNotices, read_json(await request.body()))
        return {"unread": await inbox.mark(editor.session, editor.actor, marked.read)}


@router.get("/reset/{code}", response_class=HTMLResponse, responses=problems(400, 404, 503))
@open_to_all
async def get_reset(code: ResetCode, request: Request, settings: Configured) -> Response:
    """The page behind a link that an administrator has made: choose a password."""
    database = services(request).database
    async with database.open_write(reading=True) as session:
        account = await signing.account_of_link(session, settings.secret, code)
    return _page(request, 200, account)


@router.post(
    "/reset/{code}",
    status_code=200,
    openapi_extra=body_of(NewPassword, "application/json", FORM),
    response_class=HTMLResponse,
    responses={204: {"description": "The password is set"}, **problems(400, 404, 413, 422, 503)},
)
@open_to_all
async def post_reset(code: ResetCode, request: Request, settings: Configured, language: Speaking) -> Response:
    """Sets the password, once. From the page (a form) the answer is a page, else 204."""
    database = services(request).database
    is_form = request.headers.get("content-type", "").partition(";")[0].strip().lower() == FORM
    body = await request.body()
    sent = (
        {"password": "".join(parse_qs(body.decode(errors="replace"), max_num_fields=5).get("password", []))} if is_form else read_json(body)
    )
    try:
        new = parse(NewPassword, sent)
        async with database.open_write() as session:
            account = await signing.use_link(session, settings.secret, services(request).passwords, code, new.password.get_secret_value())
    except Invalid as error:
        if not is_form:
            raise
        async with database.open_write() as session:
            account = await signing.account_of_link(session, settings.secret, code)
        fault = error.faults[0]
        return _page(request, 422, account, say_fault(fault.code, fault.facts, language))
    return _page(request, 200, account, is_saved=True) if is_form else Response(status_code=204, headers=PRIVATE)


def _page(request: Request, status: int, account: str, wrong: str | None = None, *, is_saved: bool = False) -> Response:
    text = pages.password(frame_of(request), account, SHORTEST, wrong, is_saved=is_saved)
    return HTMLResponse(text, status, page_headers(request) | PRIVATE)
