"""Reading items: pages, files, single ones (OGC API Features, Parts 1, 2, 3 and 5)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote_plus
from uuid import UUID

import orjson
from fastapi import APIRouter, Path, Request, Response

from app.cursors import read_cursor, write_cursor
from app.db import Database, ReadSession, deadline_of_composed
from app.errors import BadRequest, Fault
from app.geo import CRS84, Crs
from app.negotiation import preferred
from app.pages import views
from app.points.schemas import JSON_OPTIONS
from app.problems import language_of, problems
from app.published import described, items, selection
from app.published.catalogue import AREAS, POINTS, Catalogue, CategoryCard, Half, Known
from app.published.formats import FORMATS
from app.published.parameters import OF_ITEMS
from app.published.query import Asked, limit_of, read
from app.published.values import Values
from app.routers import exports
from app.routers.answers import Linked, unchanged
from app.routers.deps import CHANGES_CURSOR, PRIVATE, StrictRoute, base_url, half_of, open_to_all, reads_its_query
from app.routers.exports import Export
from app.routers.rendering import (
    FEATURE_TYPES,
    FORMAT_NAMES,
    GEOJSON,
    HTML,
    QUERYABLES_REL,
    SCHEMA,
    GeoJson,
    Told,
    header_of,
    kept,
    link,
    outlines_of,
    page_headers,
)
from app.routers.work import get_work

router = APIRouter(route_class=StrictRoute, prefix="/collections/{collection}/items", tags=["items"])

WORK_LIMIT = 1_000
PAGE_LIMIT = 500
_PLACES = "places"
VARYING = {"Vary": "Accept, Accept-Encoding, Authorization"}
Collection = Annotated[str, Path(max_length=64, examples=["posyandu"])]

_HEADERS = {CHANGES_CURSOR: {"description": "From where /changes goes on after this answer", "schema": {"type": "string"}}}
_CONTENT: dict[str, Any] = {GEOJSON: {}, "text/html": {}, **{one.media_type.partition(";")[0]: {} for one in FORMATS.values()}}


class Reading(NamedTuple):
    """What a request reads: of which half, which collection; `known` is the moment of it."""

    half: Half
    session: ReadSession
    collection: str
    card: CategoryCard | None
    known: Known
    cursor: str | None = None
    """Where the feed of changes goes on from here. Older than what is read, so that nothing lies between."""

    @property
    def values(self) -> Values:
        """What reads the values of its queryables."""
        return Values(
            self.known.directory, [self.card] if self.card else self.known.visible(self.half) if self.collection == POINTS else []
        )

    @property
    def headers(self) -> dict[str, str]:
        return self.changes | (PRIVATE if self.half == "internal" else {})

    @property
    def changes(self) -> dict[str, str]:
        """Areas are in no feed."""
        return {CHANGES_CURSOR: self.cursor} if self.cursor and self.collection not in AREAS else {}


async def reading_of(request: Request, collection: str) -> Reading:
    """`NotFound` for a collection that the half does not have."""
    half = await half_of(request)
    database: Database = request.app.state.database
    catalogue: Catalogue = request.app.state.catalogue
    card = None if collection in (POINTS, *AREAS) else catalogue.known.category(half, collection)
    return Reading(
        half, database.public if half == "published" else database.internal, collection, card, catalogue.known, catalogue.cursors.get(half)
    )


@router.get(
    "",
    operation_id="getItems",
    response_class=GeoJson,
    openapi_extra={"parameters": OF_ITEMS},
    responses={200: {"content": _CONTENT, "headers": _HEADERS}, 304: {"description": "Not changed"}, **problems(400, 401, 403, 404, 503)},
)
@reads_its_query
@open_to_all
async def get_items(collection: Collection, request: Request) -> Response:
    """Items of a collection: a page as GeoJSON or HTML, or a whole selection as a file. With a token of the city's offices the internal
    fields and exact places; with `view=work` the newest revisions that the holder works on.
    """
    if (view := request.query_params.get("view")) is not None:
        if view != "work":
            raise BadRequest(faults=[Fault("view", "not-one-of", {"expected": "work"})])
        return await get_work(request, collection)
    reading = await reading_of(request, collection)
    wanted = format_of(request)
    headers = reading.changes | (page_headers(language_of(request)) if wanted == "html" else VARYING)
    version = _version(reading) + _suffix(wanted, headers, reading.known)
    if reading.half == "published" and (known := unchanged(request, version, headers)):
        return known
    origin = selection.source(reading.half, collection, reading.card)
    asked = read(dict(_sent(request, wanted)), reading.half, collection, origin.queryables, reading.known.srids, values=reading.values)
    if file := FORMATS.get(wanted):
        if asked.only_count:
            raise BadRequest(faults=[Fault("resultType", "hits-of-page")])
        if asked.cursor is not None:
            raise BadRequest(faults=[Fault("cursor", "cursor-of-page")])
        links = header_of([_queryables_link(f"{base_url(request)}/collections/{collection}")])
        return await exports.answered(
            request, Export(reading.half, reading.session, origin, asked, file), reading.headers | {"Link": links}
        )
    if wanted == "html":
        # The map wants degrees; more than some hundreds of points nobody reads on a page.
        asked = replace(asked, crs=CRS84, limit=min(limit_of(asked), PAGE_LIMIT))

    async def make() -> Linked:
        page = await _page(request, reading, origin, asked, wanted)
        body = await _html(request, reading, page) if wanted == "html" else page.geojson(asked.crs)
        return Linked(body, header_of([link for link in page.links if link["rel"] != "alternate"]))

    media_type = HTML if wanted == "html" else GEOJSON
    return await kept(request, reading.half, version, make, media_type, headers | {"Content-Crs": f"<{asked.crs.uri}>"})


def _suffix(wanted: str, headers: Mapping[str, str], known: Known) -> str:
    """What tells the version of one form from that of another. A page also shows the categories and the boundaries."""
    if wanted == "html":
        return f"-html-{headers['Content-Language']}-{known.version}-{views.version()}"
    return "" if wanted == "geojson" else f"-{wanted}"


def _version(reading: Reading) -> str:
    return str(reading.known.standing(reading.half, reading.collection).version)


def format_of(request: Request) -> str:
    """The format of `f`, else the one of `Accept` that the client likes best, else GeoJSON."""
    named = request.query_params.get("f")
    if named is not None:
        if named not in ("json", "geojson", "html", *FORMATS):
            raise BadRequest(faults=[Fault("f", "not-one-of", {"expected": ", ".join(("geojson", "html", *FORMATS))})])
        return "geojson" if named == "json" else named
    accept = request.headers.get("accept", "")
    return "geojson" if accept in ("", "*/*") else preferred(accept, _OFFERED)


_OFFERED = [("geojson", GEOJSON), ("geojson", "application/json"), *FEATURE_TYPES.items()]


def _sent(request: Request, wanted: str) -> list[tuple[str, str]]:
    """The parameters; of a page without those that are empty: a form sends all of its fields."""
    sent = request.query_params.multi_items()
    return [(name, value) for name, value in sent if value] if wanted == "html" else sent


class _Page(NamedTuple):
    features: bytes
    counted: views.Counted
    links: list[dict[str, Any]]

    def geojson(self, crs: Crs) -> bytes:
        head = b'{"type":"FeatureCollection",' + (orjson.dumps(crs.members)[1:-1] + b"," if crs.members else b"")
        tail: dict[str, Any] = {"links": self.links, "numberReturned": self.counted.shown}
        tail |= {"numberMatched": self.counted.matched} if self.counted.matched is not None else {}
        # No `timeStamp`: that of the answer would make other bytes of the same version.
        return head + b'"features":[' + self.features + b"]," + orjson.dumps(tail, option=JSON_OPTIONS)[1:]


async def _page(request: Request, reading: Reading, origin: selection.Source, asked: Asked, wanted: str) -> _Page:
    secret = request.app.state.settings.secret
    standing = reading.known.standing(reading.half, reading.collection)
    if asked.only_count:
        features, following = b"", None
        counted = views.Counted(0, await _number(reading, origin, asked, standing.number))
    elif asked.is_plain:
        query = items.PageQuery(asked.half, asked.collection, limit_of(asked), asked.bbox, asked.kelurahan, _place(secret, asked))
        page = await items.page(reading.session, query, standing.number)
        features, counted = page.features, views.Counted(page.number, page.matched)
        following = write_cursor(secret, _PLACES, f"{page.following.place} {page.following.id}") if page.following else None
    else:
        found = await selection.page(reading.session, origin, asked, secret, standing.number)
        features, counted = ",".join(found.features).encode(), views.Counted(len(found.features), found.matched)
        following = found.cursor
    return _Page(features, counted, _links(request, asked, following, wanted))


async def _number(reading: Reading, origin: selection.Source, asked: Asked, total: int) -> int | None:
    if asked.is_plain and not asked.bbox:
        return await items.number(reading.session, asked.half, asked.collection, asked.kelurahan) if asked.kelurahan else total
    async with deadline_of_composed():
        return await selection.count(reading.session, origin, asked)


async def _html(request: Request, reading: Reading, page: _Page) -> bytes:
    of = Told(reading.half, reading.known, language_of(request), base_url(request))
    frame = views.Frame(of.here, of.language, page.links)
    one = described.one(of.known, of.half, reading.collection)
    features = orjson.loads(b"[" + page.features + b"]")
    return views.items(frame, one, features, page.counted, _sent(request, "html"), await outlines_of(request, of.known)).encode()


def _place(secret: bytes, asked: Asked) -> items.Place:
    if asked.cursor is None:
        return items.START
    place, _, item = read_cursor(secret, _PLACES, asked.cursor).partition(" ")
    return items.Place(int(place), UUID(item))


def _links(request: Request, asked: Asked, following: str | None, wanted: str = "geojson") -> list[dict[str, Any]]:
    here = f"{base_url(request)}/collections/{asked.collection}"
    sent = {name: f"{quote_plus(name)}={quote_plus(value)}" for name, value in _sent(request, wanted)}
    kept = [text for name, text in sent.items() if name not in ("cursor", "offset")]
    links = [link("self", FEATURE_TYPES[wanted], f"{here}/items{'?' if sent else ''}{'&'.join(sent.values())}")]
    if following:
        links.append(link("next", FEATURE_TYPES[wanted], f"{here}/items?{'&'.join([*kept, f'cursor={quote_plus(following)}'])}"))
    bare = [text for name, text in sent.items() if name not in ("cursor", "offset", "f", "limit")]
    beginning = f"{here}/items?{'&'.join([*bare, 'f='])}"
    links += [
        link("alternate", media_type, beginning + name, FORMAT_NAMES[name]) for name, media_type in FEATURE_TYPES.items() if name != wanted
    ]
    return [*links, _queryables_link(here), link("collection", "application/json", here)]


def _queryables_link(collection: str) -> dict[str, Any]:
    """`collection`: its address."""
    return link(QUERYABLES_REL, SCHEMA, f"{collection}/queryables")


_ALTERNATES = (("html", "text/html"), *((name, one.media_type) for name, one in FORMATS.items()))
