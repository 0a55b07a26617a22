"""The chain over the audit: complete, whoever seals and in whatever order rows commit; and whatever is done to it afterwards shows."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from random import Random
from typing import Any

import asyncpg
import pytest

from app.audit import sealing
from app.audit.findings import ChainFinding
from app.audit.sealing import BATCH, seal, verify
from app.connections import open_once
from app.db import Database, WriteSession
from app.main import create_app
from app.models.audit import AuditEntryRecord
from app.settings import Settings
from app.statement import Statement
from tests.conftest import SECRET
from tests.factories import MOJOROTO, a_token, execute, running, value

pytestmark = pytest.mark.anyio

Connection = Any
KEY = SECRET.encode()
ROWS = 60
INSERT = "INSERT INTO titik.audit (at, account_id, action, subject, kelurahan, detail)"
SOME = f"""{INSERT}
    SELECT now() - interval '1 hour' + n * interval '1 second', CASE WHEN n % 3 > 0 THEN (SELECT min(id) FROM titik.account) END,
           'point.submit', 'subject ' || n, CASE WHEN n % 2 > 0 THEN '{MOJOROTO}' END, jsonb_build_object('n', n, 'text', 'é "' || n)
      FROM generate_series(1, :number) AS n"""
ONE = f"{INSERT} VALUES (now() - interval '1 hour', NULL, 'point.submit', 'one', NULL, '{{}}')"
COMPLETE = """
    SELECT (SELECT count(*) FROM titik.audit) = count(*) AND count(*) = max(position) AND min(position) = 1
           AND count(*) = count(*) FILTER (WHERE EXISTS (SELECT FROM titik.audit WHERE id = audit_id))
      FROM titik.audit_seal"""


async def fill(session: WriteSession, number: int) -> None:
    await session.run(Statement(SOME), number=number)


@pytest.fixture
async def empty(database: Settings) -> Settings:
    """No rows, no seals, and two accounts that a row may name."""
    async with open_once(database.owner_dsn) as session:
        await execute(session, "TRUNCATE titik.audit, titik.audit_seal RESTART IDENTITY")
    await a_token(database, "walidata", name="first")
    await a_token(database, "walidata", name="second")
    async with open_once(database.owner_dsn) as session:
        await execute(session, "TRUNCATE titik.audit, titik.audit_seal RESTART IDENTITY")
    return database


@pytest.fixture
async def opened(empty: Settings) -> AsyncIterator[Database]:
    made = await Database.connect(empty)
    yield made
    await made.close()


async def sealed(database: Database, *, everything: bool = True) -> int:
    async with database.open_write() as session:
        return await seal(session, everything=everything)


async def looked(settings: Settings, sql: str) -> Any:
    async with open_once(settings.owner_dsn) as session:
        return await value(session, sql)


async def found(settings: Settings) -> list[ChainFinding]:
    async with open_once(settings.owner_dsn) as session:
        return await verify(session)


# -- sealing


async def test_an_empty_chain_is_sound_and_has_no_head(empty: Settings, opened: Database) -> None:
    assert await sealed(opened) == 0
    assert await found(empty) == []
    async with opened.open_write() as session:
        assert await sealing.head(session, None, KEY) is None


async def test_all_is_sealed_in_batches(empty: Settings, opened: Database) -> None:
    async with open_once(empty.owner_dsn) as session:
        await fill(session, 2 * BATCH + 7)
    assert [await sealed(opened) for _ in range(4)] == [BATCH, BATCH, 7, 0]
    assert await looked(empty, COMPLETE)
    assert await found(empty) == []


async def test_several_sealers_and_writers_at_once_leave_no_gap_and_no_double(empty: Settings, opened: Database) -> None:
    ended = asyncio.Event()

    async def write() -> None:
        for number in (1, 40, 700, 3, 900):
            async with open_once(empty.owner_dsn) as session:
                await fill(session, number)
                await asyncio.sleep(0.01)

    async def keep() -> int:
        number = 0
        while not ended.is_set() or not await looked(empty, COMPLETE):
            number += await sealed(opened, everything=bool(number % 2))
        return number

    sealers = [asyncio.create_task(keep()) for _ in range(3)]
    await asyncio.gather(write(), write())
    ended.set()
    assert sum(await asyncio.gather(*sealers)) == 2 * 1644
    assert await looked(empty, COMPLETE)
    assert await found(empty) == []


@pytest.mark.parametrize("recent", [sealing.RECENT, 0])
async def test_a_row_that_commits_after_a_higher_one_was_sealed_is_sealed_too(
    empty: Settings, opened: Database, monkeypatch: pytest.MonkeyPatch, recent: int
) -> None:
    """Also where it comes so late that only the look at everything finds it."""
    monkeypatch.setattr(sealing, "RECENT", recent)
    async with open_once(empty.owner_dsn) as slow:
        await execute(slow, ONE)
        async with open_once(empty.owner_dsn) as quick:
            await execute(quick, ONE)
        assert await sealed(opened, everything=False) == 1
    assert [finding[:3] for finding in await found(empty)] == [("row-unsealed", None, 1)]
    assert await sealed(opened, everything=False) == (1 if recent else 0)
    assert await sealed(opened) == (0 if recent else 1)
    assert await looked(empty, "SELECT array_agg(audit_id ORDER BY position) FROM titik.audit_seal") == [2, 1]
    assert await found(empty) == []


async def test_the_running_service_seals_within_five_seconds(empty: Settings) -> None:
    async with running(create_app(empty)):
        for _ in range(2):
            async with open_once(empty.owner_dsn) as session:
                await fill(session, 10)
            began = time.monotonic()
            while not await looked(empty, COMPLETE):
                assert time.monotonic() - began < 5
                await asyncio.sleep(0.05)
    assert await found(empty) == []


async def test_the_sealer_outlives_trouble_and_ends_when_told(empty: Settings, opened: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "EVERY_S", 0.01)
    calls: list[bool] = []

    async def failing(session: WriteSession, *, everything: bool) -> int:
        calls.append(everything)
        if len(calls) < 3:
            raise asyncpg.ConnectionDoesNotExistError if len(calls) == 1 else ZeroDivisionError
        return await seal(session, everything=everything)

    monkeypatch.setattr(sealing, "seal", failing)
    async with open_once(empty.owner_dsn) as session:
        await execute(session, ONE)
    async with asyncio.timeout(5), sealing.sealed_meanwhile(opened):
        while len(calls) < 6:  # noqa: ASYNC110 - nothing inside the sealer tells of its rounds
            await asyncio.sleep(0.01)
    number = len(calls)
    await asyncio.sleep(0.1)
    assert len(calls) == number
    assert calls[:3] == [True] * 3
    assert not any(calls[3:])
    assert await looked(empty, COMPLETE)


async def test_the_hash_is_over_every_column_and_the_same_in_every_time_zone(empty: Settings, opened: Database) -> None:
    assert {f"a.{column.name}" for column in AuditEntryRecord.__table__.columns if column.computed is None} == {
        word.strip(" )\n,:")
        for word in sealing.ROW_SHA256.replace("(", " ").replace("::", " ").replace(",", " ").split()
        if word[:2] == "a."
    }
    async with open_once(empty.owner_dsn) as session:
        await fill(session, 5)
    await sealed(opened)
    async with open_once(empty.owner_dsn) as session:
        await execute(session, "SET LOCAL TimeZone = 'Asia/Jakarta'")
        assert await verify(session) == []


@pytest.mark.parametrize(
    "statement",
    [
        f"{verb} {table}{rest}"
        for table in ("titik.audit", "titik.audit_seal")
        for verb, rest in (("UPDATE", " SET {}"), ("DELETE FROM", ""), ("TRUNCATE", ""))
    ],
)
async def test_the_service_changes_neither_rows_nor_seals(empty: Settings, statement: str) -> None:
    connection = await asyncpg.connect(empty.service_dsn)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement.format("action = 'x'" if "audit_seal" not in statement else "audit_id = 0"))
    finally:
        await connection.close()


async def test_rows_of_a_time_without_a_service_are_noted_and_no_more(
    empty: Settings, opened: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was done by commands, over days, is sealed in the order of its ids when the service starts again, in however many batches."""
    monkeypatch.setattr(sealing, "BATCH", 20)
    async with open_once(empty.owner_dsn) as session:
        await execute(
            session,
            f"{INSERT} SELECT now() + n * interval '1 hour', NULL, 'edition.load', n::text, NULL, '{{}}' FROM generate_series(-50, 0) AS n",
        )
    while await sealed(opened):
        pass
    noted = await found(empty)
    assert {finding.code for finding in noted} == {"row-late"}
    assert all(finding.is_note for finding in noted)
    assert {finding.audit_id for finding in noted} >= set(range(1, 49))


