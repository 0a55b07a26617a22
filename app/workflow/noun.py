"""A noun of the workflow: something whose states people propose, on which the walidata decides, and of which others are told when it is public.

A point is one. What reviewing, the inbox, the feed, webhooks and the record need to know of it stands in its `Noun`; nothing of theirs names a
table of its own. `app/nouns.py` lists them all. SQL in here is constants, joined into statements when the modules that use them are imported.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from app.access.rights import Actor
from app.audit.record import Action, Hashed
from app.db import Row, WriteSession
from app.workflow.differences import Difference
from app.workflow.table import Move

# Who may do which move: the same words for every noun; which kelurahan somebody writes for, row-level security of the table says.
ACTIONS: dict[Move, Action] = {
    "submit": Action.REVISION_SUBMIT,
    "publish": Action.REVISION_PUBLISH,
    "return": Action.REVISION_RETURN,
    "withdraw": Action.REVISION_WITHDRAW,
    "unpublish": Action.REVISION_UNPUBLISH,
}


class Publication(Protocol):
    """What one transaction of the walidata makes public of a noun."""

    async def add(self, claimed: Row, photos: Sequence[UUID]) -> None:
        """What follows at once from publishing this revision, all but the read halves. `claimed`: the columns of `Noun.claimed`, beside
        `id`, `subject`, `kelurahan`, `category`, `number`, `state` and `held_by`.
        """

    async def remove(self, claimed: Row) -> None:
        """What follows at once from taking this revision out of publication, all but the read halves."""

    async def finish(self) -> None:
        """The read halves, once for all that was added and removed: the last step before the commit."""


@dataclass(frozen=True, kw_only=True, eq=False)
class QueueEntry:
    """How a revision `r` of a noun stands in the walidata's queue: SQL."""

    kind: str
    """`new`, `change`, `confirm`, `move` or `close`."""
    name: str
    searched: str
    """The text in which words are looked for."""
    content: Callable[[str], str]
    """A jsonb object of what is compared, of the revision with this alias."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """More of what `reviews.queue.OWN` has a place for; what is not here is null."""
    clean: str = "true"
    """The condition of what has nothing that a reviewer must look at before it is published; a closing is never clean."""
    turned: str | None = None
    """The condition of what other boundaries have put elsewhere; none: no place of it is judged."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Noun:
    """`kind` is its word in the feed, in synchronising, in the queue, in the inbox and in events."""

    kind: str
    revisions: str
    """The table of its proposed states: the columns of `models.reviewed.Reviewed`, and `subject`."""
    subjects: str
    """The table of what they are states of; a row of it is locked before one of them is decided on."""
    subject: str
    """The column of `revisions` that names it."""
    items: str
    """The table in both read halves of what of it is public: `id`, `category`, `kelurahan`, `feature`."""
    path: str
    """Where one is read: with `{category}` and `{subject}`."""
    categories: str
    """A query of the ids that its category may be."""
    submitting: tuple[Action, ...] = ()
    """The deeds beside the move `submit` with which something goes to review."""
    claimed: tuple[str, ...] = ()
    """Columns that its `Publication` needs of what was decided."""
    with_claim: str = ""
    """A step (`, name AS (…)`) that goes with each decision, on the rows of `claimed`."""
    hashed: Hashed
    differences: Callable[[Mapping[str, object], Mapping[str, object]], list[Difference]]
    """Between two contents of `QueueEntry.content`."""
    queue: QueueEntry
    publication: Callable[[WriteSession, Actor], Publication]


# Of a decided revision `b` that was superseded only the record tells whether it had been published or returned.
WAS_PUBLIC = """(b.state IN ('published', 'unpublished')
              OR (b.state = 'superseded' AND b.decided_at IS NOT NULL
                  AND EXISTS (SELECT FROM titik.audit a WHERE a.subject = b.id::text AND a.action = 'revision.publish')))"""


def public_before(revisions: str, subject: str) -> str:
    """SQL: what the public saw, or last saw, before the revision `r`."""
    return f"""
        SELECT b.* FROM {revisions} b
         WHERE b.{subject} = r.{subject} AND b.number < r.number AND {WAS_PUBLIC} ORDER BY b.number DESC LIMIT 1
    """  # noqa: S608 - constants, joined at import


def returned_before(revisions: str, subject: str) -> str:
    """SQL: what was returned and the revision `r` corrects: the last that was decided before it, unless that was published; or `r` itself,
    sent again.
    """
    return f"""
        SELECT b.* FROM (
            SELECT b.* FROM {revisions} b
             WHERE b.{subject} = r.{subject} AND b.decided_at IS NOT NULL
               AND (b.number < r.number OR (b.number = r.number AND r.state = 'submitted'))
             ORDER BY b.number DESC LIMIT 1
        ) b WHERE b.id = r.id OR (b.state = 'superseded' AND NOT {WAS_PUBLIC})
    """  # noqa: S608
