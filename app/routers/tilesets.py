"""What there is of tiles: tile matrix sets, tilesets, TileJSON, and a style that draws them."""

from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Path, Query, Request, Response

from app.db import Database
from app.errors import NotFound
from app.problems import problems
from app.published import style, tile_documents, tilesets
from app.published.catalogue import Catalogue, Half, Known
from app.published.extents import Extent, Extents, together
from app.published.tile_documents import MATRIX_SET, STYLE, WORLD
from app.published.tilesets import Tileset
from app.routers.answers import address_of, shared
from app.routers.deps import PRIVATE, AsJson, Here, Speaking, StrictRoute, half_of, open_to_all
from app.routers.tiles import Collection, Collections, MatrixSet

router = APIRouter(route_class=StrictRoute, tags=["tiles"])

JSON = "application/json"
_SET = "/{tileMatrixSetId}"
_TILEJSON = _SET + "/tilejson.json"
_STYLE = "/{style}"
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {JSON: {"schema": {"type": "object"}}}},
    304: {"description": "Not changed"},
    **problems(400, 401, 404, 503),
}
_STYLE_ANSWERS: dict[int | str, dict[str, Any]] = _ANSWERS | {200: {"content": {STYLE: {"schema": {"type": "object"}}}}}


@router.get("/tileMatrixSets", operation_id="getTileMatrixSetsList", responses=problems(400))
@open_to_all
async def get_matrix_sets(here: Here, _format: AsJson = None) -> dict[str, Any]:
    """The grids that tiles come in: one."""
    return tile_documents.matrix_sets(here)


@router.get("/tileMatrixSets" + _SET, operation_id="getTileMatrixSet", responses=problems(400, 404))
@open_to_all
async def get_matrix_set(here: Here, matrix_set: MatrixSet, _format: AsJson = None) -> dict[str, Any]:
    """The definition of a grid."""
    _check(matrix_set)
    return tile_documents.matrix_set(here)


@router.get("/collections/{collection}/tiles", operation_id="collections.getTileSetsList", response_class=Response, responses=_ANSWERS)
@open_to_all
async def get_tilesets(request: Request, collection: Collection, here: Here, language: Speaking, _format: AsJson = None) -> Response:
    """The tilesets of a collection."""
    half, known = await _seen(request)
    tileset = tilesets.of_collection(known, half, collection)
    extent = await _extent(request, half, known, tileset)
    return await _told(request, half, tileset, language, tile_documents.tilesets_list(tileset, extent, known, half, here, language))


@router.get("/tiles", operation_id="dataset.getTileSetsList", response_class=Response, responses=_ANSWERS)
@open_to_all
async def get_tilesets_of_dataset(request: Request, here: Here, language: Speaking, _format: AsJson = None) -> Response:
    """The tilesets of everything."""
    half, known = await _seen(request)
    tileset = tilesets.of_dataset(known, half)
    extent = await _extent(request, half, known, tileset)
    return await _told(request, half, tileset, language, tile_documents.tilesets_list(tileset, extent, known, half, here, language))


@router.get("/collections/{collection}/tiles" + _SET, operation_id="collections.getTileSet", response_class=Response, responses=_ANSWERS)
@open_to_all
async def get_tileset(
    request: Request, collection: Collection, matrix_set: MatrixSet, here: Here, language: Speaking, _format: AsJson = None
) -> Response:
    """A tileset of a collection: its layers, how far it reaches, where its tiles are."""
    _check(matrix_set)
    half, known = await _seen(request)
    tileset = tilesets.of_collection(known, half, collection)
    extent = await _extent(request, half, known, tileset)
    return await _told(request, half, tileset, language, tile_documents.metadata(tileset, extent, known, half, here, language))


