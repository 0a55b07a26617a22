"""Indonesian first, English on request."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.language import Text, accepted, of_terminal

HELLO = Text("{count} titik di {place}", "{count} points in {place}")


def test_a_sentence_in_both_languages_with_its_facts() -> None:
    facts = {"count": 3, "place": "Pojok"}
    assert HELLO.say("id", facts) == "3 titik di Pojok"
    assert HELLO.say("en", facts) == "3 points in Pojok"
    assert HELLO.fill(**facts) == ("3 titik di Pojok", "3 points in Pojok")


def test_what_was_filled_in_is_not_filled_again() -> None:
    filled = HELLO.fill(count=1, place="{count}")
    assert filled.say("id") == filled.say("id", {}) == "1 titik di {count}"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "id"),
        ("", "id"),
        ("*", "id"),
        ("fr, de;q=0.9", "id"),
        ("id", "id"),
        ("in-ID, en;q=0.9", "id"),
        ("en", "en"),
        ("EN-us", "en"),
        ("en;q=1.0", "en"),
        ("en;Q=0.4", "en"),
        ("fr, en;q=0.1", "en"),
        ("id-ID,id;q=0.9,en-US;q=0.8,en;q=0.7", "id"),
        ("en-US,en;q=0.9,id;q=0.8", "en"),
        ("id;q=0.5, en;q=0.6", "en"),
        ("id;q=0.6 , en ; q=0.5", "id"),
        ("en;q=0", "id"),
        ("id;q=0, en;q=0.001", "en"),
        ("en;q=x", "id"),
        ("en;q=nan", "id"),
        ("english", "id"),
        ("eng", "id"),
    ],
)
def test_the_language_of_a_header(header: str | None, language: str) -> None:
    assert accepted(header) == language


@given(
    st.text() | st.text("idenq=;,.01 -*") | st.lists(st.sampled_from(["en", "EN-GB", "id", "*", "en;q=0.9", "id;q=0.1", "x"])).map(",".join)
)
def test_any_header_has_a_language(header: str) -> None:
    language = accepted(header)
    assert language in {"id", "en"}
    if language == "en":
        assert "en" in header.lower()


def test_a_long_header_is_read_in_its_beginning_only() -> None:
    assert accepted("fr," * 1_000_000 + "en") == "id"


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "id"),
        ({"LANG": "C.UTF-8"}, "id"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "id_ID.UTF-8"}, "id"),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "C"}, "id"),
        ({"LANG": "C", "LC_MESSAGES": "en_US"}, "en"),
        ({"LANG": "en_US", "LC_MESSAGES": ""}, "en"),
        ({"LANG": "en_US", "TITIK_LANGUAGE": "id"}, "id"),
        ({"LANG": "id_ID", "TITIK_LANGUAGE": "EN"}, "en"),
    ],
)
def test_the_language_of_a_terminal(environment: dict[str, str], language: str) -> None:
    assert of_terminal(environment) == language