# -- heads


async def test_the_head_of_a_day_is_its_last_seal_signed_with_the_services_key(empty: Settings, opened: Database) -> None:
    async with open_once(empty.owner_dsn) as session:
        await fill(session, 3)
    await sealed(opened)
    async with open_once(empty.owner_dsn) as session:
        chain = await value(session, "SELECT encode(chain_sha256, 'hex') FROM titik.audit_seal WHERE position = 3")
        head = await sealing.head(session, None, KEY)
        assert head
        assert head[:4] == (datetime.now(UTC).date().isoformat(), 3, 3, chain)
        assert await sealing.head(session, date.fromisoformat(head.day), KEY) == head
        assert await sealing.head(session, date(2020, 1, 1), KEY) is None
        assert await verify(session, [head], KEY) == []
        for forged in (head._replace(day="2020-01-01"), head._replace(position=2), head._replace(chain="00" * 32)):
            assert [finding.code for finding in await verify(session, [forged], KEY)] == ["head-unsigned"]
        assert [finding.code for finding in await verify(session, [head], b"another key")] == ["head-unsigned"]
    for wrong in ("", "[]", "{}", '{"day": 1}'):
        with pytest.raises(ValueError):
            sealing.read_head(wrong)


# -- tampering

Names = set[tuple[str, int]]


