"""A job of editions, in a process of its own: `python -m app.boundaries.working ID`. GDAL reads the files of strangers here, never in the service.

Loading and activating are one transaction each, comparing writes nothing but the row of its job: so a job that was killed is done again.
"""

import re
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import orjson
import uvloop

from app.background.child_limits import end_with_parent
from app.background.child_limits import settle as settle_process
from app.background.private_places import private
from app.boundaries import queries
from app.boundaries.checking import EditionFinding, check
from app.boundaries.comparing import EditionChanges, compare
from app.boundaries.jobs import ATTEMPTS, find, why_outdated
from app.boundaries.loading import LoadedEdition, read_boundaries
from app.boundaries.service import EditionFacts, activate, load_file, wait_for_writers
from app.connections import connected
from app.db import Begin, Row, WriteSession
from app.errors import OperatorError, Stale, TitikError, Unavailable
from app.placement.edition import active_edition
from app.points.judging import judge_all_again
from app.points.schemas import JSON_OPTIONS
from app.regions.queries import all_regions
from app.settings import Settings
from app.storage.disk import NO_ROOM

TIMEOUT_S = 600.0
SETTLING = "settling"
# How a file is called tells GDAL what it is; how it begins is the better witness.
_SUFFIXES = ((b"PK\x03\x04", ".zip"), (b"SQLite format 3\0", ".gpkg"), (b"fgb", ".fgb"), (b"{", ".geojson"))
_MARK = b"\xef\xbb\xbf"


class JobTaken(Exception):
    """Another process is at it: the queue tries again, and finds it done."""


class EditionJob(NamedTuple):
    """`begin` opens the transactions in which it works, `aside` those in which it says how far it is."""

    row: Row
    begin: Begin
    aside: Begin

    @property
    def id(self) -> UUID:
        found: UUID = self.row["id"]
        return found

    async def step(self, name: str, done: int = 0, total: int | None = None) -> None:
        async with self.aside() as session:
            await session.run(queries.AS_SYSTEM)
            await session.run(queries.STEP, id=self.id, step=name, done=done, total=total)

    async def tell(self, done: int, total: int) -> None:
        """How many points are judged."""
        await self.step("points", done, total)


async def work(settings: Settings, job_id: UUID) -> None:
    """Does what was asked. What speaks against it is told in the job; anything else is raised, so that the job is tried again."""
    async with connected(settings.service_dsn, TIMEOUT_S) as begin, connected(settings.service_dsn, TIMEOUT_S) as aside:
        async with begin() as session:
            if not await session.value(queries.ALONE, id=job_id):
                raise JobTaken
        try:
            if (row := await _begin(begin, job_id)) is not None:
                await _DEEDS[row["kind"]](EditionJob(row, begin, aside), settings)
        except OSError as error:
            if error.errno in NO_ROOM:
                # The disk, not the file: this try does not count against it, and the queue tries again.
                async with begin() as session:
                    await session.run(queries.AS_SYSTEM)
                    await session.run(queries.NOT_TRIED, id=job_id)
            raise
        except TitikError as error:
            if isinstance(error, Unavailable) and error.code != "no-edition":
                raise  # the database, not the edition: the queue tries again
            async with begin() as session:
                await session.run(queries.AS_SYSTEM)
                await session.run(queries.FAILED, id=job_id, problem=_problem(error))
                await session.run(queries.FORGET_FILE, job_id=job_id)


def _problem(error: TitikError) -> dict[str, object]:
    facts = {name: fact for name, fact in error.facts.items() if isinstance(fact, (str, int, float))}
    text = {"text": error.text.fill(**error.facts)._asdict()} if isinstance(error, OperatorError) else {}
    return {"code": error.code, "facts": facts, **text, **error.members}


async def _begin(begin: Begin, job_id: UUID) -> Row | None:
    """None where there is nothing left to do."""
    async with begin() as session:
        await session.run(queries.AS_SYSTEM)
        attempts = await session.value(queries.BEGIN_JOB, id=job_id)
        if attempts is None:
            return None
        row = await find(session, job_id)
    if attempts > ATTEMPTS:
        raise TitikError("boundary-job-crashed")
    return row


async def _act(session: WriteSession, job: EditionJob) -> int:
    """The account that asked; `TitikError` where it is not there any more, or may not ask any more."""
    row = await session.first(queries.ACT, id=job.id)
    if row is None:
        raise TitikError("boundary-asker-gone")
    account_id: int = row["account_id"]
    return account_id


