"""The page that shows what a workbook of figures would change, before anything is stored. From values to HTML."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from app.figures.periods import Period
from app.figures.rules import FigureKey
from app.language import Language, Text
from app.messages import FAULTS, say_fault
from app.pages.frame import Frame, page
from app.pages.profile_entry import PROFILES, TITLE, number_words
from app.profiles.form import ProfileField
from app.profiles.returning import JudgedChange, JudgedWorkbook
from app.profiles.workbook import MEANINGS, STATUSES

_TITLE = Text("Buku kerja", "Workbook")
_NOTHING = Text("belum diisi", "not filled in")
_TEXTS = {
    "explanation": Text("Penjelasan: {text}", "Explanation: {text}"), "note": Text("Catatan: {text}", "Note: {text}"), "source": Text("Sumber: {text}", "Source: {text}"),
}  # fmt: skip
_TAKEN_OUT = Text("(dihapus)", "(taken out)")


class CheckedWorkbook(NamedTuple):
    """`content`: the cells that were read, which the form of the page sends back."""

    kelurahan: str
    kelurahan_name: str
    period: Period
    fields: Sequence[ProfileField]
    judged: JudgedWorkbook
    content: str


def checked_workbook(frame: Frame, shown: CheckedWorkbook) -> str:
    language, judged = frame.language, shown.judged
    titles = {field.key: _title(field, language) for field in shown.fields}
    path = f"{frame.root}{PROFILES}/{shown.kelurahan}/{shown.period}"
    name = f"{shown.kelurahan_name}, {shown.period.title.say(language)}"
    return page(
        "profile_workbook.html", frame, f"{_TITLE.say(language)}: {name}", [(TITLE.say(language), frame.root + PROFILES), (name, path)],
        shown=shown, path=path, content=shown.content, file_fault="",
        faults=[
            {"cell": one.where, "title": titles.get(_key(one.where, judged.sheet.keys), ""), "detail": say_fault(one.code, one.facts, language)} for one in judged.faults
        ],
        changes=[_change(one, judged, titles, language) for one in judged.changes], unchanged=len(judged.sheet.figures) - len(judged.changes),
    )  # fmt: skip


def _title(field: ProfileField, language: Language) -> str:
    name: str = field.definition["name"][language]
    return f"{name}: {field.class_title[language]}" if field.class_title else name


def _key(cell: str, rows: Mapping[int, FigureKey]) -> FigureKey:
    """Of which figure a cell speaks; of a row that is none of ours nobody knows."""
    number = cell.rpartition("!")[2].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return rows.get(int(number), FigureKey("")) if number.isdecimal() else FigureKey("")


def _change(one: JudgedChange, judged: JudgedWorkbook, titles: Mapping[FigureKey, str], language: Language) -> dict[str, object]:
    cell = judged.sheet.cell(one.figure.number, "value")
    texts = [
        text.say(language, {"text": one.after[name] or _TAKEN_OUT.say(language)})
        for name, text in _TEXTS.items()
        if one.before[name] != one.after[name]
    ]
    warnings = [FAULTS[f"misfit-{found.kind}"].say(language, found.facts) for where, found in judged.warnings if where == cell]
    return {
        "title": titles.get(one.figure.key, one.figure.key.indicator), "before": _figure_words(one.before, language), "after": _figure_words(one.after, language),
        "remarks": [*texts, *warnings],
    }  # fmt: skip


def _figure_words(content: Mapping[str, Any], language: Language) -> str:
    if not content["meaning"]:
        return _NOTHING.say(language)
    value = content["value"]
    said = number_words(value, language) if isinstance(value, Decimal) else MEANINGS[content["meaning"]].say(language)
    return f"{said} ({STATUSES[content['status']].say(language)})"
