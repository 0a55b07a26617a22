"""Vector tiles in WebMercatorQuad (OGC API Tiles): of a collection, of everything, and under the address of a version for ever."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import WithJsonSchema

from app.collections import kinds
from app.errors import BadRequest, Fault, NotFound
from app.geo import is_tile
from app.http.answers import FOR_EVER, SHORT, shared
from app.http.editing import half_of
from app.http.framing import base_url
from app.http.parameters import PRIVATE, AsTile, CollectionId
from app.http.problems import problems
from app.http.rights import open_to_all
from app.http.route import StrictRoute, reads_its_texts
from app.http.services import services
from app.published.catalogue import Catalogue, Half
from app.tiles import tiles
from app.tiles.documents import MATRIX_SET, MVT
from app.tiles.quadtree import Tile
from app.tiles.tilesets import Tileset

router = APIRouter(route_class=StrictRoute, tags=["tiles"])

MatrixSet = Annotated[str, Path(alias="tileMatrixSetId", max_length=64, examples=[MATRIX_SET])]
Matrix = Annotated[str, Path(alias="tileMatrix", max_length=12, examples=["14"])]
TileRow = Annotated[str, Path(alias="tileRow", max_length=12), WithJsonSchema({"type": "integer", "minimum": 0, "example": 8548})]
TileColumn = Annotated[str, Path(alias="tileCol", max_length=12), WithJsonSchema({"type": "integer", "minimum": 0, "example": 13289})]
Version = Annotated[str, Path()]
When = Annotated[
    str | None,
    Query(
        alias="datetime",
        max_length=100,
        description="Of `profiles`: an instant or an interval (RFC 3339). Shown is the period of exactly these days, else the longest that touches them, of those the latest",
    ),
]
Collections = Annotated[str | None, Query(description="Names with commas between them")]

_NUMBERS = "{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}"
VARYING = {"Vary": "Accept-Encoding, Authorization, Cookie"}
_ANSWERS: dict[int | str, dict[str, object]] = {
    200: {"content": {MVT: {}}},
    304: {"description": "Not changed"},
    **problems(400, 401, 404, 503),
}
_ANSWERS_OF_VERSION: dict[int | str, dict[str, object]] = _ANSWERS | {307: {"description": "To the present version"}}


@router.get("/collections/{collection}/tiles/" + _NUMBERS, operation_id="collections.getTile", response_class=Response, responses=_ANSWERS)
@reads_its_texts
@open_to_all
async def get_tile(
    request: Request, collection: CollectionId, matrix_set: MatrixSet, z: Matrix, y: TileRow, x: TileColumn, when: When = None,
    form: AsTile = None,
) -> Response:  # fmt: skip
    """One tile of a collection: matrix (zoom), row, column. Empty where nothing lies in it."""
    tile = _tile(matrix_set, z, y, x, form)
    half = await half_of(request)
    return await _answer(request, half, kinds.tileset_of(_catalogue(request).known, half, collection, when), tile)


@router.get("/tiles/" + _NUMBERS, operation_id="dataset.getTile", response_class=Response, responses=_ANSWERS)
@reads_its_texts
@open_to_all
async def get_tile_of_dataset(
    request: Request, matrix_set: MatrixSet, z: Matrix, y: TileRow, x: TileColumn, collections: Collections = None, form: AsTile = None
) -> Response:
    """One tile of everything, or of some collections."""
    tile = _tile(matrix_set, z, y, x, form)
    half = await half_of(request)
    return await _answer(request, half, kinds.tileset_of_dataset(_catalogue(request).known, half, collections), tile)


@router.get(
    "/v/{version}/collections/{collection}/tiles/" + _NUMBERS,
    operation_id="getTileOfVersion",
    response_class=Response,
    responses=_ANSWERS_OF_VERSION,
)
@reads_its_texts
@open_to_all
async def get_tile_of_version(
    request: Request,
    version: Version,
    collection: CollectionId,
    matrix_set: MatrixSet,
    z: Matrix,
    y: TileRow,
    x: TileColumn,
    when: When = None,
    form: AsTile = None,
) -> Response:
    """The same under an address that never changes its mind: caches need not ask again. TileJSON gives it."""
    tile = _tile(matrix_set, z, y, x, form)
    tileset = kinds.tileset_of(_catalogue(request).known, "published", collection, when)
    return await _answer_of_version(request, version, tileset, tile)


@router.get(
    "/v/{version}/tiles/" + _NUMBERS, operation_id="getDatasetTileOfVersion", response_class=Response, responses=_ANSWERS_OF_VERSION
)
@reads_its_texts
@open_to_all
async def get_dataset_tile_of_version(
    request: Request, version: Version, matrix_set: MatrixSet, z: Matrix, y: TileRow, x: TileColumn, collections: Collections = None,
    form: AsTile = None,
) -> Response:  # fmt: skip
    """The same for everything."""
    tile = _tile(matrix_set, z, y, x, form)
    tileset = kinds.tileset_of_dataset(_catalogue(request).known, "published", collections)
    return await _answer_of_version(request, version, tileset, tile)


def _catalogue(request: Request) -> Catalogue:
    return services(request).catalogue


async def _answer_of_version(request: Request, version: str, tileset: Tileset, tile: Tile) -> Response:
    """Always of the public half: whoever has a token asks the address without a version."""
    if version != tileset.version:
        address = f"{base_url(request)}{tileset.path}/{MATRIX_SET}/{tile.z}/{tile.y}/{tile.x}{tileset.query}"
        return Response(None, 307, {"Location": address, "Cache-Control": "no-store"})
    return await _answer(request, "published", tileset, tile, FOR_EVER)


async def _answer(request: Request, half: Half, tileset: Tileset, tile: Tile, cache_control: str = SHORT) -> Response:
    database = services(request).database
    if half == "internal":
        return Response(await tiles.tile(database.internal, half, tileset, tile), 200, PRIVATE, MVT)

    async def make() -> bytes:
        return await tiles.tile(database.public, half, tileset, tile)

    key = ("tile", tileset.id, tileset.categories, tileset.levels, tileset.span, *tile)
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
