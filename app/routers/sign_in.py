"""Signing in at the city's identity server: there, and back with a token. People come here in a browser, so they get pages."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Annotated, Any

import orjson
import structlog
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from app.accounts import signing
from app.accounts.binding import Asking
from app.accounts.oidc import PATH, AuthorizationResponse, IdentityServer
from app.accounts.queries import NamedAccount
from app.accounts.schemas import SignedInToken
from app.accounts.signing import SignedIn
from app.errors import Forbidden, NotFound, TitikError, Unavailable
from app.http.framing import base_url, frame_of, language_of, page_headers
from app.http.parameters import Configured
from app.http.problems import answer, logged_path, problem_of, problems
from app.http.rights import open_to_all
from app.http.route import StrictRoute
from app.http.services import services
from app.http.signing_in import begin_session
from app.http.visiting import back
from app.language import Text
from app.pages import signing as pages
from app.pages.times import moment_words

router = APIRouter(route_class=StrictRoute, prefix=PATH, tags=["signing in"])

NEVER_KEPT = {"Cache-Control": "no-store", "Vary": "Accept, Accept-Language"}
_log = structlog.get_logger("titik")


class _FromElsewhere(StrictRoute):
    """What an identity server adds of its own is passed over (RFC 6749 §4.1.2), not refused as elsewhere."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[object, object, Response]]:
        return super(StrictRoute, self).get_route_handler()


@router.get("", status_code=303, response_class=RedirectResponse, responses=problems(400, 404, 503))
@open_to_all
async def get_oidc(request: Request) -> Response:
    """Leads to the identity server."""
    try:
        return await led_there(request)
    except TitikError as error:
        return _refusal(error, request)


async def led_there(request: Request, page: str = "", *, is_again: bool = False) -> Response:
    """To the identity server; `page`: of this service, where to go on after that, signed in with a cookie."""
    server = _server(request)
    address, cookie = await server.send_there(page, is_again=is_again)
    response = RedirectResponse(address, 303, {"Cache-Control": "no-store"})
    response.set_cookie(**_cookie(server), value=cookie, max_age=600)
    return response


# Codes of some servers are long. Altogether it stays below what an HTTP server takes as a request line, whatever needs escaping.
AuthorizationCode = Annotated[str | None, Query(max_length=4096)]
Issuer = Annotated[str | None, Query(max_length=512)]
Word = Annotated[str | None, Query(max_length=128)]


@open_to_all
async def get_callback(
    request: Request, settings: Configured, code: AuthorizationCode = None, state: Word = None, error: Word = None, iss: Issuer = None
) -> Response:
    """Where the identity server leads back to: a token for who signed in there, shown this once."""
    spent = False
    try:
        server = _server(request)
        identity = await server.identify(request.cookies.get(server.cookie_name), AuthorizationResponse(code, state, error, iss))
        database = services(request).database
        async with database.open_write() as session:
            found = await signing.account_of_identity(session, settings.secret, identity)
        account = _bound(found)
        if page := server.page_of(request.cookies.get(server.cookie_name)):
            await begin_session(request, account["id"], "oidc")
            response, spent = back(request, page), True
        else:
            async with database.open_write() as session:
                issued = await signing.by_identity(session, settings.secret, account, settings.sign_in_hours * 3600)
            response, spent = _welcome(issued, request), True
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


def _bound(found: NamedAccount | Asking | None) -> NamedAccount:
    """`Forbidden` where no account is bound to this identity."""
    if found is None:
        raise Forbidden("account-not-there")
    if isinstance(found, Asking):
        raise found.refusal()
    return found


def _server(request: Request) -> IdentityServer:
    server = services(request).identity_server
    if server is None:
        raise NotFound("identity-server-missing")
    return server


def _cookie(server: IdentityServer) -> dict[str, Any]:
    return {"key": server.cookie_name, "path": server.cookie_path, "secure": server.is_secure, "httponly": True, "samesite": "lax"}


def _welcome(issued: SignedIn, request: Request) -> Response:
    if not _wants_page(request):
        token: SignedInToken = {"token": issued.token, "account": issued.account, "role": issued.role, "expires_at": issued.expires_at}
        return Response(orjson.dumps(token), headers=NEVER_KEPT, media_type="application/json")
    language = language_of(request)
    until = moment_words(issued.expires_at, language, services(request).catalogue.known.cities.zone)
    lines = (
        _WHO.say(language, {"account": issued.account, "role": issued.role}),
        _ONCE.say(language),
        _UNTIL.say(language, {"until": until}),
    )
    return _page(request, _SIGNED_IN.say(language), lines, issued.token)


def _refusal(error: TitikError, request: Request) -> Response:
    """The problem, for a browser as a page."""
    request_id = request.scope.get("state", {}).get("request_id")
    _log.info("refused", code=error.code, reason=error.facts.get("reason"), path=logged_path(request.scope), request_id=request_id)
    response = answer(error, request)
    if not _wants_page(request):
        response.headers.update(NEVER_KEPT)
        return response
    body = problem_of(error, request)
    lines = (body["detail"], body["hint"], f"request_id: {request_id}")
    code = error.members.get("binding")
    shown = str(code["code"]) if isinstance(code, dict) else None
    page = _page(request, body["title"], lines, shown, base_url(request) + PATH, response.status_code)
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


def _page(request: Request, title: str, lines: Sequence[str], code: str | None, again: str | None = None, status: int = 200) -> Response:
    text = pages.signed_in(frame_of(request), title, lines, code, again)
    return HTMLResponse(text, status, page_headers(request) | NEVER_KEPT)
