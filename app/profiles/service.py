"""Figures of kelurahan are proposed, looked at from all sides, and moved."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple
from uuid import UUID

import orjson

from app.access.rights import Actor
from app.audit.record import Action
from app.db import WriteSession
from app.errors import Conflict, Fault, Invalid, NotFound, Stale
from app.figures import definitions as indicators
from app.figures import queries
from app.figures.definitions import IndicatorRow
from app.figures.noun import VALUE
from app.figures.periods import Period
from app.figures.queries import WorkRow
from app.figures.rules import FigureKey, ProposedValue, figure_of, id_of, value_faults
from app.profiles.checking import CheckedProfile, CheckFinding, findings
from app.profiles.schemas import MovingValue, SentProfile
from app.reviews import moving
from app.uuid7 import uuid7


class ProfileTarget(NamedTuple):
    """Of which kelurahan and period figures are; `counted`: what is on the map of it now, by indicator, where the period is the present one."""

    kelurahan: str
    period: Period
    counted: Mapping[str, Fraction]


async def submit(session: WriteSession, actor: Actor, target: ProfileTarget, sent: SentProfile) -> tuple[list[WorkRow], list[UUID]]:
    """Proposes these figures, all or none: the whole profile as it is then, and the ids of those of which there is something new.

    `Forbidden` for a foreign kelurahan, `Invalid` for what is wrong or unexplained, `Stale` where another version has come since.
    """
    actor.demand(Action.VALUE_DRAFT if sent.draft else Action.VALUE_SUBMIT)
    actor.demand_kelurahan(target.kelurahan)
    known = await indicators.newest(session)
    proposed = [one.proposed() for one in sent.values]
    _demand_valid(proposed, known, target.period)
    ids = [id_of(target.kelurahan, one.key, target.period) for one in proposed]
    await _hold(session, target, proposed, ids)
    rows = {row["id"]: row for row in await session.all(queries.OF_PROFILE, kelurahan=target.kelurahan, period=str(target.period))}
    _demand_fresh(proposed, ids, rows)
    found = {} if sent.draft else await _check(session, target, known, proposed, list(rows.values()))
    state = "draft" if sent.draft else "submitted"
    new = [
        (one, id_)
        for one, id_ in zip(proposed, ids, strict=True)
        if _is_new(one, rows.get(id_), state, known[one.key.indicator]["version"])
    ]
    if new:
        await session.run(queries.SUPERSEDE_OPEN, ids=[id_ for _, id_ in new])
    for one, id_ in new:
        await _store(session, actor, one, id_, state, known[one.key.indicator]["version"], found.get(one.key, []))
    after = await session.all(queries.OF_PROFILE, kelurahan=target.kelurahan, period=str(target.period))
    return after, [id_ for _, id_ in new]


async def look(session: WriteSession, actor: Actor, target: ProfileTarget, sent: SentProfile) -> dict[FigureKey, list[CheckFinding]]:
    """What `submit` would say of these figures now: what the checks found that is explained; and its errors, but for `Stale`. Nothing is written."""
    actor.demand(Action.VALUE_SUBMIT)
    actor.demand_kelurahan(target.kelurahan)
    known = await indicators.newest(session)
    proposed = [one.proposed() for one in sent.values]
    _demand_valid(proposed, known, target.period)
    rows = await session.all(queries.OF_PROFILE, kelurahan=target.kelurahan, period=str(target.period))
    return await _check(session, target, known, proposed, rows)


async def move(
    session: WriteSession, actor: Actor, id_: UUID, wanted: MovingValue, counted: Mapping[str, Fraction], period: Period
) -> WorkRow:
    """Carries out a move of one figure, and gives it as it is then. `NotFound`, `Forbidden`, `Conflict`, and as `submit`."""
    row = await hold_one(session, id_)
    if wanted.move == "unpublish":
        if wanted.reason is None:
            raise Invalid(faults=[Fault("/reason", "reason-missing")])
        actor.demand(Action.REVISION_UNPUBLISH)
        revision = await session.value(queries.PUBLISHED, id=id_)
        if revision is None:
            raise Conflict("move-impossible", state=row["state"])
        await moving.unpublish(session, actor, VALUE, revision, row["state"], wanted.reason)
    elif wanted.move == "withdraw":
        await moving.withdraw(session, actor, VALUE, row["revision"], row["state"], wanted.reason)
    else:
        actor.demand(Action.REVISION_SUBMIT)
        target = ProfileTarget(row["kelurahan"], period, counted)
        known = await indicators.newest(session)
        others = await session.all(queries.OF_PROFILE, kelurahan=row["kelurahan"], period=row["period"])
        _demand_valid([proposal_of(row)], known, period)
        await _check(session, target, known, [proposal_of(row)], others)
        await moving.submit(session, actor, VALUE, row["revision"], row["state"])
    return await session.first(queries.ONE, id=id_) or {**row, "state": "withdrawn"}


async def hold_one(session: WriteSession, id_: UUID) -> WorkRow:
    """The newest state of a figure that nobody else can change until the transaction ends. `NotFound`."""
    await session.run(queries.HOLD, ids=[id_])
    return await one(session, id_)


async def one(session: WriteSession, id_: UUID) -> WorkRow:
    """The newest state of a figure that the actor may see. `NotFound`."""
    row = await session.first(queries.ONE, id=id_)
    if row is None:
        raise NotFound("value-unknown")
    return row


def proposal_of(row: WorkRow) -> ProposedValue:
    key = FigureKey(row["indicator"], row["indicator_class"])
    content = (row["value"], row["meaning"], row["status"], row["source"], row["note"], row["explanation"])
    return ProposedValue(key, *content)  # type: ignore[arg-type]


def _demand_valid(proposed: Sequence[ProposedValue], known: Mapping[str, IndicatorRow], period: Period) -> None:
    faults: list[Fault] = []
    keys = [one.key for one in proposed]
    for at, one in enumerate(proposed):
        where = f"/values/{at}"
        row = known.get(one.key.indicator)
        faults += value_faults(one, row["definition"] if row else None, period, where)
        if one.key in keys[:at]:
            faults.append(Fault(f"{where}/indicator", "listed-twice"))
        if (one.meaning == "value") != (one.value is not None):
            faults.append(Fault(f"{where}/value", "value-missing" if one.value is None else "value-alien"))
    if faults:
        raise Invalid(faults=faults)


async def _hold(session: WriteSession, target: ProfileTarget, proposed: Sequence[ProposedValue], ids: Sequence[UUID]) -> None:
    await session.run(
        queries.ADD, ids=list(ids), indicators=[one.key.indicator for one in proposed], classes=[one.key.indicator_class for one in proposed],
        kelurahan=target.kelurahan, period=str(target.period), begins=target.period.begins, ends=target.period.ends,
    )  # fmt: skip
    await session.run(queries.HOLD, ids=list(ids))


def _demand_fresh(proposed: Sequence[ProposedValue], ids: Sequence[UUID], rows: Mapping[UUID, WorkRow]) -> None:
    for one, id_ in zip(proposed, ids, strict=True):
        now = rows[id_]["version"] if id_ in rows else 0
        if one.version is not None and one.version != now:
            raise Stale("value-stale", members={"indicator": one.key.indicator, "class": one.key.indicator_class or None, "version": now})


async def _check(
    session: WriteSession,
    target: ProfileTarget,
    known: Mapping[str, IndicatorRow],
    proposed: Sequence[ProposedValue],
    rows: Sequence[WorkRow],
) -> dict[FigureKey, list[CheckFinding]]:
    """What the checks have to say of each figure, all of it explained. `Invalid` otherwise."""
    before = await session.all(queries.BEFORE, kelurahan=target.kelurahan, period=str(target.period.before))
    figures = {FigureKey(row["indicator"], row["indicator_class"]): figure_of(row["meaning"], row["value"]) for row in rows}
    figures |= {one.key: one.figure for one in proposed}
    profile = CheckedProfile(
        figures,
        {FigureKey(row["indicator"], row["indicator_class"]): figure_of(row["meaning"], row["value"]) for row in before},
        target.counted,
    )
    found: dict[FigureKey, list[CheckFinding]] = {}
    for finding in findings({one.key for one in proposed}, {name: row["definition"] for name, row in known.items()}, profile):
        found.setdefault(finding.key, []).append(finding)
    faults = []
    for at, one in enumerate(proposed):
        for finding in found.get(one.key, []):
            if finding.severity == "fault":
                faults.append(Fault(f"/values/{at}/value", f"misfit-{finding.kind}", finding.facts))
            elif one.explanation is None:
                faults.append(Fault(f"/values/{at}/explanation", f"explain-{finding.kind}", finding.facts))
    if faults:
        raise Invalid(faults=faults)
    return found


def _is_new(one: ProposedValue, row: WorkRow | None, state: str, definition: int) -> bool:
    if row is None:
        return True
    same = proposal_of(row).content == one.content and row["indicator_version"] == definition
    return not (same and row["state"] in (state, "published"))


async def _store(
    session: WriteSession, actor: Actor, one: ProposedValue, id_: UUID, state: str, definition: int, found: Sequence[CheckFinding]
) -> None:
    action = Action.VALUE_DRAFT if state == "draft" else Action.VALUE_SUBMIT
    detail = {"kind": VALUE.kind, VALUE.kind: str(id_), "category": one.key.indicator, "state": state}
    content = orjson.dumps([str(part) if part is not None else None for part in (*one.key, *one.content)])
    await session.value(
        queries.STORE, id=id_, revision=uuid7(), state=state, value=one.value, meaning=one.meaning, status=one.status, source=one.source,
        indicator_version=definition, note=one.note, explanation=one.explanation,
        warnings=[{"kind": finding.kind, "facts": dict(finding.facts)} for finding in found],
        content_sha256=hashlib.sha256(content).digest(), account_id=actor.id, action=action.value, kind=VALUE.kind, detail=detail,
    )  # fmt: skip


def is_present(period: Period, today: date) -> bool:
    """Whether what is on the map now can be held against figures of this period."""
    return period.begins <= today <= period.ends
