"""The chain over the audit rows: made within seconds of their commit, verified on request, its head signed for keeping elsewhere.

Inside the transactions of the deeds a chain would queue all writers, so it is made behind them. It shows what was changed after it was
sealed. Who owns the database can make the whole chain anew: that, and a tail cut off, shows only against a head kept elsewhere.
"""

import asyncio
import hashlib
import hmac
import json
import math
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple, cast

import structlog

from app.audit.findings import ChainFinding
from app.audit.schemas import SignedHead
from app.db import Database, Session, WriteSession
from app.errors import Unavailable
from app.statement import Statement

EVERY_S = 2.0
ALL_EVERY_S = 60.0
BATCH = 1_000
READ_BATCH = 10_000
RECENT = 10_000
# A row is dated when its transaction began. None of ours takes so long; and clocks are set by less than that.
LATE_S = 2 * 3600.0
AHEAD_S = 300.0
START = bytes(32)
LOCK_KEY = 3_571_002

# All columns of an audit row `a`, without two readings: a JSON array keeps the places of NULL, text and numbers apart; the text of
# jsonb is canonical in PostgreSQL; the instant is a number, because its text depends on the session's time zone.
ROW_SHA256 = """sha256(convert_to(jsonb_build_array(
    a.id, extract(epoch FROM a.at)::text, a.account_id, a.action, a.subject, a.kelurahan, a.detail)::text, 'UTF8'))"""

LOCK = Statement("SELECT pg_try_advisory_xact_lock(:key)")

# The last seal, and the instant of the next, which is never before it, whatever the clock does.
LAST = Statement("""
    SELECT coalesce(position, 0) AS position, chain_sha256, instant AS sealed_at, extract(epoch FROM instant)::text AS epoch,
           (SELECT coalesce(max(audit_id), 0) FROM titik.audit_seal) AS audit_id
      FROM (SELECT) AS always
      LEFT JOIN (SELECT * FROM titik.audit_seal ORDER BY position DESC LIMIT 1) AS last ON true
     CROSS JOIN LATERAL greatest(clock_timestamp(), last.sealed_at) AS instant
""")

# Ids are given before the commit, so a lower one may appear after a higher one was sealed. Hence no mark "sealed up to here": every row
# without a seal is taken, and the order of the chain is `position`, not the id. The order of transaction ids would do as well, but one
# long transaction would hold up all others, and a database restored elsewhere begins to count again.
UNSEALED = Statement(f"""
    SELECT a.id, {ROW_SHA256} AS row_sha256
      FROM titik.audit a
     WHERE a.id > :above AND NOT EXISTS (SELECT FROM titik.audit_seal s WHERE s.audit_id = a.id AND s.audit_id > :above)
     ORDER BY a.id LIMIT :batch
""")  # noqa: S608 - made of constants

STORE = Statement("""
    INSERT INTO titik.audit_seal (position, audit_id, row_sha256, chain_sha256, sealed_at)
    SELECT seal.*, CAST(:sealed_at AS timestamptz)
      FROM unnest(CAST(:positions AS bigint[]), CAST(:audit_ids AS bigint[]), CAST(:rows AS bytea[]), CAST(:chains AS bytea[])) AS seal
""")

SEALS = Statement(f"""
    SELECT s.position, s.audit_id, s.row_sha256, s.chain_sha256, extract(epoch FROM s.sealed_at)::text AS epoch,
           CASE WHEN a.id IS NOT NULL THEN {ROW_SHA256} END AS found_sha256,
           extract(epoch FROM a.at)::float8 AS dated_s, extract(epoch FROM s.sealed_at)::float8 AS sealed_s
      FROM (SELECT * FROM titik.audit_seal WHERE position > :after ORDER BY position LIMIT :batch) AS s
      LEFT JOIN titik.audit a ON a.id = s.audit_id
     ORDER BY s.position
""")  # noqa: S608 - made of constants

NEVER_SEALED = Statement("""
    SELECT a.id FROM titik.audit a
     WHERE a.at < now() - interval '1 minute' AND NOT EXISTS (SELECT FROM titik.audit_seal s WHERE s.audit_id = a.id)
     ORDER BY a.id LIMIT :batch
""")

SEAL_AT = Statement("SELECT audit_id, chain_sha256 FROM titik.audit_seal WHERE position = :position")
LAST_BEFORE = Statement("""
    SELECT position, audit_id, chain_sha256, sealed_at FROM titik.audit_seal
     WHERE CAST(:until AS timestamptz) IS NULL OR sealed_at < :until
     ORDER BY position DESC LIMIT 1
""")


