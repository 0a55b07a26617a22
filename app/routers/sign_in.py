"""Signing in at the city's identity server: there, and back with a token. People come here in a browser, so they get pages."""

import base64
import hashlib
from collections.abc import Callable, Coroutine
from html import escape
from string import Template
from typing import Annotated, Any

import orjson
import structlog
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from app.accounts import signing
from app.accounts.binding import Asking
from app.accounts.oidc import PATH, Answer, IdentityServer
from app.accounts.schemas import SignedInToken
from app.accounts.signing import SignedIn
from app.db import Database
from app.errors import Forbidden, NotFound, TitikError, Unavailable
from app.language import Language, Text
from app.problems import answer, language_of, logged_path, problems, told
from app.routers.deps import Configured, StrictRoute, base_url, open_to_all

router = APIRouter(route_class=StrictRoute, prefix=PATH, tags=["signing in"])

NEVER_KEPT = {"Cache-Control": "no-store", "Vary": "Accept, Accept-Language"}
_log = structlog.get_logger("titik")


class _FromElsewhere(StrictRoute):
    """What an identity server adds of its own is passed over (RFC 6749 §4.1.2), not refused as elsewhere."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        return super(StrictRoute, self).get_route_handler()


@router.get("", status_code=303, response_class=RedirectResponse, responses=problems(400, 404, 503))
@open_to_all
async def get_oidc(request: Request) -> Response:
    """Leads to the identity server."""
    try:
        server = _server(request)
        address, cookie = await server.send_there()
    except TitikError as error:
        return _refusal(error, request)
    response = RedirectResponse(address, 303, {"Cache-Control": "no-store"})
    response.set_cookie(**_cookie(server), value=cookie, max_age=600)
    return response


# Codes of some servers are long. Altogether it stays below what an HTTP server takes as a request line, whatever needs escaping.
Code = Annotated[str | None, Query(max_length=4096)]
Issuer = Annotated[str | None, Query(max_length=512)]
Word = Annotated[str | None, Query(max_length=128)]


@open_to_all
async def get_callback(
    request: Request, settings: Configured, code: Code = None, state: Word = None, error: Word = None, iss: Issuer = None
) -> Response:
    """Where the identity server leads back to: a token for who signed in there, shown this once."""
    spent = False
    try:
        server = _server(request)
        identity = await server.identify(request.cookies.get(server.cookie_name), Answer(code, state, error, iss))
        database: Database = request.app.state.database
        async with database.open_write() as session:
            found = await signing.by_identity(session, settings.secret, identity, settings.sign_in_hours * 3600)
        response, spent = _welcome(_signed_in(found), request), True
    except TitikError as failed:
        # Where somebody did not answer, the same address may do in a moment.
        response, spent = _refusal(failed, request), not isinstance(failed, Unavailable | NotFound)
    if spent:
        response.delete_cookie(**_cookie(server))
    return response


router.add_api_route(
    "/callback",
    get_callback,
    methods=["GET"],
    responses={200: {"model": SignedInToken}, **problems(400, 401, 403, 404, 503)},
    route_class_override=_FromElsewhere,
)


def _signed_in(found: SignedIn | Asking | None) -> SignedIn:
    """`Forbidden` where no account is bound to this identity."""
    if isinstance(found, SignedIn):
        return found
    raise found.refusal() if found else Forbidden("account-not-there")


def _server(request: Request) -> IdentityServer:
    server: IdentityServer | None = request.app.state.identity_server
    if server is None:
        raise NotFound("identity-server-missing")
    return server


def _cookie(server: IdentityServer) -> dict[str, Any]:
    return {"key": server.cookie_name, "path": server.cookie_path, "secure": server.is_secure, "httponly": True, "samesite": "lax"}


def _welcome(issued: SignedIn, request: Request) -> Response:
    if not _wants_page(request):
        shown: SignedInToken = {"token": issued.token, "account": issued.account, "role": issued.role, "expires_at": issued.expires_at}
        return Response(orjson.dumps(shown), headers=NEVER_KEPT, media_type="application/json")
    language = language_of(request)
    until = issued.expires_at.strftime("%Y-%m-%d %H:%M UTC")
    lines = (
        _WHO.say(language, {"account": issued.account, "role": issued.role}),
        _ONCE.say(language),
        _UNTIL.say(language, {"until": until}),
    )
    return _page(language, _SIGNED_IN.say(language), lines, f"<p><code>{escape(issued.token)}</code></p>")


def _refusal(error: TitikError, request: Request) -> Response:
    """The problem, for a browser as a page."""
    request_id = request.scope.get("state", {}).get("request_id")
    _log.info("refused", code=error.code, reason=error.facts.get("reason"), path=logged_path(request.scope), request_id=request_id)
    response = answer(error, request)
    if not _wants_page(request):
        response.headers.update(NEVER_KEPT)
        return response
    body = told(error, request)
    lines = (body["detail"], body["hint"], f"request_id: {request_id}")
    code = error.members.get("binding")
    again = f"<p><code>{escape(code['code'])}</code></p>" if isinstance(code, dict) else ""
    again += f'<p><a href="{escape(base_url(request) + PATH)}">{_AGAIN.say(language_of(request))}</a></p>'
    page = _page(language_of(request), body["title"], lines, again, response.status_code)
    page.headers.update({name: value for name, value in response.headers.items() if name in ("retry-after", "www-authenticate")})
    return page


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


_SIGNED_IN = Text("Anda sudah masuk", "You are signed in")
_WHO = Text("Anda masuk sebagai {account} ({role}).", "You are signed in as {account} ({role}).")
_ONCE = Text(
    "Inilah token Anda. Token ini hanya ditampilkan sekali: salin sekarang ke aplikasi Anda, dan jangan berikan kepada siapa pun.",
    "This is your token. It is shown only once: copy it into your application now, and give it to nobody.",
)
_UNTIL = Text("Berlaku sampai {until}.", "It is valid until {until}.")
_AGAIN = Text("Mulai lagi", "Begin again")

_STYLE = """
  body { font: 1.05rem/1.6 system-ui, sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem; color: #1c2733 }
  code { display: block; padding: .7rem 1rem; background: #eef3f7; overflow-wrap: anywhere; user-select: all }
"""
_PAGE = Template("""<!doctype html>
<html lang="$language">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>$style</style>
<h1>$title</h1>
$lines
$last
</html>
""")
# No script at all, no style but this one, nothing from elsewhere, and in nobody's frame.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        f"style-src 'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


def _page(language: Language, title: str, lines: tuple[str, ...], last: str, status: int = 200) -> Response:
    shown = "\n".join(f"<p>{escape(line)}</p>" for line in lines)
    page = _PAGE.substitute(language=language, title=escape(title), style=_STYLE, lines=shown, last=last)
    return HTMLResponse(page, status, NEVER_KEPT | {"Content-Language": language, "Content-Security-Policy": _POLICY})
