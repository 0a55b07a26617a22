"""Rescue files: what a phone could not send, brought by a colleague."""

import asyncio
import time
from typing import Any, NamedTuple

import structlog
from fastapi import APIRouter, Request

from app.audit.record import Action
from app.errors import TitikError, Unavailable
from app.http.editing import Editing
from app.http.intake import uploaded
from app.http.parameters import file_of
from app.http.problems import problem_of, problems, status_of
from app.http.rights import needs
from app.http.route import StrictRoute, takes_a_file
from app.http.services import services
from app.photos import service as photos
from app.photos.developing import check_format
from app.sync import rescue
from app.sync.rescue import RescueFile, RescuePhoto
from app.sync.schemas import RescueAnswer, RescuedPhoto, Result, client_id_of, read_change

router = APIRouter(route_class=StrictRoute, prefix="/sync/rescue", tags=["sync"])

WITHIN_S = 20.0
_log = structlog.get_logger("titik")
_FILE = file_of("application/json", "application/vnd.titik.rescue+json", description="The rescue file")


class Rescued(NamedTuple):
    file: RescueFile
    answer: RescueAnswer


@router.post("", openapi_extra=_FILE, responses=problems(400, 401, 403, 413, 422, 503))
@needs(Action.RESCUE_BRING)
@takes_a_file
async def bring_rescue(request: Request) -> RescueAnswer:
    """Takes in what a phone has saved because it could not send it. Its changes become those of the account that recorded them, as far as the bringer
    may write for the same kelurahan; who brought them is recorded, and decides on none of them. The same file again does no harm.
    """
    return (await take_in(request)).answer


async def take_in(request: Request) -> Rescued:
    """Each change and each photo in a transaction of its own: what is acknowledged stays, whatever becomes of the rest. `Unreadable`, `Forbidden`."""
    upload = uploaded(request)
    file = await asyncio.to_thread(lambda: rescue.read_rescue(upload.file.read()))
    async with Editing(request, reading=True, counted=False) as editor:
        writer = await rescue.find_writer(editor.session, editor.actor, file.account)
    until = time.monotonic() + WITHIN_S
    results = [await _change(request, writer, sent, until) for sent in file.changes]
    pictures = [await _photo(request, writer, photo, until) for photo in file.photos]
    answer: RescueAnswer = {
        "account": writer.name, "results": results, "photos": pictures, "drafts": len(file.drafts), "contacts_left_out": file.contacts_left_out,
    }  # fmt: skip
    return Rescued(file, answer)


async def _change(request: Request, writer: Any, sent: Any, until: float) -> Result:
    client_id = client_id_of(sent)
    try:
        if time.monotonic() > until:
            raise Unavailable("sync-later")
        change = read_change(sent)
        async with Editing(request, counted=False) as editor:
            outcome = await rescue.bring(editor.session, editor.actor, writer, change, sent)
    except TitikError as error:
        _log.info("refused", code=error.code, path="/sync/rescue", request_id=request.scope["state"]["request_id"])
        is_later = isinstance(error, Unavailable)
        refusal: Result = {
            "client_id": client_id, "kind": "point", "status": "later" if is_later else "refused", "code": status_of(error),
            "problem": problem_of(error, request),
        }  # fmt: skip
        return refusal
    return {
        "client_id": client_id,
        "kind": "point",
        "status": outcome.status,
        "code": 200,
        "id": str(change.point),
        "repeated": outcome.repeated,
    }


async def _photo(request: Request, writer: Any, photo: RescuePhoto, until: float) -> RescuedPhoto:
    """As `PUT /points/{point}/photos/{photo}` of its writer."""
    store, told = services(request).photo_store, RescuedPhoto(id=str(photo.id), point=str(photo.point), status="stored")
    try:
        if time.monotonic() > until:
            raise Unavailable("sync-later")
        content = photo.content
        sent = photos.Sent.of(photo.point, photo.id, content)
        async with Editing(request, counted=False) as editor:
            await rescue.act_for(editor.session, writer)
            row = await photos.expect(editor.session, writer, sent)
        if row is None or not await photos.is_kept(store, row):
            check_format(content, None)
            picture = await services(request).darkroom.develop(content)
            await photos.keep(store, picture, row)
            if row is None:
                async with Editing(request, counted=False) as editor:
                    await rescue.act_for(editor.session, writer)
                    row, _ = await photos.add(editor.session, writer, sent, picture)
                await photos.keep_unless_swept(store, picture, row)
    except TitikError as error:
        status = "later" if isinstance(error, Unavailable) else "refused"
        return told | {"status": status, "problem": problem_of(error, request)}  # type: ignore[return-value]
    return told
