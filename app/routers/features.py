"""Reading items: pages, files, single ones (OGC API Features, Parts 1, 2, 3 and 5)."""

from collections.abc import Collection as Names
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import quote_plus

import orjson
from fastapi import APIRouter, Request, Response

from app.collections import items, kinds, selection
from app.collections.kinds.kind import Described
from app.collections.paging import read_page
from app.collections.parameters import OF_ITEMS
from app.collections.query import EDITION, ItemsQuery, limit_of, read
from app.collections.values import Values
from app.db import ReadSession, deadline_of_composed
from app.errors import BadRequest, Fault
from app.exports.formats import FORMATS, SDMX_CSV, Format
from app.geo import CRS84, Crs
from app.http.answers import Linked, unchanged
from app.http.framing import base_url, frame_of, page_headers
from app.http.negotiation import preferred
from app.http.parameters import CHANGES_CURSOR, PRIVATE, CollectionId
from app.http.problems import problem_or_page, problems
from app.http.reader import Reader, reader_of
from app.http.rendering import (
    FORMAT_NAMES,
    GEOJSON,
    HTML,
    QUERYABLES_REL,
    SCHEMA,
    GeoJson,
    feature_types,
    header_of,
    link,
    outlines_of,
    remembered_document,
)
from app.http.rights import open_to_all
from app.http.route import StrictRoute, reads_its_query
from app.http.services import services
from app.http.visiting import refused_fields, visitor_of
from app.pages import views
from app.pages.frame import version as page_version
from app.placement.edition import NamedEdition, edition_named
from app.points.schemas import JSON_OPTIONS
from app.published.catalogue import Known
from app.routers import exports
from app.routers.exports import Export
from app.routers.work import get_work

router = APIRouter(route_class=StrictRoute, prefix="/collections/{collection}/items", tags=["items"])

WORK_LIMIT = 1_000
PAGE_LIMIT = 500
VARYING = {"Vary": "Accept, Accept-Encoding, Authorization, Cookie"}

_HEADERS = {CHANGES_CURSOR: {"description": "From where /changes goes on after this answer", "schema": {"type": "string"}}}
_CONTENT: dict[str, object] = {
    GEOJSON: {},
    "text/html": {},
    **{one.media_type.partition(";")[0]: {} for one in (*FORMATS.values(), SDMX_CSV)},
}


class CollectionReading(NamedTuple):
    """What a request reads: who, and which collection."""

    reader: Reader
    collection: Described
    cursor: str | None = None
    """Where the feed of changes goes on from here. Older than what is read, so that nothing lies between."""

    @property
    def values(self) -> Values:
        """What reads the values of its queryables."""
        return Values(self.reader.known.directory, self.collection.cards)

    @property
    def headers(self) -> dict[str, str]:
        return self.changes | (PRIVATE if self.reader.half == "internal" else {})

    @property
    def changes(self) -> dict[str, str]:
        """Of what is in the feed."""
        return {CHANGES_CURSOR: self.cursor} if self.cursor and self.collection.takes_points else {}


async def reading_of(request: Request, collection: str) -> CollectionReading:
    """`NotFound` for a collection that the half does not have."""
    reader = await reader_of(request)
    found = kinds.one(reader.known, reader.half, collection)
    if found.has_editions and (edition := await _edition_of(request, reader.session)):
        found = found.of_edition(edition)
    return CollectionReading(reader, found, services(request).catalogue.cursors.get(reader.half))


async def _edition_of(request: Request, session: ReadSession) -> NamedEdition | None:
    """The edition that the address names. `BadRequest` for one that there is not."""
    if (name := request.query_params.get(EDITION)) is None:
        return None
    edition = await edition_named(session, name) if "\0" not in name else None
    if edition is None:
        raise BadRequest(faults=[Fault(EDITION, "edition-not-there")])
    return edition


def asked_of(reading: CollectionReading, parameters: Mapping[str, str], taken: Names[str] | None = None) -> ItemsQuery:
    """What the parameters ask of a collection, but for its edition, which is known already."""
    collection = reading.collection
    plain = {name: value for name, value in parameters.items() if name != EDITION or collection.edition is None}
    query = read(plain, reading.reader.half, collection.id, collection.source.queryables, reading.reader.known.srids, taken, reading.values)
    return replace(query, edition_id=collection.edition.id) if collection.edition else query


