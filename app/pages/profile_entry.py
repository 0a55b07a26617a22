"""The page on which an officer fills in the figures of a kelurahan for a period, and the way to it. From values to HTML."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from app.figures.periods import Period
from app.figures.queries import BeforeRow, WorkRow
from app.figures.rules import FigureKey
from app.language import Language, Text
from app.pages.frame import Frame, page
from app.pages.indicators import SUBJECT_WORDS
from app.profiles.form import ProfileField, TypedFigure

PROFILES = "/portal/profil"
TITLE = Text("Profil kelurahan", "Profile of a kelurahan")
_MEANINGS = {
    "": Text("angka", "a number"), "empty": Text("belum ada yang tahu", "nobody knows it yet"), "not-applicable": Text("tidak berlaku di sini", "does not apply here"),
}  # fmt: skip
_STATUSES = {
    "sementara": Text("sementara", "provisional (sementara)"), "tetap": Text("tetap", "final (tetap)"), "revisi": Text("revisi", "revised (revisi)"),
}  # fmt: skip
_NO_NUMBER = {"empty": Text("belum ada yang tahu", "nobody knew it"), "not-applicable": Text("tidak berlaku", "did not apply")}


class ProfileChoice(NamedTuple):
    """What can be filled in: kelurahan by code and name, years; `fault` of what was typed."""

    kelurahan: Sequence[tuple[str, str]]
    chosen: str
    period: str
    years: Sequence[str]
    fault: str = ""


class EnteredProfile(NamedTuple):
    """`typed` and `wrong` by figure, `wrong` by part of its fields too; `done`: what has just been done."""

    kelurahan: str
    kelurahan_name: str
    period: Period
    fields: Sequence[ProfileField]
    rows: Mapping[FigureKey, WorkRow]
    before: Mapping[FigureKey, BeforeRow]
    typed: Mapping[FigureKey, TypedFigure]
    status: str
    wrong: Mapping[tuple[FigureKey, str], str] = {}
    trouble: str = ""
    done: str = ""
    file_fault: str = ""
    """What is wrong with the workbook that was sent."""


def choose_profile(frame: Frame, shown: ProfileChoice) -> str:
    return page("profile_choice.html", frame, TITLE.say(frame.language), (), shown=shown, path=frame.root + PROFILES)


def entered_profile(frame: Frame, shown: EnteredProfile) -> str:
    language = frame.language
    lines = [_line(field, shown, language) for field in shown.fields]
    groups = [
        {"title": SUBJECT_WORDS[subject].say(language), "lines": list(own)}
        for subject, own in groupby(lines, key=lambda line: str(line["subject"]))
    ]
    first = next((f"{part}:{field.name}" for field in shown.fields for part in ("angka", "jelas") if (field.key, part) in shown.wrong), "")
    return page(
        "profile_entry.html", frame, f"{shown.kelurahan_name}, {shown.period.title.say(language)}", [(TITLE.say(language), frame.root + PROFILES)],
        shown=shown, file_fault=shown.file_fault, groups=groups, first=first, path=f"{frame.root}{PROFILES}/{shown.kelurahan}/{shown.period}",
        meanings={name: text.say(language) for name, text in _MEANINGS.items()},
        statuses={name: text.say(language) for name, text in _STATUSES.items()}, period=shown.period.title.say(language),
    )  # fmt: skip


def _line(field: ProfileField, shown: EnteredProfile, language: Language) -> dict[str, object]:
    definition, key = field.definition, field.key
    row, typed = shown.rows.get(key), shown.typed.get(key, TypedFigure())
    name = definition["name"][language]
    return {
        "id": field.name, "subject": definition["subject"], "title": f"{name}: {field.class_title[language]}" if field.class_title else name,
        "unit": definition["unit"][language], "definition": definition["definition"][language], "typed": typed,
        "state": row["state"] if row else "", "reason": row["decision_reason"] if row else None, "before": _said_before(shown, key, language),
        "wrong": shown.wrong.get((key, "angka"), ""), "explain": shown.wrong.get((key, "jelas"), ""), "is_whole": definition["decimals"] == 0,
    }  # fmt: skip


def _said_before(shown: EnteredProfile, key: FigureKey, language: Language) -> str:
    """Last period's figure, to hold the new one against."""
    row = shown.before.get(key)
    if row is None:
        return ""
    said = _NO_NUMBER[row["meaning"]].say(language) if row["meaning"] in _NO_NUMBER else number_words(row["value"] or Decimal(0), language)
    return f"{shown.period.before.title.say(language)}: {said}"


def number_words(value: Decimal, language: Language) -> str:
    """As people write it here: 1.234.567,5."""
    text = f"{value.normalize():,f}"
    return text.translate(str.maketrans(",.", ".,")) if language == "id" else text
