"""The words of signatures: what a handler gets of a request, and how `/api` tells of it.

All dependencies are coroutines: FastAPI would run a plain function in a thread, which costs more than the function. They are few,
because each costs about as much as a small statement: what only needs the request is a plain function to call.
"""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Path, Query, Request
from pydantic import WithJsonSchema

from app.db import ReadSession
from app.errors import NotFound
from app.http.framing import base_url, language_of
from app.http.multipart import MEDIA_TYPE as FORM_OF_A_FILE
from app.http.services import services
from app.language import Language
from app.settings import Settings
from app.wire import Wire


async def settings_of(request: Request) -> Settings:
    return services(request).settings


async def open_read(request: Request) -> ReadSession:
    database = services(request).database
    return database.public


ReadAccess = Annotated[ReadSession, Depends(open_read)]
CollectionId = Annotated[str, Path(max_length=64, examples=["posyandu"])]
Configured = Annotated[Settings, Depends(settings_of)]


async def language(request: Request) -> Language:
    return language_of(request)


Speaking = Annotated[Language, Depends(language)]


def uuid_of(text: str, unknown: str) -> UUID:
    """What is no UUID names nothing: 404, as for one that nobody has."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(unknown) from None


async def item_id(item: Annotated[str, Path(max_length=64)]) -> UUID:
    return uuid_of(item, "item-unknown")


async def point_id(point: Annotated[str, Path(max_length=64)]) -> UUID:
    return uuid_of(point, "point-unknown")


async def webhook_id(webhook: Annotated[str, Path(max_length=64)]) -> UUID:
    return uuid_of(webhook, "webhook-unknown")


async def revision_id(revision: Annotated[str, Path(max_length=64)]) -> UUID:
    return uuid_of(revision, "revision-unknown")


PointId = Annotated[UUID, Depends(point_id)]
ItemId = Annotated[UUID, Depends(item_id)]
WebhookId = Annotated[UUID, Depends(webhook_id)]
RevisionId = Annotated[UUID, Depends(revision_id)]


# `?draft=true` keeps what is sent without submitting it.
AsDraft = Annotated[Literal["true", "false"] | None, Query(alias="draft"), WithJsonSchema({"type": "boolean"})]
# `?dry_run=true` tells what would happen, and changes nothing.
DryRun = Annotated[Literal["true", "false"] | None, Query(alias="dry_run"), WithJsonSchema({"type": "boolean"})]
# Read by `read_limit`, which takes more than there is for the most.
PageLimit = Annotated[str | None, Query(description="Entries of a page"), WithJsonSchema({"type": "integer", "minimum": 1})]


def read_limit(limit: str | None, default: int, most: int) -> int | None:
    """The number of a page's items; above the maximum it is clamped, as OGC API Features wants. None: it is no number from 1."""
    if limit is None:
        return default
    if limit.isdecimal() and limit.isascii() and len(limit) < 16 and int(limit) > 0:
        return min(int(limit), most)
    return None


async def here(request: Request) -> str:
    return base_url(request)


Here = Annotated[str, Depends(here)]


# From where the feed of changes goes on after what is answered (docs/changes.md).
CHANGES_CURSOR = "Titik-Changes-Cursor"
# What only the asker may see, and no cache may keep.
PRIVATE = {"Cache-Control": "private, no-store", "Vary": "Authorization, Cookie"}


def body_of(model: type[Wire], *media_types: str, required: bool = True) -> dict[str, Any]:
    """The body of a route as OpenAPI tells it, JSON where no types are named; it is read by `wire.parse`."""
    content = {media_type: {"schema": model.model_json_schema()} for media_type in media_types or ("application/json",)}
    return {"requestBody": {"required": required, "content": content}}


# The formats that a route can answer in, as the parameter `f`.
AsJson = Annotated[Literal["json"] | None, Query(alias="f")]
AsTile = Annotated[Literal["mvt"] | None, Query(alias="f")]
AsPage = Annotated[Literal["json", "html"] | None, Query(alias="f")]


def file_of(*media_types: str, description: str = "The file itself") -> dict[str, object]:
    """The body of a route that is a file, as OpenAPI tells it; it may also come within a form, as its only part."""
    file = {"type": "string", "format": "binary"}
    form = {"type": "object", "required": ["file"], "properties": {"file": file}, "additionalProperties": False}
    content = {media_type: {"schema": file} for media_type in media_types} | {FORM_OF_A_FILE: {"schema": form}}
    return {"requestBody": {"required": True, "description": f"{description}, or a form with it as its only part", "content": content}}
