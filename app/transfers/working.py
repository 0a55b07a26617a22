"""The job of an import, in a process of its own: `python -m app.transfers.working ID`. It judges a file, or commits what was judged.

Judging may be done again at any time: it begins by forgetting what it had found. Committing is one transaction.
"""

import asyncio
import os
import resource
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from app import audit, jobs
from app.accounts.rights import Actor
from app.audit import Action
from app.boundaries import queries as boundaries
from app.boundaries.polygons import Polygons
from app.categories import queries as categories
from app.categories.rules import Category
from app.db import Row, WriteSession, connected
from app.errors import TitikError, Unavailable
from app.language import Text
from app.published.formats.spool import private
from app.regions.codes import Directory
from app.regions.queries import all_regions
from app.settings import Settings
from app.transfers import queries
from app.transfers.fields import Column, recognised
from app.transfers.judging import Judge
from app.transfers.placing import Placing
from app.transfers.reading import SourceRow, Table, open_table
from app.transfers.rows import Layout
from app.transfers.service import ATTEMPTS, choice

Begin = Callable[[], AbstractAsyncContextManager[WriteSession]]
TIMEOUT_S = 600.0
MOST_MEMORY = 2 << 30
"""Addresses, of which most are never touched."""
AT_ONCE = 2
"""Batches in hand: while PostgreSQL stores one, the next is read."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a step of the job knows of its import."""

    id: UUID
    actor: Actor
    category: Category
    row: Row


class GoneError(Exception):
    """The import, or the account that asked for it, is not there any more."""


class BusyError(Exception):
    """Another process is at it: the queue tries again, and finds it done."""


async def work(settings: Settings, import_id: UUID) -> None:
    """Takes the import as far as it was asked for. What the file or the rules say against it is told in the import; anything else is raised,
    so that the job is tried again.
    """
    async with AsyncExitStack() as stack:
        begins = [await stack.enter_async_context(connected(settings.service_dsn, TIMEOUT_S)) for _ in range(AT_ONCE)]
        async with begins[0]() as session:
            if not await session.value(queries.ALONE, id=import_id):
                raise BusyError
        try:
            job = await _begin(begins[0], import_id)
            if job is None:
                return
            if job.row["state"] in ("queued", "judging"):
                await _judge(begins, job, settings.spool_directory)
            elif job.row["state"] == "committing":
                await _commit(begins[0], job)
        except GoneError:
            return
        except TitikError as error:
            if isinstance(error, Unavailable) and error.code != "no-edition":
                raise  # the database, not the file: the queue tries again
            async with begins[0]() as session:
                await _act(session, import_id)
                facts = {name: fact for name, fact in error.facts.items() if isinstance(fact, (str, int, float))}
                await session.run(queries.FAILED, id=import_id, problem={"code": error.code, "facts": facts})


async def _act(session: WriteSession, import_id: UUID) -> Actor:
    row = await session.first(queries.ACT, id=import_id)
    if row is None:
        raise GoneError
    return Actor(row["account_id"], row["name"], row["role"], tuple(row["kelurahan"]), row["categories"])


async def _begin(begin: Begin, import_id: UUID) -> Job | None:
    async with begin() as session:
        actor = await _act(session, import_id)
        row = await session.first(queries.HOLD, id=import_id)
        if row is None or row["state"] not in ("queued", "judging", "committing"):
            return None
        state = "committing" if row["state"] == "committing" else "judging"
        attempts = await session.value(queries.BEGIN, id=import_id, state=state)
        category = await categories.get(session, row["category"], actor.categories)
    if attempts > ATTEMPTS:
        raise TitikError("import-crashed")
    actor.demand(Action.IMPORT_COMMIT if state == "committing" else Action.IMPORT_BEGIN)
    return Job(import_id, actor, category, row)


async def _judge(begins: list[Begin], job: Job, spool: Path) -> None:
    async with begins[0]() as session:
        await _act(session, job.id)
        await session.run(queries.EMPTY, id=job.id)
        polygons = await Polygons.load(session)
        directory = Directory(await all_regions(session))
    with private(spool) as place:
        path = place / "file"
        await _fetch(begins[0], job.id, path)
        table = open_table(path, job.row["name"], sheet=job.row["options"].get("sheet"))
        columns = recognised(table.columns, job.category, job.row["options"].get("columns"))
        if not table.has_places and not any(column.field for column in columns):
            raise TitikError("columns-unknown")
        layout = Layout(columns)
        judge = Judge(job.actor, job.category, Placing(polygons, directory, job.actor, layout), layout)
        tally = Tally(table, columns)
        await _all_rows(begins, job, table.batches, judge, tally)
    async with begins[0]() as session:
        await _act(session, job.id)
        if judge.shared:
            await session.run(queries.SHARED, id=job.id, numbers=sorted(judge.shared), finding=[{"code": "place-shared-first"}])
            tally.share(len(judge.shared))
        await session.run(
            queries.JUDGED,
            id=job.id,
            found=tally.found(),
            edition_id=polygons.edition.id,
            category_version=job.category.version,
            done=tally.rows,
        )


async def _fetch(begin: Begin, import_id: UUID, path: Path) -> None:
    """The file from its parts."""
    part = 0
    async with begin() as session:
        await _act(session, import_id)
        with path.open("wb") as file:
            while (content := await session.value(queries.PART, import_id=import_id, part=part)) is not None:
                file.write(content)
                part += 1


