"""The job of an import, in a process of its own: `python -m app.transfers.working ID`. It judges a file, or commits what was judged.

Judging may be done again at any time: it begins by forgetting what it had found. Committing is one transaction.
"""

import os
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import UUID

import uvloop

from app import audit, queueing
from app.accounts.rights import Actor
from app.audit import Action
from app.boundaries import queries as boundaries
from app.boundaries.polygons import Polygons
from app.categories import queries as categories
from app.categories.rules import Category
from app.children import settle
from app.contacts import service as contacts
from app.contacts.schemas import ContactTerms
from app.db import Row, WriteSession, connected
from app.errors import TitikError, Unavailable
from app.language import Text
from app.published.formats.spool import private
from app.regions.codes import Directory
from app.regions.queries import all_regions
from app.settings import Settings
from app.transfers import queries
from app.transfers.columns import Note, fitted, not_there, recognised
from app.transfers.fields import Column, Field
from app.transfers.judging import Judge
from app.transfers.layout import Layout
from app.transfers.limits import AT_ONCE
from app.transfers.parallel import Share, judge_abreast
from app.transfers.people import set_apart
from app.transfers.placing import Placing
from app.transfers.reading import SourceRow, Table, open_table
from app.transfers.seen import Seen
from app.transfers.service import ATTEMPTS, choice
from app.uploads import NO_ROOM

Begin = Callable[[], AbstractAsyncContextManager[WriteSession]]
TIMEOUT_S = 600.0
_LEVELS, _ACTS = ("good", "warned", "question", "fault"), ("create", "update", "same")


@dataclass(frozen=True, slots=True)
class Job:
    """What a step of the job knows of its import."""

    id: UUID
    actor: Actor
    category: Category
    row: Row


class GoneError(TitikError):
    """The import, or the account that asked for it, is not there any more."""

    code = "importer-gone"


class BusyError(Exception):
    """Another process is at it: the queue tries again, and finds it done."""


async def work(settings: Settings, import_id: UUID) -> None:
    """Takes the import as far as it was asked for. What the file or the rules say against it is told in the import; anything else is raised,
    so that the job is tried again.
    """
    async with connected(settings.service_dsn, TIMEOUT_S) as begin:
        async with begin() as session:
            if not await session.value(queries.ALONE, id=import_id):
                raise BusyError
        try:
            job = await _begin(begin, import_id)
            if job is None:
                return
            if job.row["state"] in ("queued", "judging"):
                await _judge(begin, job, settings)
            elif job.row["state"] == "committing":
                await _commit(begin, job)
        except GoneError:
            async with begin() as session:
                await session.run(queries.AS_SYSTEM)
                await session.run(queries.FAILED, id=import_id, problem={"code": "importer-gone", "facts": {}})
        except OSError as error:
            if error.errno in NO_ROOM:
                # The disk, not the file: this try does not count against it, and the queue tries again.
                async with begin() as session:
                    await _act(session, import_id)
                    await session.run(queries.NOT_TRIED, id=import_id)
            raise
        except TitikError as error:
            if isinstance(error, Unavailable) and error.code != "no-edition":
                raise  # the database, not the file: the queue tries again
            async with begin() as session:
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


async def _judge(begin: Begin, job: Job, settings: Settings) -> None:
    async with begin() as session:
        await _act(session, job.id)
        await session.run(queries.EMPTY, id=job.id)
        polygons = await Polygons.load(session)
        directory = Directory(await all_regions(session))
    with private(settings.spool_directory) as place:
        path = place / "file"
        await _fetch(begin, job.id, path)
        table = open_table(path, job.row["name"], sheet=job.row["options"].get("sheet"))
        layout, notes, batches = _laid_out(table, job)
        judge = Judge(job.category, Placing(polygons, directory, job.actor, layout), layout)
        seen, counts = Seen(), Counter[str]()
        # The loop stands still meanwhile: it has nothing else to do.
        for more in judge_abreast(_share_of(settings, job, judge), batches, seen):
            counts.update(more)
    async with begin() as session:
        await _act(session, job.id)
        if seen.shared:
            numbers, finding = sorted(seen.shared), [{"code": "place-shared-first"}]
            were_good = await session.value(queries.SHARED, id=job.id, numbers=numbers, finding=finding)
            counts.update({"good": -were_good, "warned": were_good})
        await session.run(
            queries.JUDGED,
            id=job.id,
            found=_found(table, layout, notes, counts),
            edition_id=polygons.edition.id,
            category_version=job.category.version,
            done=_rows(counts),
        )


def _laid_out(table: Table, job: Job) -> tuple[Layout, Sequence[Note], Iterator[list[SourceRow]]]:
    """What the columns are, by their headings and by the cells of the first rows; and all rows, from the first."""
    named: Mapping[str, str | None] = job.row["options"].get("columns") or {}
    first = next(table.batches, [])
    columns = recognised(table.columns, job.category, named)
    columns, notes = fitted(columns, [row.cells for row in first], job.category, named, whole=len(first) < AT_ONCE)
    columns, people = set_apart(columns, job.category, named)
    if not table.has_places and not any(column.field for column in columns):
        raise TitikError("columns-unknown")
    notes = [*not_there(table.columns, named), *notes]
    return Layout(columns, people, table.above), notes, chain([first] if first else [], table.batches)


async def _fetch(begin: Begin, import_id: UUID, path: Path) -> None:
    """The file from its parts."""
    part = 0
    async with begin() as session:
        await _act(session, import_id)
        with path.open("wb") as file:
            while (content := await session.value(queries.PART, import_id=import_id, part=part)) is not None:
                file.write(content)
                part += 1


