"""The two languages that people read: Indonesian first, English on request."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

Language = Literal["id", "en"]
DEFAULT: Language = "id"


class Text(NamedTuple):
    """One sentence in both languages; `{name}` stands for a fact that is filled in when it is shown."""

    id: str
    en: str

    def say(self, language: Language, facts: Mapping[str, object] | None = None) -> str:
        sentence = self.en if language == "en" else self.id
        return sentence.format_map(facts) if facts else sentence

    def fill(self, **facts: object) -> "Text":
        """The same sentence with its facts in place."""
        return Text(self.id.format_map(facts), self.en.format_map(facts))


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
