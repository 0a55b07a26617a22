"""Forms with some fields, and perhaps one photo, read in memory: they come from anybody, and nothing of them is written to the disk."""

from collections.abc import AsyncGenerator
from typing import NamedTuple

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser

from app.errors import BadRequest, Fault
from app.http.multipart import is_form
from app.http.route import StrictRoute

MOST_FIELDS = 30
LONGEST_FIELD = 16 * 1024
PHOTO = "photo"


class PhotoForm(NamedTuple):
    """The fields that are not empty, by name, without blanks around them; the photo with the type that it is said to have."""

    fields: dict[str, str]
    photo: bytes | None
    media_type: str


class _InMemory(MultiPartParser):
    """What it reads has come whole, and is no larger than a photo may be."""

    spool_max_size = 1 << 30


class PhotoFormRoute(StrictRoute):
    """A route whose form has fields beside its file: the handler reads it with `read_photo_form`."""

    takes_file_of_form = False


async def read_photo_form(request: Request) -> PhotoForm:
    """`BadRequest` where it is no form, or one with a field twice."""
    form = await _parsed(request)
    fields: dict[str, str] = {}
    photo: bytes | None = None
    media_type = ""
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            # Where nobody has chosen one, browsers send an empty name; one that is chosen and empty is a mistake that somebody has to hear of.
            if value.filename:
                photo, media_type = await value.read(), (value.content_type or "").partition(";")[0].strip().lower()
            await value.close()
        elif name in fields:
            raise BadRequest(faults=[Fault(name[:100], "parameter-repeated")])
        elif name != PHOTO:
            fields[name] = value.strip()
    return PhotoForm({name: value for name, value in fields.items() if value}, photo, media_type)


async def _parsed(request: Request) -> FormData:
    """Also one without a file (application/x-www-form-urlencoded)."""
    body = await request.body()

    async def whole() -> AsyncGenerator[bytes, None]:
        yield body
        yield b""

    if not is_form(request.headers.get("content-type", "")):
        if len(body) > 4 * LONGEST_FIELD:
            raise BadRequest("form-unreadable")
        return await FormParser(request.headers, whole()).parse()
    parser = _InMemory(request.headers, whole(), max_files=1, max_fields=MOST_FIELDS, max_part_size=LONGEST_FIELD)
    try:
        return await parser.parse()
    except (MultiPartException, ValueError, LookupError):
        raise BadRequest("form-unreadable") from None
