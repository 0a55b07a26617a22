"""The pages on which somebody signs in and out, shows the second factor, and gives the password again. They are no API: programs get tokens."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from app.accounts.schemas import SignInForm
from app.errors import Invalid, TitikError, TooMany, Unauthenticated
from app.http.credentials import demand_own_page, give_cookie, path_here, session_secret, take_cookie
from app.http.editing import Editing, count_sign_in
from app.http.forms import FORM_BODY, read_form
from app.http.framing import own_path
from app.http.parameters import PRIVATE
from app.http.rights import open_to_all
from app.http.services import services
from app.http.signing_in import begin_session, known_by_password
from app.http.visiting import CODE, SIGN_IN, PageRoute, back, page_answer, page_frame, refused_fields, visitor_of
from app.pages import signing as pages
from app.routers.sign_in import led_there
from app.sessions import factors
from app.sessions import service as sessions
from app.sessions.service import Unfinished
from app.wire import parse

router = APIRouter(route_class=PageRoute, prefix="/portal", include_in_schema=False)

BackTo = Annotated[str | None, Query(max_length=1000)]
LinkCode = Annotated[str, Path(max_length=100, pattern=r"^[A-Za-z0-9_-]+$")]
_START = "/portal/"


@router.get("/masuk")
@open_to_all
async def get_sign_in_page(request: Request, ke: BackTo = None) -> Response:
    """The form; whoever is signed in already goes on."""
    return back(request, ke) if await visitor_of(request) else await _sign_in_page(request)


@router.post("/masuk", openapi_extra=FORM_BODY)
@open_to_all
async def post_sign_in_page(request: Request, ke: BackTo = None) -> Response:
    """Signs in with a password, and leads on; where something is wrong, the form again."""
    demand_own_page(request)
    fields = await read_form(request)
    account = fields.get("akun", "").strip()
    try:
        form = parse(SignInForm, {"akun": account, "sandi": fields.get("sandi", "")})
        known = await known_by_password(request, form.akun, form.sandi)
        begun = await begin_session(request, known.stored.account_id, "password", known)
    except TitikError as error:
        return await _sign_in_page(request, account, error)
    return RedirectResponse(path_here(request, CODE + _query(request)), 303, PRIVATE) if begun.awaiting else back(request, ke)


@router.get("/masuk/kota")
@open_to_all
async def get_sign_in_elsewhere(request: Request, ke: BackTo = None) -> Response:
    """Leads to the city's identity server, and from there back and on. Who is signed in already is to show there again who they are."""
    return await led_there(request, own_path(ke, _START), is_again=await visitor_of(request) is not None)


@router.get("/masuk/{code}")
@open_to_all
async def get_sign_in_link(request: Request, code: LinkCode) -> Response:
    """Behind a link that signs in once. Opening it uses up nothing: programs look at links before people do."""
    settings, database = services(request).settings, services(request).database
    async with database.open_write(reading=True) as session:
        account = await sessions.account_of_link(session, settings.secret, code)
    return page_answer(request, pages.sign_in_by_link(await page_frame(request), account))


@router.post("/masuk/{code}", openapi_extra=FORM_BODY)
@open_to_all
async def post_sign_in_link(request: Request, code: LinkCode) -> Response:
    """Signs in by the link, once."""
    demand_own_page(request)
    settings, database = services(request).settings, services(request).database
    async with database.open_write() as session:
        account_id = await sessions.use_link(session, settings.secret, code)
    await begin_session(request, account_id, "link")
    return back(request, None)


@router.post("/keluar", openapi_extra=FORM_BODY)
@open_to_all
async def post_sign_out(request: Request) -> Response:
    """Ends the session of this browser, and leads to the sign-in page. What a telephone has not sent yet stays there."""
    demand_own_page(request)
    settings, database = services(request).settings, services(request).database
    if (secret := session_secret(request)) is not None:
        async with database.open_write() as session:
            await sessions.end_of_cookie(session, settings.secret, secret)
    take_cookie(request)
    return RedirectResponse(path_here(request, SIGN_IN), 303, PRIVATE)


# -- the second factor, after the password


@router.get("/kode")
@open_to_all
async def get_code_page(request: Request, ke: BackTo = None) -> Response:
    """Where the code is typed, or the second factor set up; whoever lacks nothing goes on."""
    try:
        lacking = await _unfinished(request)
    except Unauthenticated:
        return _sign_in_first(request)
    return back(request, ke) if lacking is None else await _code_page(request, lacking)


