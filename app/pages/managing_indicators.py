"""The administrator's pages of indicators: the list, and a definition as a form. From values to HTML."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from app.indicators.form import IndicatorForm
from app.indicators.schemas import IndicatorVersion
from app.indicators.words import LEVEL_WORDS, PERIOD_WORDS
from app.language import Language, Text
from app.pages.frame import Frame, page
from app.pages.indicators import INDICATORS, KIND_WORDS, SUBJECT_WORDS, TITLE, ListedIndicator, grouped
from app.pages.managing import MANAGE

MANAGED_INDICATORS = "/portal/kelola/indikator"
_HOME = Text("Kelola", "Manage")
_NEW = Text("Indikator baru", "New indicator")
_AUDIENCES = {
    "public": Text("Semua orang", "Everybody"),
    "internal": Text("Hanya kantor yang masuk dengan akun", "Only offices that sign in"),
}
_CHECKS = {
    "": Text("Tidak ada", "None"),
    "parts": Text("Sama dengan jumlah indikator-indikator ini", "Is the sum of these indicators"),
    "at_most": Text("Tidak lebih dari indikator ini", "Is not above this indicator"),
    "classes": Text("Jumlah kelompoknya sama dengan indikator ini", "Its groups add up to this indicator"),
    "change": Text("Tidak banyak berubah dari periode sebelumnya", "Does not differ much from the period before"),
    "city": Text("Jumlah semua kelurahan sama dengan angka kota", "All kelurahan add up to the city's figure"),
    "map": Text("Sama dengan yang dihitung dari peta", "Is what the map counts"),
}
_SEVERITIES = {
    "warning": Text("minta penjelasan", "ask for a word of explanation"),
    "fault": Text("tolak", "refuse it"),
}


class ManagedIndicator(NamedTuple):
    """`wrong` by field of the form; `done` what has just been done; `is_late`: the password is to be given again first."""

    form: IndicatorForm
    wrong: Mapping[str, str] = {}
    done: str = ""
    versions: Sequence[IndicatorVersion] = ()
    is_late: bool = False
    focus: str = ""


def managed_indicators(frame: Frame, lines: Sequence[ListedIndicator]) -> str:
    return page(
        "managing_indicators.html", frame, TITLE.say(frame.language), _crumbs(frame), groups=grouped(lines, frame.language),
        path=frame.root + MANAGED_INDICATORS, kinds=_in_language(KIND_WORDS, frame.language),
    )  # fmt: skip


def managed_indicator(
    frame: Frame, shown: ManagedIndicator, categories: Sequence[tuple[str, str]], others: Sequence[ListedIndicator]
) -> str:
    """`categories` by id and title; `others`: the indicators that can be named."""
    form, language = shown.form, frame.language
    title = form.text(f"name_{language}") or form.text("name_id") or form.id if form.is_known else _NEW.say(language)
    return page(
        "managing_indicator.html", frame, title, _crumbs(frame, (TITLE, MANAGED_INDICATORS)), shown=shown, form=form, wrong=defaultdict(str, shown.wrong),
        path=f"{frame.root}{MANAGED_INDICATORS}/{form.id if form.is_known else 'indikator-baru'}", public=f"{frame.root}{INDICATORS}/{form.id}",
        subjects=_in_language(SUBJECT_WORDS, language), kinds=_in_language(KIND_WORDS, language), audiences=_in_language(_AUDIENCES, language), levels=list(LEVEL_WORDS),
        periods=list(PERIOD_WORDS), commons=_in_language({**LEVEL_WORDS, **PERIOD_WORDS}, language), check_kinds=_in_language(_CHECKS, language),
        severities=_in_language(_SEVERITIES, language), categories={"": Text("Pilih", "Choose").say(language), **dict(categories)},
        others=[(one.id, one.definition["name"][language]) for one in others if one.id != form.id],
    )  # fmt: skip


def _crumbs(frame: Frame, *more: tuple[Text, str]) -> list[tuple[str, str]]:
    return [(title.say(frame.language), frame.root + path) for title, path in ((_HOME, MANAGE), *more)]


def _in_language(texts: Mapping[str, Text], language: Language) -> dict[str, str]:
    return {name: text.say(language) for name, text in texts.items()}
