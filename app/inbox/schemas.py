"""Notices as their readers get them."""

from datetime import datetime
from typing import Literal, NotRequired
from uuid import UUID

from app.reviews.workflow import State
from app.wire import Answer, Page


class Notice(Answer):
    """What one is told; where it is about a revision, which one, and where its point lies."""

    id: int
    kind: Literal["returned", "unpublished", "handed-over", "webhook-paused", "identity-asks", "identity-bound"]
    created_at: datetime
    read_at: NotRequired[datetime]
    kelurahan: NotRequired[str]
    kelurahan_name: NotRequired[str]
    category: NotRequired[str]
    point: NotRequired[UUID]
    revision: NotRequired[UUID]
    name: NotRequired[str]
    state: NotRequired[State]
    reason: NotRequired[str]
    account: NotRequired[str]
    """The account that it is about."""
    href: NotRequired[str]


class Unread(Answer):
    unread: int


class Inbox(Unread, Page):
    notices: list[Notice]