def rows(*ids: int) -> Names:
    return {("row", one) for one in ids}


def positions(*numbers: int) -> Names:
    return {("position", one) for one in numbers}


class Tampering:
    """Somebody with every right on the database. Each method does one thing and says what must be named. Row n has seal n."""

    def __init__(self, connection: Connection, random: Random) -> None:
        self.do = connection.execute
        self.value = connection.fetchval
        self.random = random
        self.n = random.randint(1, ROWS - 1)
        self.m = random.choice([n for n in range(1, ROWS) if n != self.n])

    async def column(self) -> Names:
        change = self.random.choice(
            [
                "account_id = CASE WHEN account_id IS NULL THEN (SELECT min(id) FROM titik.account) END",
                "account_id = (SELECT max(id) FROM titik.account)",
                "action = 'revision.publish'",
                "subject = subject || ' '",
                "kelurahan = CASE WHEN kelurahan IS NULL THEN '' END",
                "detail = jsonb_set(detail, '{n}', '0')",
                "detail = jsonb_set(detail, '{n}', to_jsonb(detail->>'n'))",
                "detail = detail || '{\"x\": null}'",
                "subject = action, action = subject",
            ]
        )
        await self.do(f"UPDATE titik.audit SET {change} WHERE id = $1", self.n)
        return rows(self.n)

    async def date(self) -> Names:
        await self.do(f"UPDATE titik.audit SET at = at {self.random.choice('+-')} interval '1 day' WHERE id = $1", self.n)
        return rows(self.n)

    async def backdated_row(self) -> Names:
        """Added now with a date of long ago, and sealed by the service itself."""
        row = await self.value(
            f"{INSERT} VALUES (now() - interval '{self.random.randint(4, 900)} hours', NULL, 'point.submit', 'one', NULL, '{{}}') RETURNING id"
        )
        await seal(WriteSession(self.connection))
        return rows(row)

    async def postdated_row(self) -> Names:
        row = await self.value(
            f"{INSERT} VALUES (now() + interval '{self.random.randint(1, 900)} hours', NULL, 'point.submit', 'one', NULL, '{{}}') RETURNING id"
        )
        await seal(WriteSession(self.connection))
        return rows(row)

    async def microsecond(self) -> Names:
        await self.do("UPDATE titik.audit SET at = at + interval '1 microsecond' WHERE id = $1", self.n)
        return rows(self.n)

    async def renumbered_row(self) -> Names:
        await self.do(
            f"WITH gone AS (DELETE FROM titik.audit WHERE id = $1 RETURNING *) {INSERT.replace('(at', '(id, at')} OVERRIDING SYSTEM VALUE "
            "SELECT 900, at, account_id, action, subject, kelurahan, detail FROM gone",
            self.n,
        )
        return rows(self.n, 900)

    async def deleted_row(self) -> Names:
        await self.do("DELETE FROM titik.audit WHERE id = $1", self.n)
        return rows(self.n)

    async def deleted_seal(self) -> Names:
        await self.do("DELETE FROM titik.audit_seal WHERE position = $1", self.n)
        return rows(self.n) | positions(self.n)

    async def deleted_row_and_seal(self) -> Names:
        await self.deleted_row()
        await self.deleted_seal()
        return positions(self.n)

    async def swapped_rows(self) -> Names:
        await self.do(
            "UPDATE titik.audit a SET at = b.at, account_id = b.account_id, action = b.action, subject = b.subject, kelurahan = b.kelurahan,"
            " detail = b.detail FROM titik.audit b WHERE (a.id, b.id) IN (($1, $2), ($2, $1))",
            self.n,
            self.m,
        )
        return rows(self.n, self.m)

    async def swapped_seals(self) -> Names:
        for old, new in ((self.n, 0), (self.m, self.n), (0, self.m)):
            await self.do("UPDATE titik.audit_seal SET position = $2 WHERE position = $1", old, new)
        return rows(self.n, self.m) | positions(self.n, self.m)

    async def forged_row(self) -> Names:
        return rows(await self.value(f"{ONE} RETURNING id"))

    async def forged_row_and_seal(self) -> Names:
        """The others move up; its own link is right, so the break is where the next one does not continue it."""
        row = await self.value(f"{ONE} RETURNING id")
        await self.do("UPDATE titik.audit_seal SET position = -position - 1 WHERE position > $1", self.n)
        await self.do("UPDATE titik.audit_seal SET position = -position WHERE position < 0")
        digest = await self.value(f"SELECT {sealing.ROW_SHA256} FROM titik.audit a WHERE id = $1", row)
        await self.do(
            "INSERT INTO titik.audit_seal SELECT $1::bigint, $2, $3, chain_sha256, sealed_at FROM titik.audit_seal WHERE position = $1 - 1",
            self.n + 1,
            row,
            digest,
        )
        if self.random.random() < 0.5:  # its chain is copied, so it is wrong itself
            return rows(row) | positions(self.n + 1)
        await self.relink(self.n + 1)
        return positions(self.n + 2)

    async def relink(self, *at: int) -> None:
        """Makes the links at these positions right, as far as themselves."""
        for position in at:
            seal = await self.row(position)
            before = (await self.row(position - 1))["chain_sha256"] if position > 1 else sealing.START
            chain = hashlib.sha256(before + position.to_bytes(8, "big") + seal["row_sha256"] + seal["epoch"].encode()).digest()
            await self.do("UPDATE titik.audit_seal SET chain_sha256 = $2 WHERE position = $1", position, chain)

    async def row(self, position: int) -> Any:
        return await self.connection.fetchrow(
            "SELECT *, extract(epoch FROM sealed_at)::text AS epoch FROM titik.audit_seal WHERE position = $1", position
        )

    @property
    def connection(self) -> Connection:
        return self.do.__self__

    async def changed_seal(self) -> Names:
        change = self.random.choice(
            [
                "row_sha256 = sha256(row_sha256)",
                "chain_sha256 = sha256(chain_sha256)",
                "sealed_at = sealed_at - interval '1 microsecond'",
                "sealed_at = 'infinity'",
                "audit_id = 900",
                "chain_sha256 = ''",
            ]
        )
        await self.do(f"UPDATE titik.audit_seal SET {change} WHERE position = $1", self.n)
        return positions(self.n)

    async def changed_row_with_its_hash(self) -> Names:
        await self.column()
        await self.do(
            f"UPDATE titik.audit_seal SET row_sha256 = {sealing.ROW_SHA256} FROM titik.audit a WHERE a.id = audit_id AND position = $1",
            self.n,
        )
        if self.random.random() < 0.5:
            return rows(self.n) | positions(self.n)
        await self.relink(self.n)
        return positions(self.n + 1)

    async def cut_tail(self) -> Names:
        await self.do("DELETE FROM titik.audit WHERE id > $1", self.n)
        await self.do("DELETE FROM titik.audit_seal WHERE position > $1", self.n)
        return rows(ROWS) | positions(ROWS)

    async def made_anew(self) -> Names:
        await self.column()
        await self.do(f"UPDATE titik.audit_seal SET row_sha256 = {sealing.ROW_SHA256} FROM titik.audit a WHERE a.id = audit_id")
        await self.relink(*range(self.n, ROWS + 1))
        return rows(ROWS) | positions(ROWS)


