"""The page of one's own account: the browsers that are signed in, the password, the second factor."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse

from app.accounts import signing
from app.accounts.passwords import SHORTEST
from app.accounts.schemas import ChangedPassword
from app.audit.record import Action
from app.errors import Invalid, TitikError, TooMany, Unauthenticated
from app.http.credentials import path_here, take_cookie
from app.http.editing import Editing, count_sign_in
from app.http.forms import FORM_BODY, read_form
from app.http.framing import language_of
from app.http.parameters import PRIVATE
from app.http.rights import needs
from app.http.services import services
from app.http.signing_in import begin_session
from app.http.visiting import ACCOUNT, SIGN_IN, PageRoute, page_actor, page_answer, page_frame, refused_fields
from app.pages import signing as pages
from app.sessions import factors
from app.sessions import service as sessions
from app.sessions.schemas import session_json
from app.wire import parse

router = APIRouter(route_class=PageRoute, prefix=ACCOUNT, include_in_schema=False)

SessionNumber = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("")
@needs(Action.ME_READ)
async def get_account_page(request: Request) -> Response:
    """Who one is, where one is signed in, and what there is to change."""
    return await _page(request)


@router.post("/sesi/{session}/akhiri", openapi_extra=FORM_BODY)
@needs(Action.SESSION_END)
async def post_end_session(session: SessionNumber, request: Request) -> Response:
    """Signs out of one browser."""
    async with Editing(request) as editor:
        await sessions.end(editor.session, editor.actor, session)
    if editor.actor.session_id == session:
        take_cookie(request)
        return RedirectResponse(path_here(request, SIGN_IN), 303, PRIVATE)
    return _again(request)


@router.post("/sesi/akhiri", openapi_extra=FORM_BODY)
@needs(Action.SESSION_END)
async def post_end_others(request: Request) -> Response:
    """Signs out of all browsers but this one."""
    async with Editing(request) as editor:
        await sessions.end_others(editor.session, editor.actor)
    return _again(request)


@router.post("/sandi", openapi_extra=FORM_BODY)
@needs(Action.PASSWORD_CHANGE)
async def post_new_password(request: Request) -> Response:
    """Changes the password: all other browsers are signed out, this one goes on."""
    fields = await read_form(request)
    actor = await page_actor(request)
    try:
        change = parse(ChangedPassword, {"current": fields.get("current", ""), "new": fields.get("new", "")})
        await count_sign_in(request, actor.name)
        async with Editing(request, counted=False) as editor:
            await signing.change_password(editor.session, services(request).passwords, editor.actor, change)
    except Unauthenticated:
        raise
    except TitikError as error:
        return await _page(request, error)
    await begin_session(request, actor.id, "password", is_complete=True)
    return _again(request)


@router.get("/kode")
@needs(Action.SECOND_FACTOR_CHANGE)
async def get_second_factor(request: Request) -> Response:
    """What the telephone is to take over."""
    await page_actor(request, is_fresh=True)
    return await _second_factor_page(request)


@router.post("/kode", openapi_extra=FORM_BODY)
@needs(Action.SECOND_FACTOR_CHANGE)
async def post_second_factor(request: Request) -> Response:
    """With its first code the second factor counts; the recovery codes are shown this once."""
    code = (await read_form(request)).get("kode", "")[:40]
    actor = await page_actor(request, is_fresh=True)
    try:
        await count_sign_in(request, actor.name)
        async with Editing(request, counted=False) as editor:
            recovery = await factors.set_up(editor.session, services(request).settings, actor.id, code)
    except (Invalid, TooMany) as error:
        return await _second_factor_page(request, error)
    return page_answer(request, pages.recovery_codes(await page_frame(request), recovery, path_here(request, ACCOUNT)))


@router.post("/kode/hapus", openapi_extra=FORM_BODY)
@needs(Action.SECOND_FACTOR_CHANGE)
async def post_remove_second_factor(request: Request) -> Response:
    """Takes the second factor away: for another telephone, or for good."""
    async with Editing(request) as editor:
        await factors.remove_own(editor.session, services(request).settings, editor.actor)
    return _again(request)


def _again(request: Request) -> Response:
    return RedirectResponse(path_here(request, ACCOUNT), 303, PRIVATE)


async def _page(request: Request, error: TitikError | None = None) -> Response:
    language = language_of(request)
    async with Editing(request, counted=False, reading=True) as editor:
        actor = editor.actor
        rows = await sessions.read_own(editor.session, actor)
        factor = await factors.state_of(editor.session, services(request).settings, actor)
    browsers = [session_json(row, actor.session_id, language) for row in rows]
    wrong = refused_fields(request, error, "current")
    known = services(request).catalogue.known.directory.kelurahan
    kelurahan = [known[code].name if code in known else code for code in actor.kelurahan]
    text = pages.account(await page_frame(request), actor, kelurahan, browsers, factor, wrong, SHORTEST)
    return page_answer(request, text, error)


async def _second_factor_page(request: Request, error: TitikError | None = None) -> Response:
    settings = services(request).settings
    async with Editing(request, counted=False) as editor:
        proposal = await factors.propose(editor.session, settings, editor.actor.id, editor.actor.name)
    wrong = refused_fields(request, error, "kode")
    return page_answer(request, pages.second_factor(await page_frame(request), proposal, wrong, is_demanded=False), error)