class Head(NamedTuple):
    """The end of the chain on a day (UTC), signed; kept elsewhere, it holds everything before it."""

    day: str
    position: int
    audit_id: int
    chain: str
    signature: str


async def seal(session: WriteSession, *, everything: bool = True) -> int:
    """Seals up to `BATCH` rows and says how many; 0 where somebody else is sealing.

    `everything`: look for rows without a seal in the whole table, not only among the `RECENT` newest ids, which costs little.
    """
    if not await session.value(LOCK, key=LOCK_KEY):
        return 0
    last = await session.one(LAST)
    rows = await session.all(UNSEALED, above=-1 if everything else last["audit_id"] - RECENT, batch=BATCH)
    if not rows:
        return 0
    chains = [last["chain_sha256"] or START]
    positions = range(last["position"] + 1, last["position"] + 1 + len(rows))
    for position, row in zip(positions, rows, strict=True):
        chains.append(_link(chains[-1], position, row["row_sha256"], last["epoch"]))
    await session.run(
        STORE,
        sealed_at=last["sealed_at"],
        positions=list(positions),
        audit_ids=[row["id"] for row in rows],
        rows=[row["row_sha256"] for row in rows],
        chains=chains[1:],
    )
    return len(rows)


async def seal_all(session: WriteSession) -> None:
    """In one transaction, which keeps others from sealing until it ends."""
    while await seal(session) == BATCH:
        pass


def _link(previous: bytes, position: int, row_sha256: bytes, epoch: str) -> bytes:
    """The instant of sealing is part of it, because it decides of which day a seal may be the head."""
    return hashlib.sha256(previous + position.to_bytes(8, "big", signed=True) + row_sha256 + epoch.encode()).digest()


async def verify(session: Session, known_heads: Sequence[Head] = (), secret: bytes = b"") -> list[ChainFinding]:
    """Reads the whole chain, in batches. `known_heads` are heads that were kept elsewhere, signed with `secret`."""
    whole = await verify_part(session)
    heads = [finding for known in known_heads if (finding := await _differs(session, known, secret))]
    return [*(whole.findings if whole else ()), *heads]


class Verified(NamedTuple):
    """A part of the chain that was read: to which position, whether it goes on, and what is wrong with it."""

    last: int
    goes_on: bool
    findings: list[ChainFinding]


async def verify_part(session: Session, after: int = 0, most: int = sys.maxsize) -> Verified | None:
    """Reads up to `most` seals, in batches, behind the position `after` (0: from the beginning); rows without a seal count where the chain ends. None where
    no seal stands there. A date is looked at only beside those of the same part.
    """
    begin = await session.first(SEAL_AT, position=after) if after else None
    if after and begin is None:
        return None
    chain = _Chain(after, begin["chain_sha256"]) if begin else _Chain()
    last, rest = after or -(2**63), most
    while rest and (rows := await session.all(SEALS, after=last, batch=min(rest, READ_BATCH))):
        for row in rows:
            chain.follow(row)
        last, rest = rows[-1]["position"], rest - len(rows)
    if not rest:
        return Verified(last, True, chain.findings)
    unsealed = [ChainFinding("row-unsealed", None, row["id"]) for row in await session.all(NEVER_SEALED, batch=READ_BATCH)]
    return Verified(max(last, 0), False, chain.findings + unsealed)


