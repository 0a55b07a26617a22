"""What there is to do in a kelurahan: what should be on the map and is not, what nobody has verified for long, what was reported or returned."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.audit.record import Action
from app.http.editing import Editing
from app.http.framing import base_url
from app.http.parameters import PRIVATE, AsJson
from app.http.problems import problems
from app.http.rights import needs
from app.http.route import StrictRoute
from app.http.services import services
from app.quests import service
from app.quests.schemas import QuestList
from app.regions import queries as regions

router = APIRouter(route_class=StrictRoute, prefix="/quests", tags=["quests"])

OfKelurahan = Annotated[str, Query(max_length=20, examples=["35.71.01.1011"])]


@router.get("", operation_id="getQuests", responses=problems(400, 401, 403, 503))
@needs(Action.POINT_READ_WORK)
async def get_quests(kelurahan: OfKelurahan, request: Request, response: Response, _format: AsJson = None) -> QuestList:
    """The quests of a kelurahan, what others wait for first. All of it fits on a phone, which goes on with it without a network."""
    response.headers.update(PRIVATE)
    known = services(request).catalogue.known
    async with Editing(request) as editor:
        region = known.directory.kelurahan[await regions.code_of_parameter(editor.session, kelurahan) or ""]
        today = datetime.now(UTC).astimezone(known.cities.zone_of(region.code)).date()
        found = await service.read(editor.session, editor.actor, region, known.visible("internal"), today)
    here = f"{base_url(request)}/quests?kelurahan={region.code}"
    return {
        "kelurahan": region.code, "kelurahan_name": region.name, "today": today, "categories": found.categories, "quests": found.quests,
        "complete": found.complete,
        "links": [
            {"rel": "self", "type": "application/json", "href": here},
            {"rel": "related", "type": "application/json", "href": f"{base_url(request)}/profiles/{region.code}/{today.year}"},
        ],
    }  # fmt: skip
