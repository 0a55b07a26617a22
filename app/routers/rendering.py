"""The same in two forms: JSON for programs, a page for people. Which one, in which language, for whose eyes, and how long it may be kept."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from fastapi import Request, Response

from app.boundaries.outlines import Outline, Outlines
from app.db import Database
from app.language import Language
from app.negotiation import preferred
from app.pages import views
from app.problems import language_of
from app.published.catalogue import Catalogue, Half, Known
from app.published.formats import FORMATS
from app.routers.answers import Linked, address_of, shared
from app.routers.deps import PRIVATE, base_url, half_of

JSON, HTML, GEOJSON, SCHEMA = "application/json", "text/html; charset=utf-8", "application/geo+json", "application/schema+json"
QUERYABLES_REL = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
# A page runs nothing, loads nothing and is shown in nobody else's frame: whatever text gets into it stays text.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
VARYING = {"Vary": "Accept, Accept-Language, Accept-Encoding, Authorization"}
# What a format is called where people choose one.
FORMAT_NAMES = {
    "json": "JSON", "geojson": "GeoJSON", "html": "HTML", "geojsonseq": "GeoJSON Text Sequence", "csv": "CSV", "fgb": "FlatGeobuf", "gpkg": "GeoPackage",
    "parquet": "GeoParquet", "kml": "KML", "xlsx": "Excel",
}  # fmt: skip
FEATURE_TYPES = {"geojson": GEOJSON, "html": "text/html", **{name: one.media_type for name, one in FORMATS.items()}}


class GeoJson(Response):
    media_type = GEOJSON


class Told(NamedTuple):
    """Who reads what, in which language. `known` is the moment of it."""

    half: Half
    known: Known
    language: Language
    here: str


async def told(request: Request) -> Told:
    catalogue: Catalogue = request.app.state.catalogue
    return Told(await half_of(request), catalogue.known, language_of(request), base_url(request))


async def outlines_of(request: Request, known: Known) -> Sequence[Outline]:
    """Those of the active edition; none while there is none."""
    outlines: Outlines = request.app.state.outlines
    database: Database = request.app.state.database
    return await outlines.of(database.public, known.edition.id) if known.edition else ()


def page_headers(language: Language) -> dict[str, str]:
    return {"Content-Security-Policy": POLICY, "Content-Language": language, **VARYING}


def link(rel: str, media_type: str, href: str, title: str | None = None, **more: Any) -> dict[str, Any]:
    return {"rel": rel, "type": media_type, "href": href, **({"title": title} if title else {}), **more}


def own_links(address: str, media_type: str, wanted: str) -> list[dict[str, Any]]:
    """`self` and `alternate` of what there is as JSON of some kind and as a page."""
    forms = {"json": media_type, "html": "text/html"}
    others = [link("alternate", kind, f"{address}?f={name}", FORMAT_NAMES[name]) for name, kind in forms.items() if name != wanted]
    return [link("self", forms[wanted], address), *others]


def header_of(links: Sequence[Mapping[str, Any]]) -> str:
    """The links as a header (RFC 8288). Long filters make long addresses, and proxies refuse heads of more than a few kilobytes: such ones
    stand in the body only.
    """
    return ", ".join(f'<{one["href"]}>; rel="{one["rel"]}"; type="{one["type"]}"' for one in links if len(one["href"]) <= 1_000)


async def answered(
    request: Request,
    of: Told,
    f: str | None,
    media_type: str,
    document: Callable[[str], Mapping[str, Any]],
    page: Callable[[Sequence[Mapping[str, Any]], Sequence[Outline]], str],
    *,
    changing: object = "",
) -> Response:
    """A document or its page. `document` is given the form that is wanted, `page` the links and the outlines of a map. Besides categories
    and edition the answer depends on what is `changing`.
    """
    wanted = f or preferred(request.headers.get("accept"), [("json", JSON), ("json", media_type), ("html", HTML)])
    is_page = wanted == "html"

    async def make() -> bytes:
        made = document(wanted)
        return page(made["links"], await outlines_of(request, of.known)).encode() if is_page else orjson.dumps(_public(made))

    headers = page_headers(of.language) if is_page else {"Content-Language": of.language, **VARYING}
    version = f"{of.known.version}-{changing}-{views.version()}-{wanted}-{of.language}"
    return await kept(request, of.half, version, make, HTML if is_page else media_type, headers)


def _public(made: Mapping[str, Any]) -> Mapping[str, Any]:
    """A JSON Schema has no links."""
    return {name: value for name, value in made.items() if name != "links"} if "$schema" in made else made


async def kept(
    request: Request, half: Half, version: str, make: Callable[[], Awaitable[bytes | Linked]], media_type: str, headers: Mapping[str, str]
) -> Response:
    """By its version for everybody, or for the asker alone."""
    if half == "internal":
        made = await make()
        body, links = made if isinstance(made, Linked) else (made, "")
        own = {**headers, **PRIVATE, "Vary": headers["Vary"], **({"Link": links} if links else {})}
        return Response(body, 200, own, media_type)
    return await shared(request, address_of(request), version, make, media_type, headers, kept=False)
