"""What people write for the value of a property that has only some: another case, other blanks, the Indonesian word. Pure."""

import re
import unicodedata
from functools import lru_cache

# What the values that Titik itself gives are called in lists.
_WORDS = {"aktif": "active", "tidakaktif": "inactive", "nonaktif": "inactive", "peta": "map", "impor": "import", "geocode": "geocoded"}
YES = frozenset({"ya", "y", "yes", "true", "benar", "ada", "1", "v", "x"})
NO = frozenset({"tidak", "t", "no", "n", "false", "salah", "tidak ada", "0"})
_LONGEST = 100


@lru_cache(4_096)
def choice_of(text: str, choices: tuple[str, ...]) -> str | None:
    """The one of the `choices` that a text means; None where it means none of them."""
    if text in choices:
        return text
    by_name = {_bare(choice): choice for choice in choices} | {word: choice for word, choice in _WORDS.items() if choice in choices}
    return by_name.get(_bare(text[:_LONGEST]))


def _bare(text: str) -> str:
    """Without case, accents, blanks, punctuation and what stands in brackets."""
    plain = unicodedata.normalize("NFKD", re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", text)).casefold()
    return "".join(letter for letter in plain if letter.isalnum())
