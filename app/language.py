"""The two languages that people read: Indonesian first, English on request."""

from collections.abc import Mapping
from string import Formatter
from typing import Literal, NamedTuple

Language = Literal["id", "en"]
DEFAULT: Language = "id"
LANGUAGE_COOKIE = "titik_bahasa"
"""What somebody has chosen on a page."""


class _Facts(Formatter):
    """`{count:row has|rows have}` is the one or the other by the number, which the words do not hold."""

    def format_field(self, value: object, format_spec: str) -> str:
        one, is_choice, several = format_spec.partition("|")
        if is_choice:
            return one if str(value) == "1" else several
        return str(super().format_field(value, format_spec))


_FACTS = _Facts()


class Text(NamedTuple):
    """One sentence in both languages; `{name}` stands for a fact that is filled in when it is shown, `{name:row|rows}` for words that it
    chooses. Without facts it is said as it stands: what was filled in is not filled again.
    """

    id: str
    en: str

    def say(self, language: Language, facts: Mapping[str, object] | None = None) -> str:
        sentence = self.en if language == "en" else self.id
        return _FACTS.vformat(sentence, (), facts) if facts else sentence

    def fill(self, **facts: object) -> "Text":
        """The same sentence with its facts in place."""
        return Text(self.say("id", facts), self.say("en", facts))


def words(text: str) -> frozenset[str]:
    """The words of a list that is written as a text."""
    return frozenset(text.split())


def accepted(header: str | None) -> Language:
    """The language of an `Accept-Language` header (RFC 9110 §12.5.4); Indonesian unless English is preferred."""
    best: tuple[float, Language] = (0.0, DEFAULT)
    for part in (header or "")[:200].split(","):
        tag, _, parameters = part.strip().partition(";")
        language: Language | None = {"id": "id", "in": "id", "en": "en"}.get(tag.split("-")[0].strip().lower())  # type: ignore[assignment]
        try:
            quality = float(parameters.strip().lower().removeprefix("q=") or 1)
        except ValueError:
            continue
        if language and quality > best[0]:
            best = (quality, language)
    return best[1]


def of_terminal(environment: Mapping[str, str]) -> Language:
    """The language of a terminal: `TITIK_LANGUAGE`, else the locale; Indonesian unless that is English."""
    for name in ("TITIK_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(name):
            return "en" if value.lower().startswith("en") else DEFAULT
    return DEFAULT
