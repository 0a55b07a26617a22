"""Photos of a point: sent by who works on it, seen by others when they are published with it."""

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends, Path, Query, Request, Response

from app.audit.record import Action
from app.errors import BadRequest, Fault, NotFound
from app.http.answers import matches
from app.http.credentials import has_credential
from app.http.editing import Editing
from app.http.framing import base_url
from app.http.intake import sent_as
from app.http.parameters import PRIVATE, PointId, file_of, uuid_of
from app.http.photographing import TYPES, take_in
from app.http.problems import problems
from app.http.reader import reader_of
from app.http.rights import needs, open_to_all
from app.http.route import StrictRoute
from app.http.services import services
from app.photos import service
from app.photos.queries import PublishedPhotoRow
from app.photos.schemas import MEDIA_TYPE, Photo, Photos, photo_json
from app.photos.storing import names_of

router = APIRouter(route_class=StrictRoute, prefix="/points/{point}/photos", tags=["photos"])

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_BODY = file_of(*TYPES)
# A picture is nothing but a picture, whoever opens it and with what.
_CAREFUL = {"Content-Security-Policy": "default-src 'none'; sandbox", "Cross-Origin-Resource-Policy": "cross-origin"}
_PUBLIC = {"Cache-Control": "public, max-age=300", "Vary": "Authorization, Cookie"}


async def photo_id(photo: Annotated[str, Path(max_length=64)]) -> UUID:
    return uuid_of(photo, "photo-unknown")


PhotoId = Annotated[UUID, Depends(photo_id)]

_log = structlog.get_logger("titik.photos")


@router.get("", operation_id="getPhotos", responses=problems(400, 401, 403, 404, 503))
@open_to_all
async def get_photos(point: PointId, request: Request, response: Response) -> Photos:
    """The photos of a point: those that are published with it; for who works on it all, with what was found out about each."""
    rows, headers = await _seen(request, point)
    response.headers.update(headers)
    return {"photos": [photo_json(row, base_url(request)) for row in rows]}


@router.get(
    "/{photo}",
    operation_id="getPhoto",
    response_class=Response,
    responses={
        200: {"content": {MEDIA_TYPE: _BINARY}}, 304: {"description": "Not changed"}, **problems(400, 401, 403, 404, 503),
    },
)  # fmt: skip
@open_to_all
async def get_photo(
    point: PointId, photo: PhotoId, request: Request, size: Annotated[Literal["full", "small"], Query()] = "full"
) -> Response:
    """A photo as JPEG, at most 2,048 pixels long, or small (320) for lists."""
    rows, headers = await _seen(request, point)
    row = next((row for row in rows if row["id"] == photo), None)
    if row is None:
        raise NotFound("photo-unknown")
    etag = f'"{row["sha256"].hex()[:32]}-{size}"'
    photo_headers = {**headers, **_CAREFUL, "ETag": etag, "Content-Disposition": f'inline; filename="{photo}.jpg"'}
    if matches(request.headers.get("if-none-match"), etag):
        return Response(None, 304, photo_headers)
    content = await services(request).photo_store.get(names_of(row["sha256"])[size == "small"])
    if content is None:
        _log.warning("a photo is lost; sent again, it is kept again", photo=str(photo), point=str(point))
        raise NotFound("photo-unknown")
    return Response(content, 200, photo_headers, MEDIA_TYPE)


@router.post(
    "",
    status_code=201,
    operation_id="postPhoto",
    openapi_extra=_BODY,
    responses={
        200: {"description": "The same photo had been sent before", "model": Photo},
        **problems(400, 401, 403, 404, 409, 413, 422, 503),
    },
)
@needs(Action.PHOTO_ADD)
async def post_photo(point: PointId, request: Request, response: Response) -> Photo:
    """Adds a photo (JPEG, PNG or WebP, at most 10 MB and 40 megapixels). The same bytes again are the same photo."""
    return await _add(request, response, point, None)


@router.put(
    "/{photo}",
    operation_id="putPhoto",
    openapi_extra=_BODY,
    responses={
        201: {"description": "Added", "model": Photo},
        200: {"description": "The same photo had been sent before under this id", "model": Photo},
        **problems(400, 401, 403, 404, 409, 413, 422, 503),
    },
)
@needs(Action.PHOTO_ADD)
async def put_photo(point: PointId, photo: PhotoId, request: Request, response: Response) -> Photo:
    """Adds a photo under an id that the phone has made (UUIDv7): safe to repeat until it is answered."""
    if photo.version != 7:
        raise BadRequest(faults=[Fault("photo", "not-a-uuid7")])
    return await _add(request, response, point, photo)


@router.delete("/{photo}", status_code=204, operation_id="deletePhoto", responses=problems(400, 401, 403, 404, 503))
@needs(Action.PHOTO_REMOVE)
async def delete_photo(point: PointId, photo: PhotoId, request: Request) -> Response:
    """Deletes a photo, also where it is published."""
    async with Editing(request) as editor:
        await service.remove(editor.session, editor.actor, point, photo)
    return Response(status_code=204, headers=PRIVATE)


async def _add(request: Request, response: Response, point: UUID, photo: UUID | None) -> Photo:
    content = await request.body()
    row, created = await take_in(request, point, photo, content, sent_as(request)[1])
    response.status_code = 201 if created else 200
    document = photo_json(row, base_url(request))
    response.headers.update(PRIVATE | {"Location": document["href"]})
    return document


async def _seen(request: Request, point: UUID) -> tuple[Sequence[PublishedPhotoRow], dict[str, str]]:
    """The photos that whoever asks may see, and the headers of what is theirs. Of a point that is not in sight there are none."""
    if has_credential(request):
        async with Editing(request) as editor:
            rows = await service.of_point(editor.session, editor.actor, point)
        if rows is not None:
            return rows, PRIVATE
    reader = await reader_of(request)
    document = await service.shown_of_point(reader.session, reader.half, point)
    return document, PRIVATE if has_credential(request) else _PUBLIC
