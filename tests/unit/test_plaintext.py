"""Texts of what can be seen."""

import pytest

from app.plaintext import plain, plain_lines, plain_values

UNSEEN = ("\t", "\r\n", "\x07", "\x1b", "\x7f", "\x85", "\u2028", "\u202e", "\u2066\u2069", "\u200f")


@pytest.mark.parametrize("unseen", UNSEEN)
def test_a_text_on_one_line(unseen: str) -> None:
    assert plain(f"Posyandu{unseen}Melati") == "Posyandu Melati"
    assert plain_values({"a": [f"x{unseen}y"], "b": {"c": 1}}) == {"a": ["x y"], "b": {"c": 1}}


def test_letters_and_signs_of_any_script_stay() -> None:
    text = "Jum'at \u2018A\u2019 \ua997\ua9ba\u200d 1\u00a0m\u00b2 \U0001f3e5"
    assert plain(text) == plain_lines(text) == text
