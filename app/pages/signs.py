"""The sign of a category on maps and in lists: a shape, a colour and a letter, so that it is told from others without its colour. Pure."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from app.language import Language
from app.published.catalogue import CategoryCard
from app.tiles.style import colour_of

# Paths about 0, 0 with a radius of 10, of about the same area.
_SHAPES = (
    "M-9 0A9 9 0 1 1 9 0A9 9 0 1 1-9 0Z",
    "M-8-8H8V8H-8Z",
    "M0-10.5L10.5 7.5H-10.5Z",
    "M0-11L11 0L0 11L-11 0Z",
    "M-5.2-9H5.2L10.4 0L5.2 9H-5.2L-10.4 0Z",
    "M0-10L9.5-3.1L5.9 8.1H-5.9L-9.5-3.1Z",
    "M-10.5-7.5H10.5L0 10.5Z",
    "M-3.5-10H3.5V-3.5H10V3.5H3.5V10H-3.5V3.5H-10V-3.5H-3.5Z",
)
# Of a colour on which black and white are read equally well.
_BRIGHT = 0.18


class Sign(NamedTuple):
    """`shape` is a path of SVG about 0, 0 with a radius of 10; `ink` the colour that is read on `colour`."""

    category: str
    title: str
    shape: str
    colour: str
    letter: str
    ink: str


def signs(cards: Iterable[CategoryCard], language: Language) -> Mapping[str, Sign]:
    """Of all categories, by their ids, in the order of their ids, which is that of the styles of tiles."""
    ordered = sorted(cards, key=lambda card: card.id)
    return {card.id: _sign(number, card, language) for number, card in enumerate(ordered)}


def sign_beside(card: CategoryCard, others: Iterable[CategoryCard], language: Language) -> Sign:
    """That of a category as it would be among the others, in the place of the one that has its id."""
    return signs([*(one for one in others if one.id != card.id), card], language)[card.id]


def _sign(number: int, card: CategoryCard, language: Language) -> Sign:
    colour, title = colour_of(number, card), card.title.say(language)
    letter = (card.icon or card.title.id[:1].upper())[:2]
    ink = "#000000" if _luminance(colour) > _BRIGHT else "#ffffff"
    return Sign(card.id, title, _SHAPES[number % len(_SHAPES)], colour, letter, ink)


def _luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb` (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
