"""Oneself: what one may do, the password, the inbox."""

from html import escape
from string import Template
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import HTMLResponse

from app.accounts import binding, signing
from app.accounts import queries as accounts
from app.accounts.passwords import SHORTEST
from app.accounts.schemas import ChangedMe, ChangedPassword, Me, NewPassword, OwnBinding, OwnEmail, OwnIdentity, ReadNotices, TokenInUse
from app.audit import Action
from app.db import Database
from app.errors import Invalid
from app.inbox import service as inbox
from app.inbox.schemas import Inbox, Unread
from app.language import Language, Text
from app.messages import say_fault
from app.problems import problems
from app.routers.deps import (
    PRIVATE,
    Configured,
    Editing,
    Speaking,
    StrictRoute,
    base_url,
    body_of,
    count_sign_in,
    needs,
    open_to_all,
)
from app.routers.paging import Paging
from app.wire import parse, read_json, shown

router = APIRouter(route_class=StrictRoute, prefix="/me", tags=["me"])

_NEWEST = 2**63 - 1
FORM = "application/x-www-form-urlencoded"
_PAGE_HEADERS = {
    **PRIVATE,
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
}
Code = Annotated[str, Path(max_length=100, pattern=r"^[A-Za-z0-9_-]+$")]


@router.get("", responses=problems(400, 401, 403, 503))
@needs(Action.ME_READ)
async def get_me(request: Request, response: Response) -> Me:
    """Who one is, for which kelurahan, what the token may do and until when, and how many notices are unread."""
    response.headers.update(PRIVATE)
    async with Editing(request) as editor:
        actor = editor.actor
        row = await editor.session.one(accounts.ME, account_id=actor.id, token_id=actor.token_id)
    token = shown(TokenInUse, row)
    return shown(Me, {**row, "account": actor.name, "role": actor.role, "actions": sorted(actor.actions), "token": token})


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
        await signing.change_password(editor.session, request.app.state.passwords, editor.actor, change)
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
        if "point" in notice:
            notice["href"] = f"{base}/collections/{notice['category']}/items/{notice['point']}"
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
async def get_reset(code: Code, request: Request, settings: Configured, language: Speaking) -> Response:
    """The page behind a link that an administrator has made: choose a password."""
    database: Database = request.app.state.database
    async with database.open_write(reading=True) as session:
        account = await signing.account_of_link(session, settings.secret, code)
    return _page(language, 200, account, form=True)


@router.post(
    "/reset/{code}",
    status_code=200,
    openapi_extra=body_of(NewPassword, "application/json", FORM),
    response_class=HTMLResponse,
    responses={204: {"description": "The password is set"}, **problems(400, 404, 413, 422, 503)},
)
@open_to_all
async def post_reset(code: Code, request: Request, settings: Configured, language: Speaking) -> Response:
    """Sets the password, once. From the page (a form) the answer is a page, else 204."""
    database: Database = request.app.state.database
    is_form = request.headers.get("content-type", "").partition(";")[0].strip().lower() == FORM
    body = await request.body()
    sent = (
        {"password": "".join(parse_qs(body.decode(errors="replace"), max_num_fields=5).get("password", []))} if is_form else read_json(body)
    )
    try:
        new = parse(NewPassword, sent)
        async with database.open_write() as session:
            account = await signing.use_link(session, settings.secret, request.app.state.passwords, code, new.password.get_secret_value())
    except Invalid as error:
        if not is_form:
            raise
        async with database.open_write() as session:
            account = await signing.account_of_link(session, settings.secret, code)
        fault = error.faults[0]
        return _page(language, 422, account, form=True, wrong=say_fault(fault.code, fault.facts, language))
    return _page(language, 200, account, form=False) if is_form else Response(status_code=204, headers=PRIVATE)


_TITLE = Text("Sandi baru untuk {account}", "A new password for {account}")
_ASK = Text(f"Sandi, sedikitnya {SHORTEST} huruf", f"Password, at least {SHORTEST} characters")
_HELP = Text("Beberapa kata yang mudah Anda ingat sudah cukup.", "A few words that you remember easily will do.")
_SAVE = Text("Simpan", "Save")
_DONE = Text(
    "Sandi tersimpan. Tautan ini tidak berlaku lagi; Anda dapat menutup halaman ini, lalu masuk dengan sandi baru.",
    "The password is saved. This link is used up; you can close this page and sign in with the new password.",
)
_PAGE = Template("""<!doctype html>
<html lang="$language">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>
  body { font: 1.05rem/1.6 system-ui, sans-serif; max-width: 28rem; margin: 2rem auto; padding: 0 1rem; color: #1c2733; }
  h1 { font-size: 1.4rem; line-height: 1.25; overflow-wrap: anywhere }
  label { display: block; font-weight: 600 }
  input, button { font: inherit; padding: .6rem .8rem; width: 100%; box-sizing: border-box; margin: .4rem 0; border: 1px solid #8696a6; border-radius: .3rem }
  button { background: #0b5c8c; color: #fff; border: 0; cursor: pointer }
  .wrong { background: #fdecea; border-left: .3rem solid #b3261e; padding: .6rem .8rem }
</style>
<h1>$title</h1>
$content
</html>
""")


def _page(language: Language, status: int, account: str, *, form: bool, wrong: str = "") -> Response:
    content = f"<p>{escape(_DONE.say(language))}</p>"
    if form:
        told = f'<p class="wrong" role="alert">{escape(wrong)}</p>' if wrong else ""
        content = (
            f'{told}<form method="post"><label for="password">{_ASK.say(language)}</label>'
            f'<input id="password" name="password" type="password" autocomplete="new-password" minlength="{SHORTEST}" required autofocus>'
            f"<p>{_HELP.say(language)}</p><button>{_SAVE.say(language)}</button></form>"
        )
    title = escape(_TITLE.say(language, {"account": account}))
    body = _PAGE.substitute(language=language, title=title, content=content)
    return HTMLResponse(body, status, headers={**_PAGE_HEADERS, "Content-Language": language})