class _Chain:
    """What was seen so far of a chain, and what was wrong with it. It begins behind a position, whose link is `previous`."""

    def __init__(self, position: int = 0, previous: bytes = START) -> None:
        self.findings: list[ChainFinding] = []
        self._position = position
        self._previous: tuple[bytes, ...] = (previous,)
        """What the next link may continue: two where they differ, so that one wrong seal does not accuse the next; none after a gap."""
        self._newest_s = -math.inf
        """The latest date of a row so far, as far as its seal allows."""

    def follow(self, seal: Mapping[str, Any]) -> None:
        position, audit_id = seal["position"], seal["audit_id"]
        if position != self._position + 1:
            self.findings.append(ChainFinding("seal-missing", self._position + 1, None, position - 1))
            self._previous = ()
        if seal["found_sha256"] is None:
            self.findings.append(ChainFinding("row-missing", position, audit_id))
        elif seal["found_sha256"] != seal["row_sha256"]:
            self.findings.append(ChainFinding("row-changed", position, audit_id))
        if seal["found_sha256"] is not None:
            self._look_at_date(seal)
        links = [_link(previous, position, seal["row_sha256"], seal["epoch"]) for previous in self._previous]
        if links and seal["chain_sha256"] not in links:
            self.findings.append(ChainFinding("chain-broken", position, audit_id))
        self._position, self._previous = position, tuple({seal["chain_sha256"], *links[:1]} if links else {seal["chain_sha256"]})

    def _look_at_date(self, seal: Mapping[str, Any]) -> None:
        """A row is sealed within seconds while the service runs, and in the order of the ids after it stood still: then no newer row comes first."""
        dated_s, sealed_s = seal["dated_s"], seal["sealed_s"]
        code = None
        if dated_s > sealed_s + AHEAD_S:
            code = "row-postdated"
        elif sealed_s - dated_s > LATE_S:
            code = "row-backdated" if dated_s < self._newest_s - LATE_S else "row-late"
        if code:
            self.findings.append(ChainFinding(code, seal["position"], seal["audit_id"]))
        self._newest_s = max(self._newest_s, min(dated_s, sealed_s))


async def _differs(session: Session, known: Head, secret: bytes) -> ChainFinding | None:
    if not hmac.compare_digest(known.signature.encode(), _signature(secret, known).encode()):
        return ChainFinding("head-unsigned", known.position, known.audit_id)
    found = await session.first(SEAL_AT, position=known.position)
    if found is None:
        return ChainFinding("head-missing", known.position, known.audit_id)
    if (found["audit_id"], found["chain_sha256"].hex()) != (known.audit_id, known.chain):
        return ChainFinding("head-differs", known.position, known.audit_id)
    return None


async def head(session: Session, day: date | None, secret: bytes) -> Head | None:
    """The last seal made until the end of `day` (UTC; None: until now); None where there is none."""
    until = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1) if day else None
    row = await session.first(LAST_BEFORE, until=until)
    if row is None:
        return None
    of_day = day or row["sealed_at"].astimezone(UTC).date()
    unsigned = Head(of_day.isoformat(), row["position"], row["audit_id"], row["chain_sha256"].hex(), "")
    return unsigned._replace(signature=_signature(secret, unsigned))


async def signed_head(session: Session, secret: bytes) -> SignedHead | None:
    """The last seal as clients read it."""
    found = await head(session, None, secret)
    return cast("SignedHead", found._asdict()) if found else None


def read_head(line: str) -> Head:
    """One line of `titik audit head`; `ValueError` where it is none."""
    match json.loads(line):
        case {"day": str(day), "position": int(position), "audit_id": int(audit_id), "chain": str(chain), "signature": str(signature)}:
            return Head(day, position, audit_id, chain, signature)
    raise ValueError("no head")


def _signature(secret: bytes, head: Head) -> str:
    """HMAC-SHA256 with a key of its own, so that no signature made elsewhere with the service's secret can pass for one of a head."""
    key = hmac.digest(secret, b"titik audit head", "sha256")
    return hmac.digest(key, f"{head.day}\n{head.position}\n{head.audit_id}\n{head.chain}".encode(), "sha256").hex()


@asynccontextmanager
async def sealed_meanwhile(database: Database) -> AsyncIterator[None]:
    """Seals beside what is done inside. A frozen server must not keep the service from ending, so the end is not waited for long."""
    sealing = asyncio.create_task(keep_sealing(database))
    try:
        yield
    finally:
        sealing.cancel()
        await asyncio.wait({sealing}, timeout=1)


async def keep_sealing(database: Database) -> None:
    """Every worker does so; one at a time seals. Nothing that goes wrong ends it.

    A row that committed after `RECENT` newer ones were sealed waits for the look at everything, first and then every minute.
    """
    log = structlog.get_logger("titik")
    all_due = 0.0
    while True:
        sealed, everything = 0, time.monotonic() >= all_due
        try:
            async with database.open_write() as session:
                sealed = await seal(session, everything=everything)
            if everything and sealed < BATCH:
                all_due = time.monotonic() + ALL_EVERY_S
        except Unavailable as error:
            log.warning("sealing", code=error.code)
        except Exception:
            log.exception("sealing")
        if sealed < BATCH:
            await asyncio.sleep(EVERY_S)
