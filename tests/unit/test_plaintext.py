"""Texts of what can be seen, and sentences about values."""

import re
from collections.abc import Iterator

import pytest

from app.accounts.schemas import NewPassword, NewToken
from app.categories.rules import Category
from app.errors import Invalid
from app.language import Language, Text
from app.messages import FAULTS, PROBLEMS, say_fault
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


def sentences() -> Iterator[tuple[str, Language, str]]:
    """Every sentence about an error: its code, its language, and its words before facts are filled in."""
    texts: list[tuple[str, Text]] = list(FAULTS.items())
    texts += [(code, text) for code, message in PROBLEMS.items() for text in (message.title, message.detail, message.hint)]
    for code, text in texts:
        yield code, "id", text.id
        yield code, "en", text.en


# Answers to bodies that no form makes, for whoever writes a program.
OF_PROGRAMS = {
    "not-yes-or-no",
    "near-duplicate",
    "account-bound",
    "name-is-made",
    "coordinate-datum-differs",
    "edition-incomplete",
    "category-misfits",
    "category-shows",
}


def test_sentences_for_officers_are_without_the_types_of_json() -> None:
    words = re.compile(r"\b(string|integer|boolean|array|object|objek|null|true|false|float|regex|member|members|RFC)\b", re.IGNORECASE)
    assert [(code, text) for code, _, text in sentences() if words.search(text) and code not in OF_PROGRAMS] == []
    assert "errors" not in PROBLEMS["body-invalid"].detail.id


def test_a_number_in_a_sentence_chooses_its_words() -> None:
    text = Text("{number} baris", "{number} {number:row is|rows are} kept")
    assert [text.say("en", {"number": number}) for number in (0, 1, "1", 2, 11)] == [
        "0 rows are kept", "1 row is kept", "1 row is kept", "2 rows are kept", "11 rows are kept",
    ]  # fmt: skip
    assert text.fill(number=1) == Text("1 baris", "1 row is kept")
    assert text.say("id", {"number": 1}) == "1 baris"


def test_no_sentence_counts_one_of_several() -> None:
    """After a number that may be one, English nouns are chosen by it; bounds that are set here are more."""
    plural = re.compile(
        r"\b1 (?:new |of your )?(?:row|point|character|value|token|contact|byte|second|operand|operator|file|photo|import)s\b(?! is)"
    )
    for code, language, text in sentences():
        if language == "en" and (names := names_of(text)):
            said = Text(text, text).say("en", {name: 7 if name in ("most", "rows", "length", "wildcards") else 1 for name in names})
            assert not plural.search(said), code


def test_no_sentence_has_braces_that_are_no_fact() -> None:
    """Only a sentence with facts is filled in: elsewhere braces would be shown as they are, or fail."""
    texts: list[Text] = [*FAULTS.values(), *(text for message in PROBLEMS.values() for text in message)]
    assert [text for text in texts for words in text if re.search(r"[{}]{2}|[{](?![a-z_]+[}:])", words)] == []


def names_of(text: str) -> set[str]:
    """The facts that a sentence has a place for; of braces that are data there are none."""
    return set(re.findall(r"(?<!\{)\{(\w+)[:}]", text))


TYPES = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "a": {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 10},
        "b": {"type": ["boolean", "null"]},
        "c": {"type": "string", "format": "date"},
        "d": {"type": "string", "pattern": "^[0-9]{5}$", "minLength": 1},
        "e": {"type": "string", "pattern": "^[0-9+() .-]{5,25}$"},
        "f": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "g": {"type": "string", "pattern": "^(a|b)x$"},
        "h": {"type": ["number", "string"], "minimum": 1},
    },
}


@pytest.mark.parametrize(
    ("name", "value", "indonesian", "english"),
    [
        ("a", "x", "Harus berupa bilangan bulat.", "Must be a whole number."),
        ("a", 0, "Harus lebih dari 0.", "Must be more than 0."),
        ("a", 10, "Harus kurang dari 10.", "Must be less than 10."),
        ("b", "x", "Harus berupa ya atau tidak.", "Must be yes or no."),
        ("c", "x", "Harus berupa tanggal (misalnya 2027-12-31).", "Must be a date (e.g. 2027-12-31)."),
        ("d", 5, "Harus berupa teks.", "Must be text."),
        ("d", "12345x", "Bentuknya harus: 5 angka.", "Its form must be: 5 digits."),
        ("e", "a", "Bentuknya harus: 5–25 huruf dari: 0-9 + ( ) . - spasi.", "Its form must be: 5–25 characters of: 0-9 + ( ) . - space."),  # noqa: RUF001
        ("f", "x", "Harus berupa daftar.", "Must be a list."),
        ("f", [], "Paling sedikit 1 nilai.", "At least 1 value."),
        ("g", "x", "Bentuknya harus: ^(a|b)x$.", "Its form must be: ^(a|b)x$."),
        ("h", 0, "Paling kecil 1.", "At least 1."),
        ("h", [], "Harus berupa angka atau teks.", "Must be a number or text."),
    ],
)
def test_rules_of_categories_are_told_in_the_words_of_people(name: str, value: object, indonesian: str, english: str) -> None:
    category = Category("uji", 1, TYPES, (), None, (), "many")
    (fault,) = category.faults({name: value})
    assert [say_fault(fault.code, fault.facts, language) for language in ("id", "en")] == [indonesian, english]
