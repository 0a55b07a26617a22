"""Webhooks as administrators send them and get them back."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from app.language import Language
from app.webhooks.rules import INTERNAL, LONGEST_URL, PUBLIC
from app.webhooks.words import ERRORS, PAUSES
from app.wire import Instant, Wire

EventType = Literal[
    "id.titik.point.published",
    "id.titik.point.changed",
    "id.titik.point.removed",
    "id.titik.revision.submitted",
    "id.titik.revision.withdrawn",
    "id.titik.revision.returned",
    "id.titik.revision.published",
    "id.titik.revision.unpublished",
    "id.titik.edition.activated",
]
Url = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_URL)]
Types = Annotated[list[EventType], Field(min_length=1, max_length=len(PUBLIC | INTERNAL))]
Codes = Annotated[list[Annotated[str, StringConstraints(min_length=1, max_length=64)]], Field(min_length=1, max_length=100)]
Description = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]


class NewWebhook(Wire):
    """`categories` and `kelurahan` narrow it down; absent: all of them."""

    url: Url
    types: Types
    categories: Codes | None = None
    kelurahan: Codes | None = None
    description: Description | None = None


class ChangedWebhook(Wire):
    """Only what is to change; null takes a limit or the description away. `active` goes on after a pause, where it stopped."""

    url: Url | None = None
    types: Types | None = None
    categories: Codes | None = None
    kelurahan: Codes | None = None
    description: Description | None = None
    state: Literal["active", "paused"] | None = None


class Replaying(Wire):
    """One of the three: everything since an instant, everything from an event on, or the one that failed, now."""

    since: Instant | None = None
    event: Annotated[UUID, Field(strict=False)] | None = None
    failed: Literal[True] | None = None


_SHOWN = (
    "id",
    "url",
    "description",
    "types",
    "categories",
    "kelurahan",
    "state",
    "failures",
    "failing_since",
    "next_try_at",
    "secret_before_until",
    "created_at",
)


def webhook_json(row: Mapping[str, Any], language: Language) -> dict[str, Any]:
    told = {name: row[name] for name in _SHOWN if row[name] is not None}
    if row["paused_reason"]:
        told["paused"] = {"reason": row["paused_reason"], "at": row["paused_at"], "text": PAUSES[row["paused_reason"]].say(language)}
    return told


_DELIVERY = ("id", "event_id", "type", "subject", "attempts", "code", "ms", "excerpt", "first_at", "last_at")


def delivery_json(row: Mapping[str, Any], language: Language) -> dict[str, Any]:
    told = {"status": "delivered" if row["delivered"] else "failed"} | {name: row[name] for name in _DELIVERY if row[name] is not None}
    if row["error"]:
        told["error"] = {"code": row["error"], "text": ERRORS[row["error"]].say(language)}
    return told
