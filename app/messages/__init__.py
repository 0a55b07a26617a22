"""The sentences of every error, in both languages: what is wrong, and what to do next. `{…}` are facts, never input.

One module per field, found by being here; together they are one table of problems and one of faults.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from app.language import Language, Text
from app.messages.kinds import Message, kind_words, pattern_words

__all__ = ["FAULTS", "PROBLEMS", "SUGGESTION", "Message", "say_fault"]

# Added to the hint of a misplaced point where exactly one other reading of its coordinate lands.
SUGGESTION = Text(
    "Mungkin maksudnya {lon}, {lat} ({repairs}).",
    "Perhaps {lon}, {lat} was meant ({repairs}).",
)

_MODULES = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]


def _joined(table: str) -> dict[str, Any]:
    """The entries of that table of all modules that have one. No code is said twice."""
    entries = [entry for module in _MODULES for entry in getattr(module, table, {}).items()]
    if twice := [code for code, number in Counter(code for code, _ in entries).items() if number > 1]:
        raise RuntimeError(f"{table}: {', '.join(twice)} twice")
    return dict(entries)


PROBLEMS: dict[str, Message] = _joined("PROBLEMS")
FAULTS: dict[str, Text] = _joined("FAULTS")

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
