"""A workbook that came back: judged beside what there is, and committed. Only what was edited in it changes anything."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from app.access.rights import Actor
from app.audit.record import Action
from app.db import WriteSession
from app.errors import Fault, Invalid
from app.figures import queries
from app.figures.history import COMPARED
from app.figures.rules import WHOLE, id_of
from app.profiles import service
from app.profiles.checking import CheckFinding
from app.profiles.returned import TEXTS, ReturnedFigure, ReturnedSheet, SheetRows, read_returned
from app.profiles.schemas import SentProfile
from app.profiles.service import ProfileTarget
from app.wire import parse

Content = Mapping[str, Any]
"""What a figure says, by the names of `COMPARED`."""


class JudgedChange(NamedTuple):
    figure: ReturnedFigure
    before: Content
    after: Content


class JudgedWorkbook(NamedTuple):
    """`faults` by cell; `warnings`: what checks say of figures that are explained."""

    sheet: ReturnedSheet
    changes: Sequence[JudgedChange]
    faults: Sequence[Fault]
    warnings: Sequence[tuple[str, CheckFinding]] = ()


async def judge(session: WriteSession, actor: Actor, target: ProfileTarget, rows: SheetRows) -> JudgedWorkbook:
    """What it would change; nothing is written. `Unreadable` where it is no workbook of ours, `Forbidden` for a foreign kelurahan."""
    actor.demand(Action.VALUE_SUBMIT)
    actor.demand_kelurahan(target.kelurahan)
    sheet = read_returned(rows, f"{target.kelurahan}/{target.period}")
    changes, faults = await _edited(session, target, sheet)
    judged = JudgedWorkbook(sheet, changes, [*sheet.faults, *faults])
    # Checks compare figures with each other: of which one cannot be read, nothing is known of the others.
    if judged.faults or not changes:
        return judged
    try:
        found = await service.look(session, actor, target, _sent(changes))
    except Invalid as error:
        return judged._replace(faults=[_in_cell(fault, sheet, changes) for fault in error.faults])
    cells = {change.figure.key: sheet.cell(change.figure.number, "value") for change in changes}
    return judged._replace(warnings=[(cells[key], one) for key, findings in found.items() for one in findings])


async def confirm(session: WriteSession, actor: Actor, target: ProfileTarget, rows: SheetRows) -> tuple[JudgedWorkbook, list[UUID]]:
    """Sends what was edited to review, all of it or nothing. `Invalid` with the cells at fault; `Stale` where somebody was faster just now."""
    judged = await judge(session, actor, target, rows)
    if judged.faults:
        raise Invalid(faults=judged.faults)
    if not judged.changes:
        return judged, []
    _, stored = await service.submit(session, actor, target, _sent(judged.changes))
    return judged, stored


async def _edited(session: WriteSession, target: ProfileTarget, sheet: ReturnedSheet) -> tuple[list[JudgedChange], list[Fault]]:
    """What differs from the version that was filled in upon, and from what there is now; at fault where these two differ."""
    ids = {figure.key: id_of(target.kelurahan, figure.key, target.period) for figure in sheet.figures}
    now = {row["id"]: row for row in await session.all(queries.OF_PROFILE, kelurahan=target.kelurahan, period=str(target.period))}
    numbered = [(ids[figure.key], figure.version) for figure in sheet.figures if figure.version]
    rows = await session.all(queries.NUMBERED, ids=[one for one, _ in numbered], numbers=[number for _, number in numbered])
    upon = {(row["id"], row["version"]): row for row in rows}
    changes, faults = [], []
    for figure in sheet.figures:
        id_ = ids[figure.key]
        current = now.get(id_)
        base: Content = upon.get((id_, figure.version), {})
        if _says_the_same(figure, base):
            continue
        version = current["version"] if current else 0
        if current and _says_the_same(figure, {**current}):
            continue
        if version != figure.version:
            faults.append(Fault(sheet.cell(figure.number, "value"), "workbook-stale", {"version": figure.version, "now": version}))
            continue
        changes.append(JudgedChange(figure, {name: base.get(name) for name in COMPARED}, _content(figure, base)))
    return changes, faults


def _says_the_same(figure: ReturnedFigure, content: Content) -> bool:
    if not content:
        return figure.is_blank
    return {name: content[name] for name in COMPARED} == _content(figure, content)


def _content(figure: ReturnedFigure, base: Content) -> dict[str, Any]:
    """What a row says; texts as they were where only blanks around them differ, which a workbook does not keep."""
    texts = {name: base[name] if base and _plain(base[name]) == figure.texts[name] else figure.texts[name] for name in TEXTS}
    return {"value": figure.value, "meaning": figure.meaning, "status": figure.status, **texts}


def _plain(text: str | None) -> str | None:
    return (text or "").strip().replace("\r\n", "\n") or None


def _sent(changes: Sequence[JudgedChange]) -> SentProfile:
    """`Invalid` where a text is too long, or no text."""
    values = []
    for change in changes:
        key, value = change.figure.key, change.after["value"]
        one = {
            "indicator": key.indicator, "class": key.indicator_class if key.indicator_class != WHOLE else None, "version": change.figure.version,
            **change.after, "value": None if value is None else float(value),
        }  # fmt: skip
        values.append({name: part for name, part in one.items() if part is not None})
    return parse(SentProfile, {"values": values})


def _in_cell(fault: Fault, sheet: ReturnedSheet, changes: Sequence[JudgedChange]) -> Fault:
    """The same fault, by the cell that is to be corrected."""
    number, _, member = fault.where.removeprefix("/values/").partition("/")
    if not number.isdecimal() or int(number) >= len(changes):
        return Fault(sheet.cell(1, "value"), fault.code, fault.facts)
    return Fault(sheet.cell(changes[int(number)].figure.number, member), fault.code, fault.facts)


def shown(content: Content) -> dict[str, object]:
    """As JSON says it."""
    return {name: float(part) if isinstance(part, Decimal) else part for name, part in content.items()}