@router.get(
    "",
    operation_id="getItems",
    response_class=GeoJson,
    openapi_extra={"parameters": OF_ITEMS},
    responses={
        200: {"content": _CONTENT, "headers": _HEADERS},
        304: {"description": "Not changed"},
        **problems(401, 403, 404, 503),
        400: problem_or_page(400),
    },
)
@reads_its_query
@open_to_all
async def get_items(collection: CollectionId, request: Request) -> Response:
    """Items of a collection: a page as GeoJSON or HTML, or a whole selection as a file. With a token of the city's offices the internal
    fields and exact places; with `view=work` the newest revisions that the holder works on.
    """
    if (view := request.query_params.get("view")) is not None:
        if view != "work":
            raise BadRequest(faults=[Fault("view", "not-one-of", {"expected": "work"})])
        return await get_work(request, collection)
    reading = await reading_of(request, collection)
    wanted = format_of(request, reading.collection.formats)
    headers = reading.changes | (page_headers(request) if wanted == "html" else VARYING)
    version = _version(reading) + _suffix(wanted, headers, reading.reader.known)
    if reading.reader.half == "published" and (known := unchanged(request, version, headers)):
        return known
    try:
        query = asked_of(reading, dict(_sent(request, wanted)))
    except BadRequest as error:
        return await _refused(request, reading, wanted, error)
    if file := reading.collection.formats.get(wanted):
        if query.only_count:
            raise BadRequest(faults=[Fault("resultType", "hits-of-page")])
        if query.cursor is not None:
            raise BadRequest(faults=[Fault("cursor", "cursor-of-page")])
        links = header_of([_queryables_link(f"{base_url(request)}/collections/{collection}")])
        return await exports.answered(
            request, Export(reading.reader.session, reading.collection, query, file), reading.headers | {"Link": links}
        )
    if wanted == "html":
        # The map wants degrees; more than some hundreds of points nobody reads on a page.
        query = replace(query, crs=CRS84, limit=min(limit_of(query), PAGE_LIMIT))

    async def make() -> Linked:
        page = await _page(request, reading, query, wanted)
        body = await _html(request, reading, page) if wanted == "html" else page.geojson(query.crs)
        return Linked(body, header_of([link for link in page.links if link["rel"] != "alternate"]))

    media_type = HTML if wanted == "html" else GEOJSON
    return await remembered_document(
        request, reading.reader.half, version, make, media_type, headers | {"Content-Crs": f"<{query.crs.uri}>"}
    )


def _suffix(wanted: str, headers: Mapping[str, str], known: Known) -> str:
    """What tells the version of one form from that of another. A page also shows the categories and the boundaries."""
    if wanted == "html":
        return f"-html-{headers['Content-Language']}-{known.version}-{page_version()}"
    return "" if wanted == "geojson" else f"-{wanted}"


def _version(reading: CollectionReading) -> str:
    return reading.collection.standing(reading.reader.known).tag


def format_of(request: Request, formats: Mapping[str, Format] = FORMATS) -> str:
    """The format of `f`, else the one of `Accept` that the client likes best, else GeoJSON. `formats`: the files that there are."""
    named = request.query_params.get("f")
    if named is not None:
        if named not in ("json", "geojson", "html", *formats):
            raise BadRequest(faults=[Fault("f", "not-one-of", {"expected": ", ".join(("geojson", "html", *formats))})])
        return "geojson" if named == "json" else named
    accept = request.headers.get("accept", "")
    offered = [("geojson", GEOJSON), ("geojson", "application/json"), *feature_types(formats).items()]
    return "geojson" if accept in ("", "*/*") else preferred(accept, offered)


def _sent(request: Request, wanted: str) -> list[tuple[str, str]]:
    """The parameters; of a page without those that are empty: a form sends all of its fields."""
    sent = request.query_params.multi_items()
    return [(name, value) for name, value in sent if value] if wanted == "html" else sent


