"""Names and telephones of the people who answer for a point, for those who need them; every reading is recorded."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response

from app.audit.record import Action
from app.contacts import service
from app.contacts.schemas import Contact, Contacts, KeptContact
from app.http.editing import Editing
from app.http.framing import base_url
from app.http.parameters import PRIVATE, PointId, body_of, uuid_of
from app.http.problems import problems
from app.http.rights import needs
from app.http.route import StrictRoute
from app.wire import parse, read_json

router = APIRouter(route_class=StrictRoute, prefix="/points/{point}/contacts", tags=["contacts"])


async def contact_id(contact: Annotated[str, Path(max_length=64)]) -> UUID:
    return uuid_of(contact, "contact-unknown")


ContactPath = Annotated[UUID, Depends(contact_id)]


@router.get("", responses=problems(400, 401, 403, 404, 503))
@needs(Action.CONTACT_READ)
async def get_contacts(point: PointId, request: Request, response: Response) -> Contacts:
    """The contacts of a point. That they were read, and by whom, is recorded."""
    response.headers.update(PRIVATE)
    async with Editing(request) as editor:
        contacts = await service.read(editor.session, editor.actor, point)
    return {"contacts": contacts}


@router.post(
    "",
    status_code=201,
    openapi_extra=body_of(Contact),
    responses={
        200: {"description": "The same had been sent before", "model": KeptContact},
        **problems(400, 401, 403, 404, 409, 413, 422, 503),
    },
)
@needs(Action.CONTACT_WRITE)
async def post_contact(point: PointId, request: Request, response: Response) -> KeptContact:
    """Adds a contact, with the reason why it may be kept and the day on which its term ends."""
    async with Editing(request) as editor:
        contact = parse(Contact, read_json(await request.body()))
        added, is_new = await service.add(editor.session, editor.actor, point, contact, datetime.now(UTC).date())
    response.status_code = 201 if is_new else 200
    response.headers.update(PRIVATE | {"Location": f"{base_url(request)}/points/{point}/contacts/{added['id']}"})
    return added


@router.put("/{contact}", openapi_extra=body_of(Contact), responses=problems(400, 401, 403, 404, 413, 422, 503))
@needs(Action.CONTACT_WRITE)
async def put_contact(point: PointId, contact: ContactPath, request: Request, response: Response) -> KeptContact:
    """Replaces a contact."""
    response.headers.update(PRIVATE)
    async with Editing(request) as editor:
        sent = parse(Contact, read_json(await request.body()))
        return await service.change(editor.session, editor.actor, point, contact, sent, datetime.now(UTC).date())


@router.delete("/{contact}", status_code=204, responses=problems(400, 401, 403, 404, 503))
@needs(Action.CONTACT_WRITE)
async def delete_contact(point: PointId, contact: ContactPath, request: Request) -> Response:
    """Deletes a contact."""
    async with Editing(request) as editor:
        await service.remove(editor.session, editor.actor, point, contact)
    return Response(status_code=204, headers=PRIVATE)
