"""`/portal/kemajuan`: how far kelurahan have come, as a page for everybody. It works without scripts."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.access.rights import Actor
from app.audit.record import Action
from app.errors import BadRequest
from app.http.rights import open_to_all
from app.http.visiting import PageRoute, page_answer, page_frame, refused_fields
from app.pages import progress as pages
from app.pages.progress import PROGRESS, ProgressShown, choices_of
from app.progress import reading
from app.progress.queries import LEVELS, ProgressLevel
from app.routers.progress import reading_progress

router = APIRouter(route_class=PageRoute, prefix=PROGRESS, include_in_schema=False)

MOST_AREAS = 200
"""Beyond that a page is no page any more; the table has them all."""
_NAMES = {"level": "tingkat", "period": "periode", "category": "kategori"}


@router.get("")
@open_to_all
async def get_progress_page(
    request: Request,
    tingkat: Annotated[str, Query(max_length=20)] = "",
    kecamatan: Annotated[str, Query(max_length=100)] = "",
    kategori: Annotated[str, Query(max_length=64)] = "",
    periode: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """By kecamatan, and from each on to its kelurahan: for every category, and for the profiles."""
    level: ProgressLevel = tingkat if tingkat in LEVELS else "kelurahan" if kecamatan else "kecamatan"
    sent = {"level": level, "kecamatan": kecamatan or None, "category": kategori or None, "period": periode.strip() or None}
    async with reading_progress(request) as reader:
        error: BadRequest | None = None
        try:
            query = reading.read_query(reader.known, reader.half, sent)
        except BadRequest as refused:
            error, query = refused, reading.read_query(reader.known, reader.half, {"level": level})
        areas = query.areas[:MOST_AREAS]
        on_map = await reading.read_map(reader, query, areas) if error is None else []
        of_profiles = await reading.read_figures(reader, query, areas) if error is None and not kategori else []
    shown = ProgressShown(
        level, query.period, {"kecamatan": kecamatan, "kategori": kategori, "periode": periode or str(query.period)},
        choices_of(reader.known.directory.kecamatan), [(card.id, card.title.say(reader.language)) for card in reader.known.visible(reader.half)],
        on_map, of_profiles, reader.sees_work, _reviews(reader.actor), len(query.areas) > len(areas),
        {_NAMES.get(name, name): text for name, text in refused_fields(request, error, "tingkat").items()},
    )  # fmt: skip
    return page_answer(request, pages.progress(await page_frame(request), shown), error)


def _reviews(actor: Actor | None) -> bool:
    return actor is not None and actor.may(Action.REVIEW_READ)
