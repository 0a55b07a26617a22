"""Vector tiles in WebMercatorQuad (OGC API Tiles): of a collection, of everything, and under the address of a version for ever."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import WithJsonSchema

from app.db import Database
from app.errors import BadRequest, Fault, NotFound
from app.geo import is_tile
from app.problems import problems
from app.published import tiles, tilesets
from app.published.catalogue import Catalogue, Half
from app.published.quadtree import Tile
from app.published.tile_documents import MATRIX_SET, MVT
from app.published.tilesets import Tileset
from app.routers.answers import FOR_EVER, SHORT, shared
from app.routers.deps import PRIVATE, AsTile, StrictRoute, base_url, half_of, open_to_all, reads_its_texts

router = APIRouter(route_class=StrictRoute, tags=["tiles"])

Collection = Annotated[str, Path(max_length=64, examples=["posyandu"])]
MatrixSet = Annotated[str, Path(alias="tileMatrixSetId", max_length=64, examples=[MATRIX_SET])]
Matrix = Annotated[str, Path(alias="tileMatrix", max_length=12, examples=["14"])]
Row = Annotated[str, Path(alias="tileRow", max_length=12), WithJsonSchema({"type": "integer", "minimum": 0, "example": 8548})]
Column = Annotated[str, Path(alias="tileCol", max_length=12), WithJsonSchema({"type": "integer", "minimum": 0, "example": 13289})]
Version = Annotated[str, Path()]
Collections = Annotated[str | None, Query(description="Names with commas between them")]

_NUMBERS = "{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}"
VARYING = {"Vary": "Accept-Encoding, Authorization"}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {MVT: {}}},
    304: {"description": "Not changed"},
    **problems(400, 401, 404, 503),
}
_ANSWERS_OF_VERSION: dict[int | str, dict[str, Any]] = _ANSWERS | {307: {"description": "To the present version"}}


@router.get("/collections/{collection}/tiles/" + _NUMBERS, operation_id="collections.getTile", response_class=Response, responses=_ANSWERS)
@reads_its_texts
@open_to_all
async def get_tile(
    request: Request, collection: Collection, matrix_set: MatrixSet, z: Matrix, y: Row, x: Column, form: AsTile = None
) -> Response:
    """One tile of a collection: matrix (zoom), row, column. Empty where nothing lies in it."""
    asked = _tile(matrix_set, z, y, x, form)
    half = await half_of(request)
    return await _answer(request, half, tilesets.of_collection(_catalogue(request).known, half, collection), asked)


@router.get("/tiles/" + _NUMBERS, operation_id="dataset.getTile", response_class=Response, responses=_ANSWERS)
@reads_its_texts
@open_to_all
async def get_tile_of_dataset(
    request: Request, matrix_set: MatrixSet, z: Matrix, y: Row, x: Column, collections: Collections = None, form: AsTile = None
) -> Response:
    """One tile of everything, or of some collections."""
    asked = _tile(matrix_set, z, y, x, form)
    half = await half_of(request)
    return await _answer(request, half, tilesets.of_dataset(_catalogue(request).known, half, collections), asked)


@router.get(
    "/v/{version}/collections/{collection}/tiles/" + _NUMBERS,
    operation_id="getTileOfVersion",
    response_class=Response,
    responses=_ANSWERS_OF_VERSION,
)
@reads_its_texts
@open_to_all
async def get_tile_of_version(
    request: Request, version: Version, collection: Collection, matrix_set: MatrixSet, z: Matrix, y: Row, x: Column, form: AsTile = None
) -> Response:
    """The same under an address that never changes its mind: caches need not ask again. TileJSON gives it."""
    asked = _tile(matrix_set, z, y, x, form)
    tileset = tilesets.of_collection(_catalogue(request).known, "published", collection)
    return await _answer_of_version(request, version, tileset, asked)


@router.get(
    "/v/{version}/tiles/" + _NUMBERS, operation_id="getDatasetTileOfVersion", response_class=Response, responses=_ANSWERS_OF_VERSION
)
@reads_its_texts
@open_to_all
async def get_dataset_tile_of_version(
    request: Request, version: Version, matrix_set: MatrixSet, z: Matrix, y: Row, x: Column, collections: Collections = None,
    form: AsTile = None,
) -> Response:  # fmt: skip
    """The same for everything."""
    asked = _tile(matrix_set, z, y, x, form)
    tileset = tilesets.of_dataset(_catalogue(request).known, "published", collections)
    return await _answer_of_version(request, version, tileset, asked)


def _catalogue(request: Request) -> Catalogue:
    catalogue: Catalogue = request.app.state.catalogue
    return catalogue


async def _answer_of_version(request: Request, version: str, tileset: Tileset, asked: Tile) -> Response:
    """Always of the public half: whoever has a token asks the address without a version."""
    if version != tileset.version:
        address = f"{base_url(request)}{tileset.path}/{MATRIX_SET}/{asked.z}/{asked.y}/{asked.x}{tileset.query}"
        return Response(None, 307, {"Location": address, "Cache-Control": "no-store"})
    return await _answer(request, "published", tileset, asked, FOR_EVER)


async def _answer(request: Request, half: Half, tileset: Tileset, asked: Tile, cache_control: str = SHORT) -> Response:
    database: Database = request.app.state.database
    if half == "internal":
        return Response(await tiles.tile(database.internal, half, tileset, asked), 200, PRIVATE, MVT)

    async def make() -> bytes:
        return await tiles.tile(database.public, half, tileset, asked)

    key = ("tile", tileset.id, tileset.categories, tileset.levels, *asked)
    return await shared(request, key, tileset.version, make, MVT, VARYING, kept=True, cache_control=cache_control)


def _tile(matrix_set: str, z: str, y: str, x: str, form: str | None) -> Tile:
    if form not in (None, "mvt"):
        raise BadRequest(faults=[Fault("f", "not-one-of", {"expected": "mvt"})])
    if matrix_set != MATRIX_SET:
        raise NotFound
    if not (_is_number(z) and _is_number(y) and _is_number(x) and is_tile(int(z), int(x), int(y))):
        raise BadRequest(faults=[Fault("tile", "tile-unknown")])
    return Tile(int(z), int(x), int(y))


def _is_number(text: str) -> bool:
    """Decimal digits only, without leading zeros: each tile has one address."""
    return len(text) <= 12 and text.isascii() and text.isdecimal() and (text == "0" or not text.startswith("0"))
