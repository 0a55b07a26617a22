"""The collections: every category that the public may see."""

from typing import Annotated, Any

from fastapi import APIRouter, Path

from app.boundaries import queries as boundaries
from app.categories import queries as categories
from app.db import ReadSession, Row
from app.language import Language
from app.problems import problems
from app.routers.deps import AsJson, Here, Reading, Speaking, StrictRoute, open_to_all

router = APIRouter(route_class=StrictRoute, prefix="/collections", tags=["collections"])

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


@router.get("", responses=problems(400, 503))
@open_to_all
async def collections(session: Reading, here: Here, language: Speaking, _format: AsJson = None) -> dict[str, Any]:
    """All collections with their extents and links (OGC API Features §7.13)."""
    extent = await _extent(session)
    return {
        "links": [{"rel": "self", "type": "application/json", "href": f"{here}/collections"}],
        "collections": [_collection(row, extent, here, language) for row in await categories.all_public(session)],
    }


@router.get("/{collection}", responses=problems(400, 404, 503))
@open_to_all
async def collection(
    collection: Annotated[str, Path(max_length=64)], session: Reading, here: Here, language: Speaking, _format: AsJson = None
) -> dict[str, Any]:
    """One collection."""
    row = await categories.one_public(session, collection)
    return _collection(row, await _extent(session), here, language)


async def _extent(session: ReadSession) -> list[float] | None:
    """That of the active boundaries: points lie within it, and it needs no look at them."""
    edition = await boundaries.active(session)
    return edition.extent if edition else None


def _collection(row: Row, extent: list[float] | None, here: str, language: Language) -> dict[str, Any]:
    path = f"{here}/collections/{row['id']}"
    shown: dict[str, Any] = {
        "id": row["id"],
        "title": row["title"][language],
        "description": row["description"][language],
        "itemType": "feature",
        "crs": [CRS84],
    }
    if extent:
        shown["extent"] = {"spatial": {"bbox": [extent], "crs": CRS84}}
    shown["links"] = [
        {"rel": "self", "type": "application/json", "href": path},
        {"rel": "items", "type": "application/geo+json", "href": f"{path}/items"},
        {
            "rel": "item",
            "type": "application/vnd.mapbox-vector-tile",
            "href": f"{path}/tiles/WebMercatorQuad/{{tileMatrix}}/{{tileRow}}/{{tileCol}}",
            "templated": True,
        },
    ]
    return shown
