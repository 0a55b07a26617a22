"""Pages for people in a browser: who looks at one, and where they are sent first."""

from collections.abc import Callable, Coroutine
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import URL

from app.access.rights import Actor, Role
from app.errors import BadRequest, Forbidden, Invalid, TitikError, TooMany, Unauthenticated
from app.http.credentials import SAFE, path_here, session_secret
from app.http.editing import Editing, actor_of
from app.http.framing import frame_of, language_of, own_path, page_headers
from app.http.parameters import PRIVATE
from app.http.problems import problem_of, status_of
from app.http.route import StrictRoute
from app.messages import say_fault
from app.pages.frame import Frame
from app.pages.visitor import Visitor

SIGN_IN, CODE, PASSWORD, ACCOUNT = "/portal/masuk", "/portal/kode", "/portal/sandi", "/portal/akun"


async def visitor_of(request: Request) -> Visitor | None:
    """Who looks at a page; None where nobody is signed in. It costs nothing without a cookie, and nothing once `Editing` knows who it is."""
    if session_secret(request) is None:
        return None
    state = request.scope["state"]
    if "actor" not in state:
        try:
            state["actor"] = await actor_of(request)
        except Unauthenticated:
            state["actor"] = None
    actor: Actor | None = state["actor"]
    return Visitor(actor.name, actor.role, actor.kelurahan) if actor else None


async def page_actor(request: Request, *roles: Role, is_fresh: bool = False) -> Actor:
    """Who is signed in, for a page that is for `roles` only (none: for all of them). On a `PageRoute` a browser without a session is led to
    sign in, and `is_fresh` leads one whose password was not given a moment ago to give it again. `Unauthenticated`, `Forbidden`.
    """
    async with Editing(request, reading=True) as editor:
        actor = editor.actor
    if roles and actor.role not in roles:
        raise Forbidden(role=actor.role, able=", ".join(roles))
    if is_fresh:
        actor.demand_password()
    return actor


class PageRoute(StrictRoute):
    """A route of pages for whoever is signed in: a browser that is not, or whose password is wanted again, is led there and comes back."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[object, object, Response]]:
        handle = super().get_route_handler()

        async def led(request: Request) -> Response:
            try:
                return await handle(request)
            except Unauthenticated as error:
                return led_to(request, CODE if error.code == "second-factor-missing" else SIGN_IN)
            except Forbidden as error:
                if error.code != "reauthenticate":
                    raise
                return led_to(request, PASSWORD)

        return led


def led_to(request: Request, path: str) -> Response:
    """To another page, which leads back here; what was sent with a form is not kept, so back to the page that had the form."""
    url = request.url if request.method in SAFE else URL(request.headers.get("referer", ""))
    here = url.path.removeprefix(path_here(request, "")) + (f"?{url.query}" if url.query else "")
    return RedirectResponse(f"{path_here(request, path)}?ke={quote(here, safe='/')}", 303, {"Cache-Control": "no-store"})


def back(request: Request, ke: str | None, otherwise: str = "/portal/") -> Response:
    """To where somebody came from, within this service."""
    return RedirectResponse(path_here(request, own_path(ke, otherwise)), 303, {"Cache-Control": "no-store"})


async def page_frame(request: Request) -> Frame:
    """What a page has around it, for whoever looks at it."""
    return frame_of(request, visitor=await visitor_of(request))


def page_answer(request: Request, text: str, error: TitikError | None = None) -> Response:
    """A page for one pair of eyes; with an `error` that it tells of, its status."""
    headers = page_headers(request) | PRIVATE
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(error.facts["seconds"])
    return HTMLResponse(text, status_of(error) if error else 200, headers)


def refused_fields(request: Request, error: TitikError | None, otherwise: str) -> dict[str, str]:
    """What is wrong, by the field at which the page says so: what is about none of them stands at `otherwise`."""
    if error is None:
        return {}
    if isinstance(error, Invalid | BadRequest) and error.faults:
        language = language_of(request)
        return {fault.where.removeprefix("/"): say_fault(fault.code, fault.facts, language) for fault in reversed(error.faults)}
    told = problem_of(error, request)
    return {otherwise: " ".join(filter(None, (told["detail"], told.get("hint"))))}
