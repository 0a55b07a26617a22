"""Pages of reports: the form for anybody, what became of one, and the tasks of those who answer."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from app.language import Language, Text
from app.pages.frame import Frame, page
from app.pages.times import moment_time
from app.regions.codes import Region

KINDS: dict[str, Text] = {
    "error": Text("Ada yang salah", "Something is wrong"),
    "gone": Text("Sudah tidak ada", "It is no longer there"),
    "confirm": Text("Masih ada dan benar", "It is still there, and right"),
    "missing": Text("Belum ada di peta", "It is not on the map yet"),
}
STATES: dict[str, Text] = {
    "received": Text("Diterima, menunggu", "Received, waiting"),
    "in-progress": Text("Sedang diperiksa", "Being looked at"),
    "closed": Text("Selesai", "Closed"),
}
OUTCOMES: dict[str, Text] = {
    "fixed": Text("Sudah diperbaiki", "It was corrected"),
    "confirmed": Text("Sudah dicatat, terima kasih", "It was noted, thank you"),
    "not-reproducible": Text("Tidak ditemukan di tempat", "It was not found on the spot"),
    "nothing-to-do": Text("Tidak ada yang perlu diubah", "There is nothing to change"),
}
_TITLE = Text("Lapor", "Report")
_TASKS = Text("Laporan warga", "Reports of citizens")
_REPORT = Text("Laporan {number}", "Report {number}")
_SELECTED_AT_MOST = 500


class ReportedPoint(NamedTuple):
    """A published point that somebody reports of."""

    id: str
    name: str
    kelurahan: str
    category: str


class EnteredForm(NamedTuple):
    """What was typed into a form, and what is wrong with it: a sentence for each field, and one about the whole."""

    fields: Mapping[str, str]
    wrong: Mapping[str, str]
    note: str = ""
    is_personal: bool = False
    """Whether its writer is asked to look at the text again."""
    has_lost_photo: bool = False
    """Whether a photo came with it: without a script it has to be chosen again."""


def form(
    frame: Frame,
    entered: EnteredForm,
    point: ReportedPoint | None,
    categories: Sequence[tuple[str, str]],
    kelurahan: Sequence[tuple[str, Sequence[Region]]],
) -> str:
    """`categories` by id and title, `kelurahan` by kecamatan; where there are too many to choose from, one is typed."""
    kinds = ("error", "gone", "confirm") if point else ("missing",)
    number = sum(len(regions) for _, regions in kelurahan)
    return page(
        "reports_form.html", frame, _TITLE.say(frame.language), entered=entered, point=point, categories=categories,
        kelurahan=kelurahan if number <= _SELECTED_AT_MOST else [], kinds=_in_language(frame.language, {one: KINDS[one] for one in kinds}),
    )  # fmt: skip


def state(frame: Frame, report: Mapping[str, object], place: str, *, is_new: bool) -> str:
    """What became of a report; `is_new` right after it was sent."""
    number = str(report["number"])
    return page(
        "reports_state.html", frame, _REPORT.say(frame.language, {"number": number}), report=_in_words(frame, report), place=place, is_new=is_new,
    )  # fmt: skip


def tasks(frame: Frame, reports: Sequence[Mapping[str, object]], chosen: str, following: str | None) -> str:
    """The reports of one's kelurahan in the state that is `chosen`; `following` is the address of the next page."""
    return page(
        "reports_tasks.html", frame, _TASKS.say(frame.language), reports=[_in_words(frame, one) for one in reports], chosen=chosen, following=following,
        states=_in_language(frame.language, STATES),
    )  # fmt: skip


def task(frame: Frame, report: Mapping[str, object], entered: EnteredForm, *, may_show: bool) -> str:
    """One report with the form that answers it."""
    title = _REPORT.say(frame.language, {"number": report["number"]})
    crumbs = [(_TASKS.say(frame.language), f"{frame.root}/portal/laporan")]
    return page(
        "reports_task.html", frame, title, crumbs, report=_in_words(frame, report), entered=entered, may_show=may_show,
        outcomes=_in_language(frame.language, OUTCOMES),
    )  # fmt: skip


def _in_language(language: Language, texts: Mapping[str, Text]) -> list[tuple[str, str]]:
    return [(name, text.say(language)) for name, text in texts.items()]


def _in_words(frame: Frame, report: Mapping[str, object]) -> dict[str, object]:
    """With words for its codes, and times by the clock of its city."""
    absent = dict.fromkeys(
        ("category_title", "point", "text", "photo", "outcome", "answer", "answered_at", "closed_at", "deleted_at", "kelurahan_name", "name", "lon", "lat", "personal",
         "text_shown", "photo_shown")
    )  # fmt: skip
    zone = frame.cities.zone_of(str(report["kelurahan"]))
    times = {name: moment_time(value, frame.language, zone) for name, value in report.items() if isinstance(value, datetime)}
    outcome = OUTCOMES.get(str(report.get("outcome")))
    words = {
        "kind_text": KINDS[str(report["kind"])].say(frame.language),
        "state_text": STATES[str(report["state"])].say(frame.language),
        "outcome_text": outcome.say(frame.language) if outcome else None,
    }
    return {**absent, **report, **times, **words}
