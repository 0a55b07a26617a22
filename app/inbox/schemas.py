"""Notices as their readers get them."""

from datetime import datetime
from typing import Literal, NotRequired
from uuid import UUID

from app.access.rights import Role
from app.inbox.kinds import NoticeKind
from app.wire import Answer, Page
from app.workflow.table import State


class Notice(Answer):
    """What one is told; where it is about a revision, which one, of what, and where that is."""

    id: int
    kind: NoticeKind
    created_at: datetime
    read_at: NotRequired[datetime]
    kelurahan: NotRequired[str]
    kelurahan_name: NotRequired[str]
    category: NotRequired[str]
    subject_kind: NotRequired[str]
    """Of what it is a revision: `point`. Others will come; who knows only points leaves them alone."""
    subject: NotRequired[UUID]
    """The id of that; of a point the same as `point`."""
    point: NotRequired[UUID]
    revision: NotRequired[UUID]
    name: NotRequired[str]
    state: NotRequired[State | Literal["received", "in-progress", "closed"]]
    reason: NotRequired[str]
    account: NotRequired[str]
    """The account that it is about."""
    role: NotRequired[Role]
    """Of that account, as it is now."""
    report: NotRequired[str]
    """The number of a report that waits for an answer."""
    href: NotRequired[str]


class Unread(Answer):
    unread: int


class Inbox(Unread, Page):
    notices: list[Notice]
