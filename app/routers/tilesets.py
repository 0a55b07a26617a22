"""What there is of tiles: tile matrix sets, tilesets, TileJSON, and a style that draws them."""

from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Path, Query, Request, Response

from app.collections import kinds
from app.errors import NotFound
from app.http.answers import address_of, shared
from app.http.parameters import PRIVATE, AsJson, CollectionId, Here, Speaking
from app.http.problems import problems
from app.http.reader import Reader, reader_of
from app.http.rights import open_to_all
from app.http.route import StrictRoute
from app.http.services import services
from app.published.extents import together
from app.regions.cities import Extent
from app.routers.tiles import Collections, MatrixSet, When
from app.tiles import documents as tile_documents
from app.tiles import style
from app.tiles.documents import MATRIX_SET, STYLE, WORLD
from app.tiles.tilesets import Tileset

router = APIRouter(route_class=StrictRoute, tags=["tiles"])

JSON = "application/json"
_SET = "/{tileMatrixSetId}"
_TILEJSON = _SET + "/tilejson.json"
_STYLE = "/{style}"
_ANSWERS: dict[int | str, dict[str, object]] = {
    200: {"content": {JSON: {"schema": {"type": "object"}}}},
    304: {"description": "Not changed"},
    **problems(400, 401, 404, 503),
}
_STYLE_ANSWERS: dict[int | str, dict[str, object]] = _ANSWERS | {200: {"content": {STYLE: {"schema": {"type": "object"}}}}}


@router.get("/tileMatrixSets", operation_id="getTileMatrixSetsList", responses=problems(400))
@open_to_all
async def get_matrix_sets(here: Here, _format: AsJson = None) -> dict[str, object]:
    """The grids that tiles come in: one."""
    return tile_documents.matrix_sets(here)


@router.get("/tileMatrixSets" + _SET, operation_id="getTileMatrixSet", responses=problems(400, 404))
@open_to_all
async def get_matrix_set(here: Here, matrix_set: MatrixSet, _format: AsJson = None) -> dict[str, object]:
    """The definition of a grid."""
    _check(matrix_set)
    return tile_documents.matrix_set(here)


@router.get("/collections/{collection}/tiles", operation_id="collections.getTileSetsList", response_class=Response, responses=_ANSWERS)
@open_to_all
async def get_tilesets(request: Request, collection: CollectionId, _format: AsJson = None) -> Response:
    """The tilesets of a collection."""
    reader = await reader_of(request)
    tileset = kinds.tileset_of(reader.known, reader.half, collection)
    extent = await _extent(request, reader, tileset)
    return await _document(
        request, reader, tileset, tile_documents.tilesets_list(tileset, extent, reader.known, reader.here, reader.language)
    )


@router.get("/tiles", operation_id="dataset.getTileSetsList", response_class=Response, responses=_ANSWERS)
@open_to_all
async def get_tilesets_of_dataset(request: Request, _format: AsJson = None) -> Response:
    """The tilesets of everything."""
    reader = await reader_of(request)
    tileset = kinds.tileset_of_dataset(reader.known, reader.half)
    extent = await _extent(request, reader, tileset)
    return await _document(
        request, reader, tileset, tile_documents.tilesets_list(tileset, extent, reader.known, reader.here, reader.language)
    )


@router.get("/collections/{collection}/tiles" + _SET, operation_id="collections.getTileSet", response_class=Response, responses=_ANSWERS)
@open_to_all
async def get_tileset(
    request: Request, collection: CollectionId, matrix_set: MatrixSet, when: When = None, _format: AsJson = None
) -> Response:
    """A tileset of a collection: its layers, how far it reaches, where its tiles are."""
    _check(matrix_set)
    reader = await reader_of(request)
    tileset = kinds.tileset_of(reader.known, reader.half, collection, when)
    extent = await _extent(request, reader, tileset)
    return await _document(request, reader, tileset, tile_documents.metadata(tileset, extent, reader.known, reader.here, reader.language))