class _Page(NamedTuple):
    features: bytes
    counted: views.Counted
    links: list[dict[str, object]]

    def geojson(self, crs: Crs) -> bytes:
        head = b'{"type":"FeatureCollection",' + (orjson.dumps(crs.members)[1:-1] + b"," if crs.members else b"")
        tail: dict[str, object] = {"links": self.links, "numberReturned": self.counted.shown}
        tail |= {"numberMatched": self.counted.matched} if self.counted.matched is not None else {}
        # No `timeStamp`: that of the answer would make other bytes of the same version.
        return b"".join((head, b'"features":[', self.features, b"],", orjson.dumps(tail, option=JSON_OPTIONS)[1:]))


async def _page(request: Request, reading: CollectionReading, items_query: ItemsQuery, wanted: str) -> _Page:
    secret = services(request).settings.secret
    collection = reading.collection
    total = collection.standing(reading.reader.known).number
    if items_query.only_count:
        features, following = b"", None
        counted = views.Counted(0, await _number(reading, items_query, total))
    else:
        page = await read_page(reading.reader.session, collection, items_query, secret, total)
        features, counted, following = page.features, views.Counted(page.number, page.matched), page.cursor
    return _Page(features, counted, _links(request, collection, items_query, following, wanted))


async def _number(reading: CollectionReading, query: ItemsQuery, total: int) -> int | None:
    collection = reading.collection
    if query.is_plain and collection.has_fragments and not query.bbox:
        return await items.number(reading.reader.session, query.half, collection.category, query.kelurahan) if query.kelurahan else total
    async with deadline_of_composed():
        return await selection.count(reading.reader.session, collection.source, query)


async def _html(request: Request, reading: CollectionReading, page: _Page, wrong: Mapping[str, str] | None = None) -> bytes:
    await visitor_of(request)
    reader = reading.reader
    frame = frame_of(request, page.links)
    features = orjson.loads(b"[" + page.features + b"]")
    return views.items(
        frame, reading.collection, features, page.counted, _sent(request, "html"),
        await outlines_of(request, reader.known, reading.collection.edition), wrong,
    ).encode()  # fmt: skip


async def _refused(request: Request, reading: CollectionReading, wanted: str, error: BadRequest) -> Response:
    """The page with its form as it was filled in, and beside each field what is wrong with it; what is no matter of the form is raised again."""
    if wanted != "html" or not all(fault.where in views.IN_FORM for fault in error.faults):
        raise error
    nothing = _Page(b"", views.Counted(0, 0), [])
    html = await _html(request, reading, nothing, refused_fields(request, error, ""))
    return Response(html, 400, page_headers(request) | PRIVATE, HTML)


def _links(request: Request, collection: Described, query: ItemsQuery, following: str | None, wanted: str) -> list[dict[str, object]]:
    here = f"{base_url(request)}/collections/{query.collection}"
    sent = {name: f"{quote_plus(name)}={quote_plus(value)}" for name, value in _sent(request, wanted)}
    parameters = [text for name, text in sent.items() if name not in ("cursor", "offset")]
    types = feature_types(collection.formats)
    links = [link("self", types[wanted], f"{here}/items{'?' if sent else ''}{'&'.join(sent.values())}")]
    if following:
        links.append(link("next", types[wanted], f"{here}/items?{'&'.join([*parameters, f'cursor={quote_plus(following)}'])}"))
    bare = [text for name, text in sent.items() if name not in ("cursor", "offset", "f", "limit", "resultType")]
    beginning = f"{here}/items?{'&'.join([*bare, 'f='])}"
    links += [link("alternate", media_type, beginning + name, FORMAT_NAMES[name]) for name, media_type in types.items() if name != wanted]
    return [*links, _queryables_link(here), link("collection", "application/json", here)]


def _queryables_link(collection: str) -> dict[str, object]:
    """`collection`: its address."""
    return link(QUERYABLES_REL, SCHEMA, f"{collection}/queryables")


_ALTERNATES = (("html", "text/html"), *((name, one.media_type) for name, one in FORMATS.items()))
