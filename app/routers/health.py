"""Is the service alive, and can it do its work?"""

from typing import Literal, NotRequired

from fastapi import APIRouter, Request, Response

from app.boundaries.notes import WITHOUT_BOUNDARIES, Boundaries, edition_json
from app.errors import Unavailable
from app.http.parameters import Speaking
from app.http.problems import problems
from app.http.rights import open_to_all
from app.http.route import StrictRoute
from app.http.services import services
from app.placement.edition import CITIES_WITHOUT, active_edition
from app.wire import Answer

router = APIRouter(route_class=StrictRoute, prefix="/health", tags=["health"])


class Alive(Answer):
    status: Literal["ok"]


class ReadyWarning(Answer):
    """Something to be mended that does not keep the service from its work."""

    code: Literal["cities-without-boundaries"]
    detail: str


class Ready(Alive):
    boundaries: Boundaries
    warnings: NotRequired[list[ReadyWarning]]


@router.get("/live", responses=problems(400))
@open_to_all
async def live() -> Alive:
    """200 as long as the process answers; asks nobody else."""
    return {"status": "ok"}


@router.get("/ready", responses=problems(400, 503))
@open_to_all
async def ready(request: Request, response: Response, language: Speaking) -> Ready:
    """200 when points can be written, judged and read; else 503. `warnings`: what does not hold for all of the cities."""
    response.headers["Cache-Control"] = "no-store"
    database = services(request).database
    database.guard.check_ready()
    async with database.open_write(reading=True) as session:
        writable = await active_edition(session)
    edition = await active_edition(database.public)
    if writable is None or edition is None:
        raise Unavailable("no-edition")
    answer: Ready = {"status": "ok", "boundaries": edition_json(edition, language)}
    if names := await database.public.value(CITIES_WITHOUT):
        answer["warnings"] = [{"code": "cities-without-boundaries", "detail": WITHOUT_BOUNDARIES.say(language, {"names": names})}]
    return answer