async def _load(job: EditionJob, settings: Settings) -> None:
    options = job.row["options"]
    async with job.begin() as session:
        await _act(session, job)
        regions = await all_regions(session)
    await job.step("reading")
    with private(settings.spool_directory) as place:
        path = await _fetch(job, place)
        loaded = read_boundaries(path, regions, mapping=options["columns"], layer=options["layer"], accuracy_m=options["accuracy_m"])
    await job.step("checking")
    report = check(loaded.boundaries, regions)
    await job.step("storing")
    facts = EditionFacts(
        options["edition"], options["source"], options["accuracy_m"], legal_basis=options["legal_basis"],
        valid_from=date.fromisoformat(options["valid_from"]) if options["valid_from"] else None,
    )  # fmt: skip
    try:
        async with job.begin() as session:
            account_id = await _act(session, job)
            may_be = {"incomplete": options["incomplete"], "accept": options.get("accept", ())}
            edition_id = await load_file(session, facts, loaded, report, **may_be, account_id=account_id)
            await session.run(queries.LOADED, id=job.id, edition_id=edition_id)
            await session.run(queries.FORGET_FILE, job_id=job.id)
            await session.run(queries.DONE, id=job.id)
    except OperatorError as error:
        error.members["findings"] = _findings(loaded, report.findings)
        raise


def _findings(loaded: LoadedEdition, findings: Sequence[EditionFinding]) -> list[dict[str, object]]:
    return [finding.as_dict() for finding in (*findings, *loaded.notes)]


async def _fetch(job: EditionJob, place: Path) -> Path:
    """The file from its parts, called as its sender calls it, with the ending that GDAL needs."""
    parts, path = 0, place / "file"
    async with job.begin() as session:
        await _act(session, job)
        with path.open("wb") as file:
            while (content := await session.value(queries.PART, job_id=job.id, part=parts)) is not None:
                file.write(content)
                parts += 1
    with path.open("rb") as file:
        head = file.read(64).removeprefix(_MARK).lstrip()
    called = Path(re.sub(r"[^\w.\- ]", "_", job.row["options"]["name"])[-100:])
    suffix = next((suffix for beginning, suffix in _SUFFIXES if head.startswith(beginning)), called.suffix)
    return path.rename(place / f"{called.stem or 'file'}{suffix}")


async def _compare(job: EditionJob, _settings: Settings) -> None:
    await job.step("kelurahan")
    async with job.begin() as session:
        await session.run(queries.ONLY_READ)
        await _act(session, job)
        basis = await session.one(queries.STATE_OF_POINTS)
        changes = await compare(session, job.row["edition_id"], job.tell)
    async with job.begin() as session:
        await _act(session, job)
        await _keep(session, job, changes, {"basis": _plain(dict(basis))})
        await session.run(queries.DONE, id=job.id)


async def _keep(session: WriteSession, job: EditionJob, changes: EditionChanges, more: dict[str, object], step: str | None = None) -> None:
    points, areas = changes.listed()
    found = {"counts": changes.counts, "listed": len(points), **more}
    await session.run(queries.FOUND, id=job.id, step=step, found=found, points=_plain(points), areas=areas)


def _plain(value: object) -> object:
    """As JSON has it: identifiers and instants as texts."""
    return orjson.loads(orjson.dumps(value, option=JSON_OPTIONS, default=str))


async def _activate(job: EditionJob, _settings: Settings) -> None:
    # One that was killed while it settled has activated its edition already.
    if job.row["step"] != SETTLING:
        await job.step("kelurahan")
        async with job.begin() as session:
            account_id = await _act(session, job)
            await session.run(queries.HOLD_ACTIVATION)
            if job.row["options"]["compared"] and await why_outdated(session, await find(session, UUID(job.row["options"]["compared"]))):
                raise Stale("impact-outdated")
            transaction = await session.value(queries.ACTIVATED_BY)
            former = await active_edition(session)
            changes = await activate(session, job.row["edition"], job.tell, account_id)
            await _keep(session, job, changes, {"transaction": transaction, "former": former.name if former else None}, SETTLING)
    await _settle(job)


async def _settle(job: EditionJob) -> None:
    """What was being posted meanwhile is judged too, and listed behind the rest."""
    async with job.begin() as session:
        await session.run(queries.AS_SYSTEM)
        found = (await find(session, job.id))["found"]
    await wait_for_writers(job.begin, found["transaction"])
    async with job.begin() as session:
        await session.run(queries.AS_SYSTEM)
        late = await judge_all_again(session)
        points = [asdict(change) for change in late.changes]
        counts = found["counts"] | {name: found["counts"][name] + getattr(late, name) for name in ("judged", "changed")}
        more = {"counts": counts, "listed": found["listed"] + len(points)}
        await session.run(queries.ADD_LATE, id=job.id, found=more, points=_plain(points))
        await session.run(queries.DONE, id=job.id)


_DEEDS = {"load": _load, "compare": _compare, "activate": _activate}


def main() -> None:
    settle_process()
    end_with_parent()
    uvloop.run(work(Settings(), UUID(sys.argv[1])))


if __name__ == "__main__":
    main()
