"""Requests that may come twice: what a key stood for, so that the same again is answered and not carried out again.

One rule for every door. A key belongs to its account. Whoever comes second with it waits until the first has committed, and gets that answer where
the content is the same; other content is a conflict. What was refused leaves no key behind: its transaction is undone. Keys are forgotten
after a month (`background/tidying.py`).

Doors: the header `Idempotency-Key`, the `client_id` of a phone's change; and without a key the id that a client makes for something new, whose
own row tells (`demand_same`).
"""

import hashlib
from typing import NamedTuple
from uuid import UUID

from app.db import WriteSession
from app.errors import Conflict
from app.statement import Statement

CLAIM = Statement("""
    INSERT INTO titik.retry (account_id, key_sha256, content_sha256, subject_id)
    VALUES (CAST(:account_id AS int), CAST(:key_sha256 AS bytea), CAST(:content_sha256 AS bytea), CAST(:subject AS uuid))
    ON CONFLICT (account_id, key_sha256) DO NOTHING
    RETURNING true
""")
FIND = Statement("""
    SELECT content_sha256, subject_id AS subject, number, outcome FROM titik.retry
     WHERE account_id = CAST(:account_id AS int) AND key_sha256 = CAST(:key_sha256 AS bytea)
""")
SETTLE = Statement("""
    UPDATE titik.retry SET number = CAST(:number AS int), outcome = :outcome
     WHERE account_id = CAST(:account_id AS int) AND key_sha256 = CAST(:key_sha256 AS bytea)
""")


class Key(NamedTuple):
    """`sha256` stands for the key; `conflict` is raised where it was used for other content."""

    sha256: bytes
    conflict: Conflict


class Earlier(NamedTuple):
    """What came of the request the first time: a revision of its subject, by its number (None: none is left), and a word for it."""

    subject: UUID
    number: int | None
    outcome: str | None


def of_header(text: str) -> Key:
    return Key(hashlib.sha256(text.encode()).digest(), Conflict("key-used"))


def of_change(client_id: UUID) -> Key:
    """Apart from every `Idempotency-Key`, which has no NUL."""
    return Key(hashlib.sha256(b"sync\0" + client_id.bytes).digest(), Conflict("client-id-used"))


async def claim(session: WriteSession, account_id: int, key: Key, content: bytes, subject: UUID) -> Earlier | None:
    """Takes the key for this content, or gives what it stands for. `Conflict` where it was used for other content."""
    mine = {"account_id": account_id, "key_sha256": key.sha256}
    if await session.value(CLAIM, **mine, content_sha256=content, subject=subject):
        return None
    known = await session.one(FIND, **mine)
    demand_same(known["content_sha256"], content, key.conflict)
    return Earlier(known["subject"], known["number"], known["outcome"])


async def find(session: WriteSession, account_id: int, key: Key) -> Earlier | None:
    """What a key stands for; None where the account never used it."""
    known = await session.first(FIND, account_id=account_id, key_sha256=key.sha256)
    return Earlier(known["subject"], known["number"], known["outcome"]) if known else None


async def settle(session: WriteSession, account_id: int, key: Key, number: int | None, outcome: str | None) -> None:
    """Notes what came of the request that has taken the key."""
    await session.run(SETTLE, account_id=account_id, key_sha256=key.sha256, number=number, outcome=outcome)


def demand_same(known: bytes, sent: bytes, conflict: Conflict) -> None:
    """Raises where what is known under a key, or under an id that a client has made, is other content than was sent."""
    if known != sent:
        raise conflict
