"""The first pages: what this is, where everything lies, how far its boundaries can be trusted, and what can be asked."""

import hashlib
from functools import lru_cache
from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, FastAPI, Query, Request, Response

from app.boundaries.notes import boundary_note, edition_json
from app.http.conformance import CONFORMANCE, STANDARDS
from app.http.framing import VARYING, frame_of, page_headers
from app.http.negotiation import preferred
from app.http.openapi import MEDIA_TYPE
from app.http.parameters import AsPage
from app.http.problems import problems
from app.http.reader import Reader, reader_of
from app.http.rendering import HTML, JSON, answered, link, own_links, remembered_document
from app.http.rights import open_to_all
from app.http.route import StrictRoute
from app.http.visiting import visitor_of
from app.language import Text
from app.pages import views
from app.pages.api import api
from app.pages.frame import version as page_version
from app.routers import description
from app.routers.portal_atlas import start_page
from app.tiles import documents as tile_documents

router = APIRouter(route_class=StrictRoute, tags=["landing"])

TITLE = Text("Titik: peta bersama kelurahan", "Titik: the kelurahan on one map")
DESCRIPTION = Text(
    "Kantor kelurahan, posyandu, pos kamling dan RT di satu peta: diisi oleh PIC kelurahan, diperiksa walidata, terbuka untuk semua.",
    "Kelurahan offices, posyandu, pos kamling and RT on one map: written by each kelurahan, reviewed by the walidata, open to all.",
)
_ERRORS: dict[int | str, dict[str, object]] = {304: {"description": "Not changed"}, **problems(400, 401, 403, 503)}
_BOTH: dict[int | str, dict[str, object]] = {
    200: {"content": {JSON: {"schema": {"type": "object"}}, "text/html": {"schema": {"type": "string"}}}},
    **_ERRORS,
}


@router.get("/", response_class=Response, responses=_BOTH)
@open_to_all
async def get_landing(request: Request, f: AsPage = None) -> Response:
    """The landing page (OGC API Common): JSON, or HTML by `Accept` or `f=html`."""
    reader = await reader_of(request)
    if (f or preferred(request.headers.get("accept"), [("json", JSON), ("html", HTML)])) == "html":
        return await start_page(
            request, reader, _links(reader.here, "html"), boundary_note(reader.known.edition, reader.language, is_public=True)
        )
    version = f"{reader.known.version}-{reader.language}"

    async def make() -> bytes:
        return orjson.dumps(_landing(reader))

    return await remembered_document(request, reader.half, version, make, JSON, {"Content-Language": reader.language, **VARYING})


def _landing(reader: Reader) -> dict[str, object]:
    document = {
        "title": TITLE.say(reader.language),
        "description": DESCRIPTION.say(reader.language),
        "attribution": reader.known.cities.attribution,
        "licence": reader.known.cities.licence,
        "contact": reader.known.cities.contact,
        "boundaries": edition_json(reader.known.edition, reader.language) if reader.known.edition else None,
        "note": boundary_note(reader.known.edition, reader.language),
        "links": _links(reader.here, "json"),
    }
    return {name: value for name, value in document.items() if value is not None}


def _links(here: str, wanted: str) -> list[dict[str, object]]:
    return [
        *own_links(f"{here}/", JSON, wanted),
        link("service-desc", MEDIA_TYPE, f"{here}/api"),
        link("service-doc", "text/html", f"{here}/api.html"),
        link("conformance", JSON, f"{here}/conformance"),
        link("data", JSON, f"{here}/collections"),
        link("describedby", JSON, f"{here}/metadata/activities"),
        *tile_documents.landing_links(here),
    ]


@router.get("/conformance", response_class=Response, responses=_BOTH)
@open_to_all
async def get_conformance(request: Request, f: AsPage = None) -> Response:
    """The conformance classes that are met."""
    reader = await reader_of(request)
    address = f"{reader.here}/conformance"
    return await answered(
        request, reader, f, JSON,
        lambda wanted: {"conformsTo": CONFORMANCE, "links": own_links(address, JSON, wanted)},
        lambda links, _: views.conformance(frame_of(request, links), STANDARDS),
    )  # fmt: skip


@router.get("/api", response_class=Response, responses={200: {"content": {MEDIA_TYPE: {"schema": {"type": "object"}}}}, **_ERRORS})
@open_to_all
async def get_api(request: Request, _format: Annotated[Literal["json"] | None, Query(alias="f")] = None) -> Response:
    """This document: OpenAPI 3.0."""
    reader = await reader_of(request)

    async def make() -> bytes:
        return description.bytes_of(request.app, reader.known, reader.half, reader.here)

    version = f"{_version_of(request.app)}-{reader.known.version}"
    return await remembered_document(request, reader.half, version, make, MEDIA_TYPE, VARYING)


@router.get("/api.html", response_class=Response, responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}}, **_ERRORS})
@open_to_all
async def get_api_page(request: Request, _format: Annotated[Literal["html"] | None, Query(alias="f")] = None) -> Response:
    """The same to read."""
    reader = await reader_of(request)

    async def make() -> bytes:
        await visitor_of(request)
        links = [link("alternate", MEDIA_TYPE, f"{reader.here}/api", "OpenAPI 3.0")]
        document = description.document_of(request.app, reader.known, reader.half, reader.here)
        return api(frame_of(request, links), document).encode()

    version = f"{_version_of(request.app)}-{reader.known.version}-{page_version()}-{reader.language}"
    return await remembered_document(request, reader.half, version, make, HTML, page_headers(request))


@lru_cache(maxsize=8)
def _version_of(app: FastAPI) -> str:
    """Of the document without the collections, which changes only with the code."""
    return hashlib.sha256(orjson.dumps(app.openapi())).hexdigest()[:12]
