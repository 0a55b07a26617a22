"""Days and times in words, by the clock of a city."""

from datetime import UTC, date, datetime

import pytest

from app.language import Language
from app.pages.times import day_time, day_words, moment_time, moment_words
from app.pages.views import cell_text, day_cell
from app.regions.cities import ZONES

AT = datetime(2026, 11, 30, 18, 40, 5, tzinfo=UTC)
LANGUAGES: tuple[Language, Language] = ("id", "en")


def test_a_moment_is_said_by_the_clock_of_its_city() -> None:
    assert moment_words(AT, "id", ZONES["WIB"]) == "1 Desember 2026 pukul 01.40 WIB"
    assert moment_words(AT, "en", ZONES["WIT"]) == "1 December 2026, 03:40 WIT"
    assert moment_words(AT, "id", ZONES["WITA"], seconds=True) == "1 Desember 2026 pukul 02.40.05 WITA"


def test_a_machine_reads_the_same_moment() -> None:
    assert moment_time(AT, "id", ZONES["WIB"]) == '<time datetime="2026-11-30T18:40:05Z">1 Desember 2026 pukul 01.40 WIB</time>'
    assert day_time(AT, "en", ZONES["WIB"]) == '<time datetime="2026-12-01">1 December 2026</time>'
    assert day_time(date(2026, 1, 2), "id", ZONES["WIB"]) == '<time datetime="2026-01-02">2 Januari 2026</time>'


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_month_has_a_name_of_its_own(language: Language) -> None:
    assert len({day_words(date(2026, month, 9), language) for month in range(1, 13)}) == 12


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("2026-01-02", '<time datetime="2026-01-02">2 Januari 2026</time>'),
        ("2026-01-02T03:04:00Z", '<time datetime="2026-01-02T03:04:00Z">2 Januari 2026 pukul 10.04 WIB</time>'),
        ("2026-13-02", "2026-13-02"), ("RT 2026-01-02", "RT 2026-01-02"), (1.5, "1,5"), (["a", "b"], "a, b"),
        (["2026-01-02", "<b>"], '<time datetime="2026-01-02">2 Januari 2026</time>, &lt;b&gt;'), ({"<i>": "x"}, "&lt;i&gt;: x"),
    ],
)  # fmt: skip
def test_a_cell_has_days_in_words_and_nothing_of_what_was_typed_as_markup(value: object, words: str) -> None:
    assert cell_text(value, "id", ZONES["WIB"]) == words


def test_of_a_moment_only_the_day() -> None:
    assert day_cell("2026-11-30T18:40:05Z", "id", ZONES["WIB"]) == '<time datetime="2026-12-01">1 Desember 2026</time>'
    assert day_cell(None, "id", ZONES["WIB"]) == ""
