"""What a request carries to say who sends it: a token, or the cookie of a session. A token counts first.

The cookie goes with whatever a browser sends here, wherever the page is from that has it sent. So with one nothing is changed unless the browser
says that the page is our own (`check_origin`); it also is for this host alone, and for no script (docs/adr/0053).
"""

from datetime import UTC, datetime
from urllib.parse import urlsplit

from starlette.requests import Request

from app.errors import Forbidden
from app.http.framing import root_of
from app.http.services import services

SESSION_COOKIE = "titik_session"
SAFE = ("GET", "HEAD", "OPTIONS")
WRITER = "Titik-Writer"
"""The header in which a telephone names the account that has recorded what it sends (`GET /me/entry-key`)."""


def bearer(request: Request) -> str | None:
    """The token of the request, if it carries one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token else None


def session_secret(request: Request) -> str | None:
    """The secret of the session that the request comes with; None with a token, which counts alone, and where the cookie is of no use."""
    if "cookie" not in request.headers or bearer(request) is not None or request.scope["state"].get("is_without_cookie"):
        return None
    return request.cookies.get(cookie_name(request))


def pass_over_cookie(request: Request) -> None:
    """From here on it is a request of anybody: its session has ended."""
    request.scope["state"]["is_without_cookie"] = True


def has_credential(request: Request) -> bool:
    """Whether somebody says who they are; whether they are, `Editing` finds out."""
    return bearer(request) is not None or session_secret(request) is not None


def check_origin(request: Request) -> None:
    """`Forbidden` where a cookie came with what changes something, and not from a page of our own. Browsers say so in `Sec-Fetch-Site`; the older,
    and all of them over http, in `Origin` alone.
    """
    if request.method not in SAFE and session_secret(request) is not None:
        demand_own_page(request)


def demand_own_page(request: Request) -> None:
    """`Forbidden` unless the browser says that the page is our own."""
    site = request.headers.get("sec-fetch-site")
    if site != "same-origin" and (site is not None or request.headers.get("origin") not in own_origins(request)):
        raise Forbidden("cross-site")


def own_origins(request: Request) -> set[str]:
    """That of the settings, and that which the browser has asked."""
    public = urlsplit(services(request).settings.public_url)
    asked = f"{request.scope['scheme']}://{request.headers.get('host', '')}"
    return {asked, f"{public.scheme}://{public.netloc}"} if public.netloc else {asked}


def path_here(request: Request, path: str) -> str:
    """A path of the service as the browser knows it, behind whatever the service lies."""
    return root_of(request) + path


def cookie_name(request: Request) -> str:
    """With the prefix a browser takes it over https only, for this host and all of it (draft-ietf-httpbis-rfc6265bis §4.1.3)."""
    if not _is_https(request):
        return SESSION_COOKIE
    return f"__Secure-{SESSION_COOKIE}" if path_here(request, "") else f"__Host-{SESSION_COOKIE}"


def give_cookie(request: Request, secret: str, expires_at: datetime) -> None:
    """The answer will bring it (`middleware.Around`)."""
    left = max(0, int((expires_at - datetime.now(UTC)).total_seconds()))
    _set_cookie(request, f"{cookie_name(request)}={secret}; Max-Age={left}")


def take_cookie(request: Request) -> None:
    """The browser forgets it."""
    _set_cookie(request, f"{cookie_name(request)}=; Max-Age=0")


def _set_cookie(request: Request, cookie: str) -> None:
    secure = "; Secure" if _is_https(request) else ""
    request.scope["state"]["cookie"] = f"{cookie}; Path={path_here(request, '') or '/'}; HttpOnly; SameSite=Lax{secure}"


def _is_https(request: Request) -> bool:
    return (services(request).settings.public_url or f"{request.scope['scheme']}:").startswith("https:")
