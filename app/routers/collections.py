"""The collections: what they are, what of them can be asked, what their items have."""

from collections.abc import Callable
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Request, Response

from app.language import Language, Text
from app.pages import views
from app.problems import problems
from app.published import described, tile_documents
from app.published.described import Described
from app.routers.deps import AsJson, AsPage, StrictRoute, open_to_all
from app.routers.rendering import (
    FEATURE_TYPES,
    FORMAT_NAMES,
    JSON,
    QUERYABLES_REL,
    SCHEMA,
    VARYING,
    Told,
    answered,
    kept,
    link,
    own_links,
    told,
)

router = APIRouter(route_class=StrictRoute, prefix="/collections", tags=["collections"])

_OGC = "http://www.opengis.net/def/rel/ogc/1.0"
_ERRORS: dict[int | str, dict[str, Any]] = {304: {"description": "Not changed"}, **problems(400, 401, 403, 404, 503)}
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
Collection = Annotated[str, Path(max_length=64, examples=["posyandu"])]


def _responses(media_type: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {media_type: {"schema": {"type": "object"}}, "text/html": {"schema": {"type": "string"}}}}, **_ERRORS}


@router.get("", response_class=Response, responses=_responses(JSON))
@open_to_all
async def get_collections(request: Request, f: AsPage = None) -> Response:
    """All collections with their extents and links; with a token of the city's offices also the internal ones."""
    of = await told(request)
    listed = described.described(of.known, of.half)
    address = f"{of.here}/collections"

    def document(wanted: str) -> dict[str, Any]:
        return {
            "links": own_links(address, JSON, wanted),
            "collections": [_document(one, of, own_links(f"{address}/{one.id}", JSON, "json")) for one in listed],
        }

    numbered = [(one, of.known.standing(of.half, one.id).number) for one in listed]
    return await answered(
        request, of, f, JSON, document, lambda links, _: views.collections(views.Frame(of.here, of.language, links), numbered),
        changing=of.known.standing(of.half, described.POINTS).version,
    )  # fmt: skip


@router.get("/{collection}", response_class=Response, responses=_responses(JSON))
@open_to_all
async def get_collection(request: Request, collection: Collection, f: AsPage = None) -> Response:
    """One collection: its extent, its CRS, links to its items in every format."""
    of = await told(request)
    one = described.one(of.known, of.half, collection)
    standing = of.known.standing(of.half, collection)
    crs = described.crs_of(of.known)
    return await answered(
        request, of, f, JSON,
        lambda wanted: _document(one, of, own_links(f"{of.here}/collections/{one.id}", JSON, wanted)),
        lambda links, outlines: views.collection(
            views.Frame(of.here, of.language, links), one, standing.number, standing.updated_at, crs, outlines
        ),
        changing=standing.version,
    )  # fmt: skip


@router.get("/{collection}/queryables", response_class=Response, responses=_responses(SCHEMA))
@open_to_all
async def get_queryables(request: Request, collection: Collection, f: AsPage = None) -> Response:
    """What filters may name, as JSON Schema (OGC API Features, Part 3)."""
    return await _schema(request, collection, f, described.queryables, *_QUERYABLES)


@router.get("/{collection}/sortables", response_class=Response, responses=_responses(SCHEMA))
@open_to_all
async def get_sortables(request: Request, collection: Collection, f: AsPage = None) -> Response:
    """What `sortby` may name, as JSON Schema (OGC API Features, Parts 5 and 8)."""
    return await _schema(request, collection, f, described.sortables, *_SORTABLES)


@router.get("/{collection}/schema", response_class=Response, responses=_responses(SCHEMA))
@open_to_all
async def get_schema(request: Request, collection: Collection, f: AsPage = None) -> Response:
    """What items have, as JSON Schema (OGC API Features, Part 5)."""
    return await _schema(request, collection, f, described.schema, *_SCHEMA)


@router.get(
    "/{collection}/schema/feature",
    response_class=Response,
    responses={200: {"content": {SCHEMA: {"schema": {"type": "object"}}}}, **_ERRORS},
)
@open_to_all
async def get_feature_schema(request: Request, collection: Collection, _format: AsJson = None) -> Response:
    """The items as GeoJSON, as JSON Schema: what `describedby` links."""
    of = await told(request)
    one = described.one(of.known, of.half, collection)

    async def make() -> bytes:
        return orjson.dumps(described.feature(one, f"{of.here}/collections/{one.id}/schema/feature", of.language))

    headers = {"Content-Language": of.language, **VARYING}
    return await kept(request, of.half, f"{of.known.version}-{of.language}", make, SCHEMA, headers)


_Make = Callable[[Described, str, Language], dict[str, Any]]


async def _schema(request: Request, collection: str, f: str | None, make: _Make, title: Text, lead: Text) -> Response:
    of = await told(request)
    one = described.one(of.known, of.half, collection)
    address = f"{of.here}/collections/{one.id}/{make.__name__}"
    document = make(one, address, of.language)
    return await answered(
        request, of, f, SCHEMA,
        lambda wanted: document | {"links": own_links(address, SCHEMA, wanted)},
        lambda links, _: views.schema(views.Frame(of.here, of.language, links), one, document, title, lead),
    )  # fmt: skip


def _document(one: Described, of: Told, own: list[dict[str, Any]]) -> dict[str, Any]:
    path = f"{of.here}/collections/{one.id}"
    items = [
        link("items", media_type, f"{path}/items" if name == "geojson" else f"{path}/items?f={name}", FORMAT_NAMES[name])
        for name, media_type in FEATURE_TYPES.items()
    ]
    links = [
        *own,
        *items,
        link(QUERYABLES_REL, SCHEMA, f"{path}/queryables", _QUERYABLES[0].say(of.language)),
        link(f"{_OGC}/sortables", SCHEMA, f"{path}/sortables", _SORTABLES[0].say(of.language)),
        link(f"{_OGC}/schema", SCHEMA, f"{path}/schema", _SCHEMA[0].say(of.language)),
        link("describedby", SCHEMA, f"{path}/schema/feature", _FEATURE_SCHEMA.say(of.language)),
    ]
    links += tile_documents.collection_links(of.here, one.id)
    return described.document(one, of.known, of.half, of.language, links)
