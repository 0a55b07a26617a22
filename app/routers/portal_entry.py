"""Entering points on a telephone: the page, its service worker, and the key with which the telephone seals what it keeps."""

import base64
import hashlib

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from app.accounts.entry_key import key_of, writer_of
from app.audit.record import Action
from app.errors import NotFound
from app.http.answers import matches
from app.http.editing import Editing
from app.http.framing import frame_of, language_of, page_headers, root_of
from app.http.parameters import PRIVATE
from app.http.problems import problems
from app.http.rights import needs, open_to_all
from app.http.route import StrictRoute
from app.http.services import services
from app.pages import entry as pages
from app.pages.assets import assets
from app.wire import Answer

router = APIRouter(route_class=StrictRoute)

WORKER = "entry-worker.js"
# Asked for each time it starts with a network: a new version is then taken in whole.
_ASKED_AGAIN = {"Cache-Control": "no-cache"}


class EntryKey(Answer):
    """`writer` names the account without telling who it is; `key`: 32 bytes in base64."""

    writer: str
    key: str


@router.get("/portal/catat", include_in_schema=False)
@open_to_all
async def get_entry_page(request: Request) -> Response:
    """The same for everybody, signed in or not: what is personal comes later, by the scripts."""
    body = pages.entry(frame_of(request))
    etag = f'"{hashlib.sha256(body.encode()).hexdigest()[:16]}"'
    headers = page_headers(request) | _ASKED_AGAIN | {"ETag": etag}
    return Response(None, 304, headers) if matches(request.headers.get("if-none-match"), etag) else HTMLResponse(body, 200, headers)


@router.get("/portal/tanpa-jaringan", include_in_schema=False)
@open_to_all
async def get_page_without_network(request: Request) -> Response:
    """Fetched by the service worker while there is a network."""
    return HTMLResponse(pages.without_network(frame_of(request)), 200, page_headers(request) | _ASKED_AGAIN)


@router.get("/portal/sw.js", include_in_schema=False)
@open_to_all
async def get_service_worker() -> Response:
    """Under one address for good, because a browser knows a service worker by it."""
    asset = assets().by_name.get(assets().name(WORKER))
    if asset is None:
        raise NotFound
    return Response(asset.body, 200, _ASKED_AGAIN, asset.media_type)


@router.get("/portal/catat.webmanifest", include_in_schema=False)
@open_to_all
async def get_manifest(request: Request) -> Response:
    body = orjson.dumps(pages.manifest(root_of(request), language_of(request)))
    return Response(body, 200, {"Cache-Control": "public, max-age=3600", "Vary": "Accept-Language, Cookie"}, "application/manifest+json")


@router.get("/me/entry-key", tags=["me"], responses=problems(400, 401, 403, 503))
@needs(Action.POINT_DRAFT)
async def get_entry_key(request: Request, response: Response) -> EntryKey:
    """The key with which the entry page seals what it keeps on a telephone until it is sent: always the same for an account, and for it alone."""
    response.headers.update(PRIVATE)
    async with Editing(request, reading=True) as editor:
        account_id = editor.actor.id
    secret = services(request).settings.secret
    return {"writer": writer_of(secret, account_id), "key": base64.b64encode(key_of(secret, account_id)).decode()}
