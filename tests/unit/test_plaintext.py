"""Texts of what can be seen, and sentences about values."""

import pytest

from app.accounts.schemas import NewPassword, NewToken
from app.errors import Invalid
from app.messages import FAULTS, PROBLEMS
from app.plaintext import plain, plain_lines, plain_values
from app.wire import parse

UNSEEN = ("\t", "\r\n", "\x07", "\x1b", "\x7f", "\x85", "\u2028", "\u202e", "\u2066\u2069", "\u200f")


@pytest.mark.parametrize("unseen", UNSEEN)
def test_a_text_on_one_line(unseen: str) -> None:
    assert plain(f"Posyandu{unseen}Melati") == "Posyandu Melati"
    assert plain_values({"a": [f"x{unseen}y"], "b": {"c": 1}}) == {"a": ["x y"], "b": {"c": 1}}


def test_letters_and_signs_of_any_script_stay() -> None:
    text = "Jum'at \u2018A\u2019 \ua997\ua9ba\u200d 1\u00a0m\u00b2 \U0001f3e5"
    assert plain(text) == plain_lines(text) == text


def test_letters_of_a_password_are_counted_as_letters() -> None:
    with pytest.raises(Invalid) as caught:
        parse(NewPassword, {"password": "terlalu"})
    (fault,) = caught.value.faults
    assert (fault.where, fault.code) == ("/password", "text-too-short")
    assert FAULTS[fault.code].say("id", fault.facts) == "Paling sedikit 12 huruf."


def test_a_bound_that_counts_itself_says_so() -> None:
    with pytest.raises(Invalid) as caught:
        parse(NewToken, {"expires_days": 0})
    (fault,) = caught.value.faults
    assert FAULTS[fault.code].say("en", fault.facts) == "At least 1."


def test_sentences_for_officers_are_without_the_words_of_json() -> None:
    assert FAULTS["not-yes-or-no"].say("id").startswith("Isi ya atau tidak")
    assert "errors" not in PROBLEMS["body-invalid"].detail.id
