"""The page of how far kelurahan have come: a table for each category, and one for the profiles. From values to HTML."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple
from urllib.parse import urlencode

from app.figures.periods import Period
from app.language import Language, Text
from app.pages.frame import Frame, page
from app.pages.indicators import number_text
from app.progress.queries import LEVELS, ProgressLevel
from app.progress.rules import LOWER
from app.progress.schemas import AreaProgress, MapProgress

PROGRESS = "/portal/kemajuan"
_TITLE = Text("Kemajuan", "Progress")
_LEVELS: Mapping[ProgressLevel, Text] = {
    "kelurahan": Text("kelurahan", "kelurahan"), "kecamatan": Text("kecamatan", "kecamatan"), "city": Text("kota atau kabupaten", "city"),
}  # fmt: skip
_PROFILES = Text("Profil kelurahan {period}", "Profiles of kelurahan, {period}")
_DAYS = Text("{number} hari lalu", "{number} {number:day|days} ago")
_TODAY = Text("hari ini", "today")
_NEVER = Text("belum ada", "nothing yet")
_UNKNOWN = Text("belum diketahui", "not known yet")
_PARTLY = Text("baru diketahui untuk {known} dari {number} kelurahan", "known for {known} of {number} kelurahan so far")


class ProgressShown(NamedTuple):
    """`filters`: what the form was sent with, by its fields; `kecamatan`, `categories`: what can be chosen, by code and name; `wrong` by field."""

    level: ProgressLevel
    period: Period
    filters: Mapping[str, str]
    kecamatan: Sequence[tuple[str, str]]
    categories: Sequence[tuple[str, str]]
    on_map: Sequence[MapProgress]
    of_profiles: Sequence[AreaProgress]
    sees_work: bool
    reviews: bool
    is_cut: bool = False
    wrong: Mapping[str, str] = {}


def progress(frame: Frame, shown: ProgressShown) -> str:
    language = frame.language
    by_category = sorted(shown.on_map, key=lambda row: (row["category_title"], row["category"]))
    groups = [
        {"title": title, "lines": [_line(frame, shown, row) for row in rows], "on_map": True}
        for title, rows in groupby(by_category, key=lambda row: row["category_title"])
    ]
    if shown.of_profiles:
        title = _PROFILES.say(language, {"period": shown.period.title.say(language)})
        groups.append({"title": title, "lines": [_line(frame, shown, row) for row in shown.of_profiles], "on_map": False})
    table = urlencode({name: value for name, value in _table_query(shown).items() if value})
    return page(
        "progress.html", frame, _TITLE.say(language), shown=shown, groups=groups, path=frame.root + PROGRESS, table=f"{frame.root}/progress?{table}",
        levels=[(level, _LEVELS[level].say(language)) for level in LEVELS],
    )  # fmt: skip


def _table_query(shown: ProgressShown) -> dict[str, str]:
    """The same, as `/progress` is asked for it."""
    names = {"kecamatan": "kecamatan", "kategori": "category"}
    return {"level": shown.level, "period": str(shown.period)} | {
        names[name]: value for name, value in shown.filters.items() if name in names
    }


def _line(frame: Frame, shown: ProgressShown, row: Any) -> dict[str, object]:
    language, records = frame.language, row["records"]
    hrefs = {name: frame.root + address.removeprefix(frame.here) for name, address in records.items()}
    if shown.reviews and "submitted" in hrefs:
        kind = {"subject_kind": "point", "category": row["category"]} if "category" in row else {"subject_kind": "value"}
        hrefs["submitted"] = f"{frame.root}/portal/tinjau?{urlencode({**kind, 'kelurahan': row['code']})}"
    below = {
        "tingkat": LOWER.get(shown.level, ""),
        shown.level: row["code"],
        "periode": str(shown.period),
        "kategori": row.get("category", ""),
    }
    return {
        "row": row, "hrefs": hrefs, "age": _age(row.get("age_days"), language), "expected": _expected(row, language),
        "share": None if row["share"] is None else f"{number_text(row['share'], 1, language)} %",
        "below": f"{frame.root}{PROGRESS}?{urlencode(below)}" if shown.level == "kecamatan" and "category" in row else None,
    }  # fmt: skip


def _age(days: int | None, language: Language) -> str:
    if days is None:
        return _NEVER.say(language)
    return _DAYS.say(language, {"number": days}) if days else _TODAY.say(language)


def _expected(row: Mapping[str, Any], language: Language) -> str:
    """What there is to say of it beside the number."""
    if row["expected"] is None:
        return _UNKNOWN.say(language)
    known, number = row.get("expected_known", row["kelurahan"]), row["kelurahan"]
    return _PARTLY.say(language, {"known": known, "number": number}) if known < number else ""


def choices_of(regions: Mapping[str, Any]) -> list[tuple[str, str]]:
    return sorted(((code, region.name) for code, region in regions.items()), key=lambda one: one[1])
