"""Values of queryables as people give them in an address: in another case, by another code, by a name. Pure."""

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from app.categories.spellings import NO, YES, choice_of
from app.cql2.filters import Queryable
from app.errors import Fault
from app.figures.periods import read_period
from app.intervals import INSTANT
from app.points.rules import neighbourhood_number
from app.published.catalogue import CategoryCard
from app.regions.codes import Directory, normalise_name

_LONGEST = 1_000
_SHORTEST_PART = 3
"""Of a title; what is shorter is a word of it or nothing."""


class Unfit(Exception):
    """No value of this queryable."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.code)
        self.fault = fault


class SoughtWord(NamedTuple):
    """A word of a search, and the kelurahan (codes) and the categories (ids) that it names."""

    text: str
    kelurahan: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()


class Values:
    """Reads values by what there is: the regions, and the categories of a collection by their ids and titles."""

    def __init__(self, directory: Directory, cards: Sequence[CategoryCard]) -> None:
        self._directory = directory
        self._cards = cards

    def read(self, queryable: Queryable, text: str) -> object:
        """The value as CQL2 JSON has it. `Unfit`, with the values that there are, where it can be none."""
        if queryable.region is not None:
            return self._region(queryable, text)
        if queryable.is_neighbourhood:
            return self._neighbourhood(queryable, text)
        if queryable.is_period:
            return self._period(queryable, text)
        if queryable.name == "category" and self._cards:
            ids = {name: card.id for card in self._cards for name in (card.title.en, card.title.id, card.id)}
            found = choice_of(text, tuple(ids))
            return self._among(queryable, found and ids[found], tuple(card.id for card in self._cards))
        if queryable.choices:
            return self._among(queryable, choice_of(text, queryable.choices), queryable.choices)
        try:
            return _literal(queryable.kind, text)
        except ValueError:
            raise Unfit(Fault(queryable.name, "value-of-kind", {"expected": queryable.kind})) from None

    def sought(self, text: str) -> SoughtWord | None:
        """What a word of a search means here; None where it names what all items are."""
        categories = tuple(card.id for card in self._cards if _is_titled(card, normalise_name(text)))
        if categories and len(categories) == len(self._cards):
            return None
        return SoughtWord(text, tuple(self._directory.meant_by(text)), categories)

    def _region(self, queryable: Queryable, text: str) -> str:
        assert queryable.region is not None  # noqa: S101 - for the reader of types
        level, attribute = queryable.region
        found = self._directory.find(text, level)
        if found is None and attribute == "name":
            # Several of one name have that name.
            found = self._directory.named(text, level)
        if found is None:
            raise Unfit(self._directory.unknown(queryable.name, text, level))
        return str(getattr(found, attribute))

    def _neighbourhood(self, queryable: Queryable, text: str) -> str:
        if (number := neighbourhood_number(text[:_LONGEST])) is None:
            raise Unfit(Fault(queryable.name, "not-a-neighbourhood-number"))
        return number

    def _period(self, queryable: Queryable, text: str) -> str:
        if (period := read_period(text.strip().upper())) is None:
            raise Unfit(Fault(queryable.name, "period-invalid"))
        return str(period)

    def _among(self, queryable: Queryable, found: str | None, choices: tuple[str, ...]) -> str:
        if found is None:
            raise Unfit(Fault(queryable.name, "value-not-there", {"known": ", ".join(choices)}))
        return found


def _is_titled(card: CategoryCard, word: str) -> bool:
    """Whether the word is one of a title, or a part of it: `lurah`, `poskamling`."""
    titles = (card.id, card.title.id, card.title.en)
    parts = {normalise_name(part) for title in titles for part in re.split(r"[\W_]+", title)}
    return word in parts or (len(word) >= _SHORTEST_PART and any(word in normalise_name(title) for title in titles))


NOTHING_KNOWN = Values(Directory(()), ())
"""For collections that have no values to look up."""


def _literal(kind: str, text: str) -> object:
    """ValueError where it is none of this kind."""
    match kind:
        case "text":
            return text[:_LONGEST]
        case "number" | "integer":
            if not (number := float(text)) or math.isfinite(number):
                return number
        case "boolean" if text.casefold() in YES | NO:
            return text.casefold() in YES
        case "instant" if INSTANT.fullmatch(text) and "T" in text:
            return {"timestamp": datetime.fromisoformat(text).astimezone(UTC).isoformat().replace("+00:00", "Z")}
        case "date" if INSTANT.fullmatch(text) and "T" not in text:
            return {"date": datetime.fromisoformat(text).date().isoformat()}
        case _:
            pass
    raise ValueError(text)