@router.post("/kode", openapi_extra=FORM_BODY)
@open_to_all
async def post_code_page(request: Request, ke: BackTo = None) -> Response:
    """With the right code somebody is signed in. Who has set the second factor up sees the recovery codes first."""
    settings, database = services(request).settings, services(request).database
    code = (await read_form(request)).get("kode", "")[:40]
    try:
        lacking = await _unfinished(request)
        if lacking is None:
            return back(request, ke)
    except Unauthenticated:
        return _sign_in_first(request)
    recovery: list[str] = []
    try:
        await count_sign_in(request, lacking.account)
        async with database.open_write() as session:
            secret = session_secret(request) or ""
            lacking = await sessions.unfinished(session, settings.secret, secret) or lacking
            if lacking.awaiting == "enrolment":
                recovery = await factors.set_up(session, settings, lacking.account_id, code)
            else:
                await factors.show(session, settings, lacking.account_id, code)
            renewed = await sessions.complete(session, settings, lacking, secret)
    except (Invalid, TooMany) as error:
        return await _code_page(request, lacking, error)
    give_cookie(request, renewed.secret, renewed.expires_at)
    goes_on = path_here(request, own_path(ke, _START))
    return page_answer(request, pages.recovery_codes(await page_frame(request), recovery, goes_on)) if recovery else back(request, ke)


async def _unfinished(request: Request) -> Unfinished | None:
    settings, database = services(request).settings, services(request).database
    if (secret := session_secret(request)) is None:
        raise Unauthenticated
    async with database.open_write() as session:
        return await sessions.unfinished(session, settings.secret, secret)


async def _code_page(request: Request, lacking: Unfinished, error: TitikError | None = None) -> Response:
    settings, database = services(request).settings, services(request).database
    frame, wrong = await page_frame(request), refused_fields(request, error, "kode")
    if lacking.awaiting == "code":
        return page_answer(request, pages.code(frame, lacking.account, wrong), error)
    async with database.open_write() as session:
        await sessions.unfinished(session, settings.secret, session_secret(request) or "")
        proposal = await factors.propose(session, settings, lacking.account_id, lacking.account)
    return page_answer(request, pages.second_factor(frame, proposal, wrong, is_demanded=True), error)


# -- the password again, before what is about rights and keys


@router.get("/sandi")
@open_to_all
async def get_password_page(request: Request, _ke: Annotated[str | None, Query(max_length=1000, alias="ke")] = None) -> Response:
    """The form in which somebody who is signed in gives the password again."""
    return await _password_page(request) if await visitor_of(request) else _sign_in_first(request)


@router.post("/sandi", openapi_extra=FORM_BODY)
@open_to_all
async def post_password_page(request: Request, ke: BackTo = None) -> Response:
    """With the right password the session gets another secret, and may do more for a quarter of an hour."""
    settings, secret = services(request).settings, session_secret(request)
    if secret is None or (visitor := await visitor_of(request)) is None:
        return _sign_in_first(request)
    fields = await read_form(request)
    try:
        form = parse(SignInForm, {"akun": visitor.name, "sandi": fields.get("sandi", "")})
        await known_by_password(request, form.akun, form.sandi)
        async with Editing(request, counted=False) as editor:
            renewed = await sessions.renew(editor.session, settings.secret, editor.actor, secret)
    except TitikError as error:
        return await _password_page(request, error)
    give_cookie(request, renewed.secret, renewed.expires_at)
    return back(request, ke)


def _sign_in_first(request: Request) -> Response:
    return RedirectResponse(path_here(request, SIGN_IN + _query(request)), 303, PRIVATE)


def _query(request: Request) -> str:
    return f"?{request.url.query}" if request.url.query else ""


def _elsewhere(request: Request) -> str | None:
    """Where to sign in at the city's identity server; None where there is none."""
    return path_here(request, f"/portal/masuk/kota{_query(request)}") if services(request).identity_server else None


async def _sign_in_page(request: Request, account: str = "", error: TitikError | None = None) -> Response:
    wrong: Mapping[str, str] = refused_fields(request, error, "sandi")
    return page_answer(request, pages.sign_in(await page_frame(request), account, wrong, _elsewhere(request)), error)


async def _password_page(request: Request, error: TitikError | None = None) -> Response:
    wrong = refused_fields(request, error, "sandi")
    return page_answer(request, pages.password_again(await page_frame(request), wrong, _elsewhere(request)), error)
