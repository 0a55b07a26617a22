"""The page of the record of what was done: each entry with what it is about in words, and the address where an administrator may look at that."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote

from markupsafe import Markup

from app.audit.record import Action
from app.audit.schemas import AuditEntry
from app.audit.subjects import AuditSubject, subject_of
from app.language import Text
from app.pages.frame import Frame, page
from app.pages.managing import ACCOUNTS, HOME_TITLE, MANAGE, RECORD, RECORD_TITLE
from app.pages.managing_categories import CATEGORIES
from app.pages.managing_editions import address_of
from app.pages.managing_indicators import MANAGED_INDICATORS
from app.pages.managing_webhooks import WEBHOOKS
from app.pages.managing_words import ACTIONS
from app.pages.times import moment_time
from app.regions.codes import Directory

_TOKEN = Text("kunci (token) milik {name}", "a token of {name}")
_GONE = {
    "point": Text("titik yang tidak terbit", "a point that is not published"),
    "account": Text("akun yang sudah tidak ada", "an account that is gone"),
    "token": Text("kunci (token) yang sudah tidak ada", "a token that is gone"),
    "edition": Text("edisi batas yang sudah dihapus", "an edition of boundaries that was removed"),
    "webhook": Text("webhook yang sudah dihapus", "a webhook that was removed"),
}
_UNNAMED = {
    "value": Text("angka profil kelurahan", "a figure of a kelurahan profile"),
    "session": Text("sesi masuk di peramban", "a signed-in browser"),
    "report": Text("laporan warga", "a report of a citizen"),
    "import": Text("berkas impor", "an imported file"),
    "demo": Text("data contoh", "the sample data"),
    "contacts": Text("kontak yang masanya berakhir sebelum {day}", "contacts whose term ended before {day}"),
    "reports": Text("laporan warga yang lama, pada {day}", "old reports, on {day}"),
}
_ALL_SESSIONS = Text("semua sesi masuk akun itu", "all signed-in browsers of that account")
_ALL_OF_ONE = AuditSubject("session", "all")


class KnownNames(NamedTuple):
    """`found`: as `audit.subjects.names_of` has them; `categories`: titles by id."""

    found: Mapping[AuditSubject, str]
    categories: Mapping[str, Text]
    directory: Directory


class RecordPage(NamedTuple):
    entries: Sequence[AuditEntry]
    filters: Mapping[str, str]
    following: str | None
    wrong: Mapping[str, str]


class _Line(NamedTuple):
    """`same`: the address of all that was done about the same. `href`: None where there is no page of it that an administrator may open."""

    entry: AuditEntry
    action: str
    at: Markup
    kelurahan: str
    subject: str
    href: str | None
    category: str
    same: str


def record(frame: Frame, names: KnownNames, shown: RecordPage) -> str:
    crumbs = [(HOME_TITLE.say(frame.language), frame.root + MANAGE)]
    return page(
        "managing_record.html", frame, RECORD_TITLE.say(frame.language), crumbs, shown=shown, path=frame.root + RECORD,
        actions=sorted(((str(action), _action_text(action, frame)) for action in Action), key=lambda pair: pair[1]),
        lines=[_line(entry, names, frame) for entry in shown.entries],
    )  # fmt: skip


def _line(entry: AuditEntry, names: KnownNames, frame: Frame) -> _Line:
    text, href = _shown_subject(entry, names, frame)
    code, category = entry["kelurahan"], entry["category"]
    region, title = names.directory.kelurahan.get(code or ""), names.categories.get(category or "")
    return _Line(
        entry, _action_text(entry["action"], frame), moment_time(entry["at"], frame.language, frame.cities.zone_of(code), seconds=True),
        region.name if region else code or "", text, href, title.say(frame.language) if title else category or "",
        f"{frame.root}{RECORD}?subject={quote(entry['subject'], safe='')}",
    )  # fmt: skip


def _action_text(action: str, frame: Frame) -> str:
    """The word itself where it has no sentence: a record of a later version."""
    return ACTIONS[Action(action)].say(frame.language) if action in set(Action) else action


def _shown_subject(entry: AuditEntry, names: KnownNames, frame: Frame) -> tuple[str, str | None]:
    """What it is called, and where it may be looked at."""
    subject, language = subject_of(entry), frame.language
    if subject.kind in _UNNAMED:
        text = _ALL_SESSIONS if subject == _ALL_OF_ONE else _UNNAMED[subject.kind]
        return text.say(language, {"day": subject.id}), None
    if subject.kind in _GONE:
        return _shown_row(entry, subject, names.found.get(subject), frame)
    if subject.kind == "category":
        title = names.categories.get(subject.id)
        return title.say(language) if title else subject.id, f"{frame.root}{CATEGORIES}/{quote(subject.id, safe='')}"
    if subject.kind == "indicator":
        return subject.id, f"{frame.root}{MANAGED_INDICATORS}/{quote(subject.id, safe='')}"
    city = frame.cities.all.get(subject.id) if subject.kind == "region" else None
    return city.name if city else subject.id, None


def _shown_row(entry: AuditEntry, subject: AuditSubject, name: str | None, frame: Frame) -> tuple[str, str | None]:
    """Of what has a row with a name, as long as it is there."""
    kind, language, root = subject.kind, frame.language, frame.root
    if name is None:
        was = entry["detail"].get("name") if kind == "edition" else None
        return str(was) if was else _GONE[kind].say(language), None
    if kind == "point":
        return name, f"{root}/p/{subject.id}"
    if kind == "edition":
        return name, root + address_of(name, int(subject.id))
    if kind == "webhook":
        return name, f"{root}{WEBHOOKS}/{subject.id}"
    return _TOKEN.say(language, {"name": name}) if kind == "token" else name, f"{root}{ACCOUNTS}/{quote(name, safe='')}"
