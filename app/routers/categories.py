"""Categories, so far the sheet that offices fill in."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from app.categories import queries as categories
from app.problems import problems
from app.published.catalogue import Catalogue
from app.published.formats import FORMATS
from app.regions.queries import all_regions, inner_places
from app.routers.answers import shared
from app.routers.deps import Reading, StrictRoute, half_of, open_to_all
from app.settings import Settings
from app.transfers import templating

router = APIRouter(route_class=StrictRoute, prefix="/categories", tags=["imports"])

XLSX = FORMATS["xlsx"].media_type


@router.get(
    "/{category}/template.xlsx",
    response_class=Response,
    responses={200: {"content": {XLSX: {}}}, 304: {"description": "Not changed"}, **problems(400, 401, 403, 404, 503)},
)
@open_to_all
async def get_template(
    category: Annotated[str, Path(max_length=64, examples=["posyandu"])], request: Request, session: Reading
) -> Response:
    """A sheet to fill in and send to `/imports`: in Indonesian, with lists to choose from, examples, and notes on every column."""
    half = await half_of(request)
    catalogue: Catalogue = request.app.state.catalogue
    card = catalogue.known.category(half, category)
    settings: Settings = request.app.state.settings
    rules = await categories.fresh(session, category)
    known = catalogue.known

    async def make() -> bytes:
        regions = await all_regions(session)
        inside = await inner_places(session, regions)
        return await asyncio.to_thread(templating.make, rules, card.title.id, regions, inside, settings.spool_directory)

    headers = {"Content-Disposition": f'attachment; filename="{card.id}.xlsx"', "Content-Language": "id"}
    version = f"{rules.version}-{known.edition.id if known.edition else 0}"
    return await shared(request, ("template", half, category), version, make, XLSX, headers, kept=False)
