"""Looking something up in the record, and reading its chain part by part."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from app.audit import queries
from app.audit.record import Action
from app.audit.schemas import AuditEntry
from app.audit.subjects import AuditSubject
from app.db import Session
from app.errors import BadRequest, Fault
from app.intervals import DatetimeInterval, read_interval


class AuditFilter(NamedTuple):
    """What is looked for; None: whatever it is. `account` by name, `kelurahan` by code, `datetime` as addresses write it."""

    account: str | None = None
    action: str | None = None
    subject: str | None = None
    kind: str | None = None
    kelurahan: str | None = None
    category: str | None = None
    datetime: str | None = None


async def page(session: Session, wanted: AuditFilter, before: int, limit: int) -> tuple[list[AuditEntry], int | None]:
    """A page of entries, the newest first, and the id that the next one begins below. `BadRequest` where a filter names what there is not."""
    if wanted.action is not None and wanted.action not in set(Action):
        raise BadRequest(faults=[Fault("action", "not-one-of", {"expected": ", ".join(sorted(Action))})])
    span = _span(wanted.datetime)
    filters = wanted._asdict() | {"begin": span.begin, "end": span.end}
    del filters["datetime"]
    rows = await session.all(queries.ENTRIES, before=before, limit=limit + 1, **filters)
    if not rows and wanted.account is not None and not await session.value(queries.IS_ACCOUNT, name=wanted.account):
        raise BadRequest(faults=[Fault("account", "account-not-known", {"name": wanted.account})])
    return [AuditEntry(**row) for row in rows[:limit]], rows[limit - 1]["id"] if len(rows) > limit else None


async def names_of(session: Session, subjects: Iterable[AuditSubject]) -> dict[AuditSubject, str]:
    """By one statement; without those that are gone. Of points those that everybody may know: whoever reads the record may not read what is in work."""
    ids: dict[str, set[str]] = {}
    for one in subjects:
        ids.setdefault(one.kind, set()).add(one.id)
    numbers = {
        kind: [int(text) for text in ids.get(kind, ()) if text.isdecimal() and len(text) < 10] for kind in ("account", "token", "edition")
    }
    uuids = {kind: [text for text in ids.get(kind, ()) if _is_uuid(text)] for kind in ("point", "webhook")}
    rows = await session.all(
        queries.NAMES,
        accounts=numbers["account"],
        tokens=numbers["token"],
        editions=numbers["edition"],
        points=uuids["point"],
        webhooks=uuids["webhook"],
    )
    return {AuditSubject(row["kind"], row["id"]): row["name"] for row in rows}


def _span(text: str | None) -> DatetimeInterval:
    """The times that a parameter `datetime` means. `BadRequest`."""
    try:
        return (None if text is None else read_interval(text)) or DatetimeInterval(None, None)
    except ValueError:
        raise BadRequest(faults=[Fault("datetime", "datetime-invalid")]) from None


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
