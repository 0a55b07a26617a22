"""What entries of the record are about: the kind of thing and its id, read from the word of the deed and its detail. Pure."""

from typing import NamedTuple

from app.audit.record import Action
from app.audit.schemas import AuditEntry

# The first part of a word says of what its subject is the id. Photos and contacts are looked for at their point, which the detail names.
_KINDS = {
    "account": "account", "me": "account", "password": "account", "identity": "account", "second-factor": "account", "session": "session",
    "token": "token", "point": "point", "photo": "point", "contact": "point", "rescue": "point", "report": "report", "import": "import",
    "category": "category", "indicator": "indicator", "value": "value", "edition": "edition", "webhook": "webhook", "region": "region", "city": "region", "demo": "demo",
}  # fmt: skip
_OF_POINTS_THEMSELVES = frozenset({Action.RESCUE_BRING, Action.REVISION_ACKNOWLEDGE, Action.PHOTO_PUBLISH})
_ON_A_DAY = {Action.CONTACT_PURGE: "contacts", Action.REPORT_FORGET: "reports"}


class AuditSubject(NamedTuple):
    """`kind`: also `session`, `report`, `import`, `value`, `contacts` and `reports` (of a day), `demo`, which have no name; empty: nothing is known of it."""

    kind: str
    id: str


def subject_of(entry: AuditEntry) -> AuditSubject:
    action, first = entry["action"], entry["action"].partition(".")[0]
    if action in _ON_A_DAY:
        return AuditSubject(_ON_A_DAY[Action(action)], entry["subject"])
    kind = entry["kind"] or "" if first == "revision" else _KINDS.get(first, "")
    if kind in ("point", "value") and action not in _OF_POINTS_THEMSELVES:
        return AuditSubject(kind, str(entry["detail"].get(kind) or ""))
    return AuditSubject(kind, entry["subject"])