@router.get("/tiles" + _SET, operation_id="dataset.getTileSet", response_class=Response, responses=_ANSWERS)
@open_to_all
async def get_tileset_of_dataset(
    request: Request, matrix_set: MatrixSet, here: Here, language: Speaking, collections: Collections = None, _format: AsJson = None
) -> Response:
    """The tileset of everything, or of some collections."""
    _check(matrix_set)
    half, known = await _seen(request)
    tileset = tilesets.of_dataset(known, half, collections)
    extent = await _extent(request, half, known, tileset)
    return await _told(request, half, tileset, language, tile_documents.metadata(tileset, extent, known, half, here, language))


@router.get(
    "/collections/{collection}/tiles" + _TILEJSON,
    operation_id="getTileJson",
    response_class=Response,
    responses=_ANSWERS,
)
@open_to_all
async def get_tilejson(
    request: Request, collection: Collection, matrix_set: MatrixSet, here: Here, language: Speaking, _format: AsJson = None
) -> Response:
    """The same for maps that read TileJSON 3.0."""
    _check(matrix_set)
    half, known = await _seen(request)
    tileset = tilesets.of_collection(known, half, collection)
    extent = await _extent(request, half, known, tileset)
    return await _told(request, half, tileset, language, tile_documents.tilejson(tileset, extent, half, here, language))


@router.get("/tiles" + _TILEJSON, operation_id="getDatasetTileJson", response_class=Response, responses=_ANSWERS)
@open_to_all
async def get_tilejson_of_dataset(
    request: Request, matrix_set: MatrixSet, here: Here, language: Speaking, collections: Collections = None, _format: AsJson = None
) -> Response:
    """The same for everything, or for some collections."""
    _check(matrix_set)
    half, known = await _seen(request)
    tileset = tilesets.of_dataset(known, half, collections)
    extent = await _extent(request, half, known, tileset)
    return await _told(request, half, tileset, language, tile_documents.tilejson(tileset, extent, half, here, language))


@router.get("/styles", operation_id="getStyles", responses=problems(400))
@open_to_all
async def get_styles(here: Here, language: Speaking, _format: AsJson = None) -> dict[str, Any]:
    """The styles that there are: one."""
    return style.styles(here, language)


@router.get("/styles" + _STYLE, operation_id="getStyle", response_class=Response, responses=_STYLE_ANSWERS)
@open_to_all
async def get_style(
    request: Request,
    name: Annotated[str, Path(alias="style", max_length=64, examples=[style.STYLE_ID])],
    here: Here,
    language: Speaking,
    labels: Annotated[Literal["true", "false"], Query(description="With text, for MapLibre GL JS from 5.11 on")] = "true",
    _format: AsJson = None,
) -> Response:
    """How MapLibre draws the tiles of everything."""
    if name != style.STYLE_ID:
        raise NotFound
    half, known = await _seen(request)
    tileset = tilesets.of_dataset(known, half)
    return await _told(request, half, tileset, language, style.style(tileset, here, language, labels=labels == "true"), STYLE)


async def _seen(request: Request) -> tuple[Half, Known]:
    catalogue: Catalogue = request.app.state.catalogue
    return await half_of(request), catalogue.known


async def _extent(request: Request, half: Half, known: Known, tileset: Tileset) -> Extent:
    """That of what the tiles show: items, and areas where there are some of them; of nothing that of the city."""
    database: Database = request.app.state.database
    kept: Extents = request.app.state.extents
    session = database.public if half == "published" else database.internal
    found = await kept.of(session, known, half, tileset.categories)
    if tileset.levels or not found:
        west, south, east, north = known.edition.extent if known.edition else WORLD
        found.append((west, south, east, north))
    return together(found)


def _check(matrix_set: str) -> None:
    if matrix_set != MATRIX_SET:
        raise NotFound


async def _told(
    request: Request, half: Half, tileset: Tileset, language: str, document: dict[str, Any], media_type: str = JSON
) -> Response:  # fmt: skip
    body = orjson.dumps(document)
    if half == "internal":
        return Response(body, 200, PRIVATE, media_type)

    async def make() -> bytes:
        return body

    headers = {"Vary": "Accept-Encoding, Accept-Language, Authorization", "Content-Language": language}
    return await shared(request, address_of(request), f"{tileset.version}-{language}", make, media_type, headers, kept=False)
