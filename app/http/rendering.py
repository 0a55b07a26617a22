"""The same in two forms: JSON for programs, a page for people. Which one, in which language, for whose eyes, and how long it may be kept."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import orjson
from fastapi import Request, Response

from app.boundaries.outlines import Outline
from app.exports.formats import FORMATS, Format
from app.http.answers import Linked, address_of, shared
from app.http.framing import VARYING, page_headers
from app.http.negotiation import preferred
from app.http.parameters import PRIVATE
from app.http.reader import Reader
from app.http.services import services
from app.http.visiting import visitor_of
from app.pages.frame import version as page_version
from app.placement.edition import NamedEdition
from app.published.catalogue import Half, Known

JSON, HTML, GEOJSON, SCHEMA = "application/json", "text/html; charset=utf-8", "application/geo+json", "application/schema+json"
QUERYABLES_REL = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
# What a format is called where people choose one.
FORMAT_NAMES = {
    "json": "JSON", "geojson": "GeoJSON", "html": "HTML", "geojsonseq": "GeoJSON Text Sequence", "csv": "CSV", "fgb": "FlatGeobuf", "gpkg": "GeoPackage",
    "parquet": "GeoParquet", "kml": "KML", "xlsx": "Excel", "sdmx-csv": "SDMX-CSV",
}  # fmt: skip


def feature_types(formats: Mapping[str, Format] = FORMATS) -> dict[str, str]:
    """The media types of items, by the word of `f=`."""
    return {"geojson": GEOJSON, "html": "text/html", **{name: one.media_type for name, one in formats.items()}}


FEATURE_TYPES = feature_types()
"""Of any collection."""


class GeoJson(Response):
    media_type = GEOJSON


async def outlines_of(request: Request, known: Known, edition: NamedEdition | None = None) -> Sequence[Outline]:
    """Those of `edition`, or of the active one; none while there is none."""
    outlines = services(request).outlines
    database = services(request).database
    active = known.edition
    if edition is not None and (active is None or edition.id != active.id):
        return await outlines.of(database.public, edition.id, 0, edition.kelurahan)
    return await outlines.of(database.public, active.id, known.areas_version, active.numbers["kelurahan"]) if active else ()


def link(rel: str, media_type: str, href: str, title: str | None = None, **more: Any) -> dict[str, Any]:
    return {"rel": rel, "type": media_type, "href": href, **({"title": title} if title else {}), **more}


def own_links(address: str, media_type: str, wanted: str) -> list[dict[str, object]]:
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
    reader: Reader,
    f: str | None,
    media_type: str,
    document: Callable[[str], Mapping[str, Any]],
    page: Callable[[Sequence[Mapping[str, object]], Sequence[Outline]], str],
    *,
    changing: object = "",
) -> Response:
    """A document or its page. `document` is given the form that is wanted, `page` the links and the outlines of a map. Besides categories
    and edition the answer depends on what is `changing`.
    """
    wanted = f or preferred(request.headers.get("accept"), [("json", JSON), ("json", media_type), ("html", HTML)])
    is_page = wanted == "html"
    if is_page:
        await visitor_of(request)

    async def make() -> bytes:
        rendered = document(wanted)
        return page(rendered["links"], await outlines_of(request, reader.known)).encode() if is_page else orjson.dumps(_public(rendered))

    headers = page_headers(request) if is_page else {"Content-Language": reader.language, **VARYING}
    version = f"{reader.known.version}-{changing}-{page_version()}-{wanted}-{reader.language}"
    return await remembered_document(request, reader.half, version, make, HTML if is_page else media_type, headers)


def _public(rendered: Mapping[str, object]) -> Mapping[str, object]:
    """A JSON Schema has no links."""
    return {name: value for name, value in rendered.items() if name != "links"} if "$schema" in rendered else rendered


async def remembered_document(
    request: Request, half: Half, version: str, make: Callable[[], Awaitable[bytes | Linked]], media_type: str, headers: Mapping[str, str]
) -> Response:
    """By its version for everybody, or for the asker alone: what only they may read, and a page that says who looks at it."""
    if half == "internal" or (media_type == HTML and await visitor_of(request) is not None):
        rendered = await make()
        body, links = rendered if isinstance(rendered, Linked) else (rendered, "")
        own = {**headers, **PRIVATE, "Vary": headers["Vary"], **({"Link": links} if links else {})}
        return Response(body, 200, own, media_type)
    return await shared(request, address_of(request), version, make, media_type, headers, kept=False)
