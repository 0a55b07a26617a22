"""The record as administrators read it."""

from datetime import datetime

from app.wire import Answer, Page


class AuditEntry(Answer):
    """Something that was done."""

    id: int
    at: datetime
    account: str | None
    """Who did it; null: the operator, by the command line."""
    action: str
    subject: str
    """The id of what was acted on."""
    kind: str | None
    """Of which noun that is, where it is one with a workflow."""
    kelurahan: str | None
    category: str | None
    detail: dict[str, object]
    """Ids, codes, states, and the hash of what was written; never names or telephone numbers of people."""
    position: int | None
    """Of its seal in the chain; null for the few seconds before it has one."""


class AuditEntries(Page):
    entries: list[AuditEntry]


class WrongLink(Answer):
    """A finding, in the words of `titik audit verify`."""

    code: str
    detail: str
    is_note: bool
    """Whether it may well be as it should, and only cannot be shown."""
    position: int | None
    audit_id: int | None


class SignedHead(Answer):
    """The end of the chain, signed; kept elsewhere it holds all that is before it. As `titik audit head` prints it."""

    day: str
    position: int
    audit_id: int
    chain: str
    signature: str


class Verification(Page):
    """A part of the chain that was read."""

    findings: list[WrongLink]
    verified_to: int
    """The position up to which the chain was read, 0 where there is none."""
    head: SignedHead | None
    """Where the chain ends here; null while there is a next part."""
