"""The collections: what they are, what of them can be asked, what their items have."""

from collections.abc import Callable

import orjson
from fastapi import APIRouter, Request, Response

from app.collections import described, kinds
from app.collections.kinds.kind import Described
from app.http.framing import VARYING, frame_of
from app.http.parameters import AsJson, AsPage, CollectionId
from app.http.problems import problems
from app.http.reader import Reader, reader_of
from app.http.rendering import FORMAT_NAMES, JSON, QUERYABLES_REL, SCHEMA, answered, feature_types, link, own_links, remembered_document
from app.http.rights import open_to_all
from app.http.route import StrictRoute
from app.language import Language, Text
from app.pages import views
from app.tiles import documents as tile_documents

router = APIRouter(route_class=StrictRoute, prefix="/collections", tags=["collections"])

_OGC = "http://www.opengis.net/def/rel/ogc/1.0"
_ERRORS: dict[int | str, dict[str, object]] = {304: {"description": "Not changed"}, **problems(400, 401, 403, 404, 503)}
_QUERYABLES = (
    Text("yang dapat disaring", "what can be filtered"),
    Text(
        "Properti yang dapat dipakai dalam filter (CQL2) dan sebagai parameter.",
        "Properties that can be used in filters (CQL2) and as parameters.",
    ),
)
_SORTABLES = (
    Text("yang dapat diurutkan", "what can be sorted by"),
    Text("Properti yang dapat dipakai dalam sortby.", "Properties that can be used in sortby."),
)
_SCHEMA = Text("skema", "schema"), Text("Properti yang dimiliki tiap titik.", "The properties that points have.")
_FEATURE_SCHEMA = Text("skema Feature GeoJSON", "schema of the GeoJSON Feature")


def _responses(media_type: str) -> dict[int | str, dict[str, object]]:
    return {200: {"content": {media_type: {"schema": {"type": "object"}}, "text/html": {"schema": {"type": "string"}}}}, **_ERRORS}


@router.get("", response_class=Response, responses=_responses(JSON))
@open_to_all
async def get_collections(request: Request, f: AsPage = None) -> Response:
    """All collections with their extents and links; with a token of the city's offices also the internal ones."""
    reader = await reader_of(request)
    listed = kinds.listed(reader.known, reader.half)
    address = f"{reader.here}/collections"

    def document(wanted: str) -> dict[str, object]:
        return {
            "links": own_links(address, JSON, wanted),
            "collections": [_document(one, reader, own_links(f"{address}/{one.id}", JSON, "json")) for one in listed],
        }

    numbered = [(one, one.standing(reader.known).number) for one in listed]
    return await answered(
        request, reader, f, JSON, document, lambda links, _: views.collections(frame_of(request, links), numbered),
        changing=".".join(one.standing(reader.known).tag for one in listed),
    )  # fmt: skip


@router.get("/{collection}", response_class=Response, responses=_responses(JSON))
@open_to_all
async def get_collection(request: Request, collection: CollectionId, f: AsPage = None) -> Response:
    """One collection: its extent, its CRS, links to its items in every format."""
    reader = await reader_of(request)
    one = kinds.one(reader.known, reader.half, collection)
    standing = one.standing(reader.known)
    crs = described.crs_of(reader.known)
    return await answered(
        request, reader, f, JSON,
        lambda wanted: _document(one, reader, own_links(f"{reader.here}/collections/{one.id}", JSON, wanted)),
        lambda links, outlines: views.collection(
            frame_of(request, links), one, standing.number, standing.updated_at, crs, outlines
        ),
        changing=standing.tag,
    )  # fmt: skip


@router.get("/{collection}/queryables", response_class=Response, responses=_responses(SCHEMA))
@open_to_all
async def get_queryables(request: Request, collection: CollectionId, f: AsPage = None) -> Response:
    """What filters may name, as JSON Schema (OGC API Features, Part 3)."""
    return await _schema(request, collection, f, described.queryables, *_QUERYABLES)


@router.get("/{collection}/sortables", response_class=Response, responses=_responses(SCHEMA))
@open_to_all
async def get_sortables(request: Request, collection: CollectionId, f: AsPage = None) -> Response:
    """What `sortby` may name, as JSON Schema (OGC API Features, Parts 5 and 8)."""
    return await _schema(request, collection, f, described.sortables, *_SORTABLES)


@router.get("/{collection}/schema", response_class=Response, responses=_responses(SCHEMA))
@open_to_all
async def get_schema(request: Request, collection: CollectionId, f: AsPage = None) -> Response:
    """What items have, as JSON Schema (OGC API Features, Part 5)."""
    return await _schema(request, collection, f, described.schema, *_SCHEMA)


@router.get(
    "/{collection}/schema/feature",
    response_class=Response,
    responses={200: {"content": {SCHEMA: {"schema": {"type": "object"}}}}, **_ERRORS},
)
@open_to_all
async def get_feature_schema(request: Request, collection: CollectionId, _format: AsJson = None) -> Response:
    """The items as GeoJSON, as JSON Schema: what `describedby` links."""
    reader = await reader_of(request)
    one = kinds.one(reader.known, reader.half, collection)

    async def make() -> bytes:
        return orjson.dumps(described.feature(one, f"{reader.here}/collections/{one.id}/schema/feature", reader.language))

    headers = {"Content-Language": reader.language, **VARYING}
    return await remembered_document(request, reader.half, f"{reader.known.version}-{reader.language}", make, SCHEMA, headers)


_Make = Callable[[Described, str, Language], dict[str, object]]


async def _schema(request: Request, collection: str, f: str | None, make: _Make, title: Text, lead: Text) -> Response:
    reader = await reader_of(request)
    one = kinds.one(reader.known, reader.half, collection)
    address = f"{reader.here}/collections/{one.id}/{make.__name__}"
    document = make(one, address, reader.language)
    return await answered(
        request, reader, f, SCHEMA,
        lambda wanted: document | {"links": own_links(address, SCHEMA, wanted)},
        lambda links, _: views.schema(frame_of(request, links), one, document, title, lead),
    )  # fmt: skip


def _document(one: Described, reader: Reader, own: list[dict[str, object]]) -> dict[str, object]:
    path = f"{reader.here}/collections/{one.id}"
    items = [
        link("items", media_type, f"{path}/items" if name == "geojson" else f"{path}/items?f={name}", FORMAT_NAMES[name])
        for name, media_type in feature_types(one.formats).items()
    ]
    links = [
        *own,
        *items,
        link(QUERYABLES_REL, SCHEMA, f"{path}/queryables", _QUERYABLES[0].say(reader.language)),
        link(f"{_OGC}/sortables", SCHEMA, f"{path}/sortables", _SORTABLES[0].say(reader.language)),
        link(f"{_OGC}/schema", SCHEMA, f"{path}/schema", _SCHEMA[0].say(reader.language)),
        link("describedby", SCHEMA, f"{path}/schema/feature", _FEATURE_SCHEMA.say(reader.language)),
    ]
    if one.has_tiles:
        links += tile_documents.collection_links(reader.here, one.id)
    return described.document(one, reader.known, reader.language, links)
