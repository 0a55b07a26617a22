"""Looking something up in the record, and reading its chain part by part."""

from typing import NamedTuple

from app.audit import queries
from app.audit.record import Action
from app.audit.schemas import AuditEntry
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


def _span(text: str | None) -> DatetimeInterval:
    """The times that a parameter `datetime` means. `BadRequest`."""
    try:
        return (None if text is None else read_interval(text)) or DatetimeInterval(None, None)
    except ValueError:
        raise BadRequest(faults=[Fault("datetime", "datetime-invalid")]) from None