NEEDS_HEAD = (Tampering.cut_tail, Tampering.made_anew)
KINDS: list[Callable[[Tampering], Any]] = [
    Tampering.column,
    Tampering.date,
    Tampering.backdated_row,
    Tampering.postdated_row,
    Tampering.microsecond,
    Tampering.renumbered_row,
    Tampering.deleted_row,
    Tampering.deleted_seal,
    Tampering.deleted_row_and_seal,
    Tampering.swapped_rows,
    Tampering.swapped_seals,
    Tampering.forged_row,
    Tampering.forged_row_and_seal,
    Tampering.changed_seal,
    Tampering.changed_row_with_its_hash,
    *NEEDS_HEAD,
]
# What wrongs one row only must not accuse another; a seal that was changed may also put the next in doubt.
EXACT = (
    Tampering.column,
    Tampering.date,
    Tampering.backdated_row,
    Tampering.postdated_row,
    Tampering.microsecond,
    Tampering.deleted_row,
    Tampering.swapped_rows,
)


def named(findings: list[ChainFinding]) -> Names:
    ids = rows(*(finding.audit_id for finding in findings if finding.audit_id is not None))
    return ids | positions(
        *(
            n
            for finding in findings
            if finding.position is not None
            for n in range(finding.position, (finding.last or finding.position) + 1)
        )
    )