async def _all_rows(begins: list[Begin], job: Job, batches: Iterator[list[SourceRow]], judge: Judge, tally: "Tally") -> None:
    """Several batches at a time; but each is concluded after the one before it, because the earlier of two like rows is the good one."""
    turn = asyncio.Condition()
    source = enumerate(batches)
    concluded = 0

    async def take(begin: Begin) -> None:
        nonlocal concluded
        while (item := next(source, None)) is not None:
            number, rows = item
            async with begin() as session:
                await _act(session, job.id)
                drafts = await judge.look(session, rows)
                async with turn:
                    await turn.wait_for(lambda: concluded == number)  # noqa: B023 - awaited within the iteration
                    judged = judge.conclude(drafts)
                    concluded += 1
                    turn.notify_all()
                tally.add(judged)
                await session.run(queries.ADD_ROWS, import_id=job.id, account_id=job.actor.id, rows=judged)
                await session.run(queries.PROGRESS, id=job.id, done=tally.rows, total=None)

    try:
        async with asyncio.TaskGroup() as group:
            for begin in begins:
                group.create_task(take(begin))
    except* TitikError as errors:
        # What the file turns out to be on the way: the first says it.
        raise errors.exceptions[0] from None


class Tally:
    """How many rows are how good; what the file is like."""

    def __init__(self, table: Table, columns: list[Column]) -> None:
        self.rows = 0
        self._table, self._columns = table, columns
        self._levels = dict.fromkeys(("good", "warned", "question", "fault"), 0)
        self._acts = dict.fromkeys(("create", "update", "same"), 0)
        self._asks: dict[str, int] = {}

    def add(self, judged: list[dict[str, Any]]) -> None:
        self.rows += len(judged)
        for row in judged:
            self._levels[row["level"]] += 1
            if row["act"]:
                self._acts[row["act"]] += 1
            if row["level"] == "question":
                for word in row["asks"].split():
                    self._asks[word] = self._asks.get(word, 0) + 1

    def share(self, number: int) -> None:
        """So many good rows turned out to share their place with others."""
        self._levels["good"] -= number
        self._levels["warned"] += number

    def found(self) -> dict[str, Any]:
        return {
            "format": self._table.format,
            **({"sheet": self._table.sheet} if self._table.sheet else {}),
            "rows": self.rows,
            "blank": self._table.skipped_blank(),
            "counts": self._levels | self._acts,
            "asks": self._asks,
            "columns": [
                {
                    "header": one.header,
                    "field": one.field.name if one.field else None,
                    "title": list(one.field.title if one.field else Text("", "")),
                }
                for one in self._columns
            ],
        }


async def _commit(begin: Begin, job: Job) -> None:
    """All chosen rows, or none: one transaction. Rows that somebody has overtaken since are left out, and say so."""
    async with begin() as session:
        actor = await _act(session, job.id)
        row = await session.one(queries.HOLD, id=job.id)
        if row["state"] != "committing":
            return
        edition = await boundaries.active(session)
        if edition is None or edition.id != row["edition_id"] or job.category.version != row["category_version"]:
            # What was looked at does not hold any more: it is judged again, and nothing is stored unseen.
            await session.run(queries.AGAIN, id=job.id, problem={"code": "import-outdated"})
            await jobs.put(session, jobs.IMPORTS, str(job.id))
        else:
            await _store(session, actor, job, row, edition.id)


async def _store(session: WriteSession, actor: Actor, job: Job, row: Row, edition_id: int) -> None:
    chosen = {"id": job.id, **choice(row["options"])}
    counts = {one["act"]: one["number"] for one in await session.all(queries.COUNT_CHOSEN, **chosen)}
    left_out = 0
    if counts.get("update"):
        await session.run(queries.HOLD_POINTS, **chosen)
        left_out += len(await session.all(queries.OVERTAKEN, **chosen, finding=[{"code": "row-overtaken"}]))
        await session.run(queries.SUPERSEDE, **chosen)
    taken = await _taken(session, job, row, is_last=False)
    if taken:
        await session.run(queries.TAKEN, id=job.id, numbers=taken, finding=[{"code": "row-key-taken"}])
    await session.run(queries.ADD_POINTS, **chosen, category=job.category.id)
    stored = await session.value(queries.ADD_REVISIONS, **chosen, category=job.category.id, edition_id=edition_id, account_id=actor.id)
    # Last of all, under the lock that whoever posts alone shares: they wait for as long as this takes, not for all of the above.
    if set(await _taken(session, job, row, is_last=True)) - set(taken):
        raise RuntimeError("a natural key was taken in the last moment: the job is tried again")
    found = {"committed": {"stored": stored, "left_out": left_out + len(taken)}}
    await session.run(queries.COMMITTED, id=job.id, found=found, done=stored)
    await audit.record(
        session, Action.IMPORT_COMMIT, job.id, account_id=actor.id, detail={"category": job.category.id, "stored": stored}, told=False
    )


async def _taken(session: WriteSession, job: Job, row: Row, *, is_last: bool) -> list[int]:
    fields = job.category.key_fields
    if not fields:
        return []
    common = [field for field in fields if field in ("kelurahan", "rw", "rt", "name")]
    # An id of the moment when judging began, and a minute before it.
    since = UUID(int=max(int(row["created_at"].timestamp() * 1000) - 60_000, 0) << 80)
    found = await session.all(
        queries.TAKEN_SINCE, id=job.id, category=job.category.id, since=since, commons=common, is_last=is_last,
        attributes=[field for field in fields if field not in common],
    )  # fmt: skip
    return [one["number"] for one in found]


def main() -> None:
    os.umask(0o077)
    # A backstop for what parses strange files: the job fails, not the machine.
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    os.nice(5)  # whoever waits for an answer goes before whoever waits for a file
    threading.Thread(target=_end_with_parent, daemon=True).start()
    import uvloop  # noqa: PLC0415

    uvloop.run(work(Settings(), UUID(sys.argv[1])))


def _end_with_parent() -> None:
    """The service holds the other end of standard input: when it is gone, however that came, so is this."""
    while os.read(0, 1024):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
