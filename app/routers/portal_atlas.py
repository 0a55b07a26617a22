"""Pages of the atlas for everybody: the map with its list, a point, a kelurahan, and what of it is printed."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Request, Response

from app.atlas import queries, searching
from app.atlas.queries import PointPageRow
from app.atlas.searching import FoundPoints
from app.collections import kinds
from app.errors import NotFound
from app.http.answers import unchanged
from app.http.framing import frame_of, page_headers
from app.http.parameters import PRIVATE, uuid_of
from app.http.reader import Reader, reader_of
from app.http.rendering import FORMAT_NAMES, GEOJSON, HTML, link, outlines_of, remembered_document
from app.http.rights import open_to_all
from app.http.route import StrictRoute, reads_its_query
from app.http.services import services
from app.http.visiting import visitor_of
from app.pages import atlas, atlas_map, atlas_paper
from app.pages.atlas import KelurahanPage, PointPage
from app.pages.atlas_map import MapPageOptions, SentView, sent_view
from app.pages.atlas_paper import PaperSize
from app.pages.frame import Frame, Links, policy
from app.pages.frame import version as page_version

router = APIRouter(route_class=StrictRoute, tags=["pages"], include_in_schema=False)

LISTED, LISTED_OF_KELURAHAN = 50, 100
STREETS = "https://tile.openstreetmap.org"
"""Whom the map asks for streets, where the city has none of its own and somebody has said yes."""


@router.get("/p/{point}")
@open_to_all
async def get_point_page(request: Request, point: Annotated[str, Path(max_length=64)]) -> Response:
    """A point to read. 404 where it never was public, 410 with what became of it where it is not any more."""
    reader = await reader_of(request)
    wanted = uuid_of(point, "point-not-public")
    if (
        reader.half == "published"
        and await visitor_of(request) is None
        and (known := unchanged(request, _version(reader), page_headers(request)))
    ):
        return known
    row = await queries.read_point(reader.session, reader.half, wanted)
    if row["feature"] is None:
        return await _ended(request, reader, row)
    feature = orjson.loads(row["feature"])
    collection = kinds.one(reader.known, reader.half, feature["properties"]["category"])
    shown = PointPage(collection, feature, row["history"], row["photos"], reader.half == "published")
    own = f"{reader.here}/collections/{collection.id}/items/{wanted}?f=geojson"

    async def render(frame: Frame) -> str:
        return atlas.point(frame, reader.known, shown, await outlines_of(request, reader.known))

    return await _answer(request, reader, render, [_geojson(own)])


async def _ended(request: Request, reader: Reader, row: PointPageRow) -> Response:
    history = row["history"]
    await visitor_of(request)
    if history is None:
        raise NotFound("point-not-public")
    collection = kinds.one(reader.known, reader.half, history["category"])
    region = reader.known.directory.kelurahan.get(history["kelurahan"])
    name = region.name if region else history["kelurahan"]
    page = atlas.ended(frame_of(request), history, reader.known.categories[history["category"]], collection, name)
    return Response(page, 410, {**PRIVATE, **page_headers(request)}, HTML)


@router.get("/k/{code}")
@open_to_all
async def get_kelurahan_page(request: Request, code: Annotated[str, Path(max_length=100)]) -> Response:
    """A kelurahan to read, by its code or its name."""
    reader = await reader_of(request)
    known, region = reader.known, reader.known.directory.find(code)
    if region is None or known.edition is None:
        raise NotFound("area-unknown")
    if region.code != code:
        return Response(None, 303, {"Location": f"{reader.here}/k/{region.code}"})

    async def render(frame: Frame) -> str:
        row = await queries.read_kelurahan(reader.session, reader.half, region.code)
        if row is None or known.edition is None:
            raise NotFound("area-unknown")
        found = await _found(request, reader, {"kelurahan": region.code}, LISTED_OF_KELURAHAN)
        number = found.matched if found.matched is not None else sum(row["numbers"].values())
        shown = KelurahanPage(row, found.features, number, known.edition.name, known.edition.accuracy_m)
        return atlas.kelurahan(frame, shown, await outlines_of(request, known), known.visible(reader.half))

    return await _answer(request, reader, render, [_geojson(f"{reader.here}/collections/kelurahan/items/{region.code}?f=geojson")])


@router.get("/portal/peta")
@reads_its_query
@open_to_all
async def get_map_page(request: Request) -> Response:
    """The map and the list of what is looked for. What others add to an address that they pass on (`fbclid`, `utm_source`) does no harm."""
    cursor = request.query_params.get("cursor") or None
    options = MapPageOptions(is_later=cursor is not None, is_part=request.query_params.get("part") == "list")
    return await _map(request, await reader_of(request), sent_view(request.query_params), options, cursor=cursor)


async def start_page(request: Request, reader: Reader, links: Links, note: str | None) -> Response:
    """The first page of the service. `note`: what is to be known of its boundaries."""
    return await _map(request, reader, sent_view({}), MapPageOptions(is_start=True, note=note), links)


async def _map(
    request: Request, reader: Reader, sent: SentView, options: MapPageOptions, links: Links = (), *, cursor: str | None = None
) -> Response:
    async def render(frame: Frame) -> str:
        found = await _found(request, reader, sent.fields, LISTED, cursor)
        return atlas_map.atlas(frame, reader.known, found, sent, await outlines_of(request, reader.known), options)

    # The map may ask for streets.
    streets = {} if services(request).settings.basemap else {"Content-Security-Policy": policy(STREETS)}
    return await _answer(request, reader, render, links, headers=streets)


@router.get("/portal/cetak")
@reads_its_query
@open_to_all
async def get_paper_page(request: Request) -> Response:
    """The same view on a sheet of paper (`paper`: A4 or A3)."""
    reader = await reader_of(request)
    sent = sent_view(request.query_params)
    size: PaperSize = "A3" if request.query_params.get("paper") == "A3" else "A4"
    day = datetime.now(reader.known.cities.zone).date()

    async def render(frame: Frame) -> str:
        found = await _found(request, reader, sent.fields, atlas_paper.LISTED)
        return atlas_paper.paper(frame, reader.known, found, sent, await outlines_of(request, reader.known), size, day)

    return await _answer(request, reader, render, day=day.isoformat())


async def _found(request: Request, reader: Reader, fields: Mapping[str, str], limit: int, cursor: str | None = None) -> FoundPoints:
    secret = services(request).settings.secret
    return await searching.find(reader.session, reader.half, reader.known, secret, fields, limit, cursor)


def _geojson(address: str) -> Mapping[str, object]:
    return link("alternate", GEOJSON, address, FORMAT_NAMES["geojson"])


async def _answer(
    request: Request,
    reader: Reader,
    render: Callable[[Frame], Awaitable[str]],
    links: Links = (),
    *,
    headers: Mapping[str, str] | None = None,
    day: str = "",
) -> Response:
    """A page, the same for everybody who reads the same half in the same language; `day` where it says which it is."""

    async def make() -> bytes:
        return (await render(frame_of(request, links))).encode()

    version = f"{_version(reader)}{day}"
    return await remembered_document(request, reader.half, version, make, HTML, {**page_headers(request), **(headers or {})})


def _version(reader: Reader) -> str:
    """Of all that such a page shows: points of any category, categories, boundaries, words."""
    return f"{reader.known.together(reader.half).version}-{reader.known.version}-{page_version()}-{reader.language}"
