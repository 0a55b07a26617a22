"""The job of an import, in a process of its own: `python -m app.imports.working ID`. It judges a file, or commits what was judged.

Judging may be done again at any time: it begins by forgetting what it had found. Committing is one transaction.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timezone
from itertools import chain
from pathlib import Path
from uuid import UUID

import uvloop

from app.access.rights import Actor
from app.audit.record import Action, record
from app.background import queueing
from app.background.child_limits import end_with_parent, settle
from app.background.private_places import private
from app.categories import queries as categories
from app.categories.rules import Category
from app.connections import connected
from app.contacts import service as contacts
from app.contacts.schemas import ContactTerms
from app.db import Begin, Row, WriteSession
from app.errors import TitikError, Unavailable
from app.imports import queries
from app.imports.columns import by_headers, fitted, not_there, recognised
from app.imports.describing import counted, judged, laid_out, rows_of
from app.imports.judging import Judge
from app.imports.layout import Layout
from app.imports.limits import AT_ONCE
from app.imports.parallel import Share, judge_abreast
from app.imports.people import set_apart
from app.imports.placing import Placing
from app.imports.reading import SourceRow, Table, open_table
from app.imports.seen import Seen
from app.imports.service import ATTEMPTS, choice
from app.placement.edition import active_edition
from app.placement.polygons import Polygons
from app.regions.codes import Directory
from app.regions.queries import all_regions, read_cities
from app.settings import Settings
from app.storage.disk import NO_ROOM

TIMEOUT_S = 600.0
LEFT_OUT = ("row-overtaken", "row-id-taken", "row-key-taken")


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
        cities = (await read_cities(session)).of(job.actor.kelurahan)
    with private(settings.spool_directory) as place:
        path = place / "file"
        await _fetch(begin, job.id, path)
        table = open_table(path, job.row["name"], sheet=job.row["options"].get("sheet"))
        layout, described, batches = await _laid_out(begin, table, job, cities.zone)
        judge = Judge(job.category, Placing(polygons, directory, job.actor, layout, cities), layout)
        seen, counts, totals = Seen(), Counter[str](), list[int]()
        # The loop stands still meanwhile: it has nothing else to do.
        for more in judge_abreast(_share_of(settings, job, judge), layout.without_totals(batches, totals), seen):
            counts.update(more)
    async with begin() as session:
        await _act(session, job.id)
        if seen.shared:
            numbers, finding = sorted(seen.shared), [{"code": "place-shared-first"}]
            shared = await session.one(queries.SHARED, id=job.id, numbers=numbers, finding=finding)
            counts.update({"good": -shared["good"], "warned": shared["good"], "finding place-shared-first": shared["rows"]})
        await session.run(
            queries.JUDGED,
            id=job.id,
            found=judged(table, layout, described, counts, totals),
            edition_id=polygons.edition.id,
            category_version=job.category.version,
            done=rows_of(counts),
        )


async def _laid_out(begin: Begin, table: Table, job: Job, zone: timezone) -> tuple[Layout, dict[str, object], Iterator[list[SourceRow]]]:
    """What the columns are, by their headings and by the cells of the first rows; the same as it is stored; and all rows, from the first."""
    named = by_headers(table.columns, table.aliases, job.row["options"].get("columns") or {})
    first = next(table.batches, [])
    columns = recognised(table.columns, job.category, named, table.aliases)
    columns, notes = fitted(columns, [row.cells for row in first], job.category, named, whole=len(first) < AT_ONCE)
    columns, people = set_apart(columns, job.category, named)
    notes = [*not_there(table.columns, named), *notes]
    layout = Layout(columns, people, table.above, zone)
    described = laid_out(table, layout, notes, [row.cells for row in first])
    async with begin() as session:
        await _act(session, job.id)
        await session.run(queries.LAID_OUT, id=job.id, found=described)
    if not table.has_places and not any(column.field for column in columns):
        raise TitikError("columns-unknown")
    return layout, described, chain([first] if first else [], table.batches)


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
                    rows_judged = judge.conclude(drafts, share.compare(list(judge.row_keys(drafts))))
                    await session.run(queries.ADD_ROWS, import_id=job.id, account_id=job.actor.id, rows=rows_judged)
                    await session.run(queries.PROGRESS, id=job.id, done=len(rows_judged))
                share.stored(counted(rows_judged))

    return lambda share: uvloop.run(judge_batches(share))


async def _commit(begin: Begin, job: Job) -> None:
    """All chosen rows, or none: one transaction. Rows that somebody has overtaken since are left out, and say so."""
    async with begin() as session:
        actor = await _act(session, job.id)
        row = await session.one(queries.HOLD, id=job.id)
        if row["state"] != "committing":
            return
        edition = await active_edition(session)
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
    committed: dict[str, object] = {"stored": stored, "left_out": left_out + len(taken)}
    if terms:
        people = await session.all(queries.PEOPLE, **chosen)
        committed["contacts"] = await contacts.add_many(
            session, actor, ((one["point_id"], person) for one in people for person in one["people"]), terms
        )
    # Names stay no longer beside an import than it takes to decide about them.
    await session.run(queries.FORGET_PEOPLE, id=job.id)
    found = {"committed": committed, "findings": await _findings_now(session, job, row)}
    await session.run(queries.COMMITTED, id=job.id, found=found, done=stored)
    await record(
        session, Action.IMPORT_COMMIT, job.id, account_id=actor.id, detail={"category": job.category.id, "stored": stored}, notify=False
    )


async def _findings_now(session: WriteSession, job: Job, row: Row) -> dict[str, int]:
    """In how many rows what was found, now also why rows were left out."""
    left_out = {one["code"]: one["rows"] for one in await session.all(queries.LEFT_OUT, id=job.id, codes=list(LEFT_OUT))}
    return {**row["found"].get("findings", {}), **left_out}


async def _taken(session: WriteSession, job: Job, row: Row, chosen: Mapping[str, object], *, is_last: bool) -> list[int]:
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
    end_with_parent()
    uvloop.run(work(Settings(), UUID(sys.argv[1])))


if __name__ == "__main__":
    main()
