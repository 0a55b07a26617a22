"""Patterns of attributes: only those that any engine matches in time linear to the text, in Titik and in the programs of others. Pure.

Titik's own engine is linear whatever the pattern says (`rules.LINEAR`). Schemas are public, though, and a browser that checks a form by
one of them backtracks: so patterns that could keep it busy are refused too.
"""

import re
from typing import Literal

from jsonschema_rs import Draft202012Validator, ReferencingError, ValidationError

from app.categories.rules import LINEAR

MAX_PATTERN = 200
_LOOKS = re.compile(r"\(\?(?!:)")
_BACK_REFERENCE = re.compile(r"\\(?:[1-9]|k)")
_REPEATED = re.compile(r"[*+?]|\{\d+(?:,\d*)?\}")

PatternVerdict = Literal["linear", "pattern-unreadable", "pattern-backtracks"]


def verdict_on(pattern: str) -> PatternVerdict:
    """Whether a pattern can be used: `pattern-unreadable` where it is none (or looks around, or refers back), `pattern-backtracks` where a
    group that is repeated repeats something itself, or has alternatives.
    """
    bare = _without_classes(pattern)
    if _LOOKS.search(bare) or _BACK_REFERENCE.search(bare):
        return "pattern-backtracks"
    try:
        Draft202012Validator({"pattern": pattern}, pattern_options=LINEAR, offline=True)
    except (ValidationError, ReferencingError, ValueError):
        return "pattern-unreadable"
    return "pattern-backtracks" if _nests(bare) else "linear"


def _without_classes(pattern: str) -> str:
    """The pattern with `x` for every class of characters and every character that is escaped, but for references back."""
    escaped = re.sub(r"\\(?:[pP]\{[^}]*\}|[^1-9k])", "x", pattern, flags=re.DOTALL)
    return re.sub(r"\[\^?\]?[^\]]*\]", "x", escaped)


def _nests(bare: str) -> bool:
    """Whether a group that varies within is repeated without a bound, or more often than once."""
    varies = [False]
    at = 0
    while at < len(bare):
        if bare[at] == "(":
            varies.append(False)
        elif bare[at] == ")" and len(varies) > 1:
            inner = varies.pop()
            repeated = _REPEATED.match(bare, at + 1)
            if inner and repeated and repeated[0] != "?":
                return True
            varies[-1] |= inner or repeated is not None
        elif bare[at] == "|" or (_REPEATED.match(bare, at) and bare[at - 1 : at] != "("):
            varies[-1] = True
        at += 1
    return False
