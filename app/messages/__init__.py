"""The sentences of every error, in both languages: what is wrong, and what to do next. `{…}` are facts, never input.

One module per field; here they are one table of problems and one of faults.
"""

from collections.abc import Callable, Mapping

from app.language import Language, Text
from app.messages import imports, listeners, phones, requests, rows, values
from app.messages.kinds import Message, kind_words, pattern_words

__all__ = ["FAULTS", "PROBLEMS", "SUGGESTION", "Message", "say_fault"]

# Added to the hint of a misplaced point where exactly one other reading of its coordinate lands.
SUGGESTION = Text(
    "Mungkin maksudnya {lon}, {lat} ({repairs}).",
    "Perhaps {lon}, {lat} was meant ({repairs}).",
)

PROBLEMS: dict[str, Message] = requests.PROBLEMS | imports.PROBLEMS | rows.PROBLEMS | phones.PROBLEMS | listeners.PROBLEMS

FAULTS: dict[str, Text] = values.FAULTS | imports.FAULTS | rows.FAULTS | phones.FAULTS | listeners.FAULTS

# Facts that are names of kinds and patterns, which the sentence says in words.
_WORDS: dict[str, Callable[[str, Language], str]] = {
    "attribute-type": kind_words,
    "attribute-format": kind_words,
    "filter-type": kind_words,
    "value-of-kind": kind_words,
    "attribute-pattern": pattern_words,
}


def say_fault(code: str, facts: Mapping[str, object], language: Language) -> str:
    """What is wrong with one value, in the words of whoever reads it."""
    if words := _WORDS.get(code):
        facts = {**facts, "expected": words(str(facts["expected"]), language)}
    return FAULTS[code].say(language, facts)
