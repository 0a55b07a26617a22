"""Reports found again, answered, shown, and deleted when nobody needs them any more."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from app.access.rights import Actor
from app.audit.record import Action, record
from app.db import Database, WriteSession
from app.errors import Conflict, Invalid, NotFound, TooMany
from app.reports import queries, rules
from app.reports.personal import tells_of_person
from app.reports.queries import FullReportRow, PublicReportRow
from app.reports.schemas import CitizenReport, ReportAnswer, ReportKind, ReportState, Showing
from app.wire import answer_from

KEPT = timedelta(days=90)
"""After closing; `titik.forget_reports` holds it too."""
BATCH = 500
HOUR = 1


class ReportsQuery(NamedTuple):
    """Which reports a list shows; None: all of them."""

    state: ReportState | None = None
    kind: ReportKind | None = None
    kelurahan: str | None = None
    """A code."""
    category: str | None = None


async def find(database: Database, number: str, seeker: bytes) -> PublicReportRow:
    """As anybody with its number may see it. `NotFound` alike for what never was and what is deleted; `TooMany` from an address (`seeker`) that has
    asked for too many numbers that nobody has.
    """
    written = rules.read_number(number)
    async with database.open_write(reading=True) as session:
        if await session.value(queries.TIMES, key=seeker, hours=HOUR) >= rules.MISSES_AN_HOUR:
            raise TooMany(seconds=await session.value(queries.WAIT_S, key=seeker, hours=HOUR))
        row = await session.first(queries.FIND_PUBLIC, number=written or "")
    if row is None:
        if written is not None:
            async with database.open_write() as session:
                await session.run(queries.COUNT, key=seeker)
        raise NotFound("report-unknown")
    return row


async def read(session: WriteSession, actor: Actor, number: str) -> FullReportRow | None:
    """As those see it who answer it; None where the actor is not one of them."""
    if not actor.may(Action.REPORT_READ):
        return None
    return await session.first(queries.FIND, number=rules.read_number(number) or "")


async def read_all(
    session: WriteSession, actor: Actor, wanted: ReportsQuery, before: UUID, limit: int
) -> tuple[list[FullReportRow], UUID | None]:
    """A page of them, the newest first; the id that the next page begins below."""
    actor.demand(Action.REPORT_READ)
    rows = await session.all(queries.LIST, before=before, limit=limit + 1, **wanted._asdict())
    return rows[:limit], rows[limit - 1]["id"] if len(rows) > limit else None


async def answer(session: WriteSession, actor: Actor, number: str, sent: ReportAnswer) -> FullReportRow:
    """Takes a report up, closes it with an answer, or opens it again. `Conflict` where somebody else has done so meanwhile."""
    actor.demand(Action.REPORT_ANSWER)
    if faults := list(rules.answer_faults(sent.state, sent.outcome, sent.answer)):
        raise Invalid(faults=faults)
    row = await _demand(session, number)
    claimed = await session.first(
        queries.ANSWER, number=row["number"], state=sent.state, outcome=sent.outcome, answer=sent.answer or None, account_id=actor.id,
        reached_from=list(rules.REACHED_FROM[sent.state]),
    )  # fmt: skip
    if claimed is None:
        raise Conflict("report-state")
    await _record(session, actor, Action.REPORT_ANSWER, claimed, {"state": sent.state, "outcome": sent.outcome})
    return await _demand(session, number)


async def show(session: WriteSession, actor: Actor, number: str, showing: Showing) -> FullReportRow:
    """What of its text and photo everybody with the number may see from now on."""
    actor.demand(Action.REPORT_SHOW)
    row = await _demand(session, number)
    shown = await session.one(queries.SHOW, number=row["number"], text=showing.text, photo=showing.photo)
    await _record(session, actor, Action.REPORT_SHOW, shown, showing.model_dump())
    return await _demand(session, number)


async def forget(database: Database) -> int:
    """Deletes, some at a time, what was closed 90 days ago, and how often addresses reported; the number of reports. Their photos go with the next
    sweep (`photos/sweeping.py`).
    """
    total = await _all_of(database)
    async with database.open_write() as session:
        await session.value(queries.FORGET_SENDERS, hours=rules.WITHIN_H, batch=100 * BATCH)
    return total


async def _all_of(database: Database) -> int:
    total = 0
    while True:
        async with database.open_write() as session:
            number = await session.value(queries.FORGET, batch=BATCH)
            if number:
                await record(session, Action.REPORT_FORGET, datetime.now(UTC).date(), detail={"reports": number}, notify=False)
        total += number
        if number < BATCH:
            return total


def report_json(row: PublicReportRow, here: str) -> CitizenReport:
    """`row` has what its reader may see."""
    members: dict[str, object] = {**row, "point": row["point_id"]}
    if row["photo_sha256"] is not None:
        members["photo"] = f"{here}/reports/{row['number']}/photo"
    if row["closed_at"] is not None:
        members["deleted_at"] = row["closed_at"] + KEPT
    if "kelurahan_name" in row:
        members["personal"] = tells_of_person(row["text"] or "")
    return answer_from(CitizenReport, members)


async def _demand(session: WriteSession, number: str) -> FullReportRow:
    row = await session.first(queries.FIND, number=rules.read_number(number) or "")
    if row is None:
        raise NotFound("report-unknown")
    return row


async def _record(session: WriteSession, actor: Actor, action: Action, report: queries.ClaimedReport, detail: dict[str, object]) -> None:
    # No listener learns of reports.
    await record(
        session, action, report["id"], account_id=actor.id, kelurahan=report["kelurahan"], category=report["category"], detail=detail, notify=False
    )  # fmt: skip
