"""Webhooks as administrators send them and get them back."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, NotRequired
from uuid import UUID

from pydantic import Field, StringConstraints

from app.language import Language
from app.webhooks.event_types import TYPES
from app.webhooks.rules import LONGEST_URL
from app.webhooks.words import ERRORS, PAUSES
from app.wire import Answer, Instant, OneLine, Page, Wire, answer_from

if TYPE_CHECKING:
    EventType = str
else:
    # As many as the nouns have: no type checker can count them.
    EventType = Literal[tuple(TYPES)]
WebhookState = Literal["active", "paused"]
DeliveryOutcome = Literal["delivered", "failed"]
Url = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_URL)]
Types = Annotated[list[EventType], Field(min_length=1, max_length=len(TYPES))]
Codes = Annotated[list[Annotated[str, StringConstraints(min_length=1, max_length=64)]], Field(min_length=1, max_length=100)]
WebhookDescription = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True), OneLine]


class NewWebhook(Wire):
    """`categories` and `kelurahan` narrow it down; absent: all of them."""

    url: Url
    types: Types
    categories: Codes | None = None
    kelurahan: Codes | None = None
    description: WebhookDescription | None = None


class ChangedWebhook(Wire):
    """Only what is to change; null takes a limit or the description away. `active` goes on after a pause, where it stopped."""

    url: Url | None = None
    types: Types | None = None
    categories: Codes | None = None
    kelurahan: Codes | None = None
    description: WebhookDescription | None = None
    state: WebhookState | None = None


class Replaying(Wire):
    """One of the three: everything since an instant, everything from an event on, or the one that failed, now."""

    since: Instant | None = None
    event: Annotated[UUID, Field(strict=False)] | None = None
    failed: Literal[True] | None = None


class Paused(Answer):
    reason: Literal["failing", "gone", "by-hand"]
    at: datetime
    text: str


class Failure(Answer):
    """Why an attempt came to nothing."""

    code: str
    text: str


class Webhook(Answer):
    id: UUID
    url: str
    description: NotRequired[str]
    types: list[EventType]
    categories: NotRequired[list[str]]
    kelurahan: NotRequired[list[str]]
    state: WebhookState
    failures: int
    """In a row."""
    failing_since: NotRequired[datetime]
    next_try_at: NotRequired[datetime]
    secret_before_until: NotRequired[datetime]
    """Until then everything is signed with the old secret too."""
    created_at: datetime
    paused: NotRequired[Paused]


class Webhooks(Answer):
    webhooks: list[Webhook]
    numberReturned: int  # noqa: N815 - as in `Page`


class WaitedWebhook(Webhook):
    waiting: int
    """How many events wait for it, up to a thousand."""


class AddedWebhook(WaitedWebhook):
    secret: str
    """Shown this once."""


class NewSecret(Answer):
    secret: str
    secret_before_until: datetime


def webhook_json(row: Mapping[str, Any], language: Language) -> Webhook:
    reason = row["paused_reason"]
    paused: Paused | None = {"reason": reason, "at": row["paused_at"], "text": PAUSES[reason].say(language)} if reason else None
    return answer_from(Webhook, {**row, "paused": paused})


def failure_json(code: str | None, language: Language) -> Failure | None:
    return {"code": code, "text": ERRORS[code].say(language)} if code else None


class Delivery(Answer):
    status: DeliveryOutcome
    id: int
    event_id: UUID
    type: str
    subject: str
    attempts: int
    code: NotRequired[int]
    """The HTTP status of the last answer."""
    ms: int
    excerpt: NotRequired[str]
    """The beginning of the last answer, where the event was not taken."""
    first_at: datetime
    last_at: datetime
    error: NotRequired[Failure]


class Deliveries(Page):
    deliveries: list[Delivery]


class Pong(Answer):
    event_id: UUID
    status: DeliveryOutcome
    code: NotRequired[int]
    ms: int
    error: NotRequired[Failure]
    excerpt: NotRequired[str]


def delivery_json(row: Mapping[str, Any], language: Language) -> Delivery:
    document = {"status": "delivered" if row["delivered"] else "failed", "error": failure_json(row["error"], language)}
    return answer_from(Delivery, {**row, **document})
