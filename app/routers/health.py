"""Is the service alive, and can it do its work?"""

from typing import Literal

from fastapi import APIRouter, Request, Response

from app.boundaries.notes import Boundaries, edition_json
from app.errors import Unavailable
from app.http.parameters import Speaking
from app.http.problems import problems
from app.http.rights import open_to_all
from app.http.route import StrictRoute
from app.http.services import services
from app.placement.edition import active_edition
from app.wire import Answer

router = APIRouter(route_class=StrictRoute, prefix="/health", tags=["health"])


class Alive(Answer):
    status: Literal["ok"]


class Ready(Alive):
    boundaries: Boundaries


@router.get("/live", responses=problems(400))
@open_to_all
async def live() -> Alive:
    """200 as long as the process answers; asks nobody else."""
    return {"status": "ok"}


@router.get("/ready", responses=problems(400, 503))
@open_to_all
async def ready(request: Request, response: Response, language: Speaking) -> Ready:
    """200 when points can be written, judged and read; else 503."""
    response.headers["Cache-Control"] = "no-store"
    database = services(request).database
    database.guard.check_ready()
    async with database.open_write(reading=True) as session:
        writable = await active_edition(session)
    edition = await active_edition(database.public)
    if writable is None or edition is None:
        raise Unavailable("no-edition")
    return {"status": "ok", "boundaries": edition_json(edition, language)}
