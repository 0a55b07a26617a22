"""Each deed of the record says of what kind its subject is."""

from datetime import UTC, datetime

import pytest

from app.audit.record import Action
from app.audit.schemas import AuditEntry
from app.audit.subjects import AuditSubject, subject_of

# Reading, which is not recorded one by one.
UNRECORDED = {Action.ITEM_READ_INTERNAL, Action.REVIEW_READ, Action.AUDIT_READ, Action.STATE_READ}


def an_entry(action: str, subject: str = "7", kind: str | None = None, **detail: object) -> AuditEntry:
    return AuditEntry(
        id=1, at=datetime.now(UTC), account=None, action=action, subject=subject, kind=kind, kelurahan=None, category=None, detail=detail, position=None
    )  # fmt: skip


def test_every_deed_is_about_something() -> None:
    assert {action for action in Action if not subject_of(an_entry(action, kind="point")).kind} == UNRECORDED


@pytest.mark.parametrize(
    ("entry", "subject"),
    [
        (an_entry(Action.POINT_SUBMIT, "revision", "point", point="p"), ("point", "p")),
        (an_entry(Action.REVISION_PUBLISH, "revision", "point", point="p"), ("point", "p")),
        (an_entry(Action.REVISION_ACKNOWLEDGE, "p", "point"), ("point", "p")),
        (an_entry(Action.REVISION_PUBLISH, "revision", "profile"), ("profile", "revision")),
        (an_entry(Action.VALUE_SUBMIT, "revision", "value", value="v"), ("value", "v")),
        (an_entry(Action.REVISION_RETURN, "revision", "value", value="v"), ("value", "v")),
        (an_entry(Action.CONTACT_WRITE, "contact", point="p"), ("point", "p")),
        (an_entry(Action.CONTACT_PURGE, "2026-11-30"), ("contacts", "2026-11-30")),
        (an_entry(Action.PASSWORD_CHANGE, "7"), ("account", "7")),
        (an_entry("thing.done", "7"), ("", "7")),
    ],
)
def test_points_are_found_by_what_the_deed_tells(entry: AuditEntry, subject: tuple[str, str]) -> None:
    assert subject_of(entry) == AuditSubject(*subject)
