"""Where one begins in the portal, the language, and all components side by side."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from app.addresses import is_loopback
from app.collections import kinds
from app.errors import Unauthenticated
from app.http.credentials import has_credential
from app.http.editing import Editing
from app.http.forms import FORM_BODY, read_form
from app.http.framing import base_url, frame_of, own_path, page_headers, root_of
from app.http.parameters import PRIVATE
from app.http.reader import reader_of
from app.http.rights import open_to_all
from app.http.route import StrictRoute
from app.http.services import services
from app.http.visiting import page_frame
from app.language import LANGUAGE_COOKIE
from app.operator.tasks import Tasks, tasks_of
from app.pages import portal
from app.pages.waiting import waiting_work

router = APIRouter(route_class=StrictRoute, prefix="/portal")

_YEAR_S = 365 * 24 * 3600


@router.get("/", include_in_schema=False)
@open_to_all
async def get_start(request: Request) -> Response:
    """What somebody can do next, and what waits for them."""
    reader, waiting = await reader_of(request), await _tasks(request)
    published = kinds.one(reader.known, "published", "points").standing(reader.known).number
    # Browsers trust https, and what stays within the machine.
    is_plain = not base_url(request).startswith("https:") and not is_loopback(request.url.hostname)
    frame = await page_frame(request)
    shown = waiting_work(frame, waiting, datetime.now(UTC)) if waiting else None
    return HTMLResponse(portal.start(frame, published, shown, is_plain=is_plain), 200, PRIVATE | page_headers(request))


async def _tasks(request: Request) -> Tasks | None:
    """None for nobody, and for whom nothing can wait. A cookie that is dead is nobody's."""
    if not has_credential(request):
        return None
    try:
        async with Editing(request, reading=True) as editor:
            return await tasks_of(editor.session, editor.actor)
    except Unauthenticated:
        return None


@router.get("/komponen", include_in_schema=False)
@open_to_all
async def get_components(request: Request) -> Response:
    """Every component of the pages."""
    reader, frame = await reader_of(request), frame_of(request)
    return HTMLResponse(portal.components(frame, reader.known.visible("published")), 200, PRIVATE | page_headers(request))


@router.post("/bahasa", include_in_schema=False, openapi_extra=FORM_BODY)
@open_to_all
async def post_language(request: Request) -> Response:
    """Keeps the language that somebody chose, and leads back to where they were."""
    fields, root = await read_form(request), root_of(request)
    response = RedirectResponse(root + own_path(fields.get("ke", "")), 303, {"Cache-Control": "no-store"})
    if (chosen := fields.get("bahasa")) in services(request).catalogue.known.cities.languages:
        is_secure = base_url(request).startswith("https:")
        response.set_cookie(LANGUAGE_COOKIE, chosen, _YEAR_S, path=f"{root}/", secure=is_secure, httponly=True, samesite="lax")
    return response
