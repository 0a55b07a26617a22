"""The first pages: what this is, where everything lies, how far its boundaries can be trusted, and what can be asked."""

import hashlib
from functools import lru_cache
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, FastAPI, Query, Request, Response

from app.boundaries.notes import boundary_note, edition_json
from app.conformance import CONFORMANCE, STANDARDS
from app.language import Text
from app.openapi import MEDIA_TYPE
from app.pages import views
from app.pages.api import api
from app.problems import problems
from app.published import described, tile_documents
from app.routers import description
from app.routers.deps import AsPage, StrictRoute, open_to_all
from app.routers.rendering import HTML, JSON, VARYING, Told, answered, kept, link, own_links, page_headers, told

router = APIRouter(route_class=StrictRoute, tags=["landing"])

TITLE = Text("Titik: peta bersama kelurahan", "Titik: the kelurahan on one map")
DESCRIPTION = Text(
    "Kantor kelurahan, posyandu, pos kamling dan RT di satu peta: diisi oleh PIC kelurahan, diperiksa walidata, terbuka untuk semua.",
    "Kelurahan offices, posyandu, pos kamling and RT on one map: written by each kelurahan, reviewed by the walidata, open to all.",
)
_ERRORS: dict[int | str, dict[str, Any]] = {304: {"description": "Not changed"}, **problems(400, 401, 403, 503)}
_BOTH: dict[int | str, dict[str, Any]] = {
    200: {"content": {JSON: {"schema": {"type": "object"}}, "text/html": {"schema": {"type": "string"}}}},
    **_ERRORS,
}


@router.get("/", response_class=Response, responses=_BOTH)
@open_to_all
async def get_landing(request: Request, f: AsPage = None) -> Response:
    """The landing page (OGC API Common): JSON, or HTML by `Accept` or `f=html`."""
    of = await told(request)
    note = boundary_note(of.known.edition, of.language)
    listed = [(one, of.known.standing(of.half, one.id).number) for one in described.described(of.known, of.half)]
    return await answered(
        request, of, f, JSON,
        lambda wanted: _landing(of, wanted),
        lambda links, outlines: views.landing(views.Frame(of.here, of.language, links), TITLE, DESCRIPTION, note, listed, outlines),
        changing=of.known.standing(of.half, described.POINTS).version,
    )  # fmt: skip


def _landing(of: Told, wanted: str) -> dict[str, Any]:
    here = of.here
    shown = {
        "title": TITLE.say(of.language),
        "description": DESCRIPTION.say(of.language),
        "attribution": described.ATTRIBUTION,
        "boundaries": edition_json(of.known.edition, of.language) if of.known.edition else None,
        "note": boundary_note(of.known.edition, of.language),
        "links": [
            *own_links(f"{here}/", JSON, wanted),
            link("service-desc", MEDIA_TYPE, f"{here}/api"),
            link("service-doc", "text/html", f"{here}/api.html"),
            link("conformance", JSON, f"{here}/conformance"),
            link("data", JSON, f"{here}/collections"),
            *tile_documents.landing_links(here),
        ],
    }
    return {name: value for name, value in shown.items() if value is not None}


@router.get("/conformance", response_class=Response, responses=_BOTH)
@open_to_all
async def get_conformance(request: Request, f: AsPage = None) -> Response:
    """The conformance classes that are met."""
    of = await told(request)
    address = f"{of.here}/conformance"
    return await answered(
        request, of, f, JSON,
        lambda wanted: {"conformsTo": CONFORMANCE, "links": own_links(address, JSON, wanted)},
        lambda links, _: views.conformance(views.Frame(of.here, of.language, links), STANDARDS),
    )  # fmt: skip


@router.get("/api", response_class=Response, responses={200: {"content": {MEDIA_TYPE: {"schema": {"type": "object"}}}}, **_ERRORS})
@open_to_all
async def get_api(request: Request, _format: Annotated[Literal["json"] | None, Query(alias="f")] = None) -> Response:
    """This document: OpenAPI 3.0."""
    of = await told(request)

    async def make() -> bytes:
        return description.bytes_of(request.app, of.known, of.half, of.here)

    version = f"{_version_of(request.app)}-{of.known.version}"
    return await kept(request, of.half, version, make, MEDIA_TYPE, VARYING)


@router.get("/api.html", response_class=Response, responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}}, **_ERRORS})
@open_to_all
async def get_api_page(request: Request, _format: Annotated[Literal["html"] | None, Query(alias="f")] = None) -> Response:
    """The same to read."""
    of = await told(request)

    async def make() -> bytes:
        links = [link("alternate", MEDIA_TYPE, f"{of.here}/api", "OpenAPI 3.0")]
        document = description.document_of(request.app, of.known, of.half, of.here)
        return api(views.Frame(of.here, of.language, links), document).encode()

    version = f"{_version_of(request.app)}-{of.known.version}-{views.version()}-{of.language}"
    return await kept(request, of.half, version, make, HTML, page_headers(of.language))


@lru_cache(maxsize=8)
def _version_of(app: FastAPI) -> str:
    """Of the document without the collections, which changes only with the code."""
    return hashlib.sha256(orjson.dumps(app.openapi())).hexdigest()[:12]
