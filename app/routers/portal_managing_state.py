"""The administrator's page of the service itself: whether its parts work, what waits, and which routes are slow."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response

from app.audit.record import Action
from app.errors import Unavailable
from app.http.editing import Editing
from app.http.framing import frame_of
from app.http.problems import problem_of
from app.http.rights import needs
from app.http.services import services
from app.http.visiting import PageRoute, page_answer
from app.operator import condition
from app.operator.condition import Part
from app.operator.numbers import queues
from app.pages import managing_state as pages
from app.pages.frame import Frame
from app.pages.managing_state import STATE, PartShown, RouteShown, StatePage, WaitingShown
from app.pages.visitor import Visitor
from app.traffic import service as traffic

router = APIRouter(route_class=PageRoute, prefix=STATE, include_in_schema=False)

_ROUTES_AT_MOST = 12


@router.get("")
@needs(Action.STATE_READ)
async def get_state(request: Request) -> Response:
    """Each part with what to do where it does not work, what waits and since when, and the slowest routes of the last hour."""
    present = services(request)
    # What this worker has counted a moment ago is in it too; those of the others follow within seconds.
    with suppress(Unavailable):
        await traffic.keep(present.database, present.timings)
    async with Editing(request, reading=True) as editor:
        waiting = await queues(editor.session, has_mail=present.settings.smtp_url is not None)
        routes = await traffic.slowest(editor.session, _ROUTES_AT_MOST)
    found = await condition.examine(present.database, present.settings, present.photo_store)
    frame = frame_of(request, visitor=Visitor(editor.actor.name, editor.actor.role, editor.actor.kelurahan))
    shown = StatePage(
        found.is_ready, _parts(request, frame, found.parts), found.disk.free, found.disk.total,
        [WaitingShown(row["kind"], row["number"], row["failed"], row["oldest_at"]) for row in waiting],
        [RouteShown(*route) for route in routes], datetime.now(UTC),
    )  # fmt: skip
    return page_answer(request, pages.state(frame, shown))


def _parts(request: Request, frame: Frame, parts: Sequence[Part]) -> list[PartShown]:
    return [PartShown(part.name, _advice(request, frame, part)) for part in parts]


def _advice(request: Request, frame: Frame, part: Part) -> str:
    """What `/health/ready` answers, where it is about that."""
    if part.is_well:
        return ""
    if part.error is None:
        return pages.advice(part.name, frame)
    told = problem_of(part.error, request)
    return " ".join(filter(None, (told["detail"], told.get("hint"))))