@router.get("/tiles" + _SET, operation_id="dataset.getTileSet", response_class=Response, responses=_ANSWERS)
@open_to_all
async def get_tileset_of_dataset(
    request: Request, matrix_set: MatrixSet, collections: Collections = None, _format: AsJson = None
) -> Response:
    """The tileset of everything, or of some collections."""
    _check(matrix_set)
    reader = await reader_of(request)
    tileset = kinds.tileset_of_dataset(reader.known, reader.half, collections)
    extent = await _extent(request, reader, tileset)
    return await _document(request, reader, tileset, tile_documents.metadata(tileset, extent, reader.known, reader.here, reader.language))


@router.get(
    "/collections/{collection}/tiles" + _TILEJSON,
    operation_id="getTileJson",
    response_class=Response,
    responses=_ANSWERS,
)
@open_to_all
async def get_tilejson(
    request: Request, collection: CollectionId, matrix_set: MatrixSet, when: When = None, _format: AsJson = None
) -> Response:
    """The same for maps that read TileJSON 3.0."""
    _check(matrix_set)
    reader = await reader_of(request)
    tileset = kinds.tileset_of(reader.known, reader.half, collection, when)
    extent = await _extent(request, reader, tileset)
    return await _document(
        request, reader, tileset, tile_documents.tilejson(tileset, extent, reader.known, reader.half, reader.here, reader.language)
    )


@router.get("/tiles" + _TILEJSON, operation_id="getDatasetTileJson", response_class=Response, responses=_ANSWERS)
@open_to_all
async def get_tilejson_of_dataset(
    request: Request, matrix_set: MatrixSet, collections: Collections = None, _format: AsJson = None
) -> Response:
    """The same for everything, or for some collections."""
    _check(matrix_set)
    reader = await reader_of(request)
    tileset = kinds.tileset_of_dataset(reader.known, reader.half, collections)
    extent = await _extent(request, reader, tileset)
    return await _document(
        request, reader, tileset, tile_documents.tilejson(tileset, extent, reader.known, reader.half, reader.here, reader.language)
    )


@router.get("/styles", operation_id="getStyles", responses=problems(400))
@open_to_all
async def get_styles(here: Here, language: Speaking, _format: AsJson = None) -> dict[str, object]:
    """The styles that there are: one."""
    return style.styles(here, language)


@router.get("/styles" + _STYLE, operation_id="getStyle", response_class=Response, responses=_STYLE_ANSWERS)
@open_to_all
async def get_style(
    request: Request,
    name: Annotated[str, Path(alias="style", max_length=64, examples=[style.STYLE_ID])],
    labels: Annotated[Literal["true", "false"], Query(description="With text, for MapLibre GL JS from 5.11 on")] = "true",
    _format: AsJson = None,
) -> Response:
    """How MapLibre draws the tiles of everything."""
    if name != style.STYLE_ID:
        raise NotFound
    reader = await reader_of(request)
    tileset = kinds.tileset_of_dataset(reader.known, reader.half)
    document = style.style(tileset, reader.known, reader.here, reader.language, labels=labels == "true")
    return await _document(request, reader, tileset, document, STYLE)


async def _extent(request: Request, reader: Reader, tileset: Tileset) -> Extent:
    """That of what the tiles show: items, and areas where there are some of them; of nothing that of the city."""
    found = await services(request).extents.of(reader.session, reader.known, reader.half, tileset.categories)
    if tileset.levels or tileset.indicators or not found:
        west, south, east, north = reader.known.edition.extent if reader.known.edition else WORLD
        found.append((west, south, east, north))
    return together(found)


def _check(matrix_set: str) -> None:
    if matrix_set != MATRIX_SET:
        raise NotFound


async def _document(
    request: Request, reader: Reader, tileset: Tileset, document: dict[str, object], media_type: str = JSON
) -> Response:  # fmt: skip
    body = orjson.dumps(document)
    if reader.half == "internal":
        return Response(body, 200, PRIVATE, media_type)

    async def make() -> bytes:
        return body

    headers = {"Vary": "Accept-Encoding, Accept-Language, Authorization, Cookie", "Content-Language": reader.language}
    # Whom to name for the data may change by itself.
    version = f"{tileset.version}-{reader.known.version}-{reader.language}"
    return await shared(request, address_of(request), version, make, media_type, headers, kept=False)
