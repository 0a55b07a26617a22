"""A photo of a point comes in, at either door: as the body of a request, and with a form."""

from uuid import UUID

from fastapi import Request

from app.errors import WrongMedia
from app.http.editing import Editing
from app.http.services import services
from app.photos import service
from app.photos.developing import check_format
from app.photos.queries import PhotoRow
from app.photos.rules import FORMATS
from app.photos.service import Sent

# Whoever does not know which of them it is, sends bytes.
BYTES = "application/octet-stream"
TYPES = (*FORMATS, BYTES)


async def take_in(request: Request, point: UUID, photo: UUID | None, content: bytes, called: str | None) -> tuple[PhotoRow, bool]:
    """The photo, and whether it is new. Asked first whether it may come; decoded and kept without holding anything; then its row is stored.
    Sent again, it also heals one whose bytes have been lost. `called`: the type that it is said to have.
    """
    store = services(request).photo_store
    if called and called not in TYPES:
        raise WrongMedia(accepted=", ".join(TYPES))
    sent = Sent.of(point, photo, content)
    async with Editing(request) as editor:
        row = await service.expect(editor.session, editor.actor, sent)
    if row is not None and await service.is_kept(store, row):
        return row, False
    check_format(content, called if called and called != BYTES else None)
    picture = await services(request).darkroom.develop(content)
    await service.keep(store, picture, row)
    if row is not None:
        return row, False
    async with Editing(request, counted=False) as editor:
        row, created = await service.add(editor.session, editor.actor, sent, picture)
    await service.keep_unless_swept(store, picture, row)
    return row, created