def _share_of(settings: Settings, job: Job, judge: Judge) -> Callable[[Share], None]:
    async def judge_batches(share: Share) -> None:
        async with connected(settings.service_dsn, TIMEOUT_S) as begin:
            for rows in share.batches():
                async with begin() as session:
                    await session.run(queries.LIGHTLY)
                    await _act(session, job.id)
                    drafts = await judge.look(session, rows)
                    judged = judge.conclude(drafts, share.compare(list(judge.said(drafts))))
                    await session.run(queries.ADD_ROWS, import_id=job.id, account_id=job.actor.id, rows=judged)
                    await session.run(queries.PROGRESS, id=job.id, done=len(judged))
                share.stored(_counted(judged))

    return lambda share: uvloop.run(judge_batches(share))


def _counted(judged: Sequence[Mapping[str, Any]]) -> Counter[str]:
    counts = Counter(row["level"] for row in judged)
    counts.update(row["act"] for row in judged if row["act"])
    for row in judged:
        if row["level"] == "question":
            counts.update(f"ask {word}" for word in row["asks"].split())
        counts["people"] += len(row.get("people") or ())
        counts.update(f"filled {column}" for column in row.get("filled", ()))
    return counts


def _found(table: Table, layout: Layout, notes: Sequence[Note], counts: Counter[str]) -> dict[str, Any]:
    """What the file is like, and how many of its rows are how good."""
    people = layout.people
    of_people = [
        Note(code, said)
        for code, about in (people.notes.items() if people else ())
        if (said := tuple(at for at in sorted(about) if counts[f"filled {at}"]))
    ]
    return {
        "format": table.format,
        **({"sheet": table.sheet} if table.sheet else {}),
        "rows": _rows(counts),
        "blank": table.skipped_blank(),
        "counts": {name: counts[name] for name in (*_LEVELS, *_ACTS)},
        "asks": {name.removeprefix("ask "): number for name, number in sorted(counts.items()) if name.startswith("ask ")},
        "columns": [_column(one, one.field or (people.field_of(one.at) if people else None)) for one in layout.columns],
        "people": counts["people"],
        "notes": [note.json() for note in (*notes, *of_people)],
    }


def _column(column: Column, field: Field | None) -> dict[str, Any]:
    return {"header": column.header, "field": field.name if field else None, "title": list(field.title if field else Text("", ""))}


def _rows(counts: Counter[str]) -> int:
    return sum(counts[level] for level in _LEVELS)


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
            await queueing.put(session, queueing.IMPORTS, str(job.id))
        else:
            await _store(session, actor, job, row, edition.id)


async def _store(session: WriteSession, actor: Actor, job: Job, row: Row, edition_id: int) -> None:
    chosen = {"id": job.id, **choice(row["options"])}
    counts = {one["act"]: one["number"] for one in await session.all(queries.COUNT_CHOSEN, **chosen)}
    left_out = 0
    terms = ContactTerms.model_validate(row["options"]["contacts"]) if row["options"].get("contacts") else None
    if counts.get("update") or terms:
        await session.run(queries.HOLD_POINTS, **chosen, acts=["update", "same"] if terms else ["update"])
    if counts.get("update"):
        left_out += len(await session.all(queries.OVERTAKEN, **chosen, finding=[{"code": "row-overtaken"}]))
        await session.run(queries.SUPERSEDE, **chosen)
    if counts.get("create"):
        left_out += len(await session.all(queries.ID_TAKEN, **chosen, finding=[{"code": "row-id-taken"}]))
    taken = await _taken(session, job, row, chosen, is_last=False)
    if taken:
        await session.run(queries.TAKEN, id=job.id, numbers=taken, finding=[{"code": "row-key-taken"}])
    await session.run(queries.ROOMY)
    await session.run(queries.ADD_POINTS, **chosen, category=job.category.id)
    stored = await session.value(queries.ADD_REVISIONS, **chosen, category=job.category.id, edition_id=edition_id, account_id=actor.id)
    # Last of all, under the lock that whoever posts alone shares: they wait for as long as this takes, not for all of the above.
    if set(await _taken(session, job, row, chosen, is_last=True)) - set(taken):
        raise RuntimeError("a natural key was taken in the last moment: the job is tried again")
    committed: dict[str, Any] = {"stored": stored, "left_out": left_out + len(taken)}
    if terms:
        told = await session.all(queries.PEOPLE, **chosen)
        committed["contacts"] = await contacts.add_many(
            session, actor, ((one["point_id"], person) for one in told for person in one["people"]), terms
        )
    # Names stay no longer beside an import than it takes to decide about them.
    await session.run(queries.FORGET_PEOPLE, id=job.id)
    found = {"committed": committed}
    await session.run(queries.COMMITTED, id=job.id, found=found, done=stored)
    await audit.record(
        session, Action.IMPORT_COMMIT, job.id, account_id=actor.id, detail={"category": job.category.id, "stored": stored}, told=False
    )


async def _taken(session: WriteSession, job: Job, row: Row, chosen: Mapping[str, Any], *, is_last: bool) -> list[int]:
    fields = job.category.key_fields
    if not fields:
        return []
    common = [field for field in fields if field in ("kelurahan", "rw", "rt", "name")]
    # An id of the moment when the file came, and of before it as long as a transaction that was under way then may take.
    since = UUID(int=max(int((row["created_at"].timestamp() - TIMEOUT_S) * 1000), 0) << 80)
    found = await session.all(
        queries.TAKEN_SINCE, **chosen, category=job.category.id, since=since, commons=common, is_last=is_last,
        attributes=[field for field in fields if field not in common],
    )  # fmt: skip
    return [one["number"] for one in found]


def main() -> None:
    settle()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    uvloop.run(work(Settings(), UUID(sys.argv[1])))


def _end_with_parent() -> None:
    """The service holds the other end of standard input: when it is gone, however that came, so is this."""
    while os.read(0, 1024):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
