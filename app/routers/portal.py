"""Where one begins in the portal, the language, and all components side by side."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from app.addresses import is_loopback
from app.collections import kinds
from app.http.forms import FORM_BODY, read_form
from app.http.framing import base_url, frame_of, own_path, page_headers, root_of
from app.http.parameters import PRIVATE
from app.http.reader import reader_of
from app.http.rights import open_to_all
from app.http.route import StrictRoute
from app.http.services import services
from app.http.visiting import page_frame
from app.language import LANGUAGE_COOKIE
from app.pages import portal

router = APIRouter(route_class=StrictRoute, prefix="/portal")

_YEAR_S = 365 * 24 * 3600


@router.get("/", include_in_schema=False)
@open_to_all
async def get_start(request: Request) -> Response:
    """What somebody can do next."""
    reader = await reader_of(request)
    published = kinds.one(reader.known, "published", "points").standing(reader.known).number
    # Browsers trust https, and what stays within the machine.
    is_plain = not base_url(request).startswith("https:") and not is_loopback(request.url.hostname)
    return HTMLResponse(portal.start(await page_frame(request), published, is_plain=is_plain), 200, PRIVATE | page_headers(request))


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
