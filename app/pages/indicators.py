"""The pages of indicators: the list, and one with its definition, its figures and its history. From values to HTML."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from app.indicators.schemas import SUBJECTS, CountedFigure, IndicatorAnswer, IndicatorVersion, PastIndicator
from app.indicators.words import LEVEL_WORDS, PERIOD_WORDS
from app.language import Language, Text
from app.pages.frame import Frame, page

INDICATORS = "/indicators"
TITLE = Text("Indikator", "Indicators")
SUBJECT_WORDS: Mapping[str, Text] = {
    "geography": Text("Wilayah", "Geography"),
    "government": Text("Pemerintahan", "Government"),
    "population": Text("Penduduk", "Population"),
    "social": Text("Sosial", "Social"),
    "health": Text("Kesehatan", "Health"),
    "economy": Text("Ekonomi", "Economy"),
    "environment": Text("Lingkungan dan prasarana", "Environment and infrastructure"),
    "security": Text("Keamanan", "Security"),
    "map": Text("Dihitung dari peta", "Counted from the map"),
}
KIND_WORDS: Mapping[str, Text] = {
    "entered": Text("Diisi petugas", "Entered by officers"),
    "computed": Text("Dihitung dari indikator lain", "Computed of other indicators"),
    "counted": Text("Dihitung dari peta", "Counted from the map"),
}
_CHECK_SENTENCES: Mapping[str, Text] = {
    "parts": Text("harus sama dengan {names} bersama-sama", "must be {names} together"),
    "at_most": Text("tidak boleh lebih dari {names}", "must not be above {names}"),
    "classes": Text("jumlah semua kelompok harus sama dengan {names}", "all groups together must be {names}"),
    "change": Text(
        "dibandingkan periode sebelumnya tidak berubah lebih dari {percent} persen",
        "differs from the period before by no more than {percent} per cent",
    ),
    "city": Text("jumlah semua kelurahan harus sama dengan angka kota", "all kelurahan together must be the city's figure"),
    "map": Text("harus sama dengan yang dihitung dari peta: {names}", "must be what the map counts: {names}"),
}
_TOLERANCE = Text(" (boleh berbeda {percent} persen)", " (may be off by {percent} per cent)")
_SEVERITIES = {
    "fault": Text("Yang tidak cocok ditolak", "What does not fit is refused"),
    "warning": Text("Yang tidak cocok perlu dijelaskan", "What does not fit has to be explained"),
}
_FACTS: Sequence[tuple[str, Text]] = (
    ("concept", Text("Konsep", "Concept")), ("definition", Text("Definisi", "Definition")), ("interpretation", Text("Cara membaca", "Interpretation")),
    ("formula", Text("Metode atau rumus", "Method or formula")), ("measure", Text("Ukuran", "Measure")), ("unit", Text("Satuan", "Unit")),
    ("source", Text("Sumber", "Source")),
)  # fmt: skip


class ListedIndicator(NamedTuple):
    id: str
    version: int
    definition: Mapping[str, Any]


class IndicatorPage(NamedTuple):
    """`names` of all indicators by id; `versions`: None of what is a past one itself; `figures` by kelurahan, None where it has none here."""

    indicator: IndicatorAnswer | PastIndicator
    names: Mapping[str, Mapping[str, str]]
    versions: Sequence[IndicatorVersion] | None = None
    figures: Sequence[CountedFigure] | None = None


class FigureLine(NamedTuple):
    """`href` is a path of ours."""

    name: str
    text: str
    href: str
    of: str
    of_href: str


def indicators(frame: Frame, lines: Sequence[ListedIndicator]) -> str:
    return page(
        "indicators.html", frame, TITLE.say(frame.language), [("Data", f"{frame.here}/collections")],
        groups=grouped(lines, frame.language), path=frame.root + INDICATORS, kinds=_in_language(KIND_WORDS, frame.language),
    )  # fmt: skip


def indicator(frame: Frame, shown: IndicatorPage) -> str:
    one, language = shown.indicator, frame.language
    path = frame.root + INDICATORS
    named = [
        (f"{path}/{name}", _name(shown.names, name, language)) for name in one["built_from"] if one["composite"] and name in shown.names
    ]
    return page(
        "indicator.html", frame, say(one["name"], language), [("Data", f"{frame.here}/collections"), (TITLE.say(language), f"{frame.here}{INDICATORS}")],
        one=one, facts=list(_facts(shown, language)), checks=_checks(shown, language), figures=[_line(frame, figure) for figure in shown.figures or ()],
        versions=shown.versions, is_counted=one["kind"] == "counted" and shown.versions is not None, unit=say(one["unit"], language), named=named, path=f"{path}/{one['id']}",
        classes=[say(each["title"], language) for each in one["classification"]["classes"]] if one["classification"] else [],
    )  # fmt: skip


def grouped(lines: Sequence[ListedIndicator], language: Language) -> list[tuple[str, list[ListedIndicator]]]:
    """By subject, in the order of the subjects; within each by name."""
    groups = [(subject, [line for line in lines if line.definition["subject"] == subject]) for subject in SUBJECTS]
    return [
        (SUBJECT_WORDS[subject].say(language), sorted(some, key=lambda line: line.definition["name"][language]))
        for subject, some in groups
        if some
    ]


def say(text: Mapping[str, Any], language: Language) -> str:
    """What a definition has in both languages."""
    said: str = text[language]
    return said


def number_text(value: float, decimals: int, language: Language) -> str:
    """`1.250,5` or `1,250.5`, with no more decimals than it has."""
    text = f"{round(value, decimals):,.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if decimals else text
    return text.translate(str.maketrans(",.", ".,")) if language == "id" else text


def _in_language(texts: Mapping[str, Text], language: Language) -> dict[str, str]:
    return {name: text.say(language) for name, text in texts.items()}


def _facts(shown: IndicatorPage, language: Language) -> Iterator[tuple[str, str]]:
    one: Mapping[str, Any] = shown.indicator
    for member, title in _FACTS:
        yield title.say(language), say(one[member], language)
    if one["classification"]:
        yield Text("Klasifikasi penyajian", "Classification").say(language), say(one["classification"]["title"], language)
    yield Text("Tingkat", "Levels").say(language), ", ".join(LEVEL_WORDS[level].say(language) for level in one["levels"])
    yield (
        Text("Diberikan untuk setiap", "Given for each").say(language),
        ", ".join(PERIOD_WORDS[period].say(language) for period in one["periods"]),
    )
    yield Text("Asal angka", "Where it comes from").say(language), KIND_WORDS[one["kind"]].say(language)
    yield (
        Text("Dapat diakses umum", "Open to the public").say(language),
        (Text("ya", "yes") if one["audience"] == "public" else Text("tidak, hanya untuk kantor", "no, for offices only")).say(language),
    )
    if one["threshold"]:
        told = Text("Angka di bawah {number} tidak ditampilkan kepada umum", "Figures below {number} are not shown to the public")
        yield Text("Kerahasiaan", "Confidentiality").say(language), told.say(language, {"number": one["threshold"]})


def _checks(shown: IndicatorPage, language: Language) -> list[tuple[str, str]]:
    """What its values are held against, and what happens then."""
    found = []
    for check in shown.indicator["checks"]:
        names = ", ".join(_name(shown.names, name, language) for name in check["indicators"])
        percent = "" if check["percent"] is None else number_text(check["percent"], 2, language)
        sentence = _CHECK_SENTENCES[check["kind"]].say(language, {"names": names, "percent": percent})
        if percent and check["kind"] != "change":
            sentence += _TOLERANCE.say(language, {"percent": percent})
        found.append((sentence, _SEVERITIES[check["severity"]].say(language)))
    return found


def _name(names: Mapping[str, Mapping[str, str]], indicator_id: str, language: Language) -> str:
    return say(names[indicator_id], language) if indicator_id in names else indicator_id


def _line(frame: Frame, figure: CountedFigure) -> FigureLine:
    language, value = frame.language, figure["value"]
    text = Text("tidak berlaku", "not applicable").say(language) if value is None else number_text(value, 1, language)
    of = "" if figure["of"] is None else number_text(figure["of"], 0, language)
    hrefs = [href.replace(frame.here, frame.root, 1) if href else "" for href in (figure["href"], figure["of_href"])]
    return FigureLine(figure["kelurahan_name"], text, hrefs[0], of, hrefs[1])
