"""Notices as their readers get them."""

from datetime import datetime
from typing import Literal, NotRequired
from uuid import UUID

from app.accounts.rights import Role
from app.reviews.workflow import State
from app.wire import Answer, Page

NoticeKind = Literal[
    "returned", "unpublished", "handed-over", "webhook-paused", "identity-asks", "identity-bound",
    "reset-link", "token-issued", "role-changed", "reviewer-added", "admin-added", "account-changed",
]  # fmt: skip
# What is told of an account, to itself and to the other administrators.
AccountNotice = Literal["reset-link", "token-issued", "reviewer-added", "admin-added", "account-changed"]


class Notice(Answer):
    """What one is told; where it is about a revision, which one, and where its point lies."""

    id: int
    kind: NoticeKind
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
    role: NotRequired[Role]
    """Of that account, as it is now."""
    href: NotRequired[str]


class Unread(Answer):
    unread: int


class Inbox(Unread, Page):
    notices: list[Notice]
