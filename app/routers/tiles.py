"""Vector tiles of a collection in WebMercatorQuad (OGC API Tiles)."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from app.categories import queries as categories
from app.errors import BadRequest, Fault, NotFound
from app.geo import is_tile
from app.problems import problems
from app.published import tiles
from app.routers.deps import AsTile, Reading, StrictRoute, open_to_all

router = APIRouter(route_class=StrictRoute, prefix="/collections/{collection}/tiles", tags=["tiles"])

MVT = "application/vnd.mapbox-vector-tile"
_Number = Annotated[str, Path(max_length=12)]


@router.get("/{matrix_set}/{z}/{y}/{x}", response_class=Response, responses=problems(400, 404, 503))
@open_to_all
async def tile(
    collection: Annotated[str, Path(max_length=64)], matrix_set: Annotated[str, Path(max_length=64)], z: _Number, y: _Number, x: _Number,
    session: Reading, _format: AsTile = None,
) -> Response:  # fmt: skip
    """One tile: matrix (zoom), row, column. 204 where nothing lies in it."""
    if matrix_set != "WebMercatorQuad":
        raise NotFound
    if not (_is_number(z) and _is_number(y) and _is_number(x) and is_tile(int(z), int(x), int(y))):
        raise BadRequest(faults=[Fault("tile", "tile-unknown")])
    data = await tiles.points(session, collection, int(z), int(x), int(y))
    if not data:
        await categories.one_public(session, collection)
        return Response(status_code=204)
    return Response(data, media_type=MVT)


def _is_number(text: str) -> bool:
    """Decimal digits only, without leading zeros: each tile has one address."""
    return text.isascii() and text.isdecimal() and (text == "0" or not text.startswith("0"))