async def test_hundreds_of_random_tamperings_are_all_found_and_named(empty: Settings, opened: Database) -> None:
    async with open_once(empty.owner_dsn) as session:
        await fill(session, ROWS)
    assert await sealed(opened) == ROWS
    random = Random(3571)
    connection = await asyncpg.connect(empty.owner_dsn)
    session = WriteSession(connection)
    try:
        head = await sealing.head(session, None, KEY)
        assert head
        for number in range(255):
            transaction = connection.transaction()
            await transaction.start()
            kind, tampering = KINDS[number % len(KINDS)], Tampering(connection, random)
            must = await kind(tampering)
            case = (number, kind.__name__, tampering.n, tampering.m)
            without = await verify(session)
            with_head = await verify(session, [head], KEY)
            assert must <= named(with_head), (case, with_head)
            assert bool(without) == (kind not in NEEDS_HEAD), (case, without)
            if kind in EXACT:
                assert {finding.audit_id for finding in without} == {one for _, one in must}, (case, without)
            assert all(finding.text.id and finding.text.en for finding in with_head)
            await transaction.rollback()
        assert await verify(session, [head], KEY) == []
    finally:
        await connection.close()


async def test_one_wrong_link_does_not_accuse_the_next(empty: Settings, opened: Database) -> None:
    async with open_once(empty.owner_dsn) as session:
        await fill(session, 5)
    await sealed(opened)
    for change in ("chain_sha256 = sha256(chain_sha256)", "row_sha256 = sha256(row_sha256)", "sealed_at = now() + interval '1 day'"):
        async with open_once(empty.owner_dsn) as session:
            await execute(session, "SAVEPOINT before")
            await execute(session, f"UPDATE titik.audit_seal SET {change} WHERE position = 3")
            assert {finding.position for finding in await verify(session)} == {3}
            await execute(session, "ROLLBACK TO before")
